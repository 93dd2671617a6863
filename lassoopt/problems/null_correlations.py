"""The correlations ``x_j' theta`` of the null model set lambda_max; where they are rounding alone, they are 0.

A feature that is constant, or a sum of unpenalised columns, cannot improve on the null model, nor can any where that
fits exactly: then ``x_j' theta = 0``, but what is computed is some 1e-17. Let theta be known up to ``d_i`` a sample.
With norms weighted by s, and columns centred if there is an intercept, Cauchy and Schwarz give

    |x_j' theta - (what is computed)| <= ||x_j|| ||d / s|| + n u / (1 - n u) ||x_j|| ||theta / s||

the last for the rounding of the sum (Higham 2002, sec. 3.1). What is no larger than that is taken to be 0, after what
the unpenalised columns explain of a column is taken away from it; and so is a column of which they leave no more than
the last digits. The bounds are relative to the column, to theta and to what theta is made of: the same in any units.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.linalg import qr

from ..arrays.design_matrix import Array, dense, power_of_two, product, take_columns
from ..arrays.precision import EPS
from .null_model import NullModel
from .objective import Objective
from .unpenalised import held_features

_DEPENDENT = 1e-12  # as for the null model


def null_correlations(problem: Objective, null: NullModel) -> Array:
    """Compute ``x_j' theta`` for the null model's theta, 0 where it is rounding alone."""
    X, columns = problem.X, problem.columns
    used = problem.s > 0 if problem.s.min() == 0 else slice(None)
    root = np.sqrt(problem.s[used])
    held = dense(take_columns(X, held_features(problem, null)))[used]
    basis = _orthonormal(root[:, None] * np.hstack([held, np.ones((root.size, int(problem.intercept)))]))
    theta = null.theta[used] / root
    for _ in range(2):  # orthogonal once more: the null model was computed with rounding of its own
        theta = theta - basis @ (basis.T @ theta)
    full = np.zeros(X.shape[0])
    full[used] = root * theta
    z = product(X.T, full)
    length = float(np.linalg.norm(theta))
    level = _theta_error(problem, null, used, root) + (root.size + 4) * EPS * length
    last_digits = 16 * basis.shape[1] * EPS  # what rounding leaves of a sum of so many columns, which partly cancel
    doubtful = np.flatnonzero((np.abs(z) <= columns.norm * (level + last_digits * length)) & (columns.norm > 0))
    if not doubtful.size:
        return z
    unit = power_of_two(columns.norm[doubtful])
    centre = columns.mean[doubtful] * problem.intercept
    left = root[:, None] * ((dense(take_columns(X, doubtful))[used] - centre) / unit)
    for _ in range(2):
        left = left - basis @ (basis.T @ left)
    size, found = np.linalg.norm(left, axis=0), left.T @ theta
    nothing = (size <= last_digits * columns.norm[doubtful] / unit) | (np.abs(found) <= size * level)
    z[doubtful] = np.where(nothing, 0.0, found * unit)
    return z


def _orthonormal(columns: Array) -> Array:
    """Return an orthonormal basis of the columns' span."""
    unit = np.linalg.norm(columns, axis=0)
    if columns.shape[1] == 1 and unit[0] > 0:
        return columns / unit
    Q, triangle, _ = qr(columns / np.where(unit > 0, unit, 1.0), mode="economic", pivoting=True)
    size = np.abs(np.diag(triangle))
    return Q[:, size > _DEPENDENT]


def _theta_error(problem: Objective, null: NullModel, used: Any, root: Array) -> float:
    """Bound ``||d / s||``: what the rounding of the gradient's terms, and of the predictions, changes in theta."""
    loss, u, y = problem.loss, null.u[used], problem.y[used]
    typical = float(np.linalg.norm(root * u) / np.linalg.norm(root))
    of_u = (null.coef.size + 8) * loss.curvature(u, y) * typical  # a sum of as many terms
    return EPS * float(np.linalg.norm(root * (8 * loss.gradient_magnitude(u, y) + of_u)))
