"""Certifying a point: ``(problem, coef, intercept, theta) -> Certificate``, everything recomputed from the data.

The dual value comes from the best multiplier at hand: the gradient at the point, made feasible; the solver's own; and,
should that not certify the point, the multiplier of the optimum on its support.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from ..arrays.arguments import one_number, require_feature_order, require_tolerance, vector
from ..arrays.design_matrix import Array, overflow_is_no_event
from ..errors import InputError
from ..problems.problem import Problem, require_problem
from . import rounding_bounds
from .certificate import Certificate
from .dual_points import DualPoint, admissible, balanced, candidates, feasible, relative_gap, shrunk
from .newton_on_support import polish

_LARGEST_POLISHED = 500  # features


@overflow_is_no_event
def certify(
    problem: Problem,
    coef: ArrayLike,
    intercept: ArrayLike | None = None,
    theta: ArrayLike | None = None,
    *,
    tol: float = 1e-8,
) -> Certificate:
    """Certify anyone's coefficients: bound their distance from the optimum and check every condition.

    Parameters
    ----------
    problem : Problem
    coef : array of shape (p,)
    intercept : float, optional
        The best one for ``coef`` if not given; also an array of one entry, as scikit-learn's ``intercept_`` may be.
    theta : array of shape (n,), optional
        A dual point; any will do, as it is projected and shrunk until it is feasible.
    tol : float
        The relative gap up to which a point counts as optimal.

    Returns
    -------
    Certificate

    Raises
    ------
    InputError
        For coefficients or a theta of the wrong length or not finite, or an intercept the problem lacks.

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
    """`certify` for points of one problem at several lam, in few passes over X for all of them.

    The points are triples (problem, coef, intercept), whose problems differ in lam alone, as `Problem.with_lam` gives.
    """
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
    """The certificate of checked input with ``(X - 1 m') w`` known, and perhaps the dual point that it suggests.

    All is computed for the centred problem, whose objectives and dual values are those of the problem itself.
    """
    stated, problem = problem, problem.centred
    constant = stated.centring.constant(w, b)
    u = fitted + constant
    primal = problem.loss_value(u) + problem.penalty_value(w)
    suggested = candidates(problem, w, u) if own is None else []
    points = [feasible(problem, theta) for theta in suggested] if own is None else [own]
    if problem.scale == 0:  # the multiplier of an exact fit is free of rounding, beside which nothing is small
        points.append(feasible(problem, np.zeros_like(u)))
    multiplier = problem.theta(u)
    exact = balanced(problem, multiplier) and points[0].shrunk_by > 0
    if exact and not np.any(problem.unpenalised | problem.penalty.excluded):
        z = points[0].z / points[0].shrunk_by  # the projection left theta as it is
    else:
        z = problem.centring.correlate(multiplier) + problem.centring.mean * multiplier.sum()
    if given is not None and (
        points[0].shrunk_by == 0 or np.abs(given - suggested[0]).max() > 1e-12 * np.abs(given).max()
    ):  # new
        points.append(feasible(problem, given))
    # what counts is the value that is proven: several may be equal but for their rounding
    bounded = [(point, rounding_bounds.dual_bound(problem, point)) for point in points]
    best, bound = max(bounded, key=lambda pair: (pair[0].value - pair[1].error, pair[0].value))
    if problem.loss.kinked:
        multiplier, z = best.theta, best.z
    elif tol * problem.scale < primal - best.value < np.inf:
        best = _sharper(problem, w, constant - float(problem.centring.mean @ w), best)
        bound = rounding_bounds.dual_bound(problem, best)
    gap = primal - best.value if np.isfinite(primal) and np.isfinite(best.value) else np.inf
    error = np.inf
    if np.isfinite(gap):
        error = (
            rounding_bounds.primal_error(problem, w, constant, u) + bound.error + rounding_bounds.gamma(4) * abs(gap)
        )
    return Certificate(
        problem=stated,
        coef=w.copy(),  # the caller's or the solver's may change
        intercept=b,
        theta=best.theta,
        primal=primal,
        dual=best.value,
        gap=gap,
        rounding=error,
        relative_gap=relative_gap(problem, gap),
        intercept_gradient=-float(multiplier.sum()) if problem.intercept else np.nan,
        tol=tol,
        _point=best,
        _bound=bound,
        _u=u,
        _z=np.where(np.isfinite(z), z, 0.0),
    )


def _sharper(problem: Problem, coef: Array, intercept: float, best: DualPoint) -> DualPoint:
    """The multiplier of the optimum on the support of ``coef``, if its dual value is the higher.

    Far from the optimum the rescaled gradient is a poor multiplier, and most of the gap is its fault, not the point's.
    """
    if np.count_nonzero(coef) > min(problem.shape[0], _LARGEST_POLISHED):
        return best
    polished = polish(problem, coef, intercept, np.zeros(problem.shape[0], dtype=bool))
    return best if polished is None else max(best, feasible(problem, polished[2]), key=lambda point: point.value)


def _checked_intercept(problem: Problem, coef: Array, intercept: ArrayLike | None, fitted: Array) -> float:
    if intercept is None:
        return problem.centred.best_intercept(fitted) - problem.centring.constant(coef, 0.0)
    b = one_number("intercept", intercept)
    if b != 0 and not problem.intercept:
        raise InputError(f"intercept: found {b!r}; the problem was stated with intercept=False")
    return b
