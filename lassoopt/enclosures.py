"""Upper bounds, as rationals, of functions of rationals that are not: by ball arithmetic (Johansson, Arb, 2017)."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from .errors import InputError

_BITS = 192  # of precision
_STEEP = 10**6  # exp(-_STEEP) is below 2^-_BITS,
_FLAT = 1000  # and exp(-_FLAT) below any float


def exp(x: Fraction) -> Any:
    """At least ``exp(x)``; inf where it is beyond all measure."""
    return _above(_ball(x).exp()) if x < _STEEP else math.inf


def softplus(x: Fraction) -> Any:
    """At least ``log(1 + exp(x))``."""
    if x > _STEEP:
        return x + Fraction(1, 2**_BITS)
    return _above(_ball(max(x, Fraction(-_FLAT))).exp().log1p())


def xlogx(x: Fraction) -> Any:
    """At least ``x log x``; 0 for 0."""
    return _above(_ball(x) * _ball(x).log()) if x > 0 else Fraction(0)


def _ball(x: Fraction) -> Any:
    try:
        import flint
    except ImportError:
        raise InputError(
            "exact: the logistic and the Poisson loss need python-flint for it, which is not installed: "
            "pip install 'lassoopt[exact]'"
        ) from None
    flint.ctx.prec = _BITS
    return flint.arb(flint.fmpq(x.numerator, x.denominator))


def _above(ball: Any) -> Fraction:
    """The upper end of a ball."""
    mantissa, exponent = (int(part) for part in ball.upper().man_exp())
    return Fraction(mantissa) * Fraction(2) ** exponent
