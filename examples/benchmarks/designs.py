"""The cases of `peers.py`: seeded designs of several families, and scikit-learn's data sets.

Columns of dense X, and targets that are numbers, are centred, so that leaving out the intercept changes nothing for
squares. A sparse X, and labels, are left as they are: their problem is the one without an intercept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import scipy.sparse as sp
from common import ar1

Data = tuple[Any, np.ndarray]  # X and y


@dataclass(frozen=True)
class Case:
    """A case is a design of a family, of n x p, and a kind of cell, which `cells.py` explains."""

    family: str
    n: int
    p: int
    kind: str = "squared"

    def data(self, seed: int, quick: bool) -> Data:
        """Return the data; with ``quick``, a tenth of the rows and columns, though no fewer than 40 and ten."""
        n, p = (max(self.n // 10, 40), max(self.p // 10, 10)) if quick else (self.n, self.p)
        X, y = FAMILIES[self.family](n, p, seed=seed)
        if self.kind == "logistic" and np.unique(y).size > 2:
            y = (y > np.median(y)).astype(float)
        if sp.issparse(X):
            return X, y
        return np.asfortranarray(X - X.mean(axis=0)), y if self.kind == "logistic" else y - y.mean()


def autoregressive(n: int, p: int, *, seed: int, correlation: float = 0.6) -> Data:
    """Columns that are an AR(1) process, and a tenth of them in the signal, 100 at most."""
    return ar1(n, p, correlation=correlation, true_features=min(100, p // 10), seed=seed)


def spectra(n: int, p: int, *, seed: int) -> Data:
    """Sums of broad Gaussian bumps: neighbouring columns are all but the same."""
    rng = np.random.default_rng(seed)
    at = np.linspace(0, 1, p)
    bumps = np.exp(-0.5 * ((at - rng.random((40, 1))) / rng.uniform(0.01, 0.08, (40, 1))) ** 2)
    X = rng.gamma(2.0, 1.0, (n, 40)) @ bumps + 1e-3 * rng.standard_normal((n, p))
    return X, _target(X, rng.choice(p, 20, replace=False), 0.05, rng)


def genes(n: int, p: int, *, seed: int) -> Data:
    """Few samples, in which ten factors move many columns together, each with noise and a spread of its own."""
    rng = np.random.default_rng(seed)
    loadings = rng.standard_normal((10, p)) * (rng.random((10, p)) < 0.3)
    X = (rng.standard_normal((n, 10)) @ loadings + rng.standard_normal((n, p))) * rng.lognormal(0.0, 0.5, p)
    return X, _target(X, rng.choice(p, 20, replace=False), 0.3, rng)


def tall(n: int, p: int, *, seed: int) -> Data:
    """Many samples of few columns, as in a table: correlated, half of them skewed, in different units."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, p)) + rng.standard_normal((n, 3)) @ rng.standard_normal((3, p))
    X[:, ::2] = np.exp(0.5 * X[:, ::2])
    X *= rng.lognormal(0.0, 1.0, p)
    return X, _target(X / X.std(axis=0), rng.choice(p, max(p // 3, 3), replace=False), 1.0, rng)


def _target(X: Any, chosen: np.ndarray, noise: float, rng: np.random.Generator) -> np.ndarray:
    signal = X[:, chosen] @ rng.standard_normal(chosen.size)
    return signal + noise * signal.std() * rng.standard_normal(len(signal))


def int32_csc(X: Any) -> sp.csc_array:
    """CSC with 32-bit indices, which the peers insist on."""
    X = sp.csc_array(X)
    X.indices, X.indptr = X.indices.astype(np.int32), X.indptr.astype(np.int32)
    return X


def text(n: int, p: int, *, seed: int, words: int = 100) -> Data:
    """About 100 words a document, word frequencies log-normal, weighted like tf-idf."""
    rng = np.random.default_rng(seed)
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
    return X, _target(X, chosen, 0.3, rng)


def dataset(n: int, p: int, *, seed: int, name: str, quadratic: bool = False) -> Data:
    """A data set of scikit-learn, of its own size, standardised, with or without all products of two columns."""
    from sklearn import datasets
    from sklearn.preprocessing import PolynomialFeatures

    X, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    if quadratic:
        X = PolynomialFeatures(2, include_bias=False).fit_transform(X)
        X = X[:, X.std(axis=0) > 1e-9]
    return X, y.astype(float)


FAMILIES: dict[str, Callable[..., Data]] = {
    "ar1": autoregressive,
    "ar1 0.9": partial(autoregressive, correlation=0.9),
    "spectra": spectra,
    "genes": genes,
    "tall": tall,
    "text": text,
    "diabetes": partial(dataset, name="diabetes"),
    "diabetes quadratic": partial(dataset, name="diabetes", quadratic=True),
    "breast cancer": partial(dataset, name="breast_cancer"),
    "breast cancer quadratic": partial(dataset, name="breast_cancer", quadratic=True),
}
_ALL = [
    Case("diabetes", 442, 10),
    Case("diabetes quadratic", 442, 64),
    Case("tall", 20_000, 10),
    Case("tall", 2000, 100),
    Case("genes", 70, 7000),
    Case("ar1", 500, 5000),
    Case("ar1", 1000, 10_000),
    Case("ar1", 5000, 500),
    Case("ar1", 2000, 2000),
    Case("ar1 0.9", 200, 20_000),
    Case("spectra", 200, 1000),
    Case("text", 5000, 50_000),
    Case("breast cancer", 569, 30, "logistic"),
    Case("breast cancer quadratic", 569, 495, "logistic"),
    Case("tall", 20_000, 10, "logistic"),
    Case("genes", 70, 7000, "logistic"),
    Case("ar1", 500, 5000, "logistic"),
    Case("ar1", 5000, 500, "logistic"),
    Case("spectra", 200, 1000, "logistic"),
    Case("text", 5000, 50_000, "logistic"),
    Case("ar1", 500, 5000, "group"),
    Case("ar1", 5000, 500, "group"),
    Case("genes", 70, 7000, "group"),
    Case("spectra", 200, 1000, "group"),
    Case("ar1", 500, 5000, "quantile"),
    Case("ar1", 5000, 500, "quantile"),
    Case("ar1", 20_000, 200, "quantile"),
    Case("diabetes", 442, 10, "cv"),
    Case("genes", 70, 7000, "cv"),
    Case("ar1", 500, 5000, "cv"),
    Case("ar1", 5000, 500, "cv"),
]
CASES = {f"{'' if case.kind == 'squared' else case.kind + ' '}{case.family} {case.n}x{case.p}": case for case in _ALL}
