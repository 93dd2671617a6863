"""Proximal Newton solves a smooth loss with a separable penalty by least squares problems on a few features each.

At predictions u the loss is replaced by its quadratic model, with weights ``h_i = s_i phi''(u_i)``, on the features of
a working set (`working_set`), the penalty being left as it is; a line search on the true objective follows (Lee, Sun &
Saunders 2014; for the lasso, Friedman, Hastie & Tibshirani 2010). lam falls from lambda_max in steps of a model each
(`descent`); at the last, the certified gap on the *true* loss decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from ...arrays.design_matrix import overflow_is_no_event
from ...certificates.certification import certify_along
from ...problems.problem import Problem
from ..candidate import Point, evaluate_at
from ..contract import require_options
from ..course import Callback, Course, Step
from ..limit_point import near_limit
from ..solution import Solution, Status
from .descent import begin, descend
from .working_set import FEW, WorkingSet

TAKES = "smooth losses other than squared with a sum over features, as l1, elastic_net or nonnegative_l1"

_MODELS = 8  # at the most from one pass over X to the next
_SETTLED = 0.1  # the gain of a model, as a share of the first one's, after which the next pass is due
_LAST = 1e-3  # of the gap asked for: a model that gains less is likely to be the last
_PATIENT_FOR = 20  # passes in which the gap must halve


def fits(problem: Problem) -> bool:
    """Say whether this solver takes the problem: a smooth loss, not squared, and a penalty over single features."""
    return not problem.loss.kinked and not problem.loss.quadratic and problem.penalty.separable


@overflow_is_no_event
def solve(
    problem: Problem,
    *,
    tol: float = 1e-8,
    max_iter: int = 200,
    warm_start: Solution | None = None,
    callback: Callback | None = None,
) -> Solution:
    """Solve by proximal Newton steps on a working set; `Solver.solve` explains the options.

    ``max_iter`` limits the rounds at the last lam, after each of which the callback is called.
    """
    return solve_in_rounds("prox_newton", WorkingSet, problem, tol, max_iter, warm_start, callback)


def solve_in_rounds(
    name: str,
    held: type[WorkingSet],
    problem: Problem,
    tol: float,
    max_iter: int,
    warm_start: Solution | None = None,
    callback: Callback | None = None,
) -> Solution:
    """Solve on a working set of this class until the certified gap is at most tol."""
    require_options(problem, tol, max_iter, warm_start)
    again = partial(solve_in_rounds, name, held)
    if problem.recession is not None:
        options = {"max_iter": max_iter, "warm_start": warm_start, "callback": callback}
        return near_limit(problem, problem.recession, again, name, tol, **options)
    course = Course(name, tol, callback, problem.centring.offset)
    working, lambdas = begin(held, problem, warm_start)
    start = Point(*working.answer(), working.theta, np.inf, np.inf)
    best = course.follow(_steps(course, working, problem, lambdas, max_iter), start, until=tol)
    if warm_start is not None and course.status is Status.ITERATION_LIMIT:  # a bad start
        return again(problem, tol, max_iter, callback=callback)
    return course.solution(problem, best.coef, best.intercept + course.offset, best.theta, best.certificate)


def _steps(
    course: Course, working: WorkingSet, problem: Problem, lambdas: list[float], max_iter: int
) -> Iterator[Step]:
    """Take lam down, then improve at the problem's own for as long as that gets somewhere."""
    for _ in descend(working, lambdas):
        pass
    working.turn(problem.lam)
    for iteration in range(1, max_iter + 1):
        grown = 0 if working.holds_all else working.take_in(working.z)
        moved, first = working.improve(), working.gain
        worth = 0.0 if working.holds_all else _SETTLED * first
        for _ in range(_MODELS if grown <= FEW else 0):  # where many came, more may be missed
            if working.gain <= max(worth, course.tol * problem.scale) or not working.improve():
                break
        yield Step(iteration, _point(course, problem, working))
        if not (grown or moved) or course.stalled(_PATIENT_FOR):
            return


def _point(course: Course, problem: Problem, working: WorkingSet) -> Point:
    """Evaluate the gap, by a certificate where it is likely to be the last."""
    (coef, intercept), theta = working.answer(), working.theta
    gained = np.inf if problem.loss.quadratic else working.gain  # which is then not known
    if not working.holds_all and gained > _LAST * course.tol * problem.scale:
        return evaluate_at(problem.centred, coef, intercept, theta, working.u, working.z)
    (certificate,) = certify_along([(problem, coef, intercept + course.offset)], tol=course.tol, sharpen=False)
    working.z = certificate.evidence.z
    last = certificate if certificate.certified else None
    return Point(coef, intercept, theta, certificate.primal, certificate.relative_gap, last)
