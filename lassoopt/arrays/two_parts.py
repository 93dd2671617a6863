"""A small dense matrix is kept in two parts, so that products with it are as accurate as sums of 64 bits.

``A = high + low`` with the 22 leading bits of each entry, relative to its column, in ``high``; a vector v is split in
its 30 leading bits and the rest (Ozaki, Ogita, Oishi & Rump 2012). Then ``A v = high v1 + (high v2 + low v)``, the
first product without any rounding, in whatever order BLAS adds, as all its sums are multiples of 2^-52 and at most 2;
the others are small, so that their rounding is, too.

**Scales** are powers of two: r_i just above ``sqrt(s_i)``, c_j just above twice the norm of column j weighted by s. The
entries ``r_i a_ij / c_j`` are at most 1, and so are the norms of their columns. The vectors are scaled to
``sum |v_j| <= 1`` in `predict`, and to ``||v|| <= 1`` in `correlate`; by the inequalities of the triangle and of Cauchy
and Schwarz the sums are at most 1, or 2 after the rounding of the parts. Samples of weight 0 are left out of this.

**Error.** Entries of ``low`` are at most 2^-23, and off by 2^-76; those of v2 are at most 2^-31. For m terms the sums
are off by no more than ``m u (m 2^-31 + 2^-23) + 2^-76`` in `predict` and ``sqrt(m) (m u (2^-31 + 2^-23) + 2^-76)`` in
`correlate` (u = 2^-53; Higham 2002, sec. 3.1), in the scaled numbers; undoing the scales multiplies that by at most 8.
For m <= 50,000 it is less than ``(m + 3) 2^-64`` times ``|w|' size / sqrt(s_i)`` or ``size_j ||theta / s||``. Last, the
sum is rounded once. A vector's entry that underflows as it is scaled may add 2^-1074 times the scale of its column.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from .design_matrix import Array, overflow_is_no_event, product

LARGEST = 50_000  # entries
ROUNDOFF = 2.0**-64
_TO_22_BITS, _TO_30_BITS = 1.5 * 2.0**30, 1.5 * 2.0**22  # added to a number up to 1, they round it to so many bits


@dataclass(frozen=True, eq=False)
class TwoParts:
    """The two parts of a matrix in scaled numbers, with the scales of its rows and columns."""

    high: Array
    low: Array
    row: Array
    column: Array

    @classmethod
    def of(cls, X: Array, mean: Array, s: Array, size: Array) -> TwoParts | None:
        """Split ``X - 1 m'``, whose columns have at most the given norms weighted by s; None if a scale overflows."""
        row, column = _power_above(np.sqrt(s[:1] if (s == s[0]).all() else s)), _power_above(2 * size)
        unit = row[:, None] / column
        with np.errstate(over="ignore", invalid="ignore"):
            entries: Any = np.asfortranarray(X * unit)
            error: Any = 0.0
            if mean.any():  # a difference and its rounding error make two numbers (Knuth 1998, sec. 4.2.2)
                stated, centre = entries, mean * unit
                entries = stated - centre
                back = entries - stated
                error = (stated - (entries - back)) - (centre + back)
            high = (entries + _TO_22_BITS) - _TO_22_BITS
            low = (entries - high) + error
            return cls(high, low, row, column) if math.isfinite(low.sum()) else None

    @overflow_is_no_event
    def predict(self, coef: Array) -> Array:
        """Compute ``A w`` for one w, or for several as rows."""
        scaled = coef * self.column
        unit = _power_above(np.abs(scaled).sum(axis=-1, keepdims=True))
        scaled = scaled / unit
        return self._product(self.high, self.low, scaled) * (unit / self.row)

    @overflow_is_no_event
    def correlate(self, theta: Array) -> Array:
        """Compute ``A' theta`` for one theta, or for several as rows."""
        scaled, unit = theta / self.row, np.ones(1)
        square = (scaled * scaled).sum(axis=-1, keepdims=True)
        if not (square.min() > 1e-200 and square.max() < 1e200):
            unit = _power_above(np.abs(scaled).max(axis=-1, keepdims=True))
            scaled = scaled / unit
            square = (scaled * scaled).sum(axis=-1, keepdims=True)
        norm = _power_above(np.sqrt(square))
        return self._product(self.high.T, self.low.T, scaled / norm) * self.column * (unit * norm)

    @staticmethod
    def _product(high: Array, low: Array, v: Array) -> Array:
        first = (v + _TO_30_BITS) - _TO_30_BITS
        small = product(high, (v - first).T) + product(low, v.T)
        return (product(high, first.T) + small).T


def _power_above(values: Array) -> Array:
    """Return the least power of two above each value; 1 for 0."""
    return np.ldexp(1.0, np.frexp(values)[1])
