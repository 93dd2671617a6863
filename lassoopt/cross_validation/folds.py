"""`folds` decides which samples each fit is trained on, and which it is tested on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..arrays.arguments import whole_number
from ..arrays.labels import label_array
from ..errors import InputError
from ..problems.problem import Problem


class Fold(NamedTuple):
    """A fold names the rows that one fit is trained on and tested on, and what it is called in words."""

    name: Any
    train: NDArray[np.intp]
    test: NDArray[np.intp]


def split(problem: Problem, folds: Any, seed: int = 0) -> tuple[NDArray[Any] | None, list[Fold]]:
    """Return the label of each sample's fold, or None where the folds are splits, and the folds themselves.

    Parameters
    ----------
    problem : Problem
    folds : int, array of n labels, splitter, or iterable of pairs (train, test)
        A number or labels as for `fold_labels`. A splitter is asked for its ``split(X, y)``. Each half of a pair is an
        array of row numbers or a mask; samples may be tested never or several times, or be in neither half.
    seed : int >= 0
        The seed of the random folds; all others need none.

    Raises
    ------
    InputError
        If a fold has no sample weight, or the halves of a pair share a sample, as its error is then not held out.
    """
    seed = whole_number("seed", seed, 0)
    if hasattr(folds, "split") and not isinstance(folds, (str, bytes)):
        try:
            folds = list(folds.split(problem.X, problem.y))
        except ValueError as error:
            raise InputError(f"folds: {error}; for a split by groups, give splitter.split(X, y, groups)") from None
    if isinstance(folds, Iterator) or (isinstance(folds, (list, tuple)) and folds and isinstance(folds[0], tuple)):
        labels, found = None, _given(problem, list(folds))
    else:
        labels = fold_labels(problem, folds, seed)
        names, row = np.unique(labels, return_inverse=True)
        rows = [(np.flatnonzero(row != k), np.flatnonzero(row == k)) for k in range(names.size)]
        found = [Fold(name, *pair) for name, pair in zip(names.tolist(), rows, strict=True)]
    for fold in found:
        if not np.any(problem.s[fold.test] > 0):
            empty = f"only samples of weight 0 in fold {fold.name!r}"
            raise InputError(f"folds: found {empty}; allowed are folds with sample weight")
    return labels, found


def _given(problem: Problem, pairs: list[Any]) -> list[Fold]:
    """Make folds from pairs (train, test)."""
    if not pairs:
        raise InputError("folds: found no pair (train, test); allowed are one or more")
    found = []
    for k, pair in enumerate(pairs):
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise InputError(f"folds: found {pair!r} at [{k}]; allowed are pairs (train, test)")
        train, test = (_rows(half, problem.shape[0], k) for half in pair)
        both = np.intersect1d(train, test)
        if both.size:
            shared = f"sample {both[0]} in both halves of split {k}"
            raise InputError(f"folds: found {shared}; allowed are halves that differ")
        found.append(Fold(k, train, test))
    return found


def _rows(half: Any, n: int, k: int) -> NDArray[np.intp]:
    """Return the row numbers that an array of numbers, or a mask, stands for."""
    try:
        rows = np.arange(n)[np.asarray(half)]
    except (IndexError, ValueError):  # out of range, not whole, a mask of another length; ragged nested lists
        rows = np.empty((0, 0), dtype=np.intp)
    if rows.ndim != 1 or not rows.size:
        raise InputError(f"folds: found {half!r} in split {k}; allowed are row numbers below {n}, or a mask of {n}")
    return rows


def fold_labels(problem: Problem, folds: Any, seed: int = 0) -> NDArray[Any]:
    """Return the label of each sample's fold, shape (n,).

    Parameters
    ----------
    problem : Problem
    folds : int or array of n labels
        A number K of folds, their sizes equal to within 1: samples in random order are dealt out in turn, those of
        weight 0 last, and class after class for a loss of two classes, so that every fold has its share of both.
        Labels, whole numbers or strings, are taken as they are.
    seed : int
        The seed of the random order; labels need none.

    Raises
    ------
    InputError
        If there are fewer than 2 folds, or the labels are not whole numbers or strings, one for each sample.

    Examples
    --------
    >>> problem = Problem([[0.0], [1.0], [2.0], [3.0]], [0, 1, 0, 1], loss="logistic")
    >>> sorted(zip(fold_labels(problem, 2).tolist(), problem.y.tolist()))
    [(0, 0.0), (0, 1.0), (1, 0.0), (1, 1.0)]
    """
    n, used = problem.shape[0], int(np.count_nonzero(problem.s))
    if hasattr(folds, "__len__") and not isinstance(folds, (str, bytes)) and getattr(folds, "shape", None) != ():
        return _checked(problem, folds)
    if not isinstance(folds, (int, np.integer)) or isinstance(folds, bool) or not 2 <= folds <= used:
        samples = f"{used}, the number of samples{'' if used == n else ' of weight above 0'}"
        raise InputError(f"folds: found {folds!r}; allowed is a whole number from 2 to {samples}, or {n} labels")
    order = np.random.default_rng(seed).permutation(n)
    kind = problem.y[order] if problem.loss.two_class else np.zeros(n)
    order = order[np.lexsort((kind, problem.s[order] == 0))]
    labels = np.empty(n, dtype=int)
    labels[order] = np.arange(n) % int(folds)
    return labels


def _checked(problem: Problem, given: Any) -> NDArray[Any]:
    """Return the labels, if they make folds."""
    n = problem.shape[0]
    labels = label_array("folds", given, f"are {n} whole numbers or {n} strings, a label for each sample")
    if labels.shape != (n,):
        raise InputError(f"folds: found labels of shape {labels.shape}; X has {n} rows, allowed is one label for each")
    if np.unique(labels).size < 2:
        raise InputError(f"folds: found only the label {labels.tolist()[0]!r}; allowed are two or more")
    return labels
