"""Here are the constants of floating point that bounds and thresholds are made of, each with where it comes from."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

UNIT_ROUNDOFF = 2.0**-53  # rounding to nearest keeps 53 bits, and is off by at most this share (Higham 2002, thm. 2.2)
EPS = 2 * UNIT_ROUNDOFF  # the distance of 1 from the next number: one unit in the last place
EXTENDED_ROUNDOFF = float(np.finfo(np.longdouble).eps) / 2  # the unit roundoff of the platform's longest type
TINY = sys.float_info.min  # 2^-1022, the least number with all its digits; as a divisor it stands in for 0
UNDERFLOW = 1e-305  # some 450 times TINY: terms that count in a sum below it have lost digits
LOST = 2.0**-1070  # what 16 underflows take at the most, each less than 2^-1074, the least number
EXACT_INTEGERS = 2.0**53  # from here on a float stands for several whole numbers
# The spread, relative to the norm, of a column whose entries agree to 4 units in the last place: it counts as constant.
# The rounding of the entries of a constant makes up to u of it, with u the unit roundoff; the spread of equal entries
# is computed about a mean that is off by n u of it, with an error of n u sqrt(4 n u), less than u up to n = 10^5.
CONSTANT = 4 * EPS


def gamma(n: Any, unit: float = UNIT_ROUNDOFF) -> Any:
    """Return ``n u / (1 - n u)`` with u the unit roundoff: n roundings change a number by at most this share."""
    return n * unit / (1 - n * unit)
