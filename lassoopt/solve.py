"""Every solver under one name: ``solve(problem, method)``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import active_set, admm, prox_newton, reference
from .model import sparse
from .problem import Problem, require_problem
from .solution import Solution, Status
from .validation import choice

METHODS: dict[str, Callable[..., Solution]] = {
    "cvxpy": reference.solve,
    "admm": admm.solve,
    "active_set": active_set.solve,
    "prox_newton": prox_newton.solve,
}


def solve(problem: Problem, method: str = "auto", *, tol: float = 1e-8, **options: Any) -> Solution:
    """Solve the problem and certify the answer.

    Parameters
    ----------
    problem : Problem
    method : {"auto", "cvxpy", "admm", "active_set"}
        "auto" takes the active-set method where it fits, and ADMM elsewhere, or where that was not enough.
    tol : float
        The relative duality gap asked for.
    **options
        Passed on to `active_set.solve`, `admm.solve` or `reference.solve`.

    Returns
    -------
    Solution

    Examples
    --------
    >>> problem = Problem([[1.0], [2.0], [3.0]], [1.0, 2.0, 3.0], lam=0.1)
    >>> solve(problem).coef.round(6)
    array([0.85])
    """
    problem = require_problem(problem)
    name = choice("method", method, ("auto", *METHODS))
    return _automatic(problem, tol, options) if name == "auto" else METHODS[name](problem, tol=tol, **options)


def _automatic(problem: Problem, tol: float, options: dict[str, Any]) -> Solution:
    """The fastest method that fits; where it does not get there, the better of its answer and ADMM's."""
    if not (active_set.fits(problem) and sparse(problem)):
        return METHODS["admm"](problem, tol=tol, **options)
    solution = METHODS["active_set"](problem, tol=tol, **options)
    if solution.status is not Status.ITERATION_LIMIT:
        return solution
    other = METHODS["admm"](problem, tol=tol, **{**options, "warm_start": solution})
    return min(solution, other, key=lambda answer: answer.certificate.relative_gap)
