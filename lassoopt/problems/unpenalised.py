"""A problem's null model sets the scale of its gaps, and tells whether the unpenalised weights have a best value."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..arrays.design_matrix import Array, Indices, dense, overflow_is_no_event, take_columns, weighted
from .kinked_multipliers import least_correlations
from .null_model import NullModel, fit_null_model
from .objective import Objective
from .recession import LARGEST, Recession, ways_down

_EXACT = 2.0**-40


def null_model(problem: Objective) -> NullModel:
    """Fit the null model: the best intercept and unpenalised coefficients, all others at 0."""
    null = _fit(problem, np.flatnonzero(problem.penalty.free))
    if not problem.loss.kinked or not problem.penalty.separable or not null.theta.any():
        return null
    theta = _least_correlations(problem, null)
    return null if theta is None else replace(null, theta=theta)


def recession_of_features(problem: Objective, features: Indices, fit: NullModel | None = None) -> Recession | None:
    """Find the direction in which the loss falls forever if these features are free, its coefficients among all p.

    ``fit`` is the model of these features, where it is known.
    """
    if not ways_down(problem.loss, problem.y).any() or features.size * len(problem.y) > LARGEST:
        return None
    found = (fit or _fit(problem, features)).recession
    if found is None:
        return None
    coef = np.zeros(problem.X.shape[1])
    coef[features] = found.coef
    return replace(found, coef=coef)


@overflow_is_no_event
def gap_scale(problem: Objective, null: NullModel, zero: float) -> float:
    """Measure how far the null model's loss is above its infimum.

    If it fits exactly, the intercept alone takes its place, then the prediction ``zero``; 0 if that fits exactly too.
    A fit is exact if its loss is no more than what a relative change of the predictions by 2^-40 makes of it.
    """
    loss, y, s = problem.loss, problem.y, problem.s
    simple = [null.u, np.full_like(y, zero)]
    if problem.intercept and problem.penalty.free.any():
        simple[1:1] = [np.full_like(y, problem.best_intercept(np.zeros_like(y)))]
    for u in simple:
        tiny = _EXACT * (np.abs(u) + (np.abs(y) if loss.translates else 1.0))
        excess = loss.excess(u, y)
        ends = (loss.excess(end, y) for end in (u - tiny, u + tiny))
        scale = float(weighted(s, excess).sum())
        if scale > float(weighted(s, np.maximum(*ends) - excess).sum()):
            return scale
    return 0.0


def _fit(problem: Objective, features: Indices) -> NullModel:
    A = dense(take_columns(problem.X, features))
    return fit_null_model(problem.loss, A, problem.intercept, problem.y, problem.s, problem.penalty.nonnegative)


def held_features(problem: Objective, null: NullModel) -> Indices:
    """Return the unpenalised features to whose columns the null model's theta is orthogonal."""
    free = np.flatnonzero(problem.penalty.free)
    return free[null.coef != 0] if problem.penalty.nonnegative else free


def _least_correlations(problem: Objective, null: NullModel) -> Array | None:
    """Choose, of the null model's optimal multipliers, those that hold every weight at 0 longest."""
    y, held = problem.y, held_features(problem, null)
    columns = np.column_stack([dense(take_columns(problem.X, held)), np.ones((len(y), int(problem.intercept)))])
    at = np.flatnonzero((np.abs(null.u - y) <= 1e-9 * max(float(np.abs(y).max()), 1e-300)) & (problem.s > 0))
    level = problem.penalty.threshold(1.0)
    if at.size <= columns.shape[1] or not np.any((level > 0) & np.isfinite(level)):
        return None
    level[held] = np.inf
    fixed = columns, np.zeros(columns.shape[1])
    bounds = problem.multiplier_bounds(at)
    return least_correlations(problem.X, null.theta, at, bounds, fixed, level, problem.penalty.nonnegative)
