"""`screening` says which zeros of a point are zeros of *every* optimal solution, as a small gap proves.

The dual is strongly concave where the loss is smooth, so every optimal theta* lies in the ball

    sum_i (theta*_i - theta_i)^2 / (kappa_i s_i) <= 2 gap,

hence ``|x_j'(theta* - theta)| <= sqrt(2 gap) ||x_j||``, in the norm weighted by kappa_i s_i (columns centred if there
is an intercept). A feature whose condition holds strictly on the whole ball is 0 in every solution: the gap-safe sphere
(Fercoq, Gramfort & Salmon 2015; Ndiaye et al. 2017). `curvature` proves signs, and `optimal_set` uniqueness.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..arrays.design_matrix import Array, column_statistics
from ..problems.centring import STATISTICS
from ..problems.problem import Problem
from .dual_points import DualPoint, slopes_of


def max_curvature(problem: Problem, point: DualPoint, off: Array, gap: float) -> Array:
    """Return ``kappa_i``, at least the curvature between any theta* and the exact theta, with slopes within ``off``."""
    if not np.isfinite(gap):
        return np.full_like(problem.y, problem.loss.smoothness)
    with np.errstate(over="ignore"):
        per_sample = np.divide(gap, problem.s, out=np.full_like(problem.s, np.inf), where=problem.s > 0)
    a = slopes_of(problem, point.theta)
    return np.maximum(*(problem.loss.max_curvature(end, problem.y, per_sample) for end in (a - off, a + off)))


def column_sizes(problem: Problem, curvature: Array) -> tuple[Array, Array]:
    """Return upper bounds on ``||x_j||`` weighted by curvature_i s_i (or inf), and the centres of the columns.

    The centres are the means in these weights if there is an intercept, else 0.
    """
    used = curvature[problem.s > 0]
    columns, factor = problem.columns, STATISTICS
    if not np.isfinite(used).all():
        return np.where(columns.norm > 0, np.inf, 0.0), np.zeros_like(columns.mean)
    if np.all(used == used[0]):
        factor *= float(np.sqrt(used[0]))
    else:
        columns = column_statistics(problem.X, problem.s * np.where(problem.s > 0, curvature, 0.0))
    if problem.intercept:
        return factor * columns.spread, columns.mean
    return factor * columns.norm, np.zeros_like(columns.mean)


def step_gain(problem: Problem, coef: Array, z: Array, sizes: Array) -> Array:
    """Return by how much a proximal-gradient step of each weight alone lowers the objective, at the least.

    That is half its square, in units of curvature 1; z is the negative gradient, and the intercept follows.
    """
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
    """Return ``sqrt(2 gap) ||x_j||``, which bounds how far x_j'theta* can be from x_j'theta."""
    with np.errstate(invalid="ignore", over="ignore"):
        radius = np.sqrt(2 * gap) * sizes
    return np.where(np.isnan(radius), np.inf, radius)


def proven_zeros(problem: Problem, point: DualPoint, radius: Array) -> NDArray[np.bool_]:
    """Return which features are 0 in every optimal solution."""
    return problem.penalty.zero_margin(point.z, radius, problem.lam) > 0
