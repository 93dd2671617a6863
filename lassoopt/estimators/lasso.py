"""`CertifiedLasso` is scikit-learn's Lasso with a certificate."""

# mypy: disable-error-code="import-untyped", allow-subclassing-any

from __future__ import annotations

from typing import Any, Self

from numpy.typing import ArrayLike

from ..arrays.arguments import nonnegative_number
from ..solvers.methods import solve
from .base import CertifiedRegressor


class CertifiedLasso(CertifiedRegressor):
    """The lasso minimises ``sum_i s_i (y_i - x_i'w - b)^2 / 2 + alpha * sum_j c_j |w_j|``, and certifies its fit.

    Here ``s_i = sample_weight_i / sum(sample_weight)``, which is 1/n without weights. The objective and the parameters
    that have the same name are those of `sklearn.linear_model.Lasso`.

    Parameters
    ----------
    alpha : float >= 0
        The strength of the penalty.
    fit_intercept : bool
        Whether b is fitted, without penalty, or is 0.
    positive : bool
        Whether all weights are kept >= 0.
    weights : array of shape (n_features,), optional
        The feature weights c_j >= 0; 0 leaves a feature without penalty, inf excludes it. 1 if not given.
    tol : float
        The duality gap asked for, relative to the objective of the best fit without penalised features.

    Attributes
    ----------
    coef_ : array of shape (n_features,)
    intercept_ : float
    certificate_ : Certificate
        What is proven about the fit: ``print(model.certificate_)``, ``.proven_zeros``, ``.explain("bmi")``. It holds X
        and y, so that a pickle of the model does too.
    dual_gap_ : float
        ``certificate_.gap``: the objective is at most this much above its minimum.
    n_iter_ : int
        Iterations of the solver.
    n_features_in_ : int
    feature_names_in_ : array of shape (n_features_in_,)
        The names of the columns, if X is a data frame whose column names are all strings.

    Warns
    -----
    ConvergenceWarning
        If the answer is not certified to ``tol``; the class is scikit-learn's.

    Examples
    --------
    >>> model = CertifiedLasso(alpha=0.1).fit([[1.0], [2.0], [3.0]], [1.0, 2.0, 3.0])
    >>> model.coef_.round(6), model.certificate_.certified
    (array([0.85]), True)
    """

    def __init__(
        self,
        alpha: float = 1.0,
        *,
        fit_intercept: bool = True,
        positive: bool = False,
        weights: ArrayLike | None = None,
        tol: float = 1e-8,
    ) -> None:
        super().__init__(fit_intercept=fit_intercept, positive=positive, weights=weights, tol=tol)
        self.alpha = alpha

    def fit(self, X: Any, y: Any, sample_weight: ArrayLike | float | None = None) -> Self:
        """Fit, and certify the fit.

        Parameters
        ----------
        X : array, data frame or sparse matrix of shape (n_samples, n_features)
            Real and finite; not copied where it is float64 already, so do not change it afterwards.
        y : array of shape (n_samples,)
        sample_weight : array of shape (n_samples,) or float, optional
            Numbers >= 0, not all 0; only their ratios count. One number is the weight of every sample.

        Raises
        ------
        ValueError
            If data or a parameter is not valid; the message names it, what was found and what is allowed.
        """
        X, y, sample_weight = self._data(X, y, sample_weight, y_numeric=True)
        problem = self._problem(X, y, sample_weight, lam=nonnegative_number("alpha", self.alpha))
        self._keep(solve(problem, tol=self.tol))
        return self
