"""Seeded problems that several test modules share, and the one table of tolerances they are judged by."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from lassoopt.losses import LOSSES
from lassoopt.penalties import L1, PENALTIES, ElasticNet, Group, NonnegativeL1, SparseGroup
from lassoopt.problems import moments
from lassoopt.problems.problem import Problem

TOL = {
    "same": 1e-12,  # two formulas for one number, relative
    "gradient": 1e-6,  # central differences, relative
    "solver": 1e-6,  # a value by CVXPY or scikit-learn, relative
    "coef": 1e-5,  # weights by CVXPY or scikit-learn, relative to the largest
    "null": 1e-12,  # relative gap of the null model above lambda_max
    "rounding": 1e-10,  # the rounding bound on ordinary data, relative to the scale
}

GROUPS = [0, 0, 1, 1, 2, 3]  # groups 0 and 1 are pairs
WEIGHTS = {
    "ones": None,
    "mixed": [1.0, 0.5, 2.0, 1.0, 0.0, np.inf],  # a free and an excluded feature
}


def penalty(name: str, weights: str = "ones"):
    """A penalty for six features, bound by `Problem`."""
    c = None if WEIGHTS[weights] is None else np.array(WEIGHTS[weights])
    made = {
        "l1": lambda: L1(weights=c),
        "nonnegative_l1": lambda: NonnegativeL1(weights=c),
        "elastic_net": lambda: ElasticNet(weights=c, l1_ratio=0.6),
        "group": lambda: Group(weights=c, groups=GROUPS),
        "sparse_group": lambda: SparseGroup(weights=c, groups=GROUPS, l1_ratio=0.4),
    }
    return made[name]()


def targets(loss: str, score: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Targets in the loss's domain that depend on a linear score."""
    noisy = score + 0.7 * rng.standard_normal(score.size)
    if loss in ("logistic", "squared_hinge"):
        y = (noisy > np.median(noisy)).astype(float)
        return y if loss == "logistic" else 2 * y - 1
    if loss == "poisson":
        y = rng.poisson(np.exp(0.4 * score)).astype(float)
        y[0] += 1
        return y
    return noisy + 1.0


def matrix(n: int, p: int, kind: str, rng: np.random.Generator):
    """A design of mixed column scales, dense (C or F order) or sparse (CSR or CSC)."""
    X = rng.standard_normal((n, p)) * np.linspace(0.5, 2, p) + np.linspace(0, 1, p)
    if kind in ("csr", "csc"):
        X = sp.csr_array(X * (rng.random((n, p)) < 0.5))
        return X if kind == "csr" else sp.csc_array(X)
    return np.asfortranarray(X) if kind == "F" else np.ascontiguousarray(X)


def make(
    loss: str = "squared",
    penalty_name: str = "l1",
    *,
    n: int = 25,
    seed: int = 0,
    kind: str = "C",
    weights: str = "ones",
    sample_weights: str = "none",
    ratio: float = 0.3,
    **options,
) -> Problem:
    """A problem in six features at ``ratio * lambda_max``; ``sample_weights`` is none, random or zeros (some are 0)."""
    rng = np.random.default_rng(seed)
    X = matrix(n, 6, kind, rng)
    score = X @ np.array([1.0, -0.8, 0.6, 0.0, 0.3, 0.0])
    y = targets(loss, score - score.mean(), rng)
    sample_weight = None
    if sample_weights != "none":
        sample_weight = rng.uniform(0.2, 2, n)
        if sample_weights == "zeros":
            sample_weight[1::5] = 0.0
    shape = penalty(penalty_name, weights)
    problem = Problem(X, y, 1.0, loss=loss, penalty=shape, sample_weight=sample_weight, **options)
    return problem.with_lam(ratio * problem.lambda_max)


LOSS_NAMES, PENALTY_NAMES = sorted(LOSSES), sorted(PENALTIES)
EVERY = [(loss, name) for loss in LOSS_NAMES for name in PENALTY_NAMES]
SMOOTH = [name for name in LOSS_NAMES if not LOSSES[name].kinked]


def of_many_rounds():
    """A problem with many features at a small lam, for which proximal Newton needs several rounds."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((60, 150))
    problem = Problem(X, rng.poisson(np.exp(0.3 * X[:, :5].sum(axis=1))), loss="poisson")
    return problem.with_lam(0.01 * problem.lambda_max)


def interrupt(monkeypatch, owner, method, at):
    """Ctrl-C comes at the call of this number of a method without arguments."""
    real, calls = getattr(owner, method), []

    def interrupted(self):
        calls.append(1)
        if len(calls) == at:
            raise KeyboardInterrupt
        return real(self)

    monkeypatch.setattr(owner, method, interrupted)


def without_moments(monkeypatch):
    """Least squares with few features is solved and certified from the data themselves, as with many features."""
    monkeypatch.setattr(moments, "MOST", -1)
