"""ADMM is written to be read beside Boyd et al., Distributed Optimization and Statistical Learning via ADMM (2011).

The problem in graph form (sec. 5.2; Parikh & Boyd, Block splitting, 2014), scaled as in `graph_projection`:

    minimise  g(x) + f(v)   subject to   (x, v) = (w, u),  (w, u) in the graph {u = A w + b sqrt(s)},

with ``g = lam P`` and ``f = sum_i s_i phi``. One iteration, with scaled duals (dx, dv) and relaxation alpha:

    x  = prox_{g / rho}(w - dx)                    every feature, or group, by itself
    v  = prox_{f / rho}(u - dv)                    every sample by itself
    (w, u) = projection of (xh + dx, vh + dv)      one linear solve; xh = alpha x + (1 - alpha) w, vh alike
    (dx, dv) = (xh + dx - w, vh + dv - u)          what the projection removed

The projection does not depend on rho, so rho adapts at no cost. The dual variable is read off: ``theta = rho
sqrt(s) dv``, in the original units. The sparse iterate x is certified, not w.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ...arrays.design_matrix import Array, overflow_is_no_event
from ...arrays.precision import EPS
from ...certificates.crossover import crossover, is_linear_program, near_targets
from ...certificates.dual_points import feasible
from ...certificates.newton_on_support import polish
from ...problems.problem import Problem
from ..candidate import Point, evaluate, objective_at
from ..contract import require_options
from ..course import Callback, Course, Step
from ..limit_point import near_limit
from ..solution import Solution
from .graph_projection import GraphProjection
from .rho import balancing_factor, typical_curvature

TAKES = "every loss and penalty"

_RELAXATION = 1.6  # Boyd et al., sec. 3.4.3
_CHECK_EVERY = 10  # iterations between certificates


@dataclass(frozen=True)
class State:
    """A state holds the iterates, in the scaled variables."""

    w: Array  # on the graph
    u: Array
    dx: Array  # scaled dual variables
    dv: Array
    rho: float
    x: Array  # after the proximal steps
    v: Array
    primal_residual: float = np.inf
    dual_residual: float = np.inf


class ADMM:
    """The iteration runs on one problem, whose samples all count: `start`, `step`, `point`."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.project = GraphProjection(problem)
        self.unit, self.root = self.project.design.unit, self.project.design.root
        self.penalty = problem.penalty.scaled(1 / self.unit)
        self.is_linear_program = is_linear_program(problem)

    def start(self, warm_start: Solution | None) -> State:
        """Start from a solution that beats the null model, or from that; rho is of the size of the loss's curvature."""
        problem = self.problem
        rho = typical_curvature(problem)
        if warm_start is None or not self._beats_null(warm_start):
            coef, b, theta = problem.null_coef, problem.null.intercept, problem.null.theta
        else:
            coef, b, theta = warm_start.coef, warm_start.intercept, feasible(problem, warm_start.theta).theta
        w, u = self.unit * coef, self.root * problem.predict(coef, b)
        dv = theta / (self.root * rho)
        dx = -self.project.design.transpose_dot(dv)
        return State(w, u, dx, dv, rho, w, u)

    def _beats_null(self, warm_start: Solution) -> bool:
        problem, u = self.problem, self.problem.predict(warm_start.coef, warm_start.intercept)
        null = objective_at(problem, problem.null_coef, problem.null.u)
        return objective_at(problem, warm_start.coef, u) <= null

    def step(self, state: State) -> State:
        """Do one iteration, in the order of the module docstring."""
        problem, rho = self.problem, state.rho
        drawn = state.w - state.dx
        x = self.penalty.prox(drawn, problem.lam / rho) if problem.lam > 0 else self._domain(drawn)
        v = self.root * problem.loss.prox((state.u - state.dv) / self.root, problem.y, 1 / rho)
        xh = _RELAXATION * x + (1 - _RELAXATION) * state.w
        vh = _RELAXATION * v + (1 - _RELAXATION) * state.u
        w, u, dx, dv = self.project(xh + state.dx, vh + state.dv)
        primal = _norm(x - w, v - u) / max(_norm(x, v), _norm(w, u), 1e-300)
        dual = _norm(w - state.w, u - state.u) / max(_norm(dx, dv), 1e-300)
        return State(w, u, dx, dv, rho, x, v, primal, dual)

    def _domain(self, w: Array) -> Array:
        """Project onto the penalty's domain: its prox at lam = 0."""
        w = np.maximum(w, 0.0) if self.penalty.nonnegative else w
        return np.where(self.penalty.excluded, 0.0, w)

    def point(self, state: State) -> Point:
        """Evaluate the sparse iterate x with the multiplier of the graph."""
        return evaluate(self.problem, state.x / self.unit, None, self.theta(state))

    def theta(self, state: State) -> Array:
        """Read off the multiplier of the graph, in the original units."""
        return state.rho * self.root * state.dv

    def kinks(self, state: State) -> NDArray[np.bool_]:
        """Find the samples that v holds at the kink of a kinked loss."""
        # v = root * y there, and its quotient by root is y again but for two roundings
        at_target = np.abs(state.v / self.root - self.problem.y) <= 2 * EPS * np.abs(self.problem.y)
        return at_target & self.problem.loss.kinked

    def pattern(self, state: State) -> bytes:
        """Return what polishing starts from: the signs of x and the kinks."""
        return np.sign(state.x).tobytes() + self.kinks(state).tobytes()

    def polished(self, state: State) -> Point | None:
        """Find the vertex of a linear program near x; else the end of Newton's method on the support and the kinks."""
        problem, coef, kinks = self.problem, state.x / self.unit, self.kinks(state)
        u = problem.predict(coef)
        b = problem.best_intercept(u)
        if self.is_linear_program:
            found = crossover(problem, coef, u + b, kinks | near_targets(problem, coef, u + b), self.theta(state))
        else:
            found = polish(problem, coef, b, kinks)
        return None if found is None else evaluate(problem, *found)

    def polish_is_cheap(self, state: State) -> bool:
        """Say whether a Newton step on the support costs no more than the iterations between two checks."""
        return int(np.count_nonzero(state.x)) ** 2 <= 4 * _CHECK_EVERY * state.x.size

    def balance(self, state: State) -> State:
        """Return the state in which the residuals are nearer to each other."""
        factor = balancing_factor(state.primal_residual, state.dual_residual)
        return replace(state, dx=state.dx / factor, dv=state.dv / factor, rho=state.rho * factor)


def fits(problem: Problem) -> bool:
    """Say that ADMM takes every problem."""
    return True


@overflow_is_no_event
def solve(
    problem: Problem,
    *,
    tol: float = 1e-8,
    max_iter: int = 10_000,
    warm_start: Solution | None = None,
    callback: Callback | None = None,
) -> Solution:
    """Solve by ADMM until the *certified* relative gap is at most ``tol``; `Solver.solve` explains the options."""
    require_options(problem, tol, max_iter, warm_start)
    if problem.recession is not None:
        options = {"max_iter": max_iter, "warm_start": warm_start, "callback": callback}
        return near_limit(problem, problem.recession, solve, "admm", tol, **options)
    course = Course("admm", tol, callback, problem.centring.offset)
    inner = problem.of_used_samples().centred
    if warm_start is not None:
        theta, b = warm_start.theta[problem.s > 0], warm_start.intercept - course.offset
        warm_start = replace(warm_start, theta=theta, intercept=b)
    null = evaluate(inner, inner.null_coef, inner.null.intercept, inner.null.theta)
    best = course.follow(_steps(inner, warm_start, tol, max_iter), null, until=tol)
    theta = np.zeros(problem.shape[0])
    theta[problem.s > 0] = best.theta
    return course.solution(problem, best.coef, best.intercept + course.offset, theta)


def _steps(problem: Problem, warm_start: Solution | None, tol: float, max_iter: int) -> Iterator[Step]:
    """Iterate; every so often a step is the better of the iterate and, where that is worth it, its polish."""
    method = ADMM(problem)
    state = method.start(warm_start)
    pattern, polished, rebalance, crossing = None, set[bytes](), 2 * _CHECK_EVERY, _CHECK_EVERY
    for iteration in range(1, max_iter + 1):
        state = method.step(state)
        if iteration % _CHECK_EVERY and iteration != max_iter:
            continue
        point = method.point(state)
        last, pattern = pattern, method.pattern(state)
        if method.is_linear_program:  # its polish looks beyond the pattern, and is worth it at any, if rarely
            worth = iteration >= crossing
            crossing = int(1.5 * iteration) if worth else crossing
        else:
            worth = pattern not in polished and (pattern == last or method.polish_is_cheap(state))
        if point.gap > tol and worth:
            polished.add(pattern)
            point = min(point, method.polished(state) or point, key=lambda found: found.gap)
        measures = {"primal_residual": state.primal_residual, "dual_residual": state.dual_residual, "rho": state.rho}
        yield Step(iteration, point, measures)
        if iteration >= rebalance:
            state, rebalance = method.balance(state), int(1.2 * iteration)


def _norm(a: Array, b: Array) -> float:
    return float(np.sqrt(a @ a + b @ b))
