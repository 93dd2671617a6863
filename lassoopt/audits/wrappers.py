"""`wrappers` sees through what wraps a linear model: searches, selectors, and pipelines of scalers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..arrays.design_matrix import Array
from ..errors import InputError
from .readers import kind

_INSIDE = {  # where a wrapper keeps the model that it fitted
    "sklearn.GridSearchCV": "best_estimator_",
    "sklearn.RandomizedSearchCV": "best_estimator_",
    "sklearn.HalvingGridSearchCV": "best_estimator_",
    "sklearn.HalvingRandomSearchCV": "best_estimator_",
    "sklearn.SelectFromModel": "estimator_",
}
_SCALERS = ("StandardScaler", "MaxAbsScaler", "MinMaxScaler", "RobustScaler")


@dataclass(frozen=True)
class Inside:
    """`model` is what was found inside; ``slope * x + shift`` maps the columns before it, or both are None."""

    model: Any
    slope: Array | None = None
    shift: Array | None = None


def see_through(fitted: Any) -> Inside:
    """Return the linear model inside searches, selectors and pipelines.

    Raises
    ------
    InputError
        If a step of a pipeline is not a scaler of columns, or a wrapper is not fitted.
    """
    found = Inside(fitted)
    while True:
        name = kind(found.model)
        if name in _INSIDE:
            if not hasattr(found.model, _INSIDE[name]):
                refit = " with refit=True" if getattr(found.model, "refit", True) is False else ""
                raise InputError(f"fitted: found {name} without {_INSIDE[name]}; call its fit(X, y){refit} first")
            found = Inside(getattr(found.model, _INSIDE[name]), found.slope, found.shift)
        elif name == "sklearn.Pipeline":
            for step in found.model.steps[:-1]:
                found = _through_step(found, step[1])
            found = Inside(found.model.steps[-1][1], found.slope, found.shift)
        else:
            return found


def _through_step(found: Inside, step: Any) -> Inside:
    """Return the same with one more step before the model."""
    if step is None or step == "passthrough":
        return found
    slope, shift = _affine(step)
    if found.slope is None or found.shift is None:
        return Inside(found.model, slope, shift)
    return Inside(found.model, slope * found.slope, slope * found.shift + shift)


def _affine(step: Any) -> tuple[Array, Array]:
    """Return slope and shift of a fitted scaler, which maps each column x to ``slope * x + shift``."""
    package, _, name = kind(step).partition(".")
    if package != "sklearn" or name not in _SCALERS:
        raise InputError(
            f"fitted: found a pipeline with {kind(step)}; allowed before the model are {', '.join(_SCALERS)}: for "
            "others, audit its last step on the transformed data: audit(pipeline[-1], pipeline[:-1].transform(X), y)"
        )
    if not hasattr(step, "scale_"):
        raise InputError(f"fitted: found {kind(step)} that is not fitted; call fit(X, y) of its pipeline first")
    if name == "MinMaxScaler":
        return np.asarray(step.scale_), np.asarray(step.min_)
    ones = np.ones(step.n_features_in_)
    slope = ones if step.scale_ is None else 1 / np.asarray(step.scale_)
    centred = {"StandardScaler": "with_mean", "RobustScaler": "with_centering"}.get(name)
    if centred is None or not getattr(step, centred):
        return slope, 0 * ones
    return slope, -slope * np.asarray(step.mean_ if name == "StandardScaler" else step.center_)
