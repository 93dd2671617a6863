"""The active-set solver finds the exact solution of least squares with a penalty that is a sum over features.

It follows lam down from lambda_max (`descent`) on a working set (`working_set`), on which the features that are active
and their signs are found (`kernels`). A last step of iterative refinement takes rounding out of the answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ...arrays.design_matrix import overflow_is_no_event
from ...problems.problem import Problem
from ..candidate import Point, evaluate
from ..contract import require_options
from ..course import Callback, Course, Step
from ..solution import History, Solution, Status
from .descent import begin, descend
from .normal_equations import normal_equations
from .working_set import WorkingSet

TAKES = "the squared loss with a sum over features, as l1, elastic_net or nonnegative_l1"


def fits(problem: Problem) -> bool:
    """Say whether this solver takes the problem: squared loss, and a penalty that is a sum over features."""
    return problem.loss.quadratic and problem.penalty.separable


@overflow_is_no_event
def solve(
    problem: Problem,
    *,
    tol: float = 1e-8,
    max_iter: int = 200,
    warm_start: Solution | None = None,
    callback: Callback | None = None,
) -> Solution:
    """Solve by active sets, to the last digits; `Solver.solve` explains the options.

    ``max_iter`` limits the rounds, after each of which the callback is called; ``tol`` decides the status alone.
    """
    require_options(problem, tol, max_iter, warm_start)
    course, inner = Course("active_set", tol, callback, problem.centring.offset), problem.centred
    if warm_start is None and callback is None and (equations := normal_equations(inner)) is not None:
        for coef, intercept in equations.follow(np.array([inner.lam])):
            course.status, course.iterations = Status.OPTIMAL, 1
            solution = course.solution(problem, coef, intercept + course.offset)
            if solution.status is Status.OPTIMAL:
                return solution
    working, lambdas = begin(WorkingSet, problem, warm_start)

    def steps() -> Iterator[Step]:
        for iteration, settled in enumerate(_rounds(working, lambdas, inner.lam), start=1):
            course.iterations = iteration
            course.status = Status.OPTIMAL if settled else Status.INACCURATE
            if callback is not None:
                yield Step(iteration, evaluate(inner, *working.answer(), working.theta))
            if iteration == max_iter:
                course.status = Status.ITERATION_LIMIT
                return

    nowhere = Point(inner.null_coef, 0.0, inner.null.theta, np.inf, np.inf)
    course.follow(steps(), nowhere, until=-np.inf)  # lam ends it, not the gap, and the last point is the answer
    coef, intercept = working.answer()
    solution = course.solution(problem, coef, intercept + course.offset, working.theta)
    course.record(solution.certificate.primal, solution.certificate.relative_gap)
    return replace(solution, history=History.of(course.records))


def _rounds(working: WorkingSet, lambdas: list[float], lam: float) -> Iterator[bool]:
    """Yield, after each round, whether it settled.

    The end is where no feature is beyond its level at the last lam, or where rounding keeps it from being found.
    """
    for _ in descend(working, lambdas):
        yield True
    working.turn(lam)
    while not working.holds_all and working.take_in(working.z):
        yield working.improve()
    settled = working.improve()
    yield settled and working.improve()  # the second takes out the rounding
