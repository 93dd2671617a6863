"""The cases of `peers.py`: seeded designs and scikit-learn's data sets.

Columns of dense X, and targets that are numbers, are centred, so that leaving out the intercept changes nothing for
squares. A sparse X, and labels, are left as they are: their problem is the one without an intercept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from common import ar1


@dataclass(frozen=True)
class Case:
    """``make(seed, quick)`` gives X and y; the loss is "squared" or "logistic"."""

    make: Callable[[int, bool], tuple[Any, Any]]
    loss: str = "squared"


def correlated(n: int, p: int, correlation: float = 0.6) -> Callable[[int, bool], tuple[Any, Any]]:
    def make(seed: int, quick: bool) -> tuple[Any, Any]:
        shrink = 10 if quick else 1
        return ar1(n // shrink, p // shrink, correlation=correlation, true_features=min(100, p // 10), seed=seed)

    return make


def spectra(seed: int, quick: bool) -> tuple[Any, Any]:
    """Sums of broad Gaussian bumps: neighbouring columns are all but the same."""
    rng = np.random.default_rng(seed)
    n, p = (50, 200) if quick else (200, 1000)
    at = np.linspace(0, 1, p)
    bumps = np.exp(-0.5 * ((at - rng.random((40, 1))) / rng.uniform(0.01, 0.08, (40, 1))) ** 2)
    X = rng.gamma(2.0, 1.0, (n, 40)) @ bumps + 1e-3 * rng.standard_normal((n, p))
    signal = X[:, rng.choice(p, 20, replace=False)] @ rng.standard_normal(20)
    return X, signal + 0.05 * signal.std() * rng.standard_normal(n)


def int32_csc(X: Any) -> sp.csc_array:
    """CSC with 32-bit indices, which the peers insist on."""
    X = sp.csc_array(X)
    X.indices, X.indptr = X.indices.astype(np.int32), X.indptr.astype(np.int32)
    return X


def text(seed: int, quick: bool) -> tuple[Any, Any]:
    """About 100 words a document, word frequencies log-normal, weighted like tf-idf."""
    rng = np.random.default_rng(seed)
    n, p, words = (200, 2000, 30) if quick else (5000, 50_000, 100)
    frequency = rng.lognormal(0.0, 2.0, p)
    column = rng.choice(p, size=n * words, p=frequency / frequency.sum())
    row = np.repeat(np.arange(n), words)
    counts = sp.csc_array((np.ones(n * words), (row, column)), shape=(n, p))
    counts.sum_duplicates()
    seen = np.diff(counts.indptr)
    counts = counts[:, seen > 0]
    idf = np.log((1 + n) / (1 + seen[seen > 0])) + 1
    X = sp.csc_array(counts.multiply(idf[None, :]))
    X = int32_csc(X.multiply(1 / np.sqrt(X.multiply(X).sum(axis=1))[:, None]))
    chosen = rng.choice(np.flatnonzero(np.diff(X.indptr) >= 0.005 * n), 50)
    signal = X[:, chosen] @ rng.standard_normal(50)
    return X, signal + 0.3 * signal.std() * rng.standard_normal(n)


def dataset(name: str, quadratic: bool = False) -> Callable[[int, bool], tuple[Any, Any]]:
    def make(seed: int, quick: bool) -> tuple[Any, Any]:
        from sklearn import datasets
        from sklearn.preprocessing import PolynomialFeatures

        X, y = getattr(datasets, f"load_{name}")(return_X_y=True)
        X = (X - X.mean(axis=0)) / X.std(axis=0)
        if quadratic:
            X = PolynomialFeatures(2, include_bias=False).fit_transform(X)
            X = X[:, X.std(axis=0) > 1e-9]
        return X, y.astype(float)

    return make


CASES = {
    "diabetes": Case(dataset("diabetes")),
    "diabetes quadratic": Case(dataset("diabetes", quadratic=True)),
    "ar1 500x5000": Case(correlated(500, 5000)),
    "ar1 1000x10000": Case(correlated(1000, 10_000)),
    "ar1 5000x500": Case(correlated(5000, 500)),
    "ar1 200x20000 0.9": Case(correlated(200, 20_000, 0.9)),
    "ar1 2000x2000": Case(correlated(2000, 2000)),
    "spectra 200x1000": Case(spectra),
    "text 5000x50000": Case(text),
    "logistic 500x5000": Case(correlated(500, 5000), "logistic"),
    "logistic 5000x500": Case(correlated(5000, 500), "logistic"),
    "breast cancer": Case(dataset("breast_cancer"), "logistic"),
    "breast cancer quadratic": Case(dataset("breast_cancer", quadratic=True), "logistic"),
}


def load(name: str, seed: int, quick: bool) -> tuple[Any, Any, str]:
    """X (Fortran order, or CSC), y and the loss; dense columns and numeric targets are centred."""
    case = CASES[name]
    X, y = case.make(seed, quick)
    if case.loss == "logistic":
        y = (y > np.median(y)).astype(float) if np.unique(y).size > 2 else y
    if sp.issparse(X):
        return X, y, case.loss
    X = np.asfortranarray(X - X.mean(axis=0))
    return X, y - y.mean() if case.loss == "squared" else y, case.loss
