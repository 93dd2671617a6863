"""The problem: its statement, its data in every form, its null model and lambda_max; and what it refuses."""

from __future__ import annotations

import copy
import pickle
from functools import partial

import cvxpy as cp
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from problems import EVERY, LOSS_NAMES, SMOOTH, TOL, make, matrix, penalty, targets
from scipy.optimize import minimize
from sklearn.linear_model import ElasticNet as SkElasticNet
from sklearn.linear_model import Lasso, LogisticRegression, PoissonRegressor, QuantileRegressor

from lassoopt.arrays.design_matrix import column_statistics, predict
from lassoopt.certificates.certification import certify
from lassoopt.crosschecks.comparison import crosscheck
from lassoopt.errors import InputError
from lassoopt.losses import LOSSES, Huber, Quantile
from lassoopt.penalties import L1, ElasticNet, Group, NonnegativeL1
from lassoopt.problems.null_model import best_intercept, fit_null_model
from lassoopt.problems.problem import Problem
from lassoopt.solvers.methods import solve

RNG = np.random.default_rng(7)


def phi(name, u, y):
    """The losses, written once more."""
    t = np.where(y > 0, 1, -1)
    r = u - y
    return {
        "squared": lambda: r**2 / 2,
        "logistic": lambda: np.log1p(np.exp(-t * u)),
        "huber": lambda: np.where(np.abs(r) <= 1.35, r**2 / 2, 1.35 * np.abs(r) - 1.35**2 / 2),
        "quantile": lambda: np.abs(r) / 2,
        "squared_hinge": lambda: np.clip(1 - t * u, 0, None) ** 2,
        "poisson": lambda: np.exp(u) - y * u,
    }[name]()


def penalty_value(problem, name, w):
    """The penalties of `problems.penalty`, written once more."""
    v = np.where(w == 0, 0, np.where(np.isinf(problem.penalty.c), 0, problem.penalty.c) * w)
    groups = np.sqrt(2) * (np.hypot(v[0], v[1]) + np.hypot(v[2], v[3])) + abs(v[4]) + abs(v[5])
    return {
        "l1": lambda: np.abs(v).sum(),
        "nonnegative_l1": lambda: v.sum(),
        "elastic_net": lambda: 0.6 * np.abs(v).sum() + 0.2 * v @ v,
        "group": lambda: groups,
        "sparse_group": lambda: 0.4 * np.abs(v).sum() + 0.6 * groups,
    }[name]()


# ---------------------------------------------------------------- the statement


@pytest.mark.slow
@pytest.mark.parametrize("scaling", ["mean", "sum"])
@pytest.mark.parametrize(("loss", "name"), EVERY)
def test_objective_is_the_formula_and_cvxpys_value(loss, name, scaling):
    problem = make(loss, name, weights="mixed", sample_weights="zeros", scaling=scaling, seed=1)
    w = RNG.standard_normal(6)
    w[5] = 0.0
    if name == "nonnegative_l1":
        w = np.abs(w)
    weights = np.random.default_rng(1)
    matrix(25, 6, "C", weights)
    assert np.isclose(problem.s.sum(), 1) == (scaling == "mean")
    direct = problem.s @ phi(loss, problem.X @ w + 0.3, problem.y) + problem.lam * penalty_value(problem, name, w)
    assert problem.objective(w, 0.3) == pytest.approx(direct, rel=TOL["same"])
    variable, u = cp.Variable(6), cp.Variable(25)
    variable.value, u.value = w, problem.X @ w + 0.3
    expression, _ = problem.penalty.cvxpy(variable)
    stated = problem.s @ problem.loss.cvxpy(u, problem.y) + problem.lam * expression
    assert problem.objective(w, 0.3) == pytest.approx(float(stated.value), rel=1e-9)


def test_objective_is_infinite_outside_the_domain():
    problem = make("squared", "nonnegative_l1")
    assert problem.objective([-1, 0, 0, 0, 0, 0]) == np.inf
    excluded = make("squared", "l1", weights="mixed").with_lam(0)
    assert excluded.objective([0, 0, 0, 0, 0, 1e-9]) == np.inf


@pytest.mark.parametrize("kind", ["C", "F", "csr", "csc"])
@pytest.mark.parametrize("loss", SMOOTH)
def test_gradient_by_central_differences(loss, kind):
    problem = make(loss, kind=kind, sample_weights="random", seed=2).with_lam(0)
    w, h = 0.3 * RNG.standard_normal(6), 1e-6
    sides = [[problem.objective(w + sign * h * e, 0.1) for e in np.eye(6)] for sign in (1, -1)]
    differences = (np.array(sides[0]) - np.array(sides[1])) / (2 * h)
    np.testing.assert_allclose(problem.gradient(w, 0.1), differences, rtol=TOL["gradient"], atol=1e-8)


@pytest.mark.parametrize("loss", LOSS_NAMES)
def test_sample_weight_equals_repeated_rows(loss):
    rng = np.random.default_rng(3)
    X = matrix(20, 6, "C", rng)
    y, counts = targets(loss, X[:, 0], rng), rng.integers(1, 4, 20)
    weighted = Problem(X, y, 0.1, loss=loss, sample_weight=counts)
    repeated = Problem(np.repeat(X, counts, axis=0), np.repeat(y, counts), 0.1, loss=loss)
    w = 0.2 * rng.standard_normal(6)
    assert weighted.objective(w, 0.2) == pytest.approx(repeated.objective(w, 0.2), rel=TOL["same"])
    assert weighted.lambda_max == pytest.approx(repeated.lambda_max, rel=1e-9)
    assert weighted.scale == pytest.approx(repeated.scale, rel=1e-9)
    zeros = counts * (np.arange(20) % 4 > 0)
    some, kept = Problem(X, y, 0.1, loss=loss, sample_weight=zeros), zeros > 0
    dropped = Problem(X[kept], y[kept], 0.1, loss=loss, sample_weight=zeros[kept])
    assert some.lambda_max == pytest.approx(dropped.lambda_max, rel=1e-9)
    assert some.objective(w, 0.2) == pytest.approx(dropped.objective(w, 0.2), rel=TOL["same"])


def test_a_sample_of_weight_zero_may_overflow():
    X = np.array([[1.0], [2.0], [3.0], [1e6]])
    problem = Problem(X, [1.0, 2, 4, 3], 0.01, loss="poisson", sample_weight=[1, 1, 1, 0])
    kept = Problem(X[:3], [1.0, 2, 4], 0.01, loss="poisson")
    assert problem.objective([0.5], 0.1) == pytest.approx(kept.objective([0.5], 0.1))
    assert certify(problem, [0.3]).gap == pytest.approx(certify(kept, [0.3]).gap)


# ---------------------------------------------------------------- lambda_max and the null model


def null_point(problem):
    w = np.zeros(problem.shape[1])
    w[problem.penalty.free] = problem.null.coef
    return w, problem.null.intercept, problem.null.theta


@pytest.mark.slow
@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("weights", ["ones", "mixed"])
@pytest.mark.parametrize(("loss", "name"), EVERY)
def test_lambda_max_by_definition(loss, name, weights, intercept):
    for scaling, sample_weights, kind in (("mean", "none", "C"), ("sum", "zeros", "csc")):
        problem = make(
            loss, name, weights=weights, intercept=intercept, scaling=scaling, sample_weights=sample_weights, kind=kind
        )
        w, b, theta = null_point(problem)
        above = certify(problem.with_lam(1.001 * problem.lambda_max), w, b, theta)
        below = certify(problem.with_lam(0.98 * problem.lambda_max), w, b, theta)
        assert above.relative_gap < TOL["null"]
        assert below.relative_gap > 1e-8


def test_lambda_max_is_infinite_without_an_l1_part():
    problem = Problem(*data(), lam=1.0, penalty=ElasticNet(l1_ratio=0.0))
    assert problem.lambda_max == np.inf


def data(n=30, p=4, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, p)) * [1, 2, 3, 4] + 5
    return X, X @ [1, 0, -1, 0.1] + rng.standard_normal(n)


def test_lambda_max_of_least_squares_is_the_known_formula():
    X, y = data()
    Xc = X - X.mean(axis=0)
    assert Problem(X, y, 1.0).lambda_max == pytest.approx(np.abs(Xc.T @ y).max() / 30, rel=1e-12)
    assert Problem(X, y, 1.0, intercept=False).lambda_max == pytest.approx(np.abs(X.T @ y).max() / 30, rel=1e-12)
    glmnet = np.abs((Xc / X.std(axis=0)).T @ y).max() / 30
    assert Problem(X, y, 1.0, standardize=True).lambda_max == pytest.approx(glmnet, rel=1e-12)
    at = Problem(X, y, 1.0).lambda_max
    assert np.all(Lasso(alpha=1.0001 * at, tol=1e-12).fit(X, y).coef_ == 0)
    assert np.any(Lasso(alpha=0.999 * at, tol=1e-12).fit(X, y).coef_ != 0)


@pytest.mark.parametrize("ties", [2, 8])
def test_lambda_max_of_tied_quantiles(ties):
    rng = np.random.default_rng(ties)
    X, y = rng.standard_normal((24, 5)), rng.integers(0, 24 // ties, 24).astype(float)
    for shape in ("l1", "nonnegative_l1", ElasticNet(l1_ratio=0.3), L1(weights=[0, 1, 2, 1, np.inf])):
        problem = Problem(X, y, 1.0, loss="quantile", penalty=shape)
        w, b, theta = null_point(problem)
        assert certify(problem.with_lam(max(1.001 * problem.lambda_max, 1e-9)), w, b, theta).certified
        if problem.lambda_max < 1e-12:
            continue
        # a smaller objective exists below
        lam = 0.97 * problem.lambda_max
        best = best_by_cvxpy(problem, lam)
        assert best < problem.with_lam(lam).objective(w, b) - 1e-7


def best_by_cvxpy(problem, lam):
    w, b = cp.Variable(problem.shape[1]), cp.Variable()
    shape, constraints = problem.penalty.cvxpy(w)
    loss = problem.s @ problem.loss.cvxpy(problem.X @ w + b, problem.y)
    return cp.Problem(cp.Minimize(loss + lam * shape), constraints).solve(solver="CLARABEL")


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("loss", LOSS_NAMES)
def test_null_model_with_free_columns(loss, intercept):
    rng = np.random.default_rng(11)
    n = 60
    A = np.round(1024 * rng.standard_normal((n, 2))) / 1024 + np.array([3.0, 0.0])
    y = targets(loss, A[:, 0] - 3, rng)
    s = rng.uniform(0.5, 1, n) / n
    model = fit_null_model(LOSSES[loss](), A, intercept, y, s)
    v, b = cp.Variable(2), cp.Variable()
    stated = cp.Problem(cp.Minimize(s @ LOSSES[loss]().cvxpy(A @ v + (b if intercept else 0.0), y)))
    assert model.loss == pytest.approx(stated.solve(solver="CLARABEL"), rel=TOL["solver"], abs=1e-9)
    np.testing.assert_allclose(model.u, A @ model.coef + model.intercept, atol=1e-12)
    assert np.abs(A.T @ model.theta).max() < 1e-13 * n
    # dependent columns, a constant one, and extreme scales and offsets change nothing but the coefficients
    C = np.column_stack([A + np.array([1e8, 0.0]), A[:, 1] * 1e150, A[:, 1] - 2 * A[:, 0], np.full(n, 0.1)])
    if intercept:
        again = fit_null_model(LOSSES[loss](), C, intercept, y, s)
        assert again.loss == pytest.approx(model.loss, rel=1e-7)
        assert np.abs((A - A.mean(axis=0)).T @ again.theta).max() < 1e-8
        assert np.isfinite(again.coef).all()


def test_null_model_against_scikit_learn():
    rng = np.random.default_rng(0)
    A, s = rng.standard_normal((80, 3)), np.ones(80)
    y = targets("logistic", A[:, 0], rng)
    theirs = LogisticRegression(C=1e30, tol=1e-12, max_iter=1000).fit(A, y)
    ours = fit_null_model(LOSSES["logistic"](), A, True, y, s)
    np.testing.assert_allclose(ours.coef, theirs.coef_[0], rtol=1e-5)
    assert ours.intercept == pytest.approx(theirs.intercept_[0], rel=1e-4, abs=1e-5)
    y = targets("poisson", A[:, 0], rng)
    theirs = PoissonRegressor(alpha=0, solver="newton-cholesky", tol=1e-12).fit(A, y)
    np.testing.assert_allclose(fit_null_model(LOSSES["poisson"](), A, True, y, s).coef, theirs.coef_, rtol=1e-6)
    theirs = QuantileRegressor(alpha=0, solver="highs").fit(A, y := A[:, 0] + rng.standard_normal(80))
    np.testing.assert_allclose(fit_null_model(LOSSES["quantile"](), A, True, y, s).coef, theirs.coef_, atol=1e-9)


@pytest.mark.parametrize("loss", LOSS_NAMES)
def test_nonnegative_free_features_are_fitted_as_such(loss):
    rng = np.random.default_rng(5)
    A = rng.standard_normal((50, 4))
    y = targets(loss, A @ [1, -1, 0.5, 0], rng)
    s = np.full(50, 1 / 50)
    model = fit_null_model(LOSSES[loss](), A, True, y, s, nonnegative=True)
    v, b = cp.Variable(4), cp.Variable()
    stated = cp.Problem(cp.Minimize(s @ LOSSES[loss]().cvxpy(A @ v + b, y)), [v >= 0])
    assert model.loss == pytest.approx(stated.solve(solver="CLARABEL"), rel=TOL["solver"])
    assert (model.coef >= 0).all()
    assert (A.T @ model.theta).max() < 1e-12


def test_separable_null_model_has_no_scale_to_speak_of():
    x = np.linspace(-1, 1, 20)
    X = np.column_stack([x, RNG.standard_normal(20)])
    problem = Problem(X, x > 0, 0.1, loss="logistic", penalty=L1(weights=[0, 1]))
    assert 0 <= problem.scale < 1e-12  # the loss's infimum, 0, is the null model's
    assert np.isfinite(problem.null.coef).all()


@pytest.mark.parametrize("loss", LOSS_NAMES)
def test_best_intercept_by_definition(loss):
    rng = np.random.default_rng(13)
    for size in (1e-3, 1.0, 30.0):
        u = size * rng.standard_normal(40)
        y, s = targets(loss, u / size, rng), rng.uniform(0, 1, 40)
        made = LOSSES[loss]()
        b = best_intercept(made, u, y, s)
        value = s @ made.value(u + b, y)
        for step in (1e-6, 1e-3, 1.0):
            assert value <= min(s @ made.value(u + b + step, y), s @ made.value(u + b - step, y)) + 1e-13 * abs(value)


@pytest.mark.parametrize("loss", SMOOTH)
def test_best_intercept_far_away(loss):
    """Where the loss is flat at first, Newton's first step may go anywhere."""
    rng = np.random.default_rng(1)
    made, s = LOSSES[loss](), rng.uniform(0.5, 2, 40)
    y = targets(loss, rng.standard_normal(40), rng)
    near = rng.standard_normal(40)
    b = best_intercept(made, near, y, s)
    for exponent in np.arange(0.0, 6.1, 0.25):
        for far in (10.0**exponent, -(10.0**exponent)):
            np.testing.assert_allclose(best_intercept(made, near + far, y, s) + far, b, atol=1e-9 * max(1, abs(far)))


@pytest.mark.parametrize("size", [1e-150, 1e-30, 1e30, 1e150])
@pytest.mark.parametrize("loss", [LOSSES["squared"](), Huber(1.0), Quantile(0.3)], ids=repr)
def test_best_intercept_at_extreme_scales(loss, size):
    y = np.array([0.1, 0.2, 0.7, 0.9, 1.4])
    if isinstance(loss, Huber):
        b = best_intercept(Huber(0.1 * size), np.zeros(5), size * y, np.ones(5))
        unit = best_intercept(Huber(0.1), np.zeros(5), y, np.ones(5))
    else:
        b, unit = (best_intercept(loss, np.zeros(5), k * y, np.ones(5)) for k in (size, 1.0))
    assert b == pytest.approx(size * unit, rel=1e-10)


def test_best_intercept_of_far_predictions():
    y, s = np.array([1.0, 3.0, 0.0]), np.ones(3)
    for offset in (1e3, -1e3, 1e5):
        b = best_intercept(LOSSES["poisson"](), np.array([0.1, 0.2, 0.3]) + offset, y, s)
        assert b == pytest.approx(-offset + np.log(4 / np.exp([0.1, 0.2, 0.3]).sum()), abs=1e-9)
        b = best_intercept(LOSSES["logistic"](), np.zeros(3) + offset, y > 0, s)
        assert b == pytest.approx(-offset + np.log(2), abs=1e-9)


# ---------------------------------------------------------------- standardize


def test_standardize_is_scikit_learn_on_standardised_columns():
    X, y = data()
    mean, std = X.mean(axis=0), X.std(axis=0)
    for shape, model in (("l1", Lasso(0.1, tol=1e-14)), (ElasticNet(l1_ratio=0.4), SkElasticNet(0.1, l1_ratio=0.4))):
        model.set_params(tol=1e-14, max_iter=100000)
        model.fit((X - mean) / std, y)
        coef = model.coef_ / std
        problem = Problem(X, y, 0.1, penalty=shape, standardize=True)
        assert certify(problem, coef, model.intercept_ - mean @ coef, tol=1e-10).certified
        assert problem.X.base is X or problem.X is X


def test_standardize_leaves_sparse_data_sparse():
    X = matrix(25, 6, "csc", np.random.default_rng(0))
    y = RNG.standard_normal(25)
    sparse, dense = (Problem(x, y, 0.1, standardize=True) for x in (X, X.toarray()))
    assert sp.issparse(sparse.X)
    np.testing.assert_allclose(sparse.penalty.c, X.toarray().std(axis=0), rtol=1e-12)
    assert sparse.lambda_max == pytest.approx(dense.lambda_max, rel=1e-12)


# ---------------------------------------------------------------- data in every form


def test_with_lam_shares_everything_else():
    problem = make()
    known, _ = problem.lambda_max, problem.columns
    other = problem.with_lam(0.5)
    assert (problem.lam, other.lam) == (pytest.approx(0.3 * known), 0.5)
    assert other.X is problem.X
    assert other.columns is problem.columns
    assert other.null is problem.null
    with pytest.raises(AttributeError):
        problem.lam = 1.0


def test_arrays_are_read_only_and_the_callers_untouched():
    X, y = data()
    weight = np.ones(30)
    before = X.copy(), y.copy()
    problem = Problem(X, y, 0.1, sample_weight=weight, penalty=L1(weights=[0, 1, 1, 1]))
    _ = problem.lambda_max, certify(problem, np.zeros(4)).states
    for array in (problem.X, problem.y):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 7
    assert X.flags.writeable
    assert y.flags.writeable
    assert weight.flags.writeable
    np.testing.assert_array_equal(X, before[0])
    np.testing.assert_array_equal(y, before[1])


def test_data_frame_columns_become_names():
    X, y = data()
    frame = pd.DataFrame(X, columns=["age", "bmi", "bp", "s1"])
    problem = Problem(frame, pd.Series(y), 0.1)
    assert problem.feature_names == ("age", "bmi", "bp", "s1")
    assert Problem(frame, y, 0.1, feature_names=list("abcd")).feature_names == tuple("abcd")
    np.testing.assert_array_equal(problem.X, X)
    frame["kind"] = "text"
    with pytest.raises(InputError, match=r"X: found a data frame with non-numeric"):
        Problem(frame, y, 0.1)
    with pytest.raises(InputError, match="X: found a data frame with columns of one name"):
        Problem(pd.DataFrame(X, columns=["a", "a", "b", "c"]), y, 0.1)


def test_sparse_formats_equal_dense():
    X = matrix(25, 6, "csc", np.random.default_rng(0))
    y = RNG.standard_normal(25)
    dense = Problem(X.toarray(), y, 0.1, sample_weight=np.arange(25))
    entries = X.tocoo()
    row, col = (np.concatenate([index, index]) for index in (entries.row, entries.col))
    doubled = sp.coo_array((np.concatenate([0.25 * entries.data, 0.75 * entries.data]), (row, col)), X.shape)
    zeros = X.copy()
    zeros.data[::3] = 0.0
    unsorted = sp.csc_array((X.data[::-1], X.indices[::-1], X.nnz - X.indptr[::-1]), X.shape)[:, ::-1]
    messy = sp.csc_array((doubled.data, (doubled.row, doubled.col)), X.shape)
    for other in (*(X.asformat(name) for name in ("coo", "csr", "dia", "lil", "bsr")), doubled, unsorted, messy):
        problem = Problem(other, y, 0.1, sample_weight=np.arange(25))
        assert problem.lambda_max == pytest.approx(dense.lambda_max, rel=1e-12)
        np.testing.assert_allclose(problem.columns.spread, dense.columns.spread, rtol=1e-12)
    assert Problem(zeros, y, 0.1).lambda_max == pytest.approx(Problem(zeros.toarray(), y, 0.1).lambda_max)


def test_a_users_unsummed_csc_matrix_is_not_changed():
    X = sp.csc_array((np.ones(4), np.array([0, 0, 1, 1]), np.array([0, 2, 4])), shape=(2, 2))
    problem = Problem(X, [1.0, 2.0], 0.1)
    assert X.nnz == 4
    np.testing.assert_array_equal(problem.X.toarray(), [[2, 0], [0, 2]])


@pytest.mark.parametrize("lam", [np.float32(0.25), np.float16(0.25), np.int64(1), 1, 0.25])
def test_lam_of_any_real_number_type(lam):
    assert Problem(np.eye(3), np.arange(3.0), lam).lam == float(lam)


@pytest.mark.parametrize("dtype", ["float32", "int64", "uint8", "bool"])
def test_number_types(dtype):
    X = (RNG.standard_normal((20, 3)) > 0).astype(dtype)
    y = (RNG.standard_normal(20) > 0).astype(dtype)
    problem, exact = Problem(X, y, 0.1), Problem(X.astype(float), y.astype(float), 0.1)
    assert problem.X.dtype == problem.y.dtype == np.float64
    assert problem.lambda_max == exact.lambda_max


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda problem: pickle.loads(pickle.dumps(problem))])
def test_copies_are_the_same_problem(copied):
    problem = make("logistic")
    other = copied(problem)
    coef = np.linspace(-1, 1, 6)
    assert (repr(other), other.lam, other.lambda_max) == (repr(problem), problem.lam, problem.lambda_max)
    assert other.objective(coef, 0.5) == problem.objective(coef, 0.5)
    assert solve(other).coef.tolist() == solve(problem).coef.tolist()
    with pytest.raises(AttributeError, match="with_lam"):
        other.y = problem.y


def test_what_is_known_of_a_problem_does_not_pass_to_other_data():
    """Everything known of it has been computed; parts of it are what problems of these parts are from the start."""
    X, y = data()
    weight = np.where(np.arange(30) < 5, 0.0, 1.0)
    problem = Problem(X, y, 0.1, sample_weight=weight, scaling="sum", penalty=L1(weights=[0, 1, 1, 1]))
    for made, alike in (
        (
            lambda: problem.of_used_samples(),
            Problem(X[5:], y[5:], 0.1, scaling="sum", penalty=L1(weights=[0, 1, 1, 1])),
        ),
        (
            lambda: problem.without_samples(np.arange(30) > 20),
            Problem(X[5:21], y[5:21], 0.1, scaling="sum", penalty=L1(weights=[0, 1, 1, 1])),
        ),
        (
            lambda: problem.with_features(np.array([0, 2])),
            Problem(X[5:, [0, 2]], y[5:], 0.1, scaling="sum", penalty=L1(weights=[0, 1])),
        ),
    ):
        _ = problem.lambda_max, problem.centred, problem.constant_columns, problem.infimum, problem.recession
        found = made()
        assert found.lam == 0.1
        for name in ("lambda_max", "scale", "infimum"):
            assert getattr(found, name) == pytest.approx(getattr(alike, name), rel=1e-10)
        for name in ("null_coef", "column_sizes"):
            np.testing.assert_allclose(getattr(found, name), getattr(alike, name), rtol=1e-10)


# ---------------------------------------------------------------- without a lam


WITHOUT_LAM = {
    "lam": lambda problem: problem.lam,
    "objective": lambda problem: problem.objective(np.ones(6)),
    "unpenalised": lambda problem: problem.unpenalised,
    "recession": lambda problem: problem.recession,
    "certify": lambda problem: certify(problem, np.zeros(6)),
    "crosscheck": crosscheck,
    "solve": solve,
    **{method: partial(solve, method=method) for method in ("cvxpy", "admm", "active_set")},
}


@pytest.mark.parametrize("what", WITHOUT_LAM)
def test_what_needs_a_lam_says_so(what):
    problem = make()
    with pytest.raises(
        InputError, match=r"^lam: found none in the problem; state Problem\(X, y, lam\), or use problem.with_"
    ):
        WITHOUT_LAM[what](Problem(problem.X, problem.y))


def test_a_lam_may_be_left_out_until_it_is_needed():
    problem = make(penalty_name="l1")
    bare = Problem(problem.X, problem.y)
    assert repr(bare) == "Problem(Squared() + lam * L1, n={}, p={}, intercept, scaling='mean')".format(*bare.shape)
    coef = np.arange(6.0)
    np.testing.assert_array_equal(bare.gradient(coef, 1.0), problem.gradient(coef, 1.0))
    assert (bare.lambda_max, bare.scale, bare.centred.scale) == (problem.lambda_max, problem.scale, problem.scale)
    later, same = bare.with_lam(problem.lam), bare.centred.with_lam(problem.lam)
    assert solve(later).coef.tolist() == solve(problem).coef.tolist() == solve(same).coef.tolist()
    for found in (bare.of_used_samples(), bare.with_features(np.array([1, 2])), pickle.loads(pickle.dumps(bare))):
        assert found.with_lam(2).lam == 2.0
        with pytest.raises(InputError, match="lam: found none"):
            _ = found.lam
    with pytest.raises(InputError, match="lam: found None; allowed"):
        bare.with_lam(None)


# ---------------------------------------------------------------- column statistics


def statistics_by_numpy(X, s):
    mean = np.average(X, axis=0, weights=s)
    return mean, np.sqrt(s @ X**2), np.sqrt(s @ (X - mean) ** 2)


@pytest.mark.parametrize("shape", [(40, 6), (7, 70000), (70000, 3)])
@pytest.mark.parametrize("kind", ["C", "F", "csc"])
def test_column_statistics(shape, kind):
    rng = np.random.default_rng(0)
    if kind == "csc":
        X = sp.random_array(shape, density=0.3, rng=rng, format="csc")
    else:
        X = np.asarray(rng.standard_normal(shape) + 3, order=kind)
    s = rng.uniform(0, 1, shape[0]) * (np.arange(shape[0]) % 5 > 0)
    found = column_statistics(X, s)
    wanted = statistics_by_numpy(X.toarray() if kind == "csc" else X, s)
    for one, other in zip((found.mean, found.norm, found.spread), wanted, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("as_matrix", [np.ascontiguousarray, np.asfortranarray, sp.csc_array])
def test_column_statistics_at_extreme_offsets_and_scales(as_matrix):
    rng = np.random.default_rng(1)
    core = np.round(rng.standard_normal((50, 1)), 3)
    offset = (1e8 + np.sign(core)).reshape(-1)
    X = np.column_stack([offset, core * 1e200, core * 1e-200, np.full(50, 0.1), np.full(50, 1e300), np.zeros(50)])
    s = rng.uniform(0, 1, 50)
    s[:2] = 0
    X[0] = 1e290  # a sample that does not count
    found = column_statistics(as_matrix(X), s)
    signs = np.sign(core).reshape(-1)
    spread = np.sqrt(s @ (core[:, 0] - np.average(core[:, 0], weights=s)) ** 2)
    assert found.spread[0] == pytest.approx(np.sqrt(s @ (signs - np.average(signs, weights=s)) ** 2), rel=1e-7)
    assert found.spread[1] == pytest.approx(1e200 * spread, rel=1e-12)
    assert found.spread[2] == pytest.approx(1e-200 * spread, rel=1e-12)
    assert found.norm[2] == pytest.approx(1e-200 * np.sqrt(s @ core[:, 0] ** 2), rel=1e-12)
    assert (found.spread[3:] <= 1e-15 * found.norm[3:]).all()


@pytest.mark.slow
@settings(derandomize=True, max_examples=60, deadline=None)
@given(
    X=arrays(float, (6, 3), elements=st.floats(-1e6, 1e6, width=32)),
    s=arrays(float, 6, elements=st.sampled_from([0.0, 0.5, 1.0, 3.0])),
)
def test_column_statistics_property(X, s):
    s[0] = 1.0
    wanted = statistics_by_numpy(X, s)
    for other in (X, np.asfortranarray(X), sp.csc_array(X)):
        found = column_statistics(other, s)
        size = 1e-13 * (wanted[1] + 1e-300)
        assert (np.abs(found.norm - wanted[1]) <= size).all()
        # numpy's own spread is rounded at the size of the column
        assert (np.abs(found.spread - wanted[2]) <= 10 * size).all()


def test_predict_of_few_and_many():
    X = RNG.standard_normal((5, 40))
    for count in (0, 1, 9, 10, 40):
        w = np.zeros(40)
        w[:count] = 1.5
        np.testing.assert_allclose(predict(X, w), X @ w, atol=1e-13)
        np.testing.assert_allclose(predict(sp.csc_array(X), w), X @ w, atol=1e-13)


@pytest.mark.parametrize("n", [3, 1000, 100_000])
@pytest.mark.parametrize("value", [0.1, 1 / 3, -1e9 / 7, 1e150])
def test_constant_columns(n, value):
    """A constant is one also when each row was rounded; what varies by 64 units in the last place is not."""
    rounded = np.where(RNG.random(n) < 0.5, value, np.nextafter(value, np.inf))
    varies = np.full(n, value)
    varies[::2] += 64 * np.spacing(value)
    X = np.column_stack([np.full(n, value), rounded, varies, np.zeros(n)])
    weights = RNG.uniform(0.5, 2.0, n)
    assert Problem(X, np.arange(n), sample_weight=weights, lam=1).constant_columns.tolist() == [True, True, False, True]
    alone = Problem(sp.csc_array(X), np.arange(n), sample_weight=weights, lam=1, intercept=False)
    assert alone.constant_columns.tolist() == [False, False, False, True]
    np.testing.assert_array_equal(alone.column_sizes, alone.columns.norm)


@pytest.mark.parametrize("method", ["admm", "active_set"])
def test_a_column_that_varies_in_its_last_digits_is_used(method):
    """Of whole numbers beyond 2^51 the mean is rounded to halves, and no more is lost: variance seems 1/4 larger."""
    k = np.random.default_rng(0).permutation(np.arange(-20.0, 21.0))
    near, far = Problem(k[:, None], 3 * k + 1, 1.0), Problem(2.0**51 + k[:, None], 3 * k + 1, 1.0)
    assert solve(far, method).coef == pytest.approx(solve(near, method).coef, rel=0.25 / np.var(k))


# ---------------------------------------------------------------- bad input


X0, Y0 = data()
BAD = {
    "X nan": ({"X": np.where(X0[2, 1] == X0, np.nan, X0)}, r"X: found nan at \[2, 1\] \(1 such\); allowed are finite"),
    "X inf": ({"X": np.where(X0[2, 1] == X0, np.inf, X0)}, r"X: found inf at \[2, 1\]"),
    "X 1-D": ({"X": X0[:, 0]}, r"X: found shape \(30,\); allowed is a 2-D"),
    "X 3-D": ({"X": X0[None]}, r"X: found shape \(1, 30, 4\)"),
    "X 0-D": ({"X": 3.0}, r"X: found shape \(\)"),
    "X none": ({"X": None}, r"X: found dtype object; allowed are real numbers"),
    "X string": ({"X": X0.astype(str)}, r"X: found dtype <U"),
    "X complex": ({"X": X0 * 1j}, r"X: found dtype complex128"),
    "X date": ({"X": X0.astype(int).astype("datetime64[D]")}, r"X: found dtype datetime64"),
    "X masked": ({"X": np.ma.masked_less(X0, 0)}, r"X: found a masked array"),
    "X ragged": ({"X": [[1.0, 2.0], [1.0]]}, r"X: found list that is no array"),
    "X no columns": ({"X": np.zeros((30, 0))}, r"X: found shape \(30, 0\)"),
    "X no rows": ({"X": np.zeros((0, 4)), "y": []}, r"X: found shape \(0, 4\)"),
    "X sparse complex": ({"X": sp.csc_array(X0 * 1j)}, r"X: found dtype complex128"),
    "X sparse nan": ({"X": sp.csc_array(X0 * np.nan)}, r"X: found nan at"),
    "X sparse empty": ({"X": sp.csc_array((30, 0))}, r"X: found shape \(30, 0\)"),
    "y column": ({"y": Y0[:, None]}, r"y: found shape \(30, 1\); allowed is a 1-D array; use np.ravel\(y\)"),
    "y short": ({"y": Y0[1:]}, r"y: found length 29; X has 30 rows"),
    "y nan": ({"y": Y0 * np.nan}, r"y: found nan at \[0\] \(30 such\)"),
    "y none": ({"y": None}, r"y: found dtype object"),
    "y text": ({"y": ["a"] * 30}, r"y: found dtype <U1"),
    "y overflows": (
        {"y": 1e200 * Y0},
        r"y: found values up to .*e\+200 in size, at which the loss overflows; rescale",
    ),
    "y underflows": ({"y": 1e-200 * Y0}, r"y: found values up to .*e-200 in size, at which the loss underflows"),
    "labels": (
        {"loss": "logistic", "y": np.arange(30) % 3},
        r"y: found values \{0, 1, 2\}; Logistic takes labels \{0, 1\}",
    ),
    "labels hinge": ({"loss": "squared_hinge"}, r"y: found values .*SquaredHinge takes labels"),
    "counts": ({"loss": "poisson", "y": -np.abs(Y0)}, r"y: found -.*; Poisson takes numbers >= 0"),
    "one class": (
        {"loss": "logistic", "y": np.ones(30)},
        r"y: found only the value 1; with an intercept, Logistic has no",
    ),
    "one class used": (
        {"loss": "logistic", "y": np.arange(30) > 0, "sample_weight": np.arange(30)},
        r"y: found only the value 1; with an intercept",
    ),
    "no counts": (
        {"loss": "poisson", "y": np.zeros(30)},
        r"y: found only the value 0; with an intercept, Poisson has no",
    ),
    "lam negative": ({"lam": -1.0}, r"lam: found -1.0; allowed is a finite number >= 0"),
    "lam nan": ({"lam": np.nan}, r"lam: found nan; allowed"),
    "lam inf": ({"lam": np.inf}, r"lam: found inf; allowed"),
    "lam text": ({"lam": "1"}, r"lam: found '1'; allowed"),
    "lam bool": ({"lam": True}, r"lam: found True; allowed"),
    "lam none": ({"lam": None}, r"lam: found None; allowed"),
    "lam huge": ({"lam": 10**400}, r"lam: found 1000.*; allowed"),
    "loss": ({"loss": "hinge"}, r"loss: found 'hinge'; allowed: squared, logistic, huber"),
    "loss list": ({"loss": ["squared"]}, r"loss: found \['squared'\]; allowed: squared"),
    "loss class": ({"loss": Huber}, r"loss: found <class .*Huber'>; allowed: squared"),
    "penalty": ({"penalty": "l2"}, r"penalty: found 'l2'; allowed: l1"),
    "penalty size": ({"penalty": L1(weights=[1, 1])}, r"penalty weights: found 2; X has 4 features"),
    "groups size": ({"penalty": Group(groups=[0, 1])}, r"groups: found 2 labels; X has 4 features"),
    "scaling": ({"scaling": "total"}, r"scaling: found 'total'; allowed: mean, sum"),
    "intercept": ({"intercept": "yes"}, r"intercept: found 'yes'; allowed: True, False"),
    "intercept number": ({"intercept": 0.5}, r"intercept: found 0.5; allowed: True, False"),
    "standardize": ({"standardize": "yes"}, r"standardize: found 'yes'; allowed: True, False"),
    "constant": (
        {"X": np.column_stack([X0[:, :3], np.full(30, 0.1)]), "standardize": True},
        r"X: found 1 constant column\(s\), the first is 'x3'; standardize=True divides",
    ),
    "constant sparse": (
        {"X": sp.csc_array(np.column_stack([X0[:, :3], np.full(30, 0.1)])), "standardize": True},
        r"X: found 1 constant column",
    ),
    "names twice": ({"feature_names": list("aabc")}, r"feature_names: found .*allowed are 4 distinct strings"),
    "names short": ({"feature_names": list("abc")}, r"feature_names: found .*allowed are 4 distinct"),
    "names text": ({"feature_names": "abcd"}, r"feature_names: found 'abcd'; allowed are 4"),
    "names numbers": ({"feature_names": [1, 2, 3, 4]}, r"feature_names: found \[1, 2, 3, 4\]; allowed"),
    "weight negative": (
        {"sample_weight": -np.ones(30)},
        r"sample_weight: found a negative entry.*allowed are numbers >= 0",
    ),
    "weight zero": ({"sample_weight": np.zeros(30)}, r"sample_weight: found .*only zeros"),
    "weight nan": ({"sample_weight": np.full(30, np.nan)}, r"sample_weight: found nan at \[0\]"),
    "weight short": ({"sample_weight": np.ones(29)}, r"sample_weight: found length 29; X has 30 rows"),
    "weight number": ({"sample_weight": 2.0}, r"sample_weight: found shape \(\)"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_named(case):
    options, message = BAD[case]
    with pytest.raises(InputError, match=message):
        Problem(**{"X": X0, "y": Y0, "lam": 0.1, **options})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"coef": np.zeros(3)}, r"coef: found length 3; X has 4 columns"),
        ({"coef": np.zeros((4, 1))}, r"coef: found shape \(4, 1\)"),
        ({"coef": [0, np.nan, 0, 0]}, r"coef: found nan at \[1\]"),
        ({"theta": np.zeros(4)}, r"theta: found length 4; X has 30 rows"),
        ({"theta": np.full(30, np.inf)}, r"theta: found inf at \[0\]"),
        ({"intercept": np.nan}, r"intercept: found nan"),
        ({"intercept": [1.0, 2.0]}, r"intercept: found shape \(2,\); allowed is one number"),
        ({"intercept": "a"}, r"intercept: found dtype <U1"),
    ],
)
def test_certify_refuses(arguments, message):
    with pytest.raises(InputError, match=message):
        certify(Problem(X0, Y0, 0.1), **{"coef": np.zeros(4), **arguments})


def test_an_intercept_the_problem_lacks_is_refused():
    problem = Problem(X0, Y0, 0.1, intercept=False)
    assert certify(problem, np.zeros(4), 0.0).intercept == 0
    with pytest.raises(InputError, match=r"intercept: found 1.0; the problem was stated with intercept=False"):
        certify(problem, np.zeros(4), 1.0)


# ---------------------------------------------------------------- good edge cases, without warnings


EDGES = {
    "one sample": (X0[:1], Y0[:1]),
    "one feature": (X0[:, :1], Y0),
    "n < p": (X0[:2], Y0[:2]),
    "zero y": (X0, 0 * Y0),
    "constant y": (X0, 0 * Y0 + 0.1),
    "constant column": (np.column_stack([X0, np.full(30, 0.1)]), Y0),
    "zero column": (np.column_stack([X0, np.zeros(30)]), Y0),
    "zero X": (0 * X0, Y0),
    "duplicates": (np.column_stack([X0, X0]), Y0),
    "huge X": (1e200 * X0, Y0),
    "tiny X": (1e-200 * X0, Y0),
    "large mean": (X0 + 1e8, Y0),
}


@pytest.mark.slow
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("lam", [0.0, 0.1, None])
@pytest.mark.parametrize("loss", ["squared", "quantile", "huber"])
@pytest.mark.parametrize("case", EDGES)
def test_edge_cases_work(case, loss, lam, weighted):
    X, y = EDGES[case]
    weight = np.arange(1, len(y) + 1) % 3 if weighted else None
    for intercept in (True, False):
        for shape in ("l1", "elastic_net", "nonnegative_l1"):
            problem = Problem(X, y, 1.0, loss=loss, penalty=shape, intercept=intercept, sample_weight=weight)
            above = np.clip(1.0001 * problem.lambda_max, 1e-9 * problem.columns.norm.max() + 1e-250, 1e300)
            at_max = problem.with_lam(above if lam is None else lam)
            for w in (np.zeros(X.shape[1]), np.full(X.shape[1], 0.1 / np.abs(X).max() if X.any() else 0.1)):
                found = certify(at_max, w)
                assert found.gap >= -found.rounding
                assert len(found.kkt) == X.shape[1]
                assert found.uniqueness.verdict in ("unique", "not unique", "undecided")
                assert (found.coef_error >= 0).all()
                if lam is None and not w.any():
                    assert found.certified


@pytest.mark.parametrize("loss", SMOOTH)
def test_minimising_without_a_penalty_agrees_with_scipy(loss):
    problem = make(loss, seed=21, n=60).with_lam(0)

    def value(v):
        return problem.objective(v[:6], v[6])

    def slope(v):
        theta = problem.theta(problem.predict(v[:6], v[6]))
        return -np.append(problem.X.T @ theta, theta.sum())

    found = minimize(value, np.zeros(7), jac=slope, method="BFGS", options={"gtol": 1e-9, "maxiter": 2000})
    model = fit_null_model(problem.loss, problem.X, True, problem.y, problem.s)
    assert model.loss == pytest.approx(found.fun, rel=1e-9)
    assert certify(problem, model.coef, model.intercept, tol=1e-11).certified


def test_nonnegative_penalty_with_a_free_feature_uses_its_constrained_null_model():
    X, y = data()
    problem = Problem(X, -X[:, 0] + 0.1 * y, 0.1, penalty=NonnegativeL1(weights=[0, 1, 1, 1]))
    np.testing.assert_array_equal(problem.null.coef, [0.0])
    assert problem.scale == pytest.approx(np.var(problem.y) / 2)
    assert penalty("group").value is not None


def test_data_frames_of_mixed_number_types():
    frame = pd.DataFrame({"a": [0.5, 1.5, 2.5], "b": [True, False, True], "c": pd.array([1, 2, 4], dtype="Int64")})
    problem = Problem(frame, [1.0, 2.0, 3.0], 0.1)
    np.testing.assert_array_equal(problem.X, [[0.5, 1, 1], [1.5, 0, 2], [2.5, 1, 4]])
    with pytest.raises(InputError, match="missing entries in 'd'"):
        Problem(frame.assign(d=["x", "y", "z"]), [1.0, 2.0, 3.0], 0.1)
