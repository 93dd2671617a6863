"""What a problem does with its data once: it validates them, and its statistics are made in the same passes."""

from __future__ import annotations

import tracemalloc
from fractions import Fraction

import numpy as np
import pytest
import scipy.sparse as sp

import lassoopt as lo
from lassoopt.arrays import arguments
from lassoopt.problems.centring import middle
from lassoopt.problems.null_model import best_intercept
from lassoopt.problems.problem import Problem


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("kind", [np.ascontiguousarray, np.asfortranarray, sp.csc_array, sp.csr_array])
@pytest.mark.parametrize("weights", [None, [1.0, 2.0, 0.5, 1.0, 0.0]])
def test_entries_that_are_not_finite_are_found_also_where_they_do_not_count(kind, value, weights):
    for row in range(5):
        X = np.arange(15.0).reshape(5, 3) + 1
        X[row, 1] = value
        with pytest.raises(lo.InputError, match=rf"X: found {value} at \[{row}, 1\]"):
            Problem(kind(X), np.arange(5.0), 0.1, sample_weight=weights)


@pytest.mark.parametrize("kind", [np.ascontiguousarray, sp.csc_array])
def test_large_entries_whose_sum_overflows_are_finite(kind):
    X = np.array([[1e308, 1.0], [1e308, 2.0], [0.5e308, -1.0]])
    problem = Problem(kind(X), [1.0, 2.0, 4.0], 0.1)
    np.testing.assert_allclose(problem.columns.norm[0], 1e308 * np.sqrt(2.25 / 3), rtol=1e-14)


def test_names_are_made_when_they_are_asked_for(monkeypatch):
    made = []
    monkeypatch.setattr(
        "lassoopt.problems.objective.distinct_names",
        lambda *of: made.append(of) or arguments.distinct_names(*of),
    )
    rng = np.random.default_rng(0)
    problem = Problem(rng.standard_normal((9, 4)), rng.standard_normal(9), 0.1)
    assert lo.certify(problem, np.zeros(4)).relative_gap > 0
    assert not made
    assert problem.with_lam(1.0).feature_names == problem.feature_names == ("x0", "x1", "x2", "x3")
    with pytest.raises(lo.InputError, match="feature_names"):
        Problem(np.eye(3), np.ones(3), 0.1, feature_names=["a", "b"])


@pytest.mark.parametrize("kind", ["C", "F", "sparse"])
def test_memory_beyond_the_data(kind):
    """A problem and a certificate take at most 0.4 times the memory of X."""
    rng = np.random.default_rng(0)
    if kind == "sparse":
        X = sp.random_array((2000, 8000), density=0.02, rng=rng, format="csc")
        size = X.data.nbytes + X.indices.nbytes
    else:
        X = np.asarray(rng.standard_normal((300, 3000)), order=kind)
        size = X.nbytes
    coef = np.zeros(X.shape[1])
    coef[:20] = 1.0
    y = X @ coef + 0.1 * rng.standard_normal(X.shape[0])
    problem = Problem(X, y)
    found = lo.solve(problem.with_lam(0.5 * problem.lambda_max))
    lam, coef, b = found.certificate.problem.lam, found.coef, found.intercept
    tracemalloc.start()
    assert lo.certify(Problem(X, y, lam), coef, b).certified
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak <= 0.4 * size


def test_the_best_intercept_of_the_squared_loss_is_the_mean():
    rng = np.random.default_rng(1)
    for n, offset in ((1, 0.0), (7, 1e8), (1000, 3.0)):
        y, u, s = offset + rng.standard_normal(n), rng.standard_normal(n), rng.random(n) * (np.arange(n) % 3 != 1)
        terms = [(Fraction(a) - Fraction(b), Fraction(c)) for a, b, c in zip(y, u, s, strict=True)]
        wanted = sum(r * c for r, c in terms) / sum(c for _, c in terms)
        assert best_intercept(lo.LOSSES["squared"](), u, y, s) == pytest.approx(float(wanted), rel=4e-16)


def test_the_middle_of_equal_weights_is_the_lower_median():
    rng = np.random.default_rng(2)
    for n in range(1, 12):
        y = rng.integers(0, 5, n) * 1.0
        below = sum(y <= middle(y, np.full(n, 0.3))), sum(y < middle(y, np.full(n, 0.3)))
        assert below[1] < n / 2 <= below[0]
        assert middle(y, np.full(n, 0.3)) == middle(np.append(y, 9.0), np.append(np.full(n, 0.3), 0.0))


def test_correlations_with_sparse_columns_are_as_accurate_as_their_entries_are_few():
    rng = np.random.default_rng(3)
    n = 30000
    X = sp.random_array((n, 12), density=0.001, rng=rng, format="csc")
    X.data = rng.standard_normal(X.nnz)
    problem = Problem(sp.hstack([X, sp.csc_array(100 + rng.random((n, 1)))]), rng.standard_normal(n), 0.1)
    centring, theta = problem.centred.centring, rng.standard_normal(n) / n
    z, length = centring.correlate(theta), float(np.sqrt(np.sum(theta**2 / problem.s)))
    assert centring.far.tolist() == [12]
    assert (centring.accuracy[:12] < 2.0**-53 * 100 * centring.size[:12]).all()
    assert centring.accuracy[12] > 2.0**-53 * n * centring.size[12]
    for j in range(13):
        column = problem.X[:, [j]].tocoo()
        entries = zip(column.data.tolist(), theta[column.coords[0]].tolist(), strict=True)
        mean = Fraction(centring.mean[j])
        wanted = sum(Fraction(a) * Fraction(t) for a, t in entries) - mean * sum(map(Fraction, theta.tolist()))
        assert abs(Fraction(z[j]) - wanted) <= Fraction(centring.accuracy[j] * length) + abs(wanted) / 2**52
