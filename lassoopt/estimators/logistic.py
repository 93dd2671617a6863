"""`CertifiedLogistic` is scikit-learn's logistic regression of two classes with an L1 penalty and a certificate."""

# mypy: disable-error-code="import-untyped", allow-subclassing-any

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets, type_of_target

from ..arrays.arguments import positive_number, sample_weights
from ..arrays.design_matrix import Array
from ..errors import InputError
from ..solvers.methods import solve
from .base import CertifiedLinear


class CertifiedLogistic(ClassifierMixin, CertifiedLinear):
    """The model minimises ``C * sum_i v_i log(1 + exp(-t_i (x_i'w + b))) + sum_j c_j |w_j|``, and certifies its fit.

    Here ``v = sample_weight``, 1 if not given, and ``t_i = -1, 1`` for ``classes_[0], classes_[1]``. The objective is
    that of `sklearn.linear_model.LogisticRegression` with ``l1_ratio=1`` and its solver "saga" ("liblinear" penalises b
    too).

    Parameters
    ----------
    C : float > 0
        The weight of the loss: the larger, the weaker the penalty.
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
    classes_ : array of shape (2,)
        The labels, sorted.
    coef_ : array of shape (1, n_features)
    intercept_ : array of shape (1,)
    certificate_ : Certificate
        What is proven about the fit, as minimiser of the objective divided by C. It holds X and y, so that a pickle
        of the model does too.
    dual_gap_ : float
        ``certificate_.gap``: the objective divided by C is at most this much above its minimum.
    n_iter_ : int
        Iterations of the solver.
    n_features_in_ : int
    feature_names_in_ : array of shape (n_features_in_,)
        The names of the columns, if X is a data frame whose column names are all strings.

    Warns
    -----
    ConvergenceWarning
        If the answer is not certified to ``tol``, as when features without penalty separate the classes: no minimiser
        exists then. The class is scikit-learn's.

    Examples
    --------
    >>> X, y = [[0.0], [1.0], [2.0], [3.0]], ["no", "yes", "no", "yes"]
    >>> model = CertifiedLogistic(C=10.0).fit(X, y)
    >>> model.predict([[0.0], [3.0]]).tolist(), model.certificate_.certified
    (['no', 'yes'], True)
    """

    classes_: NDArray[Any]

    def __init__(
        self,
        C: float = 1.0,
        *,
        fit_intercept: bool = True,
        positive: bool = False,
        weights: ArrayLike | None = None,
        tol: float = 1e-8,
    ) -> None:
        super().__init__(fit_intercept=fit_intercept, positive=positive, weights=weights, tol=tol)
        self.C = C

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags

    def fit(self, X: Any, y: Any, sample_weight: ArrayLike | float | None = None) -> Self:
        """Fit, and certify the fit.

        Parameters
        ----------
        X : array, data frame or sparse matrix of shape (n_samples, n_features)
            Real and finite; not copied where it is float64 already, so do not change it afterwards.
        y : array of shape (n_samples,)
            Two labels, numbers or strings.
        sample_weight : array of shape (n_samples,) or float, optional
            Numbers >= 0, not all 0. One number is the weight of every sample.

        Raises
        ------
        ValueError
            If data or a parameter is not valid, or there are not two classes with samples of weight above 0; the
            message names the argument, what was found and what is allowed.
        """
        X, y, sample_weight = self._data(X, y, sample_weight, y_numeric=False)
        check_classification_targets(y)
        if (kind := type_of_target(y, input_name="y")) != "binary":
            raise InputError(f"y: Only binary classification is supported. The type of the target is {kind}.")
        given = sample_weights(sample_weight, len(y))
        self.classes_, index = np.unique(y, return_inverse=True)
        used = self.classes_[np.unique(index if given is None else index[given > 0])]
        if used.size < 2:
            raise InputError(
                f"y: found one class, {used.tolist()[0]!r}, among samples of weight above 0; allowed are two classes"
            )
        lam = 1 / positive_number("C", self.C)
        problem = self._problem(X, index.astype(float), given, lam=lam, loss="logistic", scaling="sum")
        self._keep(solve(problem, tol=self.tol))
        self.coef_, self.intercept_ = self.coef_[None, :], np.array([self.intercept_])
        return self

    def decision_function(self, X: Any) -> Array:
        """Return ``X w + b``, the logarithm of the odds of ``classes_[1]``; shape (n_samples,)."""
        return self._predictions(X)

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the label of the more probable class, shape (n_samples,)."""
        second = self.decision_function(X) > 0
        return self.classes_[second.astype(int)]

    def predict_proba(self, X: Any) -> Array:
        """Return the probabilities of ``classes_``, ``1 / (1 + exp(u))`` and ``1 / (1 + exp(-u))``; shape (n, 2)."""
        from scipy.special import expit

        u = self.decision_function(X)
        return np.column_stack([expit(-u), expit(u)])
