"""Newton's method on the support that a solver has found takes an answer from six digits to sixteen.

On the features that are not 0, with their signs kept, the objective is smooth, except where a kinked loss holds
predictions exactly at their targets. There ``u_i = y_i`` is a constraint and theta_i its multiplier:

    [ H  B' ] [ step   ]     [ gradient  ]      H = X_A' diag(s phi'') X_A + lam d2P,
    [ B  0  ] [ -theta ] = - [ u_Z - y_Z ]      B = the rows Z of [X_A 1].

A wrong support gives a worse certificate; the caller then drops the polished point.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack, lstsq, qr

from ..arrays.design_matrix import Array, Indices, dense, gram, product, take_columns, weighted
from ..problems.kinked_multipliers import least_violation
from ..problems.problem import Problem

_STEPS = 15


def polish(
    problem: Problem, coef: Array, intercept: float, kinks: NDArray[np.bool_]
) -> tuple[Array, float, Array] | None:
    """Return ``(coef, intercept, theta)`` at the optimum on the support of ``coef``, or None if Newton's method fails.

    Parameters
    ----------
    kinks : array of bool, shape (n,)
        The samples held at ``u_i = y_i``; only a kinked loss has them.
    """
    mean = problem.columns.mean if problem.intercept else np.zeros_like(coef)
    w, b = coef.copy(), intercept + float(mean @ coef)  # about the column means, where H is conditioned best
    sizes = problem.column_sizes
    theta, last = problem.theta(problem.predict(w, b)), np.inf
    support = np.flatnonzero((w != 0) | (problem.unpenalised & (not problem.penalty.nonnegative)))
    columns = dense(take_columns(problem.X, support)) - mean[support]
    for _ in range(_STEPS):
        with np.errstate(over="ignore", invalid="ignore"):
            step, theta = _newton_step(problem, support, columns, sizes, w, b, kinks)
        if not np.isfinite(step).all():
            return None
        new = w[support] + step[: support.size]
        b += float(step[-1]) if problem.intercept else 0.0
        flipped = (np.sign(new) * np.sign(w[support]) < 0) & ~problem.unpenalised[support]
        flipped &= problem.penalty.kinked_at_zero
        new[flipped] = 0.0  # stop at the kink
        length = float(np.abs(step[: support.size] * sizes[support]).max(initial=0.0))
        w[support] = new
        if flipped.any():
            columns, support = columns[:, ~flipped], support[~flipped]
        elif length <= 1e-15 * float(np.abs(w * sizes).max(initial=0.0)) or length >= last < 1e-10:
            break
        last = length
    if problem.loss.kinked and kinks.any():
        theta = settled(problem, w, theta, kinks)
    return w, b - float(mean @ w), theta


def settled(problem: Problem, coef: Array, theta: Array, kinks: NDArray[np.bool_]) -> Array:
    """Return ``theta`` with its entries at kinks as near to stationarity on the support as the loss allows."""
    theta, held = np.where(kinks, 0.0, theta), np.flatnonzero(kinks)
    support = np.flatnonzero((coef != 0) | (problem.unpenalised & (not problem.penalty.nonnegative)))
    columns = dense(take_columns(problem.X, support))
    target = problem.lam * problem.penalty.gradient(coef)[support]
    if problem.intercept:
        columns = np.column_stack([columns - problem.columns.mean[support], np.ones(len(theta))])
        target = np.append(target, 0.0)
    if held.size and target.size:
        bounds = problem.multiplier_bounds(held)
        theta[held] = least_violation(columns[held], target - product(columns.T, theta), bounds)
    return theta


def _newton_step(
    problem: Problem, support: Indices, columns: Array, sizes: Array, w: Array, b: float, kinks: NDArray[np.bool_]
) -> tuple[Array, Array]:
    """Return one step in (w_support, b), and theta after it (before it where the loss is smooth)."""
    u = product(columns, w[support]) + b
    theta = problem.theta(u)
    held = np.flatnonzero(kinks) if problem.loss.kinked else np.zeros(0, dtype=int)
    theta[held] = 0.0
    B = np.column_stack([columns, np.ones(len(u))]) if problem.intercept else columns
    size = B.shape[1]
    unit = np.append(sizes[support], np.sqrt(problem.s.sum()))[:size]
    unit = np.where(unit > 0, unit, 1.0)
    gradient = -product(B.T, theta)
    gradient[: support.size] += problem.lam * problem.penalty.gradient(w)[support]
    curvature = weighted(problem.s, problem.loss.curvature(u, problem.y))
    hessian = gram(np.sqrt(curvature)[:, None] * B)
    probe = w.copy()
    probe[support[w[support] == 0]] = 1.0  # unpenalised weights have a place in the Hessian even at 0
    of_penalty = problem.penalty.hessian(probe)
    block = hessian[: support.size, : support.size]
    block += problem.lam * (np.diag(of_penalty) if of_penalty.ndim == 1 else of_penalty)
    hessian /= np.outer(unit, unit)
    rows = B[held] / unit
    if not (np.isfinite(hessian).all() and np.isfinite(gradient / unit).all() and np.isfinite(rows).all()):
        return np.full(size, np.nan), theta  # overflow, which `polish` takes for a failure
    if not held.size:
        return _solve(hessian, -gradient / unit) / unit, theta
    if held.size > size:  # as many as can bind the unknowns; the multipliers of the others are settled in the end
        rank = qr(rows.T, mode="r", pivoting=True)[1][:size]
        held, rows = held[rank], rows[rank]
    system = np.block([[hessian, rows.T], [rows, np.zeros((held.size, held.size))]])
    right = np.concatenate([-gradient / unit, (problem.y - u)[held]])
    solved = lstsq(system, right, cond=1e-13)[0]
    theta[held] = -solved[size:]
    return solved[:size] / unit, theta


def _solve(hessian: Array, right: Array) -> Array:
    """Solve by Cholesky; where features are collinear, return the shortest step."""
    if not right.size:
        return right
    factor, info = lapack.dpotrf(hessian, lower=1)
    if info:
        return np.asarray(lstsq(hessian, right, cond=1e-13)[0], dtype=np.float64)
    return np.asarray(lapack.dpotrs(factor, right, lower=1)[0], dtype=np.float64)
