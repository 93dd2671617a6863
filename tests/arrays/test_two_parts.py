"""Products with a matrix in two parts, against fractions."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from lassoopt.arrays.two_parts import LARGEST, ROUNDOFF, TwoParts

UNIT = Fraction(1, 2**53)


def exact(A, x):
    """The rows of A times x, in fractions."""
    x = [Fraction(value) for value in x]
    return [sum(Fraction(a) * b for a, b in zip(row, x, strict=True)) for row in A.tolist()]


def matrix(kind, n, p, rng):
    X, s, mean = rng.standard_normal((n, p)), np.full(n, 1 / n), np.zeros(p)
    if kind == "weights":
        s = 10.0 ** rng.uniform(-12, 3, n)
        X /= np.sqrt(s)[:, None]  # outliers that count for little
    if kind == "scales":
        X *= 10.0 ** rng.uniform(-120, 120, p)
    if kind == "alike":
        X = X[:, :1] + 1e-12 * X
    if kind == "far":
        X = 100 + X
        mean = X.mean(axis=0) + 1e-3
        X[-1] = rng.random(p)  # so far from the mean that the difference is rounded
    return X, mean, s


@pytest.mark.parametrize("kind", ["plain", "weights", "scales", "alike", "far"])
@pytest.mark.parametrize("shape", [(3, 200), (60, 7), (1, 1)])
def test_products_are_as_exact_as_their_bound_says(kind, shape):
    rng = np.random.default_rng(0)
    n, p = shape
    for seed in range(4):
        X, mean, s = matrix(kind, n, p, rng)
        centred = [[Fraction(a) - Fraction(m) for a, m in zip(row, mean.tolist(), strict=True)] for row in X.tolist()]
        C = np.array(centred, dtype=object)
        size = np.sqrt(s @ (C * C).astype(float)) * (1 + 1e-12)
        parts = TwoParts.of(np.asfortranarray(X) if seed % 2 else X, mean, s, size)
        w = rng.standard_normal((2, p)) / size * 10.0 ** rng.uniform(-8, 0, p)
        theta = s * rng.standard_normal((2, n)) * 10.0 ** rng.uniform(-8, 0, n)
        # such that nearly all cancels
        w[1, 0] -= float(exact(C, w[1])[0] / (C[0, 0] or 1))
        theta[1, 0] -= float(exact(C.T, theta[1])[0] / (C[0, 0] or 1))
        products = ((C, w, parts.predict), (C.T, theta, parts.correlate))
        for A, vectors, product in products:
            together = product(vectors)
            for v, found, alone in zip(vectors, together, map(product, vectors), strict=True):
                wanted = exact(A, v.tolist())
                if A is C:
                    bound = (p + 3) * ROUNDOFF * (np.abs(v) @ size) / np.sqrt(s)
                else:
                    bound = (n + 3) * ROUNDOFF * size * np.sqrt(float((v / s) ** 2 @ s))
                for result in (found, alone):
                    for a, b, most in zip(result.tolist(), wanted, bound.tolist(), strict=True):
                        error = abs(Fraction(a) - b) - UNIT * abs(b) * 2
                        assert error <= Fraction(most)


def test_plain_floats_would_not_do():
    """The bound is some 2000 times below that of a product in floats, and these do not meet it."""
    rng = np.random.default_rng(1)
    X, s = rng.standard_normal((40, 10)), np.full(40, 1 / 40)
    size = np.sqrt(s @ X**2)
    w = rng.standard_normal(10)
    w[0] -= (X[0] @ w) / X[0, 0]
    wanted, bound = exact(X[:1], w.tolist())[0], 13 * ROUNDOFF * (np.abs(w) @ size) * np.sqrt(40)
    assert abs(Fraction(float(X[0] @ w)) - wanted) > bound
    assert abs(Fraction(float(TwoParts.of(X, np.zeros(10), s, size).predict(w)[0])) - wanted) <= bound


def test_the_largest_matrices_meet_the_bound():
    """A sum of 50,000 terms, in the two shapes."""
    rng = np.random.default_rng(2)
    x, v = rng.standard_normal(LARGEST), rng.standard_normal(LARGEST)
    wanted = exact(x[None], v.tolist())[0]
    row = TwoParts.of(x[None], np.zeros(LARGEST), np.ones(1), np.abs(x)).predict(v)[0]
    one = TwoParts.of(x[:, None], np.zeros(1), np.ones(LARGEST), np.array([np.linalg.norm(x) * (1 + 1e-9)]))
    column = one.correlate(v)[0]
    assert abs(Fraction(float(row)) - wanted) <= UNIT * abs(wanted) + (LARGEST + 3) * ROUNDOFF * (np.abs(v) @ np.abs(x))
    most = (LARGEST + 3) * ROUNDOFF * np.linalg.norm(x) * np.linalg.norm(v)
    assert abs(Fraction(float(column)) - wanted) <= UNIT * abs(wanted) + most


def test_vectors_near_the_ends_of_floating_point():
    X, s = np.array([[1.0, -1.0], [0.5, 2.0]]), np.full(2, 0.5)
    parts = TwoParts.of(X, np.zeros(2), s, np.sqrt(s @ X**2))
    for scale in (1e-300, 1e-170, 1e170, 1e300):
        np.testing.assert_allclose(
            parts.correlate(scale * np.array([1.0, 3.0])), scale * np.array([2.5, 5.0]), rtol=1e-15
        )
        np.testing.assert_allclose(
            parts.predict(scale * np.array([1.0, 3.0])), scale * np.array([-2.0, 6.5]), rtol=1e-15
        )
    both = np.array([[1e-300, 3e-300], [0.0, 0.0], [1e300, 3e300]])
    assert parts.correlate(both)[1].tolist() == parts.predict(both)[1].tolist() == [0.0, 0.0]
    np.testing.assert_allclose(parts.correlate(both)[::2] / [[1e-300], [1e300]], [[2.5, 5.0], [2.5, 5.0]], rtol=1e-15)
    assert TwoParts.of(1e300 * X, np.zeros(2), np.array([0.0, 1.0]), np.array([1e-30, 1e-30])) is None
