"""The path: against scikit-learn's, against its definition, and what remains of it after Ctrl-C."""

from __future__ import annotations

import dataclasses
import sys

import numpy as np
import pytest
from problems import interrupt, make, without_moments
from sklearn.linear_model import lasso_path

import lassoopt as lo
from lassoopt.paths.grid_path import lambda_grid
from lassoopt.solvers.working_sets import path_blocks
from lassoopt.solvers.working_sets.working_set import WorkingSet


def test_against_scikit_learn():
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((50, 8)), rng.standard_normal(50)
    found = lo.path(lo.Problem(X, y, 0.0), n_lambdas=20, eps=1e-2, tol=1e-12)
    centred, mean = X - X.mean(axis=0), y.mean()
    alphas, coefs, _ = lasso_path(centred, y - mean, alphas=found.lambdas, tol=1e-12)
    np.testing.assert_array_equal(found.lambdas, alphas)
    np.testing.assert_allclose(found.coefs, coefs.T, atol=1e-6)
    np.testing.assert_allclose(found.intercepts, mean - coefs.T @ X.mean(axis=0), atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("loss", ["squared", "logistic", "huber"])
def test_correlations_stay_in_the_band_and_active_ones_on_its_edge(loss):
    found = lo.path(make(loss), n_lambdas=15, eps=0.02, tol=1e-12)
    assert found.certified
    assert len(found) == 15
    for lam, coef, b, z in zip(found.lambdas, found.coefs, found.intercepts, found.correlations, strict=True):
        problem = found.problem.with_lam(lam)
        step = 1e-6 * np.maximum(1.0, np.abs(coef)).max()
        for j, e in enumerate(np.eye(6) * step):
            ahead, behind = (problem.loss_value(problem.predict(coef + sign * e, b)) for sign in (1, -1))
            assert z[j] == pytest.approx(-(ahead - behind) / (2 * step), abs=1e-6)
        assert np.all(np.abs(z) <= lam * (1 + 1e-4))
        np.testing.assert_allclose(z[coef != 0], lam * np.sign(coef[coef != 0]), rtol=1e-4)


def test_the_grid_by_its_definition():
    problem = make()
    grid = lambda_grid(problem, 7, 1e-3)
    assert grid[0] == problem.lambda_max
    np.testing.assert_allclose(grid[1:] / grid[:-1], 1e-3 ** (1 / 6))
    assert lambda_grid(problem, 1).tolist() == [problem.lambda_max]


@pytest.mark.parametrize(("loss", "penalty_name"), [("squared", "l1"), ("logistic", "l1"), ("huber", "group")])
def test_the_problem_needs_no_lam(loss, penalty_name):
    stated = make(loss, penalty_name)
    bare = lo.Problem(stated.X, stated.y, loss=loss, penalty=stated.penalty)
    there, here = (lo.path(problem, n_lambdas=4).refine(0.05) for problem in (stated, bare))
    np.testing.assert_array_equal(here.lambdas, there.lambdas)
    np.testing.assert_array_equal(here.coefs, there.coefs)
    np.testing.assert_array_equal(here.gap_between, there.gap_between)
    assert (str(here), here.as_dict()) == (str(there), there.as_dict())
    assert here.at(here.lambdas[1:3].mean())[1] == there.at(here.lambdas[1:3].mean())[1]
    lo.plots.path(here)


def test_given_lambdas_are_sorted_and_zero_is_allowed():
    problem = make()
    found = lo.path(problem, [0.0, 0.2, 0.1])
    assert found.lambdas.tolist() == [0.2, 0.1, 0.0]
    A = np.column_stack([problem.X, np.ones(25)])
    np.testing.assert_allclose(found.coefs[-1], np.linalg.lstsq(A, problem.y)[0][:6], rtol=1e-6)
    assert repr(found).startswith("Path(3 lam from 0.2 to 0, ")


def test_ctrl_c_returns_the_finished_part(monkeypatch):
    module, real, calls = sys.modules["lassoopt.solvers.methods"], lo.solve, []

    def interrupted(problem, **options):
        calls.append(problem.lam)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return real(problem, **options)

    monkeypatch.setattr(module, "solve", interrupted)
    found = lo.path(make("quantile"), n_lambdas=10)
    assert len(found) == len(found.lambdas) == 3
    assert found.lambdas.tolist() == calls[:3]
    calls[:] = [0.0] * 3  # the next one is interrupted: nothing to return
    with pytest.raises(KeyboardInterrupt):
        lo.path(make("quantile"))


def test_ctrl_c_among_points_that_are_certified_together(monkeypatch):
    without_moments(monkeypatch)
    interrupt(monkeypatch, WorkingSet, "answer", at=25)
    found = lo.path(make(), n_lambdas=40)
    assert 20 < len(found) < 26
    assert found.certified
    np.testing.assert_array_equal(found.lambdas, lambda_grid(make(), 40)[: len(found)])
    interrupt(monkeypatch, WorkingSet, "answer", at=1)
    with pytest.raises(KeyboardInterrupt):
        lo.path(make())


def test_a_solve_that_was_interrupted_is_not_part_of_it(monkeypatch):
    def interrupted_third(problem, **options):
        solution = real(problem, **options)
        return dataclasses.replace(solution, status=next(statuses, solution.status))

    real, done = lo.solve, lo.Status.OPTIMAL
    statuses = iter([done, done, lo.Status.INTERRUPTED])
    monkeypatch.setattr(sys.modules["lassoopt.solvers.methods"], "solve", interrupted_third)
    assert len(lo.path(make("quantile"), n_lambdas=5)) == 2


@pytest.mark.slow
def test_a_feature_that_was_missed_is_found_by_the_certificate(monkeypatch):
    """With no feature that joins ahead, points are solved again where the certificate objects."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((40, 1200))
    problem = lo.Problem(X, X[:, ::100].sum(axis=1) + 0.1 * rng.standard_normal(40), 0.0)
    right = lo.path(problem, n_lambdas=20, eps=0.02)
    monkeypatch.setattr(path_blocks, "_LEAST", 100.0)  # of its level: no feature joins ahead
    blind = lo.path(problem, n_lambdas=20, eps=0.02)
    assert blind.certified
    np.testing.assert_allclose(blind.coefs, right.coefs, atol=1e-8)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"lambdas": []}, "lambdas: found shape (0,)"),
        ({"lambdas": [0.1, -0.1]}, "allowed are distinct numbers >= 0"),
        ({"lambdas": [0.1, 0.1]}, "allowed are distinct numbers >= 0"),
        ({"lambdas": [0.1, np.nan]}, "lambdas: found nan"),
        ({"lambdas": "many"}, "lambdas: found dtype"),
        ({"n_lambdas": 0}, "n_lambdas: found 0; allowed is a whole number >= 1"),
        ({"n_lambdas": 2.5}, "n_lambdas: found 2.5"),
        ({"eps": 1.0}, "eps: found 1.0; allowed is a number above 0 and below 1"),
        ({"eps": 0}, "eps: found 0; allowed is a finite number > 0"),
        ({"tol": 0.0}, "tol: found 0.0"),
    ],
)
def test_bad_input(options, words):
    with pytest.raises(lo.InputError) as error:
        lo.path(make(), **options)
    assert words in str(error.value)


def test_no_sequence_starts_at_zero():
    constant = lo.Problem(np.eye(4), np.ones(4), 0.1)
    with pytest.raises(lo.InputError, match="lambda_max is 0"):
        lo.path(constant)
    with pytest.raises(lo.InputError, match="problem: found str"):
        lo.path("problem")
