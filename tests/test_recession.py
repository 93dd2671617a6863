"""Whether a minimiser exists: judged in fractions, by the extreme rays of the cone of directions that never rise."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
import scipy.sparse as sp

import lassoopt as lo
from lassoopt.solution import Status

KINDS = ["logistic", "poisson"]


def null_space(rows, width: int) -> list[list[Fraction]]:
    """A basis of the vectors orthogonal to the rows, by Gauss and Jordan's elimination in fractions."""
    rows, pivots = [list(map(Fraction, row)) for row in rows], []
    for j in range(width):
        at = next((i for i in range(len(pivots), len(rows)) if rows[i][j]), None)
        if at is None:
            continue
        k = len(pivots)
        rows[k], rows[at] = rows[at], rows[k]
        rows[k] = [value / rows[k][j] for value in rows[k]]
        for i in range(len(rows)):
            if i != k:
                rows[i] = [a - rows[i][j] * b for a, b in zip(rows[i], rows[k], strict=True)]
        pivots.append(j)
    found = []
    for j in sorted(set(range(width)) - set(pivots)):
        vector = [Fraction(int(i == j)) for i in range(width)]
        for i, pivot in enumerate(pivots):
            vector[pivot] = -rows[i][j]
        found.append(vector)
    return found


def some_sample_recedes(equal, rising, bounded: int, width: int) -> bool:
    """Whether some d has ``equal d = 0``, ``rising d >= 0``, not all of it 0, and its first entries ``>= 0``.

    The cone of such d is its lineality space and the sums of its extreme rays, on each of which so many inequalities
    hold with equality that one dimension more is left.
    """
    if not rising:
        return False
    unit = [[int(i == j) for i in range(width)] for j in range(bounded)]
    inequalities, flat = [*rising, *unit], len(null_space([*equal, *rising, *unit], width))
    for size in range(min(width, len(inequalities)) + 1):
        for chosen in combinations(inequalities, size):
            space = null_space([*equal, *chosen], width)
            if len(space) != flat + 1:
                continue
            for ray in space:
                for sign in (1, -1):
                    slopes = [
                        [sign * sum(map(lambda a, b: a * b, row, ray)) for row in part] for part in (rising, unit)
                    ]
                    if any(slopes[0]) and min([*slopes[0], *slopes[1]]) >= 0:
                        return True
    return False


def exists(problem: lo.Problem) -> bool:
    """Whether the problem has a minimiser, from the definition."""
    free = np.flatnonzero(problem.unpenalised)
    X = problem.X.toarray() if sp.issparse(problem.X) else problem.X
    rows = [[Fraction(value) for value in row] + [1] * problem.intercept for row in X[:, free].tolist()]
    equal, rising = [], []
    for row, y, s in zip(rows, problem.y, problem.s, strict=True):
        if s == 0:
            continue
        if isinstance(problem.loss, lo.Logistic):
            rising.append(row if y > 0 else [-value for value in row])
        elif y > 0:
            equal.append(row)
        else:
            rising.append([-value for value in row])
    bounded = free.size if problem.penalty.nonnegative else 0
    return not some_sample_recedes(equal, rising, bounded, free.size + problem.intercept)


def drawn(rng: np.random.Generator) -> lo.Problem:
    """A small problem with free features: dummies, whole numbers, at odd scales and means; samples of weight 0."""
    n, k = int(rng.integers(4, 9)), int(rng.integers(1, 3))
    loss, intercept = KINDS[rng.integers(2)], bool(rng.integers(2))
    y = rng.integers(0, 2, n).astype(float) if loss == "logistic" else rng.integers(0, 3, n) * rng.integers(0, 2, n)
    y[:2] = 1.0, 0.0
    columns = [np.eye(n)[rng.integers(n)] if rng.random() < 0.4 else rng.integers(-3, 4, n) for _ in range(k)]
    free = np.column_stack(columns) * 10.0 ** rng.integers(-3, 4, k)
    if intercept and rng.random() < 0.3:
        free = free + 2.0**20
    X = np.column_stack([free, rng.integers(-3, 4, n)])
    weights = None
    if rng.random() < 0.4:
        weights = rng.integers(0, 3, n).astype(float)
        weights[:2] += 1
    nonnegative = rng.random() < 0.3
    c = np.append(np.zeros(k), 1.0)
    penalty = lo.NonnegativeL1(weights=c) if nonnegative else lo.L1(weights=c)
    X = sp.csr_array(X) if rng.random() < 0.2 else X
    lam = 0.0 if rng.random() < 0.2 else 0.1
    return lo.Problem(X, y, lam, loss=loss, penalty=penalty, intercept=intercept, sample_weight=weights)


def judged(seed: int) -> bool:
    problem = drawn(np.random.default_rng(seed))
    there = exists(problem)
    assert (problem.recession is None) == there, seed
    return there


def test_a_minimiser_exists_or_not_by_definition():
    found = [judged(seed) for seed in range(200)]
    assert 40 < sum(found) < 160
