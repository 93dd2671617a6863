"""The squared hinge loss asks of each of two classes a margin of 1."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from .base import Array
from .two_class import TwoClass


class SquaredHinge(TwoClass):
    """Squared hinge, ``phi = max(0, 1 - t u)^2``, ``phi*(-t q) = q^2 / 4 - q`` for ``q >= 0``."""

    smoothness: ClassVar[float] = 2.0
    takes_rows: ClassVar[bool] = True
    _steepest: ClassVar[float] = np.inf

    def value(self, u: Array, y: Array) -> Array:
        return np.maximum(0.0, 1 - self._sign(y) * u) ** 2

    def gradient(self, u: Array, y: Array) -> Array:
        t = self._sign(y)
        return -2 * t * np.maximum(0.0, 1 - t * u)

    def curvature(self, u: Array, y: Array) -> Array:
        return np.where(self._sign(y) * u < 1, 2.0, 0.0)

    def prox(self, v: Array, y: Array, step: Array | float) -> Array:
        t = self._sign(y)
        margin = t * v
        return t * np.where(margin >= 1, margin, (margin + 2 * step) / (1 + 2 * step))

    def conjugate(self, a: Array, y: Array) -> Array:
        q = -self._sign(y) * a
        return np.where(q >= 0, q * (0.25 * q - 1), np.inf)

    def curvature_at_slope(self, a: Array, y: Array) -> Array:
        return np.where(-self._sign(y) * a > 0, 2.0, 0.0)

    def conjugate_magnitude(self, a: Array, y: Array) -> Array:
        return np.abs(a) * (0.25 * np.abs(a) + 1)

    def gradient_magnitude(self, u: Array, y: Array) -> Array:
        return np.where(self._sign(y) * u < 1, 2 + 2 * np.abs(u), 0.0)

    @property
    def formula(self) -> tuple[str, str]:
        return "max(0, 1 - t_i u_i)^2", "t_i = -1 or 1 codes the label y_i"

    def cvxpy(self, u: Any, y: Array) -> Any:
        import cvxpy as cp

        signs = 2.0 * (y == 1) - 1.0
        return cp.square(cp.pos(1 - cp.multiply(signs, u)))
