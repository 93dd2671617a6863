"""lambda_max where nothing can improve on the null model, and just beside that."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from problems import LOSS_NAMES

import lassoopt as lo
from lassoopt.losses import LOSSES

SIZES = [1e-150, 1e-9, 1.0, 1e7, 1e150]
WITH_SIZE = [name for name in LOSS_NAMES if not hasattr(LOSSES[name], "_steepest")]  # whose targets are numbers


def some_targets(loss: str, n: int, rng: np.random.Generator) -> np.ndarray:
    if loss not in WITH_SIZE:
        return np.append(rng.integers(0, 2, n - 2), [0, 1]).astype(float)
    return rng.poisson(3.0, n) + 1.0 if loss == "poisson" else rng.standard_normal(n)


def useless(loss: str, kind: str, size: float, rng: np.random.Generator) -> lo.Problem:
    """A problem in which no penalised feature can improve on the null model, its columns of this size."""
    n, k = int(rng.integers(8, 60)), int(rng.integers(1, 5))
    y, weights = some_targets(loss, n, rng), None
    c = np.ones(k)
    if rng.random() < 0.5:
        weights = rng.integers(1, 4, n).astype(float)
    intercept = True
    if kind == "constant features":
        X = np.ones((n, 1)) * rng.standard_normal(k)
    elif kind == "sums of free ones":
        free = rng.standard_normal((n, 3)) * [1.0, 1e3, 1e-3] + rng.choice([0.0, 1e4], 3)
        X = np.hstack([free @ rng.standard_normal((3, k)), free])
        c, intercept = np.append(c, [0, 0, 0]), bool(rng.integers(2))
        if not intercept:
            y = some_targets(loss, n, rng)
    else:
        X = rng.standard_normal((n, k)) + rng.choice([0.0, 1e5])
        y = np.full(n, np.abs(rng.standard_normal()) * 10.0 ** rng.integers(-8, 9))
    X = X * size
    return lo.Problem(X, y, 0.1, loss=loss, penalty=lo.L1(weights=c), sample_weight=weights, intercept=intercept)


def drawn(seed: int, size: float) -> lo.Problem:
    rng = np.random.default_rng(seed)
    kinds = ["constant features", "sums of free ones", "constant targets"]
    kind = kinds[rng.integers(3)]
    loss = str(rng.choice(WITH_SIZE if kind == "constant targets" else LOSS_NAMES))
    return useless(loss, kind, size, rng)


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES)
def test_lambda_max_is_0_where_no_feature_helps(size):
    for seed in range(25):
        assert drawn(seed, size).lambda_max == 0, seed


@pytest.mark.search
@pytest.mark.parametrize("size", SIZES)
def test_lambda_max_is_0_where_no_feature_helps_at_length(size):
    for seed in range(1000, 3000):
        assert drawn(seed, size).lambda_max == 0, seed


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("mean", [0.0, 2.0**20])
@pytest.mark.parametrize("share", [2.0**-20, 2.0**-30])
def test_a_small_correlation_is_not_0(share, mean, size):
    """A column all but orthogonal to the residual: lambda_max of least squares, in fractions."""
    rng = np.random.default_rng(0)
    y = rng.integers(-9, 10, 16).astype(float)
    y -= y.mean()  # of sixteenths: exact
    x = rng.integers(-9, 10, 16).astype(float)
    x -= x.mean()
    x = np.round((x - y * (x @ y) / (y @ y)) * 2.0**18) / 2.0**18
    exact = [Fraction(value) for value in y.tolist()]
    rest = sum(Fraction(a) * b for a, b in zip(x.tolist(), exact, strict=True)) / sum(b * b for b in exact)
    x = np.array([float(Fraction(a) - rest * b + Fraction(share) * b) for a, b in zip(x.tolist(), exact, strict=True)])
    x = (x + mean) * float(2.0 ** np.round(np.log2(size)))
    problem = lo.Problem(x[:, None], y, 0.1)
    column = [Fraction(value) for value in x.tolist()]
    middle, target = sum(column) / 16, sum(exact) / 16
    expected = abs(sum((a - middle) * (b - target) for a, b in zip(column, exact, strict=True))) / 16
    assert problem.lambda_max == pytest.approx(float(expected), rel=1e-4)


def test_targets_of_any_size():
    """lambda_max follows the unit of y; a quantile's is the same in any."""
    rng = np.random.default_rng(2)
    X, y = rng.standard_normal((30, 3)), rng.standard_normal(30)
    for k in (1e-12, 1e12, 1e15):
        for loss, times in (("squared", k), ("quantile", 1.0), (lo.Huber(delta=1.35 * k), k)):
            one = lo.Huber(delta=1.35) if isinstance(loss, lo.Huber) else loss
            first = lo.Problem(X, y, 0.1, loss=one).lambda_max
            assert lo.Problem(X, k * y, 0.1, loss=loss).lambda_max == pytest.approx(times * first, rel=1e-9)
    assert lo.Problem(X, y, 0.1, loss=lo.Huber(delta=1e155)).lambda_max == pytest.approx(
        lo.Problem(X, y, 0.1).lambda_max, rel=1e-12
    )


@pytest.mark.parametrize("loss", LOSS_NAMES)
def test_one_clear_message_in_place_of_a_sequence_from_0(loss):
    rng = np.random.default_rng(3)
    problem = lo.Problem(np.full((24, 2), 0.1), some_targets(loss, 24, rng), 0.1, loss=loss)
    words = "lambda_max is 0, as no feature improves on the null model"
    for run in (lo.path, lo.cross_validate):
        with pytest.raises(lo.InputError, match=words):
            run(problem)
    path = lo.path(problem, [0.1, 0.01])
    assert path.certified
    assert not path.coefs.any()
    if loss == "squared":
        assert lo.homotopy(problem).knots.tolist() == [0.0]
