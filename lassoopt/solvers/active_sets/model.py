"""A quadratic model of the loss is made ready, with the problem's penalty, for the active-set method."""

from __future__ import annotations

import numpy as np

from ...arrays.design_matrix import Array
from ...problems.problem import Problem
from .least_squares import LeastSquares, Watch
from .primal_dual import PrimalDual

FEW = 64  # features; a problem of no more is solved in one step


class Model:
    """It is to minimise ``1/2 sum_i h_i (target_i - x_i'w - b)^2 + lam P(w)``.

    With h = s and target = y that is the problem itself, whose lam plays no part. P must be a sum over features.
    """

    def __init__(self, problem: Problem, h: Array, target: Array, watch: Watch | None) -> None:
        penalty, size = problem.penalty, problem.column_sizes
        flat = problem.constant_columns  # can explain nothing, and are left out
        level = np.where(flat, np.inf, penalty.threshold(1.0))
        self.problem = problem
        self._eligible = np.isfinite(level)
        self.data = LeastSquares(problem.X, h, target, problem.intercept, np.where(flat, 1.0, size), watch)
        self.inner = PrimalDual(self.data, level, penalty.modulus(), penalty.nonnegative)

    def start(self, coef: Array, lam: float) -> None:
        """Start from these weights, as far as the penalty allows them."""
        forbidden = (coef < 0) & self.problem.penalty.nonnegative
        support = np.flatnonzero(self._eligible & (coef != 0) & ~forbidden)
        self.inner.start(support, coef[support], lam)

    def point(self) -> tuple[Array, float]:
        """Return ``(coef, intercept)`` at the last solution."""
        coef, gram = self.inner.coef(), self.inner.gram
        b = self.data.centre - float(gram.means @ coef[gram.features]) if self.problem.intercept else 0.0
        return coef, b

    @property
    def theta(self) -> Array:
        """It is ``h`` times the residual of the model at the last solution."""
        return self.data.root * self.inner.r * self.data.size

    def predictions(self) -> Array:
        """Return ``X w + b`` at the last solution, 0 for samples without weight."""
        data = self.data
        fitted = np.divide(data.target - self.inner.r, data.root, out=np.zeros_like(data.root), where=data.root > 0)
        return np.where(data.root > 0, data.size * fitted + data.centre, 0.0)


def sparse(problem: Problem) -> bool:
    """Say whether the penalty can be expected to keep most weights at 0, which active sets live on."""
    never_zero = np.count_nonzero(problem.penalty.threshold(1.0) == 0)
    return bool(never_zero <= max(FEW, min(problem.shape)))
