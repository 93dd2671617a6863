"""The rounding bound of a certificate, which must not be too small at extreme but finite numbers, judged in fractions,
nor too large on ordinary data that are awkward for floating point."""

from __future__ import annotations

import math
from fractions import Fraction

import exact
import numpy as np
import pytest
import scipy.sparse as sp
from extremes import extremes

import lassoopt as lo

pytestmark = pytest.mark.slow


def judge(problem, coef, intercept):
    """What is false about the certificate of a point, in words; "" if nothing is."""
    found = lo.certify(problem, coef, intercept)
    if found.certified and not math.isfinite(found.rounding):
        return "certified without a bound"
    if not math.isfinite(found.rounding):
        return ""
    low, high = exact.objective(problem, coef.tolist(), intercept)
    slack = Fraction(found.rounding)
    if not (Fraction(found.primal) - slack <= high and low <= Fraction(found.primal) + slack):
        return f"primal {found.primal!r} +- {found.rounding!r}, which is {float(low)!r}"
    solved = lo.solve(problem, method="admm", max_iter=20)
    for point in (exact.improved(problem, coef.tolist(), intercept), (solved.coef.tolist(), solved.intercept)):
        better = exact.objective(problem, *point)[1]
        if low - better > Fraction(found.proven_gap):
            return f"gap {found.gap!r} + {found.rounding!r}, which is at least {float(low - better)!r}"
    return ""


def check(seed, count):
    wrong = []
    for problem, coef, intercept in extremes(seed, count):
        found = judge(problem, coef, intercept)
        wrong += [(problem, coef, intercept, found)] if found else []
    assert not wrong, f"{len(wrong)} of {count}, the first: {wrong[0]}"


def test_extreme_numbers_prove_nothing_false():
    check(0, 300)


@pytest.mark.search
def test_extreme_numbers_prove_nothing_false_in_a_long_search():
    check(1, 10_000)


# ---------------------------------------------------------------- no scale


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("loss", ["squared", "huber", "quantile"])
def test_without_a_scale_only_an_exact_fit_is_certified(loss, intercept):
    rng = np.random.default_rng(0)
    for size in 10.0 ** np.arange(-100, 101, 25):
        x = rng.standard_normal(20) * size
        problem = lo.Problem(np.column_stack([x, x]), np.zeros(20), 1e-3, loss=loss, intercept=intercept)
        assert problem.scale == 0
        assert lo.certify(problem, [0.0, 0.0], 0.0).certified
        for weight in (1e-30, 1.0, 1e10):
            assert not lo.certify(problem, [weight, -weight]).certified


# ---------------------------------------------------------------- free features


def free_features(kind, rng):
    """(X, y, feature weights, lam): small whole numbers, with features that fit some samples exactly."""
    n = int(rng.integers(5, 30))
    y, wide = rng.integers(0, 10, n).astype(float), int(rng.integers(1, 4))
    some = rng.integers(0, 9, (n, wide)).astype(float)
    if kind == "singletons":
        k = int(rng.integers(1, 4))
        return np.hstack([some, np.eye(n)[:, :k]]), y, np.r_[np.ones(wide), np.zeros(k)], 0.1
    if kind == "fixed effects":
        group = rng.integers(0, max(2, n // 3), n)
        dummies = (group[:, None] == np.unique(group)).astype(float)
        return np.hstack([some, dummies]), y, np.r_[np.ones(wide), np.zeros(dummies.shape[1])], 0.1
    if kind == "zeros and ones":
        return rng.integers(0, 2, (n, int(rng.integers(1, 8)))).astype(float), y, None, 0.0
    return rng.integers(0, 3, (n, n + int(rng.integers(0, 3)))).astype(float), y, None, 0.0  # saturated


@pytest.mark.parametrize("loss", ["squared", "huber", "squared_hinge", "logistic", "poisson"])
@pytest.mark.parametrize("kind", ["singletons", "fixed effects", "zeros and ones", "saturated"])
def test_free_features_that_fit_samples_exactly(kind, loss):
    for seed in range(10):
        X, y, weights, lam = free_features(kind, np.random.default_rng(seed))
        y = (y > 4) * 1.0 if loss in ("logistic", "squared_hinge") else y + (loss == "poisson")
        shape = lo.NonnegativeL1 if seed % 5 == 4 else lo.L1
        for intercept in (True, False):
            if intercept and np.ptp(y) == 0 and loss == "logistic":
                continue
            problem = lo.Problem(X, y, lam, loss=loss, penalty=shape(weights=weights), intercept=intercept)
            solution = lo.solve(problem)
            wanted = lo.Status.OPTIMAL if problem.recession is None else lo.Status.NOT_ATTAINED
            assert solution.status is wanted, (seed, intercept, solution)


# ---------------------------------------------------------------- large means and spreads


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("loss", ["squared", "huber", "logistic"])
def test_columns_far_from_0_or_much_larger_than_others(loss, sparse):
    for k, (n, p) in enumerate([(40, 5), (300, 200), (3000, 20)]):
        for spread, mean in ((1.0, 0.0), (10.0, 2000.0), (1e7, 1.7e9), (5e6, 5e6), (1e4, 1e5)):
            rng = np.random.default_rng([k, int(spread)])
            X = rng.standard_normal((n, p))
            y = X[:, 0] + X[:, 1] + rng.standard_normal(n)
            X[:, 0] = np.round(spread * X[:, 0] + mean)
            X[:, 2] += mean
            y = (y > 0) * 1.0 if loss == "logistic" else 1998 + y
            X, ones = sp.csc_array(X) if sparse else X, lo.L1(weights=np.ones(p))
            problem = lo.Problem(X, y, 0.05, loss=loss, penalty=ones)
            solution = lo.solve(problem)
            assert solution.status is lo.Status.OPTIMAL, (n, p, spread, solution, solution.certificate.rounding)
