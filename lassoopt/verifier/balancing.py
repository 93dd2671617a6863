"""Making theta meet linear conditions exactly: in integers, by p-adic lifting (Dixon, Numerische Mathematik 40, 1982).

With k conditions, the solution of a k x k system has numbers of up to k times as many digits as the system. They are
found 31 bits at a time, each for k^2 products, once the matrix is inverted modulo a prime; elimination would take k^3
products and divisions of the long numbers. That the solution solves the system is checked in integers at the end, so
that nothing rests on how it was found.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import UnprovenError

_PRIMES = 2**31 - 1, 2**31 - 19, 2**31 - 61  # products of two residues fit in 64 bits
_MOST_BITS, _MOST_WORK = 2**17, 2**22  # of the solution's numbers, and times their count: some seconds
_MOST_ROUNDS = 8


def objects(values: Sequence[Any]) -> NDArray[Any]:
    """Return an array of these objects."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def over_common_denominator(values: Iterable[Any]) -> tuple[list[int], int]:
    """Return Fractions as integers over one denominator."""
    common = math.lcm(*(value.denominator for value in values))
    return [value.numerator * (common // value.denominator) for value in values], common


def integer_columns(A: NDArray[Any]) -> NDArray[Any]:
    """Return each column of floats times a power of two, as integers."""
    columns = [over_common_denominator([Fraction(value) for value in column])[0] for column in A.T.tolist()]
    return np.array([*columns, [0] * A.shape[0]], dtype=object)[:-1].T


def solve(matrix: NDArray[Any], right: NDArray[Any]) -> tuple[NDArray[Any], int]:
    """Return a solution ``x / d`` of a consistent symmetric semidefinite system of integers; what is open is 0."""
    if not len(right):
        return right, 1
    bits = sum(max(sum(v * v for v in row), b * b, 1).bit_length() + 1 for row, b in zip(matrix, right, strict=True))
    count = bits // 31 + 2
    for prime in _PRIMES:
        inverse, kept = _inverse(matrix, prime)
        part, goal = matrix[np.ix_(kept, kept)], right[kept]
        found, d, modulus = objects([0] * len(right)), 1, prime**count
        for j, residue in zip(kept, _lifted(part, goal, inverse, prime, count), strict=True):
            top, below = _fraction(residue * d % modulus, modulus)
            found, d = found * below, d * below
            found[j] = top
        if np.all(matrix @ found == d * right):
            return found, d
    raise UnprovenError("the conditions of the features without penalty could not be solved")


def _inverse(matrix: NDArray[Any], prime: int) -> tuple[NDArray[Any], list[int]]:
    """Return the inverse modulo a prime of the rows and columns independent of those before, and which they are."""
    rows = np.hstack([(matrix % prime).astype(np.int64), np.eye(len(matrix), dtype=np.int64)])
    kept = []
    for k in range(len(matrix)):
        if rows[k, k]:
            kept.append(k)
            rows[k] = rows[k] * pow(int(rows[k, k]), -1, prime) % prime
            others = np.flatnonzero(np.arange(len(matrix)) != k)
            rows[others] = (rows[others] - rows[others, k][:, None] * rows[k] % prime) % prime
    return rows[np.ix_(kept, [len(matrix) + k for k in kept])], kept


def _lifted(matrix: NDArray[Any], right: NDArray[Any], inverse: NDArray[Any], prime: int, count: int) -> NDArray[Any]:
    """Return the solution modulo ``prime ** count``, found a digit at a time."""
    found, power = 0 * right, 1
    for _ in range(count):
        digit = ((inverse * (right % prime).astype(np.int64) % prime).sum(axis=1) % prime).astype(object)
        found, power = found + power * digit, power * prime
        right = (right - matrix @ digit) // prime
    return found


def _fraction(residue: int, modulus: int) -> tuple[int, int]:
    """Return the fraction with the smallest terms that is this residue, by Euclid's algorithm."""
    (r0, s0), (r1, s1), limit = (modulus, 0), (residue, 1), math.isqrt(modulus // 2)
    while r1 > limit:
        quotient = r0 // r1
        (r0, s0), (r1, s1) = (r1, s1), (r0 - quotient * r1, s0 - quotient * s1)
    return (r1, s1) if s1 > 0 else (-r1, -s1)


def balanced(theta: NDArray[Any], equal: NDArray[Any], at_most: NDArray[Any]) -> tuple[NDArray[Any], Fraction]:
    """Return a theta with ``b' theta = 0`` for the columns b of ``equal`` and ``<= 0`` for those of ``at_most``.

    It is ``theta - |theta| (B beta)`` with B the columns whose conditions must be made to hold, so that each entry
    changes in proportion to its size. The second result is the largest change, ``max_i |(B beta)_i|``. If that is no
    small share, theta is 0. Theta holds Fractions, the columns integers: a condition is the same for any multiple of
    its column.

    Raises
    ------
    UnprovenError
        Before the work, if the numbers would have too many digits: as where features are free whose numbers, or where
        entries of theta, are of very different sizes.
    """
    integers, common = over_common_denominator(theta)
    start = objects(integers)
    size, found, d, moved, held, waiting = abs(start), start, 1, 0 * start, equal, at_most
    for _ in range(_MOST_ROUNDS):
        unmet = np.array([bool(waiting[:, k] @ found > 0) for k in range(waiting.shape[1])], dtype=bool)
        held, waiting = np.hstack([held, waiting[:, unmet]]), waiting[:, ~unmet]
        if not held.shape[1]:
            return theta, Fraction(0)
        if found is not start and not unmet.any():
            return objects([Fraction(value, common * d) for value in found]), Fraction(max(abs(moved)), d)
        _require_short(held, start)
        x, d = solve(held.T @ (size[:, None] * held), held.T @ start)
        moved = held @ x
        found = d * start - size * moved  # over d and the common denominator
        if 2 * max(abs(moved)) >= d:
            break
    return 0 * theta, Fraction(0)


def _require_short(held: NDArray[Any], start: NDArray[Any]) -> None:
    """Require that the solution's numbers have few enough digits, by Hadamard's bound on the determinants."""
    longest = [max(int(abs(value)).bit_length() for value in column) for column in (*held.T, start)]
    count = held.shape[1]
    most = min(_MOST_BITS, _MOST_WORK // count)
    if 2 * sum(longest[:-1]) + count * (longest[-1] + len(start).bit_length()) > most:
        raise UnprovenError(
            f"the {count} conditions of the intercept and the features without penalty need numbers of more than "
            f"{most} bits, as their entries or theta's differ too much in size"
        )
