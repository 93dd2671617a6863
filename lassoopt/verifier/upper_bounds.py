"""Upper bounds, as rationals, of functions of rationals that are not: by ball arithmetic (Johansson, Arb, 2017)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from .errors import MissingPackageError, UnprovenError

_BITS = 192  # of precision
_STEEP = Fraction(1000)  # exp of it is above all floats, and exp(-_STEEP) below all of them


def exp(x: Fraction) -> Fraction:
    """Return at least ``exp(x)``."""
    if x > _STEEP:
        raise UnprovenError("the loss is beyond the range of floating point numbers")
    return _above(_ball(max(x, -_STEEP)).exp())


def softplus(x: Fraction) -> Fraction:
    """Return at least ``log(1 + exp(x))``."""
    if x > _STEEP:
        return x + Fraction(1, 2**_BITS)
    return _above(_ball(max(x, -_STEEP)).exp().log1p())


def xlogx(x: Fraction) -> Fraction:
    """Return at least ``x log x``; 0 for 0."""
    return _above(_ball(x) * _ball(x).log()) if x > 0 else Fraction(0)


def entropy(q: Fraction) -> Fraction:
    """Return at least ``q log q + (1 - q) log(1 - q)``, to a relative precision; 0 for 0 and 1."""
    return _above(_ball(q) * _ball(q).log() + _ball(1 - q) * _ball(-q).log1p()) if 0 < q < 1 else Fraction(0)


def _ball(x: Fraction) -> Any:
    try:
        import flint
    except ImportError:
        what = "exact: the logistic or Poisson loss in rational numbers"
        raise MissingPackageError(what, "flint", "python-flint", "'lassoopt[exact]', or python-flint alone") from None
    flint.ctx.prec = _BITS
    return flint.arb(flint.fmpq(x.numerator, x.denominator))


def _above(ball: Any) -> Fraction:
    """Return the upper end of a ball."""
    mantissa, exponent = (int(part) for part in ball.upper().man_exp())
    return Fraction(mantissa) * Fraction(2) ** exponent
