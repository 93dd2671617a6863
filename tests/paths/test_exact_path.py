"""The exact path: against scikit-learn's LARS, against the certificate at random lam, and by its definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import make
from sklearn.linear_model import lars_path

import lassoopt as lo
from lassoopt.paths.knots import Follower


def correlated(n=60, p=150, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, p)) + rng.standard_normal((n, 1))
    return X, X[:, ::30].sum(axis=1) + rng.standard_normal(n)


def test_the_knots_of_the_diabetes_data_are_those_of_lars():
    data = lo.datasets.diabetes()
    problem = lo.Problem(data.X, data.y, 0.0, standardize=True, feature_names=data.feature_names)
    exact = lo.homotopy(problem)
    scaled = (data.X - data.X.mean(axis=0)) / data.X.std(axis=0)
    alphas, _, coefs = lars_path(scaled, data.y - data.y.mean(), method="lasso")
    np.testing.assert_allclose(exact.knots, alphas, rtol=1e-9, atol=1e-12)
    for lam, coef in zip(alphas, coefs.T, strict=True):
        np.testing.assert_allclose(exact.coef(lam), coef / data.X.std(axis=0), atol=1e-8)
    names = [event.feature for event in exact.events if event.kind == "enters"]
    assert names[:5] == ["bmi", "s5", "bp", "s3", "sex"]  # Efron et al. (2004), fig. 1
    (left,) = [event for event in exact.events if event.kind == "leaves"]
    assert (left.feature, left.sign) == ("s3", -1)
    assert repr(exact) == "Homotopy(13 knots from 45.16 to 0, 10 of 10 weights nonzero at the end)"
    assert len(exact) == 13


def test_the_problem_needs_no_lam():
    X, y = correlated(20, 8)
    there, here = (lo.homotopy(problem) for problem in (lo.Problem(X, y, 0.7), lo.Problem(X, y)))
    assert (here.knots.tolist(), here.events) == (there.knots.tolist(), there.events)
    lam = 0.5 * here.knots[0]
    assert here.coef(lam).tolist() == there.coef(lam).tolist()
    assert str(here.certificate(lam)) == str(there.certificate(lam))


def test_drops_and_joins_of_many_features_against_lars():
    X, y = correlated()
    exact = lo.homotopy(lo.Problem(X, y, 0.0), 0.01)
    alphas, _, coefs = lars_path(X - X.mean(axis=0), y - y.mean(), method="lasso", alpha_min=0.01)
    np.testing.assert_allclose(exact.knots, alphas, rtol=1e-8)
    assert sum(event.kind == "leaves" for event in exact.events) > 3
    for lam, coef in zip(alphas[::7], coefs.T[::7], strict=True):
        np.testing.assert_allclose(exact.coef(lam), coef, atol=1e-8)


CASES = {
    "plain": lambda: make("squared"),
    "no intercept": lambda: make("squared", intercept=False),
    "free and excluded": lambda: make("squared", weights="mixed"),
    "non-negative": lambda: make("squared", "nonnegative_l1"),
    "non-negative, free and excluded": lambda: make("squared", "nonnegative_l1", weights="mixed"),
    "sample weights": lambda: make("squared", sample_weights="zeros", scaling="sum"),
    "sparse": lambda: make("squared", kind="csc"),
    "n < p": lambda: lo.Problem(*correlated(30, 80), 0.0),
    "twins": lambda: lo.Problem(np.hstack([correlated()[0][:, :10]] * 2), correlated()[1], 0.0),
    "all at once": lambda: lo.Problem(np.repeat(np.eye(6), 2, axis=0), np.repeat([1.0, 1, 1, 2, 2, 2], 2), 0.0),
    "orthogonal, ties": lambda: lo.Problem(np.eye(5), [3.0, 1, 1, -2, 2], 0.0, intercept=False),
    "dummies that sum to 1": lambda: lo.Problem(np.kron(np.eye(4), np.ones((5, 1))), np.arange(20.0) % 7, 0.0),
    "constant column": lambda: lo.Problem(np.column_stack([np.ones(9), np.arange(9.0)]), np.arange(9.0) ** 2, 0.0),
    "one sample": lambda: lo.Problem([[1.0, 2.0]], [3.0], 0.0, intercept=False),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_certified_at_any_lam(case):
    problem = CASES[case]()
    exact = lo.homotopy(problem)
    assert exact.knots[0] == problem.lambda_max
    assert exact.knots[-1] == 0
    assert np.all(np.diff(exact.knots) < 0)
    rng = np.random.default_rng(0)
    between = np.concatenate([rng.uniform(0, 1.1 * exact.knots[0], 20), exact.knots, [1e-6 * exact.knots[0]]])
    for lam in between:
        certificate = exact.certificate(lam)
        assert certificate.relative_gap <= 1e-11, lam
        assert certificate.certified
        assert certificate.coef.tolist() == exact.coef(lam).tolist()


def test_events_are_where_weights_come_and_go():
    X, y = correlated(40, 60)
    exact = lo.homotopy(lo.Problem(X, y, 0.0), 0.05)
    names = [f"x{j}" for j in range(60)]
    for event in exact.events:
        j = names.index(event.feature)
        k = int(np.flatnonzero(exact.knots == event.lam)[0])
        above = exact.coef(0.5 * (exact.knots[k - 1] + exact.knots[k]))[j] if k else 0.0
        below = exact.coef(0.5 * (exact.knots[k] + exact.knots[k + 1]))[j]
        assert exact.coef(event.lam)[j] == 0
        if event.kind == "enters":
            assert np.sign(below) == event.sign
        else:
            assert (np.sign(above), below) == (event.sign, 0)


def test_several_features_at_one_knot():
    exact = lo.homotopy(CASES["all at once"]())
    assert len(exact.knots) == 2
    assert len(exact.events) >= 3
    assert {event.lam for event in exact.events} == {exact.knots[0]}


@pytest.mark.slow
@given(st.integers(0, 10**6), st.integers(1, 10), st.integers(1, 12), st.booleans())
@settings(max_examples=100, deadline=None)
def test_small_integer_problems(seed, n, p, nonnegative):
    """Entries -1, 0, 1: ties, twins and dependent columns everywhere."""
    rng = np.random.default_rng(seed)
    X, y = rng.integers(-1, 2, (n, p)).astype(float), rng.integers(-2, 3, n).astype(float)
    problem = lo.Problem(X, y, 0.0, penalty="nonnegative_l1" if nonnegative else "l1", intercept=bool(seed % 2))
    if problem.lambda_max < 1e-9:
        return
    exact = lo.homotopy(problem)
    for lam in rng.uniform(1e-3, 1, 5) * problem.lambda_max:
        assert exact.certificate(lam).relative_gap <= 1e-10


@pytest.mark.slow
def test_all_features_tied_at_the_first_knot():
    """All meet their level at once, and not all of them may enter: non-negative least squares decides."""
    for seed in range(200):
        rng = np.random.default_rng(seed)
        X = rng.integers(-2, 3, rng.integers(2, 7, 2)).astype(float)
        y = np.linalg.lstsq(X.T, np.sign(rng.standard_normal(X.shape[1])))[0]
        problem = lo.Problem(X, y, 0.0, intercept=False)
        if problem.lambda_max > 1e-9:
            exact = lo.homotopy(problem)
            for share in (0.9, 0.5, 0.1):
                assert exact.certificate(share * problem.lambda_max).relative_gap < 1e-10, seed


@pytest.mark.slow
def test_free_features_that_must_not_be_negative():
    def exact(y):
        penalty = lo.NonnegativeL1(weights=[0.0, 1.0])
        return lo.homotopy(lo.Problem([[1.0, 0], [0, 1.0], [0, 0]], [y, 1.0, 0], 0.0, penalty=penalty, intercept=False))

    np.testing.assert_allclose(exact(-1.0).coef(0.1), [0, 0.7])
    np.testing.assert_allclose(exact(1.0).coef(0.1), [1, 0.7])
    for seed in range(60):
        rng = np.random.default_rng(seed)
        X = rng.integers(-2, 3, (rng.integers(3, 12), rng.integers(2, 8))).astype(float)
        penalty = lo.NonnegativeL1(weights=rng.choice([0.0, 1.0, 2.0, np.inf], X.shape[1]))
        problem = lo.Problem(X, rng.standard_normal(len(X)), 0.0, penalty=penalty, intercept=bool(seed % 2))
        if 1e-9 < problem.lambda_max < np.inf:
            found = lo.homotopy(problem)
            for share in (0.9, 0.5, 0.01):
                assert found.certificate(share * problem.lambda_max).relative_gap < 1e-10, seed


def test_it_stops_where_it_is_told_to():
    X, y = correlated()
    problem = lo.Problem(X, y, 0.0)
    part, whole = lo.homotopy(problem, 0.1), lo.homotopy(problem)
    assert part.knots[-1] == 0.1
    np.testing.assert_array_equal(part.knots[:-1], whole.knots[: len(part) - 1])
    np.testing.assert_allclose(part.coef(0.1), whole.coef(0.1), atol=1e-12)
    assert lo.homotopy(problem, 10 * problem.lambda_max).knots.tolist() == [10 * problem.lambda_max]
    with pytest.raises(lo.InputError, match=r"lam: found 0.05; allowed are numbers from the last knot on, 0.1"):
        part.coef(0.05)
    with pytest.raises(lo.InputError, match="lam: found -1"):
        part.intercept(-1.0)


def test_ctrl_c_returns_the_finished_part(monkeypatch):
    X, y = correlated()
    whole = lo.homotopy(lo.Problem(X, y, 0.0))
    real, calls = Follower._decide, []

    def interrupted(self, *tied):
        calls.append(1)
        if len(calls) == 6:
            raise KeyboardInterrupt
        return real(self, *tied)

    monkeypatch.setattr(Follower, "_decide", interrupted)
    part = lo.homotopy(lo.Problem(X, y, 0.0))
    np.testing.assert_array_equal(part.knots, whole.knots[:5])
    calls[:] = [1] * 5
    with pytest.raises(KeyboardInterrupt):
        lo.homotopy(lo.Problem(X, y, 0.0))


@pytest.mark.parametrize(("loss", "penalty"), [("huber", "l1"), ("squared", "elastic_net"), ("squared", "group")])
def test_what_is_not_piecewise_linear_is_refused(loss, penalty):
    with pytest.raises(lo.InputError, match="allowed here, for the squared loss with l1 or nonnegative_l1"):
        lo.homotopy(make(loss, penalty))


def test_bad_input():
    with pytest.raises(lo.InputError, match="problem: found str"):
        lo.homotopy("problem")
    with pytest.raises(lo.InputError, match="down_to: found -1"):
        lo.homotopy(make(), -1)
