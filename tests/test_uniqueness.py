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

from lassoopt import L1, NonnegativeL1, Problem, certify
from lassoopt.dependence import combination, eliminate

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
    shape, c = (NonnegativeL1 if rng.random() < 0.2 else L1), np.ones(p)
    if rng.random() < 0.4:
        c = rng.choice([0.0, 0.5, 1.0, 1.0, 2.0, 3.0], p)
    weight = None if rng.random() < 0.6 else rng.choice([0.0, 1.0, 1.0, 2.0, 0.3], n)
    weight = weight if weight is None or weight.any() else None
    options = {"intercept": bool(rng.random() < 0.6), "scaling": str(rng.choice(["mean", "sum"]))}
    problem = Problem(X, y, 1.0, penalty=shape(c), sample_weight=weight, **options)
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


def test_no_verdict_is_false_and_most_are_reached():
    decided, clear = run(0, 250)
    assert clear > 150
    assert decided > 0.9 * clear


@pytest.mark.slow
def test_no_verdict_is_false_in_ten_thousand_draws():
    decided, clear = run(1, 10_000)
    assert decided > 0.9 * clear
