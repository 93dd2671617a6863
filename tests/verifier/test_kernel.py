"""The verifier: its arithmetic against plain fractions and decimals, its bounds against the optimum."""

from __future__ import annotations

import ast
import math
import sys
import time
import tracemalloc
from dataclasses import replace
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import example, given, settings
from hypothesis import strategies as st
from problems import LOSS_NAMES, make

import lassoopt as lo
from lassoopt.certificates.file_writer import stated
from lassoopt.errors import UnprovenError
from lassoopt.verifier import file_format, upper_bounds
from lassoopt.verifier.arithmetic import Floats, Rationals, rounded_up
from lassoopt.verifier.balancing import balanced, objects, solve
from lassoopt.verifier.kernel import _Case, bounds, check
from lassoopt.verifier.losses import LOSSES

ARITHMETIC = {"floats": Floats, "rationals": Rationals}
PENALTIES = list(file_format.PENALTIES)
EVERY = [(loss, penalty) for loss in LOSS_NAMES for penalty in PENALTIES]
ordinary = st.floats(-1e3, 1e3) | st.sampled_from([0.0, -0.0, 1e-300, -5e-324, 1e100, 0.1])


def exact_sum(terms):
    return sum(map(Fraction, terms), Fraction(0))


@st.composite
def products(draw):
    n, k = draw(st.integers(1, 6)), draw(st.integers(1, 4))
    entries = draw(st.lists(ordinary, min_size=n * k, max_size=n * k))
    return np.array(entries).reshape(n, k), np.array(draw(st.lists(ordinary, min_size=n, max_size=n)))


@given(products())
def test_products_of_rationals_are_exact_and_those_of_floats_within_their_bound(case):
    A, v = case
    truth = [exact_sum(Fraction(a) * Fraction(x) for a, x in zip(column, v, strict=True)) for column in A.T]
    rational, error = Rationals().product(A, Rationals().vector(v))
    assert (list(rational), error) == (truth, 0)
    values, errors = Floats().product(A, v)
    assert all(
        abs(Fraction(x) - t) <= Fraction(e) for x, e, t in zip(values.tolist(), errors.tolist(), truth, strict=True)
    )


@given(products(), st.floats(0, 0.1), st.integers(0, 100))
def test_products_of_floats_hold_for_changed_vectors_too(case, change, seed):
    A, v = case
    by = [Fraction(x) for x in np.random.default_rng(seed).uniform(-change, change, len(v))]
    moved = [Fraction(x) * (1 + d) for x, d in zip(v.tolist(), by, strict=True)]
    values, errors = Floats().product(A, v, change)
    for column, value, error in zip(A.T, values.tolist(), errors.tolist(), strict=True):
        truth = sum(Fraction(a) * x for a, x in zip(column.tolist(), moved, strict=True))
        assert abs(Fraction(value) - truth) <= Fraction(error)


@given(st.lists(ordinary, max_size=20))
def test_totals(values):
    assert Rationals().total(Rationals().vector(values)) == exact_sum(values)
    assert Floats().total(np.array(values)) == float(exact_sum(values))


@given(
    st.fractions() | st.floats(allow_nan=False).map(lambda x: Fraction(x) if math.isfinite(x) else Fraction(10) ** 400)
)
@example(Fraction(1, 10))
@example(Fraction(10) ** 400)
def test_rounded_up_is_the_least_float_above(value):
    up = rounded_up(value)
    assert up >= value
    assert up == -math.inf or math.nextafter(up, -math.inf) < value


@given(st.integers(1, 5), st.integers(0, 1000))
def test_linear_systems_are_solved_exactly_even_singular_ones(k, seed):
    rng = np.random.default_rng(seed)
    root = rng.integers(-2, 3, (k, rng.integers(1, k + 1))).astype(object)
    matrix = root @ root.T
    right = matrix @ rng.integers(-5, 6, k).astype(object)
    found, divisor = solve(matrix, right)
    assert divisor > 0
    assert np.all(matrix @ found == divisor * right)


@given(st.integers(1, 3), st.integers(0, 3), st.integers(0, 200))
def test_balanced_meets_its_conditions_exactly(equal, at_most, seed):
    rng = np.random.default_rng(seed)
    theta = objects(
        [Fraction(int(v), 2 ** int(k)) for v, k in zip(rng.integers(-50, 51, 12), rng.integers(0, 9, 12), strict=True)]
    )
    columns, others = (rng.integers(-3, 4, (12, k)).astype(object) for k in (equal, at_most))
    found, change = balanced(theta, columns, others)
    assert not (columns.T @ found).any()
    assert np.all(others.T @ found <= 0)
    assert not found.any() or np.all(abs(found - theta) <= change * abs(theta))
    doubled, _ = balanced(theta, 2 * columns, 8 * others)
    assert np.all(doubled == found)


@given(st.fractions(-300, 300, max_denominator=10**9))
@example(Fraction(0))
@example(Fraction(1, 10**40))
@example(Fraction(1))
def test_enclosures_are_just_above_what_decimals_say(x):
    pytest.importorskip("flint")
    with localcontext() as context:
        context.prec = 80
        d = Decimal(x.numerator) / Decimal(x.denominator)
        truth = {"exp": d.exp(), "softplus": (1 + d.exp()).ln()}
        if x >= 0:
            truth["xlogx"] = d * d.ln() if d else Decimal(0)
        for name, value in truth.items():
            found = getattr(upper_bounds, name)(x)
            above = Decimal(found.numerator) / Decimal(found.denominator) - value
            size = 1 + abs(value)
            assert -Decimal("1e-70") * size <= above <= Decimal("1e-50") * size, name


def test_enclosures_far_out():
    pytest.importorskip("flint")
    far = Fraction(10**9)
    with pytest.raises(UnprovenError, match="beyond the range"):
        upper_bounds.exp(far)
    assert 0 < upper_bounds.exp(-far) < Fraction(1, 10**400)
    assert 0 < upper_bounds.softplus(far) - far < Fraction(1, 10**50)
    assert 0 < upper_bounds.softplus(-far) < Fraction(1, 10**50)


LABELS = {"squared": (-1.5, 2.0), "huber": (-1.5, 2.0), "quantile": (-1.5, 2.0), "poisson": (0.0, 3.0)}
PARAMETERS = {"huber": 0.7, "quantile": 0.2}


@pytest.mark.slow
@pytest.mark.parametrize("name", LOSS_NAMES)
@pytest.mark.parametrize("which", [0, 1])
def test_conjugates_by_their_definition(name, which):
    """``phi*(a) = sup_u a u - phi(u)`` over a fine grid, finite just between the ends of the slopes."""
    y = np.full(400_001, LABELS.get(name, (0.0, 1.0))[which])
    loss, u = LOSSES[name](Floats(unit=0.0), PARAMETERS.get(name)), np.linspace(-200.0, 200.0, len(y))
    u = np.minimum(u, 30.0) if name == "poisson" else u
    reference = lo.LOSSES[name](*([PARAMETERS[name]] if name in PARAMETERS else []))
    np.testing.assert_allclose(loss.value(u, y), reference.value(u, y), rtol=1e-13)
    ends = [float(np.broadcast_to(end, y.shape)[0]) for end in loss.slopes(y[:1])]
    for a in np.linspace(max(ends[0], -3.0), min(ends[1], 3.0), 9):
        supremum = np.max(a * u - loss.value(u, y))
        assert loss.conjugate(np.array([a]), y[:1])[0] == pytest.approx(supremum, abs=1e-5)
    slopes = np.diff(loss.value(u, y)) / np.maximum(np.diff(u), 1e-300)
    slopes = slopes[np.diff(u) > 0]
    assert ends[0] <= slopes.min() + 1e-9
    assert ends[1] >= slopes.max() - 1e-9
    for end, steepest in zip(ends, (slopes.min(), slopes.max()), strict=True):
        assert np.isinf(end) or end == pytest.approx(steepest, abs=1e-6)
    curvature = np.diff(slopes) / np.diff(u)[0]
    assert loss.smoothness == math.inf or curvature.max() <= float(loss.smoothness) * (1 + 1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("arithmetic", ARITHMETIC)
@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("weights", ["ones", "mixed"])
@pytest.mark.parametrize(("loss", "penalty"), EVERY)
def test_honest_files_are_proven(loss, penalty, weights, intercept, arithmetic, tmp_path):
    problem = make(loss, penalty, weights=weights, intercept=intercept, sample_weights="zeros")
    certificate = lo.solve(problem, tol=1e-9).certificate
    certificate.save(tmp_path / "file.json")
    found = lo.verify(tmp_path / "file.json", problem.X, problem.y, exact=arithmetic == "rationals")
    assert found.proven, found.reason
    assert found.gap <= 1.01e-9 * problem.scale + 1e-12 * abs(certificate.primal)
    assert (found.exact_gap is None) == (arithmetic == "floats")
    # a feature of no importance to a tight solution is 0 in all
    tight = lo.solve(problem, tol=1e-12)
    assert np.abs(tight.coef[list(found.proven_zeros)]).max(initial=0.0) <= 1e-6


@pytest.mark.slow
@pytest.mark.parametrize("arithmetic", ARITHMETIC)
@pytest.mark.parametrize(("loss", "penalty"), EVERY)
def test_bounds_hold_for_wrong_points_and_any_theta(loss, penalty, arithmetic):
    """Weak duality, whatever the file's numbers: the dual bound never passes the optimum, nor the primal bound falls
    below it; and no feature that the optimum needs is called zero."""
    problem = make(loss, penalty, weights="mixed", sample_weights="random")
    best = lo.solve(problem, tol=1e-11)
    optimum, needed = best.certificate.primal, np.abs(best.coef) > 1e-4
    honest, rng = stated(best.certificate), np.random.default_rng(0)
    X, y = file_format.data(problem.X, problem.y, honest.loss["name"])
    for scale in (1e-12, 1e-6, 1e-3, 1.0, 1e3):
        noise = rng.standard_normal(len(y)) * np.abs(honest.theta).max()
        theta = tuple((np.array(honest.theta) + scale * noise).tolist())
        w = best.coef + scale * rng.standard_normal(6) * (problem.penalty.c < np.inf)
        w = np.abs(w) if problem.penalty.nonnegative else w
        coef = {"index": tuple(range(6)), "value": tuple(w.tolist())}
        other = replace(honest, theta=theta, coef=coef)
        if not np.isfinite(problem.objective(w, best.intercept)):
            continue  # nothing can be claimed about it
        primal, dual, zeros = bounds(other, X, y, ARITHMETIC[arithmetic]())
        assert dual <= optimum + 1e-13 * abs(optimum)
        assert primal >= optimum - 1e-10 * problem.scale
        assert rounded_up(primal) == pytest.approx(problem.objective(w, best.intercept), rel=1e-10)
        assert not zeros[needed].any()


@pytest.mark.slow
@given(
    st.sampled_from(EVERY), st.integers(0, 30), st.integers(-9, 9).map(lambda k: 10.0**k), st.sampled_from([0.5, 0.01])
)
@settings(max_examples=60, deadline=None)
def test_floats_never_promise_more_than_rationals(kind, seed, scale, ratio):
    loss, penalty = kind
    problem = make(loss, penalty, seed=seed, n=12, ratio=ratio)
    stretched = lo.Problem(problem.X * scale, problem.y, problem.lam * scale, loss=loss, penalty=problem.penalty)
    honest = stated(lo.solve(stretched, tol=1e-6).certificate)
    X, y = file_format.data(stretched.X, stretched.y, loss)
    coarse, sharp = bounds(honest, X, y, Floats()), bounds(honest, X, y, Rationals())
    assert coarse[0] >= sharp[0]
    assert coarse[1] <= sharp[1] + Fraction(1e-15) * abs(sharp[1])  # another shrinking, where theta is too large
    assert coarse[0] - coarse[1] >= sharp[0] - sharp[1]


@pytest.mark.slow
@given(
    st.sampled_from(LOSS_NAMES),
    st.sampled_from([0.0, 1e5, 1e9]),
    st.sampled_from([0.0, 1e-9, 1e-3]),
    st.integers(0, 20),
)
@settings(max_examples=80, deadline=None)
def test_floats_bound_what_rationals_find_where_rounding_counts(loss, offset, size, seed):
    """Theta is far inside its domain, so that nothing is shrunk and both compute the same number."""
    problem = make(loss, "elastic_net", seed=seed, n=12, sample_weights="random")
    X = problem.X + offset
    problem = lo.Problem(X, problem.y, problem.lam, loss=loss, penalty=problem.penalty)
    honest, rng = stated(lo.certify(problem, np.zeros(6))), np.random.default_rng(seed)
    theta = 0.1 * np.array(honest.theta) * (1 + size * rng.standard_normal(12))
    honest = replace(honest, theta=tuple(theta.tolist()))
    floats, rationals = (_Case(honest, X, problem.y, arithmetic()) for arithmetic in (Floats, Rationals))
    (low, reach), (dual, truth) = floats.dual(), rationals.dual()
    assert low <= dual
    assert all(Fraction(a) * (1 + Fraction(1, 2**49)) >= b for a, b in zip(reach.tolist(), truth, strict=True))


@pytest.mark.parametrize("arithmetic", ARITHMETIC)
@pytest.mark.parametrize(
    ("loss", "y", "edge", "theta"),
    [
        ("squared", 4.0, 4.0, 3.0),
        ("huber", 1.0, 1.0, 0.5),
        ("squared_hinge", 1.0, 2.0, 1.0),
        ("logistic", 1.0, 0.5, 0.4),
    ],
)
def test_the_ball_for_zeros_is_no_smaller_than_it_may_be(loss, y, edge, theta, arithmetic):
    """One sample, one feature; lam just below its largest, so that w is just above 0 in the only solution.

    From theta inside, the ball reaches just beyond lam: anything smaller would prove w = 0, which is false."""
    problem = lo.Problem([[1.0]], [y], edge - 1e-5, loss=loss, intercept=False)
    best = lo.solve(problem, tol=1e-10)
    assert best.coef[0] > 1e-6
    claimed = replace(stated(best.certificate), theta=(theta,))
    X, targets = file_format.data(problem.X, problem.y, loss)
    assert not bounds(claimed, X, targets, ARITHMETIC[arithmetic]())[2][0]
    above = replace(claimed, lam=1.05 * edge, coef={"index": (), "value": ()})
    assert bounds(above, X, targets, ARITHMETIC[arithmetic]())[2][0]


def test_the_exact_bound_by_hand():
    """One feature, two samples: 1/4 sum (x w - y)^2 + lam |w| at w = 0.1, which is not 1/10, and theta = r / 2."""
    w, lam = 0.1, 0.25
    certificate = lo.certify(lo.Problem([[1.0], [3.0]], [1.0, 2.0], lam, intercept=False), [w])
    stated_here = replace(stated(certificate), theta=(0.0625, 0.03125))
    found = check(
        replace(stated_here, gap=1e9, primal=1e9, dual=-1e9, proven_zeros=()), [[1.0], [3.0]], [1.0, 2.0], Rationals()
    )
    exact_w = Fraction(w)
    assert exact_w != Fraction(1, 10)
    primal = ((exact_w - 1) ** 2 + (3 * exact_w - 2) ** 2) / 4 + Fraction(lam) * exact_w
    a, b = Fraction(1, 16), Fraction(1, 32)  # x'theta = 5/32 <= lam: feasible as it is
    dual = a * 1 + b * 2 - (a**2 + b**2) / 2 * 2
    assert found.exact_gap == primal - dual
    assert found.gap == rounded_up(primal - dual)


def test_theta_too_large_by_one_ulp_is_shrunk_not_believed():
    problem = lo.Problem([[1.0], [0.0]], [4.0, 0.0], 0.5, intercept=False)
    honest = stated(lo.solve(problem).certificate)
    for up in (0.5, math.nextafter(0.5, 1), 0.75):
        tampered = replace(honest, theta=(up, 0.0))
        X, y = file_format.data(problem.X, problem.y, honest.loss["name"])
        _, dual, _ = bounds(tampered, X, y, Rationals())
        # minimise (w - 4)^2 / 4 + |w| / 2 at w = 3
        assert dual == Fraction(1, 4) + Fraction(3, 2)


def test_sparse_and_dense_data_have_one_digest_and_one_answer(tmp_path):
    problem = make(kind="csr")
    lo.solve(problem).certificate.save(tmp_path / "file.json")
    y = problem.y
    for X in (problem.X, sp.csc_array(problem.X), problem.X.toarray(), np.asfortranarray(problem.X.toarray())):
        for exact in (True, False):
            assert lo.verify(tmp_path / "file.json", X, y, exact=exact).proven
    assert file_format.digest(np.array([0.0, 1.0])) == file_format.digest(np.array([-0.0, 1.0]))
    assert file_format.digest(np.array([0.0, 1.0])) != file_format.digest(np.array([5e-324, 1.0]))


def test_the_digest_is_that_of_the_bytes():
    import hashlib

    X = np.random.default_rng(0).standard_normal((3000, 2000))[:, ::-1]
    assert file_format.digest(X) == hashlib.sha256(X.astype("<f8").tobytes()).hexdigest()


@pytest.mark.parametrize("exact", [True, False])
def test_other_data_are_refused(exact, tmp_path):
    problem = make()
    lo.solve(problem).certificate.save(tmp_path / "file.json")
    X, y = np.array(problem.X), np.array(problem.y)
    nudged = X.copy()
    nudged[3, 2] = np.nextafter(nudged[3, 2], 9)
    swapped = X[:, [1, 0, 2, 3, 4, 5]]
    for other_X, other_y, word in (
        (nudged, y, "SHA-256 of X"),
        (swapped, y, "SHA-256 of X"),
        (X, y + 1e-15, "SHA-256 of y"),
        (X[:, :5], y, "25 x 5"),
        (X, y[:-1], "y has 24"),
    ):
        found = lo.verify(tmp_path / "file.json", other_X, other_y, exact=exact)
        assert not found.proven
        assert math.isnan(found.gap)
        assert word in found.reason


@pytest.mark.parametrize(
    ("X", "y", "word"),
    [
        ([[np.nan]], [1.0], "X: found nan"),
        ([["a"]], [1.0], "X: found 2-D"),
        ([1.0], [1.0], "X: found 1-D"),
        ([[1j]], [1.0], "X: found 2-D complex"),
        ([[1.0]], [np.inf], "y: found nan or inf"),
        ([[1.0]], 1.0, "y: found 0-D"),
        (sp.csr_array([[np.inf]]), [1.0], "X: found nan or inf"),
    ],
)
def test_bad_data_are_an_error(X, y, word, tmp_path):
    lo.solve(make()).certificate.save(tmp_path / "file.json")
    with pytest.raises(lo.InputError, match=word):
        lo.verify(tmp_path / "file.json", X, y)


def test_where_floats_overflow_rationals_do_not(tmp_path):
    problem = make()
    honest = stated(lo.solve(problem).certificate)
    X = np.array(problem.X) * 2.0**600
    far = replace(honest, X_sha256=file_format.digest(X), coef={"index": (0,), "value": (2.0**600,)})
    found = check(far, X, problem.y, Floats())
    assert (found.proven, found.gap) == (False, math.inf)
    assert "exact=True" in found.reason
    assert check(far, X, problem.y, Rationals()).exact_gap > Fraction(2) ** 2000


def forged(X, y, lam, **changes):
    """A file by hand about one sample and one feature, without intercept."""
    X, targets = np.array([[X]]), np.array([y])
    plain = file_format.Claim(
        producer="",
        shape=(1, 1),
        X_sha256=file_format.digest(X),
        y_sha256=file_format.digest(targets),
        loss={"name": "squared"},
        penalty={"name": "l1"},
        weights=None,
        lam=lam,
        scaling="sum",
        sample_weight=None,
        fit_intercept=False,
        feature_names=("a",),
        coef={"index": (), "value": ()},
        intercept=0.0,
        theta=(0.0,),
        primal=0.0,
        dual=0.0,
        gap=0.0,
        proven_zeros=(),
    )
    return replace(plain, **changes), X, targets


GROUP = {"name": "group", "groups": (0,), "group_weights": (1.0,)}
NEARLY = {"theta": (1.0,), "primal": 0.5000001, "dual": 0.4999999, "gap": 1e-6}
FALSE = {
    "squares that are 0": forged(1e100, 1e-170, 1e-71, theta=(0.05e-170,), proven_zeros=(0,)),
    "a zero that is none": forged(1.0, 3e-160, 1e-160, primal=1e-300, dual=-1e-300, gap=1e-299, proven_zeros=(0,)),
    "a group's norm that is 0": forged(1.0, 1.0, 1e-170, penalty=GROUP, weights=(1e165,), proven_zeros=(0,), **NEARLY),
    "denormal levels": forged(
        1e-165, 1.0, 1e-170, penalty={**GROUP, "name": "sparse_group", "l1_ratio": 0.5}, **NEARLY
    ),
    "inf <= inf": forged(
        1.0,
        1.0,
        1e10,
        loss={"name": "quantile", "level": 0.5},
        penalty={**GROUP, "group_weights": (1e300,)},
        weights=(1e-300,),
        sample_weight=(1e300,),
        theta=(5e299,),
        primal=6e299,
        dual=4.9e299,
        gap=2e299,
    ),
    "columns whose squares are 0": forged(
        1e-170, 1.4e-154, 1e-20, sample_weight=(1e308,), primal=2.0, dual=-1e-300, gap=3.0, proven_zeros=(0,)
    ),
    "no minimum": forged(1.0, -1.0, 0.5, loss={"name": "poisson"}, theta=(-1.0,), primal=1.1, dual=-1e-9, gap=1.2),
    "lam c = inf": forged(
        1e300,
        1.0,
        1e10,
        penalty={"name": "elastic_net", "l1_ratio": 0.0},
        weights=(1e300,),
        theta=(1.0,),
        primal=0.50000000001,
        dual=0.4999999999999,
        gap=1e-10,
    ),
    "a loss of 0 that is not": forged(1.0, 1.5e-162, 1e-20, sample_weight=(1e308,), proven_zeros=(0,)),
}


@pytest.mark.parametrize("arithmetic", ARITHMETIC)
@pytest.mark.parametrize("case", FALSE)
def test_extreme_numbers_prove_nothing_false(case, arithmetic):
    found = check(*FALSE[case], ARITHMETIC[arithmetic]())
    assert not found.proven
    assert found.reason


@pytest.mark.slow
def test_theta_is_stored_so_that_nobody_shrinks_it(tmp_path):
    """The dual value is not monotone along theta: who shrinks less may find a lower one."""
    rng = np.random.default_rng(0)
    for seed in range(60):
        loss, penalty = EVERY[seed % len(EVERY)]
        problem = make(loss, penalty, seed=seed, n=12, ratio=0.1)
        w = np.abs(rng.standard_normal(6)) * (problem.penalty.c < np.inf)
        lo.certify(problem, w).save(tmp_path / "file.json")
        for exact in (False, True):
            found = lo.verify(tmp_path / "file.json", problem.X, problem.y, exact=exact)
            assert found.proven, (loss, penalty, found.reason)


def test_poisson_far_below_is_quick_and_digits_may_be_many(tmp_path):
    pytest.importorskip("flint")
    problem = lo.Problem([[-1e9], [0.0]], [0.0, 1.0], 0.1, loss="poisson", intercept=False)
    lo.certify(problem, [1.0]).save(tmp_path / "file.json")
    found = lo.verify(tmp_path / "file.json", problem.X, problem.y, exact=True)
    assert found.proven
    assert "exact_gap" not in repr(found)


def test_weights_changed_later_change_no_claim():
    weights = np.arange(1.0, 26.0)
    plain = make()
    problem = lo.Problem(plain.X, plain.y, plain.lam, sample_weight=weights)
    certificate = lo.solve(problem).certificate
    before = stated(certificate)
    weights[:] = 1.0
    assert stated(certificate) == before


def test_many_free_features_take_no_time(tmp_path):
    rng = np.random.default_rng(0)
    problem = lo.Problem(rng.standard_normal((50, 30)), rng.standard_normal(50), 0.0)
    lo.solve(problem).certificate.save(tmp_path / "file.json")
    assert lo.verify(tmp_path / "file.json", problem.X, problem.y).proven


def test_no_zero_is_proven_where_the_loss_underflows():
    scale = 1e-152
    problem = lo.Problem(np.ones((3, 1)), scale * np.array([1.0, 2.0, 3.0]), 0.5 * scale, intercept=False)
    certificate = lo.solve(problem).certificate
    assert certificate.coef[0] == pytest.approx(1.5 * scale)
    assert not certificate.proven_zeros[0]
    with pytest.raises(lo.InputError, match="underflows"):
        lo.Problem(np.ones((3, 1)), 1e-155 * np.array([1.0, 2.0, 3.0]), 1e-155)


def test_tiny_and_huge_numbers_are_an_answer_not_an_error():
    problem = make(sample_weights="random")
    honest = stated(lo.solve(problem).certificate)
    for changes in (
        {"sample_weight": (1e308,) * 25},
        {"lam": 1e-310},
        {"theta": (1e308,) * 25},
        {"weights": (1e-320,) * 6},
    ):
        found = check(replace(honest, **changes), problem.X, problem.y, Floats())
        assert not found.proven
        assert found.reason


@pytest.mark.parametrize("loss", ["logistic", "squared_hinge"])
def test_labels_may_be_coded_in_any_way(loss, tmp_path):
    problem = make(loss)
    positive = problem.y > 0
    for labels in (positive, positive * 1, 2 * positive - 1, positive.astype(float).tolist()):
        lo.solve(lo.Problem(problem.X, np.asarray(labels, dtype=float), problem.lam, loss=loss)).certificate.save(
            tmp_path / "file.json"
        )
        for others in (positive, positive * 1, 2.0 * positive - 1):
            assert lo.verify(tmp_path / "file.json", problem.X, others).proven
        assert not lo.verify(tmp_path / "file.json", problem.X, ~positive).proven
    with pytest.raises(lo.InputError, match="two classes as 0 and 1"):
        lo.verify(tmp_path / "file.json", problem.X, np.where(positive, "yes", "no"))


def test_a_logistic_loss_near_its_infimum_is_proven_in_rationals(tmp_path):
    pytest.importorskip("flint")
    problem = lo.Problem([[-400.0], [400.0]], [0.0, 1.0], 1e-200, loss="logistic", intercept=False)
    lo.certify(problem, [1.0]).save(tmp_path / "file.json")
    for exact in (False, True):
        assert lo.verify(tmp_path / "file.json", problem.X, problem.y, exact=exact).proven


def test_many_features_without_penalty_are_declined(monkeypatch):
    monkeypatch.setattr(sys.modules["lassoopt.verifier.kernel"], "_MOST_FREE", 5)
    problem = make().with_lam(0.0)
    with pytest.raises(lo.InputError, match="6 features without penalty"):
        stated(lo.solve(problem).certificate)


def test_what_cannot_be_saved(tmp_path):
    class Ours(lo.L1):
        """A penalty that the format does not know."""

    with pytest.raises(lo.InputError, match=r"Ours; a certificate file is about one of l1"):
        lo.solve(lo.Problem([[1.0], [2.0]], [1.0, 2.0], 0.1, penalty=Ours())).certificate.save(tmp_path / "file.json")
    with pytest.raises(lo.InputError, match="could not be written"):
        lo.solve(make()).certificate.save(tmp_path / "nowhere" / "file.json")
    assert not list(tmp_path.iterdir())


def test_without_flint_the_message_says_what_to_install(monkeypatch, tmp_path):
    problem = make("logistic")
    lo.solve(problem).certificate.save(tmp_path / "file.json")
    monkeypatch.setitem(sys.modules, "flint", None)
    with pytest.raises(lo.InputError, match=r"lassoopt\[exact\]"):
        lo.verify(tmp_path / "file.json", problem.X, problem.y, exact=True)
    assert lo.verify(tmp_path / "file.json", problem.X, problem.y).proven


def test_the_folder_stands_alone(tmp_path):
    """It imports NumPy, the standard library and itself, and a copy of it elsewhere verifies a file."""
    folder = Path(lo.__file__).parent / "verifier"
    for file in folder.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and node.level:
                assert node.level == 1, (file.name, ast.unparse(node))
            elif isinstance(node, (ast.Import, ast.ImportFrom)):
                names = [node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
                roots = {str(each).split(".")[0] for each in names}
                assert roots <= {*sys.stdlib_module_names, "numpy", "flint"}


def free_and_wide(spread, penalty="l1"):
    """A file about 100 features without penalty, with numbers of very different sizes or not."""
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((110, 100)), rng.standard_normal(110)
    X = X * 10.0 ** rng.uniform(-spread, spread, X.shape)
    base = stated(lo.certify(lo.Problem(X[:, :1], y, 1.0), [0.0]))
    digests = {"X_sha256": file_format.digest(X), "shape": X.shape, "feature_names": tuple(map(str, range(100)))}
    return replace(base, penalty={"name": penalty}, weights=(0.0,) * 100, **digests), X, y


@pytest.mark.slow
def test_a_hundred_free_features_take_seconds_or_are_declined():
    """They took 69 seconds, and 5 GB where the numbers differ in size."""
    for case in (free_and_wide(0), free_and_wide(0, "nonnegative_l1")):
        start = time.process_time()
        assert math.isfinite(check(*case, Floats()).gap)
        assert time.process_time() - start < 20
    start = time.process_time()
    found = check(*free_and_wide(250), Rationals())
    assert "101 conditions" in found.reason
    assert time.process_time() - start < 10


def test_exact_products_of_wide_numbers_take_little_memory():
    rng = np.random.default_rng(0)
    A, v = (10.0 ** rng.uniform(-300, 300, size) for size in ((300, 200), 300))
    exact = Rationals().vector(v)
    tracemalloc.start()
    found, _ = Rationals().product(A, exact)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 600 * 2**14 * 4
    assert found[7] == exact_sum(Fraction(a) * Fraction(b) for a, b in zip(A[:, 7].tolist(), v.tolist(), strict=True))


def test_objects_keep_sequences_whole():
    assert objects([(1, 2), (3, 4)]).shape == (2,)
