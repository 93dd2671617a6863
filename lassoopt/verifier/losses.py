"""The losses of the verifier, phi, and their conjugates, phi*.

Each is stated for a prediction u, a target y, a slope a and a weight s, elementwise, for arrays of floats or of
rationals: at least ``s phi(u, y)`` and at least ``s phi*(a, y)``, rounded by the rules of the arithmetic, which also
has the functions that are not rational. A difference of two floats is one rounding off; products allow for it.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from fractions import Fraction
from typing import Any

import numpy as np


class _Loss(ABC):
    smoothness: Any = math.inf  # the largest phi''

    def __init__(self, rules: Any, parameter: Any = None) -> None:
        self.rules, self.parameter = rules, parameter

    @abstractmethod
    def value(self, u: Any, y: Any, s: Any = 1) -> Any:
        """At least ``s phi``."""

    @abstractmethod
    def conjugate(self, a: Any, y: Any, s: Any = 1) -> Any:
        """At least ``s phi*``, at slopes between `slopes`."""

    @abstractmethod
    def slopes(self, y: Any) -> tuple[Any, Any]:
        """The ends of the slopes at which phi* is finite, or ends inside of them."""


class Squared(_Loss):
    """``(u - y)^2 / 2`` and ``a^2 / 2 + a y``."""

    smoothness = 1

    def value(self, u: Any, y: Any, s: Any = 1) -> Any:
        return self.rules.up(s, u - y, u - y, over=(2,))

    def conjugate(self, a: Any, y: Any, s: Any = 1) -> Any:
        return self.rules.above(self.rules.up(s, a, a, over=(2,)) + self.rules.up(s, a, y))

    def slopes(self, y: Any) -> tuple[Any, Any]:
        return -math.inf, math.inf


class Huber(Squared):
    """``r^2 / 2`` for ``r = |u - y| <= delta``, else ``delta (r - delta / 2)``; phi* as before, ``|a| <= delta``."""

    def value(self, u: Any, y: Any, s: Any = 1) -> Any:
        r = abs(u - y)
        core = np.minimum(r, self.parameter)
        return self.rules.up(s, core, r - core / 2)  # at r (1 + u) it is at most (1 + u)^2 times as large

    def slopes(self, y: Any) -> tuple[Any, Any]:
        return -self.parameter, self.parameter


class Quantile(_Loss):
    """``level (y - u)`` below y, ``(1 - level) (u - y)`` above, and ``a y`` for ``-level <= a <= 1 - level``."""

    def value(self, u: Any, y: Any, s: Any = 1) -> Any:
        return self.rules.up(s, abs(u - y), np.where(u < y, self.parameter, 1 - self.parameter))

    def conjugate(self, a: Any, y: Any, s: Any = 1) -> Any:
        return self.rules.up(s, a, y)

    def slopes(self, y: Any) -> tuple[Any, Any]:
        return -self.parameter, self.rules.down(1 - self.parameter)


class SquaredHinge(_Loss):
    """``max(0, 1 - t u)^2`` and, with ``q = -t a >= 0``, ``q^2 / 4 - q``; t is 1 where y > 0, else -1."""

    smoothness: Any = 2
    steepest: Any = math.inf

    def value(self, u: Any, y: Any, s: Any = 1) -> Any:
        inside = np.maximum(0, 1 - sign(y) * u)
        return self.rules.up(s, inside, inside)

    def conjugate(self, a: Any, y: Any, s: Any = 1) -> Any:
        q = abs(a)
        return self.rules.above(self.rules.up(s, q, q, over=(4,)) + self.rules.up(s, -q))

    def slopes(self, y: Any) -> tuple[Any, Any]:
        vector = self.rules.vector  # 0 as a number of the same kind
        return vector(np.where(y > 0, -self.steepest, 0.0)), vector(np.where(y > 0, 0.0, self.steepest))


class Logistic(SquaredHinge):
    """``log(1 + exp(-t u))`` and, with ``0 <= q = -t a <= 1``, ``q log q + (1 - q) log(1 - q)``."""

    smoothness, steepest = Fraction(1, 4), 1

    def value(self, u: Any, y: Any, s: Any = 1) -> Any:
        return self.rules.up(s, self.rules.softplus(-sign(y) * u))

    def conjugate(self, a: Any, y: Any, s: Any = 1) -> Any:
        return self.rules.up(s, self.rules.entropy(abs(a)))


class Poisson(_Loss):
    """``exp(u) - y u`` and, with ``m = a + y >= 0``, ``m log m - m``."""

    def value(self, u: Any, y: Any, s: Any = 1) -> Any:
        return self.rules.above(self.rules.up(s, self.rules.exp(u)) + self.rules.up(s, -y, u))

    def conjugate(self, a: Any, y: Any, s: Any = 1) -> Any:
        m = a + y
        return self.rules.above(self.rules.up(s, self.rules.xlogx(m)) + self.rules.up(s, -m))

    def slopes(self, y: Any) -> tuple[Any, Any]:
        return -y, math.inf


def sign(y: Any) -> Any:
    """The class that a label stands for."""
    return np.where(y > 0, 1, -1)


LOSSES: dict[str, type[_Loss]] = {
    "squared": Squared,
    "huber": Huber,
    "quantile": Quantile,
    "squared_hinge": SquaredHinge,
    "logistic": Logistic,
    "poisson": Poisson,
}
