"""`path` solves the problem along a falling sequence of lam, each answer starting from the last.

    lambda_1 = lambda_max > lambda_2 > ... > lambda_m = eps * lambda_max,  evenly spaced in their logarithm

(Friedman, Hastie & Tibshirani, Regularization paths for generalized linear models, 2010, sec. 2.5.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from ..arrays.arguments import nonnegative_number, numeric_array, positive_number, require_tolerance, whole_number
from ..arrays.design_matrix import Array
from ..caching import cached_property
from ..certificates.certificate import Certificate
from ..errors import InputError
from ..problems.problem import Problem, require_problem
from ..solvers.methods import solve_along
from ..solvers.solution import Solution
from . import figure
from .refinement import gaps_between, own_gaps, refined
from .words import path_dict, path_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, repr=False)
class Path:
    """A path holds certified solutions along lam, from the largest to the smallest.

    Attributes
    ----------
    problem : Problem
    lambdas : array of shape (m,)
    solutions : tuple of m Solution
    """

    problem: Problem
    lambdas: Array
    solutions: tuple[Solution, ...]

    @cached_property
    def coefs(self) -> Array:
        """Return the weights, shape (m, p)."""
        return np.array([solution.coef for solution in self.solutions])

    @cached_property
    def intercepts(self) -> Array:
        """Return the intercepts, shape (m,)."""
        return np.array([solution.intercept for solution in self.solutions])

    @property
    def certificates(self) -> tuple[Certificate, ...]:
        """Return the certificate at each lam."""
        return tuple(solution.certificate for solution in self.solutions)

    @cached_property
    def correlations(self) -> Array:
        """Return ``-dLoss/dw_j = x_j' theta`` at each lam, shape (m, p); it is inside +-lam_j while ``w_j = 0``."""
        points = zip(self.coefs, self.intercepts, strict=True)
        return np.array([-self.problem.gradient(coef, intercept) for coef, intercept in points])

    @cached_property
    def gap_between(self) -> Array:
        """Return bounds on the relative gap of `at` between neighbouring lam, rounding included, shape (m - 1,)."""
        return gaps_between(self.problem, self.solutions)

    @property
    def gap_everywhere(self) -> float:
        """Return a bound on the relative gap of `at` for *every* lam from the first to the last, rounding included.

        `gap_between_points` derives it.
        """
        return float(max([*own_gaps(self.problem, self.solutions), *self.gap_between]))

    def at(self, lam: float) -> tuple[Array, float]:
        """Return ``(coef, intercept)`` at any lam from the first to the last, interpolated between its neighbours.

        Raises
        ------
        InputError
            If lam lies outside of the path.
        """
        lam, (top, *_, bottom) = nonnegative_number("lam", lam), [*self.lambdas, self.lambdas[-1]]
        if not bottom <= lam <= top:
            allowed = f"allowed are numbers from {bottom:g} to {top:g}, the ends of the path"
            raise InputError(f"lam: found {lam!r}; {allowed}")
        k = min(int(np.searchsorted(-self.lambdas, -lam)), len(self) - 1)  # the first at or below lam
        j = max(k - 1, 0)
        share = 0.0 if j == k else (lam - self.lambdas[k]) / (self.lambdas[j] - self.lambdas[k])
        coef = share * self.solutions[j].coef + (1 - share) * self.solutions[k].coef
        return coef, float(share * self.intercepts[j] + (1 - share) * self.intercepts[k])

    def refine(self, tol: float, *, callback: Callable[[Solution], Any] | None = None) -> Path:
        """Add lam until `gap_everywhere` is at most ``tol``, and return that path; see `refinement`.

        Points whose own gap is above half of ``tol`` are solved again, once. Where two neighbours' own gaps still take
        up all of ``tol``, as when it is below what rounding allows, points in between cannot help: that interval is
        left as it is, and `gap_everywhere` says so. Ctrl-C returns the path with what was added so far.

        Parameters
        ----------
        tol : float
        callback : callable, optional
            It is called with each new `Solution`, as for showing progress.

        Raises
        ------
        InputError
            If tol is not a number between 0 and 1.
        """
        require_tolerance(tol)
        found = refined(self.problem, self.solutions, tol, callback)
        if found == self.solutions:
            return self
        return Path(self.problem, np.array([solution.certificate.problem.lam for solution in found]), found)

    def as_dict(self) -> dict[str, Any]:
        """Return the path as plain numbers, strings and lists, which can be written as JSON."""
        return path_dict(self.certificates, self.gap_everywhere)

    def __str__(self) -> str:
        return path_text(self.certificates, self.gap_everywhere)

    def plot(self, ax: Sequence[Axes] | None = None) -> list[Axes]:
        """Draw `plots.path`: the weights, and their correlations beneath."""
        return figure.path(self, ax)

    @property
    def certified(self) -> bool:
        """Return whether every point is certified."""
        return all(certificate.certified for certificate in self.certificates)

    def __len__(self) -> int:
        return len(self.solutions)

    def __repr__(self) -> str:
        known = "all certified" if self.certified else "not all certified"
        first, last = self.lambdas[0], self.lambdas[-1]
        support = np.count_nonzero(self.coefs, axis=1)
        return (
            f"Path({len(self)} lam from {first:.4g} to {last:.4g}, {support.min()} to {support.max()} of "
            f"{self.coefs.shape[1]} weights nonzero, {known})"
        )


def lambda_grid(problem: Problem, n_lambdas: int = 100, eps: float = 1e-2) -> Array:
    """Return ``n_lambdas`` values from lambda_max to ``eps * lambda_max``, evenly spaced in their logarithm.

    Raises
    ------
    InputError
        If lambda_max is 0 or infinite, so that no sequence starts there.
    """
    whole_number("n_lambdas", n_lambdas, 1)
    if positive_number("eps", eps) >= 1:
        raise InputError(f"eps: found {eps!r}; allowed is a number above 0 and below 1")
    top = problem.lambda_max
    if not 0 < top < np.inf:
        why = "is 0, as no feature improves on the null model" if top == 0 else f"is {top:g}"
        raise InputError(f"lambdas: not given, and lambda_max {why}, so no sequence starts there; give lambdas")
    return top * np.geomspace(1.0, eps, n_lambdas)


def falling_lambdas(problem: Problem, lambdas: ArrayLike | None, n_lambdas: int, eps: float) -> Array:
    """Return the lam given, in falling order, or those of `lambda_grid` if None are; `path` says what is raised."""
    if lambdas is None:
        return lambda_grid(problem, n_lambdas, eps)
    grid = np.sort(numeric_array("lambdas", lambdas, 1))[::-1]
    if grid[-1] < 0 or np.any(grid[1:] == grid[:-1]):
        raise InputError(f"lambdas: found {lambdas!r}; allowed are distinct numbers >= 0")
    return grid


def path(
    problem: Problem,
    lambdas: ArrayLike | None = None,
    *,
    n_lambdas: int = 100,
    eps: float = 1e-2,
    tol: float = 1e-8,
    callback: Callable[[Solution], Any] | None = None,
) -> Path:
    """Solve along a sequence of lam, warm-started and certified at each.

    Parameters
    ----------
    problem : Problem
        The problem, which needs no lam; its own plays no part.
    lambdas : array, optional
        Distinct numbers >= 0, in any order; if they are not given, `lambda_grid` chooses them.
    n_lambdas, eps : int, float
        The arguments of `lambda_grid`.
    tol : float
        The relative duality gap asked for at each lam.
    callback : callable, optional
        It is called with each `Solution`, as for showing progress.

    Returns
    -------
    Path
        After Ctrl-C it is the finished part.

    Raises
    ------
    InputError
        If lambdas is empty, repeats a number or holds one that is negative or not finite.
    KeyboardInterrupt
        If Ctrl-C came before the first solution.

    Examples
    --------
    >>> problem = Problem([[1.0], [2.0], [3.0]], [1.0, 2.0, 3.0])
    >>> path(problem, [0.5, 0.1]).coefs.round(6).tolist()
    [[0.25], [0.85]]
    """
    problem = require_problem(problem)
    grid = falling_lambdas(problem, lambdas, n_lambdas, eps)
    solutions: list[Solution] = []
    try:
        for solution in solve_along(problem, grid, tol=tol):
            solutions.append(solution)
            if callback is not None:
                callback(solution)
    except KeyboardInterrupt:
        if not solutions:
            raise
    return Path(problem, grid[: len(solutions)].copy(), tuple(solutions))
