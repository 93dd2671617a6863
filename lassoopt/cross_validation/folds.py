"""Which fold each sample is held out in."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..problem import Problem
from ..validation import whole_number
from .measures import two_classes


def fold_labels(problem: Problem, folds: Any, seed: int = 0) -> NDArray[Any]:
    """The label of each sample's fold, shape (n,).

    Parameters
    ----------
    problem : Problem
    folds : int or array of n labels
        A number K of folds, their sizes equal to within 1: samples in random order are dealt out in turn, those of
        weight 0 last, and class after class for a loss of two classes, so that every fold has its share of both.
        Labels, whole numbers or strings, are taken as they are.
    seed : int >= 0
        Of the random order; labels need none.

    Raises
    ------
    InputError
        Unless there are at least 2 folds, with sample weight in each.

    Examples
    --------
    >>> problem = Problem([[0.0], [1.0], [2.0], [3.0]], [0, 1, 0, 1], lam=0.1, loss="logistic")
    >>> sorted(zip(fold_labels(problem, 2).tolist(), problem.y.tolist()))
    [(0, 0.0), (0, 1.0), (1, 0.0), (1, 1.0)]
    """
    seed = whole_number("seed", seed, 0)
    n, used = problem.shape[0], int(np.count_nonzero(problem.s))
    try:
        given = np.array(folds)
    except ValueError:  # ragged nested lists
        given = np.empty((0, 0))
    if given.ndim > 0:
        return _checked(problem, given)
    if not isinstance(folds, (int, np.integer)) or isinstance(folds, bool) or not 2 <= folds <= used:
        samples = f"{used}, the number of samples{'' if used == n else ' of weight above 0'}"
        raise InputError(f"folds: found {folds!r}; allowed is a whole number from 2 to {samples}, or {n} labels")
    order = np.random.default_rng(seed).permutation(n)
    kind = problem.y[order] if two_classes(problem.loss) else np.zeros(n)
    order = order[np.lexsort((kind, problem.s[order] == 0))]
    labels = np.empty(n, dtype=int)
    labels[order] = np.arange(n) % int(folds)
    return labels


def _checked(problem: Problem, labels: NDArray[Any]) -> NDArray[Any]:
    """The labels, if they make folds."""
    n = problem.shape[0]
    if labels.shape != (n,):
        raise InputError(f"folds: found labels of shape {labels.shape}; X has {n} rows, allowed is one label for each")
    if not all(isinstance(label, (int, str)) for label in labels.tolist()) or len(set(map(type, labels.tolist()))) > 1:
        raise InputError(f"folds: found labels {labels[:5]}, ...; allowed are whole numbers, or strings")
    names, row = np.unique(labels, return_inverse=True)
    if names.size < 2:
        raise InputError(f"folds: found only the label {names.tolist()[0]!r}; allowed are two or more")
    weightless = names[np.bincount(row, weights=problem.s) == 0].tolist()
    if weightless:
        raise InputError(
            f"folds: found only samples of weight 0 in fold {weightless[0]!r}; allowed are folds with sample weight"
        )
    return labels
