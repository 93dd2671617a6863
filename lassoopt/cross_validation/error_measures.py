"""An error measure says how far a prediction u is from a target y that was held out, sample by sample.

    squared            (y - u)^2, where u predicts y: the loss is least at u = y
    deviance           2 (phi(u, y) - inf_u phi(u, y)): twice the log-likelihood ratio to a model that fits each y
    misclassification  1 if the sign of u names the wrong one of two classes, 1/2 if u = 0, else 0
    loss               phi(u, y)

For the squared loss "squared" and "deviance" are the same, and twice the "loss".
"""

from __future__ import annotations

import numpy as np

from ..arrays.arguments import choice
from ..arrays.design_matrix import Array
from ..errors import InputError
from ..losses import Loss

WORDS = {
    "squared": "squared error",
    "deviance": "deviance",
    "misclassification": "share misclassified",
    "loss": "loss",
}
ERRORS = tuple(WORDS)


def error_name(loss: Loss, y: Array, error: str | None) -> str:
    """Return whether the loss is one of a margin, its targets the labels of two classes."""
    if error is None:
        return loss.usual_error
    suits = {
        "squared": not loss.two_class and not np.any(loss.gradient(y, y)),
        "misclassification": loss.two_class,
    }
    allowed = [name for name in ERRORS if suits.get(name, True)]
    if choice("error", error, ERRORS) not in allowed:
        raise InputError(f"error: found {error!r}, which {type(loss).__name__} has not; allowed: {', '.join(allowed)}")
    return error


def sample_errors(loss: Loss, error: str, u: Array, y: Array) -> Array:
    """Return ``e(u, y)`` by the module's table; the arguments broadcast."""
    if error == "squared":
        return (y - u) ** 2
    if error == "misclassification":
        margin = np.where(y > 0, u, -u)
        return np.where(margin < 0, 1.0, np.where(margin == 0, 0.5, 0.0))
    if error == "deviance":
        return 2 * (loss.value(u, y) - loss.infimum(y))
    return loss.value(u, y)
