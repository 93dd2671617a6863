"""The linear program behind kinked losses: HiGHS and interior points give one value, and an optimal pair each."""

from __future__ import annotations

import numpy as np
import pytest

from lassoopt.problems import linear_program
from lassoopt.problems.linear_program import multipliers
from lassoopt.problems.predictor_corrector import PredictorCorrector

TOL = {"value": 1e-9, "feasible": 1e-9}  # relative to data of size 1


def program(kind: str, seed: int):
    """Boxes with 0 inside, at an end, or outside; correlations in intervals, at a value, or bounded above alone."""
    rng = np.random.default_rng(seed)
    n, k = ((40, 12), (15, 40))[seed % 2]
    columns = rng.integers(-2, 3, (n, k)).astype(float) if kind == "ties" else rng.standard_normal((n, k))
    gain = np.round(rng.standard_normal(n), 1 if kind == "ties" else 9)
    low, high = -rng.random(n), rng.random(n)
    level = 0.5 * rng.random(k)
    z_low, z_high = -level, level
    if kind == "factors":
        low[-2:], high[-2:] = 0.0, 1.0
    if kind == "fixed":
        some = columns.T @ (0.3 * high)  # can be met
        z_low, z_high = np.minimum(z_low, some), np.maximum(z_high, some)
        z_low[:2] = z_high[:2] = some[:2]
    if kind == "above":
        z_low = np.full(k, -np.inf)
        z_high = np.where(rng.random(k) < 0.3, 0.0, level)
    return columns, gain, (low, high), (z_low, z_high)


@pytest.mark.parametrize("kind", ["plain", "ties", "factors", "fixed", "above"])
def test_interior_points_and_highs_agree(kind, monkeypatch):
    for seed in range(10):
        columns, gain, (low, high), (z_low, z_high) = stated = program(kind, seed)
        expected, _ = multipliers(*stated)
        with monkeypatch.context() as patch:
            patch.setattr(linear_program, "_LARGE", 0)
            patch.setattr("scipy.optimize.linprog", lambda *_, **__: pytest.fail("HiGHS was called"))
            theta, v = multipliers(*stated)
        assert gain @ theta == pytest.approx(gain @ expected, abs=TOL["value"])
        z = columns.T @ theta
        assert np.all((theta >= low) & (theta <= high))
        assert np.all((z >= z_low - TOL["feasible"]) & (z <= z_high + TOL["feasible"]))
        # the dual value of v, by its definition, is the same: both are optimal
        r = gain - columns @ v
        ends = np.where(v > 0, z_high, np.where(v < 0, z_low, 0.0))
        dual = np.sum(np.maximum(high * r, low * r)) + np.sum(np.where(v == 0, 0.0, v) * np.where(v == 0, 0.0, ends))
        assert dual == pytest.approx(gain @ expected, abs=TOL["value"])


def test_highs_takes_over_where_interior_points_fail(monkeypatch):
    stated = program("plain", 0)
    expected, _ = multipliers(*stated)
    monkeypatch.setattr(linear_program, "_LARGE", 0)
    monkeypatch.setattr(PredictorCorrector, "advance", lambda self: False)
    np.testing.assert_array_equal(multipliers(*stated)[0], expected)
