"""What a small gap proves about *every* optimal solution: zeros, signs, uniqueness.

Zeros. The dual is strongly concave where the loss is smooth, so every optimal theta* lies in the ball

    sum_i (theta*_i - theta_i)^2 / (kappa_i s_i) <= 2 gap,

hence ``|x_j'(theta* - theta)| <= sqrt(2 gap) ||x_j||`` with the norm weighted by kappa_i s_i (columns centred if
there is an intercept). A feature whose condition holds strictly on the whole ball is 0 in every solution: the
gap-safe sphere (Fercoq, Gramfort & Salmon 2015; Ndiaye et al. 2017).

Signs. On the features not proven zero, the same ball confines each sample's slope to an interval and so the
curvature from below; with ``H = X' diag(s * curvature) X`` there, ``|w_j - w*_j| <= sqrt(2 gap (H^-1)_jj)``.

Uniqueness. If H is nonsingular on a set of features that contains the support of every solution, the solution
is unique (cf. Tibshirani 2013, Lemma 2, where that set is the equicorrelation set). Two different points with
the same objective prove the contrary.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from .design import Array, Indices, column_statistics, dense, take_columns
from .duality import DualPoint, slopes_of
from .problem import Problem

_EPS = float(np.finfo(float).eps)
_FLAT = 1e-13  # a change of the predictions, relative to its terms, that is rounding
_LARGEST = 2000  # features; larger curvature matrices are not examined


@dataclass(frozen=True)
class Uniqueness:
    """``verdict`` is "unique", "not unique" or "undecided"; ``direction`` moves w to a second solution."""

    verdict: str
    reason: str
    direction: Array | None = None


def max_curvature(problem: Problem, point: DualPoint, gap: float) -> Array:
    """``kappa_i``: a bound on the curvature between theta and every optimal theta*."""
    if not np.isfinite(gap):
        return np.full_like(problem.y, problem.loss.smoothness)
    per_sample = np.divide(gap, problem.s, out=np.full_like(problem.s, np.inf), where=problem.s > 0)
    return problem.loss.max_curvature(slopes_of(problem, point.theta), problem.y, per_sample)


def column_sizes(problem: Problem, curvature: Array) -> tuple[Array, Array]:
    """``||x_j||`` weighted by curvature_i s_i, inf if not bounded; and what the columns are centred by first: their
    mean in these weights if there is an intercept, else 0."""
    used = curvature[problem.s > 0]
    columns, factor = problem.columns, 1.0
    if not np.isfinite(used).all():
        return np.where(columns.norm > 0, np.inf, 0.0), np.zeros_like(columns.mean)
    if np.all(used == used[0]):
        factor = float(np.sqrt(used[0]))
    else:
        columns = column_statistics(problem.X, problem.s * np.where(problem.s > 0, curvature, 0.0))
    if problem.intercept:
        return factor * columns.spread, columns.mean
    return factor * columns.norm, np.zeros_like(columns.mean)


def step_gain(problem: Problem, coef: Array, z: Array, sizes: Array) -> Array:
    """What a proximal-gradient step of each weight alone takes off the objective, at the least: half its square in
    units where the curvature is 1. z is the negative gradient, the intercept following."""
    unit = np.where(sizes > 0, sizes, 1.0)
    with np.errstate(over="ignore", invalid="ignore"):  # a quadratic term may be infinite in these units
        here, pull = unit * coef, z / unit
        if problem.lam > 0:
            there = problem.penalty.scaled(1 / unit).prox(here + pull, problem.lam)
        else:
            there = np.maximum(here + pull, 0.0) if problem.penalty.nonnegative else here + pull
        gain = 0.5 * (np.where(problem.penalty.excluded, 0.0, there) - here) ** 2
    return np.where(np.isnan(gain), np.inf, gain)


def safe_radius(gap: float, sizes: Array) -> Array:
    """``sqrt(2 gap) ||x_j||``: how far x_j'theta* can be from x_j'theta."""
    with np.errstate(invalid="ignore", over="ignore"):
        radius = np.sqrt(2 * gap) * sizes
    return np.where(np.isnan(radius), np.inf, radius)


def proven_zeros(problem: Problem, point: DualPoint, radius: Array) -> NDArray[np.bool_]:
    """Features that are 0 in every optimal solution."""
    return problem.penalty.zero_margin(point.z, radius, problem.lam) > 0


def curvature_floor(problem: Problem, point: DualPoint, u: Array, gap: float) -> Array:
    """A lower bound on each sample's curvature between u and every optimal prediction."""
    kappa, s = max_curvature(problem, point, gap), problem.s
    if not np.isfinite(kappa[s > 0]).all():
        return np.zeros_like(s)
    reach = np.sqrt(2 * gap * np.divide(kappa, s, out=np.zeros_like(s), where=s > 0))
    a = slopes_of(problem, point.theta)
    here = problem.loss.gradient(u, problem.y)
    low, high = np.minimum(a - reach, here), np.maximum(a + reach, here)
    lower, upper = problem.loss.slopes(problem.y)
    if not np.isfinite(reach).all():
        return np.zeros_like(s)
    ends = [np.where(s > 0, np.clip(end, lower, upper), 0.0) for end in (low, high)]
    return np.where(s > 0, np.minimum(*(problem.loss.curvature_at_slope(end, problem.y) for end in ends)), 0.0)


def restricted_inverse(problem: Problem, features: Indices, floor: Array) -> Array | None:
    """The diagonal of ``H^-1`` on the features, or None where H is singular to working precision."""
    n = problem.shape[0]
    modulus = problem.lam * problem.penalty.modulus()[features]
    if not features.size or features.size > _LARGEST or (features.size > n and not np.all(modulus > 0)):
        return None
    weights = problem.s * floor
    columns = dense(take_columns(problem.X, features))
    largest = np.abs(columns).max(axis=0)
    columns = columns / np.where(largest > 0, largest, 1.0)
    for _ in range(2 * problem.intercept):  # the second round removes the rounding of the first
        if not weights.sum() > 0:
            return None
        columns = columns - (weights @ columns) / weights.sum()
    norm = np.sqrt(weights @ columns**2)
    own = np.sqrt(modulus) / np.where(largest > 0, largest, 1.0)
    unit = np.hypot(norm, own)  # the square root of the diagonal of the Hessian, in units of ``largest``
    if not np.all(unit > 4 * n * _EPS * np.sqrt(weights.sum())):  # a constant column, centred
        return None
    columns = columns / unit
    scaled = (columns.T * weights) @ columns + np.diag((own / unit) ** 2)
    unit = unit * np.where(largest > 0, largest, 1.0)
    # shift by a bound on the rounding of the product, so that a factorisation proves definiteness
    shift = 4 * (n + features.size) * _EPS * features.size
    try:
        factor = cho_factor(scaled - shift * np.eye(features.size), lower=True)
    except LinAlgError:
        return None
    with np.errstate(over="ignore", under="ignore"):
        return np.diag(cho_solve(factor, np.eye(features.size))) / unit / unit


def uniqueness(
    problem: Problem,
    coef: Array,
    intercept: float,
    u: Array,
    gap: float,
    point: DualPoint,
    radius: Array,
    inverse: Array | None,
    tolerance: float,
    error: float,
) -> Uniqueness:
    """Whether the optimal solution is unique, and why.

    "Not unique" is shown on a certified point only, ``tolerance`` being 0 otherwise: by a move that leaves every
    prediction as it is, up to rounding, and costs at most ``tolerance``, and 1e-5 of its penalty, plus ``error``.
    """
    zeros = proven_zeros(problem, point, radius)
    left = np.flatnonzero(~zeros)
    if problem.recession is not None:
        names = [problem.feature_names[j] for j in np.flatnonzero(problem.recession.coef)]
        shown = ", ".join(names[:3]) + (f" and {len(names) - 3} others" if len(names) > 3 else "")
        return Uniqueness("undecided", f"no solution exists: weights without penalty run to infinity: {shown}")
    one_intercept = not problem.intercept or bool(curvature_floor(problem, point, u, gap).any())
    but = "" if one_intercept else ": the weights are unique, the intercept may not be"
    if not left.size:
        return Uniqueness("unique" if one_intercept else "undecided", f"every feature is proven zero{but}")
    if inverse is not None:
        return Uniqueness(
            "unique", f"no solution uses more than {left.size} features, where the objective's curvature has full rank"
        )
    if np.all(problem.lam * problem.penalty.modulus()[left] > 0):
        why = f"the penalty is strongly convex in every feature not proven zero{but}"
        return Uniqueness("unique" if one_intercept else "undecided", why)
    direction = _flat_direction(problem, coef, point, radius) if tolerance > 0 else None
    if direction is not None:
        cost = _cost(problem, coef, intercept, direction)
        flat = _shift(problem, direction) <= _FLAT * float(np.abs(direction) @ problem.columns.norm)
        if flat and cost <= min(tolerance, 1e-5 * problem.penalty_value(np.abs(direction))) + error:
            j = int(np.argmax(np.abs(direction) * problem.columns.norm))
            return Uniqueness(
                "not unique",
                f"the columns at their bound are linearly dependent; moving {problem.feature_names[j]} by "
                f"{direction[j]:.3g}, and others with it, changes the objective by at most {max(cost, 0.0):.1e}",
                direction,
            )
    return Uniqueness("undecided", f"features not proven zero: {left.size}, without full-rank curvature on them")


def _shift(problem: Problem, direction: Array) -> float:
    """The size of the change of the predictions along the direction, the intercept following."""
    shift = problem.predict(direction)
    if problem.intercept:
        shift = shift - float(problem.s @ shift) / float(problem.s.sum())
    return float(np.sqrt(problem.s @ shift**2))


def _cost(problem: Problem, coef: Array, intercept: float, direction: Array) -> float:
    """What moving along the direction, with the intercept following, adds to the objective."""
    drift = float(problem.s @ problem.predict(direction)) / float(problem.s.sum()) if problem.intercept else 0.0
    return problem.objective(coef + direction, intercept - drift) - problem.objective(coef, intercept)


def _flat_direction(problem: Problem, coef: Array, point: DualPoint, radius: Array) -> Array | None:
    """A move d, feasible for the signs, with X d + b 1 = 0 and P unchanged, as long as signs allow; or None.

    Among the features at their bound, linear programming maximises the weight that can be moved.
    """
    from scipy.optimize import linprog

    threshold = problem.penalty.threshold(problem.lam)
    statistics = problem.columns
    size = statistics.spread if problem.intercept else statistics.norm
    moves = size > 4 * _EPS * statistics.norm  # not a constant column
    unit = np.where(moves, size, 1.0)
    largest = float(np.abs(coef * unit).max()) or 1.0
    tiny = np.abs(coef * unit) <= 1e-6 * largest
    with np.errstate(invalid="ignore"):
        near = np.maximum(1e-6 * threshold, np.where(np.isfinite(radius), radius, 0.0))
        slack = problem.penalty.zero_margin(point.z, 0.0, problem.lam)
    at_bound = np.flatnonzero(((slack <= near) | ~tiny) & ~proven_zeros(problem, point, radius))
    if not 0 < at_bound.size <= _LARGEST:
        return None
    columns = dense(take_columns(problem.X, at_bound))
    if problem.intercept:
        columns = columns - statistics.mean[at_bound]
    columns = columns / np.where(moves, unit, np.inf)[at_bound]
    # thin: the same null space in at most |E| rows
    triangle = np.linalg.qr(np.sqrt(problem.s)[:, None] * columns, mode="r")
    singular, right = np.linalg.svd(triangle)[1:]
    rank = int(np.count_nonzero(singular > 1e-10 * max(singular[0], 1e-300)))
    if rank == at_bound.size:
        return None
    null = right[rank:].T
    w, tiny = (coef * unit)[at_bound], tiny[at_bound]
    sign = np.where(w != 0, np.sign(w), np.where(point.z[at_bound] < 0, -1.0, 1.0))
    sign = np.ones_like(w) if problem.penalty.nonnegative else sign
    fixed_sign = (threshold[at_bound] > 0) | problem.penalty.nonnegative
    # maximise the movement: sum over zero features of sign_j d_j, keep nonzero ones inside their sign
    limit = np.where(tiny, 0.0, np.abs(w))
    goal = np.where(tiny, sign, np.random.default_rng(0).standard_normal(w.size)) @ null
    rows = -(sign[:, None] * null)[fixed_sign]
    result = linprog(-goal / largest, A_ub=rows, b_ub=limit[fixed_sign] / largest, bounds=(-2, 2))
    if result.status != 0:
        return None
    d = np.zeros_like(coef)
    d[at_bound] = largest * (null @ result.x) / unit[at_bound]
    if problem.penalty.nonnegative:  # to the last digit
        d = np.maximum(d, -coef)
    return d if np.abs(null @ result.x).max() > 1e-6 else None
