"""`solve`: which method takes which option, and what is said of one that it does not take."""

from __future__ import annotations

import numpy as np
import pytest
from problems import make

import lassoopt as lo

COMMON = {"max_iter": 500, "callback": lambda progress: None, "warm_start": None}
METHODS = ("auto", "admm", "active_set", "prox_newton")


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
