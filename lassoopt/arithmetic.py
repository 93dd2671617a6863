"""The two arithmetics of the verifier: `Floats`, whose errors are bounded, and `Rationals`, which make none.

Vectors are NumPy arrays, of floats or of Fractions. Rounding is counted in ``unit``, half an ulp of 1, or 0;
what is no product may be off by ``steps``, relative to the terms that it is made of.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from .errors import UnprovenError

_STEPS = 32  # units in the last place that any term but a product may be off by; ten would do


class Floats:
    """Binary64. A larger ``unit`` than the true one leaves a margin, for other orders of summation."""

    def __init__(self, unit: float = 2.0**-53) -> None:
        self.unit = unit
        self.steps = _STEPS * unit

    def vector(self, values: Any) -> Any:
        return np.asarray(values, dtype=float)

    def total(self, terms: Any) -> Any:
        """The sum, correctly rounded; inf where it overflows."""
        try:
            return math.fsum(terms) if np.isfinite(terms).all() else math.inf
        except OverflowError:
            return math.inf

    def lost(self, count: int, *factors: Any) -> Any:
        """At least what underflow takes from ``count`` terms made of a few factors of these sizes."""
        sizes = [1 + float(np.max(np.abs(factor), initial=0.0)) for factor in factors]
        return count * 2.0**-1070 * math.prod(sizes) ** 2 if max(sizes, default=0.0) < 1e60 else math.inf

    def require_normal(self, **numbers: Any) -> None:
        """That none of these positive numbers is so small, or so large, that its relative precision is lost."""
        for name, values in numbers.items():
            if not np.all((np.asarray(values) > 2.0**-900) & np.isfinite(values)):
                raise UnprovenError(f"{name}: found a number below 1e-270, or an overflow; exact=True may do it")

    def product(self, A: Any, v: Any, change: Any = 0) -> tuple[Any, Any]:
        """``A' v`` and a bound on its error, also as one for any v whose entries differ by that share of themselves:
        ``n u / (1 - n u) |A|'|v|`` (Higham 2002, sec. 3.1)."""
        n = len(v) + 4
        size = np.abs(A).T @ np.abs(v)
        if not np.isfinite(size).all():
            raise UnprovenError("products with X overflow in floating point; exact=True can do it")
        gamma = n * self.unit / (1 - n * self.unit)
        return A.T @ v, (gamma + change) * (1 + 4 * gamma) * size + n * 2.0**-1073  # the last is for underflow

    def sqrt(self, x: Any) -> Any:
        return math.sqrt(x)

    def exp(self, x: Any) -> Any:
        with np.errstate(over="ignore"):
            return np.exp(x)

    def softplus(self, x: Any) -> Any:
        """``log(1 + exp(x))``."""
        return np.logaddexp(0.0, x)

    def xlogx(self, x: Any) -> Any:
        return x * np.log(np.where(x > 0, x, 1.0))


class Rationals:
    """Fractions. What is not rational is rounded up, by ball arithmetic."""

    unit = steps = 0

    def vector(self, values: Any) -> Any:
        return objects([Fraction(value) if abs(value) < math.inf else value for value in map(float, values)])

    def total(self, terms: Any) -> Any:
        if any(term == math.inf for term in terms):
            return math.inf
        integers, common = over_common_denominator(terms)
        return Fraction(sum(integers), common)

    def lost(self, count: int, *factors: Any) -> Any:
        """Nothing."""
        return 0

    def require_normal(self, **numbers: Any) -> None:
        """All numbers are."""

    def product(self, A: Any, v: Any, change: Any = 0) -> tuple[Any, Any]:
        """``A' v`` for floats A: integers, over a power of two for each column and the common denominator of v."""
        integers, common = over_common_denominator(v)
        column, row = np.nonzero(A.T)
        found = objects([Fraction(0)] * A.shape[1])
        if column.size:
            mantissa, exponent = np.frexp(A[row, column])
            first = np.flatnonzero(np.diff(column, prepend=-1))
            least = np.minimum.reduceat(exponent, first)
            shift = (exponent - np.repeat(least, np.diff(first, append=column.size))).astype(object)
            terms = ((mantissa * 2.0**53).astype(np.int64).astype(object) << shift) * objects(integers)[row]
            sums = np.add.reduceat(terms, first)
            for j, total, power in zip(column[first], sums, (least - 53).tolist(), strict=True):
                found[j] = Fraction(total << max(power, 0), common << max(-power, 0))
        return found, 0

    def sqrt(self, x: Any) -> Any:
        scaled = math.isqrt(x.numerator * x.denominator << 256) + 1
        return Fraction(scaled, x.denominator << 128)

    def exp(self, x: Any) -> Any:
        return self._from_above("exp", x)

    def softplus(self, x: Any) -> Any:
        return self._from_above("softplus", x)

    def xlogx(self, x: Any) -> Any:
        return self._from_above("xlogx", x)

    @staticmethod
    def _from_above(name: str, values: Any) -> Any:
        from . import enclosures

        return objects([getattr(enclosures, name)(value) for value in values])


def rounded_up(value: Any) -> float:
    """The least float that is at least this."""
    try:
        nearest = float(value)
    except OverflowError:
        return math.inf
    return nearest if nearest >= value else math.nextafter(nearest, math.inf)


def objects(values: Sequence[Any]) -> Any:
    """An array of these objects."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def over_common_denominator(values: Any) -> tuple[list[int], int]:
    """Fractions as integers over one denominator."""
    common = math.lcm(*(value.denominator for value in values))
    return [value.numerator * (common // value.denominator) for value in values], common


def solve(matrix: Any, right: Any) -> tuple[Any, int]:
    """One solution ``x / d`` of a consistent symmetric semidefinite system of integers; 0 for what it leaves open.

    By elimination without fractions (Bareiss, Mathematics of Computation 22, 1968).
    """
    rows, pivot, done = np.column_stack([matrix, right]), 1, list[int]()
    for k in range(len(right)):
        before, pivot = pivot, rows[k, k] or pivot
        if rows[k, k] == 0:  # depends on those before
            continue
        done.append(k)
        others = [j for j in range(len(right)) if j != k]
        rows[others] = (pivot * rows[others] - np.outer(rows[others, k], rows[k])) // before
    solution = objects([0] * len(right))
    solution[done] = rows[done, -1]
    return solution, pivot


def balanced(theta: Any, equal: Any, at_most: Any) -> tuple[Any, Any]:
    """Theta with ``b' theta = 0`` for the columns b of ``equal`` and ``<= 0`` for those of ``at_most``.

    ``theta - |theta| (B beta)`` with B the columns whose conditions must be made to hold, which changes each entry in
    proportion to its size; and the largest change, ``max_i |(B beta)_i|``. If that is no small share, theta = 0.
    Theta holds Fractions, the columns integers: a condition is the same for any multiple of its column.
    """
    integers, _ = over_common_denominator(theta)
    start = objects(integers)
    size, found, change, held, waiting = abs(start), theta, 0 * theta, equal, at_most
    while True:
        unmet = np.array([bool(waiting[:, k] @ found > 0) for k in range(waiting.shape[1])], dtype=bool)
        held, waiting = np.hstack([held, waiting[:, unmet]]), waiting[:, ~unmet]
        if not held.shape[1] or (found is not theta and not unmet.any()):
            return found, max(abs(change))
        x, d = solve(held.T @ (size[:, None] * held), held.T @ start)
        change = objects([Fraction(value, d) for value in held @ x])
        found = theta - abs(theta) * change
        if max(abs(change)) >= Fraction(1, 2):
            return 0 * theta, Fraction(0)


def integer_columns(A: Any) -> Any:
    """Each column of floats times a power of two, as integers."""
    columns = [over_common_denominator([Fraction(value) for value in column])[0] for column in A.T.tolist()]
    return np.array([*columns, [0] * A.shape[0]], dtype=object)[:-1].T
