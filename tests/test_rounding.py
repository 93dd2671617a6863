"""The rounding bound of a certificate, at extreme but finite numbers, judged in fractions."""

from __future__ import annotations

import math
from fractions import Fraction

import exact
import pytest
from extremes import extremes

import lassoopt as lo


def judge(problem, coef, intercept):
    """What is false about the certificate of a point, in words; "" if nothing is."""
    found = lo.certify(problem, coef, intercept)
    if found.certified and not math.isfinite(found.rounding):
        return "certified without a bound"
    if not math.isfinite(found.rounding):
        return ""
    low, high = exact.objective(problem, coef.tolist(), intercept)
    slack = Fraction(found.rounding)
    if not (Fraction(found.primal) - slack <= high and low <= Fraction(found.primal) + slack):
        return f"primal {found.primal!r} +- {found.rounding!r}, which is {float(low)!r}"
    solved = lo.solve(problem, method="admm", max_iter=20)
    for point in (exact.improved(problem, coef.tolist(), intercept), (solved.coef.tolist(), solved.intercept)):
        better = exact.objective(problem, *point)[1]
        if low - better > Fraction(found.proven_gap):
            return f"gap {found.gap!r} + {found.rounding!r}, which is at least {float(low - better)!r}"
    return ""


def check(seed, count):
    wrong = []
    for problem, coef, intercept in extremes(seed, count):
        found = judge(problem, coef, intercept)
        wrong += [(problem, coef, intercept, found)] if found else []
    assert not wrong, f"{len(wrong)} of {count}, the first: {wrong[0]}"


def test_extreme_numbers_prove_nothing_false():
    check(0, 300)


@pytest.mark.slow
def test_extreme_numbers_prove_nothing_false_in_a_long_search():
    check(1, 10_000)
