"""The active-set solver follows least squares with a separable penalty down in lam from lambda_max.

At lambda_max the solution is the null model. From there lam falls step by step, each solution being the start of the
next (`primal_dual`), so that every guess of the active features is nearly right; a step that does not settle is made
smaller. On the way only features near their level are watched; the last step looks at all of X.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ...arrays.design_matrix import Array, overflow_is_no_event
from ...certificates.certification import certify_along
from ...problems.problem import Problem
from ..candidate import Point, evaluate
from ..contract import require_options
from ..course import Callback, Course, Step
from ..solution import History, Solution, Status
from .least_squares import Watch
from .model import FEW, Model

TAKES = "the squared loss with a sum over features, as l1, elastic_net or nonnegative_l1"

_STEP = 0.6  # lam falls by this factor at a time,
_LONG_STEP = 0.3  # by this one while few features are active,
_SMALLEST = 0.8  # by roots of it where that does not settle, down to this one; then patient descent must do it
_NEXT_TO_ZERO = 1e-6  # of lambda_max; from here one step leads to lam = 0
_BLOCK = 16  # points of a path that are certified together
_ALL_KNOWN = 2000  # features, whose Gram matrix is computed in full for a path of tall data
_LIMIT = 10_000  # linear solves for one lam


def fits(problem: Problem) -> bool:
    """Say whether this solver takes the problem: squared loss, and a penalty that is a sum over features."""
    return problem.loss.quadratic and problem.penalty.separable


class ActiveSet:
    """One problem is solved at a falling sequence of lam; its own plays no part."""

    def __init__(self, problem: Problem, *, for_many: bool = False) -> None:
        self.problem, self.model = problem, Model(problem, problem.s, problem.centred.y, Watch.of(problem.X))
        self.inner, self.lam = self.model.inner, np.inf
        n, p = problem.shape
        known = _ALL_KNOWN if for_many else FEW  # at many lam, or for few features, it pays to know all products
        if p <= min(n, known):
            self.inner.know_all()

    def point(self) -> tuple[Array, float]:
        """Return ``(coef, intercept)`` at the last solution."""
        coef, b = self.model.point()
        return coef, b + self.problem.centring.offset  # rounded once

    def warm_start(self, coef: Array, lam: float) -> bool:
        """Start from the features and signs of a solution at a lam nearby; False if that does not settle."""
        self.model.start(coef, lam)
        settled = self.inner.settle(lam)
        self.lam = lam if settled else np.inf
        return settled

    def steps(self, lam: float, limit: int, *, thorough: bool = True) -> Iterator[None]:
        """Go down to lam, step by step; ``self.lam`` stays above it if ``limit`` linear solves were not enough.

        If not ``thorough``, only the features watched are looked at there, too.
        """
        inner, limit = self.inner, limit + self.inner.solves
        if not lam <= self.lam < np.inf:
            top = max(self.problem.lambda_max, lam) if np.isfinite(self.problem.lambda_max) else lam
            self.model.start(np.zeros(self.problem.shape[1]), top)
            if inner.active.any() or top == lam:
                if not inner.settle(top, final=thorough and top == lam, patience=limit):
                    return
                yield
            self.lam = top
        step, long_step, top = _STEP, _LONG_STEP if self.problem.shape[1] > FEW else 0.0, self.lam
        while self.lam > lam and inner.solves < limit:
            few = np.count_nonzero(inner.active) <= FEW
            below = max((long_step if few else step) * self.lam, lam)
            if lam == 0 and self.lam <= _NEXT_TO_ZERO * top:
                below = 0.0
            patient = few or step > _SMALLEST
            patience, final = limit - inner.solves if patient else 0, thorough and below == lam
            if inner.settle(below, final=final, patience=patience):
                self.lam, step = below, max(_STEP, step**2)
                yield
            elif few and long_step == 0:
                long_step = _LONG_STEP
            elif patient:
                return
            else:
                step = float(np.sqrt(step))


@overflow_is_no_event
def solve(
    problem: Problem,
    *,
    tol: float = 1e-8,
    max_iter: int = _LIMIT,
    warm_start: Solution | None = None,
    callback: Callback | None = None,
) -> Solution:
    """Solve by active sets, to the last digits; `Solver.solve` explains the options.

    ``max_iter`` limits the linear solves; the callback is called after every step in lam; ``tol`` decides the status
    alone.
    """
    require_options(problem, tol, max_iter, warm_start)
    course, active = Course("active_set", tol, callback), ActiveSet(problem)

    def steps() -> Iterator[Step]:
        if warm_start is None or not active.warm_start(warm_start.coef, problem.lam):
            for _ in active.steps(problem.lam, max_iter):
                if callback is not None:
                    yield Step(active.inner.solves, evaluate(problem, *active.point(), active.model.theta))

    nowhere = Point(problem.null_coef, 0.0, problem.null.theta, np.inf, np.inf)
    course.follow(steps(), nowhere, until=-np.inf)  # lam ends it, not the gap, and the last point is the answer
    if active.lam == problem.lam:
        course.status = Status.OPTIMAL
    course.iterations = active.inner.solves
    solution = course.solution(problem, *active.point(), active.model.theta)
    course.record(solution.certificate.primal, solution.certificate.relative_gap)
    return replace(solution, history=History.of(course.records))


def along(problem: Problem, lambdas: Array, tol: float) -> Iterator[Solution]:
    """Yield the solutions at a falling sequence of lam, each the start of the next.

    They come in blocks: solved for the features that are watched, then looked at, and certified, in one pass over X
    for all of the block. Where a feature was missed, which the certificate shows, that lam is solved again.
    On Ctrl-C what is solved is still given, before the exception.
    """
    active, interrupted = ActiveSet(problem, for_many=True), False
    for block in np.array_split(lambdas, -(-len(lambdas) // _BLOCK)):
        points: list[tuple[Problem, Array, float, int, float]] = []
        try:
            for lam in block.tolist():
                start, before = time.perf_counter(), active.inner.solves
                for _ in active.steps(lam, _LIMIT, thorough=False):
                    pass
                spent = active.inner.solves - before, time.perf_counter() - start
                points.append((problem.with_lam(lam), *active.point(), *spent))
        except KeyboardInterrupt:
            interrupted = True
        start = time.perf_counter()
        certificates = certify_along([point[:3] for point in points], tol=tol)
        share = (time.perf_counter() - start) / max(len(points), 1)
        for (at_lam, coef, b, solves, seconds), certificate in zip(points, certificates, strict=True):
            status = Status.OPTIMAL if certificate.certified else Status.INACCURATE
            spent, history = (solves, seconds + share), History.of([])
            solution = Solution(coef, b, certificate.theta, status, certificate, history, "active_set", *spent)
            if not certificate.certified:
                solution = solve(at_lam, tol=tol, warm_start=solution)
                active.warm_start(solution.coef, at_lam.lam)
            yield solution
        if interrupted:
            raise KeyboardInterrupt
