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

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import qr, solve_triangular

from ..arrays.design_matrix import (
    Array,
    correlate,
    dense,
    overflow_is_no_event,
    power_of_two,
    take_columns,
    unit_roundoff,
)
from ..arrays.precision import EXTENDED_ROUNDOFF, LOST, UNIT_ROUNDOFF, gamma
from ..caching import cached_bound
from ..problems.centring import weighted_norm
from ..problems.problem import Problem
from .dual_points import DualPoint, bounded, choose, column, free_columns, movable, moves, slopes_of
from .linear_dependence import exact_rank

__all__ = ["DualBound", "dual_bound", "gamma", "primal_error"]

ITSELF = 1 + 2.0**-20  # the arithmetic of a bound lowers it by less than this factor
SMALLEST_LEVEL = 2.0**-960  # a level below it has lost digits, and proves nothing
NEGLIGIBLE = 2.0**-36  # of its level: a correlation's error below it costs a certificate no digit that counts
ROUGH = 2.0**-30  # and one below it costs none where the gap asked for is not very small
_LEAST = 2.0**-1074  # the least number above 0
_SHARPENED, _AT_ONCE = 2**22, 2**16  # entries of X whose products are computed anew, at the most in all and at once


def _roundings(n: int) -> int:
    """Return how often a term of NumPy's sum of n is rounded, with the making of the term and of its weight ``s_i``.

    NumPy adds in pairs down to blocks of 128, and these in eight strands (Higham 2002, sec. 4.2).
    """
    return 2 * min(n, 24 + int(np.ceil(np.log2(n)))) + 8


def _lost(problem: Problem, sizes: Array) -> Any:
    """Return what underflow can take from a sum over samples, as squares of numbers below 1e-162 are 0."""
    largest_y, largest_s = problem.largest
    largest = sizes.max(axis=-1) + largest_y
    return len(problem.y) * LOST * (1 + largest_s) * (1 + largest) * (largest > 0)


@overflow_is_no_event
def primal_error(problem: Problem, coef: Array, constant: Any, u: Array, lam: Array | None = None) -> Any:
    """Return a bound on the rounding error of the computed ``Loss(w, b) + lam P(w)`` of a centred problem.

    The computed ``(X - 1 m') w + constant`` is ``u``, and ``constant`` is ``b + m'w``, rounded once. Several points are
    given by rows, as in `dual_points`.
    """
    n, p = problem.shape
    loss, penalty, s, centring = problem.loss, problem.penalty, problem.s, problem.centring
    at = problem.lam if lam is None else lam
    size, size_of_u, size_of_y = np.abs(coef), np.abs(u), np.abs(problem.y)
    used = (size > 0).sum(axis=-1)
    # |X| |w| enters through sum_i s_i |slope_i| |x_ij| <= ||slope|| ||x_j||, which needs no pass over X
    terms = gamma(used + 3, centring.unit_roundoff) * (size @ centring.size) + used * LOST
    final = size_of_u + (np.abs(column(constant)) + (size_of_y if loss.translates else 0.0))
    final *= gamma(3)
    final += column(used * LOST * (1 + size.max(axis=-1)))
    du = column(terms) / np.sqrt(s) + final
    steepest = np.maximum(*(np.abs(problem.at_samples(loss.gradient, end)) for end in (u + du, u - du)))
    rounded = steepest * final + gamma(_roundings(n)) * problem.at_samples(loss.magnitude, u)
    of_loss = terms * weighted_norm(s, steepest) + problem.weigh(rounded).sum(axis=-1)
    of_penalty = gamma(p + 8) * problem.penalty_value(coef, lam) + at * penalty.by_row(penalty.lost, coef)
    error = (of_loss + of_penalty + _lost(problem, size_of_u)) * ITSELF
    return choose(error < np.inf, error, np.inf)


@dataclass(frozen=True, eq=False)
class DualBound:
    """A dual bound says how far the exactly feasible point may be from a computed `DualPoint`, or several may be.

    Its dual value is lower by at most ``error``, each of its correlations, shape (p,), is within ``reach`` of the
    computed one, and each slope ``-theta_i / s_i``, shape (n,), within ``slopes``. The other fields are what these are
    made of: slopes and correlations, how far they may be off, and the share by which all are shrunk. ``sharp`` says
    whether no more could be gained by summing correlations anew.
    """

    error: Any
    point: DualPoint
    a: Array
    da: Array
    z: Array
    dz: Array
    shrink: Any
    sharp: bool

    @cached_bound
    def reach(self) -> Array:
        if not np.isfinite(self.error):
            return np.full_like(self.z, np.inf)
        return (np.abs(self.z - self.point.z) + self.dz + self.shrink * np.abs(self.z)) * ITSELF

    @cached_bound
    def slopes(self) -> Array:
        if not np.isfinite(self.error):
            return np.full_like(self.a, np.inf)
        return (self.da + self.shrink * np.abs(self.a)) * ITSELF


@overflow_is_no_event
def dual_bound(
    problem: Problem, point: DualPoint, lam: Array | None = None, *, negligible: float = NEGLIGIBLE
) -> DualBound:
    """Bound the exactly feasible point near a computed one of a centred problem; inf where none is shown to exist.

    Where correlations may be off by more than a negligible share of their level, they are computed anew, which takes
    time.
    """
    n, p = problem.shape
    loss, penalty, s, centring = problem.loss, problem.penalty, problem.s, problem.centring
    at = problem.lam if lam is None else lam
    a = slopes_of(problem, point.theta)
    size, length = np.abs(a), weighted_norm(s, a)
    da, moved = _slope_changes(problem, point.theta, size, length)
    z, of_product = point.z, centring.accuracy * column(length)
    lost = _share_lost(problem, length, at)
    if lost > negligible:
        z, of_product = _sharpened(problem, point, of_product, at)
    dz = of_product + centring.size * column(moved + n * LOST)
    dz += gamma(10) * np.abs(z) + n * LOST
    if not problem.penalises_all:
        dz = np.where(problem.unpenalised, 0.0, dz)
    da = da + gamma(_roundings(n)) * size  # s is rounded, too
    lower, upper = loss.slopes(problem.y)
    shrink = _beyond_slopes(a, size + da, lower, upper) if bounded(lower, upper) else 0.0
    of_penalty = 0.0
    if problem.lam > 0:
        worst = z + (dz if penalty.nonnegative else np.copysign(dz, z))
        gauge = penalty.by_row(penalty.gauge, worst) + LOST
        shrink = shrink + np.maximum(0.0, gauge / at - 1) + gamma(64 + penalty.largest_group)
        if not penalty.is_norm:
            computed = penalty.by_row(penalty.conjugate, point.z / column(at))  # as it stands in the dual value
            enlarged = worst / column(at) * (1 + gamma(8))
            at_worst = penalty.by_row(penalty.conjugate, enlarged + np.copysign(LOST, worst) * (worst != 0))
            of_penalty = at * (np.maximum(at_worst - computed, 0.0) + gamma(p + 8) * at_worst + p * LOST)
    # the slope of the exactly feasible point lies between these two
    outwards = np.copysign(da, a)
    ends = [a + outwards, a * (1 - column(shrink)) - outwards]
    if bounded(lower, upper):
        ends = [np.clip(end, lower, upper) for end in ends]
    highest = np.maximum(*(problem.at_samples(loss.conjugate, end) for end in ends))
    sizes = np.maximum(*(problem.at_samples(loss.conjugate_magnitude, end) for end in ends))
    rise = np.maximum(highest - problem.at_samples(loss.conjugate, a), 0.0) + gamma(2 * _roundings(n)) * sizes
    error = (problem.weigh(rise).sum(axis=-1) + of_penalty + _lost(problem, size)) * ITSELF
    whole = problem.keeps_weights & ((at * penalty.least_level >= SMALLEST_LEVEL) | (at == 0))
    shown = whole & (shrink < 0.5) & (error < np.inf)
    sharp = lost <= NEGLIGIBLE or negligible == NEGLIGIBLE
    return DualBound(choose(shown, error, np.inf), point, a, da, z, dz, shrink, sharp)


def _slope_changes(problem: Problem, theta: Array, size: Array, length: Any) -> tuple[Array, Any]:
    """Bound how much each slope changes so that the unpenalised conditions hold exactly, and the norm of the change.

    It is nan if no such theta can be shown to exist near by. ``size`` and ``length`` are those of the slopes.
    """
    if not problem.penalises_all:
        changes = [_projection_change(problem, row) for row in np.atleast_2d(theta)]
        change = np.array([np.full(theta.shape[-1], np.nan) if row is None else row for row in changes])
        change = change.reshape(theta.shape)
        da = np.divide(change, problem.s, out=np.zeros_like(size), where=problem.s > 0) * ITSELF
        return da, weighted_norm(problem.s, da)
    if not problem.intercept:
        return np.zeros_like(size), 0.0 * length
    total = np.maximum(np.abs(theta).sum(axis=-1), _LEAST)
    share = _tilt(theta, total) / total * ITSELF**2
    share = choose(share < 0.5, share, np.nan)
    return size * column(share), length * share


def _share_lost(problem: Problem, length: Any, lam: Any) -> float:
    """Bound the share of its level that a correlation may be off by; ``length`` is the norm of the slopes."""
    several = isinstance(lam, np.ndarray)
    worst = (length / lam).max() if several else length / lam if lam > 0 else np.inf
    return float(worst * problem.worst_accuracy)


def _sharpened(problem: Problem, point: DualPoint, of_product: Array, lam: Any) -> tuple[Array, Array]:
    """Return the correlations and error bounds of their products, anew where the error would shrink theta much.

    Those few are summed in pairs and in extended precision.
    """
    if point.z.ndim == 2:
        rows = [_sharpened_one(problem, point.row(k), of_product[k], lam[k]) for k in range(len(point.z))]
        return np.array([z for z, _ in rows]), np.array([errors for _, errors in rows])
    return _sharpened_one(problem, point, of_product, lam)


def _sharpened_one(problem: Problem, point: DualPoint, of_product: Array, lam: float) -> tuple[Array, Array]:
    level = problem.penalty.threshold(lam)
    heavy = (of_product > NEGLIGIBLE * level) & ~problem.unpenalised & ~problem.penalty.excluded
    if problem.penalty.is_norm:  # the others, or their groups, stay below their level
        heavy &= problem.penalty.zero_margin(point.z, of_product, lam) < 2.0**-10 * level
    n = len(point.theta)
    some = np.flatnonzero(heavy)[: _SHARPENED // n]
    if not some.size:
        return point.z, of_product
    z = point.z.copy()
    for part in np.array_split(some, -(-some.size * n // _AT_ONCE)):
        terms = np.ascontiguousarray(problem.centring.extended(part).T) * point.theta
        z[part] = terms.sum(axis=1)
        of_product[part] = gamma(_roundings(n), EXTENDED_ROUNDOFF) * np.abs(terms).sum(axis=1)
    return z, of_product


def _beyond_slopes(a: Array, most: Array, lower: Array | float, upper: Array | float) -> Any:
    """Return by what share slopes of up to ``most`` exceed the loss's domain; signs that may not change stay."""
    bound = np.abs(np.where(a > 0, upper, lower))
    outside = (most > bound) & (bound > 0) & (most > np.abs(a))
    if not outside.any():
        return 0.0
    over = np.where(outside, most / np.where(bound > 0, bound, 1.0) - 1, -np.inf).max(axis=-1)
    return choose(over > -np.inf, over + gamma(8), 0.0)


def _projection_change(problem: Problem, theta: Array) -> Array | None:
    """Bound how much each theta_i changes so that the conditions of features without penalty hold exactly; shape (n,).

    It is None if no such theta can be shown to exist near by.
    """
    if not theta.any():
        return np.zeros_like(theta)
    free, weight = free_columns(problem), moves(problem, theta)
    if np.any((free != 0) & (np.abs(free) < 2.0**-1000)) or np.count_nonzero(free) != _nonzeros(problem):
        return None  # entries too far apart in size for one power of two
    used = free[weight > 0]
    asks = np.ptp(used, axis=0) > 0 if problem.intercept else used.any(axis=0)
    free = free[:, asks]  # an exactly constant column asks what the intercept does; its centred rest would be rounding
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


def _tilt(theta: Array, total: Any) -> Any:
    """Return an upper bound on ``|1' theta|``, for one theta with this sum of its absolute values, or several as rows.

    ``high`` rounds the entries to multiples of some q such that all their sums are less than 2^53 q: these are exact.
    What is left is at most q / 2 an entry, and the error of its sum tiny.
    """
    n = theta.shape[-1]
    unit = np.ldexp(3.0, np.frexp(total)[1])  # q = 2^-51 unit / 3, and total < unit / 3 = 2^51 q
    high = (theta + column(unit)) - column(unit)
    rest = gamma(n) * n * 2.0**-52 * unit
    return (np.abs(high.sum(axis=-1) + (theta - high).sum(axis=-1)) + rest) * (1 + 4 * UNIT_ROUNDOFF)


def _change(free: Array, columns: Array, intercept: bool, theta: Array, weight: Array) -> Array | None:
    """Bound ``|W C beta|``, with C a basis of the span of 1 and the free columns such that C' W C is near I.

    C is ``1 / sqrt(sum W)`` and ``B S``: B are the independent columns, centred in the weights W, and S is the inverse
    of a computed triangle. The span is exactly theirs, as the triangle's diagonal is not 0. If ``|C' W C - I| <= q <
    1``, then ``|beta| <= |C' theta| / (1 - q)``, in the 2-norm. Columns left out ask for nothing more if they depend on
    the others exactly.
    """
    n, total, first = len(theta), float(weight.sum()), int(intercept)
    tilt = first * _tilt(theta, np.abs(theta).sum())
    change = weight * (tilt / total) * ITSELF
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
    q = float(np.sqrt(np.sum(overlap**2))) * ITSELF
    residual = np.abs(correlate(B, theta)) + (gamma(n + 4, unit_roundoff(B)) + gamma(4)) * (np.abs(B).T @ np.abs(theta))
    if not q < 0.5:
        return None
    of_basis = np.append(np.abs(S).T @ (residual + n * LOST), tilt / np.sqrt(unit) / np.sqrt(total))
    beta = float(np.linalg.norm(of_basis)) / (1 - q)
    return unit * weight * np.linalg.norm(np.abs(C) + dC, axis=1) * beta * ITSELF
