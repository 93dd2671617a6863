"""Every loss in `LOSSES`, tested against the definitions of what it states, CVXPY, scikit-learn and SciPy.

what is compared                                   tolerance
-------------------------------------------------  ----------------------------------------------
stationarity of the prox, values of two sources    ULPS units in the last place of the terms added
inequalities between values (prox, conjugate)      VALUE, relative to the terms added
differences of value or gradient                   the rounding of the difference, plus its step
"""

from __future__ import annotations

from itertools import pairwise

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.special import expit, huber
from sklearn.metrics import log_loss, mean_pinball_loss, mean_poisson_deviance

from lassoopt.errors import InputError
from lassoopt.losses import LOSSES, Huber, Logistic, Loss, Poisson, Quantile, Squared, SquaredHinge

EPS = np.finfo(float).eps
ULPS = 16 * EPS
VALUE = 1e-13
EXAMPLES = settings(derandomize=True, deadline=None, max_examples=20)

VARIANTS = {
    "huber": [Huber(0.01), Huber(50.0)],
    "quantile": [Quantile(0.05), Quantile(0.8)],
}
INSTANCES = [pytest.param(loss, id=repr(loss)) for name in LOSSES for loss in [LOSSES[name](), *VARIANTS.get(name, [])]]
every_loss = pytest.mark.parametrize("loss", INSTANCES)
seeds = st.integers(0, 2**32 - 1)


def codings(loss: Loss) -> list[str]:
    """Which kinds of target the loss accepts."""
    return [kind for kind, draw in KINDS.items() if accepts(loss, draw(np.random.default_rng(0), 50))]


def accepts(loss: Loss, y: np.ndarray) -> bool:
    try:
        loss.validate(y)
    except InputError:
        return False
    return True


def spread(rng: np.random.Generator, n: int, largest: float = 1e4) -> np.ndarray:
    """Numbers of either sign and all sizes from 1e-4 to ``largest``."""
    return rng.choice([-1.0, 1.0], n) * 10 ** rng.uniform(-4, np.log10(largest), n)


KINDS = {
    "real": spread,
    "nonnegative": lambda rng, n: np.where(rng.random(n) < 0.2, 0.0, np.abs(spread(rng, n))),
    "0/1": lambda rng, n: rng.integers(0, 2, n).astype(float),
    "-1/1": lambda rng, n: 2.0 * rng.integers(0, 2, n) - 1,
}


def sample(loss: Loss, seed: int, n: int = 60, largest: float = 1e4) -> tuple[np.random.Generator, np.ndarray]:
    """A generator, and targets in the domain of the loss."""
    rng = np.random.default_rng(seed)
    kind = codings(loss)[seed % len(codings(loss))]
    y = KINDS[kind](rng, n)
    return rng, np.where(np.abs(y) > largest, largest, y)


def points(loss: Loss, rng: np.random.Generator, y: np.ndarray, largest: float = 1e3) -> np.ndarray:
    """Predictions: some near their target, some anywhere the loss is not astronomical, some at kinks."""
    n = len(y)
    u = np.where(rng.random(n) < 0.4, y + rng.normal(size=n), spread(rng, n, largest))
    special = rng.choice([0.0, 1.0, -1.0], n)
    u = np.where(rng.random(n) < 0.1, special, np.where(rng.random(n) < 0.1, y, u))
    return np.where(loss.value(u, y) < 1e12, u, rng.normal(size=n))


@every_loss
@given(seed=seeds)
@EXAMPLES
def test_prox_is_stationary_to_the_last_digits(loss: Loss, seed: int) -> None:
    rng, y = sample(loss, seed)
    v, step = spread(rng, len(y)), 10 ** rng.uniform(-3, 3, len(y))
    u = loss.prox(v, y, step)
    pull = (v - u) / step  # must be a subgradient at u
    slack = ULPS * ((np.abs(v) + np.abs(u)) / step + np.abs(y) + np.abs(pull))
    below, above = np.nextafter(u - ULPS * np.abs(u), -np.inf), np.nextafter(u + ULPS * np.abs(u), np.inf)
    assert (loss.gradient(below, y) <= pull + slack).all()
    assert (loss.gradient(above, y) >= pull - slack).all()


@every_loss
@given(seed=seeds, log_step=st.floats(-3, 3))
@EXAMPLES
def test_prox_minimises(loss: Loss, seed: int, log_step: float) -> None:
    rng, y = sample(loss, seed)
    v, step = spread(rng, len(y), 1e3), 10**log_step
    u = loss.prox(v, y, step)

    def terms(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        with np.errstate(over="ignore"):
            return loss.value(x, y), (x - v) ** 2 / (2 * step)

    least = sum(terms(u))
    for x in (v, y, 0 * u, *(u + spread(rng, len(y), 10.0**k) for k in (-2, 0, 3))):
        objective = sum(terms(x))
        slack = VALUE * (loss.magnitude(u, y) + terms(u)[1] + np.abs(objective))
        slack += ULPS * (np.abs(u) + np.abs(v)) * np.abs(x - u) / step  # u itself is rounded
        # strongly convex with modulus 1 / step, so more than a minimum
        assert (objective >= least + (x - u) ** 2 / (2 * step) - slack).all()


@every_loss
def test_prox_takes_one_step_or_an_array_and_extreme_points(loss: Loss) -> None:
    y = KINDS[codings(loss)[0]](np.random.default_rng(3), 40)
    for v in (-1e4, 0.0, 1e4):
        for step in (1e-3, 1.0, 1e3):
            one = loss.prox(np.full(40, v), y, step)
            assert np.isfinite(one).all()
            np.testing.assert_array_equal(one, loss.prox(np.full(40, v), y, np.full(40, step)))


@pytest.mark.parametrize("step", [0.1, 4.0, 100.0, 1e3])
def test_logistic_prox_takes_few_newton_steps(step: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last digit may flicker; waiting for it to settle used to take every step allowed."""
    calls = []
    monkeypatch.setattr("scipy.special.expit", lambda x: calls.append(1) or expit(x))
    rng = np.random.default_rng(0)
    Logistic().prox(spread(rng, 2000), KINDS["0/1"](rng, 2000), step)
    assert len(calls) <= 15


@every_loss
@given(seed=seeds)
@EXAMPLES
def test_conjugate_meets_fenchel_young(loss: Loss, seed: int) -> None:
    rng, y = sample(loss, seed, largest=1e3)
    u, elsewhere = points(loss, rng, y), points(loss, rng, y)
    a = loss.gradient(u, y)
    value, conjugate = loss.value(u, y), loss.conjugate(a, y)
    size = loss.magnitude(u, y) + np.abs(conjugate) + (np.abs(u) + 1) * (np.abs(a) + np.abs(y))
    assert (np.abs(value + conjugate - a * u) <= VALUE * size).all()
    size += loss.magnitude(elsewhere, y) + np.abs(elsewhere * a)
    assert (loss.value(elsewhere, y) + conjugate - a * elsewhere >= -VALUE * size).all()


@every_loss
@given(seed=seeds)
@EXAMPLES
def test_slopes_are_where_the_conjugate_is_finite(loss: Loss, seed: int) -> None:
    rng, y = sample(loss, seed)
    low, high = (np.broadcast_to(end, y.shape) for end in loss.slopes(y))
    assert (low <= 0).all()
    assert (high >= 0).all()
    inside = np.clip(spread(rng, len(y)), low, high)
    for a in (inside, np.where(np.isfinite(low), low, -1.0), np.where(np.isfinite(high), high, 1.0)):
        assert np.isfinite(loss.conjugate(a, y)).all()
    below, above = np.nextafter(low, -np.inf), np.nextafter(high, np.inf)
    for end, a in ((low, below), (high, above)):
        ends = np.isfinite(end)
        assert np.isposinf(loss.conjugate(a[ends], y[ends])).all()


@every_loss
@given(seed=seeds)
@EXAMPLES
def test_gradient_lies_between_the_secants(loss: Loss, seed: int) -> None:
    rng, y = sample(loss, seed, largest=100)
    u = points(loss, rng, y, 30)
    gradient = loss.gradient(u, y)
    for h in (1e-1, 1e-3, 1e-5):
        rounding = 8 * EPS * (loss.magnitude(u, y) + loss.magnitude(u + h, y) + np.abs(gradient * u)) / h
        left, right = (loss.value(u, y) - loss.value(u - h, y)) / h, (loss.value(u + h, y) - loss.value(u, y)) / h
        assert (left <= gradient + rounding).all()
        assert (gradient <= right + rounding).all()


@every_loss
def test_gradient_at_a_kink_is_the_least(loss: Loss) -> None:
    _, y = sample(loss, 5, n=40, largest=100)
    for u in (y, 0 * y, np.ones_like(y)):
        below, above = loss.gradient(u - 1e-9, y), loss.gradient(u + 1e-9, y)
        least = np.maximum(below, 0) + np.minimum(above, 0)
        assert (np.abs(loss.gradient(u, y) - least) <= 1e-8 * (1 + loss.curvature(u + 1e-9, y))).all()


@every_loss
@given(seed=seeds)
@EXAMPLES
def test_curvature_is_the_slope_of_the_gradient(loss: Loss, seed: int) -> None:
    rng, y = sample(loss, seed, largest=100)
    u, h = points(loss, rng, y, 30), 1e-5
    curvature = loss.curvature(u, y)
    assert (curvature >= 0).all()
    assert (curvature <= loss.smoothness).all()
    ends = loss.curvature(u - h, y), loss.curvature(u + h, y)
    jump = np.abs(ends[0] - ends[1]) > 1e-3 * (1 + curvature)
    kink = (np.abs(u - y) <= 2 * h) if loss.kinked else jump
    gradients = loss.gradient(u - h, y), loss.gradient(u + h, y)
    slope = (gradients[1] - gradients[0]) / (2 * h)
    close = np.abs(slope - curvature) <= 1e-8 * (1 + curvature + np.abs(gradients[0]) + np.abs(y) + np.abs(u))
    assert (close | kink).all()
    assert kink.mean() < 0.5
    assert (curvature[kink] <= np.minimum(*ends)[kink] + 1e-3).all()


@every_loss
@given(seed=seeds)
@EXAMPLES
def test_curvature_at_slope(loss: Loss, seed: int) -> None:
    rng, y = sample(loss, seed, largest=100)
    u = points(loss, rng, y, 30)
    a, curvature = loss.gradient(u, y), loss.curvature(u, y)
    rounding = 1e-12 * (1 + np.abs(a) + np.abs(y))
    assert (loss.curvature_at_slope(a, y) <= curvature + rounding).all()
    same_slope = loss.gradient(u + 1e-4, y) == a  # flat there: the least curvature is 0
    assert (np.abs(loss.curvature_at_slope(a, y) - np.where(same_slope, 0, curvature)) <= rounding)[
        same_slope | (loss.curvature(u + 1e-9, y) > 0)
    ].all()
    low, high = loss.slopes(y)
    first, last = (np.clip(spread(rng, len(y), 100), low, high) for _ in range(2))
    at_ends = np.minimum(loss.curvature_at_slope(first, y), loss.curvature_at_slope(last, y))
    for share in np.linspace(0, 1, 9):
        between = (1 - share) * first + share * last
        assert (loss.curvature_at_slope(between, y) >= at_ends - rounding).all()


@every_loss
def test_infimum_is_the_minimum_over_u(loss: Loss) -> None:
    _, y = sample(loss, 1, n=12, largest=100)
    infimum = loss.infimum(y)
    for i in range(len(y)):
        one = y[i : i + 1]

        def of(x: float, one: np.ndarray = one) -> float:
            return float(loss.value(np.array([x]), one)[0])

        found = minimize_scalar(of, bounds=(-150, 150), method="bounded", options={"xatol": 1e-9})
        least = min(found.fun, of(-150.0), of(150.0))
        assert abs(least - infimum[i]) <= 1e-6 * (1 + abs(least))
        assert all(of(x) >= infimum[i] - VALUE * (1 + abs(infimum[i])) for x in np.linspace(-150, 150, 61))


@every_loss
@given(seed=seeds)
@EXAMPLES
def test_convex(loss: Loss, seed: int) -> None:
    rng, y = sample(loss, seed)
    one, two, share = points(loss, rng, y), points(loss, rng, y), rng.random(len(y))
    between = (1 - share) * one + share * two
    chord = (1 - share) * loss.value(one, y) + share * loss.value(two, y)
    size = loss.magnitude(one, y) + loss.magnitude(two, y) + np.abs(y)
    assert (loss.value(between, y) <= chord + VALUE * size).all()


@every_loss
@given(seed=seeds, log_distance=st.floats(-3, 1))
@EXAMPLES
def test_max_curvature_bounds_the_curvature_within_a_divergence(loss: Loss, seed: int, log_distance: float) -> None:
    rng, y = sample(loss, seed, largest=100)
    u = np.clip(points(loss, rng, y, 10), -10, 10)
    other = np.clip(u + rng.choice([-1, 1], len(y)) * 10**log_distance, -10, 10)
    a, b = loss.gradient(u, y), loss.gradient(other, y)
    conjugates = loss.conjugate(a, y), loss.conjugate(b, y)
    divergence = conjugates[0] - conjugates[1] - other * (a - b)
    assert (divergence >= -1e-11 * (1 + np.abs(conjugates[0]) + np.abs(conjugates[1]))).all()
    # the divergence of the conjugate is that of the loss the other way round, which rounds less
    divergence = np.maximum(divergence, loss.value(other, y) - loss.value(u, y) - a * (other - u))
    bound = loss.max_curvature(a, y, np.maximum(divergence, 0) + 1e-12)
    assert bound.shape == y.shape
    for share in np.linspace(0, 1, 9):
        assert (loss.curvature((1 - share) * u + share * other, y) <= bound * (1 + 1e-9)).all()


def test_poisson_max_curvature_is_of_the_right_order_and_never_overflows() -> None:
    a, y = np.zeros(3), np.array([0.0, 1.0, 1e6])
    np.testing.assert_array_less(y - 1e-9, Poisson().max_curvature(a, y, np.zeros(3)))
    np.testing.assert_allclose(Poisson().max_curvature(a, y, np.zeros(3)), y)
    assert (Poisson().max_curvature(a, y, np.full(3, 1e200)) <= 3e200).all()
    assert np.isposinf(Poisson().max_curvature(a, y, np.full(3, np.inf))).all()


@every_loss
def test_value_is_that_of_the_cvxpy_statement(loss: Loss) -> None:
    for kind in codings(loss):
        rng = np.random.default_rng(11)
        y = KINDS[kind](rng, 40)
        u = points(loss, rng, y)
        variable = cp.Variable(len(y))
        expression = loss.cvxpy(variable, y)
        assert expression.is_convex()
        assert expression.shape == y.shape
        variable.value = u
        np.testing.assert_allclose(expression.value, loss.value(u, y), rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(loss.cvxpy(cp.Constant(u), y).value, loss.value(u, y), rtol=1e-12, atol=1e-12)


SOURCES = {
    "squared": lambda u, y, loss: huber(1e300, u - y),
    "huber": lambda u, y, loss: huber(loss.delta, u - y),
    "quantile": lambda u, y, loss: [mean_pinball_loss([b], [a], alpha=loss.level) for a, b in zip(u, y, strict=True)],
    "logistic": lambda u, y, loss: [
        log_loss([b > 0], [1 / (1 + np.exp(-a))], labels=[False, True]) for a, b in zip(u, y, strict=True)
    ],
    "poisson": lambda u, y, loss: [
        mean_poisson_deviance([b], [np.exp(a)]) / 2 + (b - b * np.log(b) if b > 0 else 0)
        for a, b in zip(u, y, strict=True)
    ],
}


@pytest.mark.parametrize("name", SOURCES)
def test_value_is_that_of_other_packages(name: str) -> None:
    for loss in [LOSSES[name](), *VARIANTS.get(name, [])]:
        rng = np.random.default_rng(2)
        y = np.clip(KINDS[codings(loss)[0]](rng, 25), -100, 100)
        u = rng.normal(size=25) * 3
        np.testing.assert_allclose(loss.value(u, y), SOURCES[name](u, y, loss), rtol=1e-10, atol=1e-12)


@every_loss
@given(seed=seeds)
@EXAMPLES
def test_labels_may_be_coded_either_way(loss: Loss, seed: int) -> None:
    if "real" in codings(loss) or not {"0/1", "-1/1"} <= set(codings(loss)):
        return
    rng = np.random.default_rng(seed)
    y = KINDS["0/1"](rng, 30)
    u, gap = spread(rng, 30), rng.random(30)
    a = loss.gradient(u, y)
    for method in ("value", "gradient", "curvature", "recedes", "magnitude"):
        np.testing.assert_array_equal(getattr(loss, method)(u, y), getattr(loss, method)(u, 2 * y - 1))
    for method in ("conjugate", "curvature_at_slope"):
        np.testing.assert_array_equal(getattr(loss, method)(a, y), getattr(loss, method)(a, 2 * y - 1))
    np.testing.assert_array_equal(loss.prox(u, y, 2.0), loss.prox(u, 2 * y - 1, 2.0))
    np.testing.assert_array_equal(loss.slopes(y), loss.slopes(2 * y - 1))
    np.testing.assert_array_equal(loss.infimum(y), loss.infimum(2 * y - 1))
    np.testing.assert_array_equal(loss.max_curvature(a, y, gap), loss.max_curvature(a, 2 * y - 1, gap))
    np.testing.assert_array_equal(loss.cvxpy(cp.Constant(u), y).value, loss.cvxpy(cp.Constant(u), 2 * y - 1).value)
    assert loss.has_best_intercept(y) == loss.has_best_intercept(2 * y - 1)


@every_loss
def test_whether_the_best_intercept_exists(loss: Loss) -> None:
    """Brought far enough, an intercept either makes the loss rise again or takes it to its infimum."""
    for kind in codings(loss):
        y = KINDS[kind](np.random.default_rng(4), 30)
        for part in (y, np.full(3, y.min()), np.full(3, y.max())):
            far = [float(loss.value(np.full(part.shape, b), part).sum()) for b in (-600.0, 600.0)]
            here = min(float(loss.value(np.full(part.shape, b), part).sum()) for b in (-9.0, -1.0, 0.0, 1.0, 9.0))
            ray = [np.full(part.shape, b) for b in (-20.0, 20.0)]
            forever = any(bool(loss.recedes(u, part).all()) for u in ray)
            assert loss.has_best_intercept(part) == (not forever)
            assert not forever or min(far) < here


@every_loss
def test_recedes_where_the_loss_falls_forever(loss: Loss) -> None:
    rng, y = sample(loss, 8, n=200)
    u = spread(rng, 200, 1.0)
    direction = np.sign(u)
    slopes = np.array([direction * loss.gradient(direction * t, y) for t in (1e1, 1e2, 5e2)])
    np.testing.assert_array_equal(loss.recedes(u, y), (slopes < 0).all(axis=0) & (slopes[-1] > -1e-4))


@pytest.mark.parametrize(
    ("loss", "y", "found", "allowed"),
    [
        (Logistic(), [0.0, 1.0, 2.0], "2", "labels {0, 1} or {-1, 1}"),
        (Logistic(), [-1.0, 0.0, 1.0], "-1, 0, 1", "labels {0, 1} or {-1, 1}"),
        (SquaredHinge(), [0.5, 1.0], "0.5", "labels {0, 1} or {-1, 1}"),
        (SquaredHinge(), [-1.0, 0.0], "-1, 0", "labels {0, 1} or {-1, 1}"),
        (Logistic(), list(range(20)), "...", "labels {0, 1} or {-1, 1}"),
        (Poisson(), [1.0, -0.25], "-0.25", "numbers >= 0"),
    ],
)
def test_targets_outside_the_domain(loss: Loss, y: list[float], found: str, allowed: str) -> None:
    with pytest.raises(InputError) as error:
        loss.validate(np.array(y))
    message = str(error.value)
    assert message.startswith("y: found")
    assert found in message
    assert allowed in message
    assert type(loss).__name__ in message


@every_loss
def test_what_a_loss_says_of_itself(loss: Loss) -> None:
    assert loss.two_class == (not accepts(loss, np.array([0.0, 2.0])))
    u, y = spread(np.random.default_rng(3), 50), np.random.default_rng(4).integers(0, 2, 50) * 1.0
    assert loss.quadratic == np.allclose(loss.value(u, y), (u - y) ** 2 / 2, rtol=VALUE)
    assert loss.kinked == (not loss.curvature(u, y).any())


@every_loss
def test_targets_allowed_are_stated(loss: Loss) -> None:
    assert loss.targets
    assert codings(loss)
    for kind in codings(loss):
        loss.validate(np.full(3, KINDS[kind](np.random.default_rng(0), 1)[0]))  # one class alone is in the domain


@pytest.mark.parametrize("delta", [0.0, -1.0, np.nan, np.inf, "1", None, [1.0]])
def test_huber_delta(delta: object) -> None:
    with pytest.raises(InputError, match="delta: found"):
        Huber(delta)  # type: ignore[arg-type]


@pytest.mark.parametrize("level", [0.0, 1.0, -0.1, 1.1, np.nan, "0.5", None, [0.5]])
def test_quantile_level(level: object) -> None:
    with pytest.raises(InputError, match="level: found"):
        Quantile(level)  # type: ignore[arg-type]


def test_hyperparameters_may_be_numpy_numbers() -> None:
    assert Huber(np.float64(2)).delta == Huber(np.int64(2)).delta == Huber(2).delta  # type: ignore[arg-type]
    assert Quantile(np.float32(0.5)).level == 0.5  # type: ignore[arg-type]


@every_loss
def test_extreme_predictions_give_no_nan(loss: Loss) -> None:
    for kind in codings(loss):
        y = KINDS[kind](np.random.default_rng(9), 20)
        values = []
        for u in (-1e4, -700.0, 0.0, 700.0, 1e4):
            point = np.full(20, u)
            values.append(loss.value(point, y))
            for array in (values[-1], loss.gradient(point, y), loss.curvature(point, y), loss.magnitude(point, y)):
                assert not np.isnan(array).any()
        slopes = [loss.gradient(np.full(20, u), y) for u in (-1e4, -700.0, 0.0, 700.0, 1e4)]
        assert all((one <= two).all() for one, two in pairwise(slopes))


def test_the_squared_loss_is_the_limit_of_huber() -> None:
    rng = np.random.default_rng(0)
    u, y = spread(rng, 50), spread(rng, 50)
    for method in ("value", "gradient", "curvature", "conjugate"):
        np.testing.assert_allclose(getattr(Huber(1e9), method)(u, y), getattr(Squared(), method)(u, y), rtol=1e-12)
    np.testing.assert_allclose(Huber(1e9).prox(u, y, 1e6), Squared().prox(u, y, 1e6), rtol=1e-14)
