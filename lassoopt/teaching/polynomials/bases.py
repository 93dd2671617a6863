"""`bases` makes features of polynomial bases, and computes their condition number."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.polynomial import Chebyshev, Legendre, Polynomial
from numpy.typing import ArrayLike, NDArray

from ...arrays.arguments import choice, numeric_array, whole_number
from ...arrays.design_matrix import Array
from ...arrays.precision import CONSTANT, EPS

Series = Polynomial | Chebyshev | Legendre
BASES: dict[str, type[Series]] = {"monomial": Polynomial, "chebyshev": Chebyshev, "legendre": Legendre}


def features(x: ArrayLike, degree: int, basis: str = "monomial") -> tuple[Array, tuple[str, ...]]:
    """Return the basis polynomials of degree 1 to ``degree`` at x, and their names; the intercept is the constant one.

    Parameters
    ----------
    x : array of shape (n,)
    degree : int >= 1
        A model of degree 0 has no features, only the intercept.
    basis : {"monomial", "chebyshev", "legendre"}

    Returns
    -------
    X : array of shape (n, degree)
    names : tuple of str
        They are like "x^3", "T_3(x)" or "P_3(x)".

    Raises
    ------
    InputError
        If x is not finite, the degree is below 1, or the basis is unknown.

    Examples
    --------
    >>> features([0.5, -1.0], 3)
    (array([[ 0.5  ,  0.25 ,  0.125],
           [-1.   ,  1.   , -1.   ]]), ('x^1', 'x^2', 'x^3'))
    """
    points = numeric_array("x", x, 1)
    degrees = range(1, whole_number("degree", degree, 1) + 1)
    kind = BASES[choice("basis", basis, BASES)]
    names = (f"x^{k}" if kind is Polynomial else f"{kind.basis_name}_{k}(x)" for k in degrees)
    return np.column_stack([kind.basis(k)(points) for k in degrees]), tuple(names)


def condition_number(X: ArrayLike) -> float:
    """Return the largest over the smallest singular value of the columns, each centred and divided by its norm.

    Centring is what the intercept does; the scaling takes out units, and is within ``sqrt(p)`` of the one with the
    least condition number (van der Sluis 1969). If least squares fits well, rounding errors in its weights grow by
    about this factor. It is inf if the columns are dependent to working precision, as when they are as many as rows.

    Examples
    --------
    >>> condition_number([[1.0, 5.0], [-1.0, 5.0], [1.0, 7.0], [-1.0, 7.0]])
    1.0
    """
    matrix = numeric_array("X", X, 2)
    centred = matrix - matrix.mean(axis=0)
    norm = np.linalg.norm(centred, axis=0)
    if np.any(norm <= CONSTANT * np.linalg.norm(matrix, axis=0)):
        return np.inf
    singular = np.linalg.svd(centred / norm, compute_uv=False)
    return float(singular[0] / singular[-1]) if singular[-1] > max(matrix.shape) * EPS * singular[0] else np.inf


@dataclass(frozen=True, eq=False, repr=False)
class Conditioning:
    """`numbers` holds the `condition_number` of the features by degree, for every basis, at the same ``n`` points."""

    degrees: NDArray[np.int_]
    numbers: dict[str, Array]
    n: int

    def __repr__(self) -> str:
        last = ", ".join(f"{basis} {numbers[-1]:.3g}" for basis, numbers in self.numbers.items())
        return f"Conditioning({self.n} points; at degree {self.degrees[-1]}: {last})"


def conditioning(max_degree: int = 20, *, n: int = 200, seed: int = 0) -> Conditioning:
    """Compute condition numbers of degree 1 to ``max_degree`` at n points drawn uniformly from [-1, 1].

    Examples
    --------
    >>> numbers = conditioning(15).numbers
    >>> bool(numbers["monomial"][-1] > 1e5), bool(numbers["legendre"][-1] < 10)
    (True, True)
    """
    degrees = np.arange(1, whole_number("max_degree", max_degree, 1) + 1)
    x = np.random.default_rng(whole_number("seed", seed, 0)).uniform(-1, 1, whole_number("n", n, 2))
    numbers = {}
    for basis in BASES:
        X = features(x, max_degree, basis)[0]
        numbers[basis] = np.array([condition_number(X[:, :degree]) for degree in degrees])
    return Conditioning(degrees, numbers, n)
