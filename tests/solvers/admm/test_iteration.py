"""ADMM: each step by its definition, its answers against scikit-learn and against the certificate."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.datasets import load_diabetes
from sklearn.linear_model import ElasticNet, Lasso, LogisticRegression, QuantileRegressor

from lassoopt.certificates.newton_on_support import polish
from lassoopt.errors import InputError
from lassoopt.losses import LOSSES, Quantile
from lassoopt.penalties import L1, PENALTIES, Group, SparseGroup
from lassoopt.problems.problem import Problem
from lassoopt.solvers.admm import iteration
from lassoopt.solvers.admm.graph_projection import GraphProjection
from lassoopt.solvers.solution import Status

TOL = {
    "projection": 1e-12,  # against a dense least-squares solve
    "peer": 1e-7,  # coefficients, against scikit-learn at its tightest
    "loose peer": 1e-4,  # against scikit-learn's liblinear and HiGHS tolerances
    "stationary": 1e-10,
}


def make(loss="squared", *, n=60, p=20, seed=0, kind="dense", **options):
    """A seeded problem at 0.1 lambda_max with targets in the loss's domain."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, p)) * np.exp(rng.standard_normal(p)) + rng.standard_normal(p)
    if kind == "sparse":
        X = sp.random_array((n, p), density=0.2, rng=rng, format="csr", data_sampler=rng.standard_normal)
    signal = X @ np.r_[rng.standard_normal(4), np.zeros(p - 4)]
    signal = signal / signal.std() + 0.5 * rng.standard_normal(n)
    if loss in ("logistic", "squared_hinge"):
        y = (signal > 0).astype(float)
    elif loss == "poisson":
        y = rng.poisson(np.exp(np.clip(signal, -3, 2))).astype(float)
    else:
        y = 3 * signal + 1
    problem = Problem(X, y, 1.0, loss=loss, **options)
    return problem.with_lam(0.1 * problem.lambda_max)


def penalty(name, p):
    kind = PENALTIES[name]
    return kind(groups=np.arange(p) // 3) if issubclass(kind, Group) else kind()


@pytest.mark.parametrize("kind", ["dense", "sparse"])
@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("shape", [(30, 12), (12, 30)])
def test_graph_projection_by_definition(kind, intercept, shape):
    n, p = shape
    weights = np.random.default_rng(1).random(n) + 0.1
    problem = make(n=n, p=p, kind=kind, intercept=intercept, sample_weight=weights)
    project = GraphProjection(problem)
    X = problem.X.toarray() if kind == "sparse" else problem.X
    root, unit = np.sqrt(problem.s), project.design.unit
    rng = np.random.default_rng(2)
    c, a = rng.standard_normal(p), rng.standard_normal(n)
    w, u, dw, du = project(c, a)
    # independently: least squares in (w, b), with u = sqrt(s) (X D^-1 w + b)
    columns = root[:, None] * np.column_stack([X / unit, np.ones(n)] if intercept else [X / unit])
    system = np.vstack([columns, np.eye(p, columns.shape[1])])
    solved = np.linalg.lstsq(system, np.concatenate([a, c]), rcond=None)[0]
    np.testing.assert_allclose(w, solved[:p], atol=TOL["projection"])
    np.testing.assert_allclose(u, columns @ solved, atol=TOL["projection"])
    np.testing.assert_allclose(dw, c - w, atol=TOL["projection"])
    np.testing.assert_allclose(du, a - u, atol=TOL["projection"])
    if intercept:
        assert abs(root @ du) < TOL["projection"]


@pytest.mark.parametrize("loss", LOSSES)
def test_one_step_by_the_paper(loss):
    """Proximal points by their defining inequality, residuals as in Boyd et al. (2011), eqs. in sec. 3.3."""
    problem = make(loss)
    method = iteration.ADMM(problem)
    state = method.start(None)
    for _ in range(3):
        before, state = state, method.step(state)
    unit, root, rho, lam = method.unit, method.root, state.rho, problem.lam
    rng = np.random.default_rng(0)

    def g(x):
        return lam * problem.penalty.value(x / unit) + rho / 2 * np.sum((x - (before.w - before.dx)) ** 2)

    def f(v):
        return problem.loss_value(v / root) + rho / 2 * np.sum((v - (before.u - before.dv)) ** 2)

    for scale in (1e-4, 1e-2, 1.0):
        for _ in range(20):
            assert g(state.x) <= g(state.x + scale * rng.standard_normal(state.x.size)) + 1e-12
            assert f(state.v) <= f(state.v + scale * rng.standard_normal(state.v.size)) + 1e-12
    primal = np.linalg.norm(np.r_[state.x - state.w, state.v - state.u])
    size = max(np.linalg.norm(np.r_[state.x, state.v]), np.linalg.norm(np.r_[state.w, state.u]))
    dual = rho * np.linalg.norm(np.r_[state.w - before.w, state.u - before.u])
    dual_size = rho * np.linalg.norm(np.r_[state.dx, state.dv])
    assert state.primal_residual == pytest.approx(primal / size)
    assert state.dual_residual == pytest.approx(dual / dual_size)


def test_plain_iterations_converge_and_rho_changes_nothing_but_speed():
    """Without polish: the answer is scikit-learn's, and theta = rho sqrt(s) dv is the weighted residual."""
    problem = make()
    peer = Lasso(alpha=problem.lam, tol=1e-14, max_iter=10**6).fit(problem.X, problem.y)
    method = iteration.ADMM(problem)
    state = method.start(None)
    for k in range(1, 1001):
        state = method.step(state)
        if k % 100 == 0:
            theta = state.rho * state.dv
            state = method.balance(state)
            np.testing.assert_allclose(state.rho * state.dv, theta, rtol=1e-12)  # only its scaling changes
    np.testing.assert_allclose(state.x / method.unit, peer.coef_, atol=TOL["peer"])
    theta = state.rho * method.root * state.dv
    np.testing.assert_allclose(theta, (problem.y - peer.predict(problem.X)) / len(problem.y), atol=TOL["peer"])


@pytest.mark.parametrize("factor", [0.01, 100.0])
def test_any_first_rho_converges(factor, monkeypatch):
    problem = make()
    usual = iteration.typical_curvature(problem)
    monkeypatch.setattr(iteration, "typical_curvature", lambda _: factor * usual)
    assert iteration.solve(problem, tol=1e-8).status is Status.OPTIMAL


@pytest.mark.slow
@pytest.mark.parametrize(("loss", "name"), list(itertools.product(LOSSES, PENALTIES)))
@pytest.mark.parametrize("intercept", [True, False])
def test_certified_for_every_loss_and_penalty(loss, name, intercept):
    for n, p, kind, scaling in ((60, 20, "dense", "mean"), (25, 40, "dense", "sum"), (50, 30, "sparse", "mean")):
        weights = np.random.default_rng(3).random(n) * (np.arange(n) % 6 > 0)
        problem = make(loss, n=n, p=p, kind=kind, penalty=penalty(name, p), intercept=intercept, scaling=scaling,
                       sample_weight=weights)  # fmt: skip
        solution = iteration.solve(problem, tol=1e-8)
        assert solution.status is Status.OPTIMAL
        assert solution.certificate.relative_gap <= 1e-8
        assert np.all(solution.theta[weights == 0] == 0)


@pytest.mark.parametrize("positive", [False, True])
@pytest.mark.parametrize("l1_ratio", [1.0, 0.4])
def test_against_scikit_learn_elastic_net(positive, l1_ratio):
    if positive and l1_ratio < 1:
        return
    options = {} if l1_ratio == 1 else {"l1_ratio": l1_ratio}
    kind = PENALTIES["nonnegative_l1" if positive else ("l1" if l1_ratio == 1 else "elastic_net")]
    weights = np.random.default_rng(5).random(60) + 0.1
    problem = make(penalty=kind(**options), sample_weight=weights)
    peer = ElasticNet(alpha=problem.lam, l1_ratio=l1_ratio, positive=positive, tol=1e-14, max_iter=10**6)
    peer.fit(problem.X, problem.y, sample_weight=weights)
    solution = iteration.solve(problem, tol=1e-12)
    np.testing.assert_allclose(solution.coef, peer.coef_, atol=TOL["peer"])
    assert solution.intercept == pytest.approx(peer.intercept_, abs=TOL["peer"])


def test_against_scikit_learn_logistic():
    problem = make("logistic", scaling="sum", intercept=False)
    options = {"solver": "liblinear", "tol": 1e-11, "random_state": 0, "max_iter": 10**5, "fit_intercept": False}
    peer = LogisticRegression(C=1 / problem.lam, l1_ratio=1.0, **options)
    peer.fit(problem.X, problem.y)
    np.testing.assert_allclose(iteration.solve(problem).coef, peer.coef_[0], atol=TOL["loose peer"])


def test_against_scikit_learn_quantile():
    problem = make(loss="quantile", penalty="l1")
    problem = Problem(problem.X, problem.y, problem.lam, loss=Quantile(level=0.3))
    peer = QuantileRegressor(quantile=0.3, alpha=problem.lam).fit(problem.X, problem.y)
    solution = iteration.solve(problem)
    assert solution.certificate.primal == pytest.approx(problem.objective(peer.coef_, peer.intercept_), rel=1e-9)


def test_diabetes_to_1e_10_in_under_500_iterations():
    X, y = load_diabetes(return_X_y=True, scaled=False)
    problem = Problem(X, y, 1.0, standardize=True)
    for ratio in np.geomspace(1, 1e-3, 10):
        solution = iteration.solve(problem.with_lam(ratio * problem.lambda_max), tol=1e-10)
        assert solution.status is Status.OPTIMAL
        assert solution.iterations < 500


def test_history_is_that_of_the_answer():
    problem = make("logistic", n=40, p=80)
    solution = iteration.solve(problem, tol=1e-10)
    history = solution.history
    assert len(history) >= 1
    assert np.all(np.diff(history.iteration) > 0)
    assert history.iteration[-1] == solution.iterations
    assert np.all(np.diff(history.gap) <= 0)
    assert np.all(history.objective >= solution.certificate.dual - 1e-12)
    assert history.objective[-1] == pytest.approx(solution.certificate.primal, rel=1e-12)
    # each gap bounds the true suboptimality at its time
    excess = (history.objective - solution.certificate.primal) / problem.scale
    assert np.all(excess <= history.gap + 1e-12)


def test_warm_start_is_faster_and_agrees():
    problem = make(n=40, p=100).with_lam(0.01)
    cold = iteration.solve(problem, tol=1e-10)
    near = problem.with_lam(0.0099)
    warm, fresh = iteration.solve(near, tol=1e-10, warm_start=cold), iteration.solve(near, tol=1e-10)
    assert warm.iterations <= fresh.iterations
    np.testing.assert_allclose(warm.coef, fresh.coef, atol=1e-6)
    again = iteration.solve(problem, tol=1e-10, warm_start=cold)
    assert again.iterations <= iteration._CHECK_EVERY


def test_callback_and_interrupt_leave_a_usable_solution(monkeypatch):
    monkeypatch.setattr(iteration.ADMM, "polished", lambda *_: None)
    problem = make(n=40, p=100)
    seen = []

    def stop_at_third(progress):
        seen.append(progress)
        return len(seen) == 3

    stopped = iteration.solve(problem, tol=1e-12, callback=stop_at_third)
    assert stopped.status is Status.INTERRUPTED
    assert stopped.iterations == seen[-1].iteration
    # the certificate may find a better multiplier than the iteration had
    assert 0 < stopped.certificate.relative_gap <= seen[-1].gap * (1 + 1e-9)

    def interrupt(progress):
        raise KeyboardInterrupt

    broken = iteration.solve(problem, tol=1e-12, callback=interrupt)
    assert broken.status is Status.INTERRUPTED
    assert np.isfinite(broken.certificate.gap)


def test_iteration_limit_is_said_with_an_honest_gap():
    problem = make(n=40, p=100)
    solution = iteration.solve(problem, tol=1e-12, max_iter=1)
    assert solution.status is Status.ITERATION_LIMIT
    best = iteration.solve(problem, tol=1e-12).certificate.primal
    assert solution.certificate.primal - best <= solution.certificate.proven_gap


def test_no_minimiser_is_said():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((40, 3))
    separable = Problem(X, (X[:, 0] > 0).astype(float), 0.0, loss="logistic")
    assert iteration.solve(separable).status is Status.NOT_ATTAINED
    free = Problem(X, (X[:, 0] > 0).astype(float), 0.1, loss="logistic", penalty=L1(weights=[0.0, 1.0, 1.0]))
    assert iteration.solve(free).status is Status.NOT_ATTAINED
    penalised = Problem(X, (X[:, 0] > 0).astype(float), 1e-3, loss="logistic")
    assert iteration.solve(penalised).status is Status.OPTIMAL


@pytest.mark.parametrize("loss", ["squared", "huber", "quantile"])
def test_no_penalty_and_more_features_than_samples(loss):
    solution = iteration.solve(make(loss, n=15, p=40).with_lam(0.0))
    assert solution.status is Status.OPTIMAL
    assert solution.certificate.uniqueness.verdict == "not unique"


@pytest.mark.parametrize("scale", [1e-200, 1e-100, 1e100, 1e200])
def test_extreme_columns(scale):
    base = make()
    solution = iteration.solve(base)
    scaled = Problem(base.X * scale, base.y, base.lam * scale)
    other = iteration.solve(scaled)
    assert other.status is Status.OPTIMAL
    np.testing.assert_allclose(other.coef * scale, solution.coef, atol=1e-6)


@pytest.mark.parametrize("rows", ["n<p", "n>p"])
def test_sparse_design_is_never_densified(rows, monkeypatch):
    problem = make(n=30, p=80, kind="sparse") if rows == "n<p" else make(n=80, p=30, kind="sparse")
    dense = iteration.solve(Problem(problem.X.toarray(), problem.y, problem.lam))
    densify = sp.csc_array.toarray

    def guarded(self, *args, **kwargs):
        assert self.shape != problem.shape, "the whole design was densified"
        return densify(self, *args, **kwargs)

    monkeypatch.setattr(sp.csc_array, "toarray", guarded)
    solution = iteration.solve(problem)
    np.testing.assert_allclose(solution.coef, dense.coef, atol=1e-6)


def test_polish_is_stationary_on_its_support():
    for loss in ("squared", "logistic", "poisson", "huber"):
        for name in ("l1", "elastic_net", "group", "sparse_group"):
            problem = make(loss, penalty=penalty(name, 20))
            start = iteration.solve(problem, tol=1e-3)
            coef, b, theta = polish(problem, start.coef, start.intercept, np.zeros(60, dtype=bool))
            on = coef != 0
            z = -problem.gradient(coef, b)
            np.testing.assert_allclose(theta, problem.theta(problem.predict(coef, b)), atol=TOL["stationary"])
            distance = problem.penalty.subdiff_distance(coef, z, problem.lam)[on] / problem.columns.norm[on]
            assert distance.max() < TOL["stationary"]
            assert abs(theta.sum()) < TOL["stationary"]


def test_a_polished_point_that_is_worse_is_dropped(monkeypatch):
    problem = make(n=40, p=100)
    monkeypatch.setattr(iteration, "polish", lambda problem, *_: (np.ones(100), 0.0, np.zeros(40)))
    solution = iteration.solve(problem, tol=1e-8)
    assert solution.status is Status.OPTIMAL
    assert np.count_nonzero(solution.coef) < 100


@pytest.mark.parametrize(
    ("options", "named"),
    [({"tol": 0.0}, "tol"), ({"tol": -1.0}, "tol"), ({"tol": np.nan}, "tol"), ({"max_iter": 0}, "max_iter")],
)
def test_bad_options(options, named):
    with pytest.raises(InputError, match=named):
        iteration.solve(make(), **options)


def test_warm_start_of_another_shape():
    other = iteration.solve(make(p=19))
    with pytest.raises(InputError, match="warm_start"):
        iteration.solve(make(), warm_start=other)


def test_sparse_group_with_free_and_excluded_features():
    weights = np.ones(20)
    weights[:3], weights[3:6] = 0.0, np.inf
    problem = make(penalty=SparseGroup(groups=np.arange(20) // 4, weights=weights))
    solution = iteration.solve(problem)
    assert solution.status is Status.OPTIMAL
    assert np.all(solution.coef[3:6] == 0)
    assert np.all(np.abs(problem.gradient(solution.coef, solution.intercept)[:3]) < 1e-6)


def test_warm_start_with_samples_of_weight_zero():
    weights = (np.arange(60) % 3 > 0).astype(float)
    problem = make(sample_weight=weights)
    cold = iteration.solve(problem)
    assert iteration.solve(problem.with_lam(0.9 * problem.lam), warm_start=cold).status is Status.OPTIMAL


def test_non_negative_least_squares():
    """lam = 0 in effect: every feature free but for its sign; some seeds used to lose their dual point."""
    for seed in range(40):
        rng = np.random.default_rng(seed)
        X = rng.standard_normal((20, 4))
        free = PENALTIES["nonnegative_l1"](weights=np.r_[np.zeros(1 + seed % 4), np.ones(3 - seed % 4)])
        problem = Problem(X, X @ [1, 0, -1, 0] + 0.1 * rng.standard_normal(20), 0.1, penalty=free)
        assert iteration.solve(problem).status is Status.OPTIMAL
