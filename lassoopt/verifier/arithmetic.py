"""The two arithmetics of the verifier: `Floats`, whose errors are bounded, and `Rationals`, which make none.

Vectors are NumPy arrays, of floats or of Fractions. Rounding is counted in ``unit``, half an ulp of 1, or 0. Floats are
rounded outward, in three ways (Higham, Accuracy and Stability of Numerical Algorithms, 2002, secs. 2.2 and 3.1):

    products of numbers    `up` and `down`: mantissas and exponents apart, so that nothing underflows or overflows in
                           the middle, and one smallest number for the end;
    sums of two            `above`: the sum is off by a share of itself, never by underflow;
    products with X        `product`: a bound on the error, with one smallest number for each term.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from .balancing import objects, over_common_denominator
from .errors import UnprovenError

_STEPS = 32  # units in the last place that NumPy's exp, log, log1p and logaddexp may be off by; ten would do
_TERMS = 2**14  # of exact products that are held together
overflow_is_inf = np.errstate(over="ignore", invalid="ignore", divide="ignore")
_LEAST = 2.0**-1021  # times the unit: the smallest number above 0, 2^-1074


class Floats:
    """Binary64. A larger ``unit`` than the true one leaves a margin, for other orders of summation."""

    def __init__(self, unit: float = 2.0**-53) -> None:
        self.unit = unit
        self.least = unit * _LEAST

    def vector(self, values: Any) -> Any:
        return np.asarray(values, dtype=float)

    def total(self, terms: Any) -> Any:
        """The sum, correctly rounded; inf where it overflows."""
        try:
            return math.fsum(terms) if np.isfinite(terms).all() else math.inf
        except OverflowError:
            return math.inf

    def above(self, result: Any) -> Any:
        """At least the sum or difference of two floats, or the total, that was rounded to this result."""
        return result + 4 * self.unit * abs(result)

    def up(self, *factors: Any, over: Sequence[Any] = ()) -> Any:
        """At least the product of the factors divided by those of ``over``, each of which may be off by two roundings
        of its own, as a difference of two floats is; 0 where it is 0."""
        return self._outward(1, factors, over)

    def down(self, *factors: Any, over: Sequence[Any] = ()) -> Any:
        """At most the product of such factors, if they are not negative."""
        return np.maximum(self._outward(-1, factors, over), 0.0)

    def _outward(self, direction: int, factors: Sequence[Any], over: Sequence[Any]) -> Any:
        mantissa, exponent = 1.0, 0
        for factor in factors:
            m, e = np.frexp(factor)
            mantissa, shift = np.frexp(mantissa * m)
            exponent = exponent + e + shift
        for factor in over:
            m, e = np.frexp(factor)
            mantissa, shift = np.frexp(mantissa / m)
            exponent = exponent - e + shift
        moved = mantissa * (1 + direction * np.sign(mantissa) * 4 * (len(factors) + len(over)) * self.unit)
        return np.where(mantissa == 0, 0.0, np.ldexp(moved, exponent) + direction * self.least)

    def require_precise(self, **numbers: Any) -> None:
        """That none of these positive numbers is so small, or so large, that its relative precision is lost."""
        for name, values in numbers.items():
            if not np.all((values > 2.0**-1000) & np.isfinite(values)):
                raise UnprovenError(f"{name}: found a share below 1e-301, or an overflow; exact=True can do it")

    def product(self, A: Any, v: Any, change: Any = 0) -> tuple[Any, Any]:
        """``A' v`` and a bound on its error, also as one for any v whose entries differ by that share of themselves:
        ``n u / (1 - n u) |A|'|v|``, and for underflow one smallest number a term."""
        n = len(v) + 4
        gamma = n * self.unit / (1 - n * self.unit)
        found, error = A.T @ v, np.abs(A).T @ self.up(abs(v), gamma + change)
        if not (np.isfinite(found) & np.isfinite(error)).all():
            raise UnprovenError("products with X overflow in floating point; exact=True can do it")
        return found, error * (1 + 4 * gamma) + 2 * n * self.least

    def rounded(self, values: Sequence[Fraction]) -> tuple[Any, Any]:
        """These numbers as floats, 0 only where they are, and the shares of themselves that they are off by."""
        nearest = np.array([float(value) or math.copysign(value != 0 and 2.0**-1074, value) for value in values])
        size = np.abs(nearest)
        return nearest, np.where(size > 0, np.maximum(self.unit, self.least / np.where(size > 0, size, 1.0)), 0.0)

    def sqrt(self, x: Any) -> Any:
        return math.sqrt(x)

    def exp(self, x: Any) -> Any:
        """At least ``exp(x)``, as the others below."""
        with np.errstate(over="ignore"):
            return self._above_all(np.exp(x))

    def softplus(self, x: Any) -> Any:
        """``log(1 + exp(x))``."""
        return self._above_all(np.logaddexp(0.0, x))

    def xlogx(self, x: Any) -> Any:
        """``x log x``, also for an x that is one rounding off."""
        return self._above_all(x * np.log(np.where(x > 0, x, 1.0)), x)

    def entropy(self, q: Any) -> Any:
        """``q log q + (1 - q) log(1 - q)``."""
        inside = (q > 0) & (q < 1)
        q = np.where(inside, q, 0.5)
        return np.where(inside, self._above_all(q * np.log(q) + (1 - q) * np.log1p(-q)), 0.0)

    def _above_all(self, found: Any, size: Any = 0) -> Any:
        return found + _STEPS * self.unit * (abs(found) + size) + 4 * self.least


class Rationals:
    """Fractions. What is not rational is rounded up, by ball arithmetic."""

    unit = 0

    def vector(self, values: Any) -> Any:
        return objects([Fraction(value) if abs(value) < math.inf else value for value in map(float, values)])

    def total(self, terms: Any) -> Any:
        if any(term == math.inf for term in terms):
            return math.inf
        integers, common = over_common_denominator(terms)
        return Fraction(sum(integers), common)

    def above(self, result: Any) -> Any:
        return result

    def up(self, *factors: Any, over: Sequence[Any] = ()) -> Any:
        return math.prod(factors, start=Fraction(1)) / math.prod(over, start=Fraction(1))

    down = up

    def rounded(self, values: Sequence[Fraction]) -> tuple[Any, Any]:
        return values, 0

    def require_precise(self, **numbers: Any) -> None:
        """All numbers are."""

    def product(self, A: Any, v: Any, change: Any = 0) -> tuple[Any, Any]:
        """``A' v`` for floats A: integers, over a power of two for each column and the common denominator of v."""
        integers, common = over_common_denominator(v)
        step = max(1, _TERMS // max(1, len(v)))  # as a term may have thousands of bits
        parts = [self._sums(A[:, k : k + step], objects(integers), common) for k in range(0, A.shape[1], step)]
        return np.concatenate([objects([]), *parts]), 0

    @staticmethod
    def _sums(A: Any, integers: Any, common: int) -> Any:
        column, row = np.nonzero(A.T)
        found = objects([Fraction(0)] * A.shape[1])
        if column.size:
            mantissa, exponent = np.frexp(A[row, column])
            first = np.flatnonzero(np.diff(column, prepend=-1))
            least = np.minimum.reduceat(exponent, first)
            shift = (exponent - np.repeat(least, np.diff(first, append=column.size))).astype(object)
            terms = ((mantissa * 2.0**53).astype(np.int64).astype(object) << shift) * integers[row]
            sums = np.add.reduceat(terms, first)
            for j, total, power in zip(column[first], sums, (least - 53).tolist(), strict=True):
                found[j] = Fraction(total << max(power, 0), common << max(-power, 0))
        return found

    def sqrt(self, x: Any) -> Any:
        scaled = math.isqrt(x.numerator * x.denominator << 256) + 1
        return Fraction(scaled, x.denominator << 128)

    def exp(self, x: Any) -> Any:
        return self._from_above("exp", x)

    def softplus(self, x: Any) -> Any:
        return self._from_above("softplus", x)

    def xlogx(self, x: Any) -> Any:
        return self._from_above("xlogx", x)

    def entropy(self, q: Any) -> Any:
        return self._from_above("entropy", q)

    @staticmethod
    def _from_above(name: str, values: Any) -> Any:
        from . import upper_bounds

        return objects([getattr(upper_bounds, name)(value) for value in values])


def rounded_up(value: Any) -> float:
    """The least float that is at least this."""
    try:
        nearest = float(value)
    except OverflowError:
        return math.inf
    return nearest if nearest >= value else math.nextafter(nearest, math.inf)
