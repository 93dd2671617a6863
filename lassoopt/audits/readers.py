"""`readers` reads the objective off fitted estimators; `READERS` has one entry for each class that is understood.

Only exact classes count, as a subclass may minimise something else: scikit-learn's MultiTaskLasso is a Lasso.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike

from ..arrays.arguments import sample_weights
from ..arrays.design_matrix import Array
from ..errors import InputError
from ..losses import Huber, Loss, Quantile
from .stated_fit import Fit


def kind(fitted: Any) -> str:
    """Return package and class of an estimator, as in "sklearn.Lasso"; for results of statsmodels, of their model."""
    package = type(fitted).__module__.partition(".")[0]
    model = getattr(fitted, "model", fitted) if package == "statsmodels" else fitted
    return f"{package}.{type(model).__qualname__}"


def read(fitted: Any) -> Fit:
    """Read the coefficients of a fitted estimator, and what it says they minimise.

    Raises
    ------
    InputError
        For classes, options and shapes that are not understood, and for estimators that are not fitted.
    """
    name = kind(fitted)
    if name.startswith("lassoopt."):
        raise InputError(f"fitted: found {name}, which has a certificate: see its certificate_")
    if name not in READERS:
        package = name.partition(".")[0]
        near = [each for each in READERS if each.startswith(f"{package}.")]
        near = near or ["estimators of scikit-learn, celer, ..."]
        raise InputError(f"fitted: found {name}; allowed are {', '.join(near)}, or a Fit made by hand")
    if not hasattr(fitted, "params" if name.startswith("statsmodels.") else "coef_"):
        raise InputError(f"fitted: found {name} that is not fitted; call its fit(X, y) first")
    return READERS[name](fitted)


def _chosen(fitted: Any, parameter: str) -> Any:
    """Return what cross-validation chose for a parameter, or else the value it was given."""
    found = getattr(fitted, f"{parameter}_", None)
    return getattr(fitted, parameter) if found is None else np.ravel(found)[0]


def _point(fitted: Any) -> dict[str, Any]:
    """Return coefficients and intercept; the intercept is None for a model without one."""
    coef = fitted.coef_.toarray() if sp.issparse(fitted.coef_) else np.asarray(fitted.coef_)
    if coef.ndim == 2 and len(coef) == 1:
        coef = coef[0]
    if coef.ndim != 1:
        raise InputError(
            f"fitted: found coefficients of shape {coef.shape}, for several classes or targets; allowed is one"
        )
    return {"coef": coef, "intercept": float(np.ravel(fitted.intercept_)[0]) if fitted.fit_intercept else None}


def _squared(fitted: Any, convention: str, ratio: bool = False, weights: str = "") -> Fit:
    return Fit(
        **_point(fitted),
        lam=_chosen(fitted, "alpha"),
        convention=convention,
        l1_ratio=float(_chosen(fitted, "l1_ratio")) if ratio else 1.0,
        factors=getattr(fitted, weights) if weights else None,
        positive=bool(getattr(fitted, "positive", False)),
    )


def _logistic(fitted: Any, convention: str) -> Fit:
    """Read penalty and l1_ratio; scikit-learn 1.8 deprecates the first, and C = inf means no penalty."""
    if getattr(fitted, "refit", True) is False:
        raise InputError(
            f"fitted: found {kind(fitted)} with refit=False, whose coefficients are means over folds and minimise "
            "nothing; allowed is refit=True"
        )
    penalty = getattr(fitted, "penalty", "deprecated")
    given = {"l1": 1.0, "l2": 0.0}.get(penalty)
    if given is None:
        given = _chosen(fitted, "l1_ratio")
    return Fit(
        **_point(fitted),
        lam=np.inf if penalty in (None, "none") else float(_chosen(fitted, "C")),
        convention=convention,
        l1_ratio=float(given or 0.0),
        intercept_weight=_liblinear(fitted) if getattr(fitted, "solver", "") == "liblinear" else 0.0,
    )


def _liblinear(fitted: Any) -> float:
    """Return the scale of the intercept, which liblinear penalises as the weight of a column of intercept_scaling."""
    return 1 / float(fitted.intercept_scaling)


def _support_vectors(fitted: Any) -> Fit:
    _allowed(fitted, "loss", ("squared_hinge",))
    return Fit(
        **_point(fitted),
        lam=fitted.C,
        convention="sklearn.LinearSVC.C",
        l1_ratio=1.0 if fitted.penalty == "l1" else 0.0,
        intercept_weight=_liblinear(fitted),
    )


_SGD_LOSSES: dict[str, Callable[[Any], str | Loss]] = {
    "squared_error": lambda fitted: "squared",
    "huber": lambda fitted: Huber(delta=float(fitted.epsilon)),
    "log_loss": lambda fitted: "logistic",
    "squared_hinge": lambda fitted: "squared_hinge",
}


def _stochastic(fitted: Any) -> Fit:
    regression = type(fitted).__name__ == "SGDRegressor"
    loss = _allowed(fitted, "loss", ("squared_error", "huber") if regression else _SGD_LOSSES)
    ratios = {"l1": 1.0, "l2": 0.0, "elasticnet": fitted.l1_ratio, None: 1.0}
    return Fit(
        **_point(fitted),
        lam=fitted.alpha if fitted.penalty else 0.0,
        convention="sklearn.SGD.alpha",
        loss=_SGD_LOSSES[loss](fitted),
        l1_ratio=ratios[fitted.penalty],
    )


def _quantile(fitted: Any) -> Fit:
    loss = Quantile(level=float(fitted.quantile))
    return Fit(**_point(fitted), lam=fitted.alpha, convention="sklearn.QuantileRegressor.alpha", loss=loss)


def _sparse_logistic(fitted: Any) -> Fit:
    convention = "skglm.SparseLogisticRegression.alpha"
    ratio = float(fitted.l1_ratio)
    return Fit(**_point(fitted), lam=fitted.alpha, convention=convention, l1_ratio=ratio)


def _forgetful(fitted: Any) -> Fit:
    name = kind(fitted)
    raise InputError(
        f"fitted: found results of {name}, which do not keep their alpha; allowed is "
        f'Fit(results.params, lam=alpha, convention="{name}.alpha", l1_ratio=L1_wt), with X = model.exog; '
        "for a vector alpha, lam=1 and factors=alpha"
    )


def _discrete(fitted: Any, convention: str) -> Fit:
    """Read alpha: one number, or one for each column; the constant is a column, too, so there is no other intercept."""
    for option in ("offset", "exposure"):
        if getattr(fitted.model, option, None) is not None:
            raise InputError(f"fitted: found {kind(fitted)} with {option}; allowed are models without, as u = X w + b")
    settings = getattr(fitted, "mle_settings", {})
    if "alpha" not in settings:
        raise InputError(f"fitted: found {convention} without a penalty; allowed are results of fit_regularized")
    alpha, coef = np.ravel(settings["alpha"]), np.asarray(fitted.params)
    lam = float(alpha.max())
    factors = alpha / lam if alpha.size > 1 and lam > 0 else None
    return Fit(coef, lam, convention, factors=factors)


def _allowed(fitted: Any, option: str, allowed: Any) -> Any:
    found = getattr(fitted, option)
    if found not in allowed:
        raise InputError(
            f"fitted: found {kind(fitted)} with {option}={found!r}; allowed: {', '.join(map(repr, allowed))}"
        )
    return found


_lasso = partial(_squared, convention="sklearn.Lasso.alpha")
_elastic_net = partial(_squared, convention="sklearn.ElasticNet.alpha", ratio=True)
_lars = partial(_squared, convention="sklearn.LassoLars.alpha")
_logistic_regression = partial(_logistic, convention="sklearn.LogisticRegression.C")

READERS: dict[str, Callable[[Any], Fit]] = {
    "sklearn.Lasso": _lasso,
    "sklearn.LassoCV": _lasso,
    "sklearn.ElasticNet": _elastic_net,
    "sklearn.ElasticNetCV": _elastic_net,
    "sklearn.LassoLars": _lars,
    "sklearn.LassoLarsCV": _lars,
    "sklearn.LassoLarsIC": _lars,
    "sklearn.LogisticRegression": _logistic_regression,
    "sklearn.LogisticRegressionCV": _logistic_regression,
    "sklearn.LinearSVC": _support_vectors,
    "sklearn.SGDRegressor": _stochastic,
    "sklearn.SGDClassifier": _stochastic,
    "sklearn.QuantileRegressor": _quantile,
    "celer.Lasso": partial(_squared, convention="celer.Lasso.alpha", weights="weights"),
    "celer.ElasticNet": partial(_squared, convention="celer.ElasticNet.alpha", ratio=True, weights="weights"),
    "celer.LogisticRegression": partial(_logistic, convention="celer.LogisticRegression.C"),
    "skglm.Lasso": partial(_squared, convention="skglm.Lasso.alpha"),
    "skglm.WeightedLasso": partial(_squared, convention="skglm.WeightedLasso.alpha", weights="weights"),
    "skglm.ElasticNet": partial(_squared, convention="skglm.ElasticNet.alpha", ratio=True),
    "skglm.SparseLogisticRegression": _sparse_logistic,
    "statsmodels.Logit": partial(_discrete, convention="statsmodels.Logit.alpha"),
    "statsmodels.Poisson": partial(_discrete, convention="statsmodels.Poisson.alpha"),
    "statsmodels.OLS": _forgetful,
    "statsmodels.WLS": _forgetful,
    "statsmodels.GLM": _forgetful,
}


def targets(fitted: Any, y: ArrayLike) -> ArrayLike:
    """Return y for the problem: labels become -1, 1 in the order of the classifier's ``classes_``."""
    if not hasattr(fitted, "classes_"):
        return y
    labels, classes = np.asarray(y), np.asarray(fitted.classes_)
    if len(classes) != 2:
        raise InputError(f"fitted: found a classifier of {len(classes)} classes; allowed are two")
    known = np.isin(labels, classes)
    if labels.ndim != 1 or not known.all():
        found = f"shape {labels.shape}" if labels.ndim != 1 else f"the label {labels[~known].tolist()[0]!r}"
        raise InputError(f"y: found {found}; allowed is one of the labels {classes.tolist()!r} for each sample")
    return np.where(labels == classes[1], 1.0, -1.0)


def weights(fitted: Any, signs: ArrayLike, sample_weight: ArrayLike | None) -> ArrayLike | None:
    """Return the sample weights, multiplied by the classifier's class weights."""
    given = getattr(fitted, "class_weight", None)
    if given is None:
        return sample_weight
    positive = np.asarray(signs) > 0
    given_weights = sample_weights(sample_weight, len(positive))
    if isinstance(given, dict):
        first, second = (float(given.get(label, 1.0)) for label in np.asarray(fitted.classes_).tolist())
    elif given_weights is None:
        counts = [int(np.count_nonzero(side)) for side in (~positive, positive)]
        first, second = (len(positive) / (2 * count) if count else 1.0 for count in counts)
    else:
        raise InputError(
            f"sample_weight: found weights for {kind(fitted)} with class_weight={given!r}, whose meaning then depends "
            "on the version; allowed is a class_weight given as a dict"
        )
    by_class: Array = np.where(positive, second, first)
    return by_class if given_weights is None else by_class * given_weights
