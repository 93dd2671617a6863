"""Seeded data, medians and a line about the machine, shared by the benchmark scripts."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import numpy as np
import scipy.sparse as sp


def ar1(n: int, p: int, *, correlation: float = 0.6, true_features: int = 100, seed: int = 0) -> tuple[Any, Any]:
    """A design whose columns are an AR(1) process, and ``y = X w + noise`` with signal-to-noise ratio 3."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, p))
    for j in range(1, p):
        X[:, j] = correlation * X[:, j - 1] + np.sqrt(1 - correlation**2) * X[:, j]
    w = np.zeros(p)
    chosen = rng.choice(p, min(true_features, p // 2), replace=False)
    w[chosen] = rng.standard_normal(chosen.size)
    signal = X @ w
    return X, signal + rng.standard_normal(n) * signal.std() / 3


def targets(loss: str, signal: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Targets in the domain of the loss, from a linear signal of about unit size."""
    if loss in ("logistic", "squared_hinge"):
        return (signal + 0.5 * rng.standard_normal(signal.size) > 0).astype(float)
    if loss == "poisson":
        return rng.poisson(np.exp(np.clip(signal, -3, 2))).astype(float)
    return 3 * signal + 1 + rng.standard_normal(signal.size)


def random_design(n: int, p: int, kind: str, rng: np.random.Generator) -> Any:
    """Columns of different sizes and means (dense), or 15 per cent of entries stored (sparse)."""
    if kind == "sparse":
        return sp.random_array((n, p), density=0.15, rng=rng, format="csr", data_sampler=rng.standard_normal)
    return rng.standard_normal((n, p)) * np.exp(rng.standard_normal(p)) + rng.standard_normal(p)


def median_seconds(run: Callable[[], Any], repeats: int = 5) -> float:
    """The median wall time of ``run()``."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return float(np.median(times))


def machine() -> str:
    threads = os.environ.get("OPENBLAS_NUM_THREADS") or os.environ.get("OMP_NUM_THREADS") or str(os.cpu_count())
    versions = ", ".join(f"{package} {version(package)}" for package in ("numpy", "scipy", "numba"))
    return f"{platform.machine()}, {os.cpu_count()} cores, BLAS threads: {threads}, {versions}"
