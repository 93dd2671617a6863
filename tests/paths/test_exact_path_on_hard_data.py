"""The exact path on hard data, judged in rational arithmetic: right to the last knot, and ended where it says so."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, pairwise, product

import numpy as np
import pytest
from problems import make
from test_exact_path import correlated

import lassoopt as lo

pytestmark = pytest.mark.slow


def rational(values):
    """Floats, as an object array of the fractions that they are."""
    return np.array([Fraction(value) for value in np.ravel(values).tolist()], dtype=object).reshape(np.shape(values))


def exact_gap(problem, lam, w, b, *, repaired=False):
    """The gap of w and b, relative to the null model's loss, of the residual as dual point, scaled to be feasible.

    Where the level of a nonzero weight is beyond the digits of its correlation, as for a column that is 1e18 times
    another, that bound is weak; ``repaired`` first moves the residual to where these correlations are at their levels.
    Every operation is exact. No feature may be free.
    """
    X, y, s, lam = rational(problem.X), rational(problem.y), rational(problem.s), Fraction(lam)
    level, weights = [lam * Fraction(c) for c in problem.penalty.c.tolist()], rational(w).tolist()
    mean = Fraction(int(problem.intercept))
    residual = y - X.dot(rational(w)) - Fraction(b)
    primal = s.dot(residual * residual) / 2 + sum(c * abs(v) for c, v in zip(level, weights, strict=True))
    theta = s * (residual - mean * s.dot(residual) / sum(s))
    if repaired:
        support = np.flatnonzero(w)
        Z = X[:, support] - mean * s.dot(X[:, support]) / sum(s)
        off = Z.T.dot(theta) - [level[j] * int(np.sign(w[j])) for j in support]
        theta = theta - s * Z.dot(np.array(solved(Z.T.dot(s[:, None] * Z).tolist(), off.tolist()), dtype=object))
    z = X.T.dot(theta).tolist()
    reach = z if problem.penalty.nonnegative else [abs(value) for value in z]
    theta = theta * min([Fraction(1), *(c / value for c, value in zip(level, reach, strict=True) if value > c)])
    null = y - mean * s.dot(y) / sum(s)
    dual = theta.dot(y) - theta.dot(theta / s) / 2
    return float((primal - dual) / (s.dot(null * null) / 2))


def judge(problem, gap=1e-8, smallest=1e-6):
    """Assert that the path is right, or has ended, at each knot and in between; return it.

    Where a multiple of the residual is no good dual point, as for lam near 0, is left to others.
    """
    exact = lo.homotopy(problem)
    assert (exact.knots[-1] == 0) == (not exact.ended)
    assert ("ended early" in repr(exact)) == bool(exact.ended)
    lams = [*exact.knots, *(0.5 * (a + b) for a, b in pairwise(exact.knots)), 1.1 * exact.knots[0]]
    for lam in lams:
        w, b = exact.coef(lam), exact.intercept(lam)
        assert not problem.penalty.nonnegative or w.min() >= 0
        if lam >= smallest * exact.knots[0] > 0:
            found = exact_gap(problem, float(lam), w, b)
            assert found <= gap or exact_gap(problem, float(lam), w, b, repaired=True) <= gap, lam
    if exact.ended:
        with pytest.raises(lo.InputError, match="the path ends there: ") as raised:
            exact.coef(0.99 * exact.knots[-1])
        assert exact.ended in str(raised.value)
    return exact


def hard(seed, ratio, *, scales=0.0, **options):
    """Columns with means ``ratio`` times their standard deviations, of sizes 10^-scales to 10^scales."""
    rng = np.random.default_rng(seed)
    n, p = int(rng.integers(6, 16)), int(rng.integers(2, 7))
    mean = ratio * rng.uniform(0.5, 2, p)
    X = rng.standard_normal((n, p)) + mean
    if seed % 3 == 0:
        X[:, 0] = X[:, -1] + rng.standard_normal(n) * 10.0 ** rng.uniform(-6, 0)
    y = (X - mean) @ rng.standard_normal(p) + rng.standard_normal(n) + rng.choice([0.0, 1.0, ratio])
    X = X * 10.0 ** rng.uniform(-scales, scales, p)
    weight = rng.uniform(0.1, 2, n) if seed % 4 == 1 else None
    penalty = "nonnegative_l1" if seed % 2 else "l1"
    return lo.Problem(X, y, 0.0, penalty=penalty, sample_weight=weight, **options)


def rational_lasso(X, y, lam, nonnegative):
    """``min 1/2 |y - X w|^2 + lam |w|_1`` in fractions, for integer data: every support with every signs, and the
    least objective of those that are feasible and solve their equations."""
    p, best = X.shape[1], None
    G, against = X.T.dot(X), X.T.dot(y)
    for size in range(p + 1):
        for support in combinations(range(p), size):
            for signs in product((1,) if nonnegative else (1, -1), repeat=size):
                w = solved(
                    [[G[i, j] for j in support] for i in support],
                    [against[j] - lam * s for j, s in zip(support, signs, strict=True)],
                )
                if w is None or any(v * s < 0 for v, s in zip(w, signs, strict=True)):
                    continue
                r = y - sum((X[:, j] * v for j, v in zip(support, w, strict=True)), start=0 * y)
                value = r.dot(r) / Fraction(2) + lam * sum(abs(v) for v in w)
                best = value if best is None else min(best, value)
    return best


def solved(matrix, right):
    """The solution of a system of fractions by elimination; None if it is singular."""
    rows = [[Fraction(x) for x in row] + [Fraction(b)] for row, b in zip(matrix, right, strict=True)]
    for k in range(len(rows)):
        pivot = next((i for i in range(k, len(rows)) if rows[i][k]), None)
        if pivot is None:
            return None
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [x / rows[k][k] for x in rows[k]]
        for i in range(len(rows)):
            if i != k:
                rows[i] = [x - rows[i][k] * y for x, y in zip(rows[i], rows[k], strict=True)]
    return [row[-1] for row in rows]


@pytest.mark.parametrize("nonnegative", [False, True])
def test_small_integer_problems_against_every_support_in_fractions(nonnegative):
    """Some columns are multiples of others, or sums of two, and many features meet their level at once."""
    for seed in range(12):
        rng = np.random.default_rng(seed)
        X = rng.integers(-2, 3, (int(rng.integers(1, 6)), int(rng.integers(1, 5))))
        if seed % 3 == 0:
            X[:, -1] = X[:, 0] * rng.choice([-1, 1])
        y = rng.integers(-4, 5, len(X))
        scale = 4.0 ** rng.integers(-20, 21, X.shape[1]) if seed % 2 else np.ones(X.shape[1])
        penalty = (lo.NonnegativeL1 if nonnegative else lo.L1)(weights=scale)
        problem = lo.Problem(X * scale, y, 0.0, penalty=penalty, intercept=False, scaling="sum")
        exact = lo.homotopy(problem)
        assert not exact.ended
        assert exact.knots[-1] == 0
        null = Fraction(int(y @ y), 2)
        for lam in [*exact.knots, *(0.5 * (a + b) for a, b in pairwise(exact.knots))]:
            w = rational(exact.coef(lam)) * rational(scale)
            r = rational(y) - rational(X).dot(w)
            value = r.dot(r) / 2 + Fraction(lam) * sum(abs(v) for v in w)
            best = rational_lasso(rational(X), rational(y), Fraction(lam), nonnegative)
            assert abs(value - best) <= Fraction(1, 10**14) * null, (seed, lam)


@pytest.mark.parametrize("intercept", [False, True])
@pytest.mark.parametrize("ratio", 10.0 ** np.arange(0, 9, 2))
def test_large_means(ratio, intercept):
    ended = [judge(hard(seed, ratio, intercept=intercept)).ended for seed in range(2, 8)]
    if intercept:
        assert np.count_nonzero(ended) <= 1  # where two columns are all but equal


@pytest.mark.parametrize("intercept", [False, True])
@pytest.mark.parametrize("scales", [3, 7, 12])
def test_column_scales(scales, intercept):
    ended = [judge(hard(seed, 1.0, scales=scales, intercept=intercept)).ended for seed in range(2, 7)]
    assert np.count_nonzero(ended) <= 2


@pytest.mark.search
@pytest.mark.parametrize("intercept", [False, True])
def test_many_hard_problems(intercept):
    for seed in range(250):
        rng = np.random.default_rng(seed)
        judge(hard(seed, 10.0 ** rng.uniform(0, 8), scales=rng.choice([0.0, 12.0]), intercept=intercept))


@pytest.mark.parametrize("seed", range(2))
def test_the_path_does_not_depend_on_the_scales_of_columns(seed):
    """X -> X D with weights D w, by powers of two, is the same problem."""
    rng = np.random.default_rng(seed)
    X, y = correlated(20, 30, seed)
    scale = 2.0 ** rng.integers(-200, 201, 30)
    penalty = lo.L1 if seed % 2 else lo.NonnegativeL1
    plain = lo.homotopy(lo.Problem(X, y, 0.0, penalty=penalty()))
    scaled = lo.homotopy(lo.Problem(X * scale, y, 0.0, penalty=penalty(weights=scale)))
    assert plain.knots[0] == pytest.approx(scaled.knots[0], rel=1e-14)
    np.testing.assert_allclose(plain.knots, scaled.knots, rtol=1e-12)
    for lam in (0.5, 0.1, 0.01):
        found = scaled.coef(lam * plain.knots[0]) * scale
        np.testing.assert_allclose(plain.coef(lam * plain.knots[0]), found, rtol=1e-9, atol=1e-14)


def test_where_double_precision_ends_the_path_says_so():
    """Without an intercept, and y without a mean, the weights' own rounding is too much from 1e4 on."""
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((30, 5)), rng.standard_normal(30)
    assert not judge(lo.Problem(X + 1e2, y, 0.0, intercept=False)).ended
    exact = judge(lo.Problem(X + 1e6, y, 0.0, intercept=False))
    assert exact.ended.startswith("below, no weights in double precision")
    assert repr(exact).endswith(f"; ended early: {exact.ended})")
    assert not judge(lo.Problem(X + 1e6, y, 0.0)).ended


def ordinary():
    """Data on which the path must reach 0."""
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((40, 6)), rng.standard_normal(40)
    times = 1.7e9 + 86400 * np.arange(40.0)
    data = lo.datasets.diabetes()
    return {
        "diabetes": lo.Problem(data.X, data.y, 0.0),
        "years": lo.Problem(rng.integers(1990, 2020, (40, 3)) * 1.0, 1998 + y, 0.0, intercept=False),
        "unix time": lo.Problem(np.column_stack([X, times]), y + 1e-6 * times, 0.0),
        "copies in other units": lo.Problem(np.column_stack([X, 2.54 * X, X.sum(axis=1)]), y, 0.0),
        "mirrored": lo.Problem(np.column_stack([X, -X]), y, 0.0, penalty="nonnegative_l1"),
        "free, far from 0": lo.Problem(
            np.column_stack([np.ones(40), X]), y + 1e7, 0.0, penalty=lo.L1(weights=[0.0] + [1.0] * 6), intercept=False
        ),
        "monomials": lo.Problem(np.vander(np.linspace(0, 1, 40), 6)[:, :-1], y, 0.0),
        "n < p": lo.Problem(*correlated(30, 80), 0.0),
        "extreme units": lo.Problem(X * [1e-120, 1e-60, 1, 1e30, 1e60, 1e120], y, 0.0),
        "samples that do not count": lo.Problem(
            np.vstack([X, 1e300 + 0 * X]), np.append(y, y), 0.0, sample_weight=np.repeat([1.0, 0.0], 40)
        ),
        "sparse": make("squared", kind="csr"),
    }


@pytest.mark.parametrize("case", ordinary())
def test_ordinary_data_are_followed_to_the_end(case):
    problem = ordinary()[case]
    exact = lo.homotopy(problem)
    assert not exact.ended
    assert exact.knots[-1] == 0
    if case not in ("extreme units", "samples that do not count", "free, far from 0"):
        for share in (0.7, 0.2, 0.03):
            lam = share * exact.knots[0]
            other = lo.solve(problem.with_lam(lam), tol=1e-10)
            objective = problem.with_lam(lam).objective
            found = objective(exact.coef(lam), exact.intercept(lam))
            assert found <= objective(other.coef, other.intercept) + 1e-11 * problem.scale


@pytest.mark.parametrize(
    "problem",
    [
        lo.Problem(np.full((5, 2), 3.3), np.arange(5.0), 0.0),
        lo.Problem(np.eye(5), np.full(5, 3.3), 0.0),
        lo.Problem(np.eye(5), np.zeros(5), 0.0, intercept=False),
        lo.Problem(
            np.column_stack([np.arange(5.0), 3 * np.arange(5.0) + 1]),
            [1.0, 0, 2, 1, 1],
            0.0,
            penalty=lo.L1(weights=[0.0, 1.0]),
        ),
        lo.Problem(np.eye(5)[:, :2], np.eye(5)[0] * 3 + 0.1, 0.0, penalty=lo.L1(weights=[0.0, 1.0])),
        lo.Problem(np.eye(5), np.arange(5.0), 0.0, penalty=lo.L1(weights=[np.inf] * 5)),
    ],
    ids=["constant columns", "constant target", "no target", "span of free", "target in it", "all excluded"],
)
def test_nothing_to_gain(problem):
    exact = lo.homotopy(problem)
    assert (exact.knots.tolist(), exact.events, exact.ended) == ([0.0], (), "")
    np.testing.assert_allclose(exact.coef(0.0), problem.null_coef, atol=1e-14)
