"""A solver is a module, or an object, that says which problems it takes and solves them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from inspect import signature
from typing import Any, Protocol

import numpy as np

from ..arrays.arguments import require_tolerance, whole_number
from ..errors import InputError
from ..problems.problem import Problem
from .solution import Solution


class Solver(Protocol):
    """A solver is one method; the keyword arguments of its `solve` are the options that it takes.

    Attributes
    ----------
    TAKES : str
        The losses and penalties of the problems that fit, in words.
    """

    TAKES: str

    def fits(self, problem: Problem) -> bool:
        """Say whether this solver takes the problem."""

    def solve(self, problem: Problem, *_: Any, **options: Any) -> Solution:
        """Solve a problem that fits; after Ctrl-C the answer is the best point so far, `Status.INTERRUPTED`.

        The options are keyword arguments; "cvxpy" takes the first alone of these four.

        Parameters
        ----------
        problem : Problem
        tol : float
            The relative duality gap asked for.
        max_iter : int
        warm_start : Solution, optional
            It is one of the same features and samples, as from a nearby lam.
        callback : callable, optional
            It is called with a `Progress` at every recorded iteration; returning True stops the solve.
        """


def options_of(solver: Solver) -> frozenset[str]:
    """Return the names of the options that a solver takes."""
    return _keywords(solver.solve)


@cache
def _keywords(solve: Callable[..., Any]) -> frozenset[str]:
    """Return the names of the keyword-only arguments; every solve asks for those of several solvers."""
    parameters = signature(solve).parameters.values()
    return frozenset(parameter.name for parameter in parameters if parameter.kind is parameter.KEYWORD_ONLY)


def require_options(problem: Problem, tol: Any, max_iter: Any, warm_start: Any) -> None:
    """Check the options that every iterative solver takes."""
    require_tolerance(tol)
    whole_number("max_iter", max_iter, 1)
    if warm_start is not None and not isinstance(warm_start, Solution):
        raise InputError(f"warm_start: found {type(warm_start).__name__}; allowed is a Solution")
    if warm_start is not None and (warm_start.coef.size, warm_start.theta.size) != problem.shape[::-1]:
        raise InputError(f"warm_start: found {warm_start.coef.size} features; the problem has shape {problem.shape}")
    for name in ("coef", "intercept", "theta") if warm_start is not None else ():
        values = np.asarray(getattr(warm_start, name))
        if not np.isfinite(values).all():
            found = values[~np.isfinite(values)][0]
            raise InputError(f"warm_start: found {found} in its {name}; allowed are finite numbers")
