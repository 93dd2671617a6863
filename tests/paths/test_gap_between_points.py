"""The bound between two points of a path: against optima solved for anew, and refinement until it is met."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from problems import EVERY, LOSS_NAMES, SMOOTH, make, penalty

import lassoopt as lo
from lassoopt.certificates.dual_points import dual_value, feasible
from lassoopt.paths import gap_between_points
from lassoopt.paths.gap_between_points import _largest

KINDS = [
    {},
    {"intercept": False, "sample_weights": "random"},
    {"weights": "mixed", "sample_weights": "zeros"},
    {"weights": "mixed", "intercept": False, "scaling": "sum"},
]


def interpolated(path, k, t):
    """Between points k and k + 1: the problem, and the gap of the primal and the dual point there, by definition."""
    above, below = path.certificates[k : k + 2]
    here = path.problem.with_lam(t * above.problem.lam + (1 - t) * below.problem.lam)
    ends = (above.theta, below.theta), (above.dual_point.z, below.dual_point.z)
    theta, z = ((1 - 1e-15) * (t * x + (1 - t) * y) for x, y in ends)  # rounding must not lead out of the domain
    return here, here.objective(*path.at(here.lam)) - dual_value(here, theta, z), theta


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: "-".join(map(str, kind)) or "plain")
@pytest.mark.parametrize(("loss", "name"), EVERY)
def test_the_bound_holds_at_any_lam(loss, name, kind):
    problem = make(loss, name, seed=3, **kind)
    last = 0.0 if loss in ("squared", "huber") else 0.02 * problem.lambda_max
    path = lo.path(problem, [*np.geomspace(problem.lambda_max, 0.05 * problem.lambda_max, 4), last], tol=1e-10)
    rng = np.random.default_rng(0)
    for k, bound in enumerate(path.gap_between):
        for t in rng.random(3):
            here, gap, theta = interpolated(path, k, t)
            optimum = lo.solve(here, tol=1e-8).certificate
            assert here.objective(*path.at(here.lam)) - optimum.primal <= bound * problem.scale
            assert gap <= (bound + 1e-14) * problem.scale
            # the interpolated multiplier is feasible as it is: making it so changes nothing
            np.testing.assert_allclose(feasible(here, theta).theta, theta, atol=1e-9 * np.abs(theta).max())
    assert path.gap_everywhere == max(path.gap_between)
    assert path.gap_between.shape == (4,)


@pytest.mark.slow
@pytest.mark.parametrize(("loss", "name"), EVERY)
def test_the_bound_is_near_the_largest_gap_that_occurs(loss, name):
    """Within 1.5 where three halvings get there, as they do where nearly all of the gap is due to kinks."""
    path = lo.path(make(loss, name), n_lambdas=8, eps=0.02, tol=1e-10)
    k = int(np.argmax(path.gap_between))
    largest = max(interpolated(path, k, t)[1] for t in np.linspace(0, 1, 41)) / path.problem.scale
    assert largest <= path.gap_between[k] <= (1.6 if loss == "squared" else 3.0) * largest


@pytest.mark.slow
@pytest.mark.parametrize("loss", SMOOTH)
def test_the_lemma_for_one_interval_without_halving(monkeypatch, loss):
    monkeypatch.setattr(gap_between_points, "_HALVINGS", 0)
    path = lo.path(make(loss, sample_weights="random"), n_lambdas=6, eps=0.05, tol=1e-10)
    for k, bound in enumerate(path.gap_between):
        gaps = [interpolated(path, k, t)[1] / path.problem.scale for t in np.linspace(0, 1, 33)]
        assert max(gaps) <= bound + 1e-14
        if loss == "squared":  # where it is an equation, unless a weight changes its sign
            assert bound <= 1.01 * max(gaps) + 1e-12


@pytest.mark.parametrize("name", lo.PENALTIES)
def test_the_penalty_s_part_of_the_dual_is_jointly_convex(name):
    """``lam P*(z / lam)`` along any segment of (z, lam), down to lam = 0, at which z = 0."""
    rng, P = np.random.default_rng(1), penalty(name).bind(6)
    for trial in range(50):
        lams, zs = rng.uniform(0.1, 2, 2), rng.standard_normal((2, 6))
        zs *= (lams / [max(P.gauge(z), 1e-9) for z in zs])[:, None] if name != "elastic_net" else 1.0
        if trial % 2:
            lams[1], zs[1] = 0.0, 0.0
        ends = [lam * P.conjugate((1 - 1e-14) * z / lam) if lam else 0.0 for z, lam in zip(zs, lams, strict=True)]
        for t in (0.1, 0.5, 0.9):
            lam, z = t * lams[0] + (1 - t) * lams[1], t * zs[0] + (1 - t) * zs[1]
            between = lam * P.conjugate((1 - 1e-14) * z / lam)
            assert between <= (t * ends[0] + (1 - t) * ends[1]) * (1 + 1e-12)


@pytest.mark.parametrize("name", LOSS_NAMES)
def test_the_curvature_of_a_loss_between_two_predictions_is_least_at_one_of_them(name):
    """What ``mu_i`` rests on."""
    rng, loss = np.random.default_rng(2), lo.LOSSES[name]()
    ends, y = rng.uniform(-4, 4, (2, 500)), (rng.random(500) > 0.5) * 1.0
    least = np.minimum(*(loss.curvature(u, y) for u in ends))
    for t in np.linspace(0, 1, 11):
        assert np.all(loss.curvature(t * ends[0] + (1 - t) * ends[1], y) >= least * (1 - 1e-12))


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


@pytest.mark.slow
@pytest.mark.parametrize("loss", LOSS_NAMES)
def test_refining_reaches_the_tolerance_and_keeps_the_points(loss):
    path = lo.path(make(loss), n_lambdas=5, eps=0.05)
    fine = path.refine(1e-3)
    assert path.gap_everywhere > 1e-3 >= fine.gap_everywhere
    assert set(path.lambdas) <= set(fine.lambdas)
    assert np.all(np.diff(fine.lambdas) < 0)
    assert all(each.certificate.problem.lam == lam for lam, each in zip(fine.lambdas, fine.solutions, strict=True))
    assert fine.certified
    assert fine.refine(1e-3) is fine
    if loss != "quantile":  # whose points take long
        assert fine.refine(1e-5).gap_everywhere <= 1e-5


@pytest.mark.slow
@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_points_grow_no_faster_than_the_root_of_the_tolerance(loss):
    """Each 100 times smaller gap may cost 10 times as many points (Giesen et al. 2012); kinks alone cost less."""
    path = lo.path(make(loss, n=40), n_lambdas=3, eps=0.02)
    sizes = [len(path.refine(tol)) for tol in (1e-2, 1e-4, 1e-6)]
    assert sizes[0] < sizes[1] < 10 * sizes[0]
    assert sizes[1] < sizes[2] < 10 * sizes[1]


def test_to_the_end_of_the_path():
    problem = make("squared")
    path = lo.path(problem, [problem.lambda_max, 0.5 * problem.lambda_max, 0.0], tol=1e-10).refine(1e-4)
    for lam in np.linspace(0, problem.lambda_max, 17):
        here = problem.with_lam(lam)
        excess = here.objective(*path.at(lam)) - lo.solve(here, tol=1e-10).certificate.primal
        assert excess <= 1.0001e-4 * problem.scale


def test_where_rounding_leaves_no_room_refining_ends():
    path = lo.path(make("huber"), [0.2, 0.1])
    fine = path.refine(1e-16)
    assert np.isfinite(fine.gap_everywhere)
    assert fine.gap_everywhere > 1e-16
    assert len(fine) == 2


def test_rough_points_are_solved_again():
    problem = make("huber")
    solutions = [lo.solve(problem.with_lam(lam), method="admm", tol=0.5, max_iter=10) for lam in (0.2, 0.1)]
    rough = lo.Path(problem, np.array([0.2, 0.1]), tuple(solutions))
    own = [each.proven_gap / problem.scale for each in rough.certificates]
    assert rough.gap_everywhere >= max(own) > 1e-5
    fine = rough.refine(1e-5)
    assert fine.gap_everywhere <= 1e-5
    assert {0.2, 0.1} <= set(fine.lambdas)


def test_one_point_has_its_own_gap():
    path = lo.path(make("huber"), [0.2], tol=1e-4)
    assert path.gap_everywhere == path.certificates[0].proven_gap / path.problem.scale
    assert path.gap_between.size == 0
    assert path.refine(1e-3) is path
    np.testing.assert_array_equal(path.at(0.2)[0], path.coefs[0])


def test_an_infinite_gap_stays_infinite_until_that_point_is_solved():
    problem = make("poisson")
    path = lo.path(problem, [0.2, 0.1])
    bad = lo.certify(problem.with_lam(0.1), np.full(6, 1e6), 0.0)
    assert bad.gap == np.inf
    first = path.solutions[0]
    last = replace(first, coef=bad.coef, intercept=0.0, theta=bad.theta, certificate=bad)
    broken = lo.Path(problem, path.lambdas, (first, last))
    assert broken.gap_everywhere == np.inf
    assert broken.refine(1e-3).gap_everywhere <= 1e-3


def test_an_exact_null_model_has_no_gap():
    path = lo.path(lo.Problem(np.arange(8.0).reshape(4, 2), np.zeros(4), 1.0), [1.0, 0.5, 0.1])
    assert path.problem.scale == 0
    assert path.gap_everywhere == 0


def test_ctrl_c_keeps_what_was_added(monkeypatch):
    module = sys.modules["lassoopt.paths.refinement"]
    real, calls = module.solve_along, []

    def interrupted(problem, lambdas, *, tol):
        for solution in real(problem, lambdas, tol=tol):
            calls.append(1)
            if len(calls) == 4:
                raise KeyboardInterrupt
            yield solution

    path = lo.path(make(), n_lambdas=5, eps=0.05)
    monkeypatch.setattr(module, "solve_along", interrupted)
    found = path.refine(1e-6)
    assert len(found) == 8
    assert set(path.lambdas) < set(found.lambdas)
    assert np.all(np.diff(found.lambdas) < 0)
    assert found.gap_everywhere > 1e-6


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
    for tol in (0, 1, -1e-3, np.nan, "small"):
        with pytest.raises(lo.InputError, match="tol: found"):
            path.refine(tol)


def test_plot_and_callback():
    seen = []
    path = lo.path(make(), n_lambdas=4, callback=seen.append)
    assert tuple(seen) == path.solutions
    fine = path.refine(1e-3, callback=seen.append)
    assert set(seen) == set(fine.solutions)
    top, bottom = path.plot()
    assert top.get_ylabel()
    assert bottom.get_xlabel()
