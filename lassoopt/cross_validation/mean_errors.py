"""The errors of held-out samples along lam, and the lam that the rules choose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arrays.arguments import choice
from ..arrays.design_matrix import Array
from ..caching import cached_property
from ..errors import InputError
from ..paths.grid_path import Path
from ..problems.problem import Problem
from ..solvers.solution import Solution

RULES = ("min", "1se")


@dataclass(frozen=True, eq=False, repr=False)
class MeanErrors:
    """Held-out errors along lam, and the fit on all data at the lam chosen; a `CrossValidation` without its words.

    Attributes
    ----------
    path : Path
        Of all data, along the same lam.
    folds : array of shape (n,) or None
        The label of the fold that each sample was held out in; None where splits (train, test) were given.
    error : str
        A name in `ERRORS`.
    fold_errors : array of shape (K, m)
        ``E_k(lam)``; row k is of the k-th of `fold_names`, nan where Ctrl-C came before the fold was done.
    fold_weights : array of shape (K,)
        ``W_k``, each fold's share of the sample weight; of those done, if not all are.
    fold_certified : array of K bool
        Whether every point of the fold's path is certified.
    """

    path: Path
    folds: NDArray[Any] | None
    error: str
    fold_errors: Array
    fold_weights: Array
    fold_certified: NDArray[np.bool_]

    @property
    def problem(self) -> Problem:
        """The problem of all data."""
        return self.path.problem

    @property
    def lambdas(self) -> Array:
        """The grid, falling; shape (m,)."""
        return self.path.lambdas

    @property
    def fold_names(self) -> list[Any]:
        """The labels of the folds, sorted; the numbers 0, 1, ... of splits."""
        return list(range(len(self.fold_errors))) if self.folds is None else np.unique(self.folds).tolist()

    @property
    def done(self) -> NDArray[np.bool_]:
        """Which folds were done; all, unless Ctrl-C came before."""
        return ~np.isnan(self.fold_errors[:, 0])

    @cached_property
    def mean_error(self) -> Array:
        """``sum_k W_k E_k`` at each lam, over the folds done; shape (m,)."""
        with np.errstate(invalid="ignore"):
            return self.fold_weights[self.done] @ self.fold_errors[self.done]

    @cached_property
    def std_error(self) -> Array:
        """``sqrt(sum_k W_k (E_k - mean)^2 / (K - 1))`` at each lam, nan for one fold alone; shape (m,)."""
        found, weights = self.fold_errors[self.done], self.fold_weights[self.done]
        if not self.has_std_error:
            return np.full(len(self.lambdas), np.nan)
        with np.errstate(invalid="ignore", over="ignore"):
            square = weights @ (found - self.mean_error) ** 2 / (len(found) - 1)
        return np.where(np.isfinite(self.mean_error), np.sqrt(square), np.inf)

    @property
    def has_std_error(self) -> bool:
        """Whether there is a standard error, which takes two folds."""
        return len(self.fold_errors) > 1

    @cached_property
    def index_min(self) -> int:
        """Where in ``lambdas`` the mean error is least; the first such."""
        return int(np.argmin(self.mean_error))

    @cached_property
    def index_1se(self) -> int:
        """Where in ``lambdas`` the mean error first is at most that at `index_min` plus its standard error.

        Raises
        ------
        InputError
            For one fold alone, which has no standard error.
        """
        if not self.has_std_error:
            raise InputError("rule: found '1se' for one fold, which has no standard error; allowed is 'min'")
        best = self.index_min
        return int(np.argmax(self.mean_error <= self.mean_error[best] + self.std_error[best]))

    @property
    def lambda_min(self) -> float:
        """The lam of least mean error; of several, the largest."""
        return float(self.lambdas[self.index_min])

    @property
    def lambda_1se(self) -> float:
        """The largest lam within one standard error of the least mean error; at least ``lambda_min``."""
        return float(self.lambdas[self.index_1se])

    def index(self, rule: str = "min") -> int:
        """Where in ``lambdas`` the lam of a rule stands, "min" or "1se"."""
        return self.index_min if choice("rule", rule, RULES) == "min" else self.index_1se

    def solution(self, rule: str = "min") -> Solution:
        """The fit on all data at the lam of a rule, "min" or "1se", with its certificate."""
        return self.path.solutions[self.index(rule)]

    @property
    def certified(self) -> bool:
        """Whether every point is, of the path of all data and of those of the folds done."""
        return self.path.certified and bool(self.fold_certified[self.done].all())
