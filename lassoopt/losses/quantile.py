"""The pinball loss is that of quantile regression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ..arrays.parameters import Number, parameter
from .base import Array, Loss


@dataclass(frozen=True)
class Quantile(Loss):
    """Pinball loss of quantile regression: ``level (y - u)`` below y, ``(1 - level) (u - y)`` above.

    ``phi*(a) = a y`` for ``-level <= a <= 1 - level`` (Koenker & Bassett 1978). ``level=0.5`` is half
    the absolute error.
    """

    level: float = parameter(0.5, Number(0, 1, "which quantile, between 0 and 1"))
    takes_rows: ClassVar[bool] = True
    smoothness: ClassVar[float] = np.inf
    kinked: ClassVar[bool] = True
    translates: ClassVar[bool] = True

    def value(self, u: Array, y: Array) -> Array:
        r = u - y
        return np.maximum(-self.level * r, (1 - self.level) * r)

    def gradient(self, u: Array, y: Array) -> Array:
        return np.where(u > y, 1 - self.level, np.where(u < y, -self.level, 0.0))

    def curvature(self, u: Array, y: Array) -> Array:
        return np.zeros_like(u)

    def prox(self, v: Array, y: Array, step: Array | float) -> Array:
        return np.clip(y, v - step * (1 - self.level), v + step * self.level)

    def conjugate(self, a: Array, y: Array) -> Array:
        return np.where((a >= -self.level) & (a <= 1 - self.level), a * y, np.inf)

    def slopes(self, y: Array) -> tuple[Array | float, Array | float]:
        return -self.level, 1 - self.level

    def curvature_at_slope(self, a: Array, y: Array) -> Array:
        return np.zeros_like(a)

    @property
    def formula(self) -> tuple[str, str]:
        return "pinball(y_i - u_i)", f"pinball(r) = {self.level:g} r for r >= 0, else {1 - self.level:g} |r|"

    def cvxpy(self, u: Any, y: Array) -> Any:
        import cvxpy as cp

        return cp.maximum(self.level * (y - u), (self.level - 1) * (y - u))
