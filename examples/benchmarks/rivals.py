"""scikit-learn, celer and skglm as functions of (X, y, lambdas, tol), each with the data in the form it likes best.

No intercept anywhere (celer's logistic regression has none, liblinear penalises its own). What each tolerance means:

    scikit-learn, squared   the duality gap, as a share of |y|^2 / n, twice the null model's objective; for one lam
                            without a Gram matrix (the default of Lasso), for a path with one if n > p (that of LassoCV)
    scikit-learn, logistic  liblinear: its projected gradient's norm, as a share of the first, times the rarer label's
                            share; liblinear wants X in C order
    scikit-learn, quantile  HiGHS ends at a vertex, whatever its tolerance, and is left at its default
    celer, squared, group   as scikit-learn's; with pruning (the default of celer.Lasso, though not of celer_path)
    celer, logistic         the duality gap, as a share of n log 2; Newton's method on the working set (celer-pn)
    skglm                   the largest violation of a feature's optimality condition: absolute, so it is multiplied by
                            lambda_max here; AndersonCD for squares, ProxNewton for logistic, GroupBCD for groups
    scikit-learn, cv        LassoCV with one job, and the tolerance for squares (celer's LassoCV does not start with
                            scikit-learn 1.9)

Finiteness checks of X are switched off in scikit-learn's validation, which all three share.
"""

from __future__ import annotations

import importlib
import importlib.metadata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from cells import GROUP, fold_of, state
from designs import int32_csc

import lassoopt as lo

PACKAGES = {"scikit-learn": "sklearn.linear_model", "celer": "celer", "skglm": "skglm"}
_MANY = 10**6  # iterations: the time limit is what stops a solver here


@dataclass(frozen=True)
class Rival:
    """``fit(X, y, lambdas, tol)`` gives coefs of shape (m, p), or the errors of all folds, for X and y as ``prepare``
    leaves them."""

    fit: Callable[[Any, np.ndarray, np.ndarray, float], np.ndarray]
    prepare: Callable[[Any, np.ndarray], tuple[Any, np.ndarray]] = lambda X, y: (X, y)
    absolute: bool = False  # whether the tolerance is in units of lambda_max
    iterative: bool = True  # whether it has a tolerance at all


def rivals(kind: str) -> dict[str, Rival]:
    """Those that are installed and solve this kind of problem."""
    found = {name: maker() for name, maker in _MAKERS.items() if version(name) is not None}
    return {name: solvers[kind] for name, solvers in found.items() if kind in solvers}


def version(package: str) -> str | None:
    try:
        importlib.import_module(PACKAGES[package])
        return importlib.metadata.version(package)
    except ImportError:
        return None


def warm_up(rival: Rival, kind: str, sparse: bool) -> None:
    """A small fit with data of the same kind, for the just-in-time compilers."""
    X, y = rival.prepare(*_small(kind, sparse))
    for lambdas in (np.array([0.02]), np.array([0.1, 0.02])):
        rival.fit(X, y, lambdas if kind in ("squared", "cv") else lambdas[-1:], 1e-10)


def warm_up_ours(kind: str, sparse: bool) -> None:
    """The same for lassoopt; forked processes inherit what was compiled."""
    lo.path(state(kind, *_small(kind, sparse)), n_lambdas=3)


def _small(kind: str, sparse: bool) -> tuple[Any, np.ndarray]:
    rng = np.random.default_rng(0)
    X = np.asfortranarray(rng.standard_normal((60, 40)))
    y = X[:, 0] - X[:, 1] + 0.1 * rng.standard_normal(60)
    return int32_csc(X) if sparse else X, (y > 0).astype(float) if kind == "logistic" else y


def _signs(X: Any, y: np.ndarray) -> tuple[Any, np.ndarray]:
    return X, 2.0 * y - 1.0


def _c_order(X: Any, y: np.ndarray) -> tuple[Any, np.ndarray]:
    return sp.csr_array(X) if sp.issparse(X) else np.ascontiguousarray(X), y


def _cross_validated(model: Any, X: Any, y: np.ndarray) -> np.ndarray:
    """The mean squared errors of each fold, a row a fold."""
    fold = fold_of(len(y))
    model.set_params(cv=[(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in np.unique(fold)])
    return model.fit(X, y).mse_path_.T


def _sklearn() -> dict[str, Rival]:
    import sklearn
    from sklearn import linear_model

    sklearn.set_config(assume_finite=True)

    def lasso(X: Any, y: np.ndarray, lambdas: np.ndarray, tol: float) -> np.ndarray:
        gram = False if len(lambdas) == 1 else "auto"
        settings = {"tol": tol, "max_iter": _MANY, "precompute": gram, "copy_X": False}
        return linear_model.lasso_path(X, y, alphas=lambdas, **settings)[1].T

    def logistic(X: Any, y: np.ndarray, lambdas: np.ndarray, tol: float) -> np.ndarray:
        settings = {"l1_ratio": 1.0, "solver": "liblinear", "fit_intercept": False, "max_iter": _MANY}
        return linear_model.LogisticRegression(C=1 / (len(y) * lambdas[0]), tol=tol, **settings).fit(X, y).coef_

    def quantile(X: Any, y: np.ndarray, lambdas: np.ndarray, tol: float) -> np.ndarray:
        return linear_model.QuantileRegressor(alpha=lambdas[0], fit_intercept=False).fit(X, y).coef_[None]

    def cv(X: Any, y: np.ndarray, lambdas: np.ndarray, tol: float) -> np.ndarray:
        settings = {"tol": tol, "max_iter": _MANY, "fit_intercept": False}
        return _cross_validated(linear_model.LassoCV(alphas=lambdas, **settings), X, y)

    return {
        "squared": Rival(lasso),
        "logistic": Rival(logistic, _c_order),
        "quantile": Rival(quantile, iterative=False),
        "cv": Rival(cv),
    }


def _celer() -> dict[str, Rival]:
    import celer

    def lasso(X: Any, y: np.ndarray, lambdas: np.ndarray, tol: float) -> np.ndarray:
        return celer.celer_path(X, y, "lasso", alphas=lambdas, tol=tol, max_iter=1000, prune=1)[1].T

    def logistic(X: Any, y: np.ndarray, lambdas: np.ndarray, tol: float) -> np.ndarray:
        sums = len(y) * lambdas  # its loss is a sum; its estimator would copy X to C order and back
        return celer.celer_path(X, y, "logreg", alphas=sums, tol=tol, max_iter=1000, use_PN=True)[1].T

    def group(X: Any, y: np.ndarray, lambdas: np.ndarray, tol: float) -> np.ndarray:
        settings = {"groups": GROUP, "weights": _group_weights(X), "tol": tol, "max_iter": 1000, "prune": 1}
        return celer.celer_path(X, y, "grouplasso", alphas=lambdas, **settings)[1].T

    return {"squared": Rival(lasso), "logistic": Rival(logistic, _signs), "group": Rival(group)}


def _skglm() -> dict[str, Rival]:
    import skglm

    def lasso(X: Any, y: np.ndarray, lambdas: np.ndarray, tol: float) -> np.ndarray:
        return skglm.Lasso(tol=tol, fit_intercept=False, max_iter=1000).path(X, y, alphas=lambdas)[1].T

    def logistic(X: Any, y: np.ndarray, lambdas: np.ndarray, tol: float) -> np.ndarray:
        settings = {"tol": tol, "fit_intercept": False, "max_iter": 1000}
        return skglm.SparseLogisticRegression(alpha=lambdas[0], **settings).fit(X, y).coef_

    def group(X: Any, y: np.ndarray, lambdas: np.ndarray, tol: float) -> np.ndarray:
        settings = {"weights": _group_weights(X), "tol": tol, "fit_intercept": False, "max_iter": 1000}
        return skglm.GroupLasso(groups=GROUP, alpha=lambdas[0], **settings).fit(X, y).coef_[None]

    return {
        "squared": Rival(lasso, absolute=True),
        "logistic": Rival(logistic, _signs, absolute=True),
        "group": Rival(group, absolute=True),
    }


def _group_weights(X: Any) -> np.ndarray:
    """The square root of each group's size, as in our `Group`."""
    return np.full(X.shape[1] // GROUP, np.sqrt(GROUP))


_MAKERS = {"scikit-learn": _sklearn, "celer": _celer, "skglm": _skglm}
