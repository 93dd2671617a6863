"""`rounding_bounds` bounds the rounding error of a duality gap, so that "gap <= 3e-12" includes floating point.

Three facts carry the bound.

1. A computed inner product of length n is off by at most ``gamma_n |x|'|y|``, ``gamma_n = n u / (1 - n u)`` with u the
   unit roundoff (Higham 2002, sec. 3.1), and by 2^-1074 for each product that underflows.
2. A convex function between two points is at most its larger value at these two.
3. The computed theta is a rounded version of an *exactly* feasible one,

    theta~ = t (theta - W B beta),  B' theta~ = 0,   B the columns of the intercept and of features without penalty,

with W as in `dual_points.moves`, beta tiny, and t, just below 1, what keeps it feasible for all other features. So each
slope of theta~ lies in a short interval, and each correlation near the computed one.

All problems here are centred (`centring`), so that the means of the data cause no rounding errors.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import qr, solve_triangular

from ..arrays.design_matrix import Array, correlate, dense, power_of_two, take_columns, unit_roundoff, weighted
from ..arrays.precision import EXTENDED_ROUNDOFF, LOST, UNIT_ROUNDOFF
from ..problems.centring import weighted_norm
from ..problems.problem import Problem
from .dual_points import DualPoint, free_columns, movable, moves, slopes_of
from .linear_dependence import exact_rank

_ITSELF = 1 + 2.0**-20  # the arithmetic of a bound lowers it by less than this factor
_SMALLEST_LEVEL = 2.0**-960  # a level below it has lost digits, and proves nothing
_NEGLIGIBLE = 2.0**-36  # of its level: a correlation's error below it costs a certificate no digit that counts
_SHARPENED = 2**22  # entries of X whose products are computed anew, at the most


def gamma(n: int, unit: float = UNIT_ROUNDOFF) -> float:
    """Return ``n u / (1 - n u)`` with u the unit roundoff."""
    return n * unit / (1 - n * unit)


def _roundings(n: int) -> int:
    """Return how often a term of NumPy's sum of n is rounded, with the making of the term and of its weight ``s_i``.

    NumPy adds in pairs down to blocks of 128, and these in eight strands (Higham 2002, sec. 4.2).
    """
    return 2 * min(n, 24 + int(np.ceil(np.log2(n)))) + 8


def _lost(problem: Problem, values: Array) -> float:
    """Return what underflow can take from a sum over samples, as squares of numbers below 1e-162 are 0."""
    sizes = float(np.abs(values).max()) + float(np.abs(problem.y).max())
    return len(values) * LOST * (1 + float(problem.s.max())) * (1 + sizes) if sizes > 0 else 0.0


def primal_error(problem: Problem, coef: Array, constant: float, u: Array) -> float:
    """Return a bound on the rounding error of the computed ``Loss(w, b) + lam P(w)`` of a centred problem.

    The computed ``(X - 1 m') w + constant`` is ``u``, and ``constant`` is ``b + m'w``, rounded once.
    """
    n, p = problem.shape
    loss, y, s = problem.loss, problem.y, problem.s
    used = int(np.count_nonzero(coef))
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        # |X| |w| enters through sum_i s_i |slope_i| |x_ij| <= ||slope|| ||x_j||, which needs no pass over X
        terms = gamma(used + 3, unit_roundoff(problem.X)) * float(np.abs(coef) @ problem.centring.size)
        final = gamma(3) * (np.abs(u) + abs(constant) + (np.abs(y) if loss.translates else 0.0))
        final = final + (used * LOST * (1 + np.abs(coef).max()) if used else 0.0)
        du = terms / np.sqrt(s) + final
        steepest = np.maximum(np.abs(loss.gradient(u + du, y)), np.abs(loss.gradient(u - du, y)))
        of_loss = (terms * weighted_norm(s, steepest) if terms else 0.0) + weighted(s, steepest * final).sum()
        of_loss += gamma(_roundings(n)) * weighted(s, loss.magnitude(u, y)).sum()
        of_penalty = gamma(p + 8) * problem.penalty_value(coef) + problem.lam * problem.penalty.lost(coef)
        error = (float(of_loss) + of_penalty + _lost(problem, u)) * _ITSELF
    return error if np.isfinite(error) else np.inf


@dataclass(frozen=True, eq=False)
class DualBound:
    """A dual bound says how far the exactly feasible point may be from a computed `DualPoint`.

    Its dual value is lower by at most ``error``, each of its correlations, shape (p,), is within ``reach`` of the
    computed one, and each slope ``-theta_i / s_i``, shape (n,), within ``slopes``.
    """

    error: float
    reach: Array
    slopes: Array


def dual_bound(problem: Problem, point: DualPoint) -> DualBound:
    """Bound the exactly feasible point near a computed one of a centred problem; inf where none is shown to exist."""
    n, p = problem.shape
    nowhere = DualBound(np.inf, np.full(p, np.inf), np.full(n, np.inf))
    change = _projection_change(problem, point.theta)
    loss, y, s, lam = problem.loss, problem.y, problem.s, problem.lam
    a = slopes_of(problem, point.theta)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        if change is None or np.any(problem.penalty.levels(lam) < _SMALLEST_LEVEL):
            return nowhere
        da = np.divide(change, s, out=np.zeros_like(a), where=s > 0) * _ITSELF
        of_product = problem.centring.size * (gamma(n + 6, unit_roundoff(problem.X)) * weighted_norm(s, a))
        z, of_product = _sharpened(problem, point, of_product)
        dz = of_product + problem.centring.size * weighted_norm(s, da) + gamma(10) * np.abs(z)
        dz = np.where(problem.unpenalised, 0.0, dz + n * LOST)
        da = da + gamma(_roundings(n)) * np.abs(a)  # s is rounded, too
        shrink = _beyond_slopes(problem, a, da)
        of_penalty = 0.0
        if lam > 0:
            worst = z + (dz if problem.penalty.nonnegative else np.copysign(dz, z))
            gauge = problem.penalty.gauge(worst) + LOST
            shrink += max(0.0, gauge / lam - 1) + gamma(64 + problem.penalty.largest_group)
            if not problem.penalty.is_norm:
                computed = problem.penalty.conjugate(point.z / lam)  # as it stands in the dual value
                at_worst = problem.penalty.conjugate(worst / lam * (1 + gamma(8)))
                of_penalty = lam * (max(at_worst - computed, 0.0) + gamma(p + 8) * at_worst + p * LOST)
        if not shrink < 0.5:
            return nowhere
        # the slope of the exactly feasible point lies between these two
        lower, upper = loss.slopes(y)
        ends = [np.clip(end, lower, upper) for end in (a + np.copysign(da, a), a * (1 - shrink) - np.copysign(da, a))]
        highest = np.maximum(*(loss.conjugate(end, y) for end in ends))
        moved = np.maximum(highest - loss.conjugate(a, y), 0.0)
        size = np.maximum(*(loss.conjugate_magnitude(end, y) for end in ends))
        of_loss = weighted(s, moved).sum() + gamma(2 * _roundings(n)) * weighted(s, size).sum()
        error = (float(of_loss) + of_penalty + _lost(problem, a)) * _ITSELF
    if not np.isfinite(error):
        return nowhere
    reach = np.abs(z - point.z) + dz + shrink * np.abs(z)
    return DualBound(error, reach * _ITSELF, (da + shrink * np.abs(a)) * _ITSELF)


def _sharpened(problem: Problem, point: DualPoint, error: Array) -> tuple[Array, Array]:
    """Return the correlations and error bounds of their products, anew where the error would shrink theta much.

    Those few are summed in pairs and in extended precision.
    """
    level = problem.penalty.threshold(problem.lam)
    heavy = (error > _NEGLIGIBLE * level) & ~problem.unpenalised & ~problem.penalty.excluded
    if problem.penalty.separable and problem.penalty.is_norm:
        heavy &= np.abs(point.z) + error > (1 - 2.0**-10) * level  # the others stay below their level
    n = len(point.theta)
    some = np.flatnonzero(heavy)[: _SHARPENED // n]
    if not some.size:
        return point.z, error
    terms = np.ascontiguousarray(problem.centring.extended(some).T) * point.theta
    z, error = point.z.copy(), error.copy()
    z[some] = terms.sum(axis=1)
    error[some] = gamma(_roundings(n), EXTENDED_ROUNDOFF) * np.abs(terms).sum(axis=1)
    return z, error


def _beyond_slopes(problem: Problem, a: Array, da: Array) -> float:
    """Return by what share slopes of up to ``|a| + da`` exceed the loss's domain; signs that may not change stay."""
    bound = np.abs(np.where(a > 0, *problem.loss.slopes(problem.y)[::-1]))
    outside = (np.abs(a) + da > bound) & (bound > 0) & (da > 0)
    if not outside.any():
        return 0.0
    return float(np.max((np.abs(a) + da)[outside] / bound[outside] - 1)) + gamma(8)


def _projection_change(problem: Problem, theta: Array) -> Array | None:
    """Bound how much each theta_i changes so that the unpenalised conditions hold exactly; shape (n,).

    It is None if no such theta can be shown to exist near by.
    """
    if not (problem.intercept or problem.unpenalised.any()) or not theta.any():
        return np.zeros_like(theta)
    if not problem.unpenalised.any():
        size = np.abs(theta)
        share = _tilt(theta) / float(size.sum())
        return size * share * _ITSELF if share < 0.5 else None
    free, weight = free_columns(problem), moves(problem, theta)
    if np.any((free != 0) & (np.abs(free) < 2.0**-1000)) or np.count_nonzero(free) != _nonzeros(problem):
        return None  # entries too far apart in size for one power of two
    columns, size, accuracy = free, np.abs(theta), gamma(len(theta) + 8)
    for _ in range(2 * problem.intercept):  # the second round removes the rounding of the first
        columns = columns - weight @ columns / weight.sum()
    reach = np.ones(free.shape[1])
    if problem.penalty.nonnegative:  # x_j'theta <= 0 is asked, so it stays met where there is room to spare
        reach = columns.T @ theta + accuracy * (np.abs(columns).T @ size)
    unmet: NDArray[np.bool_] = reach > 0
    while True:  # unmet grows, so this ends
        change = _change(free[:, unmet], columns[:, unmet], problem.intercept, theta, weight)
        if change is None or np.any((change > 0.5 * size) & ~movable(problem)):
            return None
        broken = reach + np.abs(columns).T @ change > 0
        if not (broken & ~unmet).any():
            return change
        unmet |= broken


def _nonzeros(problem: Problem) -> int:
    """Return how many entries of the columns of features without penalty are not 0."""
    return int(np.count_nonzero(dense(take_columns(problem.X, np.flatnonzero(problem.unpenalised)))))


def _tilt(theta: Array) -> float:
    """Return an upper bound on ``|1' theta|``, the sum being rounded once."""
    return abs(math.fsum(theta)) * (1 + 2 * UNIT_ROUNDOFF)


def _change(free: Array, columns: Array, intercept: bool, theta: Array, weight: Array) -> Array | None:
    """Bound ``|W C beta|``, with C a basis of the span of 1 and the free columns such that C' W C is near I.

    C is ``1 / sqrt(sum W)`` and ``B S``: B are the independent columns, centred in the weights W, and S is the inverse
    of a computed triangle. The span is exactly theirs, as the triangle's diagonal is not 0. If ``|C' W C - I| <= q <
    1``, then ``|beta| <= |C' theta| / (1 - q)``, in the 2-norm. Columns left out ask for nothing more if they depend on
    the others exactly.
    """
    n, total, first = len(theta), float(weight.sum()), int(intercept)
    tilt = first * _tilt(theta)
    change = weight * (tilt / total) * _ITSELF
    if not columns.shape[1]:
        return change
    unit = float(power_of_two(np.abs(theta).max()))
    theta, weight = theta / unit, weight / unit  # of size 1; what underflows is in the term n * LOST
    root = np.sqrt(weight)[:, None]
    norm = np.linalg.norm(root * columns, axis=0)
    scale = power_of_two(norm)
    triangle, pivots = qr(root * (columns / scale), mode="r", pivoting=True)
    diagonal = np.abs(np.diag(triangle))
    rank = int(np.count_nonzero(diagonal > 1e-10))
    if rank < columns.shape[1] and rank != exact_rank(free[weight > 0], intercept):
        return None
    if not rank:
        return change
    B = (columns / scale)[:, pivots[:rank]]
    S = solve_triangular(triangle[:rank, :rank], np.eye(rank))
    C = np.hstack([np.full((n, first), 1 / np.sqrt(weight.sum())), B @ S])
    dC = np.hstack([gamma(4) * C[:, :first], gamma(rank + 4) * np.abs(B) @ np.abs(S)])  # the columns are rounded, too
    overlap = np.abs((C.T * weight) @ C - np.eye(first + rank))
    overlap += gamma(n + 8) * (np.abs(C).T * weight) @ np.abs(C) + 2 * (np.abs(C + dC).T * weight) @ dC
    q = float(np.sqrt(np.sum(overlap**2))) * _ITSELF
    residual = np.abs(correlate(B, theta)) + (gamma(n + 4, unit_roundoff(B)) + gamma(4)) * (np.abs(B).T @ np.abs(theta))
    if not q < 0.5:
        return None
    of_basis = np.append(np.abs(S).T @ (residual + n * LOST), tilt / np.sqrt(unit) / np.sqrt(total))
    beta = float(np.linalg.norm(of_basis)) / (1 - q)
    return unit * weight * np.linalg.norm(np.abs(C) + dC, axis=1) * beta * _ITSELF
