"""Where weights leave zero: against scikit-learn's knots, in closed form, and by solving on both sides."""

from __future__ import annotations

import numpy as np
import pytest
from problems import make
from sklearn.linear_model import lars_path

import lassoopt as lo
from lassoopt.paths.departures import departures


def knots(problem):
    """Name, lam and sign of every departure, by least angle regression."""
    X = (problem.X - problem.X.mean(axis=0)) / problem.penalty.c
    alphas, _, coefs = lars_path(X, problem.y - problem.y.mean(), method="lasso")
    left = [(k, j) for k in range(len(alphas) - 1) for j in np.flatnonzero((coefs[:, k] == 0) & (coefs[:, k + 1] != 0))]
    return [(problem.feature_names[j], alphas[k], np.sign(coefs[j, k + 1])) for k, j in left]


@pytest.fixture(scope="module")
def diabetes():
    data = lo.datasets.diabetes()
    return lo.Problem(data.X, data.y, 0.0, standardize=True, feature_names=data.feature_names)


@pytest.mark.parametrize(("n_lambdas", "accuracy"), [(100, 1e-6), (30, 1e-3)])
def test_against_the_knots_of_scikit_learn(diabetes, n_lambdas, accuracy):
    found = departures(lo.path(diabetes, n_lambdas=n_lambdas, eps=1e-3, tol=1e-10))
    expected = knots(diabetes)
    assert [each.name for each in found] == [name for name, _, _ in expected]
    assert [each.name for each in found].count("s3") == 2  # leaves, comes back, leaves with the other sign
    assert [each.sign for each in found] == [sign for _, _, sign in expected]
    assert [diabetes.feature_names[each.feature] for each in found] == [each.name for each in found]
    np.testing.assert_allclose([each.lam for each in found], [lam for _, lam, _ in expected], rtol=accuracy)


def test_from_the_correlations_where_the_weights_have_a_knot():
    """Two lam only: nothing but the way up to the edge of the band is known of the second weight's departure."""
    problem = lo.Problem(np.eye(2), [2.0, 1.0], 0.0, intercept=False, scaling="sum")
    (found,) = departures(lo.path(problem, [1.8, 1.5, 0.9], tol=1e-13))
    assert (found.name, found.sign) == ("x1", 1)
    assert found.lam == pytest.approx(1.0)


@pytest.mark.slow
@pytest.mark.parametrize("options", [{"loss": "logistic"}, {"penalty_name": "elastic_net"}, {"penalty_name": "group"}])
def test_weights_are_zero_above_and_not_below(options):
    path = lo.path(make(**options), n_lambdas=60, tol=1e-12)
    found = departures(path)
    assert found
    assert [each.lam for each in found] == sorted((each.lam for each in found), reverse=True)
    for each in found:
        above, below = (lo.solve(path.problem.with_lam(each.lam * ratio), tol=1e-13) for ratio in (1.005, 0.995))
        assert above.coef[each.feature] == 0
        assert np.sign(below.coef[each.feature]) == each.sign


@pytest.mark.slow
@pytest.mark.parametrize(
    "options", [{}, {"weights": "mixed"}, {"penalty_name": "sparse_group"}, {"loss": "quantile"}, {"ratio": 0.5}]
)
@pytest.mark.parametrize("ratios", [(1.0,), (1.5, 0.5), (1.5, 0.5, 0.0), (0.3, 0.0)])
def test_on_coarse_grids_they_are_in_their_interval(options, ratios):
    problem = make(**options)
    top = problem.lambda_max
    path = lo.path(problem, [ratio * top for ratio in ratios])
    weights = np.array([each.coef_with_proven_zeros for each in path.certificates])
    count = np.count_nonzero((weights[:-1] == 0) & (weights[1:] != 0))
    assert len(departures(path)) == count
    for each in departures(path):
        k = np.flatnonzero(path.lambdas >= each.lam)[-1]
        k = min(k, len(path) - 2)
        assert path.lambdas[k + 1] <= each.lam <= path.lambdas[k]
        assert problem.feature_names[each.feature] == each.name


def test_a_path_on_which_nothing_moves_has_none(diabetes):
    assert departures(lo.path(diabetes, [60.0, 50.0])) == ()
    assert departures(lo.path(diabetes, [1.0])) == ()
