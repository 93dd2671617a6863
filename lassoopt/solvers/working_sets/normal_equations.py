"""Where there are far more samples than features, the moments of the data take their place (`problems.moments`).

The objective of least squares is ``1/2 w'Gw - c'w`` and the penalty, with G and c parts of the moments: then no step
and no change of lam looks at a sample. All features are held, as in a `WorkingSet` that holds all of them.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...arrays.design_matrix import Array, power_of_two
from ...problems.moments import Moments, moments_pay
from ...problems.problem import Problem
from .model import Quadratic

_LIMIT = 1000  # steps for one lam


class NormalEquations:
    """They start from weights of 0; G is in units in which a column has about size 1, and the target has."""

    def __init__(self, problem: Problem, moments: Moments) -> None:
        p = problem.shape[1]
        M, flat = moments.matrix, problem.constant_columns  # which can explain nothing, and are left out
        self._problem, self._to_one, self._weight, self._shift = problem, M[p], M[p, p], moments.shift
        if problem.intercept:
            M = M - np.outer(M[p], M[p] / M[p, p])
        self._unit = power_of_two(np.where(flat, 0.0, problem.column_sizes))
        self._size = float(power_of_two(np.sqrt(np.maximum(M[-1, -1:], 0.0)))[0])
        self._threshold = np.where(flat, np.inf, problem.penalty.threshold(1.0)) / (self._unit * self._size)
        self._ridge = problem.penalty.modulus() / self._unit**2
        G = np.zeros((p + 1, p + 1))  # a factor needs room for one more
        np.divide(M[:p, :p], np.outer(self._unit, self._unit), out=G[:p, :p])
        self._quadratic = Quadratic(G)
        self._q, self._v = M[:p, -1] / (self._unit * self._size), np.zeros(p)

    def follow(self, lambdas: Array) -> Iterator[tuple[Array, float]]:
        """Yield ``(coef, intercept)`` at one lam after the other, until the minimiser at one is not found."""
        problem, q, v = self._problem, self._q, self._v
        for lam in lambdas.tolist():
            level, ridge = lam * self._threshold, lam * self._ridge
            if ridge.any():
                self._quadratic.forget_factor()
            if not self._quadratic.settle(level, ridge, problem.penalty.nonnegative, q, v, _LIMIT):
                return
            coef = v * self._size / self._unit
            yield coef, self._intercept(coef)

    def _intercept(self, coef: Array) -> float:
        if not self._problem.intercept:
            return 0.0
        constant = (self._to_one[-1] - self._to_one[: coef.size] @ coef) / self._weight - self._shift @ coef
        return float(constant) - self._problem.centring.constant(coef, 0.0)


def normal_equations(problem: Problem, answers: int = 1) -> NormalEquations | None:
    """Return the equations of a centred problem, or None where they do not fit, or do not pay for so many answers."""
    if not (moments_pay(problem, answers) and problem.penalises_all and problem.penalty.separable):
        return None
    return None if problem.moments is None else NormalEquations(problem, problem.moments)
