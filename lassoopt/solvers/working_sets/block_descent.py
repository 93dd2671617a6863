"""Block descent solves a smooth loss with norms on groups of features, on working sets of whole groups.

The loss is replaced by its quadratic model on the groups held (`group_model`), which for the squared loss is the loss
itself; else a line search on the true objective follows. lam falls from lambda_max in steps (`descent`); at the last,
the certified gap decides, as in `prox_newton`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...arrays.design_matrix import Array, Indices, overflow_is_no_event, power_of_two
from ...problems.problem import Problem
from ..course import Callback
from ..solution import Solution
from .group_model import Blocks, GroupModel
from .prox_newton import solve_in_rounds
from .working_set import FEW, ROUNDING, SLACK, WorkingSet

TAKES = "smooth losses with norms on groups of features, as group or sparse_group"

_ROUGH, _FINER, _FINEST = 1e-3, 1e-6, 1e-24  # of the objective: a squared step that is enough where groups have just
# joined, the factor by which it falls with each further model, and where that ends


def fits(problem: Problem) -> bool:
    """Say whether this solver takes the problem: a smooth loss, and a penalty that is a sum of norms of groups."""
    penalty = problem.penalty
    return not problem.loss.kinked and not penalty.separable and penalty.group_norms is not None


@overflow_is_no_event
def solve(
    problem: Problem,
    *,
    tol: float = 1e-8,
    max_iter: int = 200,
    warm_start: Solution | None = None,
    callback: Callback | None = None,
) -> Solution:
    """Solve by block descent and Newton steps on a working set; `Solver.solve` explains the options.

    ``max_iter`` limits the rounds at the last lam, after each of which the callback is called.
    """
    return solve_in_rounds("block_descent", GroupWorkingSet, problem, tol, max_iter, warm_start, callback)


class GroupWorkingSet(WorkingSet):
    """It holds whole groups, each in slots next to each other.

    A feature whose group has no norm, or that the norm leaves free, is a block of its own.
    """

    _model_class = GroupModel
    model: GroupModel

    def _state_penalty(self) -> None:
        """State the penalty on each feature, and on each block, in the units of the columns, at lam = 1."""
        penalty = self.problem.penalty
        assert penalty.group_norms is not None
        level, k = penalty.group_norms
        norm_level, c = k[penalty.group_of], penalty.finite_c
        alone = (norm_level * c == 0) | ~self._eligible
        members = np.bincount(penalty.group_of[~alone], minlength=k.size)
        alone |= members[penalty.group_of] == 1
        label = np.where(alone, k.size + np.arange(c.size), penalty.group_of)
        self._block_of = np.unique(label, return_inverse=True)[1]
        count = int(self._block_of.max()) + 1
        scale = np.where(alone, 1.0, c / self.unit)
        largest = np.zeros(count)
        np.maximum.at(largest, self._block_of, scale)
        largest = power_of_two(largest)
        self._scale = scale / largest[self._block_of]
        self._level = np.where(alone, level + norm_level * c, level) / (self.unit * self.size)
        self._norm_level = np.zeros(count)
        self._norm_level[self._block_of] = np.where(alone, 0.0, norm_level)
        self._norm_level *= largest / self.size
        self._settled, self._enough = 0, _ROUGH
        self._noise = self._sums(1 / self._scale**2)

    def _sums(self, values: Array) -> Array:
        """Return the sum over each block."""
        return np.bincount(self._block_of, weights=values, minlength=self._norm_level.size).astype(np.float64)

    def hold(self, features: Indices) -> None:
        """Give the whole blocks of features slots, with weights of 0."""
        wanted = np.zeros(self._norm_level.size, dtype=bool)
        wanted[self._block_of[features]] = True
        whole = np.flatnonzero(wanted[self._block_of] & self._eligible & (self.columns.slots < 0))
        super().hold(whole[np.argsort(self._block_of[whole], kind="stable")])

    def take_in(self, z: Array, share: float = 1 + SLACK) -> int:
        """Hold blocks whose correlations are beyond a share of their level, the furthest first; return the features."""
        at, old = self.problem.lam * share, len(self.columns)
        reach = np.maximum(np.abs(z) / (self.unit * self.size) - at * self._level, 0.0) / self._scale
        excess = (np.sqrt(self._sums(reach**2)) - at * self._norm_level) / np.sqrt(self._noise)
        excess -= ROUNDING * (1 + np.abs(self.v).sum())
        excess[self._block_of[self.columns.features]] = -np.inf
        excess[self._block_of[~self._eligible]] = -np.inf
        found = np.flatnonzero(excess > 0)
        found = found[np.argsort(-excess[found])]
        sizes = np.bincount(self._block_of, minlength=excess.size)[found]
        most = max(FEW, int(np.count_nonzero(self.v)))
        found = found[np.cumsum(sizes) - sizes < most]
        chosen = np.zeros(excess.size, dtype=bool)
        chosen[found] = True
        self.hold(np.flatnonzero(chosen[self._block_of]))
        return len(self.columns) - old

    def _settle(self, q: Array, v: Array, limit: int) -> bool:
        held, lam = self.columns.features, self.problem.lam
        block = self._block_of[held]
        first = np.flatnonzero(np.diff(block, prepend=-1))
        level, norm_level = lam * self._level[held], lam * self._norm_level[block[first]]
        blocks = Blocks(np.append(first, held.size), level, norm_level, self._scale[held])
        self._enough = _ROUGH if held.size > self._settled else max(_FINER * self._enough, _FINEST)
        self._settled = held.size
        enough = self._enough * self.problem.scale / self.size**2
        self.model.settle_blocks(blocks, q, v, enough)
        return True

    def follow(self, lambdas: Array) -> Iterator[tuple[Array, float]]:
        self._settled = len(self.columns)
        return super().follow(lambdas)
