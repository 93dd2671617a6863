"""The course of a solve is the loop that all iterative solvers share.

A solver is a generator of steps. Here they are recorded, the best point is kept, the callback is called, and the loop
ends by the tolerance, by the callback, by Ctrl-C, or with the steps.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..arrays.design_matrix import Array
from ..certificates.certificate import Certificate
from ..certificates.certification import certify
from ..problems.problem import Problem
from .candidate import Point
from .solution import THE_CERTIFICATES, History, Solution, Status


@dataclass(frozen=True)
class Progress:
    """A callback gets this at each recorded iteration; its returning True stops the solve."""

    iteration: int
    coef: Array
    intercept: float
    gap: float


Callback = Callable[[Progress], Any]


@dataclass(frozen=True)
class Step:
    """A step gives the iterations so far, the point they led to, and what else `History` is to keep of them."""

    iteration: int
    point: Point
    measures: Mapping[str, float] = field(default_factory=dict)


class Course:
    """A course is one solve, from its start to its solution; its points' intercepts lack ``offset``."""

    def __init__(self, solver: str, tol: float, callback: Callback | None, offset: float = 0.0) -> None:
        self.solver, self.tol, self.callback, self.offset = solver, tol, callback, offset
        self.start = time.perf_counter()
        self.status, self.iterations = Status.ITERATION_LIMIT, 0
        self.records: list[dict[str, float]] = []

    def follow(self, steps: Iterable[Step], best: Point, *, until: float) -> Point:
        """Take the steps until the gap is at most ``until``; return the best point, the one given included."""
        try:
            for step in steps:
                best = min(best, step.point, key=lambda point: point.gap)
                self.iterations = step.iteration
                self.record(best.objective, best.gap, **step.measures)
                progress = Progress(step.iteration, best.coef, best.intercept + self.offset, best.gap)
                stop = self.callback is not None and self.callback(progress)
                if best.gap <= until or stop:
                    self.status = Status.OPTIMAL if best.gap <= until else Status.INTERRUPTED
                    break
        except KeyboardInterrupt:
            self.status = Status.INTERRUPTED
        return best

    def record(self, objective: float, gap: float, **measures: float) -> None:
        """Keep an iteration for the history."""
        self.records.append({"iteration": self.iterations, "objective": objective, "gap": gap, **measures})

    def stalled(self, count: int) -> bool:
        """Say whether the gap has not halved within the last ``count`` records."""
        gaps = [record["gap"] for record in self.records[-count:]]
        return len(self.records) > count and gaps[-1] > 0.5 * gaps[0]

    def solution(
        self,
        problem: Problem,
        coef: Array,
        intercept: float,
        theta: Array = THE_CERTIFICATES,
        certificate: Certificate | None = None,
    ) -> Solution:
        """Certify the answer, if it is not; the certificate has the last word on the status."""
        if certificate is None:
            usable = theta.size and np.isfinite(theta).all()
            certificate = certify(problem, coef, intercept, theta if usable else None, tol=self.tol)
        status = Status.INACCURATE if self.status is Status.OPTIMAL else self.status
        return Solution(
            coef=coef,
            intercept=intercept,
            theta=theta,
            status=Status.OPTIMAL if certificate.certified else status,
            certificate=certificate,
            history=History.of(self.records),
            solver=self.solver,
            iterations=self.iterations,
            seconds=time.perf_counter() - self.start,
        )
