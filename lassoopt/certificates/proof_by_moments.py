"""A bound on the gap of a least squares answer follows from the moments of the data, without a pass over these.

With r the residual at the best intercept, ``theta = t S r`` is a dual point, t in (0, 1] being what makes it feasible.
By the inequality of Fenchel and Young, its gap parts into terms that are small by themselves:

    1/2 (1 - t)^2 r'Sr + (lam P(w) + lam P*(t z / lam) - t z'w),    z = X' S r

What rounding may have done to z is added to it, so that t and the bound hold for the exact theta. Where b is not the
best intercept, ``1/2 |s| e^2`` comes in addition, e being how far off it is.
"""

from __future__ import annotations

import numpy as np

from ..arrays.design_matrix import Array, overflow_is_no_event
from ..arrays.precision import LOST, gamma
from ..problems.problem import Problem
from .dual_points import column
from .rounding_bounds import ITSELF, SMALLEST_LEVEL


@overflow_is_no_event
def gap_bounds(problem: Problem, coef: Array, constant: Array, lam: Array) -> Array:
    """Bound the gap of each of several points of a centred problem, rounding included; inf or nan where there is none.

    Parameters
    ----------
    problem : Problem
    coef : array of shape (k, p)
    constant, lam : arrays of shape (k,)
        Their intercepts, and lam above 0.
    """
    moments, penalty, p = problem.moments, problem.penalty, coef.shape[1]
    if moments is None or not problem.penalises_all:
        return np.full(len(coef), np.inf)
    M, size = moments.matrix, moments.size
    a = np.column_stack([-coef, -constant - coef @ moments.shift, np.ones(len(coef))])
    reach, products = np.abs(a) @ size, a @ M
    off = np.zeros(len(coef))
    if problem.intercept:
        unsure = gamma(p + 8) * (np.abs(constant) + np.abs(coef) @ np.abs(moments.shift))  # of the intercept
        off = products[:, p] / M[p, p]
        products = products - off[:, None] * M[p]
        reach = reach + np.abs(off) * size[p]
        off = np.abs(off) + 2 * moments.accuracy * reach / size[p] + unsure
    z, dz = products[:, :p], 2 * moments.accuracy * reach[:, None] * size[:p] + LOST
    worst = z + (dz if penalty.nonnegative else np.copysign(dz, z))
    gauge = (penalty.by_row(penalty.gauge, worst) + LOST) / lam
    t = 1 / np.maximum(1.0, gauge * (1 + gamma(64 + penalty.largest_group)))
    value, pull = problem.penalty_value(coef, lam), np.abs(coef) * (np.abs(z) + dz)
    at_worst = 0.0
    if not penalty.is_norm:
        enlarged = column(t / lam) * worst * (1 + gamma(8))
        at_worst = lam * penalty.by_row(penalty.conjugate, enlarged + np.copysign(LOST, worst))
    of_penalty = np.maximum(value + at_worst - t * (coef * z).sum(axis=1), 0.0) + (np.abs(coef) * dz).sum(axis=1)
    rounding = gamma(2 * p + 16) * (value + at_worst + pull.sum(axis=1)) + (p + 8) * LOST * (1 + lam)
    of_loss = 0.5 * ((1 - t) * reach) ** 2 + 0.5 * (off * size[p]) ** 2
    bound = (of_loss + of_penalty + rounding + penalty.by_row(penalty.lost, coef) * lam) * ITSELF
    return np.where(lam * penalty.least_level >= SMALLEST_LEVEL, bound, np.inf)
