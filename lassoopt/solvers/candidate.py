"""A candidate answer on a solver's way is evaluated here: its objective and its true gap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays.design_matrix import Array
from ..certificates.certificate import Certificate
from ..certificates.dual_points import admissible, balanced, feasible, relative_gap, shrunk
from ..problems.problem import Problem


@dataclass(frozen=True)
class Point:
    """A point is a candidate answer in the original variables, with its objective and true relative gap.

    It has its certificate where that is what the gap is from.
    """

    coef: Array
    intercept: float
    theta: Array
    objective: float
    gap: float
    certificate: Certificate | None = None


def evaluate(problem: Problem, coef: Array, intercept: float | None, theta: Array) -> Point:
    """Make a point, with its objective and relative gap, and with the best intercept if none is given."""
    inner, centring = problem.centred, problem.centring
    u = centring.predict(coef)
    if intercept is None:
        intercept = inner.best_intercept(u) - centring.constant(coef, 0.0)
    constant = centring.constant(coef, intercept)
    return evaluate_at(inner, coef, intercept, theta, u + constant)


def evaluate_at(
    problem: Problem, coef: Array, intercept: float, theta: Array, u: Array, z: Array | None = None
) -> Point:
    """Do as `evaluate` where the prediction ``u = X w + b`` is known, and perhaps ``z = X' theta``."""
    objective = objective_at(problem, coef, u)
    if z is None or problem.unpenalised.any() or not balanced(problem, theta):
        dual = feasible(problem, theta)
    else:  # theta is admissible up to a factor
        admitted, factor = admissible(problem, theta)
        dual = shrunk(problem, admitted, factor, factor * z)
    gap = relative_gap(problem, objective - dual.value)
    return Point(coef, intercept, theta, objective, gap)


def objective_at(problem: Problem, coef: Array, u: Array) -> float:
    """Compute the objective where the prediction is known; inf where it overflows."""
    with np.errstate(over="ignore", invalid="ignore"):
        value = problem.loss_value(u) + problem.penalty_value(coef)
    return value if np.isfinite(value) else np.inf
