"""Where no minimiser exists, an iterative solver returns a point near the limit of the best points.

The samples that recede are left out; the problem of the others is solved; and from its solution one goes as far along
the direction of recession as it takes for the loss of those left out to be lost beside the others'. The penalised
weights are those that every sequence of ever better points tends to, if they are unique.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from ..certificates.certification import certify
from ..problems.problem import Problem
from ..problems.recession import Recession
from .solution import History, Solution, Status


def near_limit(
    problem: Problem, recession: Recession, solve: Callable[..., Solution], name: str, tol: float, **options: Any
) -> Solution:
    """Solve, by the solver of this name, a problem that has no solution; the status is `Status.NOT_ATTAINED`."""
    start = time.perf_counter()
    n, p = problem.shape
    rest = problem.without_samples(recession.samples)
    found = solve(rest, tol=tol, **options) if np.any(rest.s > 0) else None
    coef, b, theta = (np.zeros(p), 0.0, np.zeros(n)) if found is None else (found.coef, found.intercept, found.theta)
    far = recession.distance(rest.predict(coef, b))
    coef, b = coef + far * recession.coef, b + far * recession.intercept
    interrupted = found is not None and found.status is Status.INTERRUPTED
    status = Status.INTERRUPTED if interrupted else Status.NOT_ATTAINED
    certificate = certify(problem, coef, b, theta, tol=tol)
    history, iterations = (History.of([]), 0) if found is None else (found.history, found.iterations)
    return Solution(coef, b, theta, status, certificate, history, name, iterations, time.perf_counter() - start)
