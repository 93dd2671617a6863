"""A bound on the rounding error of a computed duality gap, so that "gap <= 3e-12" includes floating point.

Three facts carry it. An inner product of length n is off by at most ``gamma_n |x|'|y|``, ``gamma_n = n eps /
(1 - n eps)`` (Higham 2002, sec. 3.1). A convex loss moves by at most its steeper end slope. And the theta at
hand is a rounded version of an *exactly* feasible one, ``t_i theta_i`` with ``1 - t_i`` tiny: by convexity that
point's dual value is lower by at most ``(1 - t_i)`` times the distance to the trivial dual point 0.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import qr

from .design import Array, correlate, unit_roundoff, weighted
from .duality import DualPoint, slopes_of, unpenalised_columns
from .problem import Problem

_EPS = float(np.finfo(float).eps) / 2  # unit roundoff


def gamma(n: int, unit: float = _EPS) -> float:
    """``n u / (1 - n u)`` with u the unit roundoff."""
    return n * unit / (1 - n * unit)


def _roundings(n: int) -> int:
    """How many roundings a term goes through in a sum of n by NumPy, which adds in pairs down to blocks of 128 in
    eight strands (Higham 2002, sec. 4.2), and in the making of the term."""
    return min(n, 24 + int(np.ceil(np.log2(n)))) + 8


def _lost(problem: Problem, values: Array) -> float:
    """What underflow can take from a sum over samples: squares of numbers below 1e-162 are 0."""
    sizes = float(np.abs(values).max()) + float(np.abs(problem.y).max())
    return len(values) * 2.0**-1070 * (1 + float(problem.s.max())) * (1 + sizes) if sizes > 0 else 0.0


def primal_error(problem: Problem, coef: Array, intercept: float, u: Array) -> float:
    """A bound on the rounding error of the computed ``Loss(w, b) + lam P(w)``."""
    n, p = problem.shape
    loss, y, s = problem.loss, problem.y, problem.s
    # |X| |w| enters through sum_i s_i |slope_i| |x_ij| <= ||slope|| ||x_j||, which needs no pass over X
    terms = gamma(int(np.count_nonzero(coef)) + 2, unit_roundoff(problem.X)) * float(
        np.abs(coef) @ problem.columns.norm
    )
    final = gamma(2) * (np.abs(u) + abs(intercept))
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        du = terms / np.sqrt(s) + final
        steepest = np.maximum(np.abs(loss.gradient(u + du, y)), np.abs(loss.gradient(u - du, y)))
        of_loss = terms * np.sqrt(weighted(s, steepest**2).sum()) + weighted(s, steepest * final).sum()
        of_loss += gamma(_roundings(n)) * weighted(s, loss.magnitude(u, y)).sum()
        error = float(of_loss) + gamma(p + 8) * problem.penalty_value(coef) + _lost(problem, u)
    return error if np.isfinite(error) else np.inf


def correlation_error(problem: Problem, theta: Array, projection: float | None = None) -> Array:
    """A bound, feature by feature, on the distance from the computed ``X' theta`` to that of the exactly
    feasible point: rounding of the product and of the projection."""
    size = np.sqrt(float(np.sum(np.divide(theta**2, problem.s, out=np.zeros_like(theta), where=problem.s > 0))))
    of_product = gamma(problem.shape[0] + 4, unit_roundoff(problem.X)) + gamma(4)
    projection = _projection_error(problem, theta) if projection is None else projection
    return (of_product + projection) * problem.columns.norm * size


def dual_error(problem: Problem, point: DualPoint) -> float:
    """A bound on how far the exactly feasible point's dual value may lie below the computed one."""
    n, p = problem.shape
    loss, y, s = problem.loss, problem.y, problem.s
    a = slopes_of(problem, point.theta)
    relative, shrink, worst = _changes(problem, point)
    of_penalty = 0.0
    if problem.lam > 0 and not problem.penalty.is_norm:
        computed = problem.penalty.conjugate(point.z / problem.lam)
        at_worst = problem.penalty.conjugate(worst / ((1 + shrink) * problem.lam))
        of_penalty = problem.lam * (max(at_worst - computed, 0.0) + gamma(p + 8) * computed)
    with np.errstate(over="ignore", invalid="ignore"):
        conjugate = loss.conjugate(a, y)
        moved = (relative + shrink) * weighted(s, np.abs(conjugate + loss.infimum(y))).sum()
        size = weighted(s, loss.conjugate_magnitude(a, y)).sum()
        error = float(moved + gamma(_roundings(n)) * size) + of_penalty + _lost(problem, a)
    return error if np.isfinite(error) and relative < 0.5 else np.inf


def multiplier_change(problem: Problem, point: DualPoint) -> float:
    """The largest relative change of an entry of theta on the way to the exactly feasible point."""
    relative, shrink, _ = _changes(problem, point)
    return relative + shrink


def _changes(problem: Problem, point: DualPoint) -> tuple[float, float, Array]:
    """How theta changes on the way to the exactly feasible point, by projection and by shrinking, both relative to
    each entry; and the ``X' theta`` that asks for the most shrinking."""
    projection = _projection_error(problem, point.theta)
    dz = correlation_error(problem, point.theta, projection) + gamma(8) * np.abs(point.z)
    dz = np.where(problem.unpenalised, 0.0, dz)
    worst = point.z + (dz if problem.penalty.nonnegative else np.copysign(dz, point.z))
    shrink = 0.0
    if problem.lam > 0:
        shrink = max(0.0, problem.penalty.gauge(worst) / problem.lam - 1) + gamma(64 + problem.penalty.largest_group)
    return 2 * projection + gamma(4), shrink, worst


def _projection_error(problem: Problem, theta: Array) -> float:
    """The largest relative change of a theta_i that makes the unpenalised conditions hold exactly."""
    columns, half = unpenalised_columns(problem)
    weight = np.abs(theta)
    if not columns.shape[1] + half.shape[1] or not weight.any():
        return 0.0
    size = np.abs(half).T @ weight
    unmet = half.T @ theta + gamma(len(theta) + 4) * size > 0
    while True:  # unmet grows, so this ends
        change = _relative_change(np.hstack([columns, half[:, unmet]]), theta, weight)
        # conditions met with room to spare must stay met after the change
        broken = half.T @ theta + (gamma(len(theta) + 4) + change) * size > 0
        if not (broken & ~unmet).any():
            return change
        unmet |= broken


def _relative_change(both: Array, theta: Array, weight: Array) -> float:
    """``max_i |(B beta)_i|`` such that ``theta_i (1 - (B beta)_i)`` is orthogonal to the columns of B:
    ``beta = (B' W B)^-1 B' theta`` with ``W = diag |theta|``."""
    if not both.shape[1]:
        return 0.0
    both = both / np.maximum(np.abs(both).max(axis=0), np.finfo(float).tiny)
    exactness = gamma(len(theta) + 2, unit_roundoff(both)) + gamma(3)  # the columns were centred and scaled
    residual = np.abs(correlate(both, theta)) + exactness * (np.abs(both).T @ weight)
    if both.shape[1] == 1 and np.all(both == 1):
        return float(residual[0] / weight.sum())
    _, triangle, pivots = qr(np.sqrt(weight)[:, None] * both, mode="economic", pivoting=True)
    diagonal = np.abs(np.diag(triangle))
    rank = int(np.count_nonzero(diagonal > 1e-12 * diagonal[0]))
    inverse = np.linalg.inv(triangle[:rank, :rank])
    beta = np.abs(inverse @ inverse.T) @ residual[pivots[:rank]]
    return float((np.abs(both[:, pivots[:rank]]) @ beta).max())
