"""scikit-learn, celer and skglm as functions of (X, y, lambdas, tol), each with the data in the form it likes best.

No intercept anywhere (celer's logistic regression has none, liblinear penalises its own). What each tolerance means:

    scikit-learn, squared   the duality gap, as a share of |y|^2 / n, twice the null model's objective; for one lam
                            without a Gram matrix (the default of Lasso), for a path with one if n > p (that of LassoCV)
    scikit-learn, logistic  liblinear: its projected gradient's norm, as a share of the first, times the rarer label's
                            share; liblinear wants X in C order
    celer, squared          as scikit-learn's; with pruning (the default of celer.Lasso, though not of celer_path)
    celer, logistic         the duality gap, as a share of n log 2; Newton's method on the working set (celer-pn)
    skglm                   the largest violation of a feature's optimality condition: absolute, so it is multiplied by
                            lambda_max here; AndersonCD for squares, ProxNewton for logistic

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
from designs import int32_csc

PACKAGES = {"scikit-learn": "sklearn.linear_model", "celer": "celer", "skglm": "skglm"}
_MANY = 10**6  # iterations: the time limit is what stops a solver here


@dataclass(frozen=True)
class Rival:
    """``fit(X, y, lambdas, tol)`` gives coefs of shape (m, p), for X and y as ``prepare`` leaves them."""

    fit: Callable[[Any, np.ndarray, np.ndarray, float], np.ndarray]
    prepare: Callable[[Any, np.ndarray], tuple[Any, np.ndarray]] = lambda X, y: (X, y)
    absolute: bool = False  # whether the tolerance is in units of lambda_max


def rivals(loss: str) -> dict[str, Rival]:
    """Those that are installed."""
    return {name: maker(loss) for name, maker in _MAKERS.items() if version(name) is not None}


def version(package: str) -> str | None:
    try:
        importlib.import_module(PACKAGES[package])
        return importlib.metadata.version(package)
    except ImportError:
        return None


def warm_up(rival: Rival, loss: str, sparse: bool) -> None:
    """A small fit with data of the same kind, for the just-in-time compilers."""
    rng = np.random.default_rng(0)
    X = np.asfortranarray(rng.standard_normal((60, 40)))
    y = X[:, 0] - X[:, 1] + 0.1 * rng.standard_normal(60)
    y = (y > 0).astype(float) if loss == "logistic" else y
    X, y = rival.prepare(int32_csc(X) if sparse else X, y)
    for lambdas in (np.array([0.02]), np.array([0.1, 0.02])):
        rival.fit(X, y, lambdas if loss == "squared" else lambdas[-1:], 1e-10)


def _signs(X: Any, y: np.ndarray) -> tuple[Any, np.ndarray]:
    return X, 2.0 * y - 1.0


def _c_order(X: Any, y: np.ndarray) -> tuple[Any, np.ndarray]:
    return sp.csr_array(X) if sp.issparse(X) else np.ascontiguousarray(X), y


def _sklearn(loss: str) -> Rival:
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

    return Rival(lasso) if loss == "squared" else Rival(logistic, _c_order)


def _celer(loss: str) -> Rival:
    import celer

    def lasso(X: Any, y: np.ndarray, lambdas: np.ndarray, tol: float) -> np.ndarray:
        return celer.celer_path(X, y, "lasso", alphas=lambdas, tol=tol, max_iter=1000, prune=1)[1].T

    def logistic(X: Any, y: np.ndarray, lambdas: np.ndarray, tol: float) -> np.ndarray:
        sums = len(y) * lambdas  # its loss is a sum; its estimator would copy X to C order and back
        return celer.celer_path(X, y, "logreg", alphas=sums, tol=tol, max_iter=1000, use_PN=True)[1].T

    return Rival(lasso) if loss == "squared" else Rival(logistic, _signs)


def _skglm(loss: str) -> Rival:
    import skglm

    def lasso(X: Any, y: np.ndarray, lambdas: np.ndarray, tol: float) -> np.ndarray:
        return skglm.Lasso(tol=tol, fit_intercept=False, max_iter=1000).path(X, y, alphas=lambdas)[1].T

    def logistic(X: Any, y: np.ndarray, lambdas: np.ndarray, tol: float) -> np.ndarray:
        settings = {"tol": tol, "fit_intercept": False, "max_iter": 1000}
        return skglm.SparseLogisticRegression(alpha=lambdas[0], **settings).fit(X, y).coef_

    return Rival(lasso, absolute=True) if loss == "squared" else Rival(logistic, _signs, absolute=True)


_MAKERS = {"scikit-learn": _sklearn, "celer": _celer, "skglm": _skglm}
