"""The quadratic model of a loss on whole groups of features, with a norm for each, is solved by descent and Newton steps.

Descent along the groups (Yuan & Lin 2006; Qin, Scheinberg & Goldfarb 2013) finds which are 0. On the weights that are
not, the objective is smooth, so that Newton's method ends in the minimiser; where a step makes the objective rise, it is
halved. Between two steps the groups are descended along again, so that groups and weights come and go.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import blas, lapack

from ...arrays.design_matrix import Array, Indices
from .loading import kernels
from .model import QuadraticModel

_EPOCHS, _BETWEEN = 3, 4  # of descent before the first Newton step, and along what is not 0 in each
_LAST = 1e-14  # of a squared step, in the model's norm: the next one is its square
_SHORTEST = 1e-6  # of the steps of a line search
_RIDGE, _MORE, _MOST = 1e-13, 100.0, 1e-3  # of the diagonal, where the factor fails; times this until it does not


@dataclass(frozen=True)
class Blocks:
    """The penalty on the slots is ``sum_j l_j |v_j| + sum_g k_g ||(d * v)_g||`` with slots ``starts[g] : starts[g + 1]``."""

    starts: Indices
    level: Array
    norm_level: Array
    scale: Array

    @property
    def arrays(self) -> tuple[Indices, Array, Array, Array]:
        """They are what the kernels take."""
        return self.starts, self.level, self.norm_level, self.scale


class GroupModel(QuadraticModel):
    """It keeps ``G`` while slots are added and h stays."""

    def settle_blocks(self, blocks: Blocks, q: Array, v: Array) -> int:
        """Minimise from v, where ``Z' theta = q``; both are changed in place. Return the Newton steps taken.

        These are `limit` if rounding keeps the minimiser from being found.
        """
        G, ridge = self._G[: self.size, : self.size], 0.0
        c = q + G @ v
        epochs = _EPOCHS
        for steps in range(1, self.limit):
            kernels().sweep_blocks(G, *blocks.arrays, q, v, epochs, _BETWEEN)
            epochs = 1
            q[:] = c - G @ v  # without the rounding of all moves so far
            active = np.flatnonzero(v)
            direction, square, ridge = self._direction(G, blocks, q, v, active, ridge)
            if square == 0.0:
                return steps
            if not self._search(G, c, blocks, q, v, active, direction):
                if square < _LAST:
                    return steps
                ridge = min(max(_MORE * ridge, _RIDGE), _MOST)
            elif square < _LAST:
                return steps
            else:
                ridge /= _MORE
        return self.limit

    def _direction(
        self, G: Array, blocks: Blocks, q: Array, v: Array, active: Indices, ridge: float
    ) -> tuple[Array, float, float]:
        """Return a Newton step, its square in the norm of the Hessian, and the ridge that this took."""
        H, right = np.empty((active.size, active.size)), np.empty(active.size)
        if not active.size:
            return right, 0.0, ridge
        kernels().block_system(G, *blocks.arrays, q, v, active, H, right)
        diagonal = H.diagonal().copy()
        while True:
            H.flat[:: active.size + 1] = diagonal * (1 + ridge)
            factor, info = lapack.dpotrf(H.T, lower=0)
            if not info:
                break
            ridge = max(_MORE * ridge, _RIDGE)
        step = lapack.dpotrs(factor, right, lower=0)[0]
        return step, float(right @ step), ridge

    def _search(
        self, G: Array, c: Array, blocks: Blocks, q: Array, v: Array, active: Indices, direction: Array
    ) -> bool:
        """Go along a direction, a step of 1 at first, to where the objective falls; a weight ends at its kink at 0."""
        penalty, old = kernels().block_penalty, v[active]
        before, kinked, length = penalty(*blocks.arrays, v), blocks.level[active] > 0, 1.0
        new = v.copy()
        while length > _SHORTEST:
            new[active] = old + length * direction
            new[active[kinked & (new[active] * old < 0)]] = 0.0
            q_new = c - G @ new
            if penalty(*blocks.arrays, new) - before - 0.5 * ((q + q_new) @ (new - v)) < 0:
                v[:], q[:] = new, q_new
                return True
            length /= 2
        return False
