"""`scenarios` has models of higher, equal and lower degree than the truth, and fits them without and with L1."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from ...arrays.arguments import choice, whole_number
from ...arrays.design_matrix import Array
from ...caching import cached_property
from ...certificates.certification import certify
from ...errors import InputError
from ...problems.problem import Problem
from ...solvers.methods import solve
from ...solvers.solution import History, Solution, Status
from .bases import BASES, Series, features
from .data import PolynomialData, generate, variance_above


@dataclass(frozen=True)
class Setting:
    """A setting is a scenario before any data: the truth's degree, and how the model's degree compares with it.

    Attributes
    ----------
    true_degree : int
    relation : {"above", "equal to", "below"}
        How the model's degree compares with the true one.
    model_degrees : tuple of int
        The degrees that the lessons use; the first is the default.
    """

    true_degree: int
    relation: str
    model_degrees: tuple[int, ...]


SCENARIOS = {
    "overfitting": Setting(2, "above", (5, 15)),
    "exact": Setting(2, "equal to", (2,)),
    "underfitting": Setting(20, "below", (3,)),
}
_RELATIONS: dict[str, Callable[[int, int], bool]] = {
    "above": operator.gt,
    "equal to": operator.eq,
    "below": operator.lt,
}
_LEAST_TRUE = {"above": 0, "equal to": 1, "below": 2}  # least true degrees; a model has a degree >= 1


@dataclass(frozen=True, eq=False, repr=False)
class Scenario:
    """A scenario is a polynomial model of data whose truth is known, with its fits without and with the penalty.

    Attributes
    ----------
    name : str
        A name in `SCENARIOS`.
    data : PolynomialData
        The points, with the truth.
    basis : str
        A name in `BASES`.
    problem : Problem
        The problem of the model's features, at lam.
    """

    name: str
    data: PolynomialData
    basis: str
    problem: Problem

    @cached_property
    def least_squares(self) -> Solution:
        """Fit without the penalty, by the singular value decomposition."""
        return _least_squares(self.problem.with_lam(0.0))

    @cached_property
    def lasso(self) -> Solution:
        """Fit with the penalty, at the problem's lam."""
        return solve(self.problem)

    @property
    def degree(self) -> int:
        """Return the degree of the model."""
        return self.problem.shape[1]

    @cached_property
    def true_weights(self) -> Array:
        """Return the truth's weights on the model's features, shape (p,); they are 0 on those that the truth lacks."""
        weights = np.asarray(self.data.truth.convert(kind=BASES[self.basis]).coef[1:], dtype=np.float64)
        return np.pad(weights, (0, max(self.degree - len(weights), 0)))[: self.degree]

    def polynomial(self, fit: Solution) -> Series:
        """Return the fitted curve, in the model's basis."""
        return BASES[self.basis]([fit.intercept, *fit.coef])

    def train_error(self, fit: Solution) -> float:
        """Return the mean squared error at the points that were fitted."""
        return float(np.mean((self.data.y - self.polynomial(fit)(self.data.x)) ** 2))

    def test_error(self, fit: Solution) -> float:
        """Return the mean squared error at the test points; even for the truth it is ``noise^2`` on average."""
        return float(np.mean((self.data.y_test - self.polynomial(fit)(self.data.x_test)) ** 2))

    @property
    def error_floor(self) -> float:
        """Return the least test error, on average, of any polynomial of the model's degree.

        It is the variance of the noise, plus that of the truth's part that no such polynomial can follow.
        """
        return self.data.noise**2 + variance_above(self.data.truth, self.degree)

    def __repr__(self) -> str:
        return (
            f"Scenario({self.name}: true degree {self.data.degree}, model degree {self.degree}, {self.basis} basis, "
            f"{len(self.data.x)} points, lam {self.problem.lam:g})"
        )


def scenario(
    name: str,
    *,
    true_degree: int | None = None,
    model_degree: int | None = None,
    basis: str = "monomial",
    n: int = 30,
    noise: float | str = "strong",
    lam: float = 0.05,
    seed: int = 0,
) -> Scenario:
    """Draw the data of a scenario and state its model.

    Parameters
    ----------
    name : {"overfitting", "exact", "underfitting"}
    true_degree, model_degree : int, optional
        If not given, they are those of the scenario. The model's is above the true one for overfitting, equal to it for
        exact, below it for underfitting.
    basis : {"monomial", "chebyshev", "legendre"}
    n, noise, seed
        These are arguments of `generate`.
    lam : float >= 0

    Raises
    ------
    InputError
        If name or basis is unknown, the degrees do not make the scenario, or `generate` refuses an argument. A true
        degree is at least 1 for exact and 2 for underfitting, as a model's is at least 1.

    Examples
    --------
    >>> found = scenario("overfitting", model_degree=15)
    >>> found
    Scenario(overfitting: true degree 2, model degree 15, monomial basis, 30 points, lam 0.05)
    >>> [int(np.count_nonzero(fit.coef)) for fit in (found.least_squares, found.lasso)]
    [15, 2]
    """
    setting = SCENARIOS[choice("name", name, SCENARIOS)]
    least = _LEAST_TRUE[setting.relation]
    true = setting.true_degree if true_degree is None else whole_number("true_degree", true_degree, least)
    usual = true if setting.relation == "equal to" else setting.model_degrees[0]
    degree = usual if model_degree is None else whole_number("model_degree", model_degree, 1)
    if not _RELATIONS[setting.relation](degree, true):
        wanted = f"allowed for {name!r} is a whole number >= 1 {setting.relation} the true degree {true}"
        found = f"found {degree}" if model_degree is not None else f"not given, and by default {degree}"
        raise InputError(f"model_degree: {found}; {wanted}")
    data = generate(true, n=n, noise=noise, seed=seed)
    X, names = features(data.x, degree, basis)
    return Scenario(name, data, basis, Problem(X, data.y, lam, feature_names=names))


def _least_squares(problem: Problem) -> Solution:
    """Fit without penalty, by the singular value decomposition of the centred columns, scaled to norm 1.

    It is backward stable (Golub & Van Loan, Matrix Computations, sec. 5.3), where the normal equations square the
    condition number; and it has no stopping rule that could decide whether a weight is zero. Where there are many
    solutions, as for more features than points, it takes the one with the least scaled weights.
    """
    start = perf_counter()
    X, y = np.asarray(problem.X), problem.y
    centre = X.mean(axis=0)
    norm = np.linalg.norm(X - centre, axis=0)
    unit = np.where(norm > 0, norm, 1.0)
    coef = np.linalg.lstsq((X - centre) / unit, y - y.mean(), rcond=None)[0] / unit
    intercept = float(y.mean() - centre @ coef)
    seconds = perf_counter() - start
    certificate = certify(problem, coef, intercept)
    status = Status.OPTIMAL if certificate.certified else Status.INACCURATE
    theta = problem.theta(problem.predict(coef, intercept))
    return Solution(coef, intercept, theta, status, certificate, History.of([]), "lstsq", 0, seconds)
