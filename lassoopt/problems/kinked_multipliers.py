"""Where predictions meet their targets, the multipliers of a kinked loss may take any value of an interval.

The values wanted are those with the least correlations ``max_j |x_j' theta| / level_j``, under which a null model
stays optimal the longest: a linear program, its rows generated as they are violated.
"""

from __future__ import annotations

import numpy as np

from ..arrays.design_matrix import Array, Indices, Matrix, dense, product, take_columns
from ..arrays.precision import TINY
from .linear_program import multipliers

_ROUNDS = 30
_ROWS = 50  # added a round


def least_correlations(
    X: Matrix,
    theta: Array,
    at: Indices,
    bounds: tuple[Array, Array],
    fixed: tuple[Array, Array],
    level: Array,
    nonnegative: bool,
) -> Array | None:
    """Choose the entries ``at`` of ``theta`` anew; None is returned if the conditions cannot be met.

    Parameters
    ----------
    X, theta : arrays of shape (n, p), (n,)
    at : array of int
        The samples whose multiplier is free within ``bounds``, two arrays of their number.
    fixed : arrays of shape (n, k), (k,)
        Columns whose product with theta is given, and these products.
    level : array of shape (p,)
        Features at inf do not count.
    nonnegative : bool
        Whether only positive correlations count.
    """
    from scipy.optimize import linprog

    theta = theta.copy()
    theta[at] = 0.0
    counted = np.flatnonzero(np.isfinite(level))
    X, level = take_columns(X, counted), level[counted]
    if not counted.size:
        return None  # nothing to choose by
    offset, (columns, right), (low, high) = product(X.T, theta), fixed, bounds
    right = right - columns.T @ theta
    unit = np.maximum(np.abs(low), np.abs(high))  # solve for theta / unit, all of one size
    equal = columns[at].T * unit
    size = np.abs(equal).sum(axis=1) + np.abs(right) + TINY
    # the least t is at most tallest, so that t / tallest is of size 1 too
    sizes = product(abs(X[at]).T, unit) + np.abs(offset) + TINY
    if not np.isfinite(sizes).all():
        return None
    tallest = float(np.max(np.divide(sizes, level, out=np.zeros_like(sizes), where=level > 0), initial=0.0)) or 1.0
    chosen = np.union1d(np.flatnonzero(level == 0), np.argsort(-np.abs(offset) / sizes)[:_ROWS])
    signs = (1.0,) if nonnegative else (1.0, -1.0)
    for _ in range(_ROUNDS):
        rows = dense(take_columns(X, chosen))[at].T * unit / sizes[chosen, None]
        start, bound = offset[chosen] / sizes[chosen], level[chosen] * (tallest / sizes[chosen])
        if not (np.isfinite(rows).all() and np.isfinite(bound).all()):
            return None
        result = linprog(
            np.append(np.zeros(at.size), 1.0),
            A_ub=np.vstack([np.column_stack([sign * rows, -bound]) for sign in signs]),
            b_ub=np.concatenate([-sign * start for sign in signs]),
            A_eq=np.column_stack([equal / size[:, None], np.zeros(right.size)]),
            b_eq=right / size,
            bounds=[*zip(low / unit, high / unit, strict=True), (0.0, None)],
            method="highs-ds",
        )
        if result.status != 0:
            return None
        theta[at] = np.clip(result.x[:-1] * unit, low, high)
        z = product(X.T, theta)
        excess = ((z if nonnegative else np.abs(z)) - result.x[-1] * tallest * level) / sizes
        excess[chosen] = 0.0
        worst = np.argsort(-excess)[:_ROWS]
        worst = worst[excess[worst] > 1e-12]
        if not worst.size:
            break
        chosen = np.union1d(chosen, worst)  # in order, as `take_columns` wants them
    return theta


def least_violation(columns: Array, target: Array, bounds: tuple[Array, Array]) -> Array:
    """Find multipliers within their bounds for which ``columns' theta`` is as near to ``target`` as it can be.

    Nearness is the sum of the distances, each relative to what its column can reach; where target can be met, it is.

    Parameters
    ----------
    columns, target : arrays of shape (m, k), (k,)
    bounds : two arrays of shape (m,)
    """
    low, high = bounds
    reach = np.abs(columns).T @ np.maximum(np.abs(low), np.abs(high)) + np.abs(target) + TINY
    k = target.size
    short = np.eye(k)
    solved = multipliers(
        np.vstack([columns / reach, short, -short]),
        np.concatenate([np.zeros(low.size), -np.ones(2 * k)]),
        (np.append(low, np.zeros(2 * k)), np.append(high, np.full(2 * k, 2.0))),
        (target / reach, target / reach),
    )
    middle: Array = np.clip(0.0, low, high)
    return middle if solved is None else solved[0][: low.size]
