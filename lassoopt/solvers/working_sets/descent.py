"""lam falls from lambda_max in steps, so that the working set grows with the solution and seldom beyond it.

At lambda_max the solution is the null model. Each step takes in the features that are beyond their level at the new
lam, improves the weights on those held, and looks at all features anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import numpy as np

from ...problems.problem import Problem
from ..solution import Solution
from .working_set import FEW, WorkingSet

Held = TypeVar("Held", bound=WorkingSet)

_STEP = 0.4  # lam falls by this factor at a time
_LEAST = 1e-6  # of lambda_max; from here one step leads to the end


def lam_steps(problem: Problem) -> list[float]:
    """Return lam from below lambda_max down to the problem's own, which is left out; none where features are few."""
    if problem.shape[1] <= FEW or not 0 < (top := problem.lambda_max) < np.inf:
        return []
    steps = top * _STEP ** np.arange(1, 1 + int(np.log(_LEAST) / np.log(_STEP)))
    return steps[steps > problem.lam].tolist()


def begin(held: type[Held], problem: Problem, warm_start: Solution | None) -> tuple[Held, list[float]]:
    """Return a working set of this class, and the lam to take it down along: none from a solution that is at hand."""
    inner = problem.centred
    if warm_start is None:
        return held.at_null_model(inner), lam_steps(problem)
    return held(inner, warm_start.coef, warm_start.intercept - problem.centring.offset), []


def descend(working: WorkingSet, lambdas: list[float]) -> Iterator[None]:
    """Take a working set down, with one round at each lam; ``working.z`` is ``X' theta`` after it."""
    for lam in lambdas:
        working.turn(lam)
        working.take_in(working.z)
        working.improve()
        yield
