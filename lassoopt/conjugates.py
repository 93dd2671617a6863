"""The losses of the verifier: phi, its conjugate, and how wrong their floating point values may be.

Each is stated for a prediction u, a target y and a slope a, elementwise, for arrays of floats or of rationals. ``size``
bounds the terms that are added up, which rounding errors are relative to. `rules` are the functions that are not
rational: for floats NumPy's, for rationals upper bounds by ball arithmetic.
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
    def value(self, u: Any, y: Any) -> Any:
        """phi."""

    def value_size(self, u: Any, y: Any) -> Any:
        return abs(self.value(u, y))

    @abstractmethod
    def conjugate(self, a: Any, y: Any) -> Any:
        """phi*, at slopes between `slopes`."""

    @abstractmethod
    def conjugate_size(self, a: Any, y: Any) -> Any:
        """The size of its terms."""

    @abstractmethod
    def slopes(self, y: Any) -> tuple[Any, Any]:
        """The ends of the slopes at which phi* is finite."""


class Squared(_Loss):
    """``(u - y)^2 / 2`` and ``a^2 / 2 + a y``."""

    smoothness = 1

    def value(self, u: Any, y: Any) -> Any:
        return (u - y) * (u - y) / 2

    def conjugate(self, a: Any, y: Any) -> Any:
        return a * a / 2 + a * y

    def conjugate_size(self, a: Any, y: Any) -> Any:
        return a * a + abs(a * y)

    def slopes(self, y: Any) -> tuple[Any, Any]:
        return -math.inf, math.inf


class Huber(Squared):
    """``r^2 / 2`` for ``r = |u - y| <= delta``, else ``delta (r - delta / 2)``; phi* as before, ``|a| <= delta``."""

    def value(self, u: Any, y: Any) -> Any:
        r = abs(u - y)
        core = np.minimum(r, self.parameter)
        return core * (r - core / 2)

    def slopes(self, y: Any) -> tuple[Any, Any]:
        return -self.parameter, self.parameter


class Quantile(_Loss):
    """``level (y - u)`` below y, ``(1 - level) (u - y)`` above, and ``a y`` for ``-level <= a <= 1 - level``."""

    def value(self, u: Any, y: Any) -> Any:
        return np.maximum(self.parameter * (y - u), (1 - self.parameter) * (u - y))

    def conjugate(self, a: Any, y: Any) -> Any:
        return a * y

    def conjugate_size(self, a: Any, y: Any) -> Any:
        return abs(a * y)

    def slopes(self, y: Any) -> tuple[Any, Any]:
        return -self.parameter, 1 - self.parameter


class SquaredHinge(_Loss):
    """``max(0, 1 - t u)^2`` and, with ``q = -t a >= 0``, ``q^2 / 4 - q``; t is 1 where y > 0, else -1."""

    smoothness: Any = 2
    steepest: Any = math.inf

    def value(self, u: Any, y: Any) -> Any:
        inside = np.maximum(0, 1 - sign(y) * u)
        return inside * inside

    def conjugate(self, a: Any, y: Any) -> Any:
        q = abs(a)
        return q * q / 4 - q

    def conjugate_size(self, a: Any, y: Any) -> Any:
        return a * a + abs(a)

    def slopes(self, y: Any) -> tuple[Any, Any]:
        vector = self.rules.vector  # 0 as a number of the same kind
        return vector(np.where(y > 0, -self.steepest, 0.0)), vector(np.where(y > 0, 0.0, self.steepest))


class Logistic(SquaredHinge):
    """``log(1 + exp(-t u))`` and, with ``0 <= q = -t a <= 1``, ``q log q + (1 - q) log(1 - q)``."""

    smoothness, steepest = Fraction(1, 4), 1

    def value(self, u: Any, y: Any) -> Any:
        return self.rules.softplus(-sign(y) * u)

    def conjugate(self, a: Any, y: Any) -> Any:
        q = abs(a)
        return self.rules.xlogx(q) + self.rules.xlogx(1 - q)

    def conjugate_size(self, a: Any, y: Any) -> Any:
        return 0 * a + 4  # x log x moves by at most 40 u where x in [0, 1] moves by u


class Poisson(_Loss):
    """``exp(u) - y u`` and, with ``m = a + y >= 0``, ``m log m - m``."""

    def value(self, u: Any, y: Any) -> Any:
        return self.rules.exp(u) - y * u

    def value_size(self, u: Any, y: Any) -> Any:
        return self.rules.exp(u) + abs(y * u)

    def conjugate(self, a: Any, y: Any) -> Any:
        return self.rules.xlogx(a + y) - (a + y)

    def conjugate_size(self, a: Any, y: Any) -> Any:
        terms = abs(a) + y  # their sum moves by u terms, and x log x by at most 750 times that
        return terms * (32 + self.rules.xlogx(terms + 1) / (terms + 1))

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
