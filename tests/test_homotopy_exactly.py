"""The exact path on hard data, judged in rational arithmetic: right to the last knot, and ended where it says so."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, pairwise, product

import numpy as np
import pytest
from problems import make
from test_homotopy import correlated

import lassoopt as lo


def rational(values):
    """Floats, as an object array of the fractions that they are."""
    return np.array([Fraction(value) for value in np.ravel(values).tolist()], dtype=object).reshape(np.shape(values))


def exact_gap(problem, lam, w, b):
    """The gap of w and b, relative to the null model's loss, of the residual as dual point, scaled to be feasible.

    Every operation is exact. No feature may be free.
    """
    X, y, s, lam = rational(problem.X), rational(problem.y), rational(problem.s), Fraction(lam)
    level, weights = [lam * Fraction(c) for c in problem.penalty.c.tolist()], rational(w).tolist()
    residual = y - X.dot(rational(w)) - Fraction(b)
    primal = s.dot(residual * residual) / 2 + sum(c * abs(v) for c, v in zip(level, weights, strict=True))
    mean = Fraction(int(problem.intercept))
    theta = s * (residual - mean * s.dot(residual) / sum(s))
    z = X.T.dot(theta).tolist()
    reach = z if problem.penalty.nonnegative else [abs(value) for value in z]
    theta *= min([Fraction(1), *(c / value for c, value in zip(level, reach, strict=True) if value > c)])
    null = y - mean * s.dot(y) / sum(s)
    dual = theta.dot(y) - theta.dot(theta / s) / 2
    return float((primal - dual) / (s.dot(null * null) / 2))


def judge(problem, gap=1e-8, smallest=1e-6):
    """Assert that the path is right, or has ended, at each knot and in between; return it.

    Where a multiple of the residual is no good dual point, as for lam near 0, is left to others.
    """
    try:
        exact = lo.homotopy(problem)
    except lo.InputError as error:
        assert "null model" in str(error)
        return None
    assert (exact.knots[-1] == 0) == (not exact.ended)
    assert ("ended early" in repr(exact)) == bool(exact.ended)
    lams = [*exact.knots, *(0.5 * (a + b) for a, b in pairwise(exact.knots)), 1.1 * exact.knots[0]]
    for lam in lams:
        w, b = exact.coef(lam), exact.intercept(lam)
        assert not problem.penalty.nonnegative or w.min() >= 0
        if lam >= smallest * exact.knots[0] > 0:
            assert exact_gap(problem, float(lam), w, b) <= gap, (lam, exact)
    if exact.ended:
        with pytest.raises(lo.InputError, match="the path ends there: ") as raised:
            exact.coef(0.99 * exact.knots[-1])
        assert exact.ended in str(raised.value)
    return exact


def hard(seed, ratio, *, scales=0.0, **options):
    """Columns with means ``ratio`` times their standard deviations, of sizes 10^-scales to 10^scales."""
    rng = np.random.default_rng(seed)
    n, p = int(rng.integers(6, 16)), int(rng.integers(2, 7))
    X = rng.standard_normal((n, p)) + ratio * rng.uniform(0.5, 2, p)
    if seed % 3 == 0:
        X[:, 0] = X[:, -1] + rng.standard_normal(n) * 10.0 ** rng.uniform(-6, 0)
    y = (X - ratio) @ rng.standard_normal(p) + rng.standard_normal(n) + rng.choice([0.0, 1.0, ratio])
    X = X * 10.0 ** rng.uniform(-scales, scales, p)
    weight = rng.uniform(0.1, 2, n) if seed % 4 == 1 else None
    penalty = "nonnegative_l1" if seed % 2 else "l1"
    return lo.Problem(X, y, 0.0, penalty=penalty, sample_weight=weight, **options)
