"""The reference without the features proven zero: the same answer, certified on all of them, or found out."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from problems import make

import lassoopt as lo
from lassoopt.certificates.certificate import Certificate
from lassoopt.crosschecks import reduced_reference
from lassoopt.crosschecks.comparison import crosscheck
from lassoopt.crosschecks.verdict import Verdict


@pytest.fixture
def any_size(monkeypatch):
    monkeypatch.setattr(reduced_reference, "_LARGE", 0)


def wide(loss="squared"):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((50, 120))
    score = X[:, :5].sum(axis=1) + rng.standard_normal(50)
    problem = lo.Problem(X, score if loss == "squared" else (score > 0).astype(float), 1.0, loss=loss)
    return problem.with_lam(0.3 * problem.lambda_max)


@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_the_same_answer_from_fewer_features(any_size, loss):
    problem = wide(loss)
    check = crosscheck(problem)
    assert check.agrees
    assert list(check.solutions) == ["cvxpy", "admm"]
    proven = check.solutions["admm"].certificate.proven_zeros
    assert check.dropped == reduced_reference.Dropped(
        int(proven.sum()), "admm", check.solutions["admm"].certificate.proven_gap
    )
    assert check.dropped.features > 60
    cvxpy = check.solutions["cvxpy"]
    assert cvxpy.certificate.problem is problem
    assert np.all(cvxpy.coef[proven] == 0)
    whole = lo.Reference(problem).solve()
    assert problem.objective(cvxpy.coef, cvxpy.intercept) == pytest.approx(whole.certificate.primal, rel=1e-7)
    words = " ".join(str(check).split())
    assert f"cvxpy was given {120 - proven.sum()} features: the other {proven.sum()} are proven zero by" in words
    assert json.loads(json.dumps(check.as_dict()))["dropped"]["method"] == "admm"


def test_small_problems_are_stated_in_full():
    check = crosscheck(wide())
    assert check.dropped is None
    assert check.as_dict()["dropped"] is None
    assert "was given" not in str(check)
    assert np.count_nonzero(check.solutions["cvxpy"].coef) == 120


def test_a_wrong_proof_is_found_out(any_size, monkeypatch):
    problem = wide()
    wrong = np.ones(120, dtype=bool)
    wrong[[1, 2]] = False  # "proves" zero what is not
    monkeypatch.setattr(Certificate, "proven_zeros", wrong)
    check = crosscheck(problem)
    assert check.verdict is Verdict.DISAGREE
    assert not check.solutions["cvxpy"].certificate.certified
    assert check.solutions["cvxpy"].status is lo.Status.INACCURATE


def test_without_a_certified_answer_all_is_stated(any_size, monkeypatch):
    problem = wide()
    real = lo.METHODS["admm"].solve
    monkeypatch.setattr(lo.METHODS["admm"], "solve", lambda p, **o: real(p, **{**o, "max_iter": 1}))
    check = crosscheck(problem)
    assert check.dropped is None
    assert check.solutions["cvxpy"].certificate.certified


def test_groups_are_never_cut(any_size):
    assert not reduced_reference.is_large(make("squared", "group"))
    assert crosscheck(make("squared", "group")).dropped is None


@pytest.mark.parametrize("penalty", ["l1", "elastic_net", "nonnegative_l1"])
@pytest.mark.parametrize("kind", ["C", "csc"])
def test_a_problem_with_some_of_its_features(penalty, kind):
    problem = make("squared", penalty, kind=kind, weights="mixed", sample_weights="random")
    some = np.array([4, 1, 2])
    part = problem.with_features(some)
    assert part.feature_names == ("x4", "x1", "x2")
    coef = np.array([0.3, 0.0, 0.7])
    whole = np.zeros(6)
    whole[some] = coef
    assert part.objective(coef, 0.2) == pytest.approx(problem.objective(whole, 0.2))
    np.testing.assert_allclose(part.columns.spread, problem.columns.spread[some])
    assert replace(part.penalty).c.tolist() == problem.penalty.c[some].tolist()
    assert part.shape == (25, 3)
