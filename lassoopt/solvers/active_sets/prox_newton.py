"""Proximal Newton solves a smooth loss with a separable penalty by least squares problems on a few features each.

At (w, b) with predictions u the loss is replaced by its quadratic model, least squares with weights ``h_i = s_i
phi''(u_i)`` and working targets ``u_i - phi'(u_i) / phi''(u_i)``, which the active-set method solves with the penalty
left as it is; a line search on the true objective follows (Lee, Sun & Saunders 2014; for the lasso, Friedman, Hastie &
Tibshirani 2010). Where the loss is all but flat, its curvature is taken to be a small share of the mean. lam falls from
lambda_max in steps of a model each; at the last, the certified gap on the *true* loss decides.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...arrays.design_matrix import Array, correlate, overflow_is_no_event
from ...problems.problem import Problem
from ..candidate import Point, evaluate_at, objective_at
from ..contract import require_options
from ..course import Callback, Course, Step
from ..limit_point import near_limit
from ..solution import Solution, Status
from .least_squares import Watch
from .model import FEW, Model

TAKES = "smooth losses other than squared with a sum over features, as l1, elastic_net or nonnegative_l1"

_STEP = 0.5  # lam falls by this factor at a time, with one model each
_FLAT, _LEAST_FLAT = 1e-3, 1e-8  # the share of the mean curvature that a flat sample gets at first, and at last
_PATIENCE = 2000  # linear solves for one model
_SHORTEST, _LONGEST = 1e-9, 1e9  # of the steps of a line search
_NOISE = 1e-13  # of the objective; a fall by less is rounding
_PATIENT_FOR = 20  # models in which the gap must halve


def fits(problem: Problem) -> bool:
    """Say whether this solver takes the problem: a smooth loss, not squared, and a penalty over single features."""
    return not problem.loss.kinked and not problem.loss.quadratic and problem.penalty.separable


class ProxNewton:
    """The iteration runs on one problem: `improve` moves (coef, intercept, u) by one model."""

    def __init__(self, problem: Problem, coef: Array, intercept: float) -> None:
        self.problem = problem
        self.coef, self.intercept, self.watch = coef, intercept, Watch.of(problem.X)
        self.u = problem.predict(coef, intercept)
        self._z: Array | None = None
        self._share = _FLAT

    @property
    def z(self) -> Array:
        """It is ``X' theta`` at u: one pass over X a model, for the gap and for what the next one watches."""
        if self._z is None:
            self._z = correlate(self.problem.X, self.problem.theta(self.u))
        return self._z

    def improve(self, problem: Problem) -> bool:
        """Solve one model at the lam of ``problem``, and search the line to it; False if nothing falls."""
        model = Model(problem, *self._model(), self.watch)
        model.start(self.coef, problem.lam)
        if model.inner.watch is not None:
            model.inner.look(problem.lam, self.z / (model.data.unit * model.data.size))
        if not model.inner.settle(problem.lam, final=False, patience=_PATIENCE):
            model.start(np.zeros_like(self.coef), problem.lam)
            if not model.inner.settle(problem.lam, patience=_PATIENCE):
                return False
        coef, b = model.point()
        before = objective_at(problem, self.coef, self.u)
        change, change_u = coef - self.coef, model.predictions() - self.u

        def at(length: float) -> float:
            return objective_at(problem, self.coef + length * change, self.u + length * change_u)

        length, reached, noise = 1.0, at(1.0), _NOISE * abs(before)
        if reached <= before:
            while length < _LONGEST and (further := at(2 * length)) < reached - noise:  # the model was too steep
                length, reached = 2 * length, further
            self._share = max(0.1 * self._share, _LEAST_FLAT)
        while not reached <= before:
            length /= 2
            reached = at(length)
            if length < _SHORTEST:
                return False
        new = coef if length == 1 else self.coef + length * change
        u = self.u + length * change_u
        shift = problem.best_intercept(u)
        self.coef, self.intercept, self.u = new, self.intercept + length * (b - self.intercept) + shift, u + shift
        self._z = None
        return True

    def _model(self) -> tuple[Array, Array]:
        """Return the weights and working targets of the quadratic model here."""
        problem, s = self.problem, self.problem.s
        with np.errstate(over="ignore", invalid="ignore"):
            curvature = np.where(s > 0, problem.loss.curvature(self.u, problem.y), 0.0)
        mean = float(s @ curvature) / float(s.sum())
        least = self._share * mean if mean > 0 else min(problem.loss.smoothness, 1.0)
        h = s * np.maximum(curvature, least)
        with np.errstate(over="ignore", invalid="ignore"):
            step = np.divide(problem.theta(self.u), h, out=np.zeros_like(h), where=h > 0)
        return h, self.u + step

    def point(self, problem: Problem) -> Point:
        """Evaluate the point at the lam of ``problem``: its objective and its gap."""
        return evaluate_at(problem, self.coef, self.intercept, problem.theta(self.u), self.u, self.z)


def lam_steps(problem: Problem) -> list[float]:
    """Return lam from below lambda_max down to the problem's own; just that where there are few features."""
    top, lam = problem.lambda_max, problem.lam
    if problem.shape[1] <= FEW or not np.isfinite(top):
        return [lam]
    least = max(lam, 1e-6 * top)
    count = max(0, int(np.ceil(np.log(top / least) / -np.log(_STEP))) - 1) if top > least else 0
    return [*(top * _STEP ** np.arange(1, count + 1)).tolist(), lam]


@overflow_is_no_event
def solve(
    problem: Problem,
    *,
    tol: float = 1e-8,
    max_iter: int = 200,
    warm_start: Solution | None = None,
    callback: Callback | None = None,
) -> Solution:
    """Solve by proximal Newton steps over active sets; `Solver.solve` explains the options.

    ``max_iter`` limits the models at the last lam, after each of which the callback is called.
    """
    require_options(problem, tol, max_iter, warm_start)
    if problem.recession is not None:
        options = {"max_iter": max_iter, "warm_start": warm_start, "callback": callback}
        return near_limit(problem, problem.recession, solve, "prox_newton", tol, **options)
    course, inner = Course("prox_newton", tol, callback, problem.centring.offset), problem.centred
    if warm_start is None:
        newton, lambdas = ProxNewton(inner, inner.null_coef, inner.null.intercept), lam_steps(inner)
    else:
        newton, lambdas = ProxNewton(inner, warm_start.coef, warm_start.intercept - course.offset), [inner.lam]
    steps = _steps(course, newton, inner, lambdas[:-1], max_iter)
    best = course.follow(steps, newton.point(inner), until=tol)
    if warm_start is not None and course.status is Status.ITERATION_LIMIT:  # a bad start
        return solve(problem, tol=tol, max_iter=max_iter, callback=callback)
    return course.solution(problem, best.coef, best.intercept + course.offset, best.theta)


def _steps(course: Course, newton: ProxNewton, problem: Problem, lambdas: list[float], max_iter: int) -> Iterator[Step]:
    """Take lam down, then improve at the problem's own for as long as that gets somewhere."""
    for lam in lambdas:
        newton.improve(problem.with_lam(lam))
    for iteration in range(len(lambdas) + 1, len(lambdas) + max_iter + 1):
        moved = newton.improve(problem)
        yield Step(iteration, newton.point(problem))
        if not moved or course.stalled(_PATIENT_FOR):
            return
