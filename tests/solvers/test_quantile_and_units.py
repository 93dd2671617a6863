"""Quantile loss, and what every solver owes to data in other units: the same status, and the same answer."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import linprog
from sklearn.linear_model import QuantileRegressor

from lassoopt.audits import audit
from lassoopt.certificates.certification import certify
from lassoopt.certificates.crossover import crossover
from lassoopt.certificates.newton_on_support import polish, settled
from lassoopt.errors import InputError, LassoOptError
from lassoopt.losses import LOSSES, Quantile
from lassoopt.penalties import L1, PENALTIES, ElasticNet, Group, NonnegativeL1
from lassoopt.problems.kinked_multipliers import least_violation
from lassoopt.problems.problem import Problem
from lassoopt.solvers.admm import iteration
from lassoopt.solvers.methods import METHODS, solve
from lassoopt.solvers.solution import Status

TOL = {"peer": 1e-9, "same": 1e-7, "gap": 1e-8, "multiplier": 1e-12}
OFFSETS = {"years": (1998, 0), "hPa": (1013, 1), "centred": (0, 1)}


def observed(kind: str, seed: int) -> Problem:
    """Rounded measurements about an offset; ties in y, in some problems in X too."""
    rng = np.random.default_rng(seed)
    n, p = int(rng.choice([50, 100, 200])), int(rng.integers(1, 11))
    X = rng.normal(size=(n, p))
    X = (X, X.round(), (X > 0).astype(float))[seed % 3]
    offset, digits = OFFSETS[kind]
    y = np.round(offset + 3 * X[:, 0] + 4 * rng.normal(size=n), digits)
    problem = Problem(X, y, 1.0, loss=Quantile(level=float(rng.choice([0.1, 0.5, 0.75]))))
    return problem.with_lam(max(float(rng.choice([0.5, 0.1, 0.01])) * problem.lambda_max, 1e-3))


def optimum(problem: Problem) -> float:
    """The optimal value by SciPy, from the primal program with a row a sample."""
    n, level = len(problem.y), problem.loss.level
    one = np.ones((n, 1)) * problem.intercept
    rows = np.hstack([problem.X, -problem.X, one, -one, np.eye(n), -np.eye(n)])
    price = problem.lam * problem.penalty.c
    cost = np.concatenate([price, price, [0, 0], level * problem.s, (1 - level) * problem.s])
    return float(linprog(cost, A_eq=rows, b_eq=problem.y, method="highs").fun)


@pytest.mark.slow
@pytest.mark.parametrize("kind", OFFSETS)
def test_measurements_about_an_offset(kind):
    for seed in range(15):
        problem = observed(kind, seed)
        solution = solve(problem)
        assert solution.status is Status.OPTIMAL
        assert solution.certificate.primal == pytest.approx(optimum(problem), rel=TOL["peer"])


@pytest.mark.parametrize(("n", "p"), [(2000, 1), (5000, 1), (3000, 10)])
def test_many_samples_and_a_good_fit(n, p):
    rng = np.random.default_rng(n + p)
    X = rng.normal(size=(n, p))
    solution = solve(Problem(X, 42 * X[:, 0] + 0.1 * rng.normal(size=n), 0.1, loss="quantile"))
    assert solution.status is Status.OPTIMAL
    assert solution.iterations <= 100


def targets(loss: str, score: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    if loss in ("logistic", "squared_hinge"):
        return (score > np.median(score)).astype(float)
    return rng.poisson(2 * np.exp(0.3 * score)) + 1.0 if loss == "poisson" else score


def in_other_units(problem: Problem, rng: np.random.Generator) -> dict[str, Problem]:
    """The same problem: powers of two, and integer offsets, so that little but the statement changes."""
    loss, (n, p), X, y, lam = problem.loss, problem.shape, problem.X, problem.y, problem.lam
    scale = 2.0 ** rng.integers(-20, 21, p)
    order = rng.permutation(n)
    made = {
        "X D": Problem(X * scale, y, lam, loss=loss, penalty=L1(weights=scale)),
        "X + 1 m'": Problem(X + rng.integers(-100, 100, p), y, lam, loss=loss),
        "rows": Problem(X[order], y[order], lam, loss=loss),
        "weights": Problem(X, y, lam, loss=loss, sample_weight=np.full(n, 2.0**-30)),
    }
    name = type(loss).__name__
    if name in ("Squared", "Quantile", "Huber"):
        k = 2.0 ** int(rng.integers(-30, 31))
        power, other = (2, loss) if name == "Squared" else (1, loss)
        if name == "Huber":
            power, other = 2, replace(loss, delta=loss.delta * k)
        made["k y"] = Problem(X, k * y, lam * k ** (power - 1), loss=other)
        made["y + c"] = Problem(X, y + 2.0 ** int(rng.integers(5, 13)), lam, loss=loss)
    if name == "Poisson":
        k = 2.0 ** int(rng.integers(-10, 15))
        made["k y"] = Problem(X, k * y, lam * k, loss=loss)
    return made


def check_units(loss: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, p = int(rng.integers(30, 80)), int(rng.integers(1, 15))
    X = np.round(rng.normal(size=(n, p)) * 64) / 64  # so that offsets round nothing away
    y = targets(loss, np.round(16 * (2 * X[:, 0] + rng.normal(size=n))) / 16, rng)
    problem = Problem(X, y, 1.0, loss=loss)
    problem = problem.with_lam(float(rng.choice([0.5, 0.1, 0.02])) * problem.lambda_max)
    first = iteration.solve(problem)
    assert first.status is Status.OPTIMAL
    for name, other in in_other_units(problem, rng).items():
        again = iteration.solve(other)
        assert again.status is Status.OPTIMAL, name
        assert abs(again.iterations - first.iterations) <= max(20, 0.3 * first.iterations), name
        value, scale = first.certificate.relative_gap, again.certificate.relative_gap
        assert max(value, scale) <= TOL["gap"], name


@pytest.mark.slow
@pytest.mark.parametrize("loss", LOSSES)
def test_admm_in_other_units(loss):
    for seed in range(5):
        check_units(loss, seed)


@pytest.mark.search
@pytest.mark.parametrize("loss", LOSSES)
def test_admm_in_many_other_units(loss):
    for seed in range(100, 350):
        check_units(loss, seed)


@pytest.mark.parametrize("penalty", [L1(), NonnegativeL1(), ElasticNet(l1_ratio=0.5)])
@pytest.mark.parametrize("intercept", [True, False])
def test_more_points_on_the_fit_than_unknowns(penalty, intercept):
    """All features in the support, and an outlier or two: once an IndexError."""
    rng = np.random.default_rng(0)
    for n, p in ((5, 1), (12, 2), (40, 3)):
        X, w = rng.integers(1, 9, (n, p)).astype(float), rng.integers(1, 4, p).astype(float)
        X[:p] += 10 * np.eye(p)
        y = X @ w + 3.0 * intercept
        y[-1] += 1
        problem = Problem(X, y, 1e-3, loss="quantile", penalty=penalty, intercept=intercept)
        certificate = certify(problem, w, 3.0 * intercept)
        assert np.isfinite(certificate.primal)
        assert 0 <= certificate.gap + certificate.rounding < np.inf
        peer = QuantileRegressor(quantile=0.5, alpha=1e-3, fit_intercept=intercept).fit(X, y)
        assert np.isfinite(audit(peer, X, y).certificate.primal)


def test_multipliers_of_least_violation_meet_what_can_be_met():
    rng = np.random.default_rng(1)
    for m, k in ((3, 1), (30, 3), (200, 5)):
        columns, inside = rng.integers(-3, 4, (m, k)).astype(float), rng.uniform(-0.3, 0.7, m)
        bounds = np.full(m, -0.3), np.full(m, 0.7)
        found = least_violation(columns, columns.T @ inside, bounds)
        assert np.all((found >= -0.3) & (found <= 0.7))
        np.testing.assert_allclose(columns.T @ found, columns.T @ inside, atol=m * TOL["multiplier"])
        far = least_violation(columns, np.full(k, 1e3), bounds)
        assert np.all((far >= -0.3) & (far <= 0.7))


def test_a_polish_with_more_kinks_than_unknowns_solves_no_larger_system(monkeypatch):
    """Samples on a plane, all of them held: what is solved is of the size of the unknowns."""
    from lassoopt.certificates import newton_on_support as module

    rng = np.random.default_rng(2)
    X = rng.integers(-3, 4, (300, 3)).astype(float)
    y = X @ [1.0, -2.0, 3.0] + 1
    y[:100] += rng.choice([-1.0, 1.0], 100)
    problem = Problem(X, y, 1e-2, loss="quantile", penalty=ElasticNet(l1_ratio=0.9))
    sizes, lstsq = [], module.lstsq
    monkeypatch.setattr(module, "lstsq", lambda A, *args, **options: sizes.append(len(A)) or lstsq(A, *args, **options))
    w, b, theta = polish(problem, np.array([1.0, -2.0, 3.0]), 1.0, problem.y == X @ [1.0, -2.0, 3.0] + 1)
    np.testing.assert_allclose(np.append(w, b), [1, -2, 3, 1], atol=TOL["multiplier"])
    assert max(sizes) <= 2 * 4
    low, high = problem.multiplier_bounds(np.arange(300))
    assert np.all((theta >= low) & (theta <= high))
    stationary = X.T @ theta - problem.lam * problem.penalty.gradient(w)
    np.testing.assert_allclose(np.append(stationary, theta.sum()), 0, atol=TOL["multiplier"])
    assert settled(problem, w, theta, np.zeros(300, dtype=bool)) == pytest.approx(theta)


def test_a_vertex_from_a_wrong_guess_is_a_bound_all_the_same():
    problem = observed("years", 4)
    coef, u = np.zeros(problem.shape[1]), np.full(problem.shape[0], 1990.0)
    best = optimum(problem)
    for share in (0.0, 0.05, 0.5, 1.0):
        near = np.random.default_rng(3).random(u.size) < share
        w, b, theta = crossover(problem, coef, u, near, problem.theta(u))
        certificate = certify(problem, w, b, theta)
        assert certificate.dual - certificate.rounding <= best <= certificate.primal + certificate.rounding
    assert certificate.certified  # where all are near


@pytest.mark.parametrize("method", [name for name in METHODS if name != "cvxpy"])
@pytest.mark.parametrize("field", ["coef", "intercept", "theta"])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_warm_start_that_is_not_finite_is_refused(method, field, bad):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(20, 3))
    loss = {"prox_newton": "logistic", "interior_point": "quantile"}.get(method, "squared")
    penalty = Group(groups=[0, 0, 1]) if method == "block_descent" else "l1"
    problem = Problem(X, (X[:, 0] > 0.5).astype(float), 0.05, loss=loss, penalty=penalty)
    start = solve(problem)
    value = bad if field == "intercept" else np.append(bad, getattr(start, field)[1:])
    with pytest.raises(InputError, match=f"warm_start: found .* in its {field}"):
        solve(problem, method, warm_start=replace(start, **{field: value}))


@pytest.mark.slow
@pytest.mark.parametrize("loss", LOSSES)
def test_extremes_warn_of_nothing(loss):
    """An honest status, or one InputError; any warning fails the test."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(12, 4))
    y = targets(loss, X[:, 0] + rng.normal(size=12), rng)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in ("l1", "sparse_group"):
            kind = PENALTIES[name]
            penalty = kind(groups=[0, 0, 1, 1]) if issubclass(kind, Group) else kind()
            base = Problem(X, y, 0.1, loss=loss, penalty=penalty)
            start = solve(base)
            bad = replace(start, coef=np.full(4, 1e200)), replace(start, theta=np.full(12, -1e308))
            for method in ("admm", "active_set", "prox_newton", "interior_point"):
                for warm in bad:
                    honest(base, method, warm_start=warm, max_iter=20)
                for size in (1e-200, 1e200):
                    made = Problem(X * size, y, 0.1 * size, loss=loss, penalty=penalty)
                    honest(made, method, max_iter=20)
            assert honest(base, "admm", warm_start=bad[0]), name


def honest(problem: Problem, method: str, **options) -> bool:
    try:
        solution = solve(problem, method, **options)
    except LassoOptError:
        return False
    assert isinstance(solution.status, Status)
    assert solution.status is not Status.OPTIMAL or solution.certificate.certified
    return True
