"""Interior points for quantile regression, against the linear program as SciPy and scikit-learn state and solve it."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from sklearn.linear_model import QuantileRegressor

import lassoopt as lo
from lassoopt.losses import Quantile
from lassoopt.penalties import L1, Group, NonnegativeL1
from lassoopt.problems.predictor_corrector import PredictorCorrector
from lassoopt.solvers import interior_point

TOL = {
    "gap": 1e-12,  # relative, of our certificate, where the data are of ordinary size
    "peer": 1e-9,  # an optimal value by HiGHS, relative to the null model's
    "same": 1e-9,  # one answer from two statements of a problem, relative
}
SHAPES = [(1, 1), (1, 4), (6, 1), (40, 5), (12, 30), (30, 30)]


def dense(X):
    return X.toarray() if sp.issparse(X) else X


def reference(problem: lo.Problem) -> float:
    """The optimal value by HiGHS, of the primal program: residuals and weights split by their signs."""
    n, c = len(problem.y), problem.penalty.c
    used, one = np.isfinite(c), np.ones((n, int(problem.intercept)))
    X, price = dense(problem.X)[:, used], problem.lam * c[used]
    both = () if problem.penalty.nonnegative else (-X,)
    rows = np.hstack([X, *both, one, -one, np.eye(n), -np.eye(n)])
    level, s = problem.loss.level, problem.s
    cost = np.concatenate([*[price] * (1 + len(both)), *[np.zeros(one.shape[1])] * 2, level * s, (1 - level) * s])
    found = linprog(cost, A_eq=rows, b_eq=problem.y, method="highs")
    assert found.status == 0
    return float(found.fun)


def design(n: int, p: int, kind: str, rng: np.random.Generator):
    X = rng.standard_normal((n, p))
    if kind == "integers":
        return rng.integers(-2, 3, (n, p)).astype(float)
    if kind == "heavy":
        return rng.standard_t(1.5, (n, p))
    if kind == "duplicates":
        X[:, 1::2] = X[:, : 2 * (p // 2) : 2]
    if kind == "collinear":
        X[:, -1] = X[:, : p - 1] @ rng.integers(-2, 3, p - 1) if p > 1 else 1.0
    if kind == "far":
        X += 1000 * rng.integers(-2, 3, p)
    if kind in ("csr", "csc"):
        X[rng.random((n, p)) < 0.6] = 0.0
        return sp.csr_array(X) if kind == "csr" else sp.csc_array(X)
    return np.asfortranarray(X) if kind == "F" else X


def targets(X, kind: str, rng: np.random.Generator) -> np.ndarray:
    y = 2 * dense(X)[:, 0] / max(1.0, np.abs(dense(X)[:, 0]).max()) + rng.standard_normal(X.shape[0])
    made = {"ties": np.round(y), "two": (y > 0).astype(float), "constant": np.full(y.size, 3.0)}
    return made.get(kind, y * rng.standard_t(1, y.size) if kind == "heavy" else y)


def check(problem: lo.Problem) -> lo.Solution:
    """The answer is certified, has the value that HiGHS finds, and is bounded by its own dual point."""
    solution = interior_point.solve(problem)
    certificate = solution.certificate
    assert solution.status is lo.Status.OPTIMAL
    assert certificate.relative_gap <= TOL["gap"] or certificate.gap <= 4 * certificate.rounding
    best, size = reference(problem), max(problem.scale, 1e-9)
    assert certificate.primal == pytest.approx(best, abs=TOL["peer"] * size)
    assert certificate.dual <= best + TOL["peer"] * size
    return solution


@pytest.mark.parametrize("kind", ["normal", "F", "csr", "csc", "integers", "heavy", "duplicates", "collinear", "far"])
@pytest.mark.parametrize("penalty", [L1, NonnegativeL1])
def test_against_highs(kind, penalty):
    ways = zip(
        SHAPES,
        itertools.cycle(["plain", "ties", "heavy", "two", "constant"]),
        itertools.cycle([0.5, 0.1, 0.9, 0.25]),
        itertools.cycle([True, False, True]),
        itertools.cycle([0.1, 0.5, 0.01, 1e-4]),
        strict=False,
    )
    for seed, ((n, p), of_y, level, intercept, ratio) in enumerate(ways):
        rng = np.random.default_rng([seed, len(kind)])
        X = design(n, p, kind, rng)
        y = targets(X, of_y, rng)
        weights = None if seed % 2 else np.where(rng.random(n) < 0.2, 0.0, rng.random(n)) + np.eye(n)[0]
        c = None if seed % 3 else rng.choice([0.0, 0.5, 1.0, 2.0, np.inf], p)
        problem = lo.Problem(
            X, y, 1.0, loss=Quantile(level=level), penalty=penalty(weights=c), intercept=intercept,
            scaling=("mean", "sum")[seed % 2], sample_weight=weights,
        )  # fmt: skip
        check(problem.with_lam(ratio * max(problem.lambda_max, 1e-3)))


@pytest.mark.parametrize(("n", "p"), [(300, 20), (60, 200)])
@pytest.mark.parametrize("level", [0.1, 0.5, 0.9])
def test_against_scikit_learn(n, p, level):
    rng = np.random.default_rng(n)
    X, weights = rng.standard_normal((n, p)), rng.random(n) + 0.1
    y = X[:, :3].sum(axis=1) + rng.standard_normal(n)
    problem = lo.Problem(X, y, 1.0, loss=Quantile(level=level), sample_weight=weights)
    problem = problem.with_lam(0.1 * problem.lambda_max)
    peer = QuantileRegressor(quantile=level, alpha=problem.lam).fit(X, y, sample_weight=weights / weights.mean())
    solution = interior_point.solve(problem)
    value = problem.objective(peer.coef_, float(peer.intercept_))
    assert solution.certificate.relative_gap <= TOL["gap"]
    assert solution.certificate.primal == pytest.approx(value, rel=TOL["peer"])
    np.testing.assert_allclose(solution.coef, peer.coef_, atol=1e-6)  # the vertex is unique: the zeros are the same
    assert np.array_equal(solution.coef != 0, np.abs(peer.coef_) > 1e-9)


@pytest.mark.parametrize("shape", [(30, 8), (10, 25)])
@pytest.mark.parametrize("intercept", [True, False])
def test_no_penalty(shape, intercept):
    """lam = 0, or all features free: the columns' span is all that counts, dependent or not."""
    rng = np.random.default_rng(4)
    X = rng.standard_normal(shape)
    X[:, 1] = 2 * X[:, 0]
    y = X[:, 0] + rng.standard_normal(shape[0])
    for penalty in (L1(), NonnegativeL1()):
        check(lo.Problem(X, y, 0.0, loss="quantile", penalty=penalty, intercept=intercept))
    check(lo.Problem(X, y, 0.3, loss="quantile", penalty=L1(weights=np.zeros(shape[1])), intercept=intercept))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_small_integers(data):
    """Ties everywhere: in X, in y, and between lam and the correlations."""
    check(integers(data))


@pytest.mark.search
@settings(max_examples=10_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_many_small_integers(data):
    check(integers(data))


def integers(data) -> lo.Problem:
    n, p = data.draw(st.integers(1, 8)), data.draw(st.integers(1, 6))
    entries = st.lists(st.integers(-3, 3), min_size=n, max_size=n)
    X = np.array([data.draw(entries) for _ in range(p)], dtype=float).T
    y = np.array(data.draw(entries), dtype=float)
    return lo.Problem(
        X, y, data.draw(st.integers(0, 12)) / 4,
        loss=Quantile(level=data.draw(st.sampled_from([0.25, 0.5, 0.75]))),
        penalty=data.draw(st.sampled_from([L1(), NonnegativeL1()])),
        intercept=data.draw(st.booleans()),
        scaling="sum",
    )  # fmt: skip


@pytest.mark.parametrize("of_x", [-100, -20, 0, 20, 100])
@pytest.mark.parametrize("of_y", [-100, 0, 100])
def test_other_units(of_x, of_y):
    rng = np.random.default_rng(1)
    for n, p in ((40, 8), (10, 30)):
        X = rng.standard_normal((n, p))
        y = X[:, 0] + rng.standard_normal(n)
        problem = lo.Problem(X, y, 1.0, loss="quantile")
        problem = problem.with_lam(0.1 * problem.lambda_max)
        plain = interior_point.solve(problem)
        x, k = 10.0**of_x, 10.0**of_y
        other = interior_point.solve(lo.Problem(X * x, y * k, problem.lam * x, loss="quantile"))
        assert other.status is lo.Status.OPTIMAL
        assert other.certificate.relative_gap <= TOL["gap"]
        np.testing.assert_allclose(other.coef * x / k, plain.coef, rtol=TOL["same"], atol=0)
        assert other.intercept / k == pytest.approx(plain.intercept, rel=TOL["same"])


def test_powers_of_two_change_nothing():
    rng = np.random.default_rng(2)
    X = rng.standard_normal((50, 6))
    y, scale = X[:, 0] + rng.standard_normal(50), 2.0 ** rng.integers(-30, 31, 6)
    plain = interior_point.solve(lo.Problem(X, y, 0.02, loss="quantile"))
    scaled = lo.Problem(X * scale, 2.0**40 * y, 0.02, loss="quantile", penalty=L1(weights=scale))
    other = interior_point.solve(scaled)
    assert other.iterations == plain.iterations
    np.testing.assert_array_equal(other.coef * scale / 2.0**40, plain.coef)


def ordinary(n: int = 200, p: int = 30, **options) -> lo.Problem:
    rng = np.random.default_rng(5)
    X = rng.standard_normal((n, p))
    problem = lo.Problem(X, X[:, 0] + rng.standard_normal(n), 1.0, loss="quantile", **options)
    return problem.with_lam(0.1 * problem.lambda_max)


def test_history_callback_and_interrupt():
    problem, seen = ordinary(), []
    solution = interior_point.solve(problem, callback=seen.append)
    history = solution.history
    assert history.iteration.tolist() == [progress.iteration for progress in seen]
    assert len(history) >= 3
    assert np.all(np.diff(history.iteration) > 0)
    assert np.all(np.diff(history.gap) <= 0)
    excess = (history.objective - solution.certificate.primal) / problem.scale
    assert np.all(excess <= history.gap + TOL["gap"])  # each gap bounds the true suboptimality at its time

    stopped = interior_point.solve(problem, callback=lambda progress: progress.iteration > 0)
    assert stopped.status is lo.Status.INTERRUPTED
    assert stopped.iterations == seen[1].iteration

    def interrupt(progress):
        raise KeyboardInterrupt

    broken = interior_point.solve(problem, callback=interrupt)
    assert broken.status is lo.Status.INTERRUPTED
    assert np.isfinite(broken.certificate.gap)


def test_ctrl_c_in_the_middle(monkeypatch):
    count, real = itertools.count(1), PredictorCorrector.advance

    def advance(self):
        if next(count) == 7:
            raise KeyboardInterrupt
        return real(self)

    monkeypatch.setattr(PredictorCorrector, "advance", advance)
    solution = interior_point.solve(ordinary())
    assert solution.status is lo.Status.INTERRUPTED
    assert 0 < solution.certificate.gap < np.inf


@pytest.mark.parametrize("max_iter", [1, 2, 5, 9])
def test_an_iteration_limit_is_said_with_an_honest_gap(max_iter):
    problem = ordinary()
    best = reference(problem)
    solution = interior_point.solve(problem, max_iter=max_iter)
    assert solution.iterations == max_iter
    assert solution.certificate.certified == (solution.status is lo.Status.OPTIMAL)
    assert solution.certificate.dual <= best * (1 + TOL["peer"])
    assert solution.certificate.primal - best <= solution.certificate.proven_gap + TOL["peer"] * best
    with pytest.raises(lo.InputError, match="max_iter: found 0"):
        interior_point.solve(problem, max_iter=0)


def test_a_warm_start_that_is_optimal_is_the_answer():
    problem = ordinary()
    first = interior_point.solve(problem)
    again = interior_point.solve(problem, warm_start=first)
    assert again.iterations == 0
    np.testing.assert_array_equal(again.coef, first.coef)
    near = interior_point.solve(problem.with_lam(0.9 * problem.lam), warm_start=first)
    assert near.certificate.relative_gap <= TOL["gap"]


def test_which_problems_fit():
    assert interior_point.fits(ordinary())
    assert interior_point.fits(ordinary(penalty="nonnegative_l1"))
    assert not interior_point.fits(ordinary(penalty=Group(groups=np.arange(30) // 3)))
    assert not interior_point.fits(ordinary(penalty="elastic_net"))
    squared = lo.Problem(np.eye(3), np.ones(3), 0.1)
    assert not interior_point.fits(squared)
    with pytest.raises(lo.InputError, match="interior_point takes the quantile loss"):
        lo.solve(squared, "interior_point")


def test_auto_takes_it_and_admm_where_it_does_not_get_there(monkeypatch):
    assert lo.solve(ordinary()).solver == "interior_point"
    monkeypatch.setattr(PredictorCorrector, "advance", lambda self: False)
    rescued = lo.solve(ordinary())
    assert rescued.solver == "admm"
    assert rescued.status is lo.Status.OPTIMAL


def test_sparse_is_never_densified(monkeypatch):
    X = sp.random_array((60, 90), density=0.1, rng=np.random.default_rng(3), format="csc")
    y = X.toarray()[:, 0] + np.random.default_rng(4).standard_normal(60)
    for rows in (X, sp.csr_array(X.T)):
        problem = lo.Problem(rows, np.resize(y, rows.shape[0]), 0.004, loss="quantile")
        whole = interior_point.solve(lo.Problem(rows.toarray(), problem.y, 0.004, loss="quantile"))
        with monkeypatch.context() as patch:
            for kind in (sp.csc_array, sp.csr_array):
                real = kind.toarray

                def guarded(self, *args, real=real, shape=problem.shape, **options):
                    assert self.shape != shape, "the whole design was densified"
                    return real(self, *args, **options)

                patch.setattr(kind, "toarray", guarded)
            solution = interior_point.solve(problem)
        assert solution.certificate.primal == pytest.approx(whole.certificate.primal, rel=TOL["same"])
        assert np.count_nonzero(solution.coef) < 60


def test_a_certificate_with_a_closed_gap_solves_no_linear_program(monkeypatch):
    """The given multiplier proves all that can be proven; without it, or with a poor one, others are looked for."""
    problem = ordinary()
    solution = interior_point.solve(problem)
    w, b, theta = solution.coef, solution.intercept, solution.theta
    searched = lo.certify(problem, w, b)
    import scipy.optimize

    calls = []
    real = scipy.optimize.linprog
    monkeypatch.setattr(scipy.optimize, "linprog", lambda *args, **options: calls.append(1) or real(*args, **options))
    found = lo.certify(problem, w, b, theta)
    assert not calls
    assert found.certified
    assert found.proven_gap <= 2 * searched.proven_gap
    poor = lo.certify(problem, w, b, 0.5 * theta)
    assert calls
    assert poor.gap == pytest.approx(searched.gap, abs=searched.rounding)


@pytest.mark.parametrize("shape", [(30, 100), (60, 200)])
def test_a_fit_that_meets_all_targets_is_certified_without_a_multiplier(shape):
    """All residuals are rounding there: none is large beside which others are small."""
    rng = np.random.default_rng(6)
    X = rng.standard_normal(shape)
    problem = lo.Problem(X, X[:, 0] + rng.standard_normal(shape[0]), 1.0, loss="quantile")
    problem = problem.with_lam(0.02 * problem.lambda_max)
    solution = interior_point.solve(problem)
    assert np.abs(problem.predict(solution.coef, solution.intercept) - problem.y).max() < 1e-12
    for noise in (0.0, 1e-13):  # as of a solver that ends with its own rounding
        found = lo.certify(problem, solution.coef * (1 + noise * rng.standard_normal(shape[1])), solution.intercept)
        assert found.relative_gap <= 1e-10


def test_in_a_large_problem_what_is_asked_for_is_enough(monkeypatch):
    from lassoopt.certificates import certification

    problem = ordinary()
    stopped = interior_point.solve(problem, callback=lambda progress: progress.gap < 1e-2)
    w, b, theta = stopped.coef, stopped.intercept, stopped.theta
    sharp = lo.certify(problem, w, b, theta, tol=0.1)
    monkeypatch.setattr(certification, "_LARGEST_SEARCHED", 0)
    enough, wanted = (lo.certify(problem, w, b, theta, tol=tol) for tol in (0.1, 1e-8))
    assert enough.certified
    assert sharp.gap <= enough.gap <= 0.1 * problem.scale
    assert wanted.gap == sharp.gap  # where it is not, others are looked for as ever
