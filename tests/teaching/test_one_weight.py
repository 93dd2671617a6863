"""One weight: the closed form against its definition and the solvers, and the two penalties that hold nothing at 0."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

import lassoopt as lo
from lassoopt.teaching.one_weight.closed_forms import shrinkage

sizes = st.floats(-1e6, 1e6).filter(lambda a: a == 0 or abs(a) > 1e-6)
positive = st.floats(1e-4, 1e4)


def test_the_example_of_the_tutorial():
    """(w - 0.3)^2 + lam |w| sticks at 0 from lam = 0.6 on, exactly."""
    one = lo.OneWeight()
    assert one.objective(0.5) == pytest.approx(0.2**2 + 0.4 * 0.5)
    assert one.sticks_from == 0.6
    assert one.with_lam(0.6).minimiser == 0.0
    assert one.with_lam(np.nextafter(0.6, 0)).minimiser > 0


@given(a=sizes, lam=st.floats(0, 1e6), curvature=positive, w=st.floats(-1e6, 1e6))
def test_no_other_weight_is_better(a, lam, curvature, w):
    one = lo.OneWeight(a, lam, curvature)
    rounding = 1e-12 * (one.objective(w) + one.loss(0.0))
    assert one.objective(one.minimiser) <= one.objective(w) + rounding
    assert one.objective(one.minimiser) <= one.objective(one.minimiser + 1e-3 * a) + rounding


@given(a=sizes, lam=st.floats(0, 1e6), curvature=positive)
def test_zero_exactly_when_the_pull_at_zero_is_at_most_lam(a, lam, curvature):
    one = lo.OneWeight(a, lam, curvature)
    assert (one.minimiser == 0) == (abs(one.pull(0.0)) <= lam)
    if one.minimiser != 0:
        assert one.pull(one.minimiser) == pytest.approx(lam * np.sign(a), abs=1e-9 * one.sticks_from)


@pytest.mark.parametrize("a", [0.3, -0.3, 2.0, 0.0])
@pytest.mark.parametrize("ratio", [0.0, 0.3, 0.9, 1.5])
def test_three_ways_are_one(a, ratio):
    one = lo.OneWeight(a, ratio * (3 * abs(a) or 1.0), 3.0)
    answers = one.three_ways()
    assert list(answers) == ["closed form", "CVXPY", "ADMM"]
    np.testing.assert_allclose(list(answers.values()), one.minimiser, atol=1e-6)
    assert answers["ADMM"] == pytest.approx(one.minimiser, abs=1e-12)
    assert one.problem.objective([0.7]) == pytest.approx(one.objective(0.7))


@given(a=sizes.filter(bool), lam=positive, curvature=positive, mu=st.floats(1e-3, 1.0))
def test_l2_and_a_smoothed_penalty_shrink_and_never_reach_zero(a, lam, curvature, mu):
    one = lo.OneWeight(a, lam, curvature)
    w = one.smoothed_minimiser(mu)
    for found in (one.ridge_minimiser, w):
        assert 0 < abs(found) <= abs(a)
        assert np.sign(found) == np.sign(a)
    # stationary: c (w - a) + lam w = 0, and c (w - a) + lam w / sqrt(w^2 + mu^2) = 0
    size = curvature * abs(a)
    assert one.pull(one.ridge_minimiser) - lam * one.ridge_minimiser == pytest.approx(0, abs=1e-12 * (size + lam))
    assert one.pull(w) - lam * w / np.hypot(w, mu) == pytest.approx(0, abs=1e-10 * (size + lam))


def test_smoothed_minimiser_against_a_search():
    one, mu = lo.OneWeight(0.3, 0.5, 2.0), 0.05

    def objective(w):
        return one.loss(w) + one.lam * (np.hypot(w, mu) - mu)

    smooth = minimize_scalar(objective, bounds=(-1, 1), options={"xatol": 1e-10})
    assert one.smoothed_minimiser(mu) == pytest.approx(smooth.x, abs=1e-6)
    assert one.with_lam(0).smoothed_minimiser(mu) == one.a
    assert lo.OneWeight(0.0).smoothed_minimiser(mu) == 0.0


def test_shrinkage_is_the_three_minimisers_along_lam():
    one = lo.OneWeight(-0.4, curvature=1.0)
    found = shrinkage(one, [0.0, 0.2, 0.4, 1.0], mu=0.1)
    np.testing.assert_allclose(found.l1, [-0.4, -0.2, 0, 0])
    np.testing.assert_allclose(found.l2, -0.4 / (1 + found.lambdas))
    assert np.all(np.diff(np.abs(found.smoothed)) < 0)
    assert np.all(found.smoothed != 0)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: lo.OneWeight(a=np.nan), "a: found nan; allowed is a finite number"),
        (lambda: lo.OneWeight(a="0.3"), "a: found '0.3'; allowed is a finite number"),
        (lambda: lo.OneWeight(a=True), "a: found True; allowed is a finite number"),
        (lambda: lo.OneWeight(lam=-1), "lam: found -1; allowed is a finite number >= 0"),
        (lambda: lo.OneWeight().with_lam(np.inf), "lam: found inf"),
        (lambda: lo.OneWeight(curvature=0), "curvature: found 0; allowed is a finite number > 0"),
        (lambda: lo.OneWeight().smoothed_minimiser(0), "mu: found 0; allowed is a finite number > 0"),
        (lambda: shrinkage(lo.OneWeight(), [0.1, -0.1]), "lam: found -0.1"),
        (lambda: shrinkage(lo.OneWeight(), []), "lambdas: found shape (0,)"),
    ],
)
def test_bad_input(call, words):
    with pytest.raises(lo.InputError) as error:
        call()
    assert words in str(error.value)
