"""The quadratic model of a loss on a working set, with the penalty as it is, is solved exactly.

With weights h of the samples, at predictions where ``-dLoss/du = theta`` and ``1' theta = 0``, a change ``dv`` of the
weights changes the objective by

    -(Z' theta)'dv + 1/2 dv' G dv + (penalty),    G = Z' diag(h) Z - |h| m m',    m = Z' h / |h|,  |h| = sum_i h_i

where the intercept follows the weights: predictions change by ``(Z - 1 m') dv``. For the squared loss, with ``h = s``,
that is no model but the problem itself.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import lapack

from ...arrays.design_matrix import Array, Indices
from .columns import Columns
from .loading import kernels

_EPOCHS = 6  # of coordinate descent where many weights may change
_FEW, _FAR = 0.1, 1.1  # where more than this share of the active features is beyond their level by so much, many enter
_MANY = 200  # slots; of so many LAPACK factorises those that are active
_SURE = 1e-6  # the share of a column's square that others leave, from which on it is independent of them


class Quadratic:
    """A quadratic with the penalty is minimised exactly; G and a factor of its active part are kept.

    Both have room for more features than there are.
    """

    def __init__(self, G: Array) -> None:
        self._turn_to(G)

    def _turn_to(self, G: Array) -> None:
        self._G, self._L, self.active, self.count = G, np.empty_like(G), np.empty(len(G), dtype=np.intp), 0

    def forget_factor(self) -> None:
        """Factorise anew, as after a change of the ridge."""
        self.count = 0

    def settle(self, level: Array, ridge: Array, nonnegative: bool, q: Array, v: Array, limit: int) -> bool:
        """Minimise from v, where ``q`` is the negative gradient; both are changed in place.

        Return False if the limit came first.
        """
        if v.size <= _MANY:
            epochs = 0 if self.count else _EPOCHS  # where few change, steps alone are faster
            return self._settle(level, ridge, nonnegative, q, v, epochs, limit)
        many = np.count_nonzero((v == 0) & (np.abs(q) > _FAR * level)) >= _FEW * np.count_nonzero(v)
        if many:
            self._settle(level, ridge, nonnegative, q, v, _EPOCHS, 0)
        if many or not self.count:
            self._factorise(ridge, np.flatnonzero(v))
        return self._settle(level, ridge, nonnegative, q, v, 0, limit)

    def _settle(
        self, level: Array, ridge: Array, nonnegative: bool, q: Array, v: Array, epochs: int, limit: int
    ) -> bool:
        self.count, steps = kernels().settle(
            self._G, ridge, level, nonnegative, q, v, self._L, self.active, self.count, epochs, limit
        )
        return bool(steps < limit)

    def _factorise(self, ridge: Array, active: Indices) -> None:
        """Factorise the part of many active features at once; the kernel does it one by one if some may depend."""
        part, size = self._G[np.ix_(active, active)], active.size
        part.flat[:: size + 1] += ridge[active]
        factor, info = lapack.dpotrf(part.T, lower=0, overwrite_a=1)
        if not info and np.all(factor.diagonal() ** 2 > _SURE * (self._G.diagonal()[active] + ridge[active])):
            self._L[:size, :size], self.active[:size], self.count = factor.T, active, size


class QuadraticModel(Quadratic):
    """It is the model of a loss on the features held; G grows with these while h stays."""

    def __init__(self, columns: Columns, intercept: bool) -> None:
        self.columns, self.intercept = columns, intercept
        self.renew(np.zeros(0))

    def renew(self, h: Array) -> None:
        """Turn to other weights of the samples."""
        self._turn_to(np.zeros((1, 1)))
        self.size, self.mean, self.h = 0, np.zeros(0), h

    def grow(self) -> None:
        """Take in the slots that are new."""
        old, size = self.size, len(self.columns)
        if size == old:
            return
        rows = self.columns.gram(self.h, old)
        if self.intercept:
            total = self.h.sum()
            self.mean = self.columns.correlate(self.h) / total
            rows -= np.outer(total * self.mean[old:], self.mean)
        if size >= len(self._G):
            room = size + size // 2 + 1
            G, L, active = np.empty((room, room)), np.empty((room, room)), np.empty(room, dtype=np.intp)
            G[:old, :old], L[:old, :old], active[:old] = self._G[:old, :old], self._L[:old, :old], self.active[:old]
            self._G, self._L, self.active = G, L, active
        self._G[old:size, :size], self._G[:old, old:size] = rows, rows[:, :old].T
        self.size = size

    def change(self, dv: Array) -> Array:
        """Compute how predictions change with the weights and the intercept."""
        change = self.columns.predict(dv)
        return change - self.mean @ dv if self.intercept else change
