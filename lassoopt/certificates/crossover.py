"""`crossover` moves a point near the optimum of a linear program to its vertex (a piecewise linear loss, with L1).

Samples far from their targets stay on their side, with their multipliers at an end of the interval that the loss
allows, and features whose correlation is far below its level stay at 0. What is left is a program in the samples near
their targets and the features near their level (Portnoy & Koenker 1997, sec. 4), in its dual form

    maximise  y' theta   subject to   |x_j' theta| <= lam_j,   1' theta = 0,   theta_i in its interval.

It has one row for each feature. The far samples on each side count as one, with all their multipliers times one factor
in [0, 1], so that there is always a solution. It is as good as the guess of what is far; the certificate judges it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..arrays.design_matrix import Array, dense, product, take_columns
from ..problems.linear_program import multipliers
from ..problems.problem import Problem

_ROUNDS = 30
_FEATURES = 50  # at most so many join the program in a round
_SAMPLES = 500  # at least so many count as near their targets


def is_linear_program(problem: Problem) -> bool:
    """Return whether the loss is piecewise linear and the penalty too, feature by feature."""
    plain = problem.penalty.is_norm and problem.penalty.separable
    return problem.loss.kinked and (plain or problem.lam == 0)


def near_targets(problem: Problem, coef: Array, u: Array) -> NDArray[np.bool_]:
    """Return which samples are nearest their targets: several times as many as a vertex can hold exactly there."""
    off, several = np.abs(u - problem.y), _SAMPLES + 4 * int(np.count_nonzero(coef))
    if several >= off.size:
        return np.ones(off.size, dtype=bool)
    near: NDArray[np.bool_] = off <= np.partition(off, several)[several]
    return near


def crossover(
    problem: Problem, coef: Array, u: Array, near: NDArray[np.bool_], hint: Array
) -> tuple[Array, float, Array] | None:
    """Return the optimal ``(coef, intercept, theta)`` if samples not ``near`` their targets stay on their side of u.

    Parameters
    ----------
    coef : array of shape (p,)
        Features that are not 0 are in the program from the start; others join where they exceed their level.
    u : array of shape (n,)
        The prediction at ``coef``.
    near : array of bool, shape (n,)
        The samples whose multipliers are chosen anew.
    hint : array of shape (n,)
        A guess of theta, whose correlations say which features are looked at first.
    """
    level, columns = problem.penalty.threshold(problem.lam), problem.columns
    free = np.flatnonzero(near & (problem.s > 0))
    base = float(problem.s @ u / problem.s.sum()) if problem.intercept else 0.0
    mean = columns.mean if problem.intercept else np.zeros_like(coef)
    theta, r = problem.theta(u), problem.y - base
    theta[near] = 0.0
    far = np.column_stack([np.maximum(theta, 0.0), np.minimum(theta, 0.0)])
    far_z = product(problem.X.T, far) - np.outer(mean, far.sum(axis=0))
    low, high = problem.multiplier_bounds(free)
    bounds = np.append(low, [0.0, 0.0]), np.append(high, [1.0, 1.0])
    gain = np.append(r[free], r @ far)
    ones = np.append(np.ones(free.size), far.sum(axis=0))[:, None][:, : int(problem.intercept)]
    z, chosen = product(problem.X.T, hint) - mean * hint.sum(), np.flatnonzero((coef != 0) | (level == 0))
    for _ in range(_ROUNDS):
        over = _excess(problem, level, z)
        over[chosen] = -np.inf
        added = np.argsort(-over, kind="stable")[:_FEATURES]
        chosen = np.union1d(chosen, added[over[added] > -np.inf])
        rows = dense(take_columns(problem.X, chosen))[free] - mean[chosen]
        most, none = level[chosen], np.zeros(ones.shape[1])
        least = np.full(chosen.size, -np.inf) if problem.penalty.nonnegative else -most
        matrix = np.hstack([np.vstack([rows, far_z[chosen].T]), ones])
        solved = multipliers(matrix, gain, bounds, (np.append(least, none), np.append(most, none)))
        if solved is None:
            return None
        factors, v = solved
        theta = far @ factors[-2:]
        theta[free] = factors[:-2]
        z = product(problem.X.T, theta) - mean * theta.sum()
        w = np.zeros_like(coef)
        w[chosen] = v[: chosen.size]
        b = base + float(v[chosen.size :].sum()) - float(mean @ w)
        over = _excess(problem, level, z)
        over[chosen] = 0.0
        size = np.sqrt(float(np.sum(np.divide(theta**2, problem.s, out=np.zeros_like(theta), where=problem.s > 0))))
        if not np.any(over > 1e-12 * columns.norm * size):
            break
    return w, b, theta


def _excess(problem: Problem, level: Array, z: Array) -> Array:
    """Return by how much each correlation exceeds its level; that of an excluded feature never does."""
    return np.where(np.isfinite(level), (z if problem.penalty.nonnegative else np.abs(z)) - level, -np.inf)
