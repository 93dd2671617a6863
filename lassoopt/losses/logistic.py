"""The logistic loss is minus the log-likelihood of two classes."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from .base import Array
from .two_class import TwoClass


class Logistic(TwoClass):
    """Logistic loss, ``phi = log(1 + exp(-t u))``, ``phi*(-t q) = q log q + (1 - q) log(1 - q)``, 0 <= q <= 1.

    The prox solves ``m - step / (1 + e^m) = t v`` by Newton's method kept inside the bracket
    ``[t v, t v + step]``: a fixed number of plain Newton steps fails for large steps.
    """

    smoothness: ClassVar[float] = 0.25
    takes_rows: ClassVar[bool] = True
    usual_error: ClassVar[str] = "deviance"
    _steepest: ClassVar[float] = 1.0

    def value(self, u: Array, y: Array) -> Array:
        return np.logaddexp(0.0, -self._sign(y) * u)

    def gradient(self, u: Array, y: Array) -> Array:
        from scipy.special import expit

        t = self._sign(y)
        return -t * expit(-t * u)

    def curvature(self, u: Array, y: Array) -> Array:
        from scipy.special import expit

        return expit(u) * expit(-u)

    def prox(self, v: Array, y: Array, step: Array | float) -> Array:
        from scipy.special import expit

        t = self._sign(y)
        centre = t * v
        low, high = centre, centre + step
        margin = np.clip(np.zeros_like(centre), low, high)  # the curve bends at 0
        for _ in range(100):
            q = expit(-margin)
            excess, slope = margin - centre - step * q, 1 + step * q * (1 - q)
            if np.all(np.abs(excess) <= 4e-16 * (slope * np.abs(margin) + np.abs(centre) + step * q)):
                break  # no more than the rounding of the margin and of the equation itself
            low, high = np.where(excess < 0, margin, low), np.where(excess > 0, margin, high)
            newton = margin - excess / slope
            inside = (newton >= low) & (newton <= high)
            margin = np.where(inside, newton, 0.5 * (low + high))
        return t * margin

    def conjugate(self, a: Array, y: Array) -> Array:
        from scipy.special import xlog1py, xlogy

        q = -self._sign(y) * a
        inside = (q >= 0) & (q <= 1)
        q = np.where(inside, q, 0.5)
        return np.where(inside, xlogy(q, q) + xlog1py(1 - q, -q), np.inf)

    def curvature_at_slope(self, a: Array, y: Array) -> Array:
        q = np.clip(np.abs(a), 0.0, 1.0)
        return q * (1 - q)

    def recedes(self, u: Array, y: Array) -> NDArray[np.bool_]:
        return self._sign(y) * u > 0

    def has_best_intercept(self, y: Array) -> bool:
        return bool((y > 0).any() and (y <= 0).any())

    @property
    def formula(self) -> tuple[str, str]:
        return "log(1 + exp(-t_i u_i))", "t_i = -1 or 1 codes the label y_i"

    def conjugate_magnitude(self, a: Array, y: Array) -> Array:
        from scipy.special import xlog1py, xlogy

        q = np.clip(np.abs(a), 0.0, 1.0)
        return np.abs(xlogy(q, q)) + np.abs(xlog1py(1 - q, -q))  # each term is right to a few units

    def cvxpy(self, u: Any, y: Array) -> Any:
        import cvxpy as cp

        signs = 2.0 * (y == 1) - 1.0
        return cp.logistic(-cp.multiply(signs, u))
