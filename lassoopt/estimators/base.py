"""`base` turns an estimator's data and parameters into a `Problem`, and the answer into its attributes."""

# mypy: disable-error-code="import-untyped", allow-subclassing-any
# scikit-learn ships no types

from __future__ import annotations

import warnings
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_is_fitted, validate_data

from ..arrays.arguments import choice, require_same_rows
from ..arrays.design_matrix import Array, Matrix, predict
from ..certificates.certificate import Certificate
from ..penalties import L1, NonnegativeL1
from ..penalties.base import checked_weights
from ..problems.problem import Problem
from ..solvers.solution import Solution, Status


class CertifiedLinear(BaseEstimator):
    """A certified model is linear, has an L1 penalty, and keeps the certificate of its fit."""

    coef_: Array
    intercept_: Any  # a float, or an array of one, as in the scikit-learn estimator of the same objective
    n_iter_: int
    dual_gap_: float
    certificate_: Certificate

    def __init__(
        self, *, fit_intercept: bool = True, positive: bool = False, weights: ArrayLike | None = None, tol: float = 1e-8
    ) -> None:
        self.fit_intercept = fit_intercept
        self.positive = positive
        self.weights = weights
        self.tol = tol

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def _data(self, X: Any, y: Any, sample_weight: Any, *, y_numeric: bool) -> tuple[Matrix, Any, Any]:
        """Return X as float64 (dense or CSC), y in 1-D, and the sample weights; keep the features' number and names."""
        require_same_rows(X=X, y=y, sample_weight=sample_weight)
        X, y = validate_data(self, X, y, accept_sparse="csc", dtype=np.float64, y_numeric=y_numeric)
        return X, y, np.full(len(y), sample_weight) if isinstance(sample_weight, Real) else sample_weight

    def _problem(self, X: Matrix, y: Array, sample_weight: Any, **statement: Any) -> Problem:
        """Return the problem that the parameters state."""
        penalty = NonnegativeL1 if choice("positive", self.positive, (True, False)) else L1
        return Problem(
            X,
            y,
            penalty=penalty(weights=None if self.weights is None else checked_weights("weights", self.weights)),
            intercept=choice("fit_intercept", self.fit_intercept, (True, False)),
            sample_weight=sample_weight,
            feature_names=getattr(self, "feature_names_in_", None),
            **statement,
        )

    def _keep(self, solution: Solution, choice_certified: bool = True) -> None:
        """Keep the answer as attributes; warn the caller of `fit` if it, or the choice of alpha, is not certified."""
        solution.finished()
        self.certificate_ = solution.certificate
        self.coef_, self.intercept_ = solution.coef, solution.intercept
        self.n_iter_, self.dual_gap_ = solution.iterations, solution.certificate.gap
        if solution.status is Status.OPTIMAL and choice_certified:
            return
        found = f"relative duality gap {self.certificate_.relative_gap:.1e}; {solution.status.value}"
        if solution.status is Status.OPTIMAL:
            found = "the answer is, but not all fits that the choice of alpha rests on"
        warnings.warn(
            f"{type(self).__name__}: not certified to tol={self.tol:g}: {found}", ConvergenceWarning, stacklevel=3
        )

    def _predictions(self, X: Any) -> Array:
        """Return ``X w + b``."""
        check_is_fitted(self)
        data = validate_data(self, X, accept_sparse=("csc", "csr"), dtype=np.float64, reset=False)
        return predict(data, np.ravel(self.coef_)) + self.intercept_


class CertifiedRegressor(RegressorMixin, CertifiedLinear):
    """A certified regressor predicts ``X w + b`` itself."""

    def predict(self, X: Any) -> Array:
        """Return ``X w + b``, shape (n_samples,)."""
        return self._predictions(X)
