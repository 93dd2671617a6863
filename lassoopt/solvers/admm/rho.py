"""`rho` chooses ADMM's penalty parameter: at the start from the loss, and then by residual balancing."""

from __future__ import annotations

import numpy as np

from ...problems.problem import Problem

_BALANCE = 1.5  # residuals further apart than this factor, in the root, change rho


def balancing_factor(primal_residual: float, dual_residual: float) -> float:
    """Return what rho is to be multiplied by (Boyd et al., sec. 3.4.1): a larger rho favours the primal residual.

    It is ``sqrt(primal / dual)``, at most 5 and at least 1/5; and 1, which changes nothing, where that is near 1.
    """
    ratio = primal_residual / max(dual_residual, 1e-300)
    factor = float(np.clip(np.sqrt(ratio), 0.2, 5.0))
    return factor if factor > _BALANCE or factor < 1 / _BALANCE else 1.0


def typical_curvature(problem: Problem) -> float:
    """Return the mean curvature of the loss at the null model; for a kinked loss, slope over residual."""
    u, weight = problem.null.u, problem.s / problem.s.sum()
    curvature = float(weight @ problem.loss.curvature(u, problem.y))
    if curvature > 1e-300:
        return curvature
    slope = float(weight @ np.abs(problem.loss.gradient(u, problem.y)))
    residual = float(weight @ np.abs(problem.y - u))
    ratio = slope / residual if slope > 0 and residual > 0 else 1.0
    return min(max(ratio, 1e-300), 1e300)  # both ways it is divided by
