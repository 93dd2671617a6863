"""Every solver under one name: ``solve(problem, method)``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import active_set, admm, reference
from .problem import Problem, require_problem
from .solution import Solution
from .validation import choice

METHODS: dict[str, Callable[..., Solution]] = {
    "cvxpy": reference.solve,
    "admm": admm.solve,
    "active_set": active_set.solve,
}


def solve(problem: Problem, method: str = "auto", *, tol: float = 1e-8, **options: Any) -> Solution:
    """Solve the problem and certify the answer.

    Parameters
    ----------
    problem : Problem
    method : {"auto", "cvxpy", "admm"}
        "auto" takes ADMM.
    tol : float
        The relative duality gap asked for.
    **options
        Passed on to `admm.solve` or `reference.solve`.

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
    return METHODS["admm" if name == "auto" else name](problem, tol=tol, **options)
