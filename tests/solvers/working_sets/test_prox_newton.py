"""Proximal Newton: its model by definition, its answers by their certificate and by scikit-learn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from problems import SMOOTH, interrupt, make, of_many_rounds
from sklearn.linear_model import LogisticRegression

import lassoopt as lo
from lassoopt.solvers.working_sets import prox_newton
from lassoopt.solvers.working_sets.descent import lam_steps
from lassoopt.solvers.working_sets.working_set import WorkingSet

LOSSES = [name for name in SMOOTH if name != "squared"]
SEPARABLE = ["l1", "elastic_net", "nonnegative_l1"]


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("sample_weights", ["none", "zeros"])
def test_the_model_has_the_gradient_of_the_loss_and_at_least_its_curvature(loss, sample_weights):
    problem = make(loss, sample_weights=sample_weights)
    working = WorkingSet(problem, np.array([0.3, -0.2, 0.1, 0.0, 0.2, 0.0]), 0.1)
    u = working.u
    np.testing.assert_allclose(working.theta, -problem.s * problem.loss.gradient(u, problem.y), atol=1e-14)
    working.improve()
    h = working.model.h
    curvature = problem.s * problem.loss.curvature(u, problem.y)
    assert np.all(h >= curvature)
    ordinary = curvature >= 0.01 * curvature.max()
    np.testing.assert_allclose(h[ordinary], curvature[ordinary])
    assert np.all((h > 0) == (problem.s > 0))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["C", "csr"])
@pytest.mark.parametrize("sample_weights", ["none", "zeros"])
@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("weights", ["ones", "mixed"])
@pytest.mark.parametrize("penalty", SEPARABLE)
@pytest.mark.parametrize("loss", LOSSES)
def test_certified_on_the_true_loss(loss, penalty, weights, intercept, sample_weights, kind):
    for ratio in (1.2, 0.3, 0.01):
        problem = make(
            loss, penalty, weights=weights, intercept=intercept, sample_weights=sample_weights, kind=kind, ratio=ratio
        )
        solution = lo.solve(problem, method="prox_newton")
        assert solution.status in (lo.Status.OPTIMAL, lo.Status.NOT_ATTAINED), ratio
        if solution.status is lo.Status.NOT_ATTAINED:  # free weights that separate the classes
            assert lo.solve(problem, method="admm").status is lo.Status.NOT_ATTAINED


@pytest.mark.parametrize("ratio", [0.5, 0.05, 0.01])
def test_many_features_against_scikit_learn(ratio):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((80, 1200)) + rng.standard_normal((80, 1))
    y = (X[:, ::200].sum(axis=1) + rng.standard_normal(80) > 0).astype(float)
    problem = lo.Problem(X, y, 1.0, loss="logistic", intercept=False)
    problem = problem.with_lam(ratio * problem.lambda_max)
    solution = lo.solve(problem, method="prox_newton", tol=1e-10)
    assert solution.status is lo.Status.OPTIMAL
    peer = LogisticRegression(
        l1_ratio=1.0, C=1 / (80 * problem.lam), solver="liblinear", fit_intercept=False, tol=1e-9, max_iter=10_000
    ).fit(X, y)
    least = problem.objective(peer.coef_[0])
    assert solution.certificate.primal <= least + 1e-10 * problem.scale
    assert solution.certificate.primal >= least - 1e-5 * problem.scale
    np.testing.assert_allclose(solution.coef, peer.coef_[0], atol=1e-2 * np.abs(peer.coef_).max())


def test_the_objective_never_rises():
    for loss in LOSSES:
        problem = make(loss, ratio=0.01).centred
        working = WorkingSet(problem, 3 * np.ones(6), 1.0)  # a bad start
        objectives = [problem.objective(*working.answer())]
        while working.improve() and len(objectives) < 40:
            objectives.append(problem.objective(*working.answer()))
        assert np.all(np.diff(objectives) <= 1e-12 * objectives[0])
        assert lo.certify(problem, *working.answer()).relative_gap < 1e-8
        np.testing.assert_allclose(working.u, problem.predict(*working.answer()), atol=1e-10)


def test_the_way_down():
    X = np.random.default_rng(0).standard_normal((30, 100))
    problem = lo.Problem(X, (X[:, 0] > 0).astype(float), 1.0, loss="logistic")
    top = problem.lambda_max
    steps = lam_steps(problem.with_lam(0.02 * top))
    steps = [top, *steps, 0.02 * top]
    assert np.all(np.diff(steps) < 0)
    assert np.all(np.array(steps[1:]) >= 0.299 * np.array(steps[:-1]))
    assert lam_steps(problem.with_lam(2 * top)) == []
    assert 0 < lam_steps(problem.with_lam(0.0))[-1] < 1e-5 * top
    assert lam_steps(make("logistic")) == []  # few features


def test_warm_start_callback_and_stopping():
    problem = of_many_rounds()
    cold = lo.solve(problem, method="prox_newton")
    warm = lo.solve(problem, method="prox_newton", warm_start=cold)
    assert (cold.status, warm.status, warm.iterations) == (lo.Status.OPTIMAL, lo.Status.OPTIMAL, 1)
    seen = []
    lo.solve(problem, method="prox_newton", callback=seen.append, tol=1e-10)
    assert [progress.iteration for progress in seen] == list(range(1, len(seen) + 1))
    assert seen[-1].gap <= 1e-10
    stopped = lo.solve(problem, method="prox_newton", callback=lambda progress: True, tol=1e-10)
    assert stopped.status is lo.Status.INTERRUPTED
    short = lo.solve(problem, method="prox_newton", max_iter=1, tol=1e-10)
    assert (short.status, short.iterations) == (lo.Status.ITERATION_LIMIT, 1)


@pytest.mark.slow
@pytest.mark.parametrize("loss", ["huber", "squared_hinge"])
def test_supports_that_become_dependent_on_the_way(loss):
    for seed in range(12):
        rng = np.random.default_rng(seed)
        n, p = int(rng.integers(20, 60)), int(rng.integers(20, 80))
        X = rng.standard_normal((n, p))
        score = X[:, 0] - X[:, 1] + 0.5 * rng.standard_normal(n)
        y = score * rng.choice([1, 30]) if loss == "huber" else (score > 0).astype(float)
        problem = lo.Problem(X, y, 0.0, loss=loss)
        problem = problem.with_lam(rng.choice([0.1, 0.01, 1e-3]) * problem.lambda_max)
        assert lo.solve(problem, method="prox_newton").status is lo.Status.OPTIMAL, seed


def test_far_from_where_the_loss_is_curved_steps_grow():
    X = np.random.default_rng(0).standard_normal((50, 3))
    problem = lo.Problem(X, 1000 + X @ [1, 2, 3.0], 1e-3, loss=lo.Huber(delta=1.0), intercept=False)
    solution = lo.solve(problem, method="prox_newton")
    assert (solution.status, solution.iterations < 30) == (lo.Status.OPTIMAL, True)


@pytest.mark.parametrize("loss", ["logistic", "poisson"])
def test_a_bad_start_is_left_behind(loss):
    problem = make(loss, ratio=0.05)
    cold = lo.solve(problem, method="prox_newton")
    for seed in range(5):
        coef = 30 * np.random.default_rng(seed).standard_normal(6)
        warm = lo.solve(problem, method="prox_newton", warm_start=replace(cold, coef=coef, intercept=50.0))
        assert warm.status is lo.Status.OPTIMAL


def test_ctrl_c_returns_the_best_point(monkeypatch):
    interrupt(monkeypatch, WorkingSet, "improve", at=3)
    solution = lo.solve(make("logistic", ratio=0.01), method="prox_newton", tol=1e-12)
    assert solution.status is lo.Status.INTERRUPTED
    assert 0 < solution.certificate.relative_gap < 1


def test_separated_classes_have_no_minimiser_without_penalty():
    X = np.array([[-2.0], [-1.0], [1.0], [2.0]])
    problem = lo.Problem(X, [0, 0, 1, 1], 0.0, loss="logistic")
    assert lo.solve(problem, method="prox_newton").status is lo.Status.NOT_ATTAINED
    assert lo.solve(problem).status is lo.Status.NOT_ATTAINED


def test_what_fits():
    assert all(prox_newton.fits(make(loss, name)) for loss in LOSSES for name in SEPARABLE)
    assert not any(
        prox_newton.fits(make(*pair)) for pair in (("squared", "l1"), ("quantile", "l1"), ("huber", "group"))
    )
    with pytest.raises(lo.InputError, match=r"method: prox_newton takes smooth losses .* found Quantile with L1"):
        lo.solve(make("quantile"), method="prox_newton")


@pytest.mark.parametrize("loss", LOSSES)
def test_extreme_units(loss):
    for size in (1e-100, 1e100):
        problem = make(loss)
        scaled = lo.Problem(problem.X * size, problem.y, 1.0, loss=loss)
        scaled = scaled.with_lam(0.3 * scaled.lambda_max)
        solution = lo.solve(scaled, method="prox_newton")
        assert solution.status is lo.Status.OPTIMAL
        np.testing.assert_allclose(solution.coef * size, lo.solve(problem, tol=1e-10).coef, atol=1e-5)
