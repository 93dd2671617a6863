"""Each convention against the objective that its package documents, and against the package itself."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lassoopt.errors import InputError
from lassoopt.problems.conventions import CONVENTIONS, convert
from lassoopt.problems.problem import Problem
from lassoopt.solvers.methods import solve


def _net(w, r=1.0):
    return r * np.abs(w).sum() + 0.5 * (1 - r) * w @ w


def _rss(e, w):
    return np.sum((e["y"] - e["X"] @ w) ** 2)


def _margins(e, w):
    return (2 * e["labels"] - 1) * (e["X"] @ w)


def _log_loss(e, w):
    return np.log1p(np.exp(-_margins(e, w))).sum()


def _pinball(e, w):
    r = e["y"] - e["X"] @ w
    return np.where(r > 0, 0.5 * r, -0.5 * r).sum()


def _lasso(e, w, v):
    return _rss(e, w) / (2 * e["n"]) + v * _net(w)


def _elastic_net(e, w, v):
    return _rss(e, w) / (2 * e["n"]) + v * _net(w, 0.3)


# name: (loss, l1_ratio, what its documentation says it minimises)
DOCUMENTED = {
    "mean": ("squared", 1.0, lambda e, w, v: np.mean(0.5 * (e["y"] - e["X"] @ w) ** 2) + v * _net(w)),
    "sum": ("squared", 1.0, lambda e, w, v: np.sum(0.5 * (e["y"] - e["X"] @ w) ** 2) + v * _net(w)),
    "sklearn.Lasso.alpha": ("squared", 1.0, _lasso),
    "sklearn.ElasticNet.alpha": ("squared", 0.3, _elastic_net),
    "sklearn.LassoLars.alpha": ("squared", 1.0, _lasso),
    "sklearn.QuantileRegressor.alpha": ("quantile", 1.0, lambda e, w, v: _pinball(e, w) / e["n"] + v * _net(w)),
    "sklearn.SGD.alpha": ("logistic", 0.3, lambda e, w, v: _log_loss(e, w) / e["n"] + v * _net(w, 0.3)),
    "sklearn.LogisticRegression.C": ("logistic", 0.3, lambda e, w, v: v * _log_loss(e, w) + _net(w, 0.3)),
    "sklearn.LinearSVC.C": (
        "squared_hinge",
        1.0,
        lambda e, w, v: np.abs(w).sum() + v * np.sum(np.maximum(0, 1 - _margins(e, w)) ** 2),
    ),
    "celer.Lasso.alpha": ("squared", 1.0, _lasso),
    "celer.ElasticNet.alpha": ("squared", 0.3, _elastic_net),
    "celer.LogisticRegression.C": ("logistic", 1.0, lambda e, w, v: _log_loss(e, w) + _net(w) / v),
    "skglm.Lasso.alpha": ("squared", 1.0, _lasso),
    "skglm.WeightedLasso.alpha": ("squared", 1.0, _lasso),
    "skglm.ElasticNet.alpha": ("squared", 0.3, _elastic_net),
    "skglm.SparseLogisticRegression.alpha": (
        "logistic",
        0.3,
        lambda e, w, v: _log_loss(e, w) / e["n"] + v * _net(w, 0.3),
    ),
    "statsmodels.OLS.alpha": ("squared", 0.3, lambda e, w, v: 0.5 * _rss(e, w) / e["n"] + v * _net(w, 0.3)),
    "statsmodels.WLS.alpha": ("squared", 0.3, _elastic_net),
    "statsmodels.GLM.alpha": ("logistic", 0.3, lambda e, w, v: _log_loss(e, w) / e["n"] + v * _net(w, 0.3)),
    "statsmodels.Logit.alpha": ("logistic", 1.0, lambda e, w, v: _log_loss(e, w) + v * _net(w)),
    "statsmodels.Poisson.alpha": (
        "poisson",
        1.0,
        lambda e, w, v: np.sum(np.exp(e["X"] @ w) - e["counts"] * (e["X"] @ w)) + v * _net(w),
    ),
    "glmnet.lambda": ("squared", 1.0, lambda e, w, v: 0.5 * _rss(e, w) / e["n"] + v * _net(w)),
    "cvxpy.sum_squares": ("squared", 1.0, lambda e, w, v: _rss(e, w) + v * _net(w)),
    "cvxpy.half_sum_squares": ("squared", 1.0, lambda e, w, v: _rss(e, w) / 2 + v * _net(w)),
}


@pytest.fixture(scope="module")
def example():
    rng = np.random.default_rng(0)
    X = 0.5 * rng.standard_normal((20, 4))
    y = X @ [1.0, -1.0, 0.5, 0.0] + rng.standard_normal(20)
    return {"n": 20, "X": X, "y": y, "labels": (y > 0).astype(float), "counts": rng.poisson(1.0, 20).astype(float)}


def test_every_convention_is_documented_here():
    assert DOCUMENTED.keys() == CONVENTIONS.keys()


@pytest.mark.parametrize("scaling", ["mean", "sum"])
@pytest.mark.parametrize("name", list(CONVENTIONS))
def test_the_problem_at_the_converted_lam_is_a_multiple_of_the_documented_objective(name, scaling, example):
    from lassoopt.penalties import ElasticNet

    loss, ratio, documented = DOCUMENTED[name]
    y = {"logistic": "labels", "squared_hinge": "labels", "poisson": "counts"}.get(loss, "y")
    lam = convert(0.7, name, scaling, n=example["n"])
    penalty = ElasticNet(l1_ratio=ratio)
    problem = Problem(example["X"], example[y], lam, loss=loss, penalty=penalty, intercept=False, scaling=scaling)
    points = np.random.default_rng(1).standard_normal((6, 4))
    theirs = np.array([documented(example, w, 0.7) for w in points])
    ours = np.array([problem.objective(w) for w in points])
    ratios = np.diff(theirs) / np.diff(ours)
    np.testing.assert_allclose(ratios, ratios[0], rtol=1e-9)
    assert ratios[0] > 0


@given(
    st.sampled_from(list(CONVENTIONS)), st.sampled_from(list(CONVENTIONS)), st.floats(1e-6, 1e6), st.integers(1, 10**6)
)
def test_there_and_back_is_the_identity(source, target, lam, n):
    assert convert(convert(lam, source, target, n=n), target, source, n=n) == pytest.approx(lam, rel=1e-12)


def test_no_penalty_is_an_infinite_c():
    assert convert(math.inf, "sklearn.LogisticRegression.C", "sum") == 0.0
    assert convert(np.float64(np.inf), "sklearn.LinearSVC.C", "mean", n=3) == 0.0
    assert convert(0, "mean", "celer.LogisticRegression.C", n=3) == math.inf


@pytest.mark.parametrize("source", ["cvxpy.sum_squares", "cvxpy.half_sum_squares"])
def test_cvxpy_and_lassoopt_find_the_same_minimiser(source, example):
    import cvxpy as cp

    w = cp.Variable(4)
    squares = cp.sum_squares(example["X"] @ w - example["y"])
    loss = squares if source == "cvxpy.sum_squares" else squares / 2
    cp.Problem(cp.Minimize(loss + 3.0 * cp.norm1(w))).solve(solver="CLARABEL")
    lam = convert(3.0, source, "mean", n=20)
    ours = solve(Problem(example["X"], example["y"], lam, intercept=False)).coef
    np.testing.assert_allclose(ours, w.value, atol=1e-5)
    assert np.abs(ours).max() > 0.1


def test_scikit_learn_and_lassoopt_find_the_same_minimiser(example):
    from sklearn.linear_model import Lasso

    theirs = Lasso(alpha=0.05, tol=1e-12, max_iter=10**5).fit(example["X"], example["y"])
    lam = convert(0.05, "sklearn.Lasso.alpha", "sum", n=20)
    ours = solve(Problem(example["X"], example["y"], lam, scaling="sum"))
    np.testing.assert_allclose(ours.coef, theirs.coef_, atol=1e-7)
    assert np.count_nonzero(ours.coef) >= 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((0.1, "sklearn.lasso.alpha", "sum", 5), ["source: found 'sklearn.lasso.alpha'", "'sklearn.Lasso.alpha'"]),
        ((0.1, "mean", 3, 5), ["target: found 3", "glmnet.lambda"]),
        ((0.1, "mean", "sum", None), ["n: found None", "'mean'", "'sum'"]),
        ((0.1, "mean", "sum", 0), ["n: found 0", "> 0"]),
        ((0.1, "mean", "sum", "442"), ["n: found '442'"]),
        ((-1.0, "mean", "sum", 5), ["lam: found -1.0", ">= 0"]),
        ((math.nan, "mean", "sum", 5), ["lam: found nan"]),
        ((math.inf, "mean", "sum", 5), ["lam: found inf"]),
        ((0.0, "sklearn.LogisticRegression.C", "sum", 5), ["lam: found 0.0", "C > 0"]),
        ((-2, "sklearn.LinearSVC.C", "sum", 5), ["lam: found -2", "C > 0"]),
        (([1.0], "sklearn.LinearSVC.C", "sum", 5), ["lam: found [1.0]"]),
    ],
)
def test_bad_input_is_named(arguments, words):
    lam, source, target, n = arguments
    with pytest.raises(InputError) as error:
        convert(lam, source, target, n=n)
    assert all(word in str(error.value) for word in words), str(error.value)
