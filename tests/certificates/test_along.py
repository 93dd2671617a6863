"""Points along lam that are certified together, against the same points certified alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest
from problems import SMOOTH, make, without_moments

import lassoopt as lo
from lassoopt.certificates.certification import certify, certify_along
from lassoopt.certificates.rounding_bounds import _tilt
from lassoopt.losses import Squared
from lassoopt.penalties import L1, PENALTIES

RATIOS = (0.7, 0.3, 0.1, 0.03)


def points_of(problem, rng):
    """The solution, points near it, and one far from it, whose gap is sharpened."""
    points = []
    for ratio, noise in zip(RATIOS, (0.0, 1e-9, 1e-4, 0.3), strict=True):
        at_lam = problem.with_lam(ratio * problem.lambda_max)
        found = lo.solve(at_lam, tol=1e-6)
        coef = found.coef + noise * rng.standard_normal(found.coef.size) * ~problem.penalty.excluded
        coef = np.maximum(coef, 0.0) if problem.penalty.nonnegative else coef
        points.append((at_lam, coef, found.intercept + noise * problem.intercept))
    return points


def assert_same(together, alone):
    scale = alone.problem.scale
    assert together.certified == alone.certified
    for name in ("primal", "dual", "gap"):
        assert abs(getattr(together, name) - getattr(alone, name)) <= together.rounding + alone.rounding, name
    assert together.rounding == pytest.approx(alone.rounding, rel=1e-3, abs=1e-18 * scale)
    assert together.intercept_gradient == pytest.approx(alone.intercept_gradient, abs=1e-12 * scale, nan_ok=True)
    for name in ("theta", "predictions", "margin", "coef_error"):
        one, other = getattr(together, name), getattr(alone, name)
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-9 * max(1.0, float(np.abs(alone.predictions).max())))
    np.testing.assert_allclose(together.evidence.radius, alone.evidence.radius, rtol=1e-3, atol=1e-12 * scale)
    assert together.proven_zeros.tolist() == alone.proven_zeros.tolist()


@pytest.mark.parametrize("name", [*PENALTIES])
@pytest.mark.parametrize("loss", SMOOTH)
def test_together_is_alone(loss, name):
    rng = np.random.default_rng(0)
    for seed, kind in enumerate(("C", "csc", "F")):
        options = {"intercept": seed != 1, "weights": "mixed" if seed == 2 else "ones"}
        problem = make(loss, name, seed=seed, n=30, kind=kind, **options)
        points = points_of(problem, rng)
        for together, point in zip(certify_along(points, tol=1e-6), points, strict=True):
            assert together.problem is point[0]
            assert_same(together, certify(*point, tol=1e-6))


@pytest.mark.parametrize("n", [40, 9000])  # products of many digits, and of floats
def test_columns_and_targets_far_from_0(n):
    rng = np.random.default_rng(1)
    X = rng.standard_normal((n, 6)) + np.array([1e8, 0.0, 0.0, 1e3, 0.0, 0.0])
    problem = lo.Problem(
        X, 1e7 + X @ [1.0, 1.0, 0.0, 0.5, 0.0, 0.0] + rng.standard_normal(n), sample_weight=rng.random(n)
    )
    points = points_of(problem, rng)
    for together, point in zip(certify_along(points, tol=1e-6), points, strict=True):
        assert_same(together, certify(*point, tol=1e-6))


def test_samples_of_weight_0_and_lam_0():
    rng = np.random.default_rng(2)
    X, y = rng.standard_normal((30, 4)), rng.standard_normal(30)
    problem = lo.Problem(X, y, sample_weight=rng.integers(0, 2, 30))
    points = points_of(problem, rng)
    assert any(0 in point[0].s for point in points)
    points.append((problem.with_lam(0.0), lo.solve(problem.with_lam(0.0)).coef, 0.0))
    for several in (points, points[:-1]):
        for together, point in zip(certify_along(several, tol=1e-6), several, strict=True):
            assert_same(together, certify(*point, tol=1e-6))


def test_points_that_are_not_finite_prove_nothing_and_spoil_no_other():
    rng = np.random.default_rng(3)
    X = rng.standard_normal((30, 4))
    problem = lo.Problem(X, (X[:, 0] > 0) * 1.0, loss="poisson")
    points = points_of(problem, rng)
    points.insert(1, (points[0][0], np.array([800.0, 0.0, 0.0, 0.0]), 0.0))  # exp overflows
    found = certify_along(points, tol=1e-6)
    assert found[1].gap == np.inf
    assert not found[1].certified
    for together, point in zip(found, points, strict=True):
        alone = certify(*point, tol=1e-6)
        assert together.certified == alone.certified
        assert together.dual == pytest.approx(alone.dual)


@dataclass(frozen=True)
class OneDimension(Squared):
    """The squared loss, which takes vectors alone."""

    def value(self, u, y):
        assert u.shape == y.shape
        assert u.ndim == 1
        return super().value(u, y)

    def conjugate(self, a, y):
        assert a.shape == y.shape
        assert a.ndim == 1
        return super().conjugate(a, y)


@dataclass(frozen=True, eq=False)
class Vectors(L1):
    """L1, which takes vectors alone; given several at once it would add up all of them."""

    def value(self, w):
        return float(np.abs(self.c * w).sum())

    def gauge(self, z):
        return float((np.abs(z) / self.c).max())

    def lost(self, w):
        assert w.ndim == 1
        return super().lost(w)


def test_own_losses_and_penalties_are_given_vectors():
    assert L1.takes_rows
    assert not Vectors.takes_rows
    assert Squared.takes_rows
    assert not OneDimension.takes_rows
    rng = np.random.default_rng(4)
    X = rng.standard_normal((30, 5))
    y = X[:, 0] + rng.standard_normal(30)
    points = points_of(lo.Problem(X, y), rng)
    own = lo.Problem(X, y, loss=OneDimension(), penalty=Vectors(weights=np.ones(5)))
    ours = [(own.with_lam(at.lam), coef, b) for at, coef, b in points]
    for together, other in zip(certify_along(ours, tol=1e-6), certify_along(points, tol=1e-6), strict=True):
        assert_same(together, other)


@pytest.mark.parametrize("loss", SMOOTH)
@pytest.mark.parametrize("kind", ["dense", "sparse"])
def test_the_number_of_calls_does_not_grow_with_that_of_points(monkeypatch, loss, kind):
    without_moments(monkeypatch)
    calls = Counter()

    def counting(owner, name):
        method = getattr(owner, name)
        monkeypatch.setattr(owner, name, lambda *given: calls.update([name]) or method(*given))

    problem = make(loss, n=40, kind="C" if kind == "dense" else "csc")
    for at in (problem.centred, problem):
        assert at.worst_accuracy > 0
    for name in ("value", "gradient", "conjugate"):
        counting(type(problem.loss), name)
    for name in ("value", "gauge", "lost"):
        counting(L1, name)
    for name in ("predict", "correlate"):
        counting(type(problem.centring), name)
    seen = []
    for count in (2, 40):
        lams = problem.lambda_max * np.linspace(0.9, 0.5, count)
        points = [(problem.with_lam(lam), np.zeros(6), problem.null.intercept) for lam in lams]
        calls.clear()
        certify_along(points, tol=0.5)
        seen.append(dict(calls))
    assert seen[0] == seen[1]
    assert seen[0]["predict"] == seen[0]["correlate"] == 1


def test_a_sum_is_bounded_as_tightly_as_it_is_known():
    """`_tilt` bounds ``|1' theta|`` from above, by less than the rounding of one addition."""
    rng = np.random.default_rng(6)
    for n in (1, 2, 50, 3000):
        theta = rng.standard_normal((5, n)) * 10.0 ** rng.uniform(-20, 20, (5, n))
        theta[1] -= theta[1].sum() / n
        theta[2] *= 1e-300
        theta[3] = 0.0
        theta[4] = np.where(np.arange(n) % 2, -1.1, 1.1)
        total = np.maximum(np.abs(theta).sum(axis=1), 5e-324)
        for row, bound, size in zip(theta, _tilt(theta, total), total, strict=True):
            exact = abs(sum(map(Fraction, row.tolist())))
            assert exact <= Fraction(bound) <= exact * (1 + Fraction(1, 10**15)) + Fraction(size) / 10**20
