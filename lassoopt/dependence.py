"""Whether columns of floating point numbers, taken as the fractions they are, depend on others exactly."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.linalg import qr

from .arithmetic import integer_columns
from .design import Array, Indices

_MOST_COLUMNS = 100
_MOST_ENTRIES = 1_000_000


def in_span(A: Array, kept: Indices, rest: Indices) -> bool:
    """Whether each of the columns ``rest`` of A is a linear combination of the independent columns ``kept``.

    Decided in whole numbers, without rounding. False, too, for more than 100 columns or a million entries, where that
    would take long.
    """
    if not rest.size:
        return True
    if not kept.size or kept.size > _MOST_COLUMNS or A.shape[0] * (kept.size + rest.size) > _MOST_ENTRIES:
        return not A[:, rest].any()
    size = np.abs(A).max(axis=0)
    rows = qr((A / np.where(size > 0, size, 1.0))[:, kept].T, mode="r", pivoting=True)[1][: kept.size]
    whole = integer_columns(A)
    solved = _eliminated(np.hstack([whole[rows][:, kept], whole[rows][:, rest]]))
    if solved is None:
        return False
    factors, pivot = solved
    return bool(np.all(whole[:, kept] @ factors == pivot * whole[:, rest]))


def _eliminated(rows: Any) -> tuple[Any, int] | None:
    """``(x, d)`` with ``A x = d B`` for a square A and the B beside it, whole numbers; None if A is singular.

    By elimination without fractions (Bareiss, Mathematics of Computation 22, 1968).
    """
    k, pivot = len(rows), 1
    for i in range(k):
        nonzero = np.flatnonzero(rows[i:, i])
        if not nonzero.size:
            return None
        rows[[i, i + nonzero[0]]] = rows[[i + nonzero[0], i]]
        before, pivot = pivot, rows[i, i]
        others = np.arange(k) != i
        rows[others] = (pivot * rows[others] - np.outer(rows[others, i], rows[i])) // before
    return rows[:, k:], pivot
