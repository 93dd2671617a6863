"""The losses of the verifier, phi, and their conjugates, phi*.

Each function takes predictions u, targets y, slopes a and weights s, elementwise, as floats or as rationals. Its result
is at least ``s phi(u, y)`` or ``s phi*(a, y)``: the arithmetic rounds up, and it has the functions that are not
rational. A difference of two floats is one rounding off; products allow for it.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from fractions import Fraction
from typing import ClassVar

import numpy as np

from .arithmetic import Arithmetic, Number, Numbers, Vector


class Loss(ABC):
    """A loss, and what a certificate file has to say about it: ``parameters`` are their names and ranges."""

    parameters: ClassVar[dict[str, tuple[float, float]]] = {}  # the least and the largest number allowed
    two_class: ClassVar[bool] = False  # y is 1 or 0
    least_target: ClassVar[float] = -math.inf  # the loss has no infimum for a smaller y
    smoothness: ClassVar[Number] = math.inf  # the largest phi''

    def __init__(self, arithmetic: Arithmetic, parameter: Numbers = None) -> None:
        self.arithmetic, self.parameter = arithmetic, parameter

    @abstractmethod
    def value(self, u: Vector, y: Vector, s: Numbers = 1) -> Vector:
        """Return at least ``s phi``."""

    @abstractmethod
    def conjugate(self, a: Vector, y: Vector, s: Numbers = 1) -> Vector:
        """Return at least ``s phi*``, at slopes between `slopes`."""

    @abstractmethod
    def slopes(self, y: Vector) -> tuple[Numbers, Numbers]:
        """Return the ends of the slopes at which phi* is finite, or ends inside of them."""


class Squared(Loss):
    """The loss is ``(u - y)^2 / 2``, its conjugate ``a^2 / 2 + a y``."""

    smoothness = 1

    def value(self, u: Vector, y: Vector, s: Numbers = 1) -> Vector:
        return self.arithmetic.up(s, u - y, u - y, over=(2,))

    def conjugate(self, a: Vector, y: Vector, s: Numbers = 1) -> Vector:
        return self.arithmetic.above(self.arithmetic.up(s, a, a, over=(2,)) + self.arithmetic.up(s, a, y))

    def slopes(self, y: Vector) -> tuple[Numbers, Numbers]:
        return -math.inf, math.inf


class Huber(Squared):
    """The loss is ``r^2 / 2`` for ``r = |u - y| <= delta``, else ``delta (r - delta / 2)``.

    Its conjugate is that of the squared loss, for ``|a| <= delta``.
    """

    parameters: ClassVar = {"delta": (math.nextafter(0, 1), math.inf)}

    def value(self, u: Vector, y: Vector, s: Numbers = 1) -> Vector:
        r = abs(u - y)
        core = np.minimum(r, self.parameter)
        return self.arithmetic.up(s, core, r - core / 2)  # at r (1 + u) it is at most (1 + u)^2 times as large

    def slopes(self, y: Vector) -> tuple[Numbers, Numbers]:
        return -self.parameter, self.parameter


class Quantile(Loss):
    """The loss is ``level (y - u)`` below y and ``(1 - level) (u - y)`` above.

    Its conjugate is ``a y``, for ``-level <= a <= 1 - level``.
    """

    parameters: ClassVar = {"level": (math.nextafter(0, 1), math.nextafter(1, 0))}

    def value(self, u: Vector, y: Vector, s: Numbers = 1) -> Vector:
        return self.arithmetic.up(s, abs(u - y), np.where(u < y, self.parameter, 1 - self.parameter))

    def conjugate(self, a: Vector, y: Vector, s: Numbers = 1) -> Vector:
        return self.arithmetic.up(s, a, y)

    def slopes(self, y: Vector) -> tuple[Numbers, Numbers]:
        return -self.parameter, self.arithmetic.down(1 - self.parameter)


class SquaredHinge(Loss):
    """The loss is ``max(0, 1 - t u)^2`` with t = 1 where y > 0, else -1.

    Its conjugate is ``q^2 / 4 - q``, for ``q = -t a >= 0``.
    """

    two_class = True
    smoothness: ClassVar[Number] = 2
    steepest: ClassVar[float] = math.inf

    def value(self, u: Vector, y: Vector, s: Numbers = 1) -> Vector:
        inside = np.maximum(0, 1 - np.where(y > 0, u, -u))
        return self.arithmetic.up(s, inside, inside)

    def conjugate(self, a: Vector, y: Vector, s: Numbers = 1) -> Vector:
        q = abs(a)
        return self.arithmetic.above(self.arithmetic.up(s, q, q, over=(4,)) + self.arithmetic.up(s, -q))

    def slopes(self, y: Vector) -> tuple[Numbers, Numbers]:
        vector = self.arithmetic.vector  # 0 as a number of the same kind
        return vector(np.where(y > 0, -self.steepest, 0.0)), vector(np.where(y > 0, 0.0, self.steepest))


class Logistic(SquaredHinge):
    """The loss is ``log(1 + exp(-t u))`` with t = 1 where y > 0, else -1.

    Its conjugate is ``q log q + (1 - q) log(1 - q)``, for ``0 <= q = -t a <= 1``.
    """

    smoothness, steepest = Fraction(1, 4), 1

    def value(self, u: Vector, y: Vector, s: Numbers = 1) -> Vector:
        return self.arithmetic.up(s, self.arithmetic.softplus(np.where(y > 0, -u, u)))

    def conjugate(self, a: Vector, y: Vector, s: Numbers = 1) -> Vector:
        return self.arithmetic.up(s, self.arithmetic.entropy(abs(a)))


class Poisson(Loss):
    """The loss is ``exp(u) - y u``, its conjugate ``m log m - m`` for ``m = a + y >= 0``."""

    least_target = 0

    def value(self, u: Vector, y: Vector, s: Numbers = 1) -> Vector:
        return self.arithmetic.above(self.arithmetic.up(s, self.arithmetic.exp(u)) + self.arithmetic.up(s, -y, u))

    def conjugate(self, a: Vector, y: Vector, s: Numbers = 1) -> Vector:
        m = a + y
        return self.arithmetic.above(self.arithmetic.up(s, self.arithmetic.xlogx(m)) + self.arithmetic.up(s, -m))

    def slopes(self, y: Vector) -> tuple[Numbers, Numbers]:
        return -y, math.inf


LOSSES: dict[str, type[Loss]] = {
    "squared": Squared,
    "huber": Huber,
    "quantile": Quantile,
    "squared_hinge": SquaredHinge,
    "logistic": Logistic,
    "poisson": Poisson,
}
