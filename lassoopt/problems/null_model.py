"""The null model has the best intercept and unpenalised coefficients, and every penalised weight at 0.

It sets the one scale that gaps are measured on, and lambda_max.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.linalg import lstsq, qr, solve_triangular

from ..arrays.design_matrix import Array, column_statistics, weighted
from ..arrays.precision import EPS, UNDERFLOW
from ..errors import InputError, SolverError
from ..losses import Loss
from .linear_program import multipliers
from .recession import Recession, find_recession


@dataclass(frozen=True)
class NullModel:
    """The fitted null model is a minimiser, or a point so far out that its loss is the infimum up to rounding.

    Attributes
    ----------
    coef : array of shape (k,)
        The coefficients of the k unpenalised features.
    intercept : float
    u, theta : arrays of shape (n,)
        Prediction, and ``theta = -dLoss/du``, orthogonal to 1 and to the unpenalised columns.
    loss : float
        ``sum_i s_i phi(u_i, y_i)``.
    recession : Recession, optional
        The direction in which the loss falls forever, if there is one.
    """

    coef: Array
    intercept: float
    u: Array
    theta: Array
    loss: float
    recession: Recession | None = None


def best_intercept(loss: Loss, u: Array, y: Array, s: Array) -> float:
    """Compute ``argmin_b sum_i s_i phi(u_i + b, y_i)``.

    It is a weighted quantile of ``y - u`` for a piecewise linear loss, and the mean for the squared loss; else the root
    of a monotone function, which is found by Newton's method inside a bracket.
    """
    if loss.kinked:
        return _best_quantile(loss, u, y, s)
    if loss.quadratic:
        residual, total = y - u, s.sum()
        mean = s @ residual / total
        mean += s @ (residual - mean) / total  # the rounding of the mean
        if np.isfinite(mean):
            return float(mean)
    b, low, high, stride, previous = 0.0, -np.inf, np.inf, 1.0, np.inf
    for _ in range(400):
        with np.errstate(over="ignore", invalid="ignore"):
            slopes = weighted(s, loss.gradient(u + b, y))
            slope, curvature = float(slopes.sum()), float(weighted(s, loss.curvature(u + b, y)).sum())
        if np.isnan(slope) or (abs(slope) < np.inf and abs(slope) <= EPS * float(np.abs(slopes).sum())):
            break
        low, high = (low, b) if slope > 0 else (b, high)
        new = b - slope / curvature if 0 < curvature < np.inf and abs(slope) < np.inf else np.nan
        if new == b:
            break
        if not low < new < high or 0.1 * previous < abs(slope) < np.inf:  # Newton's steps alone may be many and small
            new = _between(low, high)
        previous = abs(slope)
        if not np.isfinite(new):
            new, stride = b - np.copysign(stride, slope), 4 * stride
        if new in (low, high):  # neighbouring floats
            break
        b = new
    return b


def _between(low: float, high: float) -> float:
    """Return a number between two, in the middle of their digits where one is far larger.

    It is so after a Newton step from where the loss is flat.
    """
    middle = math.sinh(0.5 * (math.asinh(low) + math.asinh(high)))
    return middle if low < middle < high else 0.5 * (low + high)


def _best_quantile(loss: Loss, u: Array, y: Array, s: Array) -> float:
    used = np.flatnonzero(s > 0)
    residual = (y - u)[used]
    order = np.argsort(residual, kind="stable")
    lower, upper = (np.broadcast_to(slope, y.shape)[used] for slope in loss.slopes(y))
    right_of = (s[used] * lower).sum() + np.cumsum((s[used] * (upper - lower))[order])
    # where several values are optimal, the least of them, whatever way the sums round
    rounding = used.size * EPS * float((s[used] * (upper - lower)).sum())
    at = min(int(np.searchsorted(right_of, -rounding)), used.size - 1)
    return float(residual[order][at])


def fit_null_model(loss: Loss, A: Array, intercept: bool, y: Array, s: Array, nonnegative: bool = False) -> NullModel:
    """Fit the null model for the dense (n, k) matrix A of unpenalised columns.

    Where samples recede, the others alone are fitted, and theta is the limit, 0 for those that recede.
    """
    n, k = A.shape
    used = s > 0 if s.min() == 0 else slice(None)
    theta: Array | None = None
    fit: Any
    if loss.kinked and (k or intercept):
        if k:
            fit = _by_linear_programming(loss, A[used], intercept, y[used], s[used], nonnegative)
        else:
            fit = _by_quantile(loss, y[used], s[used])
        exact = np.abs(fit[2] - y[used]).max() <= (k + 8) * EPS * float(np.abs(y[used]).max())
        theta = np.zeros(n)
        theta[used] = 0.0 if exact else fit[3]  # without a loss no feature can improve on it
    else:
        method = _by_active_set if nonnegative and k else _by_newton
        fit = method(loss, A[used], intercept, y[used], s[used])
    if not (math.isfinite(fit[1]) and np.isfinite(fit[0]).all()):  # weights beyond floating point: the intercept alone
        return replace(fit_null_model(loss, A[:, :0], intercept, y, s), coef=np.zeros(k))
    coef, b, u = fit[:3]
    if u.size < n:
        u = A @ coef + b
        u[used] = fit[2]
    if theta is None:
        theta = -weighted(s, loss.gradient(u, y))
    recession = find_recession(loss, A, intercept, y, s, nonnegative, (coef, b, theta))
    if recession is not None:
        others = np.where(recession.samples, 0.0, s)
        if others.any():
            rest = fit_null_model(loss, A, intercept, y, others, nonnegative)
            coef, b, u, theta = rest.coef, rest.intercept, rest.u, rest.theta
        else:
            coef, b, u, theta = np.zeros(k), 0.0, np.zeros(n), np.zeros(n)
        far = recession.distance(u)
        coef, b, u = coef + far * recession.coef, b + far * recession.intercept, u + far * recession.change
    with np.errstate(over="ignore", invalid="ignore"):  # the loss may overflow
        return NullModel(coef, b, u, theta, float(weighted(s, loss.value(u, y)).sum()), recession)


def _by_newton(loss: Loss, A: Array, intercept: bool, y: Array, s: Array) -> tuple[Array, float, Array]:
    """Fit by Newton's method in an orthonormal basis, with a Levenberg term that falls while steps succeed."""
    b = best_intercept(loss, np.zeros(len(y)), y, s) if intercept else 0.0
    if not A.shape[1]:
        return np.zeros(0), b, np.full(len(y), b)
    B, back, centre = _basis(A, intercept, s)
    v = np.append(np.zeros(B.shape[1]), b)
    if intercept:
        B = np.column_stack([B, np.ones(len(y))])
    else:
        v = v[:-1]
    u, damping = B @ v, 1e-6
    value, gradient = float(s @ loss.value(u, y)), B.T @ (s * loss.gradient(u, y))
    for _ in range(200):
        if loss.recedes(u, y).all():  # the loss falls forever along u
            break
        hessian = (B.T * (s * loss.curvature(u, y))) @ B
        if not (np.isfinite(hessian).all() and np.isfinite(gradient).all()):
            break
        level, plain = float(np.trace(hessian)) + float(s.sum()), damping < 1e-14
        if not np.isfinite(max(damping, 1.0) * level):
            break
        if plain:  # where the Hessian is singular, the shortest step
            step = lstsq(hessian, -gradient, cond=1e-13)[0]
        else:
            step = lstsq(hessian + damping * level * np.eye(len(v)), -gradient, cond=4 * EPS)[0]
        new_u = B @ (v + step)
        new_value, new_gradient = float(s @ loss.value(new_u, y)), B.T @ (s * loss.gradient(new_u, y))
        flatter = np.linalg.norm(new_gradient) <= 0.5 * np.linalg.norm(gradient)
        noise = 8 * EPS * abs(value)
        if new_value < value or (flatter and new_value <= value + noise):
            v, u, value, gradient, damping = v + step, new_u, new_value, new_gradient, damping / 100
        elif damping > 1e6 or (plain and np.abs(gradient @ step) <= noise):
            break
        else:
            damping = max(damping * 10, 1e-12)
    coef = back @ v[: back.shape[1]]
    return coef, float(v[-1] - centre @ coef) if intercept else 0.0, u


def _basis(A: Array, intercept: bool, s: Array) -> tuple[Array, Array, Array]:
    """Return ``B``, ``back`` and ``centre`` with ``B = (A - centre) @ back`` orthonormal under s.

    Its span is that of A's columns, centred if there is an intercept. Dependent columns get no coefficient.
    """
    columns = column_statistics(A, s)
    centre = columns.mean if intercept else np.zeros(A.shape[1])
    unit = np.where(columns.constant(intercept), np.inf, columns.sizes(intercept))  # a constant column adds nothing
    shifted = A - centre
    if intercept:  # again, as the mean of a large column is rounded
        rest = (s @ shifted) / s.sum()
        shifted, centre = shifted - rest, centre + rest
    scaled = shifted / unit
    scaled[:, ~np.isfinite(scaled).all(axis=0)] = 0.0  # nor does one whose size floating point cannot tell
    triangle, pivots = qr(np.sqrt(s)[:, None] * scaled, mode="r", pivoting=True)
    diagonal = np.abs(np.diag(triangle))
    rank = int(np.count_nonzero(diagonal > 1e-12 * max(diagonal[0], EPS)))
    inverse = solve_triangular(triangle[:rank, :rank], np.eye(rank)) if rank else np.zeros((0, 0))
    back = np.zeros((A.shape[1], rank))
    back[pivots[:rank]] = inverse
    B = scaled @ back
    return B, back / unit[:, None], centre


def _by_active_set(loss: Loss, A: Array, intercept: bool, y: Array, s: Array) -> tuple[Array, float, Array]:
    """Fit coefficients >= 0 by the method of Lawson & Hanson (1974, ch. 23), and its inner problems by Newton's."""
    k = A.shape[1]
    size = column_statistics(A, s).norm
    coef, passive = np.zeros(k), np.zeros(k, dtype=bool)
    _, b, u = _by_newton(loss, A[:, passive], intercept, y, s)
    for _ in range(3 * k):
        theta = -s * loss.gradient(u, y)
        pull = np.where(passive, 0.0, np.divide(A.T @ theta, size, out=np.zeros(k), where=size > 0))
        if pull.max() <= 1e-12 * np.sqrt(float(np.sum(theta[s > 0] ** 2 / s[s > 0]))):
            break
        passive[np.argmax(pull)] = True
        while passive.any():
            goal = np.zeros(k)
            goal[passive], b, u = _by_newton(loss, A[:, passive], intercept, y, s)
            falls = passive & (goal <= 0)
            if not falls.any():
                coef = goal
                break
            # as far as signs allow; the entries that reach 0 leave the passive set
            gone = (coef - goal)[falls]
            share = np.divide(coef[falls], gone, out=np.zeros_like(gone), where=gone > 0)
            coef = coef + share.min() * (goal - coef)
            passive &= coef > 1e-15 * coef.max()
            coef[~passive] = 0.0
        else:
            coef[:] = 0.0
            _, b, u = _by_newton(loss, A[:, passive], intercept, y, s)
    return coef, b, u


def _by_quantile(loss: Loss, y: Array, s: Array) -> tuple[Array, float, Array, Array]:
    """Fit an intercept alone to a piecewise linear loss; the targets that it meets share what balances the rest."""
    b = _best_quantile(loss, np.zeros_like(y), y, s)
    lower, upper = (np.broadcast_to(slope, y.shape) for slope in loss.slopes(y))
    theta, at = -s * loss.gradient(np.full_like(y, b), y), y == b
    low, high = -s[at] * upper[at], -s[at] * lower[at]
    rest = -float(theta[~at].sum())
    room = float((high - low).sum())
    share = (rest - float(low.sum())) / room if room > 0 else 0.0
    theta[at] = low + float(np.clip(share, 0.0, 1.0)) * (high - low)
    return np.zeros(0), b, np.full_like(y, b), theta


def _by_linear_programming(
    loss: Loss, A: Array, intercept: bool, y: Array, s: Array, nonnegative: bool
) -> tuple[Array, float, Array, Array]:
    """Fit a piecewise linear loss, whose multipliers maximise ``y' theta``, orthogonal to the columns of A and to 1."""
    n, k = A.shape
    start = best_intercept(loss, np.zeros(n), y, s) if intercept else 0.0
    centre = column_statistics(A, s).mean if intercept else np.zeros(k)
    columns, most = np.hstack([A - centre, np.ones((n, int(intercept)))]), np.zeros(k + int(intercept))
    least = most.copy()
    least[:k] = -np.inf if nonnegative else 0.0
    lower, upper = (np.broadcast_to(slope, n) for slope in loss.slopes(y))
    solved = multipliers(columns, y - start, (-s * upper, -s * lower), (least, most))
    if solved is None:  # theta = 0 is allowed and theta is bounded, so there is a solution
        raise SolverError("the linear program of the null model has no solution in floating point; rescale X and y")
    theta, v = solved
    b = float(v[k:].sum())
    return v[:k], start + b - float(centre @ v[:k]), columns @ v + start, theta


def require_bounded_loss(loss: Loss, y: Array, s: Array, intercept: bool) -> None:
    """Require that the loss at the prediction 0 is finite and loses no digits, and has a best intercept if needed."""
    if s.min() == 0:
        y, s = y[s > 0], s[s > 0]
    if intercept and not loss.has_best_intercept(y):
        raise InputError(
            f"y: found only the value {y[0]:g}; with an intercept, {type(loss).__name__} has no "
            "minimiser then (b runs to infinity); give both kinds of target or set intercept=False"
        )
    with np.errstate(over="ignore", under="ignore"):
        start = s @ loss.value(0 * y, y)
    lost = start < UNDERFLOW and np.any((y != 0) & (loss.gradient(0 * y, y) != 0))
    if lost or not math.isfinite(start):
        raise InputError(
            f"y: found values up to {np.abs(y).max():.3g} in size, at which the loss "
            f"{'underflows' if lost else 'overflows'}; rescale y (and lam with it)"
        )
