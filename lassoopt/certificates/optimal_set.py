"""`optimal_set` decides whether the optimal solution is the only one.

*Unique.* Two optimal points have the same theta*, and so the same prediction at every sample of positive curvature.
They are one point if the columns of the features that are not proven zero, and the 1 of the intercept, are linearly
independent on those samples (cf. Tibshirani 2013, Lemma 2), or if the penalty is strongly convex in each such feature.
Independence is proven by `curvature.inverse_roots`, or in exact arithmetic by `linear_dependence`.

*Not unique.* Among the features left, let U be independent columns, and ``x_k = X_U q + c 1`` exactly for each other
feature k. Let w' minimise the problem in which all these w_k are 0. Move the point at hand along the null vectors until
its w_k are 0; the gap then bounds how far w' is from it. Suppose that this proves the sign of w'_j wherever a q_j is
not 0 and the feature is penalised. Then ``z_k = q'z_U = lam q'(c_U sign w'_U)`` is known, and three cases remain:

    |z_k| <= lam c_k for all k     w' is optimal in the full problem as well
    |z_k| <  lam c_k for all k     every w_k is 0 in every solution, so that w' is the only one
    |z_k| =  lam c_k for one k     w_k can leave 0 along its null vector: w' is not the only one

A dependence among free features alone (without a sign condition) needs none of this: then no solution is the only one.
That presumes that there is a solution, which `_attained` shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy.linalg import lstsq

from ..arrays.design_matrix import Array, Indices, dense
from ..arrays.precision import TINY
from ..problems.problem import Problem
from .curvature import curvature_floor, inverse_roots, weight_error
from .evidence import Evidence
from .linear_dependence import affordable, combination, eliminate, provable

_MOST_MOVES = 10  # along null vectors; after each one the elimination starts anew


@dataclass(frozen=True)
class Uniqueness:
    """``verdict`` is "unique", "not unique" or "undecided"; ``direction`` moves w to a second solution."""

    verdict: str
    reason: str
    direction: Array | None = None


def uniqueness(evidence: Evidence) -> Uniqueness:
    """Decide whether the optimal solution is unique, and say why."""
    problem, left, (roots, _, floor) = evidence.problem, evidence.left, evidence.curvature
    if problem.recession is not None:
        names = [problem.feature_names[j] for j in np.flatnonzero(problem.recession.coef)]
        shown = ", ".join(names[:3]) + (f" and {len(names) - 3} others" if len(names) > 3 else "")
        return Uniqueness("undecided", f"no solution exists: weights without penalty run to infinity: {shown}")
    one_intercept = not problem.intercept or bool(floor.any())
    but = "" if one_intercept else ": the weights are unique, the intercept may not be"
    if not left.size:
        return Uniqueness("unique" if one_intercept else "undecided", f"every feature is proven zero{but}")
    full = f"no solution uses more than {left.size} features, where the objective's curvature has full rank"
    if roots is not None:
        return Uniqueness("unique", full)
    weak = left[~(problem.lam * problem.penalty.modulus()[left] > 0)]
    if not weak.size:
        why = f"the penalty is strongly convex in every feature not proven zero{but}"
        return Uniqueness("unique" if one_intercept else "undecided", why)
    if floor.any() and _independent(problem, weak, floor):
        return Uniqueness("unique", full)
    return _shown(evidence)


def _independent(problem: Problem, features: Indices, floor: Array) -> bool:
    """Return whether the columns, and the intercept's, are exactly independent on the samples of positive curvature."""
    rows = np.flatnonzero(floor > 0)
    if rows.size < features.size + problem.intercept or not affordable(rows.size, features.size):
        return False
    return not eliminate(_columns(problem, features, rows), problem.intercept)[1]


def _shown(evidence: Evidence) -> Uniqueness:
    """Return what an exact dependence among the columns of the features left proves."""
    problem, coef, left = evidence.problem, evidence.coef, evidence.left
    penalty, rows = problem.penalty, np.flatnonzero(problem.s > 0)
    free = np.zeros_like(problem.unpenalised) if penalty.nonnegative else problem.unpenalised
    alone = left[free[left]]
    attained = not alone.size or _attained(problem, evidence.curvature[2])
    crowded = attained and alone.size + problem.intercept > rows.size
    movable = left if penalty.is_norm and penalty.separable else alone
    if not movable.size or not affordable(rows.size, movable.size):
        more = f"there are {alone.size} features without penalty, more than {rows.size} samples can tell apart"
        return Uniqueness("not unique", more) if crowded else _undecided(problem, left)
    w = _spread(coef, left, coef[left])
    for _ in range(_MOST_MOVES):
        # free features first, and large weights before small ones
        size = np.where(free, np.inf, np.abs(w) * problem.columns.norm)[movable]
        movable = movable[np.argsort(-size, kind="stable")]
        columns = _columns(problem, movable, rows)
        basis, others = eliminate(columns, problem.intercept)
        if not others:
            return _undecided(problem, left)
        for k in others:
            if free[movable[k]] and (crowded or (attained and _proven(columns, problem.intercept, {k: others[k]}))):
                move = _null_vector(columns, problem.intercept, k, others[k])
                return _not_unique(problem, _spread(coef, movable, move))
        if movable.size < left.size:
            return _undecided(problem, left)
        w[movable], done = _without(problem, columns, w[movable], movable, others)
        if done:
            return _judged(evidence, w, movable, columns, basis, others)
    return _undecided(problem, movable, others)


def _judged(
    evidence: Evidence, w: Array, features: Indices, columns: Array, basis: list[int], others: dict[int, list[int]]
) -> Uniqueness:
    """Return the verdict of the module's docstring, from a point w whose weights are 0 outside the basis."""
    problem, coef = evidence.problem, evidence.coef
    level = problem.penalty.threshold(float(problem.lam > 0))[features]
    u, gap = evidence.gap_of(w)
    roots = inverse_roots(problem, features[basis], curvature_floor(problem, evidence.point, w, u, gap))
    here, sign = w[features], np.zeros(features.size, dtype=int)
    if roots is not None:
        error = weight_error(gap, roots)
        sign[basis] = np.where(np.abs(here[basis]) > error, np.sign(here[basis]), 0)
    known = (sign != 0) | ((level == 0) & (not problem.penalty.nonnegative))
    if not all(known[terms].all() for terms in others.values()):
        return _undecided(problem, features, others)
    proven = _proven(columns, problem.intercept, others)
    if roots is None or proven is None:
        return _undecided(problem, features, others)
    tied = None
    for k, q in proven.items():
        pulls = (value * int(sign[j]) * Fraction(level[j]) for value, j in zip(q, others[k], strict=True))
        pull = sum(pulls, Fraction(0))
        slack = Fraction(level[k]) - (pull if problem.penalty.nonnegative else abs(pull))
        if slack < 0:  # the point is far from optimal
            return _undecided(problem, features, others)
        if slack == 0:
            tied = k, -1 if pull < 0 else 1
    if tied is None:
        rank = f"no solution uses more than {len(basis)} features, where the objective's curvature has full rank"
        return Uniqueness("unique", rank)
    k, raised = tied
    move = raised * _null_vector(columns, problem.intercept, k, others[k])
    shrinking = move * sign < 0
    with np.errstate(over="ignore", under="ignore"):
        furthest = float(np.min(-here[shrinking] / move[shrinking], initial=np.inf))
        ends = here, here + (furthest if furthest < np.inf else 1.0) * move
    directions = [_spread(coef, features, end) - coef for end in ends]
    return _not_unique(problem, max(directions, key=lambda move: _size(problem, move)))


def _without(
    problem: Problem, columns: Array, w: Array, features: Indices, others: dict[int, list[int]]
) -> tuple[Array, bool]:
    """Move weights along null vectors, none crossing 0, to make those of dependent columns 0; tell if they are.

    It stops where another weight becomes 0 first, as that changes which columns depend on which.
    """
    level = problem.penalty.threshold(float(problem.lam > 0))[features]
    held = (level > 0) | problem.penalty.nonnegative
    for k in others:
        if w[k] == 0:
            continue
        move = _null_vector(columns, problem.intercept, k, others[k])
        if not np.isfinite(move).all():
            return w, False
        blocks = np.flatnonzero((held | (np.arange(w.size) == k)) & (move != 0) & (w != 0))
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            steps = -w[blocks] / move[blocks]
            rate = float(level * np.sign(w) @ move)
            downhill = steps * rate < 0
            if abs(rate) <= 1e-12 * float(level @ np.abs(move)) or not downhill.any():
                downhill[:] = True
            first = int(np.argmin(np.where(downhill, np.abs(steps), np.inf)))
            w = w + steps[first] * move
        w[blocks[first]] = 0.0
        if blocks[first] != k:
            return w, False
    return w, True


def _null_vector(columns: Array, intercept: bool, k: int, others: list[int]) -> Array:
    """Return the move that raises ``w_k`` by 1 and changes no prediction but by rounding; the intercept follows."""
    move = np.zeros(columns.shape[1])
    if others:
        unit = np.maximum(np.abs(columns).max(axis=0), TINY)
        A = columns / unit
        A = A - A.mean(axis=0) if intercept else A
        with np.errstate(over="ignore", under="ignore"):
            move[others] = -lstsq(A[:, others], A[:, k], lapack_driver="gelsy")[0] / unit[others] * unit[k]
    move[k] = 1.0
    return move


def _proven(columns: Array, intercept: bool, others: dict[int, list[int]]) -> dict[int, list[Fraction]] | None:
    """Return the exact coefficients of each dependence; None if one is not true, or would cost too much to tell."""
    if not provable(columns.shape[0], [len(terms) for terms in others.values()]):
        return None
    found = {}
    for k, terms in others.items():
        q = combination(columns[:, terms], columns[:, k], intercept)
        if q is None:
            return None
        found[k] = q
    return found


def _attained(problem: Problem, floor: Array) -> bool:
    """Return whether a solution surely exists: no loss falls forever, or each has proven curvature.

    Theta* then lies inside the domain of the dual problem (Rockafellar, Convex Analysis, 1970, cor. 31.2.1).
    """
    used = problem.s > 0
    ray, y = np.ones(int(used.sum())), problem.y[used]
    falls = problem.loss.recedes(ray, y) | problem.loss.recedes(-ray, y)
    return not falls.any() or bool((floor[used] > 0).all())


def _columns(problem: Problem, features: Indices, rows: Indices) -> Array:
    return dense(problem.X[:, features])[rows]  # keeps the order of the features


def _spread(like: Array, features: Indices, values: Array) -> Array:
    """Return a vector with the values at these features, and 0 elsewhere."""
    full = np.zeros_like(like)
    full[features] = values
    return full


def _size(problem: Problem, move: Array) -> float:
    return float((np.abs(move) * problem.columns.norm).max())


def _not_unique(problem: Problem, direction: Array) -> Uniqueness:
    j = int(np.argmax(np.abs(direction) * problem.columns.norm))
    return Uniqueness(
        "not unique",
        f"the columns at their bound are linearly dependent; moving {problem.feature_names[j]} by "
        f"{direction[j]:.3g}, and others with it, changes neither a prediction nor the penalty",
        direction,
    )


def _undecided(problem: Problem, left: Indices, others: dict[int, list[int]] | None = None) -> Uniqueness:
    """State that nothing is proven, and which of the features left seem to depend on which."""
    reason = f"features not proven zero: {left.size}, without full-rank curvature on them"
    if others:
        k, terms = next(iter(others.items()))
        of = ", ".join(problem.feature_names[j] for j in left[terms[:4]]) or "nothing"
        more = f" and {len(terms) - 4} more" if len(terms) > 4 else ""
        reason += f"; the column of {problem.feature_names[left[k]]} seems to be a combination of {of}{more}"
    return Uniqueness("undecided", reason)
