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
from ..problems.moments import moments_pay
from ..problems.problem import Problem, require_problem
from .certificate import Certificate
from .dual_choice import dual_points_at, most_proving, sharpened
from .dual_points import DualPoint, admissible, feasible, gradient_multiplier, shrunk
from .evidence import DeferredEvidence, Evidence, GradientEvidence
from .proof_by_moments import gap_bounds
from .rounding_bounds import ROUGH, DualBound, dual_bound, gamma, primal_error

_AT_ONCE = 2**16  # entries of the matrices whose rows are certified together: so many stay in the processor's cache

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
    w = vector("coef", coef, p, f"X has {p} columns").copy()  # the caller's or the solver's may change
    if hasattr(coef, "index"):
        require_feature_order("coef", coef, problem.feature_names)
    given = None if theta is None else vector("theta", theta, n, f"X has {n} rows").copy()
    centred, fitted = problem.centred, None
    if intercept is None:
        fitted = problem.centring.predict(w)
        b = centred.best_intercept(fitted) - problem.centring.constant(w, 0.0)
    else:
        b = _checked_intercept(problem, intercept)
    quick = _by_moments([(problem, w, b)], tol)[0] if given is None else None
    if quick is not None:
        return quick
    constant = problem.centring.constant(w, b)
    u = (problem.centring.predict(w) if fitted is None else fitted) + constant

    def by(point: DualPoint, bound: DualBound) -> Evidence:
        z = np.where(np.isfinite(point.z), point.z, 0.0)
        return Evidence(centred, w, constant, u, z, float(point.theta.sum()), point, bound)

    if given is not None and centred.loss.kinked:  # others are linear programs
        own = feasible(centred, given)
        closed = by(own, dual_bound(centred, own))
        shut = closed.gap <= closed.rounding or math.prod(problem.shape) > _LARGEST_SEARCHED
        if shut and closed.proven_gap <= tol * centred.scale:
            return Certificate(problem, b, tol, closed)
    points = dual_points_at(centred, w, u, given)
    if centred.loss.kinked:
        return Certificate(problem, b, tol, by(*most_proving(centred, points)))
    point = points[0] if len(points) == 1 and centred.scale > 0 else most_proving(centred, points)[0]
    evidence: Evidence = GradientEvidence(problem, w, constant, u, points[0], point)
    if tol * centred.scale < evidence.gap < np.inf:
        evidence = sharpened(evidence)
    return Certificate(problem, b, tol, evidence)


@overflow_is_no_event
def certify_along(
    points: Sequence[tuple[Problem, Array, float]], *, tol: float, sharpen: bool = True
) -> list[Certificate]:
    """Certify several points (problem, coef, intercept), whose problems differ in lam alone, as `certify` does.

    Those of a smooth loss are certified as the rows of matrices, in few passes over X and few calls. ``sharpen`` says
    whether to look for a better multiplier where a point is not certified, which takes longest.
    """
    if not points:
        return []
    quick = _by_moments(points, tol)
    left = [point for point, found in zip(points, quick, strict=True) if found is None]
    others = iter(_in_full(left, tol, sharpen) if left else [])
    return [next(others) if found is None else found for found in quick]


def _by_moments(points: Sequence[tuple[Problem, Array, float]], tol: float) -> list[Certificate | None]:
    """Certify those points of least squares that the moments of the data prove to be within tol."""
    first, lam = points[0][0], np.array([problem.lam for problem, _, _ in points])
    if not (moments_pay(first, len(points)) and lam.min() > 0):
        return [None] * len(points)
    coef = np.array([w for _, w, _ in points])
    constant = np.array([first.centring.constant(w, b) for _, w, b in points])
    bounds = gap_bounds(first.centred, coef, constant, lam).tolist()
    return [
        Certificate(problem, b, tol, DeferredEvidence(problem, w, about, bound)) if bound <= tol * first.scale else None
        for (problem, w, b), about, bound in zip(points, constant.tolist(), bounds, strict=True)
    ]


def _in_full(points: Sequence[tuple[Problem, Array, float]], tol: float, sharpen: bool) -> list[Certificate]:
    """Certify several points as the rows of matrices, or one by one where these do not fit."""
    first, lam = points[0][0], np.array([problem.lam for problem, _, _ in points])
    if first.loss.kinked or first.scale == 0 or not lam.min() > 0:
        return [certify(*point, tol=tol) for point in points]
    problem, coef = first.centred, np.array([w for _, w, _ in points])
    constant = np.array([first.centring.constant(w, b) for _, w, b in points])
    u = problem.centring.predict(coef) + constant[:, None]
    theta, shrunk_by = np.empty_like(u), np.empty_like(lam)
    step = max(1, _AT_ONCE // max(problem.shape))
    parts = [slice(k, k + step) for k in range(0, len(points), step)]
    for part in parts:
        theta[part], shrunk_by[part] = admissible(problem, gradient_multiplier(problem, u[part]))
    z = problem.centring.correlate(theta)
    certificates = []
    for part in parts:
        dual = shrunk(problem, theta[part], shrunk_by[part], z[part], lam[part])
        of_point = coef[part], constant[part], u[part]
        primal = problem.loss_value(u[part]) + problem.penalty_value(coef[part], lam[part])
        bound = dual_bound(problem, dual, lam[part], negligible=ROUGH)
        error = primal_error(problem, *of_point, lam[part]) + bound.error
        error += gamma(4) * np.abs(primal - dual.value)
        rounding = np.where(error < np.inf, error, np.inf)
        for k, (at_lam, _, b) in enumerate(points[part]):
            own, (w, about, fitted) = dual.row(k), (each[k] for each in of_point)
            evidence: Evidence = GradientEvidence(at_lam, w, float(about), fitted, own, own)
            vars(evidence).update(primal=float(primal[k]), rough_rounding=float(rounding[k]))
            if sharpen and tol * problem.scale < evidence.gap < np.inf:
                evidence = sharpened(evidence)
            certificates.append(Certificate(at_lam, b, tol, evidence))
    return certificates


def _checked_intercept(problem: Problem, intercept: ArrayLike) -> float:
    b = one_number("intercept", intercept)
    if b != 0 and not problem.intercept:
        raise InputError(f"intercept: found {b!r}; the problem was stated with intercept=False")
    return b
