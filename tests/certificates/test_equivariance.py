"""Other units give the same answer: its status, its relative gap, its proven zeros, and its weights in the new units.

The data are whole numbers and every factor is a power of two, so that the transformed problem is exactly the same one.
"""

from __future__ import annotations

import numpy as np
import pytest
from problems import LOSS_NAMES

import lassoopt as lo

pytestmark = pytest.mark.slow

POWERS = [2.0**e for e in (-40, -27, -10, 10, 27, 40)]  # about 1e-12 .. 1e12
EPS = float(np.finfo(float).eps)
TRANSLATES = [name for name in LOSS_NAMES if lo.losses.LOSSES[name].translates]


def draw(loss, seed):
    """Small whole numbers: X, y, loss, lam as a share of lambda_max, and other arguments of `Problem`."""
    rng = np.random.default_rng([seed, LOSS_NAMES.index(loss)])
    n, p = int(rng.integers(8, 40)), int(rng.integers(1, 8))
    X = rng.integers(-8, 9, (n, p)).astype(float)
    score = X @ (rng.integers(-1, 2, p) * 0.3) + rng.standard_normal(n)
    y = np.round(4 * score)
    if loss in ("logistic", "squared_hinge"):
        y = (score > np.median(score)).astype(float)
    if loss == "poisson":
        y = rng.poisson(np.exp(np.clip(0.3 * score, -3, 3))) + 0.0
        y[0] += 1
    options = {"sample_weight": rng.integers(1, 4, n).astype(float) if rng.random() < 0.5 else None}
    options["scaling"] = str(rng.choice(["mean", "sum"]))
    return X, y, float(rng.choice([0.5, 0.1, 0.02])), options


def outcome(problem):
    solution = lo.solve(problem)
    certificate = solution.certificate
    # the intercept is rounded, in units of its own size, and costs that much
    of_intercept = problem.s.sum() * (EPS * solution.intercept) ** 2 / problem.scale
    gap = certificate.relative_gap, certificate.relative_gap - 1e-9 - of_intercept
    return solution.status.name, gap, certificate.proven_zeros.tolist(), solution.coef


def same(first, second, unit=1.0):
    status, gap, zeros, coef = first
    assert status == "OPTIMAL"
    assert second[0] == status
    assert second[1][1] <= gap[0] <= second[1][0] + 1e-9
    assert second[2] == zeros
    np.testing.assert_allclose(second[3] * unit, coef, rtol=0, atol=1e-4 * np.abs(coef).max(initial=1e-300))


def check(loss, seed):
    X, y, ratio, options = draw(loss, seed)
    rng = np.random.default_rng([seed, 99])
    intercept = bool(rng.random() < 0.8)
    made, size = {}, {"huber": 2.0 ** rng.integers(0, 5), "quantile": 0.25}.get(loss)

    def stated(X, y, lam, k=1.0, penalty="l1", **changes):
        shape = {"huber": lambda: lo.Huber(delta=size * k), "quantile": lambda: lo.Quantile(level=size)}
        made["loss"] = shape.get(loss, lambda: loss)()
        return lo.Problem(X, y, lam, penalty=penalty, intercept=intercept, **{**options, **made, **changes})

    problem = stated(X, y, 0.0)
    lam = ratio * problem.lambda_max
    first = outcome(problem.with_lam(lam))
    k = float(rng.choice(POWERS))
    if loss in TRANSLATES:  # w -> k w; the squared and Huber loss grow as k^2
        same(first, outcome(stated(X, k * y, lam * (1.0 if loss == "quantile" else k), k)), 1 / k)
    if loss == "poisson" and intercept:  # the loss grows as k, but for a constant, and b by log k
        same(first, outcome(stated(X, k * y, lam * k)))
    if loss in TRANSLATES and intercept:
        # of a piecewise linear loss the rounding of b costs its size, not its square, which no float b can avoid
        most = 7 if loss == "quantile" else 13
        same(first, outcome(stated(X, y + float(rng.choice([-1, 1])) * 10.0 ** rng.integers(0, most), lam)))
    D = rng.choice(POWERS, X.shape[1])
    scaled = outcome(stated(X * D, y, lam, penalty=lo.L1(weights=D)))
    same(first, scaled, D)
    if intercept:
        same(first, outcome(stated(X + rng.choice([-1, 1]) * 10.0 ** rng.integers(0, 7, X.shape[1]), y, lam)))
    order = rng.permutation(len(y))
    weights = options["sample_weight"]
    same(first, outcome(stated(X[order], y[order], lam, sample_weight=None if weights is None else weights[order])))
    if weights is not None:
        grows = k if options["scaling"] == "sum" else 1.0
        same(first, outcome(stated(X, y, lam * grows, sample_weight=k * weights)))


@pytest.mark.parametrize("loss", LOSS_NAMES)
def test_other_units_give_the_same_answer(loss):
    for seed in range(6):
        check(loss, seed)


@pytest.mark.search
@pytest.mark.parametrize("loss", LOSS_NAMES)
def test_other_units_give_the_same_answer_in_a_long_search(loss):
    for seed in range(100, 1700):
        check(loss, seed)
