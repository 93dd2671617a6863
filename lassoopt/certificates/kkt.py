"""`kkt` states the optimality conditions (Karush, Kuhn & Tucker) and tells how a point meets them, feature by feature.

``Loss(w, b) + lam P(w)`` is convex, so a point is optimal exactly where 0 is a subgradient. With ``theta = -dLoss/du``
at ``u = X w + b 1``, the chain rule gives ``-dLoss/dw = X' theta`` and ``-dLoss/db = 1' theta``. So optimal means

    X' theta is in lam dP(w),   and   1' theta = 0 if there is an intercept.

For plain L1, ``P(w) = sum_j c_j |w_j|``; write ``lam_j = lam c_j`` and ``z_j = x_j' theta``. The one subgradient of
``|w_j|`` is sign(w_j) where w_j is not 0; at the kink, w_j = 0, every number in [-1, 1] is one. Hence

    |z_j| <= lam_j            where w_j = 0: the loss pulls at w_j, and the penalty can hold it
    z_j = lam_j sign(w_j)     elsewhere: the two slopes cancel

The first is an inequality: where it is strict, small changes of the data or of lam leave it true, and w_j stays
*exactly* 0. (A smooth penalty, such as w_j^2, has slope 0 at 0 and holds nothing.) The others, with ``r = l1_ratio``:

    penalty          where zero                                        elsewhere
    NonnegativeL1    z_j <= lam_j                                      z_j = lam_j, and w_j > 0
    ElasticNet       |z_j| <= lam r c_j                                z_j = lam (r c_j sign(w_j) + (1 - r) c_j^2 w_j)
    Group            ||(z / c)_g|| <= lam k_g, for w_g = 0             z_j = lam k_g n_j
    SparseGroup      ||soft((z / c)_g, lam r)|| <= lam (1 - r) k_g,    z_j = lam (r c_j sign(w_j) + (1 - r) k_g n_j)
                     for w_g = 0; |z_j| <= lam r c_j for a single w_j = 0 in an active group

where ``n_j = c_j^2 w_j / ||(c * w)_g||`` and ``soft(v, t) = sign(v) max(|v| - t, 0)``; see `Penalty.conditions`.
``c_j = inf`` asks for w_j = 0 alone. A loss with kinks has several theta; one that meets all conditions is enough.
Sources: Boyd & Vandenberghe (2004), sec. 5.5.3; Tibshirani, The lasso problem and uniqueness (2013), sec. 2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..arrays.design_matrix import Array
from ..problems.problem import Problem

_BOUNDARY = 1e-6  # of lam_j: margins below this count as none
ACTIVE, HELD, BOUNDARY, VIOLATED = "active", "zero, held", "zero, on the boundary", "violated"


@dataclass(frozen=True)
class Row:
    """A row tells how one feature meets its optimality condition.

    Attributes
    ----------
    name, coef : str, float
    gradient : float
        ``dLoss/dw_j`` at the given point.
    lam : float
        ``lam_j``, the size that the gradient (or its group's norm) must reach for ``w_j`` to leave 0.
    margin : float
        How far the gradient is inside the bound that holds ``w_j`` at 0; for an active feature, minus the distance of
        its gradient from where it must be.
    gain : float
        At least this much would moving this one weight take off the objective.
    state : str
        "active", "zero, held", "zero, on the boundary" or "violated" (``gain`` above tolerance).
    proven_zero : bool
        Whether the feature is 0 in every optimal solution.
    proven_sign : int
        The sign of ``w_j`` in every optimal solution, 0 if that is not proven.
    """

    name: str
    coef: float
    gradient: float
    lam: float
    margin: float
    gain: float
    state: str
    proven_zero: bool
    proven_sign: int


def reach(problem: Problem, z: Array) -> Array:
    """Return how much of the penalty's hold at 0 the negative gradient z uses up; +-1 is the edge of the band.

    It is ``z_j / lam_j`` where P is a sum over features, and in a group what the whole group uses, with the sign of
    z_j. It is 0 for an excluded feature, which nothing moves, and +-inf for a free one that is pulled. Shape (p,).
    """
    if problem.penalty.separable:
        level = problem.penalty.threshold(problem.lam)
        with np.errstate(divide="ignore"):
            return np.divide(z, level, out=np.zeros_like(z), where=(z != 0) & np.isfinite(level))
    used, group_of = np.zeros_like(z), problem.penalty.group_of
    for group in range(group_of.max() + 1):
        members = group_of == group
        used[members] = problem.penalty.gauge(np.where(members, z, 0.0)) / problem.lam if problem.lam else np.inf
    return np.copysign(used, z)


def outside(problem: Problem, coef: Array, z: Array) -> NDArray[np.bool_]:
    """Return which weights the penalty does not allow at all."""
    return ~np.isfinite(problem.penalty.subdiff_distance(coef, z, problem.lam))


def margins(problem: Problem, coef: Array, z: Array, zero: NDArray[np.bool_]) -> Array:
    """Return `Row.margin` of every feature, from the negative gradient z; ``zero`` says which weights count as 0."""
    held = problem.penalty.zero_margin(z, 0.0, problem.lam)
    distance = problem.penalty.subdiff_distance(np.where(zero, 0.0, coef), z, problem.lam)
    margin = np.where(zero & (distance == 0), held, -distance)
    return np.where(outside(problem, coef, z), -np.inf, margin)


def states(
    problem: Problem, coef: Array, z: Array, zero: NDArray[np.bool_], broken: NDArray[np.bool_]
) -> NDArray[np.str_]:
    """Return `Row.state` of every feature; ``broken`` says whose gain is above tolerance."""
    threshold = problem.penalty.threshold(problem.lam)
    inside = margins(problem, coef, z, zero) > _BOUNDARY * np.where(np.isfinite(threshold), threshold, 0.0)
    state = np.where(zero, np.where(inside, HELD, BOUNDARY), ACTIVE)
    return np.where(broken | outside(problem, coef, z), VIOLATED, state)


def rows(
    problem: Problem,
    coef: Array,
    z: Array,
    margin: Array,
    gain: Array,
    state: NDArray[np.str_],
    proven_zeros: NDArray[np.bool_],
    proven_signs: NDArray[np.int_],
) -> tuple[Row, ...]:
    """Return one `Row` for each feature, in plain numbers."""
    threshold = problem.penalty.threshold(problem.lam)
    columns = coef, -z, threshold, margin, gain, state, proven_zeros, proven_signs
    return tuple(Row(*row) for row in zip(problem.feature_names, *(column.tolist() for column in columns), strict=True))
