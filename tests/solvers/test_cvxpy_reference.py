"""The reference: CVXPY's answer, the sign of its multipliers, solving again, and honest statuses."""

from __future__ import annotations

import cvxpy as cp
import numpy as np
import pytest
import scipy.sparse as sp
from problems import EVERY, LOSS_NAMES, TOL, make, matrix, targets
from sklearn.linear_model import Lasso, LogisticRegression, QuantileRegressor

from lassoopt.errors import SolverError
from lassoopt.losses import Quantile
from lassoopt.penalties import L1
from lassoopt.problems.problem import Problem
from lassoopt.solvers.cvxpy_reference import Reference, solve
from lassoopt.solvers.solution import Status

TIGHT = {"solver_options": {"tol_gap_abs": 1e-12, "tol_gap_rel": 1e-12, "tol_feas": 1e-12}}


@pytest.mark.slow
@pytest.mark.parametrize(("loss", "name"), EVERY)
def test_certified_at_the_solvers_default_settings(loss, name):
    for options in (
        {"weights": "mixed", "sample_weights": "zeros", "kind": "csr", "scaling": "sum"},
        {"intercept": False, "n": 5},
    ):
        problem = make(loss, name, **options)
        solution = solve(problem, tol=1e-6)
        assert solution.status is Status.OPTIMAL
        assert solution.certificate.relative_gap <= 1e-6
        zeros = solution.certificate.proven_zeros
        assert (solution.coef_with_proven_zeros[zeros] == 0).all()
        np.testing.assert_array_equal(solution.coef_with_proven_zeros[~zeros], solution.coef[~zeros])


@pytest.mark.slow
@pytest.mark.parametrize("loss", ["squared", "huber", "quantile", "poisson"])
def test_the_sign_of_theta_by_moving_a_target(loss):
    """The optimal value changes at the rate ``dLoss/dy_i``, which is theta_i but for Poisson: there -s_i u_i."""
    problem = make(loss, sample_weights="random", n=15)
    solution, h = solve(problem, **TIGHT), 1e-4
    for i in (0, 3, 7):
        values = []
        for sign in (1, -1):
            y = problem.y.copy()
            y[i] += sign * h
            moved = Problem(problem.X, np.maximum(y, 0) if loss == "poisson" else y, problem.lam, loss=loss)
            moved = make_like(problem, moved)
            values.append(solve(moved, **TIGHT).certificate.primal)
        rate = (values[0] - values[1]) / (2 * h)
        if loss == "poisson":
            u = problem.predict(solution.coef, solution.intercept)
            assert rate == pytest.approx(-problem.s[i] * u[i], abs=1e-5) or problem.y[i] == 0
        else:
            assert rate == pytest.approx(solution.theta[i], abs=1e-5)


def make_like(problem, moved):
    return Problem(moved.X, moved.y, problem.lam, loss=problem.loss, sample_weight=problem.s, scaling="sum")


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("loss", LOSS_NAMES)
def test_theta_is_minus_the_gradient_at_its_own_prediction(loss, intercept):
    problem = make(loss, intercept=intercept, sample_weights="zeros")
    solution = solve(problem, **TIGHT)
    z = problem.X.T @ solution.theta
    assert np.abs(z).max() <= problem.lam * (1 + 1e-4)
    active = np.abs(solution.coef) > 1e-4
    np.testing.assert_allclose(z[active], problem.lam * np.sign(solution.coef[active]), rtol=1e-3)
    if intercept:
        assert abs(solution.theta.sum()) < 1e-6 * np.abs(solution.theta).sum()
    if loss != "quantile":
        gradient = problem.theta(problem.predict(solution.coef, solution.intercept))
        np.testing.assert_allclose(solution.theta, gradient, atol=1e-4 * np.abs(gradient).max())


@pytest.mark.parametrize(("loss", "name"), EVERY)
def test_the_statement_follows_the_rules_for_parameters(loss, name):
    problem = make(loss, name, weights="mixed")
    assert Reference(problem).statement.is_dcp(dpp=True)


def test_solving_again_does_not_compile_again():
    problem = make("logistic", "elastic_net", kind="csc")
    reference = Reference(problem, **TIGHT)
    first, program = reference.solve(), reference.statement._cache.param_prog
    second = reference.solve(0.1 * problem.lam)
    assert program is reference.statement._cache.param_prog is not None
    assert first.compile_seconds > 0
    assert second.compile_seconds == 0
    fresh = solve(problem.with_lam(0.1 * problem.lam), **TIGHT)
    np.testing.assert_allclose(second.coef, fresh.coef, atol=TOL["coef"])
    assert second.certificate.problem.lam == 0.1 * problem.lam
    assert first.certificate.problem.lam == problem.lam


def test_sparse_data_stay_sparse(monkeypatch):
    problem = make(kind="csr")
    for kind in (sp.csr_array, sp.csc_array, sp.csr_matrix, sp.csc_matrix):
        monkeypatch.setattr(kind, "toarray", lambda self, *_, **__: pytest.fail(f"densified {self.shape}"))
    reference = Reference(problem)
    assert sp.issparse(problem.X)
    assert any(sp.issparse(constant.value) for constant in reference.statement.constants())


def test_unknown_solver_and_unfit_solver():
    problem = make("logistic")
    with pytest.raises(SolverError, match=r"solver: found 'NOPE'; installed: .*CLARABEL"):
        Reference(problem, solver="NOPE")
    if "OSQP" in cp.installed_solvers():
        with pytest.raises(SolverError, match=r"solver: OSQP cannot state this problem"):
            solve(problem, solver="osqp")


def test_options_pass_through_and_statuses_are_honest():
    problem = make()
    short = solve(problem, solver_options={"max_iter": 1})
    assert short.status in (Status.FAILED, Status.INACCURATE)
    assert not short.certificate.certified
    assert np.isfinite(short.certificate.gap)
    assert np.isfinite(short.coef).all()
    loose = solve(problem, tol=1e-12, solver="SCS", solver_options={"eps": 1e-2})
    assert loose.status is Status.INACCURATE
    assert loose.solver == "cvxpy/scs"
    assert 1e-12 < loose.certificate.relative_gap < 1
    above = loose.certificate.primal - solve(problem, **TIGHT).certificate.primal
    assert above <= loose.certificate.gap + 1e-12


def test_a_problem_without_minimiser_is_not_called_optimal():
    x = np.linspace(-1, 1, 20)[:, None]
    problem = Problem(x, x[:, 0] > 0, 0.0, loss="logistic")
    solution = solve(problem)
    assert solution.status is not Status.OPTIMAL or solution.certificate.certified
    assert np.isfinite(solution.coef).all()


def test_failure_reports_the_null_model(monkeypatch):
    problem = Problem(make().X, make().y, 0.1, penalty=L1(weights=[0, 1, 1, 1, 1, 1]))
    reference = Reference(problem)

    def fail(*_, **__):
        raise cp.error.SolverError("no")

    monkeypatch.setattr(reference.statement, "solve", fail)
    solution = reference.solve()
    assert solution.status is Status.FAILED
    np.testing.assert_allclose(solution.coef, np.append(problem.null.coef, np.zeros(5)))
    assert solution.certificate.primal == pytest.approx(problem.null.loss)


# ---------------------------------------------------------------- against scikit-learn


def same(ours, theirs):
    np.testing.assert_allclose(ours, theirs, atol=TOL["coef"] * max(np.abs(theirs).max(), 1))


def test_lasso_is_scikit_learns():
    rng = np.random.default_rng(0)
    X = matrix(40, 6, "C", rng)
    y = targets("squared", X[:, 0] - X[:, 1], rng)
    for intercept in (True, False):
        model = Lasso(0.1, fit_intercept=intercept, tol=1e-13, max_iter=10**6).fit(X, y)
        solution = solve(Problem(X, y, 0.1, intercept=intercept), **TIGHT)
        same(solution.coef, model.coef_)
        same(solution.intercept, np.atleast_1d(model.intercept_)[0])


def test_logistic_is_scikit_learns():
    rng = np.random.default_rng(0)
    X = matrix(60, 6, "C", rng)
    y = targets("logistic", X[:, 0] - X[:, 1], rng)
    model = LogisticRegression(l1_ratio=1, C=0.5, solver="saga", tol=1e-12, max_iter=10**5).fit(X, y)
    solution = solve(Problem(X, y, 2.0, loss="logistic", scaling="sum"), **TIGHT)
    same(solution.coef, model.coef_[0])
    same(solution.intercept, model.intercept_[0])
    model = LogisticRegression(
        l1_ratio=1, C=0.5, solver="liblinear", tol=1e-11, fit_intercept=False, max_iter=10**5, random_state=0
    )  # it draws an order, and 1e-12 is beyond its rounding in one of six
    without = solve(Problem(X, 2 * y - 1, 2.0, loss="logistic", scaling="sum", intercept=False), **TIGHT)
    same(without.coef, model.fit(X, y).coef_[0])


@pytest.mark.parametrize("level", [0.5, 0.8])
def test_quantile_regression_is_scikit_learns(level):
    rng = np.random.default_rng(0)
    X = matrix(40, 6, "C", rng)
    y = targets("quantile", X[:, 0] - X[:, 1], rng)
    model = QuantileRegressor(quantile=level, alpha=0.03, solver="highs").fit(X, y)
    solution = solve(Problem(X, y, 0.03, loss=Quantile(level)), **TIGHT)
    same(solution.coef, model.coef_)
    same(solution.intercept, model.intercept_)
