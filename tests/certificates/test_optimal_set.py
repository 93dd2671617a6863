"""Whether the optimal solution is unique, against the optimal set itself, in exact arithmetic.

The judge works in fractions on the numbers that a problem holds. The lasso's optimal set is a polytope, once the free
columns are independent; its corners are the solutions of the optimality conditions with independent columns in their
support, of which small problems have few enough to try them all.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
import scipy.sparse as sp

import lassoopt as lo
from lassoopt import L1, NonnegativeL1, Problem, certify
from lassoopt.certificates.curvature import curvature_floor, inverse_roots
from lassoopt.certificates.dual_points import feasible
from lassoopt.certificates.linear_dependence import combination, eliminate

# ---------------------------------------------------------------- the judge


def fractions(values):
    return [Fraction(value) for value in np.asarray(values, dtype=float).tolist()]


def solved(A, b):
    """The solution of a square system of fractions, or None if it is singular."""
    rows = [[*row, right] for row, right in zip(A, b, strict=True)]
    for k in range(len(rows)):
        pivot = next((i for i in range(k, len(rows)) if rows[i][k] != 0), None)
        if pivot is None:
            return None
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [value / rows[k][k] for value in rows[k]]
        for i in range(len(rows)):
            if i != k and rows[i][k] != 0:
                rows[i] = [a - rows[i][k] * b for a, b in zip(rows[i], rows[k], strict=True)]
    return [row[-1] for row in rows]


def unbounded(G, free, positive):
    """Whether free weights can run to infinity with every prediction as it is."""
    for count, first in product(range(2 ** len(free)), free):
        S = [j for k, j in enumerate(free) if count >> k & 1 and j != first]
        inside = solved([[G[i][j] for j in S] for i in S], [-G[i][first] for i in S])
        if inside is None or (positive and any(value < 0 for value in inside)):
            continue
        d = dict(zip([first, *S], [1, *inside], strict=True))
        if all(sum(G[i][j] * value for j, value in d.items()) == 0 for i in free):
            return True
    return False


def corners(problem):
    """The corners of the optimal set of a lasso of the squared loss, as lists of fractions; None if it is unbounded."""
    p = problem.shape[1]
    X = problem.X.toarray() if hasattr(problem.X, "toarray") else problem.X
    weight = fractions(np.ones(len(problem.y)) if problem.sample_weight is None else problem.sample_weight)
    total = sum(weight)
    s = [value / total for value in weight] if problem.scaling == "mean" else weight
    columns = [fractions(column) for column in [*X.T, problem.y]]
    if problem.intercept:
        means = [sum(a * b for a, b in zip(s, column, strict=True)) / sum(s) for column in columns]
        columns = [[value - mean for value in column] for column, mean in zip(columns, means, strict=True)]
    inner = [[sum(a * b * c for a, b, c in zip(s, x, z, strict=True)) for z in columns] for x in columns]
    G, g = [row[:p] for row in inner[:p]], [row[p] for row in inner[:p]]
    level = [Fraction(problem.lam) * Fraction(c) for c in problem.penalty.c.tolist()]
    positive = problem.penalty.nonnegative
    if unbounded(G, [j for j in range(p) if level[j] == 0], positive):
        return None
    choices = [(0, 1) if positive else (1,) if level[j] == 0 else (-1, 0, 1) for j in range(p)]
    found = set()
    for signs in product(*choices):
        S = [j for j in range(p) if signs[j] != 0]
        w = [Fraction(0)] * p
        inside = solved([[G[i][j] for j in S] for i in S], [g[i] - level[i] * signs[i] for i in S])
        if inside is None:
            continue
        for j, value in zip(S, inside, strict=True):
            w[j] = value
        if any(w[j] * signs[j] < 0 and (level[j] > 0 or positive) for j in S):
            continue
        z = [g[i] - sum(a * b for a, b in zip(G[i], w, strict=True)) for i in range(p)]
        if all((z[j] if positive else abs(z[j])) <= level[j] for j in range(p)):
            found.add(tuple(w))
    return sorted(found)


# ---------------------------------------------------------------- the generator

KINDS = ("same", "negated", "doubled", "multiple", "sum", "shifted", "far", "near", "close", "constant", "other")


def column(kind, X, rng):
    """A column that has something to do with the first two of X, or not."""
    x, v = X[0], rng.integers(-8, 9, len(X[0])).astype(float)
    sign = rng.choice([-1.0, 1.0])
    return {
        "same": x,
        "negated": -x,
        "doubled": sign * x * 2.0 ** rng.integers(-30, 31),
        "multiple": sign * rng.choice([3.0, 5 / 8, 1 + 2.0**-40, 0.1, 1 / 3]) * x,
        "sum": x + sign * (X[1] if len(X) > 1 else 1.0),
        "shifted": x + float(rng.integers(-(10**6), 10**6)),
        "far": sign * x + float(rng.integers(1, 10)) * 10.0 ** rng.integers(3, 13),
        "near": x + v * 2.0 ** -rng.integers(20, 51),
        "close": x * (1 + 2.0 ** -rng.integers(20, 51)) + v * 2.0**-20,
        "constant": np.full(len(x), float(rng.integers(0, 3))),
        "other": v,
    }[kind]


def draw(rng):
    """A small lasso whose columns may be dependent, or nearly so, and a point near its optimal set."""
    n, p = int(rng.integers(3, 9)), int(rng.integers(2, 5))
    X = [rng.integers(-8, 9, n).astype(float) for _ in range(int(rng.integers(1, 3)))]
    kinds = [str(rng.choice(KINDS)) for _ in range(p - len(X))]
    X += [column(kind, X, rng) for kind in kinds]
    X = np.array(X[:p])[rng.permutation(len(X[:p]))].T
    y = X @ rng.integers(-3, 4, p) + rng.integers(-4, 5, n)
    y = y - y[0] if rng.random() < 0.8 else y
    if rng.random() < 0.3:  # far from 0 compared with their spread
        X = X + float(rng.integers(1, 10)) * 10.0 ** rng.integers(2, 10)
    X = X * 2.0 ** (rng.integers(-40, 41) if rng.random() < 0.2 else 0)
    if rng.random() < 0.1:
        X, y = X * 2.0 ** rng.choice([-300, -100, 0, 100, 300], p), y * 2.0 ** rng.choice([-300, 0, 300])
    shape, c = (NonnegativeL1 if rng.random() < 0.2 else L1), np.ones(p)
    if rng.random() < 0.4:
        c = rng.choice([0.0, 0.5, 1.0, 1.0, 2.0, 3.0], p)
    weight = None if rng.random() < 0.6 else rng.choice([0.0, 1.0, 1.0, 2.0, 0.3], n)
    weight = weight if weight is None or weight.any() else None
    options = {"intercept": bool(rng.random() < 0.6), "scaling": str(rng.choice(["mean", "sum"]))}
    problem = Problem(X, y, 1.0, penalty=shape(weights=c), sample_weight=weight, **options)
    ratio = 0.0 if rng.random() < 0.1 else float(rng.choice([1e-7, 1e-3, 0.05, 0.3, 0.9]))
    return problem.with_lam(ratio * problem.lambda_max), kinds


def judged(rng):
    """A draw, its certificate near the optimal set, and the set's corners."""
    problem, kinds = draw(rng)
    ends = corners(problem)
    if ends:
        share = rng.dirichlet(np.ones(len(ends))) if rng.random() < 0.7 else np.eye(len(ends))[0]
        w = share @ np.array([[float(value) for value in end] for end in ends])
    else:
        Z = problem.X - problem.columns.mean if problem.intercept else problem.X
        root = np.sqrt(problem.s)
        w = np.linalg.lstsq(Z * root[:, None], problem.y * root, rcond=None)[0]
    if rng.random() < 0.3:
        w = w * (1 + 10.0 ** -rng.integers(4, 14) * rng.standard_normal(w.size))
    w = np.maximum(w, 0.0) if problem.penalty.nonnegative else w
    return problem, kinds, certify(problem, w), ends


def assert_true(problem, found, ends):
    """No claim of the certificate is false."""
    verdict = found.uniqueness.verdict
    about = (problem.X.tolist(), problem.y.tolist(), problem.lam, problem.penalty.c, problem.intercept, verdict)
    if ends is None:
        assert verdict != "unique", about
        return
    assert verdict != ("unique" if len(ends) > 1 else "not unique"), about
    for w in ends:
        for j, value in enumerate(w):
            error, sign = found.coef_error[j], found.proven_signs[j]
            assert error == np.inf or abs(value - Fraction(found.coef[j])) <= Fraction(error), about
            assert sign == 0 or value * int(sign) > 0, about
            assert not found.proven_zeros[j] or value == 0, about


def run(seed, count):
    rng, decided, clear = np.random.default_rng(seed), 0, 0
    for _ in range(count):
        problem, _, found, ends = judged(rng)
        assert_true(problem, found, ends)
        if found.certified:
            clear += 1
            decided += found.uniqueness.verdict != "undecided"
    return decided, clear


@pytest.mark.slow
def test_no_verdict_is_false_and_most_are_reached():
    decided, clear = run(0, 120)
    assert clear > 70
    assert decided > 0.9 * clear


@pytest.mark.search
def test_no_verdict_is_false_in_ten_thousand_draws():
    decided, clear = run(1, 10_000)
    assert decided > 0.9 * clear


# ---------------------------------------------------------------- its parts


def centred(columns, weight):
    means = [sum(a * b for a, b in zip(weight, column, strict=True)) / sum(weight) for column in columns]
    return [[value - mean for value in column] for column, mean in zip(columns, means, strict=True)]


@pytest.mark.slow
@pytest.mark.parametrize("intercept", [True, False])
def test_the_bound_on_the_inverse_is_one_and_a_close_one(intercept):
    rng, found, singular = np.random.default_rng(2), 0, 0
    for _ in range(40):
        n, p = int(rng.integers(5, 9)), int(rng.integers(1, 4))
        X = [rng.standard_normal(n) for _ in range(p)]
        X += [column(str(rng.choice(KINDS)), X, rng)]
        X = np.array(X).T * 2.0 ** rng.integers(-300, 300, p + 1)
        weight = rng.choice([0.0, 1.0, 0.3, 1e-6], n) if rng.random() < 0.4 else np.ones(n)
        floor = rng.choice([0.0, 1.0, 1e-3, 0.1], n) if rng.random() < 0.4 else np.ones(n)
        if not (weight * floor).any():
            continue
        penalty = (
            "l1" if rng.random() < 0.7 else lo.ElasticNet(l1_ratio=0.5, weights=1 / np.abs(X).max(axis=0).clip(1e-300))
        )
        problem = Problem(X, rng.standard_normal(n), 1e-3, penalty=penalty, intercept=intercept, sample_weight=weight)
        bound = inverse_roots(problem, np.arange(p + 1), floor)
        s = [Fraction(value) / sum(fractions(weight)) * Fraction(f) for value, f in zip(weight, floor, strict=True)]
        columns = [fractions(values) for values in X.T]
        columns = centred(columns, s) if intercept else columns
        H = [[sum(a * b * c for a, b, c in zip(s, x, z, strict=True)) for z in columns] for x in columns]
        for j, c in enumerate(problem.penalty.c.tolist()):
            H[j][j] += Fraction(problem.lam) * Fraction(c) ** 2 / 2 if penalty != "l1" else 0
        exact = [solved(H, [Fraction(i == j) for i in range(p + 1)]) for j in range(p + 1)]
        if exact[0] is None:
            singular += 1
            assert bound is None
        elif bound is not None:
            found += 1
            ratio = [Fraction(value) ** 2 / exact[j][j] for j, value in enumerate(bound.tolist())]
            assert min(ratio) >= 1
            if max(Fraction(value) ** 2 * H[j][j] for j, value in enumerate(bound.tolist())) < 10**12:
                assert max(ratio) < 1 + 1e-6
    assert found > 15
    assert singular > 3


def test_dependences_are_those_of_rational_elimination():
    rng = np.random.default_rng(3)
    for _ in range(40):
        n, intercept = int(rng.integers(3, 9)), bool(rng.random() < 0.5)
        X = [rng.integers(-3, 4, n).astype(float) for _ in range(2)]
        X += [column(str(rng.choice(KINDS)), X, rng) for _ in range(3)]
        A = np.array(X).T * 2.0 ** rng.integers(-200, 200, 5)
        basis, others = eliminate(A, intercept)
        kept, columns = [], [fractions(values) for values in A.T]
        columns = centred(columns, [Fraction(1)] * n) if intercept else columns
        for j, x in enumerate(columns):
            G = [
                [sum(a * b for a, b in zip(columns[i], columns[k], strict=True)) for k in [*kept, j]]
                for i in [*kept, j]
            ]
            if solved(G, [Fraction(0)] * len(G)) is not None:
                kept.append(j)
                continue
            q = combination(A[:, others[j]], A[:, j], intercept)
            total = [sum(value * columns[i][row] for value, i in zip(q, others[j], strict=True)) for row in range(n)]
            assert total == x
        assert basis == kept
        if len(basis) > 1:
            assert combination(A[:, basis[:1]], A[:, basis[1]], intercept) is None


@pytest.mark.slow
@pytest.mark.parametrize("loss", ["squared", "huber", "logistic", "poisson", "squared_hinge"])
def test_the_curvature_is_no_less_than_its_floor(loss):
    rng, positive = np.random.default_rng(4), 0
    for _ in range(6):
        X = rng.standard_normal((30, 3))
        u = X @ rng.standard_normal(3)
        u = u if loss == "poisson" else u + rng.standard_normal(30)
        y = {"poisson": rng.poisson(np.exp(u)), "logistic": u > 0, "squared_hinge": u > 0}.get(loss, u)
        problem = Problem(X, np.asarray(y, dtype=float), 0.02, loss=loss, intercept=False)
        best = lo.solve(problem, tol=1e-12)
        w = best.coef + 10.0 ** -rng.uniform(1, 6) * rng.standard_normal(3)
        point = feasible(problem, problem.theta(X @ w))
        floor = curvature_floor(problem, point, w, X @ w, problem.objective(w) - point.value)
        positive += np.count_nonzero(floor)
        for at in (best.coef, w, (best.coef + w) / 2):
            curvature = problem.loss.curvature(X @ at, problem.y)
            assert (floor <= curvature * (1 + 1e-6)).all()
    assert positive > 30


# ---------------------------------------------------------------- what users have


@pytest.mark.slow
@pytest.mark.parametrize("power", range(0, 50, 7))
@pytest.mark.parametrize("loss", ["squared", "logistic", "poisson"])
def test_twins_at_every_distance(loss, power):
    """With an intercept, x and x - m are one column, and without one they are not."""
    rng = np.random.default_rng(power)
    k = rng.integers(-40, 41, 40).astype(float)
    x = k * 2.0**-4
    y = x + rng.standard_normal(40)
    y = {"squared": y, "logistic": y > 0, "poisson": rng.poisson(np.exp(y / 3))}[loss]
    for m in (2.0**power, 3 * 2.0**power + 1):
        if np.any((x + m) - m != x):
            continue
        problem = Problem(np.column_stack([x + m, x]), np.asarray(y, dtype=float), 0.02, loss=loss)
        alone = lo.solve(Problem(x[:, None], problem.y, 0.02, loss=loss))
        for share in (0.0, 0.4, 1.0):
            w = np.array([share, 1 - share]) * alone.coef
            found = certify(problem, w, alone.intercept - m * w[0], tol=1e-6)
            assert found.uniqueness.verdict != "unique"
            assert not found.proven_signs.any()
            if power < 20:
                assert found.uniqueness.verdict == "not unique"


@pytest.mark.parametrize("e", range(20, 52, 4))
def test_independent_columns_are_never_called_dependent(e):
    rng = np.random.default_rng(e)
    x, v = rng.integers(-8, 9, 50).astype(float), rng.integers(-8, 9, 50).astype(float)
    for twin in (x + v * 2.0**-e, -x - v * 2.0**-e):
        found = lo.solve(Problem(np.column_stack([x, twin]), x + 0.3 * v, 0.05)).certificate
        assert found.uniqueness.verdict == "unique"


def test_years_prices_and_unix_time_are_ordinary_columns():
    rng = np.random.default_rng(0)
    year, seconds = rng.integers(1950, 2025, 200).astype(float), 1.6e9 + rng.integers(0, 10**6, 200)
    X = np.column_stack([year, 1e5 + rng.standard_normal(200), seconds, rng.standard_normal(200)])
    y = (X - X.mean(axis=0)) @ [0.1, 1.0, 1e-5, 1.0] + 0.1 * rng.standard_normal(200)
    solution = lo.solve(Problem(X, y, 0.01))
    assert solution.certificate.uniqueness.verdict == "unique"
    assert solution.certificate.proven_signs.tolist() == [1, 1, 1, 1]


@pytest.mark.slow
@pytest.mark.parametrize("kind", [np.asarray, sp.csr_array])
@pytest.mark.parametrize("loss", ["squared", "huber", "logistic", "poisson", "squared_hinge"])
def test_a_second_solution_is_one(loss, kind):
    """Dummies of all levels with an intercept; twins, also of another scale; free columns that are dependent."""
    rng = np.random.default_rng(5)
    levels = np.arange(120) % 4
    dummies, x = np.eye(4)[levels], rng.integers(-4, 5, (120, 2)).astype(float)
    effect = np.array([2.0, 1.0, -2.0, -1.0])[levels]
    cases = {
        "dummies": (dummies, effect, None),
        "twins": (np.column_stack([x, x[:, 0]]), x[:, 0], None),
        "scaled twins": (np.column_stack([x, -2 * x[:, 0]]), x[:, 0], L1(weights=[1.0, 1.0, 2.0])),
        "free": (np.column_stack([x, x[:, 0] + x[:, 1] + 7]), x[:, 0], L1(weights=[0.0, 0.0, 0.0])),
    }
    for name, (X, u, penalty) in cases.items():
        u = u + rng.standard_normal(120)
        y = {"poisson": rng.poisson(np.exp(u / 2)), "logistic": u > 0, "squared_hinge": u > 0}.get(loss, u)
        problem = Problem(kind(X), np.asarray(y, dtype=float), 0.01, loss=loss, penalty=penalty or "l1")
        solution = lo.solve(problem, tol=1e-10)
        found = solution.certificate.uniqueness
        assert found.verdict == "not unique", (name, found)
        move = found.direction
        assert np.abs(move).max() > 1e-3
        moved = certify(problem, solution.coef + move, tol=1e-9)
        assert moved.certified, name
        assert moved.uniqueness.verdict == "not unique"


def test_a_point_without_the_best_of_the_dependent_columns_is_no_witness():
    """Of x, x and 3 x the last alone is used; the first alone is best only if the last is left out."""
    x = np.random.default_rng(7).integers(-4, 5, 40).astype(float)
    problem = Problem(np.column_stack([x, x, 3 * x]), x, 0.01)
    one = lo.solve(Problem(x[:, None], x, 0.01)).coef[0]
    assert certify(problem, [one, 0.0, 0.0]).uniqueness.verdict != "not unique"
    assert certify(problem, [0.0, 0.0, (one + 0.01 / x.var()) / 3]).uniqueness.verdict != "not unique"


def test_groups_are_undecided_unless_free_columns_depend():
    rng = np.random.default_rng(6)
    X = rng.integers(-4, 5, (60, 2)).astype(float)
    X = np.hstack([X, X])
    y = X[:, 0] + X[:, 1] + rng.standard_normal(60)
    for weights, verdict in (([1.0, 1.0], "undecided"), ([0.0, 0.0], "not unique")):
        penalty = lo.Group(groups=[0, 0, 1, 1], group_weights=weights)
        assert lo.solve(Problem(X, y, 0.1, penalty=penalty)).certificate.uniqueness.verdict == verdict
