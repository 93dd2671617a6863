"""`dual_choice` picks what proves most: the gradient, the solver's multiplier, or the optimum's on the support."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..arrays.design_matrix import Array
from ..problems.problem import Problem
from .dual_points import DualPoint, candidates, feasible
from .evidence import Evidence
from .newton_on_support import polish
from .rounding_bounds import DualBound, dual_bound

_LARGEST_POLISHED = 500  # features
_SAME = 1e-12  # two multipliers that differ by less, relative to the largest entry, give the same dual point


def dual_points_at(problem: Problem, coef: Array, u: Array, given: Array | None) -> list[DualPoint]:
    """Return feasible dual points made of what the prediction u of ``coef`` suggests, and of the given multiplier."""
    suggested = candidates(problem, coef, u)
    points = [feasible(problem, theta) for theta in suggested]
    if given is not None:
        new = np.abs(given - suggested[0]).max() > _SAME * np.abs(given).max()
        if new or points[0].shrunk_by == 0:
            points.append(feasible(problem, given))
    return points


def most_proving(problem: Problem, points: Sequence[DualPoint]) -> tuple[DualPoint, DualBound]:
    """Return the point whose value less its rounding error is highest, as several may be equal but for rounding."""
    if problem.scale == 0:  # the multiplier of an exact fit is free of rounding, beside which nothing is small
        points = [*points, feasible(problem, np.zeros_like(points[0].theta))]
    bounded = [(point, dual_bound(problem, point)) for point in points]
    return max(bounded, key=lambda pair: (pair[0].value - pair[1].error, pair[0].value))


def sharpened(evidence: Evidence) -> Evidence:
    """Return the evidence with the optimal multiplier on the support of ``coef``, if its dual value is higher.

    Far from the optimum the rescaled gradient is a poor multiplier, and most of the gap is its fault, not the point's.
    """
    problem, coef = evidence.problem, evidence.coef
    if np.count_nonzero(coef) > min(problem.shape[0], _LARGEST_POLISHED):
        return evidence
    intercept = evidence.constant - float(problem.centring.mean @ coef)
    polished = polish(problem, coef, intercept, np.zeros(problem.shape[0], dtype=bool))
    if polished is None:
        return evidence
    point = feasible(problem, polished[2])
    if point.value <= evidence.point.value:
        return evidence
    return Evidence(
        problem,
        coef,
        evidence.constant,
        evidence.u,
        evidence.z,
        evidence.multiplier_sum,
        point,
        dual_bound(problem, point),
    )
