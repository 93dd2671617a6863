"""`linear_dependence` decides exactly whether columns of binary64 numbers are linearly dependent.

Such numbers are integers times powers of two. Columns that are independent modulo a prime are independent; so
elimination modulo a prime of 31 bits, which is plain integer arithmetic, proves independence, and says which columns
*seem* to depend on which. A dependence is then solved for in integers and checked in every row. With an intercept the
columns of row differences are used: a combination of columns is constant iff the same combination of these is 0.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arrays.design_matrix import Array
from ..verifier.balancing import objects, solve

_PRIME = 2147483629  # the powers of 2 take all values modulo it but 0
_MOST_STEPS = 2 * 10**7  # of one elimination: about a quarter of a second
_MOST_PRODUCTS = 2 * 10**6  # of long integers


def affordable(rows: int, columns: int) -> bool:
    """Return whether so many columns are few enough to be examined: ``n k min(n, k) <= 2e7``."""
    return rows * columns * min(rows, columns) <= _MOST_STEPS


def provable(rows: int, terms: list[int]) -> bool:
    """Return whether so many rows, and dependences of so many terms each, are few enough for `combination`."""
    return rows * sum((count + 1) ** 2 for count in terms) <= _MOST_PRODUCTS


def eliminate(columns: Array, intercept: bool) -> tuple[list[int], dict[int, list[int]]]:
    """Return which columns are proven independent of those to their left, and what the others seem to depend on."""
    A = _residues(columns)
    if intercept:
        A = (A[1:] - A[0]) % _PRIME
    basis, others = list[int](), dict[int, list[int]]()
    for j in range(A.shape[1]):
        r = len(basis)
        below = np.flatnonzero(A[r:, j])
        if not below.size:
            others[j] = [basis[i] for i in np.flatnonzero(A[:r, j])]
            continue
        A[[r, r + below[0]]] = A[[r + below[0], r]]
        A[r, j:] = A[r, j:] * pow(int(A[r, j]), -1, _PRIME) % _PRIME
        rows = np.flatnonzero(A[:, j])
        rows = rows[rows != r]
        A[rows, j:] = (A[rows, j:] - A[rows, j, None] * A[r, j:]) % _PRIME
        basis.append(j)
    return basis, others


def combination(columns: Array, target: Array, intercept: bool) -> list[Fraction] | None:
    """Return the exact q with ``target = columns q`` (plus a constant, with an intercept) in every row, or None.

    The columns are independent. It takes ``n (k + 1)^2`` products of long integers.
    """
    k = columns.shape[1]
    integers = _integers(np.column_stack([columns, target]))
    if intercept:
        integers = integers[1:] - integers[0]
    A, b = integers[:, :k], integers[:, k]
    x, pivot = solve(A.T @ A, A.T @ b) if k else (objects([]), 1)
    left = A @ x - pivot * b if k else b
    return None if any(left) else [Fraction(value, pivot) for value in x]


def exact_rank(columns: Array, intercept: bool) -> int | None:
    """Return how many columns are exactly independent, of the intercept's 1 too; None if that would take too long."""
    if not affordable(*columns.shape):
        return None
    basis, others = eliminate(columns, intercept)
    if not provable(len(columns), [len(terms) for terms in others.values()]):
        return None
    found = (combination(columns[:, terms], columns[:, k], intercept) for k, terms in others.items())
    return None if any(q is None for q in found) else len(basis)


def _parts(columns: Array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return mantissas m and exponents e >= 0 with ``columns = m 2^e``, up to one power of two for all."""
    mantissa, exponent = np.frexp(columns)
    least = exponent[columns != 0].min(initial=2000)
    return (mantissa * 2.0**53).astype(np.int64), np.maximum(exponent - least, 0).astype(np.int64)


def _residues(columns: Array) -> NDArray[np.int64]:
    mantissa, exponent = _parts(columns)
    powers = np.array([pow(2, e, _PRIME) for e in range(int(exponent.max(initial=0)) + 1)])
    return mantissa % _PRIME * powers[exponent] % _PRIME


def _integers(columns: Array) -> Any:
    mantissa, exponent = _parts(columns)
    return mantissa.astype(object) << exponent.astype(object)
