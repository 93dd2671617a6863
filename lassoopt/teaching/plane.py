"""`plane` takes two weights as a point in the plane, and computes the loss over a grid, at the best intercept."""

from __future__ import annotations

import numpy as np

from ..arrays.design_matrix import Array
from ..errors import InputError
from ..problems.problem import Problem, require_problem


def two_features(problem: Problem) -> Problem:
    """Return the problem if it has two features, else raise InputError."""
    p = require_problem(problem).shape[1]
    if p != 2:
        raise InputError(f"problem: found {p} feature{'s' * (p != 1)}; allowed are 2, one for each axis of the plane")
    return problem


def profile_loss(problem: Problem, w1: Array, w2: Array) -> Array:
    """Return ``min_b Loss(w, b)`` at ``w = (w1[j], w2[i])``, shape (m2, m1); inf where it overflows.

    With the best intercept for each w, contours in the plane leave nothing out.
    """
    problem = two_features(problem)
    along = [problem.predict(unit) for unit in np.eye(2)]
    values = np.empty((w2.size, w1.size))
    for i, j in np.ndindex(values.shape):
        with np.errstate(over="ignore"):
            u = w1[j] * along[0] + w2[i] * along[1]
            values[i, j] = problem.loss_value(u + problem.best_intercept(u))
    return values
