"""The optimality conditions, feature by feature: margins, states, and the rows of the table."""

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
    """One feature's optimality condition.

    Attributes
    ----------
    name, coef : str, float
    gradient : float
        ``dLoss/dw_j`` at the given point.
    lam : float
        ``lam_j``: the size the gradient (or its group's norm) must reach for ``w_j`` to leave 0.
    margin : float
        How far inside its bound the condition is that holds ``w_j`` at 0; for an active feature, minus
        the distance of its gradient from where it must be.
    gain : float
        What moving this one weight would take off the objective, at the least.
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
    """How much of the penalty's hold at 0 the negative gradient z uses up: +-1 is the edge of the band.

    ``z_j / lam_j`` where P is a sum over features, and in a group what the whole group uses, with the sign of z_j;
    0 for an excluded feature, which nothing moves, and +-inf for a free one that is pulled. Shape (p,).
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
    """Which weights the penalty does not allow at all."""
    return ~np.isfinite(problem.penalty.subdiff_distance(coef, z, problem.lam))


def margins(problem: Problem, coef: Array, z: Array, zero: NDArray[np.bool_]) -> Array:
    """`Row.margin` of every feature, from the negative gradient z; ``zero`` says which count as 0."""
    held = problem.penalty.zero_margin(z, 0.0, problem.lam)
    distance = problem.penalty.subdiff_distance(np.where(zero, 0.0, coef), z, problem.lam)
    margin = np.where(zero & (distance == 0), held, -distance)
    return np.where(outside(problem, coef, z), -np.inf, margin)


def states(
    problem: Problem, coef: Array, z: Array, zero: NDArray[np.bool_], broken: NDArray[np.bool_]
) -> NDArray[np.str_]:
    """`Row.state` of every feature; ``broken`` says whose gain is above tolerance."""
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
    """One `Row` a feature, in plain numbers."""
    threshold = problem.penalty.threshold(problem.lam)
    columns = coef, -z, threshold, margin, gain, state, proven_zeros, proven_signs
    return tuple(Row(*row) for row in zip(problem.feature_names, *(column.tolist() for column in columns), strict=True))
