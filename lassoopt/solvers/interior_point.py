"""The interior point method solves quantile regression with L1 as the linear program that it is.

Its dual is to maximise ``y' theta`` with theta and its correlations in boxes, whose multipliers are w and b:

    s_i (tau - 1) <= theta_i <= s_i tau,   |x_j' theta| <= lam_j,   1' theta = 0

(Koenker & Bassett 1978; Portnoy & Koenker 1997). `predictor_corrector` solves it, here in units that are powers of two
and make everything of size 1, and the certificate judges what it finds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import scipy.sparse as sp
from scipy.linalg import qr, solve_triangular

from ..arrays.design_matrix import Array, Indices, dense, overflow_is_no_event, power_of_two, product, take_columns
from ..arrays.precision import EPS
from ..certificates.crossover import is_linear_program
from ..certificates.dual_points import relative_gap
from ..problems.predictor_corrector import PredictorCorrector
from ..problems.problem import Problem
from .candidate import Point, evaluate
from .contract import require_options
from .course import Callback, Course, Step
from .solution import Solution

TAKES = "the quantile loss with l1 or nonnegative_l1"

_EXACT = 1e-13  # a relative gap that is rounding
_NEAR = 1e-5  # from this gap of the program on, its face is looked for
_DEPENDENT = 1e-13  # a column this near to the span of others, relative to the largest, is in it
_RISE = 100.0  # a gap that rises by this factor has met the end of floating point
_CHECK_EVERY = 5  # iterations between evaluations before that


def fits(problem: Problem) -> bool:
    """Say whether this solver takes the problem: a piecewise linear loss, and a norm over single features."""
    return is_linear_program(problem) and problem.penalty.separable


class Program:
    """It is the linear program of one problem, whose samples all count, in its own units.

    The columns of the intercept and of features without penalty are replaced by an orthonormal basis of their span.
    """

    def __init__(self, problem: Problem) -> None:
        (n, _), penalty = problem.shape, problem.penalty
        self.problem = problem
        self.of_s, self.of_y = (float(power_of_two(np.abs(size).max())) for size in (problem.s, problem.y))
        counts = ~penalty.excluded & (problem.columns.norm > 0)
        free = problem.unpenalised & counts & (not penalty.nonnegative)
        self.priced, self.free = np.flatnonzero(counts & ~free), np.flatnonzero(free)
        unit = power_of_two(problem.column_sizes / np.sqrt(problem.s.sum()))
        self.unit, self.mean = unit, problem.centring.mean
        self.open = Span(problem, self.free, unit)
        # |x_j' theta| <= 2 sum(s) whatever theta is, in these units
        level = penalty.threshold(problem.lam)[self.priced] / unit[self.priced] / self.of_s
        level = np.append(np.minimum(level, 4 * problem.s.sum() / self.of_s), np.zeros(self.open.rank))
        least = -level
        if penalty.nonnegative:
            least[: self.priced.size] = -np.inf
        of_theta = problem.multiplier_bounds(np.arange(n))
        box = [np.append(end / self.of_s, of_e) for end, of_e in zip(of_theta, (least, level), strict=True)]
        self.method = PredictorCorrector(self._columns(), problem.y / self.of_y, *box)

    def _columns(self) -> Any:
        """Return the columns in these units, those far from 0 about their mean, and the basis."""
        n, mean, unit = self.problem.shape[0], self.mean[self.priced], self.unit[self.priced]
        X = take_columns(self.problem.X, self.priced)
        if not sp.issparse(X):
            A = np.empty((n, mean.size + self.open.rank), order="F")
            np.subtract(X, mean, out=A[:, : mean.size])
            A[:, : mean.size] /= unit
            A[:, mean.size :] = self.open.basis
            return A
        if mean.any():
            X = X - sp.csc_array(np.ones((n, 1))) @ sp.csr_array(mean[None, :])
        return sp.csc_array(sp.hstack([X * (1 / unit)[None, :], self.open.basis]))

    @property
    def relative_gap(self) -> float:
        """It is the gap that the program has by its own account."""
        return relative_gap(self.problem, self.method.gap * self.of_s * self.of_y)

    def point(self) -> Point:
        """Evaluate the iterate, with what seems to go to 0 set to 0."""
        method = self.method
        return self._evaluate(np.where(method.nonzero, method.w, 0.0), method.t[: method.n])

    def on_face(self) -> Point | None:
        """Evaluate the point that solves the equations of the bounds that seem active."""
        found = self.method.on_face()
        return None if found is None else self._evaluate(*found)

    def _evaluate(self, w: Array, d: Array) -> Point:
        problem, count, coef = self.problem, self.priced.size, np.zeros(self.problem.shape[1])
        coef[self.priced] = w[:count] / self.unit[self.priced] * self.of_y
        coef[self.free], b = self.open.weights(w[count:] * self.of_y)
        b -= float(self.mean[self.priced] @ coef[self.priced])
        return evaluate(problem, coef, b, d * self.of_s)


class Span:
    """It is an orthonormal basis, times ``sqrt(n)``, of the columns without penalty: the intercept's and the free."""

    def __init__(self, problem: Problem, free: Indices, unit: Array) -> None:
        n, one = problem.shape[0], int(problem.intercept)
        self.one, self.unit = one, unit[free]
        self.mean = problem.columns.mean[free] * one
        columns = (dense(take_columns(problem.X, free)) - self.mean) / self.unit
        columns[:, ~np.isfinite(columns).all(axis=0)] = 0.0  # they overflowed
        self.columns = np.hstack([np.ones((n, one)), columns])
        basis, triangle, pivots = qr(self.columns, mode="economic", pivoting=True)
        diagonal = np.abs(np.diag(triangle))
        self.rank = int(np.count_nonzero(diagonal > _DEPENDENT * diagonal.max(initial=0.0)))
        self.pivots, self.triangle = pivots[: self.rank], triangle[: self.rank, : self.rank] / np.sqrt(n)
        self.basis = basis[:, : self.rank] * np.sqrt(n)

    def weights(self, v: Array) -> tuple[Array, float]:
        """Return coefficients and an intercept that predict what ``v`` does in the basis."""
        w, n = np.zeros(self.columns.shape[1]), len(self.columns)
        for _ in range(2):  # the second time removes the rounding of the first
            off = product(self.basis, v) - product(self.columns, w)
            w[self.pivots] += solve_triangular(self.triangle, product(self.basis.T, off) / n, check_finite=False)
        coef = w[self.one :] / self.unit
        return coef, float(w[: self.one].sum()) - float(self.mean @ coef)


@overflow_is_no_event
def solve(
    problem: Problem,
    *,
    tol: float = 1e-8,
    max_iter: int = 200,
    warm_start: Solution | None = None,
    callback: Callback | None = None,
) -> Solution:
    """Solve by interior points until the optimal face is found; `Solver.solve` explains the options.

    A warm start is only compared with the answer: interior points that start near the boundary make no progress.
    """
    require_options(problem, tol, max_iter, warm_start)
    course = Course("interior_point", tol, callback, problem.centring.offset)
    inner = problem.of_used_samples().centred
    start = evaluate(inner, inner.null_coef, inner.null.intercept, inner.null.theta)
    if warm_start is not None:
        b, theta = warm_start.intercept - course.offset, warm_start.theta[problem.s > 0]
        start = min(start, evaluate(inner, warm_start.coef, b, theta), key=lambda point: point.gap)
    best = course.follow(_steps(inner, start, tol, max_iter), start, until=tol)
    theta = np.zeros(problem.shape[0])
    theta[problem.s > 0] = best.theta
    return course.solution(problem, best.coef, best.intercept + course.offset, theta)


def _steps(problem: Problem, best: Point, tol: float, max_iter: int) -> Iterator[Step]:
    """Iterate until a point is exact up to rounding, or for as long as the program's gap falls."""
    yield Step(0, best)
    program, least = Program(problem), np.inf
    if not program.method.w.size:  # there is nothing to choose
        return
    for iteration in range(1, max_iter + 1):
        moves = program.method.advance() and (least > _NEAR or program.relative_gap <= _RISE * least)
        least = min(least, program.relative_gap)
        ends = iteration == max_iter or not moves or least < EPS
        point = program.on_face() if least <= _NEAR else None
        if point is None and (ends or iteration % _CHECK_EVERY == 0):
            point = program.point()
        best = min(best, point or best, key=lambda found: found.gap)
        if ends or best.gap <= _EXACT or (point is not None and best.gap > tol):  # within tol it goes on to the end
            yield Step(iteration, best)
        if ends:
            return
