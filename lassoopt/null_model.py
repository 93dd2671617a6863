"""The null model: the best intercept and unpenalised coefficients, every penalised weight at 0.

It sets the one scale that gaps are measured on, and lambda_max.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.linalg import lstsq
from scipy.optimize import linprog

from .design import Array
from .losses import Loss

_EPS = float(np.finfo(float).eps)


@dataclass(frozen=True)
class NullModel:
    """The fitted null model.

    Attributes
    ----------
    coef : array of shape (k,)
        The coefficients of the k unpenalised features.
    intercept : float
    u, theta : arrays of shape (n,)
        Prediction, and ``theta = -dLoss/du``, orthogonal to 1 and to the unpenalised columns.
    loss : float
        ``sum_i s_i phi(u_i, y_i)``.
    """

    coef: Array
    intercept: float
    u: Array
    theta: Array
    loss: float


def best_intercept(loss: Loss, u: Array, y: Array, s: Array) -> float:
    """``argmin_b sum_i s_i phi(u_i + b, y_i)``: the root of a monotone function, by Newton inside a bracket."""
    b, low, high, stride = 0.0, -np.inf, np.inf, 1.0
    for _ in range(400):
        slopes = s * loss.gradient(u + b, y)
        slope, curvature = float(slopes.sum()), float(s @ loss.curvature(u + b, y))
        if abs(slope) <= _EPS * float(np.abs(slopes).sum()):
            break
        low, high = (low, b) if slope > 0 else (b, high)
        new = b - slope / curvature if 0 < curvature < np.inf else np.nan
        if not low < new < high:
            new = 0.5 * (low + high)
        if not np.isfinite(new):
            new, stride = b - np.copysign(stride, slope), 4 * stride
        if new in (low, high):  # neighbouring floats
            break
        b = new
    return b


def fit_null_model(loss: Loss, A: Array, intercept: bool, y: Array, s: Array) -> NullModel:
    """The null model for the dense (n, k) matrix A of unpenalised columns."""
    n, k = A.shape
    if loss.kinked and (k or intercept):
        return _by_linear_programming(loss, A, intercept, y, s)
    coef, b, u = np.zeros(k), 0.0, np.zeros(n)
    if intercept:
        b = best_intercept(loss, u, y, s)
        u = u + b
    if k:
        coef, b, u = _by_newton(loss, A, intercept, y, s, b)
    return NullModel(coef, b, u, -s * loss.gradient(u, y), float(s @ loss.value(u, y)))


def _by_newton(loss: Loss, A: Array, intercept: bool, y: Array, s: Array, b: float) -> tuple[Array, float, Array]:
    """Newton's method with a Levenberg term that falls while steps succeed; columns at unit norm."""
    unit = np.maximum(np.abs(A).max(axis=0), np.finfo(float).tiny)
    B = np.column_stack([A / unit, np.ones(len(y))]) if intercept else A / unit
    v = np.append(np.zeros(A.shape[1]), b) if intercept else np.zeros(A.shape[1])
    u, damping = B @ v, 1e-6
    value = float(s @ loss.value(u, y))
    for _ in range(200):
        gradient = B.T @ (s * loss.gradient(u, y))
        hessian = (B.T * (s * loss.curvature(u, y))) @ B
        level = float(np.trace(hessian)) + float(s.sum())
        step = lstsq(hessian + damping * level * np.eye(len(v)), -gradient, cond=4 * _EPS)[0]
        if damping < 1e-14:  # the undamped step; where the Hessian is singular, the shortest
            step = lstsq(hessian, -gradient, cond=1e-13)[0]
        new_u = B @ (v + step)
        new_value = float(s @ loss.value(new_u, y))
        if new_value < value or (new_value == value and damping < 1e-14):
            done = damping < 1e-14 and value - new_value <= _EPS * abs(value)
            v, u, value, damping = v + step, new_u, new_value, damping / 100
            if done:
                break
        elif damping > 1e6 or (damping < 1e-14 and np.abs(gradient @ step) <= 4 * _EPS * abs(value)):
            break
        else:
            damping = max(damping * 10, 1e-12)
    coef = v[: A.shape[1]] / unit
    return coef, float(v[-1]) if intercept else 0.0, u


def _by_linear_programming(loss: Loss, A: Array, intercept: bool, y: Array, s: Array) -> NullModel:
    """Piecewise linear losses: minimise ``s'(up * p + down * q)`` with ``A v + p - q = y``, ``p, q >= 0``."""
    n = len(y)
    size = float(np.abs(y).max()) or 1.0
    unit = np.maximum(np.abs(A).max(axis=0, initial=0.0), np.finfo(float).tiny)
    B = np.column_stack([A / unit, np.ones(n)]) if intercept else A / unit
    lower, upper = loss.slopes(y)
    cost = np.concatenate([np.zeros(B.shape[1]), -lower * s, upper * s]) / s.max()
    eye = sp.eye_array(n)
    bounds = [(None, None)] * B.shape[1] + [(0, None)] * (2 * n)
    result = linprog(
        cost, A_eq=sp.hstack([B, eye, -eye], format="csc"), b_eq=y / size, bounds=bounds, method="highs-ds"
    )
    v = result.x[: B.shape[1]] * size
    u = B @ v
    theta = np.asarray(result.eqlin.marginals) * s.max()
    coef = v[: A.shape[1]] / unit
    return NullModel(coef, float(v[-1]) if intercept else 0.0, u, theta, float(s @ loss.value(u, y)))
