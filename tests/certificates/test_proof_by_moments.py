"""The moments of the data against sums in fractions, and the gaps they prove against exact objectives."""

from __future__ import annotations

from fractions import Fraction

import exact
import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from problems import without_moments

import lassoopt as lo
from lassoopt.certificates.evidence import DeferredEvidence
from lassoopt.certificates.proof_by_moments import gap_bounds
from lassoopt.problems.moments import Moments, moments_pay

PENALTIES = ["l1", "elastic_net", "nonnegative_l1", "group", "sparse_group"]


def data(seed, n, p, offset=0.0, scale=1.0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, p)) + offset * rng.standard_normal(p)
    X[:, -1] = X[:, 0] * (1 + 1e-12 * rng.standard_normal(n)) if seed % 3 == 0 else X[:, -1]  # all but the same
    y = X @ rng.integers(-2, 3, p) + rng.standard_normal(n) + offset
    return X * scale, y


def stated(seed, n=12, p=3, intercept=True, weighted=False, penalty="l1", offset=0.0, scale=1.0):
    X, y = data(seed, n, p, offset, scale)
    s = np.random.default_rng(seed).choice([0.0, 0.3, 1.0, 7.0], n) + (np.arange(n) < 2) if weighted else None
    kind = lo.Group(groups=[0, 0, 1]) if penalty == "group" else penalty
    kind = lo.SparseGroup(groups=[0, 0, 1]) if penalty == "sparse_group" else kind
    return lo.Problem(X, y, intercept=intercept, sample_weight=s, penalty=kind)


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize(("n", "offset", "scale"), [(12, 0.0, 1.0), (40, 1e7, 1.0), (3000, 3.0, 1e80), (7, 1e3, 1e-80)])
def test_moments_are_sums_of_products_up_to_their_accuracy(n, offset, scale, intercept):
    problem = stated(1, n, intercept=intercept, weighted=True, offset=offset, scale=scale).centred
    found, mean = problem.moments, problem.columns.mean * intercept
    np.testing.assert_array_equal(found.shift, mean - problem.centring.mean)
    A = [[Fraction(x) - Fraction(m) for x, m in zip(row, mean, strict=True)] for row in problem.X.tolist()]
    A = [[*row, Fraction(1), Fraction(t)] for row, t in zip(A, problem.y.tolist(), strict=True)]
    s = [Fraction(w) for w in problem.s.tolist()]
    for i in range(5):
        norm = sum(w * row[i] ** 2 for w, row in zip(s, A, strict=True))
        assert Fraction(found.size[i]) ** 2 >= norm
        assert found.size[i] <= 1.001 * float(norm) ** 0.5
        for j in range(5):
            entry = sum(w * row[i] * row[j] for w, row in zip(s, A, strict=True))
            off = abs(Fraction(found.matrix[i, j]) - entry)
            assert off <= Fraction(found.accuracy) * Fraction(found.size[i]) * Fraction(found.size[j])


def test_there_are_none_of_extreme_or_sparse_data_or_of_many_columns(monkeypatch):
    for scale in (1e-200, 1e200):
        assert stated(1, scale=scale).moments is None
    X, y = data(1, 12, 3)
    assert lo.Problem(sp.csc_array(X), y).moments is None
    assert not moments_pay(lo.Problem(X[:2], y[:2]))
    assert not moments_pay(lo.Problem(X, y, loss="huber"))
    assert stated(1).moments is not None
    without_moments(monkeypatch)
    assert stated(1).moments is None


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    penalty=st.sampled_from(PENALTIES),
    intercept=st.booleans(),
    weighted=st.booleans(),
    offset=st.sampled_from([0.0, 1.0, 1e5, 1e9]),
    scale=st.sampled_from([1.0, 1e-60, 1e50]),
    ratio=st.sampled_from([0.9, 0.3, 1e-2, 1e-5]),
    off=st.sampled_from([0.0, 1e-15, 1e-9, 1e-4, 0.3]),
)
def test_no_gap_is_larger_than_its_bound(seed, penalty, intercept, weighted, offset, scale, ratio, off):
    problem = stated(seed, 12, 3, intercept, weighted, penalty, offset, scale)
    problem = problem.with_lam(ratio * problem.lambda_max)
    best = lo.solve(problem, tol=1e-10)
    rng = np.random.default_rng(seed)
    coef = best.coef * (1 + off * rng.standard_normal(3)) + (off > 1e-3) * 0.1 * abs(best.coef).max()
    b = best.intercept * (1 + off * rng.standard_normal()) if intercept else 0.0
    constant = np.array([problem.centring.constant(coef, b)])
    bound = float(gap_bounds(problem.centred, coef[None], constant, np.array([problem.lam]))[0])
    if not np.isfinite(bound):
        return
    here = exact.objective(problem, coef.tolist(), b)[0]
    for point in ((best.coef.tolist(), best.intercept), exact.improved(problem, coef.tolist(), b)):
        assert here - exact.objective(problem, *point)[1] <= Fraction(bound)


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    penalty=st.sampled_from(PENALTIES),
    intercept=st.booleans(),
    accuracy=st.sampled_from([1e-4, 1e-6]),
    ratio=st.sampled_from([0.5, 0.1, 1e-2, 1e-3]),
    off=st.sampled_from([0.0, 0.0, 1e-3, 0.1]),
)
def test_the_bound_holds_for_all_moments_within_their_accuracy(seed, penalty, intercept, accuracy, ratio, off):
    """The answer is best for moments that are off as far as they may be, and its bound is judged by the data."""
    problem = stated(seed, 12, 3, intercept, penalty=penalty, offset=1.0).centred
    assume(problem.lambda_max > 0)
    problem = problem.with_lam(ratio * problem.lambda_max)
    own, rng = problem.moments, np.random.default_rng(seed)
    noise = np.tril(rng.choice([-0.9, 0.9], (5, 5)))
    noise = (noise + np.tril(noise, -1).T) * accuracy * np.outer(own.size, own.size)
    moved = Moments(own.matrix + noise, own.size, own.shift, accuracy)
    vars(problem)["_moments"] = moved
    low, vectors = np.linalg.eigh(moved.matrix / np.outer(own.size, own.size))
    root = (vectors * np.sqrt(np.maximum(low, 0.0))).T * own.size  # data with these moments
    X, one, y = root[:, :3], root[:, 3], root[:, 4]
    if intercept:
        X, y = X - np.outer(one, one @ X / (one @ one)), y - one * (one @ y / (one @ one))
    other = lo.Problem(X, y, problem.lam, intercept=False, penalty=problem.penalty, scaling="sum")
    coef = lo.solve(other, tol=1e-6).coef
    b = float((root[:, 4] - root[:, :3] @ coef) @ one / (one @ one) + off - own.shift @ coef) if intercept else 0.0
    bound = float(gap_bounds(problem, coef[None], np.array([b]), np.array([problem.lam]))[0])
    here = exact.objective(problem, coef.tolist(), b)[0]
    best = lo.solve(problem, "admm", tol=1e-9)
    for point in ((best.coef.tolist(), best.intercept), exact.improved(problem, coef.tolist(), b)):
        assert here - exact.objective(problem, *point)[1] <= Fraction(bound)


@pytest.mark.parametrize("penalty", ["l1", "elastic_net", "nonnegative_l1"])
@pytest.mark.parametrize("intercept", [True, False])
def test_at_the_optimum_it_is_rounding_alone(intercept, penalty):
    X, y = data(1, 20_000, 8, offset=1.0)
    problem = lo.Problem(X, y, intercept=intercept, penalty=penalty)
    problem = problem.with_lam(0.1 * problem.lambda_max)
    found = lo.solve(problem, "active_set", tol=1e-10)
    assert found.certificate.certified
    assert isinstance(found.certificate.evidence, DeferredEvidence)
    assert found.certificate.evidence.known <= 1e-10 * problem.scale


@pytest.mark.parametrize("offset", [1.0, 1e4])
def test_another_intercept_costs_its_square(offset):
    problem = stated(5, 60, offset=offset)
    problem = problem.with_lam(0.1 * problem.lambda_max)
    best, off = lo.solve(problem, tol=1e-10), 0.03
    constant = np.array([problem.centring.constant(best.coef, best.intercept + off)])
    bound = float(gap_bounds(problem.centred, best.coef[None], constant, np.array([problem.lam]))[0])
    assert bound == pytest.approx(0.5 * off**2, rel=1e-4)  # the weights of samples add to 1


def test_what_is_asked_for_later_is_what_a_full_certificate_says(monkeypatch):
    problem = stated(5, 60, intercept=True, weighted=True)
    problem = problem.with_lam(0.2 * problem.lambda_max)
    best = lo.solve(problem)
    quick = best.certificate
    assert isinstance(quick.evidence, DeferredEvidence)
    assert not {"u", "own", "gap"} & set(vars(quick.evidence))  # nothing is computed yet
    monkeypatch.setattr(Moments, "of", lambda *_: None)
    other = stated(5, 60, intercept=True, weighted=True).with_lam(problem.lam)
    full = lo.certify(other, best.coef, best.intercept)
    assert not isinstance(full.evidence, DeferredEvidence)
    for name in ("primal", "dual", "gap", "rounding", "intercept_gradient"):
        assert getattr(quick, name) == pytest.approx(getattr(full, name), abs=1e-15 * problem.scale)
    assert quick.proven_gap <= quick.tol * problem.scale
    assert quick.evidence.known >= quick.gap - quick.rounding
    assert quick.proven_gap == min(quick.evidence.known, quick.gap + quick.rounding)
    np.testing.assert_array_equal(quick.theta, full.theta)
    np.testing.assert_array_equal(best.theta, full.theta)
    assert str(quick) == str(full)


def test_a_point_that_is_not_optimal_is_not_certified():
    problem = stated(5, 60)
    problem = problem.with_lam(0.2 * problem.lambda_max)
    best = lo.solve(problem)
    wrong = lo.certify(problem, best.coef * 1.01, best.intercept)
    assert not wrong.certified
    assert not isinstance(wrong.evidence, DeferredEvidence)
    assert lo.certify(problem, best.coef * 1.01, best.intercept, tol=0.1).certified


@pytest.mark.parametrize(("lam", "tol"), [(5e-324, 1e-2), (5e-323, 1e-4), (5e-321, 1e-8), (5e-319, 1e-12)])
@pytest.mark.parametrize("penalty", [lo.L1, lo.NonnegativeL1])
def test_a_lam_without_all_its_digits_proves_nothing(penalty, lam, tol):
    X, y = np.array([[1.0], [-1.0], [1.0], [-1.0]]) * 1e-12, np.array([1.0, -1.0, 1.0, -1.0]) * 7e-12
    problem = lo.Problem(X, y, lam, penalty=penalty(weights=[7e-24 / 1.4 / lam]), intercept=False)
    assert not lo.certify(problem, [0.0], 0.0, tol=tol).certified  # w = 2 is better


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("of_moments", [True, False])
def test_correlations_that_vanish_beside_lam_are_not_taken_for_0(monkeypatch, of_moments, intercept):
    if not of_moments:
        without_moments(monkeypatch)
    X, y = np.array([[1.0], [-1.0], [1.0], [-1.0]]) * 1e-17, np.array([1.0, -1.0, 1.0, -1.0]) * 1e-7
    penalty = lo.ElasticNet(weights=[1e-167], l1_ratio=0.0)
    problem = lo.Problem(X, y, 1e300, penalty=penalty, intercept=intercept)
    assert not lo.certify(problem, [0.0], 0.0, tol=1e-6).certified  # w = 5e9 is better by half the scale


def test_what_is_certified_by_moments_is_what_the_words_say():
    X, y = data(1, 100_000, 20)
    problem = lo.Problem(X, y)
    problem = problem.with_lam(1e-4 * problem.lambda_max)
    found = lo.solve(problem, tol=1e-10).certificate
    assert found.certified
    assert found.proven_gap <= 1e-10 * problem.scale
    assert lo.Solution.__dataclass_fields__["theta"].name == "theta"
    assert not hasattr(lo.Solution, "theta")  # as of other fields without a default


@pytest.mark.parametrize("of_moments", [True, False])
def test_a_share_of_the_weight_without_all_its_digits_proves_nothing(monkeypatch, of_moments):
    if not of_moments:
        without_moments(monkeypatch)
    X, y, weights = [[0.0], [0.0], [0.0], [1e150]], [0.0, 0.0, 0.0, 1e150], [1.0, 1.0, 2.0, 5 * 2.0**-1074]
    problem = lo.Problem(X, y, intercept=False, sample_weight=weights)
    assert not lo.certify(problem.with_lam(problem.lambda_max), [0.0], 0.0, tol=1e-3).certified
