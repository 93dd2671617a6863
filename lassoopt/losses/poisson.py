"""The Poisson loss is half the deviance of counts with a log link, up to a constant."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..arrays.precision import EPS, TINY
from ..errors import InputError
from .base import Array, Loss


class Poisson(Loss):
    """Poisson deviance with log link, up to a constant: ``phi = exp(u) - y u``, ``y >= 0``.

    ``phi*(a) = (a + y) log(a + y) - (a + y)`` for ``a >= -y``. The prox is Wright's omega
    function: ``u = c - omega(c + log step)`` with ``c = v + step y``.
    """

    smoothness: ClassVar[float] = np.inf
    takes_rows: ClassVar[bool] = True
    usual_error: ClassVar[str] = "deviance"
    targets: ClassVar[str] = "numbers >= 0"

    def validate(self, y: Array) -> None:
        if (y < 0).any():
            raise InputError(f"y: found {y.min():g}; Poisson takes {self.targets}")

    def value(self, u: Array, y: Array) -> Array:
        with np.errstate(over="ignore", invalid="ignore"):
            return np.exp(u) - y * u

    def gradient(self, u: Array, y: Array) -> Array:
        with np.errstate(over="ignore"):
            return np.exp(u) - y

    def curvature(self, u: Array, y: Array) -> Array:
        with np.errstate(over="ignore"):
            return np.exp(u)

    def prox(self, v: Array, y: Array, step: Array | float) -> Array:
        from scipy.special import wrightomega

        c = v + step * y
        omega = wrightomega(c + np.log(step))
        # for a large omega, c - omega cancels; log(omega / step) is the same number
        return np.where(omega > 1, np.log(np.maximum(omega, 1.0)) - np.log(step), c - omega)

    def conjugate(self, a: Array, y: Array) -> Array:
        from scipy.special import xlogy

        mean = np.maximum(a + y, 0.0)
        return np.where(a >= -y, xlogy(mean, mean) - mean, np.inf)

    def slopes(self, y: Array) -> tuple[Array | float, Array | float]:
        return -y, np.inf

    def curvature_at_slope(self, a: Array, y: Array) -> Array:
        return np.maximum(a + y, 0.0)

    def recedes(self, u: Array, y: Array) -> NDArray[np.bool_]:
        return (u < 0) & (y == 0)

    def has_best_intercept(self, y: Array) -> bool:
        return bool((y > 0).any())

    def magnitude(self, u: Array, y: Array) -> Array:
        return self.curvature(u, y) + np.abs(y * u)

    def excess(self, u: Array, y: Array) -> Array:
        with np.errstate(over="ignore", invalid="ignore"):
            off = u - np.log(np.where(y > 0, y, 1.0))  # y (exp(d) - 1 - d) where y > 0, and exp(u) at 0
            of_count = np.where(np.abs(off) < 1e-4, off * off * (0.5 + off / 6), np.expm1(off) - off)
            return np.where(y > 0, y * of_count, np.exp(u))

    def max_curvature(self, a: Array, y: Array, gap: Array) -> Array:
        # the divergence from mean m to m' is at least (m - m')^2 / (2 max(m, m')); m itself is rounded
        mean = np.maximum(a + y, 0.0) + 2.0**-50 * (np.abs(a) + y)
        return mean + gap + np.sqrt(gap) * np.sqrt(gap + 2 * mean)

    def gradient_magnitude(self, u: Array, y: Array) -> Array:
        return self.curvature(u, y) + y

    @property
    def formula(self) -> tuple[str, str]:
        return "(exp(u_i) - y_i u_i)", ""

    def conjugate_magnitude(self, a: Array, y: Array) -> Array:
        # m log m - m moves by |log m| times what m = a + y does, which is rounded in units of |a| + y
        size = np.abs(a) + y
        mean = np.maximum(np.maximum(a + y, EPS * size), TINY)
        return size * (1 + np.abs(np.log(mean)))

    def cvxpy(self, u: Any, y: Array) -> Any:
        import cvxpy as cp

        return cp.exp(u) - cp.multiply(y, u)
