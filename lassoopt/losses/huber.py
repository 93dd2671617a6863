"""Huber's loss is quadratic for small residuals and linear for large ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ..arrays.parameters import Number, parameter
from .base import Array, Loss


@dataclass(frozen=True)
class Huber(Loss):
    """Huber's loss: ``r^2 / 2`` for ``|r| <= delta``, else ``delta |r| - delta^2 / 2``, with ``r = u - y``.

    ``phi*(a) = a^2 / 2 + a y`` for ``|a| <= delta``. ``delta`` is in the units of y. CVXPY's
    ``huber`` is twice this function (Huber 1964).
    """

    delta: float = parameter(1.35, Number(0, np.inf, "where huber turns linear, in units of the target"))
    takes_rows: ClassVar[bool] = True
    smoothness: ClassVar[float] = 1.0
    translates: ClassVar[bool] = True

    def value(self, u: Array, y: Array) -> Array:
        r = np.abs(u - y)
        core = np.minimum(r, self.delta)
        return core * (r - 0.5 * core)

    def gradient(self, u: Array, y: Array) -> Array:
        return np.clip(u - y, -self.delta, self.delta)

    def curvature(self, u: Array, y: Array) -> Array:
        return np.where(np.abs(u - y) < self.delta, 1.0, 0.0)

    def prox(self, v: Array, y: Array, step: Array | float) -> Array:
        # the squared loss's, moved by at most step * delta; v minus a step cancels where steps are large
        return np.clip((v + step * y) / (1 + step), v - step * self.delta, v + step * self.delta)

    def conjugate(self, a: Array, y: Array) -> Array:
        return np.where(np.abs(a) <= self.delta, a * (0.5 * a + y), np.inf)

    def slopes(self, y: Array) -> tuple[Array | float, Array | float]:
        return -self.delta, self.delta

    def curvature_at_slope(self, a: Array, y: Array) -> Array:
        return np.where(np.abs(a) < self.delta, 1.0, 0.0)

    def conjugate_magnitude(self, a: Array, y: Array) -> Array:
        size = np.abs(a)
        return size * (0.5 * size + np.abs(y))

    def gradient_magnitude(self, u: Array, y: Array) -> Array:
        return np.where(np.abs(u - y) < self.delta, np.abs(u) + np.abs(y), self.delta)

    @property
    def formula(self) -> tuple[str, str]:
        tail = f"{self.delta:g} (|r| - {0.5 * self.delta:g})"  # delta^2 may overflow
        return "huber(y_i - u_i)", f"huber(r) = r^2/2 for |r| <= {self.delta:g}, else {tail}"

    def cvxpy(self, u: Any, y: Array) -> Any:
        import cvxpy as cp

        return 0.5 * cp.huber(u - y, self.delta)
