"""The squared loss is that of least squares."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from .base import Array, Loss


class Squared(Loss):
    """Least squares, ``phi = (u - y)^2 / 2``, ``phi*(a) = a^2 / 2 + a y``.

    Examples
    --------
    >>> import numpy as np
    >>> Squared().value(np.array([3.0]), np.array([1.0]))
    array([2.])
    """

    smoothness: ClassVar[float] = 1.0
    takes_rows: ClassVar[bool] = True
    quadratic: ClassVar[bool] = True
    translates: ClassVar[bool] = True
    usual_error: ClassVar[str] = "squared"

    def value(self, u: Array, y: Array) -> Array:
        return 0.5 * (u - y) ** 2

    def gradient(self, u: Array, y: Array) -> Array:
        return u - y

    def curvature(self, u: Array, y: Array) -> Array:
        return np.ones_like(u)

    def excess(self, u: Array, y: Array) -> Array:
        return self.value(u, y)  # the infimum is 0

    def prox(self, v: Array, y: Array, step: Array | float) -> Array:
        return (v + step * y) / (1 + step)

    def conjugate(self, a: Array, y: Array) -> Array:
        return a * (0.5 * a + y)

    def slopes(self, y: Array) -> tuple[Array | float, Array | float]:
        return -np.inf, np.inf

    def curvature_at_slope(self, a: Array, y: Array) -> Array:
        return np.ones_like(a)

    def conjugate_magnitude(self, a: Array, y: Array) -> Array:
        size = np.abs(a)
        return size * (0.5 * size + np.abs(y))

    def gradient_magnitude(self, u: Array, y: Array) -> Array:
        return np.abs(u) + np.abs(y)

    @property
    def formula(self) -> tuple[str, str]:
        return "1/2 (y_i - u_i)^2", ""

    def cvxpy(self, u: Any, y: Array) -> Any:
        import cvxpy as cp

        return 0.5 * cp.square(u - y)
