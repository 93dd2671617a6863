"""The bound between two points of a path: against optima solved for anew, and refinement until it is met."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from problems import EVERY, make

import lassoopt as lo
from lassoopt.duality import feasible
from lassoopt.interpolation import _largest


@pytest.mark.parametrize(("loss", "penalty"), EVERY)
def test_the_bound_holds_and_is_near_for_the_squared_loss(loss, penalty):
    plain = penalty == "l1"
    problem = make(loss, penalty, weights="mixed" if plain else "ones", sample_weights="zeros" if plain else "none")
    path = lo.path(problem, n_lambdas=4, eps=0.02, tol=1e-10)
    assert path.gap_between.shape == (3,)
    assert path.gap_everywhere == max(path.gap_between)
    nearest = 0.0
    for k, bound in enumerate(path.gap_between):
        for t in (0.3, 0.6):
            lam = t * path.lambdas[k] + (1 - t) * path.lambdas[k + 1]
            here = problem.with_lam(lam)
            coef, b = path.at(lam)
            excess = (here.objective(coef, b) - lo.solve(here, tol=1e-10).certificate.primal) / problem.scale
            assert excess <= bound + 1e-12
            nearest = max(nearest, excess / bound)
            # the interpolated multiplier is feasible as it is: making it so changes nothing
            thetas = [path.certificates[j].theta for j in (k, k + 1)]
            between = t * thetas[0] + (1 - t) * thetas[1]
            np.testing.assert_allclose(feasible(here, between).theta, between, atol=1e-9 * np.abs(between).max())
    if loss == "squared":
        assert nearest > 0.3


def test_between_kinks_of_the_squared_loss_nothing_is_lost():
    problem = make("squared")
    knots = lo.homotopy(problem).knots
    inside = [knots[2] + t * (knots[1] - knots[2]) for t in (0.9, 0.1)]
    path = lo.path(problem, inside, tol=1e-12)
    assert path.gap_everywhere < 1e-12
    across = lo.path(problem, [0.5 * (knots[0] + knots[1]), 0.5 * (knots[2] + knots[3])], tol=1e-12)
    assert across.gap_everywhere > 1e-6


@given(st.floats(0, 1), st.floats(0, 1), st.floats(-1, 10))
def test_the_largest_value_between(at_one, at_zero, excess):
    t = np.linspace(0, 1, 2001)
    values = t * at_one + (1 - t) * at_zero + t * (1 - t) * excess
    found = _largest(at_one, at_zero, excess)
    assert values.max() <= found + 1e-12
    assert found <= values.max() + 1e-5


@pytest.mark.parametrize("loss", ["squared", "logistic", "huber", "quantile"])
def test_refining_reaches_the_tolerance_and_keeps_the_points(loss):
    path = lo.path(make(loss), n_lambdas=5, eps=0.05)
    fine = path.refine(1e-3)
    assert path.gap_everywhere > 1e-3 >= fine.gap_everywhere
    assert set(path.lambdas) <= set(fine.lambdas)
    assert np.all(np.diff(fine.lambdas) < 0)
    assert fine.certified
    assert fine.refine(1e-3) is fine
    if loss == "quantile":  # whose points take long
        return
    finer = fine.refine(1e-5)
    assert finer.gap_everywhere <= 1e-5
    assert len(finer) < 40 * len(fine)  # about 10 times as many for a bound that is quadratic in the width


def test_to_the_end_of_the_path():
    problem = make("squared")
    path = lo.path(problem, [problem.lambda_max, 0.5 * problem.lambda_max, 0.0], tol=1e-10).refine(1e-4)
    for lam in np.linspace(0, problem.lambda_max, 17):
        here = problem.with_lam(lam)
        excess = here.objective(*path.at(lam)) - lo.solve(here, tol=1e-10).certificate.primal
        assert excess <= 1.0001e-4 * problem.scale


def test_where_points_are_not_good_enough_refining_ends():
    problem = make("huber")
    rough = lo.Path(problem, np.array([0.2, 0.1]), tuple(
        lo.solve(problem.with_lam(lam), method="admm", tol=0.5, max_iter=10) for lam in (0.2, 0.1)
    ))  # fmt: skip
    own = max(certificate.relative_gap for certificate in rough.certificates)
    assert rough.refine(0.5 * own).gap_everywhere >= own
    lost = lo.Path(problem, np.array([0.2]), (rough.solutions[0],))
    assert lost.gap_everywhere == pytest.approx(rough.certificates[0].relative_gap)
    assert lost.gap_between.size == 0


def test_an_infinite_gap_stays_infinite():
    problem = make("poisson")
    path = lo.path(problem, [0.2, 0.1])
    bad = lo.certify(problem.with_lam(0.1), np.full(6, 1e6), 0.0)
    assert bad.gap == np.inf
    first = path.solutions[0]
    last = replace(first, coef=bad.coef, intercept=0.0, theta=bad.theta, certificate=bad)
    broken = lo.Path(problem, path.lambdas, (first, last))
    assert broken.gap_everywhere == np.inf
    assert broken.refine(1e-3).gap_everywhere == np.inf


def test_ctrl_c_keeps_what_was_added(monkeypatch):
    module = sys.modules["lassoopt.path"]
    real, calls = module.solve_along, []

    def interrupted(problem, lambdas, *, tol):
        for solution in real(problem, lambdas, tol=tol):
            calls.append(1)
            if len(calls) == 4:
                raise KeyboardInterrupt
            yield solution

    path = lo.path(make(), n_lambdas=5, eps=0.05)
    monkeypatch.setattr(module, "solve_along", interrupted)
    assert len(path.refine(1e-6)) == 8


def test_at():
    path = lo.path(make(), [0.4, 0.2, 0.1])
    for lam, coef, b in zip(path.lambdas, path.coefs, path.intercepts, strict=True):
        found = path.at(lam)
        assert found[0].tolist() == coef.tolist()
        assert found[1] == b
    halfway = path.at(0.15)
    np.testing.assert_allclose(halfway[0], 0.5 * (path.coefs[1] + path.coefs[2]))
    assert halfway[1] == pytest.approx(0.5 * (path.intercepts[1] + path.intercepts[2]))
    for lam in (0.05, 0.5):
        with pytest.raises(lo.InputError, match=rf"lam: found {lam}; allowed are numbers from 0.1 to 0.4"):
            path.at(lam)
    with pytest.raises(lo.InputError, match="tol: found 0"):
        path.refine(0)


def test_plot_and_callback():
    seen = []
    path = lo.path(make(), n_lambdas=4, callback=seen.append)
    assert tuple(seen) == path.solutions
    top, bottom = path.plot()
    assert top.get_ylabel()
    assert bottom.get_xlabel()
