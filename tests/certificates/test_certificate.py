"""The certificate: weak duality, its rounding bound, what it proves, and what it reports about wrong points."""

from __future__ import annotations

import decimal
import warnings
from decimal import Decimal
from fractions import Fraction

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from problems import EVERY, GROUPS, LOSS_NAMES, PENALTY_NAMES, SMOOTH, TOL, make, matrix, targets
from scipy.optimize import minimize_scalar
from sklearn.linear_model import Lasso, QuantileRegressor

from lassoopt.certificates import rounding_bounds
from lassoopt.certificates.certificate import ACTIVE, BOUNDARY, HELD, VIOLATED
from lassoopt.certificates.certification import certify, certify_along
from lassoopt.certificates.dual_points import feasible
from lassoopt.errors import InputError
from lassoopt.losses import LOSSES
from lassoopt.penalties import L1, ElasticNet, Group, NonnegativeL1
from lassoopt.problems.null_model import best_intercept
from lassoopt.problems.problem import Problem
from lassoopt.solvers.methods import solve


def best(problem):
    """``(w, b, theta)`` by Clarabel at tight tolerances, independent of the package's own statement."""
    w, u, b = cp.Variable(problem.shape[1]), cp.Variable(problem.shape[0]), cp.Variable()
    link = u == problem.X @ w + (b if problem.intercept else 0.0)
    shape, constraints = problem.penalty.cvxpy(w)
    loss = problem.s @ problem.loss.cvxpy(u, problem.y)
    tight = dict.fromkeys(("tol_gap_abs", "tol_gap_rel", "tol_feas"), 1e-12)
    with warnings.catch_warnings():  # 1e-12 is not always reached; what is has to pass the certificate
        warnings.simplefilter("ignore")
        cp.Problem(cp.Minimize(loss + problem.lam * shape), [link, *constraints]).solve(solver="CLARABEL", **tight)
    w = np.where(np.abs(w.value) < 1e-9 * np.abs(w.value).max(), 0.0, w.value)
    w[problem.penalty.excluded] = 0.0
    if problem.penalty.nonnegative:
        w = np.maximum(w, 0.0)
    return w, float(b.value) if problem.intercept else 0.0, link.dual_value


def cases(*keys):
    """A few problems of every loss and penalty, with all the options among them."""
    options = [
        {"weights": "ones", "intercept": True, "sample_weights": "none", "kind": "C", "n": 25},
        {"weights": "mixed", "intercept": False, "sample_weights": "zeros", "kind": "csc", "scaling": "sum", "n": 25},
        {"weights": "mixed", "intercept": True, "sample_weights": "random", "kind": "F", "n": 12},
        {"weights": "ones", "intercept": False, "sample_weights": "none", "kind": "csr", "n": 5},
    ]
    return [options[i] for i in keys or range(len(options))]


# ---------------------------------------------------------------- weak duality and feasibility


def conjugate(name, a, y):
    """``phi*(a, y)`` by its formula, inf outside of its domain (a hair of rounding allowed)."""
    t = np.where(y > 0, 1, -1)
    q, hair = -t * a, 1e-12 * (1 + np.abs(y))
    inside = {
        "squared": True,
        "huber": np.abs(a) <= 1.35 + hair,
        "quantile": np.abs(a) <= 0.5 + hair,
        "logistic": (q >= -hair) & (q <= 1 + hair),
        "squared_hinge": q >= -hair,
        "poisson": a >= -y - hair,
    }[name]
    with np.errstate(all="ignore"):
        value = {
            "squared": lambda: a**2 / 2 + a * y,
            "huber": lambda: a**2 / 2 + a * y,
            "quantile": lambda: a * y,
            "logistic": lambda: np.nan_to_num(q * np.log(q)) + np.nan_to_num((1 - q) * np.log(1 - q)),
            "squared_hinge": lambda: q**2 / 4 - q,
            "poisson": lambda: np.nan_to_num((a + y) * np.log(a + y)) - (a + y),
        }[name]()
    return np.where(inside, value, np.inf)


def penalty_conjugate(problem, name, z):
    """``lam P*(z / lam)`` by its formula; the group penalties by a check of the dual ball alone."""
    lam, c = problem.lam * (1 + 1e-12), problem.penalty.c
    kept = np.isfinite(c)
    z, c = z[kept], c[kept]
    hair = 1e-12 * (1 + np.abs(z).max())
    if name == "elastic_net":
        excess = np.minimum(np.maximum(np.abs(z[c > 0]) - 0.6 * lam * c[c > 0], 0) / c[c > 0], 1e150)
        return np.sum(excess**2) / (0.8 * lam) if (np.abs(z[c == 0]) <= hair).all() else np.inf
    if name == "nonnegative_l1":
        return 0.0 if (z <= lam * c + hair).all() else np.inf
    if name == "l1":
        return 0.0 if (np.abs(z) <= lam * c + hair).all() else np.inf
    r = 0.4 if name == "sparse_group" else 0.0
    for g in range(4):
        members = (np.array(GROUPS)[kept] == g) & (c > 0)
        k = (1 - r) * np.sqrt(GROUPS.count(g))
        soft = np.maximum(np.abs(z[members]) / c[members] - lam * r, 0)
        if np.linalg.norm(soft) > lam * k + 1e-12 or (np.abs(z[c == 0]) > hair).any():
            return np.inf
    return 0.0


@pytest.mark.slow
@pytest.mark.parametrize(("loss", "name"), EVERY)
def test_weak_duality_from_scratch(loss, name):
    rng = np.random.default_rng(0)
    for options in cases():
        problem = make(loss, name, **options)
        least = problem.objective(*best(problem)[:2])
        size = np.abs(problem.null.theta).max() or 1.0
        for scale in (1e-3, 1.0, 1e3, 1e300):
            point = feasible(problem, scale * size * rng.standard_normal(problem.shape[0]))
            a = np.divide(-point.theta, problem.s, out=np.zeros_like(point.theta), where=problem.s > 0)
            assert (point.theta[problem.s == 0] == 0).all()
            if loss in ("squared", "huber", "quantile"):  # domains around 0: feasible, and not trivially so
                assert point.theta.any()
            if problem.intercept:
                assert abs(point.theta.sum()) <= 1e-14 * np.abs(point.theta).sum() + 1e-300
            z = problem.X.T @ point.theta
            value = -problem.s @ conjugate(loss, a, problem.y) - penalty_conjugate(problem, name, z)
            assert np.isfinite(value) or scale == 1e300
            assert point.value == pytest.approx(value, rel=1e-9, abs=1e-11) or scale == 1e300
            assert point.value <= least + 1e-9 * abs(least)


@pytest.mark.slow
@settings(derandomize=True, max_examples=100, deadline=None)
@given(
    case=st.sampled_from(EVERY),
    options=st.sampled_from(cases(0, 1, 2)),
    ratio=st.sampled_from([0.0, 0.01, 0.3, 0.9]),
    theta=arrays(float, 25, elements=st.floats(-1e3, 1e3, width=32)),
    w=arrays(float, 6, elements=st.floats(-3, 3, width=32)),
    b=st.floats(-3, 3, width=32),
)
def test_no_dual_point_is_above_an_objective(case, options, ratio, theta, w, b):
    problem = make(*case, ratio=ratio, **options)
    w = np.where(problem.penalty.excluded, 0, np.abs(w) if problem.penalty.nonnegative else w)
    found = certify(problem, w, b if problem.intercept else None, theta[: problem.shape[0]])
    assert found.gap >= -found.rounding
    assert found.dual <= found.primal + found.rounding
    assert np.isfinite(found.gap)


@pytest.mark.slow
@pytest.mark.parametrize("theta", [None, 0.0, 1e300, -1e300, 1e-300, -1.0], ids=str)
@pytest.mark.parametrize("loss", LOSS_NAMES)
def test_any_theta_is_valid(loss, theta):
    for name in ("l1", "nonnegative_l1"):
        problem = make(loss, name, weights="mixed")
        w, b, good = best(problem)
        given = None if theta is None else np.full(25, theta) if abs(theta) > 1 else theta * good
        found = certify(problem, w, b, given)
        assert found.certified
        assert found.gap >= -found.rounding


# ---------------------------------------------------------------- perturbed and wrong points


@pytest.mark.slow
@pytest.mark.parametrize(("loss", "name"), EVERY)
def test_optimal_points_are_certified_and_perturbed_ones_reported(loss, name):
    for options in cases(0, 1, 2):
        problem = make(loss, name, **options)
        w, b, theta = best(problem)
        optimum = certify(problem, w, b, theta)
        assert optimum.relative_gap < 1e-8
        assert optimum.intercept_gradient == pytest.approx(0, abs=1e-4) or loss == "quantile" or not problem.intercept
        for j in np.flatnonzero(np.abs(w) > 1e-3):
            moved = w.copy()
            moved[j] *= 1 + 1e-3 if problem.penalty.nonnegative else 1 - 1e-3
            found = certify(problem, moved, b, theta)
            above = problem.objective(moved, b) - optimum.primal
            assert above <= found.gap + found.rounding
            # what is above by more than the tolerance is not certified
            assert found.relative_gap > 1e-8 or above < 1e-8 * problem.scale
            if loss == "squared" and j == np.argmax(np.abs(w) * problem.columns.spread):
                assert not found.certified


@pytest.mark.parametrize("loss", SMOOTH)
def test_an_intercept_not_at_its_best_is_seen(loss):
    problem = make(loss)
    w, b, theta = best(problem)
    off = certify(problem, w, b + 0.05, theta)
    assert not off.certified
    assert off.gap >= problem.objective(w, b + 0.05) - problem.objective(w, b) - off.rounding
    assert off.intercept_gradient == pytest.approx(-problem.theta(problem.predict(w, b + 0.05)).sum())
    assert off.intercept_gradient > 1e-4


@pytest.mark.parametrize("loss", LOSS_NAMES)
def test_points_outside_the_domain(loss):
    problem = make(loss, weights="mixed")
    found = certify(problem, [0, 0, 0, 0, 0, 0.1])
    assert (found.gap, found.rounding) == (np.inf, np.inf)
    assert found.states[5] == VIOLATED
    assert not found.certified
    assert found.uniqueness.verdict == "undecided"
    negative = certify(make(loss, "nonnegative_l1"), [-0.1, 0, 0, 0, 0, 0])
    assert negative.gap == np.inf
    assert negative.states[0] == VIOLATED


def test_coefficients_that_overflow_have_an_infinite_gap():
    for loss in LOSS_NAMES:
        found = certify(make(loss), np.array([1e200, -1e300, 0, 0, 0, 1e308]))
        assert not found.certified
        assert found.gap > 1e100
        assert len(found.kkt) == 6


def test_states_and_margins_of_least_squares():
    problem = make("squared", seed=4, ratio=0.4)
    w, b, theta = best(problem)
    w[np.abs(w) < 1e-7] = 0
    found = certify(problem, w, b, theta)
    z = problem.X.T @ (problem.s * (problem.y - problem.X @ w - b))
    for j, row in enumerate(found.kkt):
        assert row.gradient == pytest.approx(-z[j], abs=1e-12)
        assert row.lam == problem.lam
        if w[j]:
            assert (row.state, row.margin) == (
                ACTIVE,
                pytest.approx(-abs(z[j] - problem.lam * np.sign(w[j])), abs=1e-12),
            )
        else:
            assert (row.state, row.margin) == (HELD, pytest.approx(problem.lam - abs(z[j]), abs=1e-12))
    at_max = problem.with_lam(problem.lambda_max)
    boundary = certify(at_max, np.zeros(6)).states
    assert list(boundary).count(BOUNDARY) == 1
    wrong = certify(problem, np.zeros(6))
    assert VIOLATED in wrong.states
    assert min(row.margin for row in wrong.kkt) < 0


def test_the_gradient_of_an_excluded_feature_is_reported():
    problem = make("squared", "l1", weights=" mixed".strip()).with_lam(0.1)
    problem = Problem(problem.X, problem.y, 0.1, penalty=L1(weights=[1, 1, 1, 1, 1, np.inf]))
    found = certify(problem, np.zeros(6))
    assert found.kkt[5].gradient == pytest.approx(problem.gradient(np.zeros(6), found.intercept)[5])
    assert found.kkt[5].state == HELD


# ---------------------------------------------------------------- gains


@pytest.mark.slow
@pytest.mark.parametrize("loss", SMOOTH)
@pytest.mark.parametrize("name", ["l1", "nonnegative_l1", "elastic_net"])
def test_gain_is_a_true_decrease(loss, name):
    rng = np.random.default_rng(3)
    for options in cases(0, 1):
        problem = make(loss, name, **options)
        w0, b0, _ = best(problem)
        for noise in (1e-2, 0.3):
            w = w0 + noise * rng.standard_normal(6) * (~problem.penalty.excluded)
            w = np.maximum(w, 0) if problem.penalty.nonnegative else w
            b = b0 + noise * 0.3 if problem.intercept else 0.0
            found = certify(problem, w, b)
            assert found.gain.max() <= found.gap + found.rounding
            for j in np.flatnonzero(found.gain > 1e-12):
                least = least_along(problem, w, j)
                assert found.gain[j] <= found.primal - least + 1e-9


def least_along(problem, w, j):
    """The least objective over ``w_j`` and the intercept."""

    def value(t):
        v = w.copy()
        v[j] = t
        if not problem.intercept:
            return problem.objective(v, 0.0)
        b = best_intercept(problem.loss, problem.predict(v), problem.y, problem.s)
        return problem.objective(v, b)

    low = max(w[j] - 3, 0) if problem.penalty.nonnegative else w[j] - 3
    return minimize_scalar(value, bounds=(low, w[j] + 3), method="bounded", options={"xatol": 1e-6}).fun


def test_gain_follows_the_intercept():
    """A column with a large mean is not violated because the intercept is off by a rounding error."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((40, 3)) + np.array([1e6, 0, 0])
    y = X[:, 0] - 1e6 + rng.standard_normal(40)
    problem = Problem(X, y, 0.1)
    model = Lasso(0.1, tol=1e-14, max_iter=10**6).fit(X - X.mean(axis=0), y)
    found = certify(problem, model.coef_, y.mean() - X.mean(axis=0) @ model.coef_ + 1e-8)
    assert found.certified
    assert VIOLATED not in found.states


# ---------------------------------------------------------------- rounding


def exact_gap(problem, found):
    """The gap in exact arithmetic at the exactly feasible multiple of the certificate's theta; None if the loss
    needs transcendental functions, which are then taken at 60 digits."""
    number = Fraction if isinstance(problem.loss, tuple(LOSSES[k] for k in RATIONAL)) else Decimal
    n = len(problem.y)
    exact = np.vectorize(lambda v: number(float(v)), otypes=[object])
    X, y, s, w = exact(problem.X), exact(problem.y), exact(problem.s), exact(found.coef)
    theta, lam = exact(found.theta), number(problem.lam)
    u = X @ w + number(found.intercept)
    primal = sum(s[i] * phi(problem.loss, u[i], y[i], number) for i in range(n)) + lam * sum(abs(v) for v in w)
    if problem.intercept:  # in proportion to |theta_i|
        size = np.array([abs(v) for v in theta], dtype=object)
        theta = theta - size * (theta.sum() / size.sum()) if any(size) else theta
    lower, upper = problem.loss.slopes(problem.y)
    factor = number(1)
    for i, a in enumerate(-theta / s):
        bound = float(np.broadcast_to(upper if a > 0 else lower, (n,))[i])
        if np.isfinite(bound) and abs(a) > abs(number(bound)):
            factor = min(factor, abs(number(bound) / a))
    largest = max(abs(v) for v in X.T @ theta) * factor
    theta = theta * (factor * lam / largest if largest > lam else factor)
    dual = -sum(s[i] * phi_conjugate(problem.loss, -theta[i] / s[i], y[i], number) for i in range(n))
    assert max(abs(v) for v in X.T @ theta) <= lam * (1 + number(1) / 10**40)
    return primal - dual


decimal.getcontext().prec = 60
RATIONAL = ("squared", "huber", "quantile", "squared_hinge")


def phi(loss, u, y, number):  # for Fraction and Decimal
    name = type(loss).__name__
    r, t = u - y, 1 if y > 0 else -1
    if name == "Squared":
        return r * r / 2
    if name == "Huber":
        d = number(loss.delta)
        return r * r / 2 if abs(r) <= d else d * abs(r) - d * d / 2
    if name == "Quantile":
        return max(-number(loss.level) * r, (1 - number(loss.level)) * r)
    if name == "SquaredHinge":
        return max(number(0), 1 - t * u) ** 2
    return (1 + (-t * u).exp()).ln() if name == "Logistic" else u.exp() - y * u


def phi_conjugate(loss, a, y, number):
    name = type(loss).__name__
    q = -a if y > 0 else a
    if name in ("Squared", "Huber"):
        return a * a / 2 + a * y
    if name == "Quantile":
        return a * y
    if name == "SquaredHinge":
        return q * q / 4 - q
    if name == "Logistic":
        return sum(x * x.ln() if x > 0 else Decimal(0) for x in (q, 1 - q))
    return (a + y) * (a + y).ln() - (a + y) if a + y > 0 else Decimal(0)


@pytest.mark.slow
@pytest.mark.parametrize("shift", [0.0, 1e6])
@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("loss", LOSS_NAMES)
def test_rounding_bound_holds_in_exact_arithmetic(loss, intercept, shift):
    for seed in range(8):
        rng = np.random.default_rng(seed)
        X = rng.standard_normal((9, 3)) + np.array([shift, 0, 1])
        y = targets(loss, X[:, 1], rng)
        problem = Problem(X, y, 1.0, loss=loss, intercept=intercept, scaling="mean" if seed % 2 else "sum")
        problem = problem.with_lam(problem.lambda_max * 10.0 ** -rng.integers(0, 4))
        w = rng.standard_normal(3) * (rng.random(3) < 0.7) * 10.0 ** -rng.integers(0, 9)
        w[0] = 0 if shift and loss == "poisson" else w[0] / (1 + shift)
        found = certify(problem, w)
        assert abs(float(exact_gap(problem, found)) - found.gap) <= found.rounding
        if not shift:
            assert found.rounding <= TOL["rounding"] * max(problem.scale, found.primal)


def test_rounding_bound_of_many_samples():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((3000, 2))
    problem = Problem(X, 1e5 + X[:, 0] + rng.standard_normal(3000), 0.1)
    found = certify(problem, [0.9, 0.0])
    assert abs(float(exact_gap(problem, found)) - found.gap) <= found.rounding <= 1e-8 * problem.scale


def test_rounding_bound_of_a_well_fitted_logistic_model():
    """Where every probability is near 1, entropies cancel: their terms, not their sums, set the error."""
    X = np.array([[1.0], [-1.0], [1.5], [-1.25]])
    problem = Problem(X, [1, 0, 1, 0], 1e-9, loss="logistic", intercept=False)
    for w in (5.0, 17.0, 19.3):
        found = certify(problem, [w])
        assert abs(float(exact_gap(problem, found)) - found.gap) <= found.rounding


def test_a_point_known_only_to_rounding_is_not_certified():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((20, 2)) + np.array([1e13, 0])
    problem = Problem(X, rng.standard_normal(20), 0.01)
    found = certify(problem, [1.0, 0.0])
    assert not found.certified


# ---------------------------------------------------------------- proven zeros, signs, error bounds


@pytest.mark.slow
@pytest.mark.parametrize(("loss", "name"), EVERY)
def test_proofs_against_an_accurate_solution(loss, name):
    rng = np.random.default_rng(1)
    for options in cases():
        problem = make(loss, name, seed=9, **options)
        w, _, theta = best(problem)
        size = np.abs(w).max()
        for noise in (0.0, 1e-6, 1e-3, 3e-2):
            point = w + noise * size * rng.standard_normal(6) * ~problem.penalty.excluded
            point = np.maximum(point, 0) if problem.penalty.nonnegative else point
            found = certify(problem, point, None, theta)
            assert (np.abs(w[found.proven_zeros]) < 1e-6 * max(size, 1)).all()
            assert (np.abs(point - w) <= found.coef_error + 2e-6 * max(size, 1)).all()
            signs = found.proven_signs
            assert (signs[signs != 0] == np.sign(w[signs != 0])).all()
            assert not (found.proven_zeros & (signs != 0)).any()
        assert found.proven_zeros[problem.penalty.excluded].all()
        assert not found.proven_zeros[(problem.penalty.c == 0) & (problem.X.T @ theta > -1e-3)].any()


@pytest.mark.slow
@pytest.mark.parametrize("loss", SMOOTH)
def test_the_sphere_holds_the_optimal_multipliers_and_no_much_smaller_one_does(loss):
    """With few samples, a multiplier lies near the sphere's surface in the direction of some feature."""
    largest = 0.0
    for seed in range(12):
        rng = np.random.default_rng(seed)
        X, intercept = rng.standard_normal((3, 8)), bool(seed % 2)
        y = np.array([1.0, 0.0, 1.0]) if loss in ("logistic", "squared_hinge") else np.abs(rng.standard_normal(3))
        problem = Problem(X, y, 1.0, loss=loss, intercept=intercept, sample_weight=rng.uniform(0.5, 2, 3))
        problem = problem.with_lam(0.5 * problem.lambda_max)
        w, _, theta = best(problem)
        optimum = X.T @ theta
        for noise in (1e-2, 0.3):
            # a wide tolerance: no better multiplier than the point's own is looked for
            found = certify(problem, w + noise * rng.standard_normal(8) * (w != 0), tol=0.999)
            moved = np.abs(optimum - X.T @ found.theta)
            assert (moved <= found.evidence.radius + 1e-7).all()
            largest = max(largest, float((moved / found.evidence.radius).max()))
    assert largest > 0.3


@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_all_strict_zeros_and_signs_are_proven_at_the_optimum(loss):
    for seed in range(4):
        problem = make(loss, n=60, seed=seed, ratio=0.25)
        w, b, theta = best(problem)
        found = certify(problem, w, b, theta)
        z = problem.X.T @ theta
        strict = np.abs(z) < problem.lam * (1 - 1e-3)
        np.testing.assert_array_equal(found.proven_zeros, strict)
        np.testing.assert_array_equal(found.proven_signs, np.where(strict, 0, np.sign(z)))
        assert found.uniqueness.verdict == "unique"


def test_coef_error_against_scikit_learn():
    rng = np.random.default_rng(2)
    X = rng.standard_normal((50, 8)) * np.logspace(-3, 3, 8)
    y = X @ (rng.standard_normal(8) / np.logspace(-3, 3, 8)) + rng.standard_normal(50)
    exact = Lasso(1e-3, tol=1e-13, max_iter=10**6).fit(X, y).coef_
    problem = Problem(X, y, 1e-3)
    for tol in (1e-1, 1e-2, 1e-4, 1e-8):
        w = Lasso(1e-3, tol=tol, max_iter=10**6).fit(X, y).coef_
        assert (np.abs(w - exact) <= certify(problem, w).coef_error * (1 + 1e-6) + 1e-12 * np.abs(exact)).all()


# ---------------------------------------------------------------- uniqueness


def moved_objective(problem, w, b, direction):
    drift = problem.s @ (problem.X @ direction) / problem.s.sum() if problem.intercept else 0.0
    return problem.objective(w + direction, b - drift)


@pytest.mark.slow
@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("loss", ["squared", "logistic", "huber", "poisson"])
def test_duplicates_that_are_active_are_not_unique(loss, intercept):
    for name in ("l1", "nonnegative_l1"):
        base = make(loss, name, n=40, seed=1, intercept=intercept)
        j = int(np.argmax(np.abs(best(base)[0])))
        X = np.column_stack([base.X, base.X[:, j]])
        problem = Problem(X, base.y, base.lam, loss=loss, penalty=name, intercept=intercept)
        w, b, theta = best(problem)
        for start in (w, np.append(w[:6] + np.eye(6)[j] * w[6], 0.0)):
            found = certify(problem, start, b, theta)
            assert found.certified
            assert found.uniqueness.verdict == "not unique", found.uniqueness
            direction = found.uniqueness.direction
            assert np.abs(direction).max() > 1e-3 * np.abs(w).max()
            np.testing.assert_allclose(X @ direction, 0, atol=1e-9)
            moved = moved_objective(problem, start, b, direction)
            assert moved - problem.objective(start, b) <= 1e-8 * problem.scale


def test_duplicates_that_are_proven_zero_leave_the_solution_unique():
    base = make("squared", n=40, seed=4, ratio=0.4)
    w, b, theta = best(base)
    j = int(np.argmin(np.abs(base.X.T @ theta)))
    problem = Problem(np.column_stack([base.X, base.X[:, j]]), base.y, base.lam)
    found = certify(problem, np.append(w, 0), b, theta)
    assert found.proven_zeros[[j, 6]].all()
    assert found.uniqueness.verdict == "unique"


def test_uniqueness_of_generic_wide_data_and_of_elastic_nets():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((15, 40))
    y = X[:, 0] - X[:, 1] + 0.1 * rng.standard_normal(15)
    for shape in ("l1", ElasticNet(l1_ratio=0.5)):
        for ratio in (0.5, 0.05):
            problem = Problem(X, y, 1.0, penalty=shape)
            problem = problem.with_lam(ratio * problem.lambda_max)
            w, b, theta = best(problem)
            assert certify(problem, w, b, theta).uniqueness.verdict == "unique"
    doubled = Problem(np.hstack([X, X]), y, problem.lam, penalty=ElasticNet(l1_ratio=0.5))
    w, b, theta = best(doubled)
    assert certify(doubled, w, b, theta).uniqueness.verdict == "unique"


def test_raw_weights_of_a_wide_problem_are_no_obstacle():
    """Weights that an interior point method leaves near 0 do not stand in the way of signs and uniqueness."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((10, 25))
    problem = Problem(X, X[:, 0] - X[:, 1] + 0.1 * rng.standard_normal(10), 0.1)
    w, b, theta = best(problem)
    raw = np.where(w == 0, 1e-9, w)
    found = certify(problem, raw, b, theta)
    assert found.uniqueness.verdict == "unique"
    assert (found.proven_signs == np.sign(w)).all()
    assert (np.abs(raw - w) <= found.coef_error).all()


def test_non_uniqueness_is_not_claimed_at_a_bad_point():
    """The duplicated feature is 0 in the one solution, but not at this point."""
    base = make("squared", n=40, seed=4, ratio=0.4)
    w, b, theta = best(base)
    j = int(np.argmin(np.abs(base.X.T @ theta)))
    problem = Problem(np.column_stack([base.X, base.X[:, j]]), base.y, base.lam)
    bad = np.append(w, 0.3)
    bad[j] = 0.3
    assert certify(problem, bad, b).uniqueness.verdict != "not unique"


def test_rank_deficiency_of_columns_with_large_means_is_seen():
    rng = np.random.default_rng(0)
    A = np.round(8 * rng.standard_normal((200, 2))) + 1e10
    X = np.column_stack([A, A[:, 0] + A[:, 1]])
    problem = Problem(X, rng.standard_normal(200) + A[:, 0] - 1e10, 0.0)
    assert certify(problem, [1.0, 0, 0]).uniqueness.verdict != "unique"


def test_without_a_penalty():
    rng = np.random.default_rng(5)
    for n, verdict in ((30, "unique"), (4, "not unique")):
        X, y = rng.standard_normal((n, 8)), rng.standard_normal(n)
        problem = Problem(X, y, 0.0)
        A = np.column_stack([X, np.ones(n)])
        v = np.linalg.lstsq(A, y, rcond=None)[0]
        found = certify(problem, v[:8], v[8])
        assert found.certified
        assert found.uniqueness.verdict == verdict
        assert not found.proven_zeros.any()
        assert not certify(problem, v[:8] + 0.01, v[8]).certified
    constant = Problem(np.column_stack([X[:, :2], np.full(4, 0.1)]), y, 0.0)
    v = np.linalg.lstsq(constant.X - constant.X.mean(axis=0), y - y.mean(), rcond=None)[0]
    assert certify(constant, v).uniqueness.verdict == "not unique"


# ---------------------------------------------------------------- piecewise linear loss


@pytest.mark.slow
@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("level", [0.5, 0.2])
def test_quantile_coefficients_alone_are_certified(level, tied):
    rng = np.random.default_rng(1)
    for seed in range(3):
        X = rng.standard_normal((30, 5))
        y = X[:, 0] + rng.standard_normal(30)
        y = np.round(y) if tied else y
        model = QuantileRegressor(quantile=level, alpha=0.04, solver="highs").fit(X, y)
        problem = Problem(X, y, 0.04, loss=LOSSES["quantile"](level))
        found = certify(problem, model.coef_, model.intercept_)
        assert found.certified, seed
        assert VIOLATED not in found.states
        assert not certify(problem, model.coef_ + 0.01 * np.eye(5)[0], model.intercept_).certified


@pytest.mark.slow
@pytest.mark.parametrize("name", PENALTY_NAMES)
def test_a_certified_point_has_no_violated_feature(name):
    for loss in LOSS_NAMES:
        for options in cases(0, 2):
            problem = make(loss, name, **options)
            w, b, theta = best(problem)
            found = certify(problem, w, b, theta)
            assert found.certified
            assert VIOLATED not in found.states


# ---------------------------------------------------------------- invariance


@pytest.mark.parametrize("loss", LOSS_NAMES)
def test_permutations_and_dropped_rows_change_nothing(loss):
    rng = np.random.default_rng(0)
    problem = make(loss, sample_weights="zeros", weights="mixed")
    w, weight = np.array([0.5, -0.2, 0, 0.1, 0.3, 0]), problem.s
    found = certify(problem, w)
    rows, columns = rng.permutation(25), rng.permutation(6)
    kept = np.flatnonzero(weight)
    for r, c in ((rows, columns), (kept, np.arange(6))):
        shape = L1(weights=problem.penalty.c[c])
        same = Problem(problem.X[r][:, c], problem.y[r], problem.lam, loss=loss, penalty=shape, sample_weight=weight[r])
        other = certify(same, w[c])
        if loss == "quantile":  # several dual points fit a point that is not optimal
            assert other.primal == pytest.approx(found.primal, rel=1e-12)
            continue
        assert other.gap == pytest.approx(found.gap, rel=1e-9)
        assert other.relative_gap == pytest.approx(found.relative_gap, rel=1e-9)
        np.testing.assert_array_equal(other.states, found.states[c])


@pytest.mark.parametrize("unit", [1e-60, 1e-8, 1e8, 1e60])
def test_relative_gap_has_no_units(unit):
    problem = make("squared", weights="mixed")
    w, b, _ = best(problem)
    w[0] += 0.01
    scaled = Problem(problem.X, unit * problem.y, unit * problem.lam, penalty=problem.penalty)
    found, other = certify(problem, w, b), certify(scaled, unit * w, unit * b)
    assert other.relative_gap == pytest.approx(found.relative_gap, rel=1e-8)
    np.testing.assert_array_equal(other.states, found.states)
    np.testing.assert_array_equal(other.proven_zeros, found.proven_zeros)


def test_a_group_of_singletons_is_the_lasso():
    problem = make("squared")
    groups = Group(groups=range(6))
    same = Problem(problem.X, problem.y, problem.lam, penalty=groups)
    w, b, theta = best(problem)
    one, other = certify(problem, w, b, theta), certify(same, w, b, theta)
    assert one.gap == pytest.approx(other.gap, abs=1e-14)
    np.testing.assert_array_equal(one.states, other.states)


def test_nonnegative_cone_of_free_features_keeps_the_domain():
    """The projection onto the cone must not push a multiplier across 0, where its domain ends."""
    rng = np.random.default_rng(0)
    X = matrix(40, 6, "C", rng)
    for loss in ("squared_hinge", "logistic"):
        y = targets(loss, 4 * X[:, 0] - 3 * X[:, 1], rng)
        problem = Problem(X, y, 1e-3, loss=loss, penalty=NonnegativeL1(weights=[0, 0, 1, 1, 1, 1]))
        assert certify(problem, best(problem)[0]).certified


# ---------------------------------------------------------------- what a first user stumbled on


def test_gap_of_a_peers_answer_is_near_its_true_suboptimality():
    """Far from the optimum the rescaled gradient wastes the gap; the multiplier on the support does not."""
    rng = np.random.default_rng(0)
    X = np.cumsum(rng.standard_normal((100, 40)), axis=1)
    problem = Problem(X, X[:, 5] - X[:, 30] + rng.standard_normal(100), 1.0)
    problem = problem.with_lam(0.01 * problem.lambda_max)
    peer = Lasso(alpha=problem.lam, tol=1e-4, max_iter=10**5).fit(X, problem.y)
    exact = Lasso(alpha=problem.lam, tol=1e-14, max_iter=10**6).fit(X, problem.y)
    found = certify(problem, peer.coef_, peer.intercept_)
    excess = found.primal - problem.objective(exact.coef_, exact.intercept_)
    assert excess - found.rounding <= found.gap <= 3 * excess + 1e-9 * problem.scale


def test_margin_of_a_zero_in_an_active_group_is_its_own():
    rng = np.random.default_rng(1)
    problem = Problem(rng.standard_normal((30, 3)), rng.standard_normal(30), 0.02, penalty=Group(groups=[0, 0, 1]))
    w = np.array([0.5, 0.0, 0.0])
    found = certify(problem, w)
    assert found.margin[1] == pytest.approx(-abs(problem.gradient(w, found.intercept)[1]))
    assert found.states[1] == "violated"


def test_margin_of_a_weight_that_is_not_allowed():
    rng = np.random.default_rng(1)
    problem = Problem(rng.standard_normal((30, 2)), rng.standard_normal(30), 0.2, penalty=L1(weights=[1.0, np.inf]))
    found = certify(problem, [0.0, 1.0])
    assert found.margin[1] == -np.inf
    assert found.states[1] == "violated"


@pytest.mark.parametrize("loss", ["squared", "logistic", "poisson"])
def test_intercept_gain_is_at_most_what_the_best_intercept_brings(loss):
    problem = make(loss)
    w = np.zeros(6)
    best_b = certify(problem, w).intercept
    off = certify(problem, w, best_b + 0.3)
    brought = off.primal - certify(problem, w).primal
    assert 0 < off.intercept_gain <= brought + 1e-12
    assert certify(problem, w).intercept_gain < 1e-20
    assert "VIOLATED" in str(off)


@pytest.mark.parametrize("tol", [0.0, -1.0, 1.0, np.nan, "a"])
def test_tolerances_out_of_range(tol):
    with pytest.raises(InputError, match="tol: found"):
        certify(make(), np.zeros(6), tol=tol)


def test_something_else_than_a_problem():
    with pytest.raises(InputError, match="problem: found ndarray; allowed is a Problem"):
        certify(np.zeros((3, 2)), np.zeros(2))


# ---------------------------------------------------------------- what a reviewer found


def test_an_infinite_gap_is_never_certified():
    rng = np.random.default_rng(0)
    problem = Problem(rng.standard_normal((20, 4)), np.zeros(20), 0.1, penalty="nonnegative_l1", intercept=False)
    assert not certify(problem, [-1.0, 0, 0, 0]).certified


def test_nearly_collinear_columns_are_not_called_dependent():
    """Integer data, columns that differ by 2^-36: independent, so the solution is unique, whatever a small gap says."""
    x, v = (np.random.default_rng(seed).integers(-8, 9, 50).astype(float) for seed in (3, 4))
    problem = Problem(np.column_stack([x, x + v * 2.0**-36]), x + 0.3 * v, 0.05)
    w, b, theta = best(problem)
    assert certify(problem, w, b, theta).uniqueness.verdict != "not unique"


def test_an_intercept_on_flat_ground_is_not_unique():
    y = np.where(np.arange(20) < 10, -100.0, 100.0)
    problem = Problem(np.random.default_rng(0).standard_normal((20, 4)), y, 50.0, loss="huber")
    for b in (-50.0, 0.0, 50.0):
        found = certify(problem, np.zeros(4), b)
        assert found.certified
        assert found.uniqueness.verdict == "undecided"


def test_no_solution_is_not_called_not_unique():
    X = np.random.default_rng(0).standard_normal((10, 30))
    problem = Problem(X, (X[:, 0] > 0).astype(float), 0.0, loss="logistic")
    found = certify(problem, 40 * np.linalg.pinv(X) @ (2 * problem.y - 1), 0.0)
    assert "no solution exists" in found.uniqueness.reason


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["C", "csr"])
@pytest.mark.parametrize("size", [25, 9000])  # small data are summed in extended precision
@pytest.mark.parametrize("loss", LOSS_NAMES)
def test_certifying_along_lam_is_certifying_each(loss, size, kind):
    rng = np.random.default_rng(0)
    problem = make(loss, n=size, kind=kind, weights="mixed")
    points = []
    for lam in (0.5, 0.2, 0.05):
        coef = rng.standard_normal(6) * [1, 1, 1, 1, 1, 0] * 0.1
        points.append((problem.with_lam(lam), coef, float(rng.standard_normal())))
    for together, (at_lam, coef, b) in zip(certify_along(points, tol=1e-6), points, strict=True):
        alone = certify(at_lam, coef, b, tol=1e-6)
        assert together.problem is at_lam
        for name in ("primal", "dual", "gap", "rounding", "relative_gap", "intercept_gradient"):
            assert getattr(together, name) == pytest.approx(getattr(alone, name), rel=1e-9, abs=1e-13 * problem.scale)
        np.testing.assert_allclose(together.theta, alone.theta, rtol=1e-9, atol=1e-15)
        np.testing.assert_allclose(together.margin, alone.margin, rtol=1e-8, atol=1e-12)
        assert together.proven_zeros.tolist() == alone.proven_zeros.tolist()


def test_correlations_are_summed_anew_when_they_are_asked_for(monkeypatch):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((30_000, 3))
    problem = Problem(X, (X[:, 0] + rng.standard_normal(30_000) > 0).astype(float), loss="logistic")
    problem = problem.with_lam(1e-2 * problem.lambda_max)
    found, calls = solve(problem, tol=1e-10), []
    real = rounding_bounds._sharpened
    monkeypatch.setattr(rounding_bounds, "_sharpened", lambda *given: calls.append(1) or real(*given))
    certificate = certify(problem, found.coef, found.intercept, tol=1e-6)
    assert certificate.certified
    assert not calls
    assert certificate.rounding <= certificate.evidence.rough_rounding
    assert calls
