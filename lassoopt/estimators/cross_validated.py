"""scikit-learn's LassoCV, certified, and with the rule of one standard error."""

# mypy: disable-error-code="import-untyped", allow-subclassing-any

from __future__ import annotations

from numbers import Integral
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.model_selection import check_cv

from ..cross_validation import RULES, cross_validate
from ..design import Array, Matrix
from ..errors import InputError
from ..path import lambda_grid
from ..problem import Problem
from ..validation import choice, numeric_array, whole_number
from .base import CertifiedRegressor


class CertifiedLassoCV(CertifiedRegressor):
    """`CertifiedLasso` with the alpha that cross-validation chooses: of least error, or the rule of one standard error.

    With ``E_k(alpha)`` the mean squared error on fold k of the fit without it, weighted by ``sample_weight``, K folds,
    and ``W_k`` each fold's share of the sample weight:

        mean error = sum_k W_k E_k,    standard error = sqrt(sum_k W_k (E_k - mean error)^2 / (K - 1))

    `sklearn.linear_model.LassoCV` takes the plain mean over folds, which is the same for folds of equal weight.

    Parameters
    ----------
    rule : {"min", "1se"}
        "min": the alpha of least mean error. "1se": the largest alpha with a mean error of at most the least plus its
        standard error, a sparser model whose error cannot be told from the least.
    alphas : int or array
        The alphas tried: distinct numbers >= 0, or how many, evenly spaced in their logarithm, from the least alpha at
        which all penalised weights are 0.
    eps : float
        Where ``alphas`` is a number, the ratio of the last to the first.
    cv : int, splitter, iterable of (train, test), optional
        As in scikit-learn: a number of folds, not shuffled, 5 if not given. Each sample must be in one test set, and in
        the training sets of all other folds, so that its error is measured once: no repeated or random splits, no time
        series.
    fit_intercept : bool
        Whether b is fitted, without penalty, or is 0.
    positive : bool
        Whether all weights are kept >= 0.
    weights : array of shape (n_features,), optional
        The feature weights c_j >= 0; 0 leaves a feature without penalty, inf excludes it. 1 if not given.
    tol : float
        The duality gap asked for at each alpha, in every fold, relative to the objective of the best fit without
        penalised features.

    Attributes
    ----------
    alpha_ : float
        The one chosen.
    alphas_ : array of shape (n_alphas,)
        Falling.
    mse_path_ : array of shape (n_alphas, n_folds)
        ``E_k(alpha)``.
    mse_mean_, mse_std_error_ : arrays of shape (n_alphas,)
        The mean error and its standard error.
    coef_, intercept_, certificate_, dual_gap_, n_iter_, n_features_in_, feature_names_in_
        Of the fit on all data at ``alpha_``, as in `CertifiedLasso`.

    Warns
    -----
    ConvergenceWarning
        That of scikit-learn, if the answer, or a fit that the choice rests on, is not certified to ``tol``.

    Examples
    --------
    >>> X = np.arange(12.0).reshape(12, 1)
    >>> y = X[:, 0] + (-1.0) ** np.arange(12)
    >>> least = CertifiedLassoCV(alphas=[10.0, 1.0, 0.1], cv=3).fit(X, y)
    >>> sparse = CertifiedLassoCV("1se", alphas=[10.0, 1.0, 0.1], cv=3).fit(X, y)
    >>> least.alpha_ <= sparse.alpha_, sparse.certificate_.certified
    (True, True)
    """

    alpha_: float
    alphas_: Array
    mse_path_: Array
    mse_mean_: Array
    mse_std_error_: Array

    def __init__(
        self,
        rule: str = "min",
        *,
        alphas: int | ArrayLike = 100,
        eps: float = 1e-3,
        cv: Any = None,
        fit_intercept: bool = True,
        positive: bool = False,
        weights: ArrayLike | None = None,
        tol: float = 1e-8,
    ) -> None:
        super().__init__(fit_intercept=fit_intercept, positive=positive, weights=weights, tol=tol)
        self.rule = rule
        self.alphas = alphas
        self.eps = eps
        self.cv = cv

    def fit(self, X: Any, y: Any, sample_weight: ArrayLike | None = None) -> Self:
        """Choose alpha, fit all data with it, and certify the fit.

        Parameters
        ----------
        X : array, data frame or sparse matrix of shape (n_samples, n_features)
            Real and finite; not copied where it is float64 already, so do not change it afterwards.
        y : array of shape (n_samples,)
        sample_weight : array of shape (n_samples,), optional
            Numbers >= 0, not all 0 in any fold; only their ratios count.

        Raises
        ------
        ValueError
            Naming the argument or parameter, what was found and what is allowed.
        """
        rule = choice("rule", self.rule, RULES)
        X, y = self._data(X, y, y_numeric=True)
        problem = self._problem(X, y, 0.0, sample_weight)
        folds = self._folds(X, y)
        found = cross_validate(problem, folds, lambdas=self._grid(problem), tol=self.tol)
        if not found.done.all():  # Ctrl-C came
            raise KeyboardInterrupt
        self.alphas_, self.alpha_ = found.lambdas, float(found.lambdas[found.index(rule)])
        self.mse_path_, self.mse_mean_, self.mse_std_error_ = found.fold_errors.T, found.mean_error, found.std_error
        self._keep(found.solution(rule), found.certified)
        return self

    def _grid(self, problem: Problem) -> Array:
        """The alphas to try."""
        if not isinstance(self.alphas, Integral):
            given = numeric_array("alphas", self.alphas, 1)
            if given.min() < 0 or np.unique(given).size < given.size:
                raise InputError(f"alphas: found {self.alphas!r}; allowed are distinct numbers >= 0, or how many")
            return given
        count = whole_number("alphas", self.alphas, 1)
        if problem.lambda_max == 0:
            raise InputError(
                "alphas: found a number, but all weights are 0 at every alpha, so none to start from; list them"
            )
        return lambda_grid(problem, count, self.eps)

    def _folds(self, X: Matrix, y: Array) -> NDArray[np.intp]:
        """The number of the fold that each sample is held out in."""
        labels, times, whole = np.zeros(len(y), dtype=int), np.zeros(len(y), dtype=int), True
        for k, (train, test) in enumerate(check_cv(self.cv).split(X, y)):
            inside, outside = np.zeros(len(y), dtype=bool), np.zeros(len(y), dtype=bool)
            inside[test], outside[train] = True, True
            labels[inside], times[inside], whole = k, times[inside] + 1, whole and bool(np.all(inside != outside))
        if not whole or np.any(times != 1):
            raise InputError(
                f"cv: found {self.cv!r}; allowed are splits that hold each sample out once and train on all others, "
                "as KFold does, or a list of (train, test)"
            )
        return labels
