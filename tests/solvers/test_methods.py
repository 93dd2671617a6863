"""`solve`: which method takes which option, and what is said of one that it does not take."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from problems import make, of_many_rounds, without_moments

import lassoopt as lo
from lassoopt.solvers.working_sets.working_set import WorkingSet

COMMON = {"max_iter": 500, "callback": lambda progress: None, "warm_start": None}
METHODS = ("auto", "admm", "active_set", "prox_newton", "interior_point")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("option", ["solver", "rho", "verbose"])
@pytest.mark.parametrize("problem", [make(), make("logistic"), make(penalty_name="group"), make("quantile")], ids=str)
def test_an_option_of_other_methods_is_named_with_its_owner(problem, method, option):
    with pytest.raises(lo.InputError) as caught:
        lo.solve(problem, method, **{option: 1})
    assert f"{option}: found an option that method={method!r} does not take" in str(caught.value)
    assert "allowed are callback, max_iter, tol, warm_start; cvxpy" in str(caught.value)


@pytest.mark.parametrize("method", ["auto", "admm", "active_set"])
def test_options_that_are_taken(method):
    assert lo.solve(make(), method, **COMMON).status is lo.Status.OPTIMAL


def test_an_option_that_the_solver_of_cvxpy_does_not_know():
    with pytest.raises(lo.InputError, match=r"options: CLARABEL does not take \{'speed': 3\}"):
        lo.solve(make(), "cvxpy", solver_options={"speed": 3})


@pytest.mark.parametrize("method", ["auto", "admm", "active_set"])
@pytest.mark.parametrize("value", [True, False, np.True_, 0, -1, 2.0, None, "9"])
def test_an_iteration_limit_is_a_whole_number(method, value):
    with pytest.raises(lo.InputError, match=f"max_iter: found {value!r}"):
        lo.solve(make(), method, max_iter=value)


@pytest.mark.parametrize("option", ["max_iter", "warm_start", "callback", "rho", "tol_feas"])
def test_an_option_that_cvxpy_does_not_take(option):
    with pytest.raises(lo.InputError) as caught:
        lo.solve(make(), "cvxpy", **{option: 1})
    assert f"{option}: found an option that method='cvxpy' does not take" in str(caught.value)
    assert "allowed are solver, solver_options, tol; " in str(caught.value)


def test_solver_options_are_a_mapping():
    with pytest.raises(lo.InputError, match="solver_options: found 3; allowed is a mapping"):
        lo.solve(make(), "cvxpy", solver_options=3)


def test_auto_asks_each_solver_whether_the_problem_fits(monkeypatch):
    assert lo.solve(make()).solver == "active_set"
    monkeypatch.setattr(lo.METHODS["active_set"], "fits", lambda problem: False)
    assert lo.solve(make()).solver == "admm"
    with pytest.raises(lo.InputError, match=r"method: active_set takes the squared loss .* found Squared with L1"):
        lo.solve(make(), "active_set")


def interrupted_admm(monkeypatch):
    """ADMM is interrupted at its start, with nothing to show for it."""
    real = lo.METHODS["admm"].solve

    def interrupted(problem, *, tol, max_iter=1, warm_start=None, callback=None):
        start = lo.certify(problem, problem.null_coef)
        return replace(real(problem), coef=start.coef, certificate=start, status=lo.Status.INTERRUPTED)

    monkeypatch.setattr(lo.METHODS["admm"], "solve", interrupted)


def test_an_interruption_stays_one_where_auto_goes_on_with_another_method(monkeypatch):
    problem = of_many_rounds()
    before = lo.solve(problem, "prox_newton", max_iter=1, tol=1e-10)
    assert before.status is lo.Status.ITERATION_LIMIT
    interrupted_admm(monkeypatch)
    found = lo.solve(problem, max_iter=1, tol=1e-10)
    assert found.status is lo.Status.INTERRUPTED


def test_an_interruption_ends_the_path_where_a_point_is_solved_again(monkeypatch):
    without_moments(monkeypatch)
    monkeypatch.setattr(WorkingSet, "follow", lambda self, lambdas: iter(()))
    monkeypatch.setattr(WorkingSet, "improve", lambda self: False)
    interrupted_admm(monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        lo.path(make(), [0.1, 0.05])
