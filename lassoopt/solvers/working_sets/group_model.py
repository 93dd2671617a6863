"""The quadratic model of a loss on whole groups, with a norm for each, is solved by descent and Newton steps.

Descent along the groups (Yuan & Lin 2006; Qin, Scheinberg & Goldfarb 2013) finds which are 0. On the weights that are
not, the objective is smooth, so that Newton's method ends in the minimiser; a step that makes the objective rise is
halved. Between two steps the groups are descended along again, so that groups and weights come and go.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import lapack

from ...arrays.design_matrix import Array, Indices
from .loading import kernels
from .model import QuadraticModel

_AGAIN = 2  # sweeps along the groups that are not 0, after one along all
_LIMIT = 100  # Newton steps
_PATIENT_FOR, _NOISE = 5, 1e-14  # Newton steps that may gain no more than this share of the penalty
_SHORTEST, _SHORT = 1e-6, 0.1  # of the steps of a line search; after a short one, the next has more of a ridge
_RIDGE, _MORE, _LESS, _MOST = 1e-13, 100.0, 10.0, 1e-3  # of the diagonal: the least ridge, and how it grows and falls


@dataclass(frozen=True)
class Blocks:
    """The penalty on the slots is ``sum_j l_j |v_j| + sum_g k_g ||(d * v)_g||``; the kernels explain the notation."""

    starts: Indices
    level: Array
    norm_level: Array
    scale: Array

    @property
    def arrays(self) -> tuple[Indices, Array, Array, Array]:
        """They are what the kernels take."""
        return self.starts, self.level, self.norm_level, self.scale


class GroupModel(QuadraticModel):
    """It keeps ``G`` while slots are added and h stays, and the share of H's diagonal that the last step took."""

    _ridge = 0.0

    def settle_blocks(self, blocks: Blocks, q: Array, v: Array, enough: float) -> None:
        """Minimise from v, where ``Z' theta = q``; both are changed in place.

        The last step is one whose square, in the model's norm, is below ``enough``, or the last of some that gained
        nothing, or the last of many. The objective falls with each, so that what is reached is of use.
        """
        G, inside, idle = self._G, self._G[: v.size, : v.size], 0
        c = q + inside @ v
        for _ in range(_LIMIT):
            kernels().descend_blocks(G, *blocks.arrays, q, v, True)
            for _again in range(_AGAIN):
                kernels().descend_blocks(G, *blocks.arrays, q, v, False)
            q[:] = c - inside @ v  # without the rounding of all moves so far
            active = np.flatnonzero(v)
            direction, square = self._direction(G, blocks, q, v, active)
            length, gain = self._search(c, blocks, q, v, direction) if square > 0 else (0.0, 0.0)
            idle = idle + 1 if gain < _NOISE * kernels().block_penalty(*blocks.arrays, v) else 0
            if square < enough or idle == _PATIENT_FOR:
                return
            if length < _SHORT:
                self._ridge = min(max(_MORE * self._ridge, _RIDGE), _MOST)
            elif length == 1.0:
                self._ridge = self._ridge / _LESS if self._ridge > _RIDGE else 0.0

    def _direction(self, G: Array, blocks: Blocks, q: Array, v: Array, active: Indices) -> tuple[Array, float]:
        """Return a Newton step by slot, and its square in the norm of the Hessian; a ridge may take part."""
        H, right, step = np.empty((active.size, active.size)), np.empty(active.size), np.zeros_like(v)
        if not active.size:
            return step, 0.0
        kernels().block_system(G, *blocks.arrays, q, v, active, H, right)
        diagonal = H.diagonal().copy()
        while True:
            H.flat[:: active.size + 1] = diagonal * (1 + self._ridge)
            factor, info = lapack.dpotrf(H.T, lower=0)
            if not info:
                break
            self._ridge = max(_MORE * self._ridge, _RIDGE)
        step[active] = lapack.dpotrs(factor, right, lower=0)[0]
        return step, float(right @ step[active])

    def _search(self, c: Array, blocks: Blocks, q: Array, v: Array, direction: Array) -> tuple[float, float]:
        """Go along a direction, a step of 1 at first, to where the objective falls; return how far, and by how much."""
        new, length, inside = np.empty_like(v), 1.0, self._G[: v.size, : v.size]
        before = kernels().block_penalty(*blocks.arrays, v)
        while length > _SHORTEST:
            kernels().step_blocks(*blocks.arrays, v, direction, length, new)
            q_new = c - inside @ new
            gain = before - kernels().block_penalty(*blocks.arrays, new) + 0.5 * float((q + q_new) @ (new - v))
            if gain > 0:
                v[:], q[:] = new, q_new
                return length, gain
            length /= 2
        return 0.0, 0.0
