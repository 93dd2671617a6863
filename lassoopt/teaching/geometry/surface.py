"""`surface` computes the loss over a plane of two weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ...arrays.arguments import numeric_array
from ...arrays.design_matrix import Array
from ...errors import InputError
from ...problems.null_model import fit_null_model
from ...problems.problem import Problem
from ..plane import profile_loss, two_features


@dataclass(frozen=True, eq=False, repr=False)
class LossSurface:
    """A surface is the loss over a grid of two weights, each pair at its best intercept.

    Attributes
    ----------
    w1, w2 : arrays of shape (m1,), (m2,)
    values : array of shape (m2, m1)
        ``min_b Loss(w, b)`` at ``w = (w1[j], w2[i])``.
    minimiser : array of shape (2,) or None
        The best weights without penalty; None if the loss falls forever, as logistic loss does on separable classes.
    """

    w1: Array
    w2: Array
    values: Array
    minimiser: Array | None

    def __repr__(self) -> str:
        found = "no minimiser" if self.minimiser is None else "minimiser ({:.4g}, {:.4g})".format(*self.minimiser)
        return f"LossSurface({self.w1.size} x {self.w2.size} points, {found})"


def loss_surface(problem: Problem, w1: ArrayLike, w2: ArrayLike) -> LossSurface:
    """Compute ``min_b Loss(w, b)`` on a grid.

    Parameters
    ----------
    problem : Problem
        It has two features and any loss; its penalty and lam play no part, and it needs no lam.
    w1, w2 : arrays
        Rising values of the two weights, in the units of y per unit of the feature.

    Raises
    ------
    InputError
        If the problem does not have exactly two features, or values do not rise.

    Examples
    --------
    >>> problem = Problem([[1.0, 0.0], [0.0, 1.0]], [2.0, 1.0], intercept=False)
    >>> loss_surface(problem, [0, 2], [0, 1]).values
    array([[1.25, 0.25],
           [1.  , 0.  ]])
    """
    problem = two_features(problem)
    first, second = _rising("w1", w1), _rising("w2", w2)
    return LossSurface(first, second, profile_loss(problem, first, second), loss_minimiser(problem))


def loss_minimiser(problem: Problem) -> Array | None:
    """Return the best weights without penalty, of any sign; None if they run to infinity."""
    X = np.column_stack([problem.predict(unit) for unit in np.eye(2)])
    fit = fit_null_model(problem.loss, X, problem.intercept, problem.y, problem.s)
    return fit.coef if fit.recession is None else None


def _rising(name: str, values: ArrayLike) -> Array:
    grid = numeric_array(name, values, 1)
    if grid.size < 2 or np.any(np.diff(grid) <= 0):
        raise InputError(f"{name}: found {grid.size} values that do not rise; allowed are two or more that do")
    return grid
