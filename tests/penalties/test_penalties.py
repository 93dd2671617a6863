"""Every penalty in `PENALTIES`, tested against the definitions of what it states, and against CVXPY.

what is compared                                   tolerance
-------------------------------------------------  ----------------------------------------------
one number computed in two ways                    ROUNDING, relative to the terms added
inequalities between values of P, P*, prox         ROUNDING, relative to the terms added
gauge and lambda_max                               EDGE: the condition holds just above, fails just below
differences of value or gradient                   DIFFERENCE, relative to the curvature along the step
CVXPY's solution of a prox                         SOLVER
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lassoopt.errors import InputError
from lassoopt.penalties import L1, PENALTIES, ElasticNet, Group, NonnegativeL1, Penalty, SparseGroup

ROUNDING = 1e-12
EDGE = 1e-9
DIFFERENCE = 1e-5
SOLVER = 1e-5

EXAMPLES = settings(derandomize=True, deadline=None, max_examples=40)
every_penalty = pytest.mark.parametrize("name", PENALTIES)
seeds = st.integers(0, 2**32 - 1)
log_steps = st.floats(-3, 3)


def parameters(name: str) -> set[str]:
    return {field.name for field in fields(PENALTIES[name])}


def draw(name: str, seed: int, *, homogeneous: bool = False) -> tuple[np.random.Generator, Penalty]:
    """A generator, and a bound penalty of any shape: weights, groups and group weights with 0 and inf."""
    rng = np.random.default_rng(seed)
    p = int(rng.integers(1, 10))
    options: dict[str, Any] = {}
    if rng.random() < 0.8:
        options["weights"] = some(rng, p)
    if "groups" in parameters(name):
        options["groups"] = rng.integers(0, rng.integers(1, 5), p)
        if rng.random() < 0.3:
            options["groups"] = [f"group {label}" for label in options["groups"]]
        if rng.random() < 0.6:
            options["group_weights"] = some(rng, len(set(options["groups"])))
    if "l1_ratio" in parameters(name):
        options["l1_ratio"] = float(rng.choice([0.0, 0.3, 1.0]))
        if homogeneous and name == "elastic_net":  # a norm with l1_ratio=1 alone
            options["l1_ratio"] = 1.0
    return rng, PENALTIES[name](**options).bind(p)


def some(rng: np.random.Generator, size: int) -> np.ndarray:
    """Weights from 0.1 to 10; in some draws a few of them 0, in some a few of them inf."""
    weights = 10 ** rng.uniform(-1, 1, size)
    weights[rng.random(size) < rng.choice([0, 0.3])] = 0.0
    weights[rng.random(size) < rng.choice([0, 0.3])] = np.inf
    return weights


def vector(rng: np.random.Generator, p: int) -> np.ndarray:
    return rng.normal(size=p) * 10 ** rng.uniform(-1, 1.5) * (rng.random(p) < rng.choice([0.5, 1.0]))


def admissible(penalty: Penalty, w: np.ndarray) -> np.ndarray:
    """``w`` brought into the domain of P."""
    return np.where(penalty.excluded, 0.0, np.abs(w) if penalty.nonnegative else w)


def callers(penalty: Penalty, z: np.ndarray) -> np.ndarray:
    """``z`` as callers pass it to gauge and conjugate: nothing left that unpenalised features forbid."""
    return np.where(penalty.free, np.minimum(z, 0.0) if penalty.nonnegative else 0.0, z)


def is_norm(penalty: Penalty) -> bool:
    return not isinstance(penalty, ElasticNet) or penalty.l1_ratio == 1


def subgradient(rng: np.random.Generator, penalty: Penalty) -> tuple[np.ndarray, np.ndarray]:
    """``(w, z)`` with ``z in dP(w)``: what a prox leaves over."""
    v = vector(rng, penalty.c.size)
    w = penalty.prox(v, 1.0)
    return w, v - w


# what w -> P(w) says


@every_penalty
@given(seed=seeds)
@settings(EXAMPLES, max_examples=25)
def test_value_is_that_of_the_cvxpy_statement(name: str, seed: int) -> None:
    rng, penalty = draw(name, seed)
    variable = cp.Variable(penalty.c.size)
    expression, constraints = penalty.cvxpy(variable)
    assert expression.is_convex()
    w = vector(rng, penalty.c.size)
    for point in (w, np.abs(w), admissible(penalty, w), 0 * w):
        variable.value = point
        if all(constraint.value() for constraint in constraints):
            np.testing.assert_allclose(penalty.value(point), expression.value, rtol=ROUNDING, atol=ROUNDING)
        else:
            assert np.isposinf(penalty.value(point))
    assert np.isfinite(penalty.value(admissible(penalty, w)))


def test_values_by_hand() -> None:
    w, c = np.array([3.0, -4.0, 2.0]), np.array([1.0, 1.0, 2.0])
    assert L1(weights=c).value(w) == 11
    assert NonnegativeL1(weights=c).value(np.abs(w)) == 11
    assert np.isposinf(NonnegativeL1(weights=c).value(w))
    assert ElasticNet(weights=c, l1_ratio=0.75).value(w) == 0.75 * 11 + 0.125 * 41
    assert Group(weights=c, groups=["b", "b", "a"], group_weights=[10, 2]).value(w) == 10 * 4 + 2 * 5
    assert Group(weights=c, groups=["b", "b", "a"]).bind(3).value(w) == pytest.approx(4 + np.sqrt(2) * 5)
    sparse = SparseGroup(weights=c, groups=[1, 1, 0], group_weights=[10, 2], l1_ratio=0.25)
    assert sparse.value(w) == 0.25 * 11 + 0.75 * 50


@every_penalty
@given(seed=seeds)
@EXAMPLES
def test_modulus_is_strong_convexity(name: str, seed: int) -> None:
    rng, penalty = draw(name, seed)
    one, two = (admissible(penalty, vector(rng, penalty.c.size)) for _ in range(2))
    share = rng.random()
    chord = share * penalty.value(one) + (1 - share) * penalty.value(two)
    below = 0.5 * share * (1 - share) * float(penalty.modulus() @ (one - two) ** 2)
    assert (penalty.modulus() >= 0).all()
    assert penalty.value(share * one + (1 - share) * two) <= chord - below + ROUNDING * (1 + chord)


@every_penalty
@given(seed=seeds)
@EXAMPLES
def test_gradient_and_hessian_are_differences(name: str, seed: int) -> None:
    rng, penalty = draw(name, seed)
    w = admissible(penalty, rng.uniform(0.5, 2, penalty.c.size) * rng.choice([-1, 0, 1], penalty.c.size))
    support, h = np.flatnonzero(w), 1e-5
    gradient, hessian = penalty.gradient(w), penalty.hessian(w)
    assert (gradient[w == 0] == 0).all()
    assert hessian.shape in {(support.size,), (support.size, support.size)}
    full = np.diag(hessian) if hessian.ndim == 1 else hessian
    for column, j in enumerate(support):
        step = h * (np.arange(w.size) == j)
        slope = (penalty.value(w + step) - penalty.value(w - step)) / (2 * h)
        assert abs(slope - gradient[j]) <= DIFFERENCE * (1 + penalty.value(w))
        bend = (penalty.gradient(w + step) - penalty.gradient(w - step))[support] / (2 * h)
        np.testing.assert_allclose(full[:, column], bend, rtol=DIFFERENCE, atol=DIFFERENCE * (1 + np.abs(bend).max()))


def test_a_group_is_smooth_where_a_single_weight_crosses_0() -> None:
    w, step = np.array([0.0, 1.0]), np.array([1e-7, 0.0])
    for penalty in (L1(), ElasticNet(), Group(groups=[0, 0]), SparseGroup(groups=[0, 0])):
        bound = penalty.bind(2)
        kink = (bound.value(w + step) + bound.value(w - step) - 2 * bound.value(w)) / 1e-7
        assert bound.kinked_at_zero == (kink > 0.1)


# prox


@every_penalty
@given(seed=seeds, log_step=log_steps)
@EXAMPLES
def test_prox_minimises(name: str, seed: int, log_step: float) -> None:
    rng, penalty = draw(name, seed)
    v, step = vector(rng, penalty.c.size), 10**log_step
    w = penalty.prox(v, step)
    fit = float((w - v) @ (w - v)) / (2 * step)
    assert np.isfinite(penalty.value(w))
    sizes = (0.0, 1e-4, 1e-2, 1.0, 10.0)
    for x in (v, 0 * v, *(w + size * rng.normal(size=v.size) for size in sizes for _ in range(4))):
        x = admissible(penalty, x)
        objective = penalty.value(x) + float((x - v) @ (x - v)) / (2 * step)
        # strongly convex with modulus 1 / step, so more than a minimum
        beyond = float((x - w) @ (x - w)) / (2 * step)
        assert objective - penalty.value(w) - fit - beyond >= -ROUNDING * (objective + penalty.value(w) + fit)


@every_penalty
@given(seed=seeds, log_step=log_steps)
@EXAMPLES
def test_prox_leaves_a_subgradient(name: str, seed: int, log_step: float) -> None:
    rng, penalty = draw(name, seed)
    v, step = vector(rng, penalty.c.size), 10**log_step
    w = penalty.prox(v, step)
    z = (v - w) / step
    size = np.abs(v).max() / step + np.abs(np.where(penalty.excluded, 0.0, z)).max()
    assert penalty.subdiff_distance(w, z, 1.0).max() <= ROUNDING * (1 + size)


@pytest.mark.parametrize("ratio", [None, 0.3])
@pytest.mark.parametrize("step", [0.05, 1.0, 30.0])
def test_prox_of_unevenly_weighted_groups_is_cvxpys(ratio: float | None, step: float) -> None:
    rng = np.random.default_rng(0)
    groups, c = [0, 0, 0, 1, 1, 2, 2, 3], np.array([0.1, 1.0, 5.0, 0.0, 2.0, np.inf, 0.7, 1.5])
    options: dict[str, Any] = {"weights": c, "groups": groups, "group_weights": [1.5, 0.5, 0.2, 0.4]}
    penalty = Group(**options) if ratio is None else SparseGroup(**options, l1_ratio=ratio)
    v, w = rng.normal(size=8) * 4, cp.Variable(8)
    expression, constraints = penalty.cvxpy(w)
    cp.Problem(cp.Minimize(expression + cp.sum_squares(w - v) / (2 * step)), constraints).solve(solver="CLARABEL")
    np.testing.assert_allclose(penalty.prox(v, step), w.value, atol=SOLVER)


@pytest.mark.parametrize("name", ["group", "sparse_group"])
@given(seed=seeds, decades=st.integers(1, 12))
@EXAMPLES
def test_prox_of_groups_with_weights_of_very_different_size(name: str, seed: int, decades: int) -> None:
    rng = np.random.default_rng(seed)
    c = 10 ** rng.uniform(-decades / 2, decades / 2, 12)
    penalty = PENALTIES[name](weights=c, groups=[0] * 12).bind(12)
    for v in (rng.normal(size=12), rng.normal(size=12) / c, rng.normal(size=12) * c):
        w = penalty.prox(v, 0.7)
        z = (v - w) / 0.7
        assert (penalty.subdiff_distance(w, z, 1.0) <= ROUNDING * (np.abs(v) + np.abs(z) + c * (w != 0))).all()


@pytest.mark.parametrize("ratio", [0.0, 0.3, 0.9, 1.0])
def test_gauge_and_prox_take_few_newton_steps(ratio: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last digit may flicker; waiting for it to settle used to take every step allowed."""
    calls = []
    add_up = Group._sum
    monkeypatch.setattr(Group, "_sum", lambda self, values: calls.append(1) or add_up(self, values))
    for seed in range(30):
        rng = np.random.default_rng(seed)
        c = 10 ** rng.uniform(-2, 2, 400)
        penalty = SparseGroup(np.arange(400) // 4, l1_ratio=ratio, weights=c).bind(400)
        for method in (penalty.gauge, lambda z, penalty=penalty: penalty.prox(z, 1.0)):
            calls.clear()
            method(rng.normal(size=400))
            assert len(calls) <= 30  # two or three a step


# the conjugate, its domain and lambda_max


@every_penalty
@given(seed=seeds)
@EXAMPLES
def test_conjugate_meets_fenchel_young(name: str, seed: int) -> None:
    rng, penalty = draw(name, seed)
    w, z = subgradient(rng, penalty)
    z = callers(penalty, z) * (1 - 1e-14)
    conjugate = penalty.conjugate(z)
    assert abs(penalty.value(w) + conjugate - z @ w) <= 10 * ROUNDING * (1 + penalty.value(w) + abs(conjugate))
    z = callers(penalty, vector(rng, penalty.c.size))
    t = penalty.gauge(z)
    for dual in (z, z / (2 * t) if 0 < t < np.inf else 0 * z):
        for size in (0.1, 1.0, 100.0):
            x = admissible(penalty, size * rng.normal(size=z.size))
            product, value = np.where(penalty.excluded, 0.0, dual * x), penalty.value(x)
            assert (
                product.sum() <= (value + penalty.conjugate(dual)) * (1 + ROUNDING) + ROUNDING * np.abs(product).sum()
            )


@every_penalty
def test_norms_have_a_conjugate_of_zero_and_others_not(name: str) -> None:
    largest = []
    for seed in range(20):
        rng, penalty = draw(name, seed)
        z = callers(penalty, 100 * vector(rng, penalty.c.size))
        t = penalty.gauge(z)
        largest.append((penalty.conjugate(z / (2 * t) if 0 < t < np.inf else z), penalty.is_norm))
    assert all(value in (0.0, np.inf) for value, norm in largest if norm)
    assert all(norm for _, norm in largest) or any(0 < value < np.inf for value, norm in largest if not norm)


@every_penalty
@given(seed=seeds)
@EXAMPLES
def test_gauge_is_where_the_conjugate_becomes_finite(name: str, seed: int) -> None:
    rng, penalty = draw(name, seed)
    z = callers(penalty, vector(rng, penalty.c.size))
    t = penalty.gauge(z)
    assert t >= 0
    if t == 0 or np.isinf(t):
        assert np.isfinite(penalty.conjugate(z)) == (t == 0)
        return
    assert np.isfinite(penalty.conjugate(z / (t * (1 + EDGE))))
    assert np.isposinf(penalty.conjugate(z / (t * (1 - EDGE))))
    assert penalty.gauge(0 * z) == 0


@every_penalty
@given(seed=seeds)
@EXAMPLES
def test_gauge_by_definition(name: str, seed: int) -> None:
    """For a norm, the least t with ``z'w <= t P(w)`` for all w; the prox finds the w that comes closest."""
    rng, penalty = draw(name, seed, homogeneous=True)
    z = callers(penalty, vector(rng, penalty.c.size))
    t = penalty.gauge(z)
    if np.isinf(t):
        return
    inside = np.where(penalty.excluded, 0.0, z)
    for _ in range(20):
        w = admissible(penalty, vector(rng, z.size))
        assert inside @ w <= t * penalty.value(w) + ROUNDING * (np.abs(inside) @ np.abs(w))
    if t > 0:
        just_above, just_below = penalty.prox(z, t * (1 + EDGE)), penalty.prox(z, t * (1 - 1e-6))
        assert not just_above[~penalty.free].any()
        best = np.where(penalty.free, 0.0, just_below)
        assert z @ best >= t * (1 - 1e-5) * penalty.value(best) > 0


@every_penalty
@given(seed=seeds)
@EXAMPLES
def test_lambda_max_is_the_least_lam_that_keeps_everything_at_0(name: str, seed: int) -> None:
    rng, penalty = draw(name, seed)
    z = vector(rng, penalty.c.size)
    z[penalty.free] = 0.0  # the fitted null model has left nothing there
    largest = penalty.lambda_max(z)
    z_of_free = np.where(penalty.free, 7.0, z)
    assert penalty.lambda_max(z_of_free) == largest
    if largest == 0:
        assert not penalty.prox(z, 1e-12).any()
    elif np.isinf(largest):
        assert all(penalty.prox(z, lam).any() for lam in (1.0, 1e6))
    else:
        assert not penalty.prox(z, largest * (1 + EDGE)).any()
        assert penalty.prox(z, largest * (1 - EDGE)).any()
        assert penalty.subdiff_distance(0 * z, z, largest).max() <= ROUNDING * (1 + np.abs(z).max())
        assert penalty.subdiff_distance(0 * z, z, 0.9 * largest).max() > 0


@every_penalty
def test_excluded_features_never_restrict_z(name: str) -> None:
    options: dict[str, Any] = {"groups": [0, 0, 1]} if "groups" in parameters(name) else {}
    ratios = [{"l1_ratio": r} for r in (0.0, 0.3, 1.0)] if "l1_ratio" in parameters(name) else [{}]
    shapes: list[dict[str, Any]] = [{"weights": [np.inf, np.inf, 1.0]}]
    if "group_weights" in parameters(name):
        shapes += [{"weights": c, "group_weights": [np.inf, 1]} for c in ([1, 1, 1], [0, 1, 1], [0, np.inf, 1])]
    for shape in shapes:
        for ratio in ratios:
            penalty = PENALTIES[name](**options, **shape, **ratio).bind(3)
            z = np.array([1e6, -1e6, 0.0])
            np.testing.assert_array_equal(penalty.excluded, [True, True, False])
            assert not penalty.free.any()
            assert penalty.gauge(z) == penalty.conjugate(z) == penalty.lambda_max(z) == 0
            assert not penalty.prox(z, 1e-3).any()
            assert not penalty.subdiff_distance(0 * z, z, 1.0).any()
            assert np.isposinf(penalty.zero_margin(z, np.inf, 1.0)[:2]).all()
            assert np.isposinf(penalty.threshold(1.0)[:2]).all()
            assert np.isposinf(penalty.value(np.array([0.0, 1e-300, 1.0])))
            assert np.isposinf(penalty.subdiff_distance(np.array([0.0, 1.0, 0.0]), z, 1.0)[1])


# optimality conditions


@every_penalty
@given(seed=seeds, log_lam=log_steps)
@EXAMPLES
def test_subdiff_distance_reaches_a_subgradient(name: str, seed: int, log_lam: float) -> None:
    """Moved by its distance, z is a subgradient: ``lam P(x) >= lam P(w) + z'(x - w)`` for all x."""
    rng, penalty = draw(name, seed)
    lam, p = 10**log_lam, penalty.c.size
    w = admissible(penalty, rng.normal(size=p) * rng.integers(0, 2, p))
    z = vector(rng, p) * rng.choice([1.0, lam])
    distance = penalty.subdiff_distance(w, z, lam)
    assert (distance >= 0).all()
    towards = np.where(w != 0, lam * penalty.gradient(w), np.where(penalty.kinked_at_zero, 0.0, z))
    held = np.sign(towards - z) * distance
    if not penalty.kinked_at_zero:  # a group at 0, or a 0 in an active group: both draw z towards 0
        held = np.where(w != 0, held, -np.sign(z) * distance)
    z = np.where(penalty.excluded, 0.0, z + held)
    for size in (1e-3, 0.1, 1.0, 30.0):
        x = admissible(penalty, w + size * rng.normal(size=p))
        terms = lam * (penalty.value(x) + penalty.value(w)) + np.abs(z) @ np.abs(x - w)
        assert lam * penalty.value(x) >= lam * penalty.value(w) + z @ (x - w) - ROUNDING * (1 + terms)


@every_penalty
@given(seed=seeds, log_lam=log_steps)
@EXAMPLES
def test_subdiff_distance_is_what_was_added(name: str, seed: int, log_lam: float) -> None:
    rng, penalty = draw(name, seed)
    lam = 10**log_lam
    w, z = subgradient(rng, penalty)
    z = lam * z
    size = 1 + np.abs(z).max() + lam * np.abs(w).max()
    assert penalty.subdiff_distance(w, z, lam)[~penalty.excluded].max(initial=0.0) <= ROUNDING * size
    added = size * rng.normal(size=w.size)
    active = (w != 0) | (penalty.free & (not penalty.nonnegative))
    distance = penalty.subdiff_distance(w, z + added, lam)
    np.testing.assert_allclose(distance[active], np.abs(added)[active], atol=ROUNDING * size)


@every_penalty
def test_subdiff_distance_beyond_the_bound(name: str) -> None:
    """Alone in its group with group weight 1, a feature at 0 is held up to ``lam * threshold``."""
    penalty = PENALTIES[name](**({"groups": [0, 1]} if "groups" in parameters(name) else {})).bind(2)
    level = penalty.threshold(2.0)
    z = np.array([level[0] + 0.25, -level[1] - 0.5])
    expected = [0.25, 0.0 if penalty.nonnegative else 0.5]
    np.testing.assert_allclose(penalty.subdiff_distance(np.zeros(2), z, 2.0), expected)
    if penalty.nonnegative:
        assert np.isposinf(penalty.subdiff_distance(np.array([-1.0, 0.0]), z, 2.0)[0])


def test_subdiff_distance_of_a_group_at_0() -> None:
    penalty = Group(weights=np.array([1.0, 2.0]), groups=[0, 0], group_weights=[5.0])
    z = 1.25 * 3 * 5 * np.array([0.6, 2 * 0.8])  # z / c has norm 1.25 lam k
    np.testing.assert_allclose(penalty.subdiff_distance(np.zeros(2), z, 3.0), 0.2 * z)
    np.testing.assert_allclose(penalty.subdiff_distance(np.zeros(2), z / 1.2501, 3.0), 0)


@every_penalty
@given(seed=seeds, log_lam=log_steps)
@EXAMPLES
def test_zero_margin_proves_zeros(name: str, seed: int, log_lam: float) -> None:
    rng, penalty = draw(name, seed)
    lam, p = 10**log_lam, penalty.c.size
    z = vector(rng, p) * rng.choice([1.0, lam])
    radius = rng.choice([0.0, 0.1, 0.5]) * rng.random(p) * np.abs(z) if rng.random() < 0.8 else np.full(p, 0.3 * lam)
    proven = penalty.zero_margin(z, radius, lam) > 0
    for corner in (np.sign(z), -np.sign(z), *rng.choice([-1, 1], (6, p)), *rng.uniform(-1, 1, (4, p))):
        assert not penalty.prox(z + radius * corner, lam)[proven].any()
    # and where nothing is uncertain, it proves every zero but those on the boundary
    margin, zero = penalty.zero_margin(z, 0.0, lam), penalty.prox(z, lam) == 0
    clear = (np.abs(margin) > EDGE * (1 + np.abs(z).max() + lam)) & ~penalty.free & (z != 0)
    np.testing.assert_array_equal((margin > 0)[clear], zero[clear])


@every_penalty
@given(seed=seeds)
@EXAMPLES
def test_zero_margin_without_a_bound_proves_nothing(name: str, seed: int) -> None:
    rng, penalty = draw(name, seed)
    margin = penalty.zero_margin(vector(rng, penalty.c.size), np.inf, 1.0)
    np.testing.assert_array_equal(margin > 0, penalty.excluded)


# changes of variables


@every_penalty
@given(seed=seeds)
@EXAMPLES
def test_scaled(name: str, seed: int) -> None:
    rng, penalty = draw(name, seed)
    w = admissible(penalty, vector(rng, penalty.c.size))
    one, two = some(rng, w.size), some(rng, w.size)
    for scales, scaled in (([one], penalty.scaled(one)), ([one, two], penalty.scaled(one).scaled(two))):
        out = penalty.excluded | np.isinf(scales).any(axis=0)  # 0 * inf counts as excluded
        np.testing.assert_array_equal(scaled.excluded, out)
        inside = np.where(out, 0.0, w)
        unscaled = inside * np.prod(np.where(np.isinf(scales), 1.0, scales), axis=0)
        np.testing.assert_allclose(scaled.value(inside), penalty.value(unscaled), rtol=ROUNDING)
        if out.any():
            assert np.isposinf(scaled.value(np.where(out, 1.0, 0.0)))


# special cases are one another


def same(one: Penalty, two: Penalty, rng: np.random.Generator) -> None:
    p = one.c.size
    w, v, z = (vector(rng, p) for _ in range(3))
    inside = admissible(one, w)
    np.testing.assert_allclose(one.value(inside), two.value(inside), rtol=ROUNDING)
    np.testing.assert_allclose(one.prox(v, 0.3), two.prox(v, 0.3), rtol=ROUNDING, atol=ROUNDING)
    assert one.gauge(callers(one, z)) == pytest.approx(two.gauge(callers(two, z)), rel=ROUNDING)
    assert one.lambda_max(z) == pytest.approx(two.lambda_max(z), rel=ROUNDING)
    size = np.abs(z).max() + 1
    distances = [each.subdiff_distance(inside, z, 0.7) for each in (one, two)]
    np.testing.assert_allclose(*distances, rtol=ROUNDING, atol=ROUNDING * size)
    np.testing.assert_array_equal(one.zero_margin(z, 0.1, 0.7) > 0, two.zero_margin(z, 0.1, 0.7) > 0)
    np.testing.assert_allclose(one.threshold(0.7), two.threshold(0.7), rtol=ROUNDING)
    np.testing.assert_allclose(one.gradient(inside), two.gradient(inside), rtol=ROUNDING, atol=ROUNDING)
    for mask in ("free", "excluded"):
        np.testing.assert_array_equal(getattr(one, mask), getattr(two, mask))


@given(seed=seeds)
@EXAMPLES
def test_special_cases(seed: int) -> None:
    rng = np.random.default_rng(seed)
    p = int(rng.integers(1, 10))
    c, groups = some(rng, p), rng.integers(0, 3, p)
    k = 10 ** rng.uniform(-1, 1, np.unique(groups).size)
    same(ElasticNet(weights=c, l1_ratio=1.0), L1(weights=c), rng)
    same(Group(weights=c, groups=np.arange(p)).bind(p), L1(weights=c), rng)
    same(SparseGroup(groups, k, l1_ratio=1.0, weights=c), L1(weights=c), rng)
    same(SparseGroup(groups, k, l1_ratio=0.0, weights=c), Group(groups, k, weights=c), rng)
    k = some(rng, k.size)
    same(SparseGroup(groups, k, l1_ratio=0.0, weights=c), Group(groups, k, weights=c), rng)
    lone = some(rng, p)
    with np.errstate(invalid="ignore"):
        both = np.where(np.isinf(c) | np.isinf(lone), np.inf, c * lone)
    same(Group(weights=c, groups=np.arange(p), group_weights=lone), L1(weights=both), rng)


# extreme sizes


@every_penalty
@given(seed=seeds, power=st.sampled_from([-490, -100, 100, 490]))
@EXAMPLES
def test_a_norm_is_homogeneous_at_any_size(name: str, seed: int, power: int) -> None:
    rng, penalty = draw(name, seed, homogeneous=True)
    v, t = vector(rng, penalty.c.size), 2.0**power
    w = admissible(penalty, v)
    np.testing.assert_allclose(penalty.value(t * w), t * penalty.value(w), rtol=ROUNDING)
    np.testing.assert_allclose(penalty.prox(t * v, t), t * penalty.prox(v, 1.0), rtol=ROUNDING, atol=ROUNDING * t)
    z = callers(penalty, v)
    np.testing.assert_allclose(penalty.gauge(t * z), t * penalty.gauge(z), rtol=ROUNDING)
    np.testing.assert_allclose(penalty.lambda_max(t * z), t * penalty.lambda_max(z), rtol=ROUNDING)
    for w_too in (w, t * w):
        distance = penalty.subdiff_distance(w, z, 1.0)
        scaled = penalty.subdiff_distance(w_too, t * z, t)
        np.testing.assert_allclose(scaled, t * distance, rtol=ROUNDING, atol=ROUNDING * t * (1 + np.abs(z).max()))
    margin = penalty.zero_margin(z, 0.1, 1.0)
    slack = ROUNDING * t * (100 + np.abs(z).max())
    np.testing.assert_allclose(penalty.zero_margin(t * z, 0.1 * t, t), t * margin, rtol=ROUNDING, atol=slack)
    np.testing.assert_allclose(penalty.gradient(t * w), penalty.gradient(w), rtol=ROUNDING)
    np.testing.assert_allclose(penalty.hessian(t * w) * t, penalty.hessian(w), rtol=ROUNDING, atol=ROUNDING)


@every_penalty
@given(seed=seeds, power=st.sampled_from([-150, -50, 50, 150]), log_step=log_steps)
@EXAMPLES
def test_extreme_points_give_true_numbers(name: str, seed: int, power: int, log_step: float) -> None:
    rng, penalty = draw(name, seed)
    v, step = 10.0**power * rng.normal(size=penalty.c.size), 10**log_step
    w = penalty.prox(v, step)
    assert np.isfinite(w).all()
    z = (v - w) / step
    left = np.abs(v).max() / step + np.abs(np.where(penalty.excluded, 0, z)).max()
    assert penalty.subdiff_distance(w, z, 1.0).max() <= ROUNDING * (left + (1e-300 if power < 0 else 0))
    z = callers(penalty, v / 1e3)
    for number in (penalty.value(w), penalty.gauge(z), penalty.conjugate(z), penalty.lambda_max(v)):
        assert number >= 0
    for array in (penalty.subdiff_distance(w, v, step), penalty.zero_margin(v, 0.0, step), penalty.gradient(w)):
        assert not np.isnan(array).any()


# what a penalty says of itself


@every_penalty
@given(seed=seeds)
@EXAMPLES
def test_what_is_a_sum_over_groups_and_over_features(name: str, seed: int) -> None:
    rng, penalty = draw(name, seed)
    w = np.where(penalty.excluded, 0.0, rng.standard_normal(penalty.c.size))
    w = np.abs(w) if penalty.nonnegative else w
    parts = [np.where(penalty.group_of == group, w, 0.0) for group in range(penalty.group_of.max() + 1)]
    assert sum(map(penalty.value, parts)) == pytest.approx(penalty.value(w), rel=ROUNDING)
    assert penalty.largest_group == max(np.count_nonzero(penalty.group_of == group) for group in penalty.group_of)
    features = np.sort(rng.choice(w.size, rng.integers(1, w.size + 1), replace=False))
    others_0 = np.where(np.isin(np.arange(w.size), features), w, 0.0)
    part = penalty.with_features(features)
    assert part.value(w[features]) == pytest.approx(penalty.value(others_0), rel=ROUNDING)
    assert penalty.separable == ("group" not in name or penalty.largest_group == 1)
    if penalty.separable:
        level, curved = np.where(w == 0, 0.0, penalty.threshold(2.0)), 2 * penalty.modulus()
        assert 2 * penalty.value(w) == pytest.approx(level @ np.abs(w) + curved @ w**2 / 2, rel=ROUNDING)


# what is refused


@every_penalty
def test_feature_weights_are_given_by_name(name: str) -> None:
    if "groups" in parameters(name):
        assert PENALTIES[name]([0, 1, 1]).bind(3).largest_group == 2
    else:
        with pytest.raises((TypeError, InputError), match=r"positional|l1_ratio"):
            PENALTIES[name]([1.0, 2.0])


@every_penalty
@pytest.mark.parametrize(
    "weights", [[1.0, -1.0], [1.0, np.nan], [[1.0, 1.0]], 3.0, ["a", "b"], ["1", "2"], [[1.0], [1.0, 2.0]], [1j, 1]]
)
def test_bad_weights(name: str, weights: Any) -> None:
    options: dict[str, Any] = {"groups": [0, 1]} if "groups" in parameters(name) else {}
    with pytest.raises(InputError, match=r"weights: found .* allowed is a 1-D array of numbers >= 0"):
        PENALTIES[name](weights=weights, **options)


@every_penalty
def test_weights_are_copied_and_checked_against_the_number_of_features(name: str) -> None:
    options: dict[str, Any] = {"groups": [0, 1]} if "groups" in parameters(name) else {}
    mine = np.ones(2)
    penalty = PENALTIES[name](weights=mine, **options).bind(2)
    mine[0] = 5.0
    assert penalty.c[0] == 1
    with pytest.raises(ValueError, match="read-only"):
        penalty.c[0] = 2.0
    with pytest.raises(InputError, match=r"found 2.*3 features"):
        penalty.bind(3)
    with pytest.raises(InputError, match=r"bind\(p\)"):
        _ = PENALTIES[name](**options).c
    assert (PENALTIES[name](**options).bind(2).c == 1).all()


@every_penalty
@pytest.mark.parametrize("ratio", [-0.1, 1.1, np.nan, "0.5", None, [0.5]])
def test_bad_l1_ratio(name: str, ratio: Any) -> None:
    if "l1_ratio" not in parameters(name):
        return
    options: dict[str, Any] = {"groups": [0, 1]} if "groups" in parameters(name) else {}
    with pytest.raises(InputError, match=r"l1_ratio: found .* allowed is a number from 0 to 1"):
        PENALTIES[name](l1_ratio=ratio, **options)


@pytest.mark.parametrize("name", [name for name in PENALTIES if "groups" in parameters(name)])
class TestGroups:
    @pytest.mark.parametrize("groups", [(), [], [0.5, 1.0], [None, "a"], [True, False], [[0, 1]], 3, [[0], [0, 1]]])
    def test_bad_groups(self, name: str, groups: Any) -> None:
        with pytest.raises(InputError, match=r"groups: found .* allowed is"):
            PENALTIES[name](groups=groups)
        with pytest.raises(InputError, match=r"groups: found .* allowed is"):
            PENALTIES[name]()

    def test_object_labels(self, name: str) -> None:
        with pytest.raises(InputError, match="groups: found"):
            PENALTIES[name](groups=np.array(["a", 1], dtype=object))

    def test_a_label_a_feature(self, name: str) -> None:
        with pytest.raises(InputError, match="groups: found 3 labels; X has 4 features"):
            PENALTIES[name](groups=[0, 1, 1]).bind(4)

    @pytest.mark.parametrize("group_weights", [[1.0], [1.0, 2.0, 3.0], []])
    def test_a_weight_a_group(self, name: str, group_weights: list[float]) -> None:
        with pytest.raises(InputError, match=r"group_weights: found .; there are 2 groups"):
            PENALTIES[name](groups=[0, 1, 1], group_weights=group_weights)

    @pytest.mark.parametrize("group_weights", [[1.0, -1.0], [1.0, np.nan], [[1.0, 1.0]], ["a", "b"]])
    def test_bad_group_weights(self, name: str, group_weights: Any) -> None:
        with pytest.raises(InputError, match=r"group_weights: found .* allowed"):
            PENALTIES[name](groups=[0, 1, 1], group_weights=group_weights)

    def test_groups_are_copied(self, name: str) -> None:
        groups = np.array([0, 0, 1])
        penalty = PENALTIES[name](groups=groups, group_weights=[1.0, 2.0]).bind(3)
        before = penalty.value(np.ones(3))
        groups[:] = 0, 1, 1
        assert replace(penalty).value(np.ones(3)) == before
