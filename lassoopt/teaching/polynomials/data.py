"""`data` draws points of a true polynomial with a seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.polynomial import Chebyshev, Legendre

from ...arrays.arguments import choice, nonnegative_number, whole_number
from ...arrays.design_matrix import Array

NOISE = {"none": 0.0, "strong": 0.5}
N_TEST = 10_000  # so that a test error is known to about a percent


@dataclass(frozen=True, eq=False)
class PolynomialData:
    """The data are points of a true polynomial, with noise.

    Attributes
    ----------
    x, y : arrays of shape (n,)
        The points, in rising order of x.
    x_test, y_test : arrays of shape (N_TEST,)
        More points, drawn from the same law.
    truth : numpy.polynomial.Chebyshev
    noise : float
        The standard deviation of the noise, where that of the truth is 1.
    seed : int
    """

    x: Array
    y: Array
    x_test: Array
    y_test: Array
    truth: Chebyshev
    noise: float
    seed: int

    @property
    def degree(self) -> int:
        """Return the degree of the truth."""
        return self.truth.degree()

    def __repr__(self) -> str:
        return f"PolynomialData(degree {self.degree}, {len(self.x)} points, noise {self.noise:g}, seed {self.seed})"


def generate(degree: int, *, n: int = 30, noise: float | str = "strong", seed: int = 0) -> PolynomialData:
    """Draw a polynomial of the given degree, and points of it.

    Its Chebyshev weights get random signs and random sizes between 1/2 and 1, so that all degrees count (degree 2 is a
    parabola with its vertex in [-1/2, 1/2]; degree 20 wiggles). It is scaled to standard deviation 1 over [-1, 1].

    Parameters
    ----------
    degree : int >= 0
    n : int >= 2
        The number of points; x is drawn uniformly from [-1, 1].
    noise : {"none", "strong"} or float >= 0
        The standard deviation of the normal noise, where that of the truth is 1; "strong" is 1/2.
    seed : int >= 0
        The same seed gives the same truth whatever n, and the same x whatever the degree and the noise.

    Raises
    ------
    InputError

    Examples
    --------
    >>> generate(2, n=25, noise="none", seed=1)
    PolynomialData(degree 2, 25 points, noise 0, seed 1)
    """
    degree, n, seed = whole_number("degree", degree, 0), whole_number("n", n, 2), whole_number("seed", seed, 0)
    level = NOISE[choice("noise", noise, NOISE)] if isinstance(noise, str) else nonnegative_number("noise", noise)
    for_truth, for_x, for_noise, for_test = np.random.default_rng(seed).spawn(4)
    weights = for_truth.uniform(0.5, 1.0, degree + 1) * for_truth.choice([-1.0, 1.0], degree + 1)
    truth = Chebyshev(weights)
    if degree > 0:
        truth = truth / np.sqrt(variance_above(truth, 0))
    x, x_test = np.sort(for_x.uniform(-1, 1, n)), np.sort(for_test.uniform(-1, 1, N_TEST))
    y = truth(x) + level * for_noise.standard_normal(n)
    y_test = truth(x_test) + level * for_test.standard_normal(N_TEST)
    return PolynomialData(x, y, x_test, y_test, truth, level, seed)


def variance_above(truth: Chebyshev, degree: int) -> float:
    """Return the variance over [-1, 1] of the truth's part that no polynomial of this degree can follow.

    It is ``sum_{k > degree} c_k^2 / (2k + 1)`` with the Legendre weights c, by Parseval.
    """
    c = np.asarray(truth.convert(kind=Legendre).coef, dtype=np.float64)
    k = np.arange(len(c))
    return float(np.sum((c**2 / (2 * k + 1))[degree + 1 :]))
