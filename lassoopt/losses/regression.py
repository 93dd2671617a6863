"""Losses of a numeric target: squared, Huber, quantile, Poisson."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
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
    translates: ClassVar[bool] = True

    def value(self, u: Array, y: Array) -> Array:
        return 0.5 * (u - y) ** 2

    def gradient(self, u: Array, y: Array) -> Array:
        return u - y

    def curvature(self, u: Array, y: Array) -> Array:
        return np.ones_like(u)

    def prox(self, v: Array, y: Array, step: Array | float) -> Array:
        return (v + step * y) / (1 + step)

    def conjugate(self, a: Array, y: Array) -> Array:
        return a * (0.5 * a + y)

    def slopes(self, y: Array) -> tuple[Array | float, Array | float]:
        return -np.inf, np.inf

    def curvature_at_slope(self, a: Array, y: Array) -> Array:
        return np.ones_like(a)

    def conjugate_magnitude(self, a: Array, y: Array) -> Array:
        return np.abs(a) * (0.5 * np.abs(a) + np.abs(y))

    def gradient_magnitude(self, u: Array, y: Array) -> Array:
        return np.abs(u) + np.abs(y)

    @property
    def formula(self) -> tuple[str, str]:
        return "1/2 (y_i - u_i)^2", ""

    def cvxpy(self, u: Any, y: Array) -> Any:
        import cvxpy as cp

        return 0.5 * cp.square(u - y)


@dataclass(frozen=True)
class Huber(Loss):
    """Huber's loss: ``r^2 / 2`` for ``|r| <= delta``, else ``delta |r| - delta^2 / 2``, with ``r = u - y``.

    ``phi*(a) = a^2 / 2 + a y`` for ``|a| <= delta``. ``delta`` is in the units of y. CVXPY's
    ``huber`` is twice this function (Huber 1964).
    """

    delta: float = 1.35
    smoothness: ClassVar[float] = 1.0
    translates: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not (isinstance(self.delta, Real) and 0 < self.delta < np.inf):
            raise InputError(f"delta: found {self.delta!r}; Huber takes a finite number above 0")

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
        return np.abs(a) * (0.5 * np.abs(a) + np.abs(y))

    def gradient_magnitude(self, u: Array, y: Array) -> Array:
        return np.where(np.abs(u - y) < self.delta, np.abs(u) + np.abs(y), self.delta)

    @property
    def formula(self) -> tuple[str, str]:
        tail = f"{self.delta:g} (|r| - {0.5 * self.delta:g})"  # delta^2 may overflow
        return "huber(y_i - u_i)", f"huber(r) = r^2/2 for |r| <= {self.delta:g}, else {tail}"

    def cvxpy(self, u: Any, y: Array) -> Any:
        import cvxpy as cp

        return 0.5 * cp.huber(u - y, self.delta)


@dataclass(frozen=True)
class Quantile(Loss):
    """Pinball loss of quantile regression: ``level (y - u)`` below y, ``(1 - level) (u - y)`` above.

    ``phi*(a) = a y`` for ``-level <= a <= 1 - level`` (Koenker & Bassett 1978). ``level=0.5`` is half
    the absolute error.
    """

    level: float = 0.5
    smoothness: ClassVar[float] = np.inf
    kinked: ClassVar[bool] = True
    translates: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not (isinstance(self.level, Real) and 0 < self.level < 1):
            raise InputError(f"level: found {self.level!r}; Quantile takes a number strictly between 0 and 1")

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


class Poisson(Loss):
    """Poisson deviance with log link, up to a constant: ``phi = exp(u) - y u``, ``y >= 0``.

    ``phi*(a) = (a + y) log(a + y) - (a + y)`` for ``a >= -y``. The prox is Wright's omega
    function: ``u = c - omega(c + log step)`` with ``c = v + step y``.
    """

    smoothness: ClassVar[float] = np.inf
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
        mean = np.maximum(np.maximum(a + y, 2.0**-52 * size), np.finfo(float).tiny)
        return size * (1 + np.abs(np.log(mean)))

    def cvxpy(self, u: Any, y: Array) -> Any:
        import cvxpy as cp

        return cp.exp(u) - cp.multiply(y, u)
