"""Behind piecewise linear losses is one linear program: its multipliers, and their correlations, lie in boxes."""

from __future__ import annotations

import numpy as np

from ..arrays.design_matrix import Array
from ..arrays.precision import TINY
from .predictor_corrector import PredictorCorrector

_LARGE = 50_000  # entries of a program from which on interior points are faster than HiGHS
_ITERATIONS = 100
_NEAR = 1e-6  # a gap, relative to what it is a gap of, from which on the face is looked for
_TIGHT = 1e-10  # the least that HiGHS takes, of quantities scaled to size 1


def multipliers(
    columns: Array, gain: Array, bounds: tuple[Array, Array], correlations: tuple[Array, Array]
) -> tuple[Array, Array] | None:
    """Maximise ``gain' theta`` with ``low <= theta <= high`` and ``z_low <= columns' theta <= z_high``.

    Parameters
    ----------
    columns, gain : arrays of shape (n, k), (n,)
    bounds, correlations : pairs of arrays of shape (n,), (k,)
        The correlations may be unbounded on a side.

    Returns
    -------
    theta, v : arrays of shape (n,), (k,)
        The multipliers, and those of the correlations: ``columns @ v`` meets ``gain`` where theta is inside its bounds,
        and ``v_j`` is 0 where the correlation is. None where the program has no solution.
    """
    from scipy.optimize import linprog

    low, high = bounds
    unit = np.maximum(np.abs(low), np.abs(high))  # all that follows is of size 1, whatever the data's units
    unit = np.where(unit > 0, unit, 1.0)
    peak = np.maximum(np.abs(columns).max(axis=0, initial=0.0), TINY)
    rows = (columns / peak).T * unit
    size = np.maximum(np.abs(rows).max(axis=1, initial=0.0), TINY)
    with np.errstate(over="ignore"):  # a bound too far off to hold is none
        z_low, z_high = (end / peak / size for end in correlations)
    gain = gain * unit
    height = float(np.abs(gain).max(initial=0.0)) or 1.0
    k = len(rows)
    if not (np.isfinite(height) and np.isfinite(rows).all()):  # the data overflowed
        return None
    if rows.size >= _LARGE:
        box = [np.append(end / unit, of_z) for end, of_z in ((low, z_low), (high, z_high))]
        found = _by_interior_points(np.asfortranarray((rows / size[:, None]).T), gain / height, *box)
        if found is not None:
            return np.clip(found[1] * unit, low, high), found[0] / size * height / peak
    result = linprog(
        np.concatenate([-gain / height, np.zeros(k)]),
        A_eq=np.hstack([rows / size[:, None], -np.eye(k)]),
        b_eq=np.zeros(k),
        bounds=np.column_stack([np.concatenate([low / unit, z_low]), np.concatenate([high / unit, z_high])]),
        method="highs-ds",
        options={"primal_feasibility_tolerance": _TIGHT, "dual_feasibility_tolerance": _TIGHT},
    )
    if result.status != 0:
        return None
    theta = np.clip(result.x[: len(unit)] * unit, low, high)
    with np.errstate(over="ignore"):
        return theta, -np.asarray(result.eqlin.marginals) / size * height / peak


def _by_interior_points(A: Array, y: Array, low: Array, high: Array) -> tuple[Array, Array] | None:
    """Return the optimal (w, d), as `PredictorCorrector` calls them, or None where that finds none."""
    method, size = PredictorCorrector(A, y, low, high), float(np.abs(y).sum())
    for _ in range(_ITERATIONS):
        if not method.advance():
            return None
        found = method.on_face() if method.gap <= _NEAR * size else None
        if found is not None and method.excess(*found) <= _TIGHT * size:
            return found
    return None
