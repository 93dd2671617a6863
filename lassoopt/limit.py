"""What an iterative solver returns where no minimiser exists: a point near the limit of the best points.

The samples that recede are left out; the problem of the others is solved; and from its solution one goes as far along
the direction of recession as it takes for the loss of those left out to be lost beside the others'. The penalised
weights are those that every sequence of ever better points tends to, if they are unique.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from .certify import certify
from .problem import Problem
from .recession import Recession
from .solution import History, Solution, Status


def near_limit(
    problem: Problem, recession: Recession, solve: Callable[..., Solution], name: str, tol: float, **options: Any
) -> Solution:
    """The solution of a problem that has none, its status `Status.NOT_ATTAINED`; by the solver of this name."""
    start = time.perf_counter()
    rest = problem.without_samples(recession.samples)
    if np.any(rest.s > 0):
        found = solve(rest, tol=tol, **options)
    else:
        n, p = problem.shape
        found = Solution.certified(
            problem, np.zeros(p), 0.0, np.zeros(n), Status.NOT_ATTAINED, tol, History.of([]),
            solver=name, iterations=0, start=start,
        )  # fmt: skip
    far = recession.distance(rest.predict(found.coef, found.intercept))
    coef, b = found.coef + far * recession.coef, found.intercept + far * recession.intercept
    return replace(
        found,
        coef=coef,
        intercept=b,
        status=found.status if found.status is Status.INTERRUPTED else Status.NOT_ATTAINED,
        certificate=certify(problem, coef, b, found.theta, tol=tol),
        seconds=time.perf_counter() - start,
    )
