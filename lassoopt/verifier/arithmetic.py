"""The two arithmetics of the verifier: `Floats`, whose errors are bounded, and `Rationals`, which make none.

Vectors are NumPy arrays, of floats or of Fractions. Rounding is counted in ``unit``, half an ulp of 1, or 0. Floats are
rounded outward, in three ways (Higham, Accuracy and Stability of Numerical Algorithms, 2002, secs. 2.2 and 3.1):

    products of numbers    `up` and `down` keep mantissas and exponents apart, so that nothing underflows or overflows
                           in the middle, and allow one smallest number for the end;
    sums of two            `above` allows a share of the sum, as a sum never underflows;
    products with X        `product` gives a bound on the error, with one smallest number for each term.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from . import upper_bounds
from .balancing import objects, over_common_denominator
from .errors import UnprovenError

Number: TypeAlias = float | Fraction
Vector: TypeAlias = NDArray[Any]  # of floats, or of Fractions
Numbers: TypeAlias = Any  # a Number or a Vector

_STEPS = 32  # units in the last place that NumPy's exp, log, log1p and logaddexp may be off by; ten would do
_TERMS = 2**14  # of exact products that are held together
_LEAST = 2.0**-1021  # times the unit: the smallest number above 0, 2^-1074
overflow_is_inf = np.errstate(over="ignore", invalid="ignore", divide="ignore")


class Arithmetic(Protocol):
    """What the verifier computes with."""

    unit: float

    def vector(self, values: Iterable[float]) -> Vector:
        """Return the values as numbers of this kind."""

    def total(self, terms: Vector) -> Numbers:
        """Return the sum, correctly rounded; inf where it overflows."""

    def above(self, result: Numbers) -> Numbers:
        """Return at least the sum or difference of two floats, or the total, that was rounded to this result."""

    def up(self, *factors: Numbers, over: Sequence[Numbers] = ()) -> Numbers:
        """Return at least the product of the factors divided by those of ``over``; 0 where it is 0.

        Each factor may be off by two roundings of its own, as a difference of two floats is.
        """

    def down(self, *factors: Numbers, over: Sequence[Numbers] = ()) -> Numbers:
        """Return at most the product of such factors, if they are not negative."""

    def require_precise(self, **numbers: Vector) -> None:
        """Raise if one of these positive numbers is so small, or so large, that its relative precision is lost."""

    def product(self, A: Vector, v: Vector, change: Numbers = 0) -> tuple[Vector, Numbers]:
        """Return ``A' v`` for floats A, and a bound on its error.

        The bound also holds for any v whose entries differ from these by the share ``change`` of themselves.
        """

    def rounded(self, values: Vector) -> tuple[Vector, Numbers]:
        """Return Fractions as numbers of this kind, 0 only where they are, and the shares that they are off by."""

    def sqrt(self, x: Number) -> Number:
        """Return at least the root of x, up to one rounding of floats."""

    def exp(self, x: Vector) -> Vector:
        """Return at least ``exp(x)``."""

    def softplus(self, x: Vector) -> Vector:
        """Return at least ``log(1 + exp(x))``."""

    def xlogx(self, x: Vector) -> Vector:
        """Return at least ``x log x``, also for an x that is one rounding off; 0 for 0."""

    def entropy(self, q: Vector) -> Vector:
        """Return at least ``q log q + (1 - q) log(1 - q)``; 0 for 0 and 1."""


class Floats(Arithmetic):
    """Binary64. A larger ``unit`` than the true one leaves a margin, for other orders of summation."""

    def __init__(self, unit: float = 2.0**-53) -> None:
        self.unit = unit
        self.least = unit * _LEAST

    def vector(self, values: Iterable[float]) -> Vector:
        return np.asarray(values, dtype=float)

    def total(self, terms: Vector) -> Numbers:
        try:
            return math.fsum(terms) if np.isfinite(terms).all() else math.inf
        except OverflowError:
            return math.inf

    def above(self, result: Numbers) -> Numbers:
        return result + 4 * self.unit * abs(result)

    def up(self, *factors: Numbers, over: Sequence[Numbers] = ()) -> Numbers:
        return self._outward(1, factors, over)

    def down(self, *factors: Numbers, over: Sequence[Numbers] = ()) -> Numbers:
        return np.maximum(self._outward(-1, factors, over), 0.0)

    def _outward(self, direction: int, factors: Sequence[Numbers], over: Sequence[Numbers]) -> Numbers:
        """Return the product, moved in a direction by more than its roundings."""
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

    def require_precise(self, **numbers: Vector) -> None:
        for name, values in numbers.items():
            if not np.all((values > 2.0**-1000) & np.isfinite(values)):
                raise UnprovenError(f"{name}: found a share below 1e-301, or an overflow; exact=True can do it")

    def product(self, A: Vector, v: Vector, change: Numbers = 0) -> tuple[Vector, Numbers]:
        n = len(v) + 4
        gamma = n * self.unit / (1 - n * self.unit)  # |found - A'v| <= gamma |A|'|v|, and one smallest number a term
        found, error = A.T @ v, np.abs(A).T @ self.up(abs(v), gamma + change)
        if not (np.isfinite(found) & np.isfinite(error)).all():
            raise UnprovenError("products with X overflow in floating point; exact=True can do it")
        return found, error * (1 + 4 * gamma) + 2 * n * self.least

    def rounded(self, values: Vector) -> tuple[Vector, Numbers]:
        nearest = np.array([float(value) or math.copysign(value != 0 and 2.0**-1074, value) for value in values])
        size = np.abs(nearest)
        return nearest, np.where(size > 0, np.maximum(self.unit, self.least / np.where(size > 0, size, 1.0)), 0.0)

    def sqrt(self, x: Number) -> Number:
        return math.sqrt(x)

    def exp(self, x: Vector) -> Vector:
        with np.errstate(over="ignore"):
            return self._above_all(np.exp(x))

    def softplus(self, x: Vector) -> Vector:
        return self._above_all(np.logaddexp(0.0, x))

    def xlogx(self, x: Vector) -> Vector:
        return self._above_all(x * np.log(np.where(x > 0, x, 1.0)), x)

    def entropy(self, q: Vector) -> Vector:
        inside = (q > 0) & (q < 1)
        q = np.where(inside, q, 0.5)
        return np.where(inside, self._above_all(q * np.log(q) + (1 - q) * np.log1p(-q)), 0.0)

    def _above_all(self, found: Vector, size: Numbers = 0) -> Vector:
        return found + _STEPS * self.unit * (abs(found) + size) + 4 * self.least


class Rationals(Arithmetic):
    """Fractions. What is not rational is rounded up, by ball arithmetic."""

    unit = 0

    def vector(self, values: Iterable[float]) -> Vector:
        return objects([Fraction(value) if abs(value) < math.inf else value for value in map(float, values)])

    def total(self, terms: Vector) -> Numbers:
        if any(term == math.inf for term in terms):
            return math.inf
        integers, common = over_common_denominator(terms)
        return Fraction(sum(integers), common)

    def above(self, result: Numbers) -> Numbers:
        return result

    def up(self, *factors: Numbers, over: Sequence[Numbers] = ()) -> Numbers:
        return math.prod(factors, start=Fraction(1)) / math.prod(over, start=Fraction(1))

    down = up

    def rounded(self, values: Vector) -> tuple[Vector, Numbers]:
        return values, 0

    def require_precise(self, **numbers: Vector) -> None:
        return  # all numbers are

    def product(self, A: Vector, v: Vector, change: Numbers = 0) -> tuple[Vector, Numbers]:
        integers, common = over_common_denominator(v)
        step = max(1, _TERMS // max(1, len(v)))  # as a term may have thousands of bits
        parts = [self._sums(A[:, k : k + step], objects(integers), common) for k in range(0, A.shape[1], step)]
        return np.concatenate([objects([]), *parts]), 0

    @staticmethod
    def _sums(A: Vector, integers: Vector, common: int) -> Vector:
        """Return ``A' integers / common``, from integers over a power of two for each column of A."""
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

    def sqrt(self, x: Number) -> Number:
        x = Fraction(x)
        return Fraction(math.isqrt(x.numerator * x.denominator << 256) + 1, x.denominator << 128)

    def exp(self, x: Vector) -> Vector:
        return objects([upper_bounds.exp(each) for each in x])

    def softplus(self, x: Vector) -> Vector:
        return objects([upper_bounds.softplus(each) for each in x])

    def xlogx(self, x: Vector) -> Vector:
        return objects([upper_bounds.xlogx(each) for each in x])

    def entropy(self, q: Vector) -> Vector:
        return objects([upper_bounds.entropy(each) for each in q])


def rounded_up(value: Number) -> float:
    """Return the least float that is at least this."""
    try:
        nearest = float(value)
    except OverflowError:
        return math.inf
    return nearest if nearest >= value else math.nextafter(nearest, math.inf)
