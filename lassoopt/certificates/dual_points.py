"""`dual_points` makes an exactly feasible dual point of any theta, and computes its value (Fenchel duality).

    dual(theta) = -sum_i s_i phi*(-theta_i / s_i, y_i) - lam * P*(X' theta / lam)

is defined for theta with ``1' theta = 0`` (intercept) and ``x_j' theta = 0`` for unpenalised columns. Weak duality,
``dual(theta) <= Loss(w, b) + lam P(w)`` for every feasible theta and every (w, b), needs nothing but feasibility. So
feasibility is enforced here, not hoped for (Boyd & Vandenberghe 2004, ch. 5; Ndiaye et al. 2017).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lstsq

from ..arrays.design_matrix import Array, dense, overflow_is_no_event, power_of_two, take_columns
from ..arrays.precision import EPS, TINY
from ..problems.centring import weighted_norm
from ..problems.problem import Problem
from .crossover import crossover, is_linear_program
from .newton_on_support import settled

_NOISE = 2.0**-44  # of the typical theta_i
_VANISHED = 2.0**-10  # what a projection leaves of an entry that has to be 0
_SMALL_SHARE = 2.0**-26  # of each entry: moving it by less rounds it as storing it does
_ROUNDS = 20  # at most so many times, a projection sets some entries to 0 and begins anew


@dataclass(frozen=True)
class DualPoint:
    """A dual point is a feasible theta with ``z = X' theta``, its dual value, and the factor it was shrunk by.

    The functions here take several points along lam at once, as the rows of matrices, with ``lam`` as an array of
    theirs, all above 0; then every field has a row for each. For one point lam is left out.
    """

    theta: Array
    z: Array
    value: float
    shrunk_by: float

    def row(self, k: int) -> DualPoint:
        """Return the k-th of several points."""
        return DualPoint(self.theta[k], self.z[k], float(self.value[k]), float(self.shrunk_by[k]))  # type: ignore[index]


def free_columns(problem: Problem) -> Array:
    """Return the columns of features without penalty, each scaled by a power of two to a largest entry near 1."""
    free = dense(take_columns(problem.X, np.flatnonzero(problem.unpenalised)))
    return np.asarray(free / power_of_two(np.abs(free).max(axis=0)), dtype=np.float64)


def unpenalised_columns(problem: Problem) -> tuple[Array, Array]:
    """Return the columns B, (n, k), for which ``B' theta = 0`` is asked, and those for which it must not be positive.

    The latter are those of non-negative features without penalty; the intercept's 1 is the first of the former. With an
    intercept the others are centred, which changes no condition and keeps large means from spoiling them.
    """
    n, free = problem.shape[0], free_columns(problem)
    if problem.intercept:
        free = free - (problem.s @ free) / problem.s.sum()
    one = np.ones((n, int(problem.intercept)))
    if problem.penalty.nonnegative:
        return one, free
    return np.hstack([one, free]), np.zeros((n, 0))


def slopes_of(problem: Problem, theta: Array) -> Array:
    """Return ``a = -theta / s``, the slope of the loss at each sample; it is 0 for samples of weight 0."""
    if problem.uses_all:
        return theta / -problem.s
    return np.divide(-theta, problem.s, out=np.zeros_like(theta), where=problem.s > 0)


def movable(problem: Problem) -> NDArray[np.bool_]:
    """Return which slopes may have either sign; elsewhere, moving a theta_i from 0 could leave the loss's domain."""
    lower, upper = problem.loss.slopes(problem.y)
    return np.broadcast_to((np.asarray(lower) < 0) & (np.asarray(upper) > 0), problem.y.shape)


def moves(problem: Problem, theta: Array) -> Array:
    """Return ``W_i``: a projection onto the conditions changes the entries of theta in proportion to these.

    ``W_i = |theta_i|`` keeps an entry's sign, and with it its side of the conjugate's domain. Where either side is
    allowed, W_i is at least s_i times the typical slope, so that an entry near 0 can move: a free feature that is not 0
    on that sample alone may demand it.
    """
    size = np.abs(theta)
    return np.where(movable(problem), np.maximum(size, _typical(problem, theta)), size)


def _typical(problem: Problem, theta: Array) -> Array:
    """Return ``s_i`` times the typical slope, which is the size of theta_i if all slopes were alike."""
    return problem.s * (weighted_norm(problem.s, slopes_of(problem, theta)) / np.sqrt(float(problem.s.sum())))


def column(values: Any) -> Any:
    """Return one number for each of several points as a column, to be combined with rows; one number stays as it is."""
    return values[:, None] if isinstance(values, np.ndarray) and values.ndim else values


def choose(condition: Any, one: Any, other: Any) -> Any:
    """Return one number where a condition holds, and another elsewhere, for each of several points or for one."""
    if isinstance(condition, np.ndarray):
        return np.where(condition, one, other)
    return one if condition else other


def bounded(lower: Array | float, upper: Array | float) -> bool:
    """Return whether the slopes between these ends are not all numbers."""
    return isinstance(lower, np.ndarray) or isinstance(upper, np.ndarray) or not upper == -lower == np.inf


@overflow_is_no_event
def admissible(problem: Problem, theta: Array) -> tuple[Array, Any]:
    """Move theta into the loss's domain, orthogonal to unpenalised columns; return it and the factor that shrank it."""
    if not np.isfinite(theta.sum()):
        theta = np.where(np.isfinite(theta).all(axis=-1, keepdims=True), theta, 0.0)
    if not problem.uses_all:
        theta = np.where(problem.s > 0, theta, 0.0)
    lower, upper = problem.loss.slopes(problem.y)
    if not bounded(lower, upper):
        return _project(problem, theta), np.ones(len(theta)) if theta.ndim == 2 else 1.0
    # clip first: where the domain ends at 0, shrinking could not bring a wrong sign back
    theta = _project(problem, -problem.s * np.clip(slopes_of(problem, theta), lower, upper))
    shrunk_by = _largest_factor(slopes_of(problem, theta), lower, upper)
    return theta * column(shrunk_by), shrunk_by


@overflow_is_no_event
def feasible(problem: Problem, theta: Array) -> DualPoint:
    """Return the dual point that ``theta`` becomes when it is made admissible and then shrunk until it is feasible.

    Theta = 0 is always feasible: its value is the infimum of the loss.
    """
    theta, shrunk_by = admissible(problem, theta)
    return shrunk(problem, theta, shrunk_by, problem.centring.correlate(theta))


def shrunk(problem: Problem, theta: Array, shrunk_by: Any, z: Array, lam: Array | None = None) -> DualPoint:
    """Shrink an admissible theta with ``z = X' theta`` until it is feasible; it was shrunk by a factor before."""
    at, penalty = problem.lam if lam is None else lam, problem.penalty
    with np.errstate(over="ignore", invalid="ignore"):
        finite = np.isfinite(z.sum())
    if not finite:
        finite = np.isfinite(z).all(axis=-1)
        theta, z = np.where(column(finite), theta, 0.0), np.where(column(finite), z, 0.0)
        shrunk_by = choose(finite, shrunk_by, 0.0)
    if not (problem.penalises_all and penalty.none_excluded):
        free, z = problem.unpenalised, z.copy()
        z[..., free] = np.minimum(z[..., free], 0.0) if penalty.nonnegative else 0.0
        z[..., penalty.excluded] = 0.0
    if problem.lam > 0:
        gauge, edge = penalty.by_row(penalty.gauge, z), 1 - 8 * EPS
        factor = choose(gauge > at * edge, at / np.maximum(gauge, TINY) * edge, 1.0)
        theta, z, shrunk_by = column(factor) * theta, column(factor) * z, factor * shrunk_by
    return DualPoint(theta, z, dual_value(problem, theta, z, lam), shrunk_by)


@overflow_is_no_event
def dual_value(problem: Problem, theta: Array, z: Array, lam: Array | None = None) -> Any:
    """Return ``dual(theta)`` for a feasible theta and ``z = X' theta``, which is exactly 0 where that is required."""
    conjugate = problem.at_samples(problem.loss.conjugate, slopes_of(problem, theta))
    value: Any = -problem.weigh(conjugate).sum(axis=-1)  # in pairs, which `rounding_bounds` counts on
    if problem.lam > 0 and not problem.penalty.is_norm:
        at = problem.lam if lam is None else lam
        value = value - at * problem.penalty.by_row(problem.penalty.conjugate, z / column(at))
    found = choose(np.abs(value) < np.inf, value, -np.inf)
    return float(found) if lam is None else found


def relative_gap(problem: Problem, gap: float) -> float:
    """Return ``gap / scale``; a scale of 0, where simple models fit exactly, gives 0 for gap <= 0, else inf."""
    if problem.scale > 0:
        return max(gap, 0.0) / problem.scale
    return 0.0 if gap <= 0 else np.inf


def _largest_factor(a: Array, lower: Array | float, upper: Array | float) -> Any:
    """Return the largest t <= 1 with ``lower <= t a <= upper``."""
    bound, size = np.abs(np.where(a > 0, upper, lower)), np.abs(a)
    outside = size > bound
    if not outside.any():
        return np.ones(len(a)) if a.ndim == 2 else 1.0
    ratio = np.divide(bound, size, out=np.ones_like(a), where=outside).min(axis=-1)
    return choose(outside.any(axis=-1), ratio * (1 - 8 * EPS), 1.0)


def _project(problem: Problem, theta: Array) -> Array:
    """Remove the components of theta along the unpenalised columns, entry by entry in proportion to `moves`."""
    if problem.penalises_all:
        return _with_sum_0(theta) if problem.intercept else theta
    if theta.ndim == 2:
        return np.array([_project(problem, row) for row in theta])
    columns, half = unpenalised_columns(problem)
    both = np.hstack([columns, half])
    if not theta.any():
        return theta
    stays = ~movable(problem)
    # what is rounding on one sample may be all that a free feature sees
    noise = _NOISE * _typical(problem, theta)
    theta = np.where(stays & (np.abs(theta) <= noise), 0.0, theta)
    for _ in range(_ROUNDS):
        before = np.abs(theta)
        theta = _projected(problem, theta, both, half.shape[1])
        gone = stays & (theta != 0) & (np.abs(theta) <= np.maximum(_VANISHED * before, noise))  # 0 is asked for there
        if not gone.any():
            break
        theta = np.where(gone, 0.0, theta)
    missed = _excess(both, theta, half.shape[1]) > 1e-8 * (np.abs(both).T @ moves(problem, theta))
    if missed.any():  # entries too far apart in size
        return np.zeros_like(theta)
    return theta


def _with_sum_0(theta: Array) -> Array:
    """Bring the sum of theta to 0 in proportion to ``|theta_i|``; return 0 if nothing but rounding is left."""
    for _ in range(2):  # the second round removes the rounding of the first, if that moved theta by much
        size = np.abs(theta)
        total = size.sum(axis=-1, keepdims=True)
        if not (total.min() > 0 and total.max() < np.inf):
            total = np.where((total > 0) & (total < np.inf), total, np.inf)
        share = theta.sum(axis=-1, keepdims=True) / total
        theta = theta - size * share
        if np.abs(share).max() < _SMALL_SHARE:
            return theta
    left = np.abs(theta.sum(axis=-1, keepdims=True)) <= 1e-8 * np.abs(theta).sum(axis=-1, keepdims=True)
    return np.where(left, theta, 0.0)


def _projected(problem: Problem, theta: Array, both: Array, inequalities: int) -> Array:
    for _ in range(2):  # the second round removes the rounding of the first
        size = float(np.abs(theta).max())
        if size == 0:
            return theta
        theta = theta / size
        weight = moves(problem, theta)
        met = _excess(both, theta, inequalities) <= 4 * EPS * (np.abs(both).T @ np.abs(theta))
        if inequalities and met.all():
            return theta * size  # as well as floating point allows; least squares on rounding would undo it
        root = np.sqrt(weight)
        target = np.divide(theta, root, out=np.zeros_like(theta), where=root > 0)
        theta = (theta - weight * (both @ _coefficients(root[:, None] * both, target, inequalities))) * size
    return theta


def _excess(both: Array, theta: Array, inequalities: int) -> Array:
    """Return by how much theta misses each condition: ``b' theta = 0``, or ``<= 0`` for the last ones."""
    off = both.T @ theta
    at_most = off.size - inequalities
    off[at_most:] = np.maximum(off[at_most:], 0.0)
    return np.abs(off)


def _coefficients(both: Array, target: Array, nonnegative: int) -> Array:
    """Solve least squares with the last ``nonnegative`` coefficients >= 0."""
    if not nonnegative:
        return lstsq(both, target, cond=1e-14)[0]
    from scipy.optimize import nnls

    free = both[:, : both.shape[1] - nonnegative]
    split = nnls(np.hstack([both, -free]), target, maxiter=30 * both.shape[1] + 100)[0]
    split[: free.shape[1]] -= split[both.shape[1] :]
    return split[: both.shape[1]]


def gradient_multiplier(problem: Problem, u: Array) -> Array:
    """Return theta at the prediction u, or at its best intercept where ``1' theta`` is not 0 at u."""
    theta = problem.theta(u)
    if not problem.intercept or (met := balanced(problem, theta)).all():
        return theta
    rows = np.atleast_2d(u).copy()
    for k in np.flatnonzero(~np.atleast_1d(met)):
        rows[k] += problem.best_intercept(rows[k])
    return problem.theta(rows.reshape(u.shape))


def candidates(problem: Problem, coef: Array, u: Array) -> list[Array]:
    """Return the multipliers that the prediction u of ``coef`` suggests, at the best intercept, where ``1' theta = 0``.

    For a smooth loss it is the gradient. A kinked loss leaves theta open where ``u_i = y_i``: there, values that meet
    stationarity best come first, then 0.
    """
    if not problem.loss.kinked:
        return [gradient_multiplier(problem, u)]
    if problem.intercept:
        u = u + problem.best_intercept(u)
    theta, off = problem.theta(u), np.abs(problem.y - u)
    rounding = 8 * EPS * (np.abs(u) + np.abs(problem.y))
    size = max(float(off.max()), float(np.abs(problem.y).mean()))  # all may be at their targets
    near = [(off <= tol * size + rounding) & (problem.s > 0) for tol in (1e-5, 1e-8)]
    return [*(_settle_kinks(problem, coef, u, theta, at_kink) for at_kink in near), theta]


def balanced(problem: Problem, theta: Array) -> Any:
    """Return whether ``1' theta`` is 0 up to rounding, so that projecting theta leaves it as it is."""
    if not problem.intercept or problem.loss.kinked:
        return not problem.intercept
    return np.abs(theta.sum(axis=-1)) <= 1e-13 * np.abs(theta).sum(axis=-1)


def _settle_kinks(problem: Problem, coef: Array, u: Array, theta: Array, at_kink: NDArray[np.bool_]) -> Array:
    """Choose theta anew at kinks: from a linear program's best dual point, or to meet stationarity on the support."""
    if is_linear_program(problem):
        found = crossover(problem, coef, u, at_kink, theta)
        return theta if found is None else found[2]
    return settled(problem, coef, theta, at_kink)
