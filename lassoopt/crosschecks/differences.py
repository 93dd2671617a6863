"""`differences` compares two answers to one problem in units that do not depend on anybody's choice of columns.

Predictions are measured in units of ``scale / |theta_0|_1``, the null model's excess loss over its total slope (for
least squares, about the standard deviation of y); weights by what they move predictions, ``spread_j |dw_j|``;
multipliers in units of the null model's theta_0. A relative gap of tol leaves predictions and multipliers free by about
``sqrt(tol)`` in these units, so two answers are *the same* if they differ by at most the sum of the roots of their
tolerances.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ..arrays.design_matrix import Array
from ..certificates.dual_points import feasible, relative_gap, slopes_of
from ..problems.problem import Problem
from ..solvers.solution import Solution


@dataclass(frozen=True)
class Differences:
    """These are the largest differences between any two answers, in the units of this module.

    Attributes
    ----------
    coef : float
        ``max_j spread_j |dw_j|``.
    intercept : float
        The difference of mean predictions, ``|db + mean' dw|``; it is 0 without an intercept.
    fit : float
        The difference of predictions, as a root mean square.
    theta : float
        The difference of the multipliers that the solvers returned.
    same_sign : float
        The least share of samples on which the multipliers have the same sign, among those where one of them is not
        nearly 0: it differs from 0 by more than ``same``, relative to the largest.
    same : float
        Up to this, answers count as the same: the sum of the roots of the two tolerances.
    """

    coef: float
    intercept: float
    fit: float
    theta: float
    same_sign: float
    same: float


def weight_differences(problem: Problem, a: Solution, b: Solution) -> Array:
    """Return ``spread_j |dw_j|`` in units of the prediction, shape (p,); a constant column counts by its norm."""
    sizes = np.where(problem.constant_columns, problem.columns.norm, problem.column_sizes)
    return sizes * np.abs(a.coef - b.coef) / _prediction_unit(problem)


def _prediction_unit(problem: Problem) -> float:
    steepness = float(np.abs(problem.null.theta).sum())
    unit = np.sqrt(problem.s.sum()) * problem.scale / steepness if steepness > 0 else 0.0
    return float(unit) or 1.0


def _theta_size(problem: Problem, theta: Array) -> float:
    """Return ``sqrt(sum_i theta_i^2 / s_i)`` in units of that of the null model."""
    size, of_null = (float(np.sqrt(problem.s @ slopes_of(problem, t) ** 2)) for t in (theta, problem.null.theta))
    return size / (of_null or 1.0)


def largest_differences(problem: Problem, answers: Sequence[Solution]) -> Differences:
    """Return the largest differences over all pairs of answers."""
    pairs = [_differences(problem, a, b) for a, b in combinations(answers, 2)]
    names = "coef", "intercept", "fit", "theta", "same"
    largest = {name: max(getattr(pair, name) for pair in pairs) for name in names}
    return Differences(**largest, same_sign=min(pair.same_sign for pair in pairs))


def _differences(problem: Problem, a: Solution, b: Solution) -> Differences:
    unit, total = _prediction_unit(problem), float(problem.s.sum())
    same = float(np.sqrt(a.certificate.tol) + np.sqrt(b.certificate.tol))
    fit = problem.predict(a.coef - b.coef, a.intercept - b.intercept)
    slopes = np.array([slopes_of(problem, answer.theta) for answer in (a, b)])
    clear = np.abs(slopes).max(axis=0) > same * np.abs(slopes).max()
    return Differences(
        coef=float(weight_differences(problem, a, b).max()),
        intercept=abs(float(problem.s @ fit)) / np.sqrt(total) / unit if problem.intercept else 0.0,
        fit=float(np.sqrt(problem.s @ fit**2)) / unit,
        theta=_theta_size(problem, a.theta - b.theta),
        same_sign=float(np.mean(slopes.prod(axis=0)[clear] > 0)) if clear.any() else 1.0,
        same=same,
    )


def theta_gap(problem: Problem, answer: Solution) -> float:
    """Return the relative gap between the solver's own point and its own multipliers."""
    return relative_gap(problem, answer.certificate.primal - feasible(problem.centred, answer.theta).value)


def theta_error(problem: Problem, answer: Solution) -> float:
    """Return how far the solver's multipliers are from ``-dLoss/du`` at its weights; nan if the loss has kinks."""
    if problem.loss.kinked:
        return np.nan
    return _theta_size(problem, answer.theta - problem.theta(problem.predict(answer.coef, answer.intercept)))
