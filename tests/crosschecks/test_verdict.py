"""Verdicts on answers whose standing is known: from scikit-learn, by hand, or spoilt on purpose."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import Lasso

import lassoopt as lo
from lassoopt.crosschecks import TOLERANCES, Verdict


def diabetes(ratio=0.1, **options):
    data = lo.datasets.diabetes()
    problem = lo.Problem(data.X, data.y, 0.0, feature_names=data.feature_names, **options)
    return problem.with_lam(ratio * problem.lambda_max)


def small(p=4, n=20, ratio=0.1, seed=0, **options):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, p))
    problem = lo.Problem(X, X[:, 0] - X[:, 1] + 0.5 * rng.standard_normal(n), 0.0, **options)
    return problem.with_lam(ratio * problem.lambda_max)


def answer(problem, coef, intercept=None, theta=None, tol=1e-8, solver="given", status=lo.Status.OPTIMAL):
    """Anyone's coefficients in the shape of a solution; theta is the gradient unless given."""
    certificate = lo.certify(problem, coef, intercept, tol=tol)
    if theta is None:
        theta = problem.theta(problem.predict(certificate.coef, certificate.intercept))
    return lo.Solution(
        certificate.coef, certificate.intercept, theta, status, certificate, lo.History.of([]), solver, 0, 0.0
    )


def only(problem, *answers):
    return lo.crosscheck(problem, (), solutions=answers)


# --- agreement ------------------------------------------------------------------------------------------------


def test_diabetes_agrees_with_scikit_learn_too():
    problem = diabetes(0.02)
    check = lo.crosscheck(problem)
    assert check.verdict is Verdict.AGREE
    assert check.agrees
    other = Lasso(alpha=problem.lam, tol=1e-14, max_iter=10**6).fit(problem.X, problem.y)
    for solution in check.solutions.values():
        np.testing.assert_allclose(solution.coef, other.coef_, atol=1e-4)
        assert solution.intercept == pytest.approx(other.intercept_, abs=0.02)
    three = lo.crosscheck(problem, solutions=[answer(problem, other.coef_, other.intercept_, solver="sklearn")])
    assert list(three.solutions) == ["cvxpy", "admm", "sklearn"]
    assert three.verdict is Verdict.AGREE


@pytest.mark.slow
@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("penalty", lo.PENALTIES)
@pytest.mark.parametrize("loss", lo.LOSSES)
def test_every_loss_and_penalty_agrees(loss, penalty, intercept):
    rng = np.random.default_rng(1)
    X = rng.standard_normal((40, 6))
    y = {
        "logistic": (X[:, 0] + rng.standard_normal(40) > 0) * 1.0,
        "squared_hinge": np.sign(X[:, 0] + rng.standard_normal(40)),
        "poisson": rng.poisson(np.exp(X[:, 0])) * 1.0,
    }.get(loss, X[:, 0] - X[:, 1] + rng.standard_normal(40))
    shape = lo.PENALTIES[penalty](groups=[0, 0, 1, 1, 2, 2]) if "group" in penalty else penalty
    problem = lo.Problem(X, y, 0.0, loss=loss, penalty=shape, intercept=intercept)
    check = lo.crosscheck(problem.with_lam(0.2 * problem.lambda_max))
    assert check.verdict is Verdict.AGREE, check.reason
    assert check.differences.same_sign == 1
    assert max(check.theta_gaps.values()) <= 1e-5
    assert max(map(len, str(check).splitlines())) <= 100
    json.dumps(check.as_dict(), allow_nan=False)


def test_weights_stay_in_the_domain_of_the_penalty():
    """The constraints w >= 0 and w_j = 0 hold to the solver's accuracy only; no gap is finite outside of them."""
    problem = small(penalty=lo.NonnegativeL1(weights=[1, 1, 1, np.inf]), loss="quantile")
    check = lo.crosscheck(problem)
    assert check.verdict is Verdict.AGREE
    assert (check.solutions["cvxpy"].coef >= 0).all()
    assert check.solutions["cvxpy"].coef[3] == 0


def test_each_method_has_its_tolerance():
    check = lo.crosscheck(small(), tol=1e-9)
    assert {name: s.certificate.tol for name, s in check.solutions.items()} == {"cvxpy": 1e-6, "admm": 1e-9}
    check = lo.crosscheck(small(), tol=1e-3)
    assert {s.certificate.tol for s in check.solutions.values()} == {1e-3}
    assert set(TOLERANCES) <= set(lo.METHODS)


def test_differences_by_their_definitions():
    problem = small(sample_weight=np.arange(1.0, 21), scaling="sum")
    rng = np.random.default_rng(3)
    first, second = (answer(problem, rng.standard_normal(4), rng.standard_normal()) for _ in range(2))
    d = only(problem, first, second).differences
    s, y = np.arange(1.0, 21), problem.y
    mean = np.average(y, weights=s)
    unit = np.sqrt(s.sum()) * (s @ (y - mean) ** 2 / 2) / (s @ np.abs(y - mean))
    centred = problem.X - np.average(problem.X, axis=0, weights=s)
    spread = np.sqrt(s @ centred**2)
    u, v = (problem.X @ x.coef + x.intercept for x in (first, second))
    assert d.coef == pytest.approx((spread * np.abs(first.coef - second.coef)).max() / unit)
    assert d.fit == pytest.approx(np.sqrt(s @ (u - v) ** 2) / unit)
    assert d.intercept == pytest.approx(np.sqrt(s.sum()) * abs(np.average(u - v, weights=s)) / unit)
    assert d.theta == pytest.approx(np.sqrt(s @ (u - v) ** 2) / np.sqrt(s @ (y - mean) ** 2))
    assert d.same == pytest.approx(2e-4)
    assert d.same_sign == pytest.approx(np.mean((y - u) * (y - v) > 0), abs=0.05)


def test_two_answers_that_agree_are_the_same_in_any_units():
    """Columns and targets in other units change no difference."""
    problem = small()
    factor = np.array([1e4, 1e-4, 1.0, 10.0])
    other = lo.Problem(problem.X * factor, problem.y * 100, problem.lam * 100, penalty=lo.L1(weights=factor))
    shift = np.array([0.01, 0, 0, 0.02])
    coef = lo.solve(problem).coef
    here = only(problem, answer(problem, coef), answer(problem, coef + shift)).differences
    there = only(other, answer(other, 100 * coef / factor), answer(other, 100 * (coef + shift) / factor)).differences
    for name in ("coef", "fit", "theta", "intercept"):
        assert getattr(there, name) == pytest.approx(getattr(here, name), rel=1e-6, abs=1e-12)


# --- disagreement ---------------------------------------------------------------------------------------------


def test_loose_scikit_learn_is_found_out():
    problem = diabetes(0.001)
    with pytest.warns(Warning, match="converge"):
        loose = Lasso(alpha=problem.lam, max_iter=20).fit(problem.X, problem.y)
    check = lo.crosscheck(problem, ("admm",), solutions=[answer(problem, loose.coef_, solver="sklearn")])
    assert check.verdict is Verdict.DISAGREE
    assert not check.agrees
    assert "sklearn is not proven optimal" in check.reason
    assert check.reason.endswith("Certified: admm.")
    stated = float(re.search(r"its relative gap is (\S+),", check.reason).group(1))
    excess = problem.objective(loose.coef_, loose.intercept_) - check.solutions["admm"].certificate.primal
    assert stated >= 0.95 * excess / (np.var(problem.y) / 2)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(st.integers(0, 3), st.floats(-1, 1), st.floats(-12, 0))
def test_an_uncertified_answer_never_agrees(j, direction, exponent):
    problem = small()
    good = lo.solve(problem)
    moved = good.coef + direction * 10.0**exponent * np.eye(4)[j]
    check = only(problem, good, answer(problem, moved))
    certified = [s.certificate.certified for s in check.solutions.values()]
    assert check.agrees == all(certified)
    assert (check.verdict is Verdict.DISAGREE) == (not all(certified))


def test_a_wrong_certificate_is_not_believed():
    problem = small()
    good = lo.solve(problem)
    liar = replace(good, coef=good.coef + 0.1)  # carries the certificate of other weights
    assert only(problem, good, liar).verdict is Verdict.DISAGREE
    stranger = lo.solve(small(seed=5))  # certified, for another problem
    assert only(problem, good, stranger).verdict is Verdict.DISAGREE


def test_multipliers_of_the_wrong_sign_are_found_out():
    problem = small()
    good = lo.solve(problem)
    check = only(problem, good, replace(good, theta=-good.theta, solver="flipped"))
    assert check.verdict is Verdict.DISAGREE
    assert "flipped has optimal weights but wrong multipliers" in check.reason
    assert check.differences.same_sign == 0
    assert check.differences.theta == pytest.approx(2 * np.linalg.norm(good.theta) / np.linalg.norm(problem.null.theta))
    assert check.theta_errors["flipped"] == pytest.approx(check.differences.theta)


@pytest.mark.parametrize("loss", ["quantile", "huber", "logistic"])
def test_multipliers_of_the_wrong_size_are_found_out(loss):
    problem = small(loss=loss) if loss != "logistic" else None
    if problem is None:
        base = small()
        problem = lo.Problem(base.X, (base.y > 0) * 1.0, 0.02, loss="logistic")
    good = lo.solve(problem)
    check = only(problem, good, replace(good, theta=0.5 * good.theta, solver="halved"))
    assert check.verdict is Verdict.DISAGREE
    assert "halved has optimal weights but wrong multipliers" in check.reason


def test_failures_are_reported_not_raised(monkeypatch):
    def broken(problem, **options):
        raise lo.SolverError("solver: NONESUCH is not installed")

    monkeypatch.setattr(lo.METHODS["cvxpy"], "solve", broken)
    check = lo.crosscheck(small())
    assert check.verdict is Verdict.DISAGREE
    assert check.reason == "cvxpy failed: solver: NONESUCH is not installed. Certified: admm."
    assert check.differences is None
    assert re.search(r"cvxpy +FAILED", str(check))
    assert json.loads(json.dumps(check.as_dict(), allow_nan=False))["failures"] == {
        "cvxpy": "solver: NONESUCH is not installed"
    }


def test_a_failed_status_is_a_failure_even_at_an_optimal_point():
    problem = small(ratio=1.5)  # the null model is optimal
    check = only(problem, lo.solve(problem), answer(problem, np.zeros(4), solver="dead", status=lo.Status.FAILED))
    assert check.verdict is Verdict.DISAGREE
    assert "dead failed" in check.reason
    assert check.reason.endswith("Certified: active_set.")


def test_statuses_give_their_advice():
    X = np.array([[-2.0], [-1.0], [1.0], [2.0]])  # separable, and not penalised
    check = lo.crosscheck(lo.Problem(X, [0.0, 0.0, 1.0, 1.0], 0.0, loss="logistic"))
    assert check.verdict is Verdict.DISAGREE
    assert "no minimiser exists" in check.reason
    assert "NOT_ATTAINED" in str(check)
    assert max(map(len, str(check).splitlines())) <= 100


def test_a_perfect_fit_fits_the_screen():
    check = lo.crosscheck(lo.Problem(np.arange(6.0).reshape(3, 2), [3.0, 3.0, 3.0], 0.1))
    assert check.solutions["admm"].certificate.certified
    assert max(map(len, str(check).splitlines())) <= 100


# --- not unique -----------------------------------------------------------------------------------------------


def test_twin_columns_are_proven_not_unique():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((20, 3))
    X[:, 2] = X[:, 1]
    problem = lo.Problem(X, X @ [1.0, 1.0, 1.0], 0.1)
    total = lo.solve(problem).coef[1:].sum()
    first = lo.solve(problem).coef[0]
    check = only(problem, answer(problem, [first, total, 0.0]), answer(problem, [first, 0.0, total]))
    assert check.verdict is Verdict.NOT_UNIQUE
    assert check.agrees
    assert "Proof: the columns at their bound are linearly dependent" in check.reason
    assert check.differences.fit == pytest.approx(0, abs=1e-12)


def test_a_flat_median_is_proven_by_the_midpoint():
    """Any b between the two middle targets is optimal, and the certificate of a kinked loss decides nothing."""
    problem = lo.Problem(np.zeros((4, 1)), [0.0, 1.0, 2.0, 3.0], 1.0, loss="quantile")
    low, high = answer(problem, [0.0], 1.0), answer(problem, [0.0], 2.0)
    theta = np.array([-1.0, -1.0, 1.0, 1.0]) / 8
    check = only(problem, replace(low, theta=theta), replace(high, theta=theta))
    assert problem.objective([0.0], 1.0) == problem.objective([0.0], 1.5) == problem.objective([0.0], 2.0)
    assert check.verdict is Verdict.NOT_UNIQUE, check.reason
    assert "the midpoint between them is certified as well" in check.reason
    assert "not decided" in check.reason


def test_differences_within_the_gaps_are_explained():
    """Two columns that are nearly one: weights may drift far at little cost, and the optimum is unique."""
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((2, 40))
    problem = lo.Problem(np.column_stack([a, a + 1e-3 * b]), a + 1e-3 * b, 1e-4)
    good = lo.solve(problem)
    drift = 0.02 * np.array([1.0, -1.0])
    check = only(problem, good, answer(problem, good.coef + drift, theta=good.theta))
    assert all(s.certificate.certified for s in check.solutions.values())
    assert check.differences.coef > check.differences.same
    assert check.verdict is Verdict.AGREE_WITHIN_TOLERANCE, check.reason
    assert "each weight differs by no more than" in check.reason


def test_slightly_different_multipliers_are_explained():
    problem = small(ratio=1.1)
    good = lo.solve(problem)
    check = only(problem, good, replace(good, theta=0.995 * good.theta))
    assert check.differences.theta == pytest.approx(0.005)
    assert check.verdict is Verdict.AGREE_WITHIN_TOLERANCE
    assert "multipliers differ by 5.0e-03" in check.reason


# --- input and output -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        {"methods": "admm"},
        {"methods": ("admm",)},
        {"methods": ("admm", "admm")},
        {"methods": ("admm", "magic")},
        {"methods": ()},
        {"tol": -1.0},
        {"tol": np.nan},
        {"tol": "small"},
    ],
    ids=str,
)
def test_bad_input(arguments):
    with pytest.raises(lo.InputError, match="found"):
        lo.crosscheck(small(), **arguments)


def test_the_table_holds_the_answers():
    problem = diabetes(standardize=True)
    check = lo.crosscheck(problem)
    text = str(check)
    assert text.startswith("Cross-check: agree\n")
    for name, solution in check.solutions.items():
        cells = re.search(rf"^  {name} +OPTIMAL +(.+)$", text, re.MULTILINE).group(1).split()
        objective = problem.objective(solution.coef, solution.intercept)
        assert float(cells[0]) == pytest.approx(objective, rel=1e-7)
        assert int(cells[4]) == 5  # of ten weights; CVXPY's are never exactly 0
        assert float(cells[3]) == TOLERANCES.get(name, 1e-8)
    for j, name in enumerate(problem.feature_names):
        cells = re.search(rf"^  {name} +(.+)$", text, re.MULTILINE).group(1).split()
        for k, solution in enumerate(check.solutions.values()):
            assert float(cells[k]) == pytest.approx(solution.coef[j], rel=1e-4)
            u = problem.X @ solution.coef + solution.intercept
            correlation = problem.X[:, j] @ (problem.y - u) / 442
            assert float(cells[2 + k]) == pytest.approx(correlation, rel=1e-3)
        assert float(cells[4]) == pytest.approx(problem.lam * problem.X[:, j].std(), rel=1e-4)
        assert cells[5] == "same"
    assert f"verdict       {Verdict.AGREE.value}" in text


def test_many_features_are_summarised():
    problem = small(p=100, n=30)
    good = lo.solve(problem)
    moved = good.coef + 0.5 * np.eye(100)[77]
    text = str(only(problem, good, answer(problem, moved, solver="spoilt")))
    rows = re.findall(r"^  (x\d+) .* (same|differs \S+)$", text, re.MULTILINE)
    assert rows[0][0] == "x77"
    assert rows[0][1].startswith("differs")
    assert len(rows) == 40
    assert "and 60 more, of which 0 differ" in text


def test_as_dict_is_complete():
    check = lo.crosscheck(small())
    content = json.loads(json.dumps(check.as_dict(), allow_nan=False))
    assert content["verdict"] == "AGREE"
    assert content["agrees"] is True
    assert set(content["solutions"]) == {"cvxpy", "admm"}
    for name, solution in check.solutions.items():
        assert content["solutions"][name]["coef"] == solution.coef.tolist()
        assert content["solutions"][name]["certificate"]["certified"] is True
    assert set(content["differences"]) == {"coef", "intercept", "fit", "theta", "same_sign", "same"}
    assert repr(check) == "CrossCheck(AGREE: cvxpy, admm)"


def test_equal_names_are_told_apart():
    problem = small()
    good = lo.solve(problem)
    assert list(only(problem, good, good, good).solutions) == ["active_set", "active_set (2)", "active_set (3)"]


def test_same_answers_of_a_problem_without_a_unique_one():
    """Both methods split a twin's weight evenly; that they agree does not make single weights readable."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((30, 3))
    check = lo.crosscheck(lo.Problem(np.column_stack([X, X[:, 0]]), X[:, 0] + 0.1 * rng.standard_normal(30), 0.1))
    assert check.verdict.name == "NOT_UNIQUE"
    assert check.agrees
