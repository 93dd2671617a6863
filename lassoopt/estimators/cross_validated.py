"""`CertifiedLassoCV` is scikit-learn's LassoCV with certificates, and with the rule of one standard error."""

# mypy: disable-error-code="import-untyped", allow-subclassing-any

from __future__ import annotations

from numbers import Integral
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn import get_config
from sklearn.model_selection import check_cv
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping, process_routing

from ..arrays.arguments import choice, numeric_array, whole_number
from ..arrays.design_matrix import Array
from ..cross_validation import RULES, cross_validate
from ..errors import InputError
from ..paths.grid_path import lambda_grid
from ..problems.problem import Problem
from .base import CertifiedRegressor


class CertifiedLassoCV(CertifiedRegressor):
    """Cross-validation chooses alpha for a `CertifiedLasso`: of least error, or by the rule of one standard error.

    With ``E_k(alpha)`` the mean squared error on test set k of the fit to training set k, weighted by
    ``sample_weight``, for K of them, and ``W_k`` each test set's share of the sample weight in all of them:

        mean error = sum_k W_k E_k,    standard error = sqrt(sum_k W_k (E_k - mean error)^2 / (K - 1))

    `sklearn.linear_model.LassoCV` takes the plain mean over k, which is the same for test sets of equal weight.

    Parameters
    ----------
    rule : {"min", "1se"}
        "min" takes the alpha of least mean error. "1se" takes the largest alpha whose mean error is at most the least
        plus its standard error: a sparser model whose error cannot be told from the least.
    alphas : int or array
        The alphas to try, distinct numbers >= 0; or how many: they are then evenly spaced in their logarithm, down from
        the least alpha at which all penalised weights are 0.
    eps : float
        Where ``alphas`` is a number, the ratio of the last to the first.
    cv : int, splitter, iterable of (train, test), optional
        As in scikit-learn: a number of folds, not shuffled, 5 if not given. Splits may leave samples out, or test them
        several times, as `ShuffleSplit` does; no sample may be in both halves of one split.
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
        The alpha that was chosen.
    alphas_ : array of shape (n_alphas,)
        The alphas tried, in falling order; all are equal if ``alphas`` is a number and all weights are 0 at any alpha.
    mse_path_ : array of shape (n_alphas, n_folds)
        ``E_k(alpha)``.
    mse_mean_, mse_std_error_ : arrays of shape (n_alphas,)
        The mean error and its standard error, nan for one split alone.
    coef_, intercept_, certificate_, dual_gap_, n_iter_, n_features_in_, feature_names_in_
        What the fit on all data at ``alpha_`` gives, as in `CertifiedLasso`.

    Warns
    -----
    ConvergenceWarning
        If the answer, or a fit that the choice rests on, is not certified to ``tol``; the class is scikit-learn's.

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

    def fit(self, X: Any, y: Any, sample_weight: ArrayLike | float | None = None, **params: Any) -> Self:
        """Choose alpha, fit all data with it, and certify the fit.

        Parameters
        ----------
        X : array, data frame or sparse matrix of shape (n_samples, n_features)
            Real and finite; not copied where it is float64 already, so do not change it afterwards.
        y : array of shape (n_samples,)
        sample_weight : array of shape (n_samples,) or float, optional
            Numbers >= 0, not all 0 in any fold; only their ratios count. One number is the weight of every sample.
        **params
            What the splitter needs, such as ``groups``, after ``sklearn.set_config(enable_metadata_routing=True)``.

        Raises
        ------
        ValueError
            If data or a parameter is not valid; the message names it, what was found and what is allowed.
        """
        rule = choice("rule", self.rule, RULES)
        X, y, sample_weight = self._data(X, y, sample_weight, y_numeric=True)
        problem = self._problem(X, y, sample_weight)
        splitter = check_cv(self.cv)
        folds = list(splitter.split(X, y, **self._routed(sample_weight, params)))
        if rule == "1se" and len(folds) == 1:
            raise InputError("rule: found '1se' with one split, which has no standard error; allowed is 'min'")
        alphas = self._grid(problem)
        found = cross_validate(problem, folds, lambdas=np.unique(alphas), tol=self.tol)
        if not found.done.all():  # Ctrl-C came
            raise KeyboardInterrupt
        self.alphas_, self.alpha_ = alphas, float(found.lambdas[found.index(rule)])
        errors = found.fold_errors.T, found.mean_error, found.std_error
        times = alphas.size // found.lambdas.size  # more than 1 where one alpha fills the grid
        self.mse_path_, self.mse_mean_, self.mse_std_error_ = (np.repeat(each, times, axis=0) for each in errors)
        self._keep(found.solution(rule), found.certified)
        return self

    def get_metadata_routing(self) -> MetadataRouter:
        """Tell scikit-learn's metadata routing which of the arguments of `fit` the splitter is given."""
        mapping = MethodMapping().add(caller="fit", callee="split")
        router = MetadataRouter(owner=self).add_self_request(self)
        return router.add(splitter=check_cv(self.cv), method_mapping=mapping)

    def _routed(self, sample_weight: Any, params: dict[str, Any]) -> dict[str, Any]:
        """Return what the splitter asks for, of all that was given to `fit`."""
        if get_config()["enable_metadata_routing"]:
            given: dict[str, Any] = process_routing(self, "fit", sample_weight=sample_weight, **params).splitter.split
            return given
        if params:
            raise InputError(
                f"fit: found {', '.join(params)}; passing them on to cv is only supported if "
                "enable_metadata_routing=True, as after sklearn.set_config(enable_metadata_routing=True)"
            )
        return {}

    def _grid(self, problem: Problem) -> Array:
        """Return the alphas to try, in falling order."""
        if not isinstance(self.alphas, Integral):
            given = numeric_array("alphas", self.alphas, 1)
            if given.min() < 0 or np.unique(given).size < given.size:
                raise InputError(f"alphas: found {self.alphas!r}; allowed are distinct numbers >= 0, or how many")
            return np.sort(given)[::-1]
        count = whole_number("alphas", self.alphas, 1)
        if problem.lambda_max == 0:
            if not np.any(np.isfinite(problem.penalty.c) & ~problem.penalty.free):
                raise InputError("alphas: found a number, but no weight is penalised, so all alphas are one; list them")
            return np.full(count, np.finfo(float).resolution)  # all weights are 0 at any; scikit-learn takes this one
        return lambda_grid(problem, count, self.eps)
