"""The active-set method: its linear algebra by definition, its answers by their certificate and by scikit-learn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import interrupt, make, without_moments
from sklearn.linear_model import ElasticNet, Lasso

import lassoopt as lo
from lassoopt.solvers.working_sets import active_set
from lassoopt.solvers.working_sets.working_set import WorkingSet, sparse

SEPARABLE = ["l1", "elastic_net", "nonnegative_l1"]


@pytest.fixture(autouse=True, params=["moments", "data"])
def route(request, monkeypatch):
    """Both ways are tried everywhere: from the moments where these pay, and from the data."""
    if request.param == "data":
        without_moments(monkeypatch)
    return request.param


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["C", "F", "csr", "csc"])
@pytest.mark.parametrize("sample_weights", ["none", "random", "zeros"])
@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("weights", ["ones", "mixed"])
@pytest.mark.parametrize("penalty", SEPARABLE)
def test_certified_to_the_last_digits(penalty, weights, intercept, sample_weights, kind):
    for ratio in (1.2, 0.3, 0.01, 1e-6, 0.0):
        problem = make(
            "squared", penalty, weights=weights, intercept=intercept, sample_weights=sample_weights, kind=kind,
            ratio=ratio, scaling="mean" if kind < "a" else "sum",
        )  # fmt: skip
        solution = lo.solve(problem, method="active_set")
        assert solution.status is lo.Status.OPTIMAL
        assert solution.certificate.relative_gap <= 1e-12
        assert solution.solver == "active_set"
        # its theta, from its own equations, is the gradient of the loss
        u = problem.predict(solution.coef, solution.intercept)
        np.testing.assert_allclose(solution.theta, problem.s * (problem.y - u), atol=1e-12)


def ar1(n, p, correlation, seed, k=10):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, p))
    for j in range(1, p):
        X[:, j] = correlation * X[:, j - 1] + np.sqrt(1 - correlation**2) * X[:, j]
    y = X[:, rng.choice(p, k, replace=False)] @ rng.choice([-1.0, 1.0], k)
    return X, y + 0.5 * rng.standard_normal(n)


def bumps(n=60, p=300, seed=0):
    """Spectra: sums of a few broad bumps, so that neighbouring columns are all but the same."""
    rng = np.random.default_rng(seed)
    t = np.linspace(0, 1, p)
    shapes = np.exp(-0.5 * ((t - rng.random((15, 1))) / rng.uniform(0.02, 0.1, (15, 1))) ** 2)
    X = rng.gamma(2, 1, (n, 15)) @ shapes + 1e-3 * rng.standard_normal((n, p))
    return X, X[:, ::30] @ rng.standard_normal(10) + 0.1 * rng.standard_normal(n)


DESIGNS = {
    "tall": lambda: ar1(400, 50, 0.6, 0),
    "wide": lambda: ar1(60, 1500, 0.6, 1),  # so many that only some are watched
    "wide, strongly correlated": lambda: ar1(50, 400, 0.95, 2),
    "spectra": bumps,
    "counts": lambda: (np.random.default_rng(3).poisson(0.2, (40, 150)).astype(float), np.arange(40.0) % 7),
}


@pytest.mark.slow
@pytest.mark.parametrize("ratio", [0.5, 0.05, 0.003])
@pytest.mark.parametrize("design", DESIGNS)
def test_against_scikit_learn(design, ratio):
    X, y = DESIGNS[design]()
    problem = lo.Problem(X, y, 1.0)
    problem = problem.with_lam(ratio * problem.lambda_max)
    solution = lo.solve(problem, method="active_set")
    assert solution.status is lo.Status.OPTIMAL
    assert solution.certificate.relative_gap < 1e-11
    peer = Lasso(alpha=problem.lam, tol=1e-10, max_iter=500_000)
    if design != "spectra":  # where the peer does not get there
        peer.fit(X, y)
        assert solution.certificate.primal <= problem.objective(peer.coef_, peer.intercept_) + 1e-13 * problem.scale
        if solution.certificate.uniqueness.verdict == "unique":
            np.testing.assert_allclose(solution.coef, peer.coef_, atol=1e-4 * np.abs(peer.coef_).max())


def test_elastic_net_against_scikit_learn():
    X, y = ar1(60, 200, 0.6, 1)
    problem = lo.Problem(X, y, 0.05, penalty=lo.ElasticNet(l1_ratio=0.3))
    peer = ElasticNet(alpha=0.05, l1_ratio=0.3, tol=1e-12, max_iter=100_000).fit(X, y)
    np.testing.assert_allclose(lo.solve(problem, method="active_set").coef, peer.coef_, atol=1e-7)


def degenerate():
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((40, 10)), rng.standard_normal(40)
    wide, few = rng.standard_normal((20, 200)), rng.standard_normal(20)
    return {
        "twins": (np.hstack([X, X, -X]), y, {}),
        "collinear": (np.hstack([X, X @ rng.standard_normal((10, 10))]), y, {"ratios": (0.5, 0.1, 0.01, 1e-4)}),
        "dummies that sum to 1": (np.kron(np.eye(4), np.ones((10, 1))), y, {}),
        "constant columns": (np.hstack([X, np.ones((40, 1)), np.zeros((40, 1))]), y, {}),
        "a constant column in place of the intercept": (np.hstack([X, np.ones((40, 1))]), y, {"intercept": False}),
        "more features than samples": (wide, few, {}),
        "and no intercept": (wide, few, {"intercept": False}),
        "and no signs but +": (wide, few, {"penalty": "nonnegative_l1"}),
        "and a strictly convex penalty": (wide, few, {"penalty": "elastic_net"}),
        "ridge": (wide, few, {"penalty": lo.ElasticNet(l1_ratio=0.0)}),
        "zeros and ones": (rng.integers(0, 2, (8, 60)).astype(float), rng.integers(0, 3, 8).astype(float), {}),
        "free twins": (np.hstack([wide[:, :5], wide]), few, {"penalty": lo.L1(weights=[0] * 10 + [1] * 195)}),
        "ties": (np.repeat(np.eye(6), 2, axis=0), np.repeat([1.0, 1, 1, 2, 2, 2], 2), {}),
        "one sample": (np.array([[1.0, 2.0]]), [3.0], {"intercept": False}),
        "one sample and an intercept": (np.array([[1.0, 2.0]]), [3.0], {}),
        "one feature": (X[:, :1], y, {}),
        "a constant target": (X, np.full(40, 0.1), {}),
        "a target of zeros": (X, np.zeros(40), {}),
        "large columns": (X * 1e100, y, {}),
        "small columns": (X * 1e-100, y, {}),
        "columns of all sizes": (X * np.logspace(-150, 150, 10), y, {}),
        "a large target": (X, y * 1e150, {}),
        "a small target": (X, y * 1e-150, {}),
        "nearly twins": (np.hstack([X, X + 1e-12 * rng.standard_normal(X.shape)]), y, {"ratios": (0.5, 0.1, 1e-4)}),
    }


@pytest.mark.slow
@pytest.mark.parametrize("case", degenerate())
def test_degenerate_data_end_right(case):
    X, y, options = degenerate()[case]
    ratios = options.pop("ratios", (0.5, 0.1, 0.01, 1e-4, 0.0))
    problem = lo.Problem(X, y, 1.0, **options)
    for ratio in ratios:
        lam = ratio * problem.lambda_max if 0 < problem.lambda_max < np.inf else ratio
        solution = lo.solve(problem.with_lam(lam), method="active_set")
        assert solution.status is lo.Status.OPTIMAL, ratio
        assert solution.certificate.certified


def test_columns_that_depend_on_others_up_to_rounding_prove_nothing_without_a_penalty():
    """As the fractions they are, the 20 columns are independent, and fit far better than the 10 that floats can tell
    apart; with exact twins in their place they do not."""
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((40, 10)), rng.standard_normal(40)
    nearly = np.hstack([X, X @ rng.standard_normal((10, 10))])
    best = exact_least_squares(nearly, y)
    problem = lo.Problem(nearly, y, 0.0)
    solution = lo.solve(problem, method="active_set")
    assert solution.certificate.primal > best + 0.01
    assert not solution.certificate.certified
    assert lo.solve(lo.Problem(np.hstack([X, 2 * X]), y, 0.0), method="active_set").status is lo.Status.OPTIMAL


def exact_least_squares(X, y):
    """The least objective with an intercept, in 400 bits."""
    flint = pytest.importorskip("flint")
    flint.ctx.prec = 400
    A = flint.arb_mat([[*row, 1.0] for row in X.tolist()])
    t = flint.arb_mat([[value] for value in y.tolist()])
    rest = t - A * (A.transpose() * A).solve(A.transpose() * t)
    return float((rest.transpose() * rest)[0, 0].mid()) / 2 / len(y)


@pytest.mark.slow
@given(st.integers(0, 10**6), st.integers(1, 12), st.integers(1, 25), st.floats(1e-6, 1.1), st.sampled_from(SEPARABLE))
@settings(max_examples=150, deadline=None)
def test_small_integer_problems(seed, n, p, ratio, penalty):
    """Entries -1, 0, 1: ties, twins and dependent columns everywhere."""
    rng = np.random.default_rng(seed)
    X, y = rng.integers(-1, 2, (n, p)).astype(float), rng.integers(-2, 3, n).astype(float)
    problem = lo.Problem(X, y, 1.0, penalty=penalty, intercept=bool(seed % 2))
    problem = problem.with_lam(ratio * max(problem.lambda_max, 1e-3))  # lambda_max may be rounding alone
    assert lo.solve(problem, method="active_set").status is lo.Status.OPTIMAL


def test_warm_start_takes_fewer_solves_and_any_start_is_good():
    X, y = ar1(100, 600, 0.6, 4)
    problem = lo.Problem(X, y, 1.0)
    problem = problem.with_lam(0.05 * problem.lambda_max)
    cold = lo.solve(problem, method="active_set")
    near = lo.solve(problem.with_lam(1.05 * problem.lam), method="active_set")
    warm = lo.solve(problem, method="active_set", warm_start=near)
    assert warm.iterations < 0.5 * cold.iterations
    far = lo.solve(problem.with_lam(1e-9), method="admm", tol=1e-2)
    for start in (warm, near, far):
        solution = lo.solve(problem, method="active_set", warm_start=start)
        np.testing.assert_allclose(solution.coef, cold.coef, atol=1e-9)


@pytest.mark.slow
def test_a_start_from_dependent_features():
    """More features than samples, and nothing to do with the solution."""
    for seed in range(10):
        rng = np.random.default_rng(seed)
        X = rng.integers(-2, 3, (29, 246)).astype(float)
        problem = lo.Problem(X, rng.standard_normal(29), 0.0, sample_weight=rng.choice([0, 0, 1, 2, 0.01], 29))
        problem = problem.with_lam(1e-3 * problem.lambda_max)
        cold = lo.solve(problem, method="active_set")
        start = replace(cold, coef=rng.standard_normal(246) * (rng.random(246) < 0.5) * 100)
        assert lo.solve(problem, method="active_set", warm_start=start).status is lo.Status.OPTIMAL


def test_where_only_rounding_is_left_it_ends_soon():
    rng = np.random.default_rng(6)
    X = rng.standard_normal((14, 54)) + 10.0 ** rng.integers(0, 7) * rng.choice([0, 1, -1], 54)
    problem = lo.Problem(X, rng.standard_normal(14), 0.0, penalty="nonnegative_l1", intercept=False)
    solution = lo.solve(problem, method="active_set")
    assert solution.certificate.relative_gap < 1e-6
    assert solution.iterations < 500


def test_weights_that_the_penalty_forbids_do_not_start():
    problem = make(penalty_name="nonnegative_l1", weights="mixed")
    other = lo.solve(make(weights="ones", ratio=0.01))
    assert (other.coef < 0).any()
    assert other.coef[5] != 0
    assert lo.solve(problem, method="active_set", warm_start=other).status is lo.Status.OPTIMAL


def test_callback_history_and_stopping():
    X, y = ar1(60, 200, 0.6, 1)
    problem = lo.Problem(X, y, 1.0)
    problem = problem.with_lam(0.01 * problem.lambda_max)
    seen = []
    solution = lo.solve(problem, method="active_set", callback=seen.append)
    assert len(seen) > 3
    assert [progress.gap for progress in seen] == solution.history.gap[:-1].tolist()
    assert np.all(np.diff(solution.history.objective) <= 0)
    for progress in seen[:-1]:
        assert progress.gap == pytest.approx(
            lo.certify(problem, progress.coef, progress.intercept).relative_gap, rel=0.5
        )
    stopped = lo.solve(problem, method="active_set", callback=lambda progress: True)
    assert stopped.status is lo.Status.INTERRUPTED
    assert 1e-8 < stopped.certificate.relative_gap < np.inf


def test_ctrl_c_returns_the_last_point_reached(monkeypatch):
    X, y = ar1(60, 200, 0.6, 1)
    problem = lo.Problem(X, y, 1.0)
    problem = problem.with_lam(0.01 * problem.lambda_max)
    interrupt(monkeypatch, WorkingSet, "improve", at=4)
    solution = lo.solve(problem, method="active_set")
    assert solution.status is lo.Status.INTERRUPTED
    assert solution.certificate.relative_gap < 1
    assert np.count_nonzero(solution.coef)


def test_too_few_steps_are_an_honest_status_and_auto_goes_on():
    X, y = ar1(60, 200, 0.6, 1)
    problem = lo.Problem(X, y, 1.0)
    problem = problem.with_lam(0.01 * problem.lambda_max)
    short = lo.solve(problem, method="active_set", max_iter=3)
    assert short.status is lo.Status.ITERATION_LIMIT
    assert short.certificate.relative_gap > 1e-8


def test_auto_falls_back_on_admm(monkeypatch):
    without_moments(monkeypatch)
    problem = make()
    monkeypatch.setattr(WorkingSet, "improve", lambda self: False)
    solution = lo.solve(problem)
    assert (solution.solver, solution.status) == ("admm", lo.Status.OPTIMAL)


def test_what_fits_and_what_suits():
    assert all(active_set.fits(make("squared", name)) for name in SEPARABLE)
    assert not active_set.fits(make("squared", "group"))
    assert not active_set.fits(make("huber", "l1"))
    ridge = lo.Problem(np.zeros((5, 100)), np.arange(5.0), 0.1, penalty=lo.ElasticNet(l1_ratio=0.0))
    assert active_set.fits(ridge)
    assert not sparse(ridge)  # no weight is ever 0
    assert lo.solve(ridge).solver == "admm"
    with pytest.raises(lo.InputError, match=r"method: active_set takes the squared loss .* found Huber with L1"):
        lo.solve(make("huber"), method="active_set")
    with pytest.raises(lo.InputError, match="max_iter: found 0"):
        lo.solve(make(), method="active_set", max_iter=0)
    with pytest.raises(lo.InputError, match="warm_start: found str"):
        lo.solve(make(), method="active_set", warm_start="no")


def test_no_point_of_a_path_is_solved_apart(monkeypatch):
    X, y = ar1(1000, 1000, 0.5, 4)
    problem = lo.Problem(X, y, 1.0)
    monkeypatch.setattr(active_set, "solve", lambda *args, **kwargs: pytest.fail("a point was solved again"))
    found = list(lo.path(problem, problem.lambda_max * np.geomspace(0.9, 0.05, 10)).solutions)
    assert all(solution.status is lo.Status.OPTIMAL for solution in found)


@pytest.mark.parametrize("kind", ["normal", "twins", "smooth"])
@pytest.mark.parametrize("penalty", SEPARABLE)
def test_many_features_that_come_and_go_at_once(penalty, kind):
    rng = np.random.default_rng(3)
    X = rng.standard_normal((300, 900))
    if kind == "twins":
        X[:, 450:] = X[:, :450]
    if kind == "smooth":
        X = np.exp(-0.5 * ((np.linspace(0, 1, 900) - rng.random((300, 1))) / 0.02) ** 2) + 0.1 * X
    y = X[:, ::9] @ np.abs(rng.standard_normal(100)) + 0.1 * rng.standard_normal(300)
    problem = lo.Problem(X, y, penalty=penalty)
    for ratio in (0.05, 1e-3):
        solution = lo.solve(problem.with_lam(ratio * problem.lambda_max), method="active_set")
        assert np.count_nonzero(solution.coef) > 30
        assert solution.certificate.relative_gap <= 1e-12
        assert solution.certificate.certified
