"""`certify` turns (problem, coef, intercept, theta) into a `Certificate`; it recomputes everything from the data.

`dual_choice` finds the dual point. With the point itself it is the `Evidence`, which determines the rest.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from ..arrays.arguments import one_number, require_feature_order, require_tolerance, vector
from ..arrays.design_matrix import Array, overflow_is_no_event
from ..errors import InputError
from ..problems.problem import Problem, require_problem
from .certificate import Certificate
from .dual_choice import dual_points_at, most_proving, sharpened
from .dual_points import DualPoint, admissible, balanced, candidates, feasible, shrunk
from .evidence import Evidence
from .rounding_bounds import dual_bound

_LARGEST_SEARCHED = 1_000_000  # entries of X; in larger ones a given multiplier that proves what is asked for is enough


@overflow_is_no_event
def certify(
    problem: Problem,
    coef: ArrayLike,
    intercept: ArrayLike | None = None,
    theta: ArrayLike | None = None,
    *,
    tol: float = 1e-8,
) -> Certificate:
    """Certify anyone's coefficients: bound how far their objective is from the optimum, and check every condition.

    Parameters
    ----------
    problem : Problem
    coef : array of shape (p,)
    intercept : float, optional
        If it is not given, the best one for ``coef``. It may be an array of one entry, as in scikit-learn.
    theta : array of shape (n,), optional
        A dual point. Any will do, as it is projected and shrunk until it is feasible.
    tol : float
        The relative gap up to which a point counts as optimal.

    Returns
    -------
    Certificate

    Raises
    ------
    InputError
        If coef or theta has the wrong length or is not finite, or the problem has no intercept but one is given.

    Examples
    --------
    >>> problem = Problem([[1.0], [2.0], [3.0]], [1.0, 2.0, 3.0], lam=1.0)
    >>> certify(problem, [0.0]).certified
    True
    """
    problem = require_problem(problem)
    require_tolerance(tol)
    n, p = problem.shape
    w = vector("coef", coef, p, f"X has {p} columns")
    require_feature_order("coef", coef, problem.feature_names)
    given = None if theta is None else vector("theta", theta, n, f"X has {n} rows").copy()
    fitted = problem.centring.predict(w)
    b = _checked_intercept(problem, w, intercept, fitted)
    return _certify(problem, w, b, given, tol, fitted)


@overflow_is_no_event
def certify_along(points: Sequence[tuple[Problem, Array, float]], *, tol: float) -> list[Certificate]:
    """Certify several points (problem, coef, intercept), whose problems differ in lam alone, in few passes over X."""
    if not points or points[0][0].loss.kinked:
        return [certify(*point, tol=tol) for point in points]
    centring = points[0][0].centring
    fitted = centring.predict(np.array([w for _, w, _ in points]).T)
    thetas = [
        admissible(problem.centred, candidates(problem.centred, w, u + centring.constant(w, b))[0])
        for (problem, w, b), u in zip(points, fitted.T, strict=True)
    ]
    z = centring.correlate(np.array([theta for theta, _ in thetas]).T)
    return [
        _certify(*point, None, tol, fitted[:, k], shrunk(point[0].centred, *thetas[k], z[:, k]))
        for k, point in enumerate(points)
    ]


def _certify(
    problem: Problem, w: Array, b: float, given: Array | None, tol: float, fitted: Array, own: DualPoint | None = None
) -> Certificate:
    """Certify checked input; ``fitted`` is ``(X - 1 m') w``, and ``own`` the dual point it suggests, if known."""
    centred, constant = problem.centred, problem.centring.constant(w, b)
    u = fitted + constant
    coef = w.copy()  # the caller's or the solver's may change
    if given is not None and centred.loss.kinked:  # other multipliers are linear programs
        point = feasible(centred, given)
        total, bound = float(point.theta.sum()), dual_bound(centred, point)
        evidence = Evidence(centred, coef, constant, u, point.z, total, point, bound)
        closed = evidence.gap <= evidence.rounding or math.prod(problem.shape) > _LARGEST_SEARCHED
        if closed and evidence.proven_gap <= tol * centred.scale:
            return Certificate(problem, b, tol, evidence)
    points = [own] if own is not None else dual_points_at(centred, w, u, given)
    point, bound = most_proving(centred, points)
    z, total = (point.z, float(point.theta.sum())) if centred.loss.kinked else _pulls(centred, u, points[0])
    evidence = Evidence(centred, coef, constant, u, np.where(np.isfinite(z), z, 0.0), total, point, bound)
    if not centred.loss.kinked and tol * centred.scale < evidence.gap < np.inf:
        evidence = sharpened(evidence)
    return Certificate(problem, b, tol, evidence)


def _pulls(problem: Problem, u: Array, own: DualPoint) -> tuple[Array, float]:
    """Return ``-dLoss/dw`` and ``-dLoss/db`` at u; ``own`` is the dual point made of the same multiplier."""
    multiplier = problem.theta(u)
    total = float(multiplier.sum())
    plain = not np.any(problem.unpenalised | problem.penalty.excluded)
    if plain and own.shrunk_by > 0 and balanced(problem, multiplier):
        return own.z / own.shrunk_by, total  # the projection left the multiplier as it is
    return problem.centring.correlate(multiplier) + problem.centring.mean * total, total


def _checked_intercept(problem: Problem, coef: Array, intercept: ArrayLike | None, fitted: Array) -> float:
    if intercept is None:
        return problem.centred.best_intercept(fitted) - problem.centring.constant(coef, 0.0)
    b = one_number("intercept", intercept)
    if b != 0 and not problem.intercept:
        raise InputError(f"intercept: found {b!r}; the problem was stated with intercept=False")
    return b
