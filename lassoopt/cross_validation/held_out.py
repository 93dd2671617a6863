"""`held_out` fits the path of all data and the path without each fold, and measures these on the fold."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from contextlib import closing
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..arrays.arguments import whole_number
from ..arrays.design_matrix import Array, predict, take_rows, weighted
from ..errors import InputError
from ..paths.grid_path import Path, falling_lambdas, path
from ..problems.problem import Problem, require_problem
from .error_measures import error_name, sample_errors
from .folds import Fold, split
from .result import CrossValidation
from .threads import Task, Tick, in_threads, in_turn


def cross_validate(
    problem: Problem,
    folds: Any = 10,
    *,
    seed: int = 0,
    error: str | None = None,
    lambdas: ArrayLike | None = None,
    n_lambdas: int = 100,
    eps: float = 1e-3,
    tol: float = 1e-8,
    workers: int = 1,
    progress: Callable[[int, int], Any] | None = None,
) -> CrossValidation:
    """Measure, by K-fold cross-validation, how well the fits along lam predict what was held out.

    Parameters
    ----------
    problem : Problem
        The problem, which needs no lam; its own plays no part.
    folds : int, array of n labels, splitter, or iterable of pairs (train, test)
        A number of folds, dealt out at random, by classes where the loss has two; or the label of each sample's
        fold, whole numbers or strings, as for samples that belong together; or splits as scikit-learn makes them, a
        splitter such as ``ShuffleSplit()`` or ``splitter.split(X, y, groups)``.
    seed : int >= 0
        The seed of the random folds.
    error : {"squared", "deviance", "misclassification", "loss"}, optional
        `error_measures` defines these. If it is not given: "squared" for the squared loss, "deviance" for logistic and
        Poisson, "loss" for the others.
    lambdas : array, optional
        Distinct numbers >= 0, in any order; if they are not given, the `lambda_grid` of all data is used.
    n_lambdas, eps : int, float
        The arguments of `lambda_grid`. It goes further down than in `path`, as the least error often is at a small lam.
    tol : float
        The relative duality gap asked for at each lam, in every fold.
    workers : int >= 1
        How many paths are solved at a time, that of all data being one: if above 1, in as many threads, at most one for
        each CPU, with a copy of its fold's training samples. BLAS is kept to one thread meanwhile if threadpoolctl is
        installed, as it is with scikit-learn; else start Python with ``OPENBLAS_NUM_THREADS=1`` (or its like), since
        threads of both kinds wait for each other. The answers are the same to rounding.
    progress : callable, optional
        It is called as ``progress(done, total)``, in the caller's thread, after each fit, which is one lam of one path.
        The paths are that of all data and one without each fold, so ``total`` is K + 1 times the number of lam.

    Returns
    -------
    CrossValidation
        After Ctrl-C it has the folds done, if the path of all data and two or more folds are. A thread then ends with
        the fit it is at, for which only the end of the program waits.

    Raises
    ------
    InputError
        If an argument is not as above, or a fold holds all samples of a class, so that no fit is possible without it.
    KeyboardInterrupt
        If Ctrl-C came before the path of all data and the second fold were done.

    Examples
    --------
    >>> X = np.arange(12.0).reshape(12, 1)
    >>> found = cross_validate(Problem(X, X[:, 0] + (-1.0) ** np.arange(12)), 3, lambdas=[10.0, 1.0, 0.1])
    >>> found.lambda_min <= found.lambda_1se
    True
    """
    problem = require_problem(problem)
    error = error_name(problem.loss, problem.y, error)
    labels, parts = split(problem, folds, seed)
    workers = min(whole_number("workers", workers, 1), len(parts) + 1, _cpus())
    one_column = problem.with_features(np.array([0]))
    for fold in parts:  # what cannot be fitted is said before long work; it is the targets that decide
        _training(one_column, fold)
    grid = falling_lambdas(problem, lambdas, n_lambdas, eps)
    report, points = progress or (lambda done, total: None), itertools.count(1)
    tasks: list[Task] = [partial(_path, problem, grid, tol)]
    tasks += [partial(_fold, problem, grid, error, tol, fold) for fold in parts]

    def tick() -> None:
        report(next(points), len(tasks) * grid.size)

    answers: list[Any] = [None] * len(tasks)
    try:
        with closing(in_threads(tasks, tick, workers) if workers > 1 else in_turn(tasks, tick)) as results:
            for k, answer in results:
                answers[k] = answer
    except KeyboardInterrupt:
        if answers[0] is None or answers.count(None) > len(parts) - 2:
            raise
    full, *of_folds = answers
    missing = np.full(grid.size, np.nan), False
    errors, certified = (np.array(each) for each in zip(*(answer or missing for answer in of_folds), strict=True))
    weights = np.array([problem.s[fold.test].sum() for fold in parts]) * ~np.isnan(errors[:, 0])
    return CrossValidation(full, labels, error, errors, weights / weights.sum(), certified)


def _path(problem: Problem, lambdas: Array, tol: float, tick: Tick) -> Path:
    """Return the path; Ctrl-C, after which `path` gives its finished part, is passed on."""
    found = path(problem, lambdas, tol=tol, callback=lambda _: tick())
    if len(found) < lambdas.size:
        raise KeyboardInterrupt
    return found


def _fold(problem: Problem, lambdas: Array, error: str, tol: float, fold: Fold, tick: Tick) -> tuple[Array, bool]:
    """Return the errors ``E_k(lam)`` of one fold, and whether every point of its path is certified."""
    share = float(problem.s[fold.train].sum() / problem.s.sum()) if problem.scaling == "sum" else 1.0
    found = _path(_training(problem, fold), share * lambdas, tol, tick)
    u = predict(take_rows(problem.X, fold.test), found.coefs.T) + found.intercepts
    s = problem.s[fold.test, None]
    with np.errstate(over="ignore", invalid="ignore"):  # an error that overflows is infinite
        errors = weighted(s, sample_errors(problem.loss, error, u, problem.y[fold.test, None]))
    return errors.sum(axis=0) / s.sum(), found.certified


def _training(problem: Problem, fold: Fold) -> Problem:
    """Return the problem of the samples that a fold trains on, with the penalty of all data."""
    try:
        return Problem(
            take_rows(problem.X, fold.train),
            problem.y[fold.train],
            loss=problem.loss,
            penalty=problem.penalty,
            intercept=problem.intercept,
            scaling=problem.scaling,
            sample_weight=problem.s[fold.train],
        )
    except InputError as error:
        part = "samples outside" if fold.train.size + fold.test.size == problem.shape[0] else "training samples"
        raise InputError(
            f"folds: the {part} of fold {fold.name!r} cannot be fitted: {error}; or use folds that spread each kind of "
            "target"
        ) from None


def _cpus() -> int:
    """Return how many CPUs this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
