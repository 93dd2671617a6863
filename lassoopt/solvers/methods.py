"""Every solver under one name: ``solve(problem, method)``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from inspect import signature
from typing import Any

from ..arrays.arguments import choice, require_tolerance
from ..arrays.design_matrix import Array
from ..errors import InputError
from ..problems.problem import Problem, require_problem
from . import cvxpy_reference
from .active_sets import active_set, prox_newton
from .active_sets.model import separable, sparse
from .admm import iteration
from .solution import Solution, Status

METHODS: dict[str, Callable[..., Solution]] = {
    "cvxpy": cvxpy_reference.solve,
    "admm": iteration.solve,
    "active_set": active_set.solve,
    "prox_newton": prox_newton.solve,
}


def solve(problem: Problem, method: str = "auto", *, tol: float = 1e-8, **options: Any) -> Solution:
    """Solve the problem and certify the answer.

    Parameters
    ----------
    problem : Problem
    method : {"auto", "cvxpy", "admm", "active_set", "prox_newton"}
        "auto" takes active sets, or proximal Newton over active sets, where they fit, and ADMM elsewhere, or where
        that was not enough.
    tol : float
        The relative duality gap asked for.
    **options
        Passed on to the `solve` of `active_set`, `prox_newton`, `admm` or `reference`; "auto" takes those that all of
        the first three take.

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
    for option in options:
        _require_taken(name, option)
    return _automatic(problem, tol, options) if name == "auto" else METHODS[name](problem, tol=tol, **options)


def _require_taken(name: str, option: str) -> None:
    """That the method takes the option; "auto" takes what all of the methods take that it may turn to."""
    parameters = {method: signature(run).parameters.values() for method, run in METHODS.items()}
    taken = {
        method: {each.name for each in found if each.kind is each.KEYWORD_ONLY} for method, found in parameters.items()
    }
    any_other = [method for method, found in parameters.items() if any(each.kind is each.VAR_KEYWORD for each in found)]
    taken["auto"] = set.intersection(*(taken[method] for method in METHODS if method not in any_other))
    if name in any_other or option in taken[name]:
        return
    owners = [method for method in METHODS if option in taken[method]]
    others = f"{', '.join(owners)} takes it" if owners else f"{', '.join(any_other)} hands it to its own solver"
    raise InputError(
        f"{option}: found an option that method={name!r} does not take; allowed are {', '.join(sorted(taken[name]))}; "
        f"{others}"
    )


def solve_along(problem: Problem, lambdas: Array, *, tol: float = 1e-8) -> Iterator[Solution]:
    """`solve` at a falling sequence of lam, each answer starting from the last; Ctrl-C ends it with its exception."""
    require_tolerance(tol)
    if active_set.fits(problem) and sparse(problem):
        for solution in active_set.along(problem, lambdas, tol):
            yield _or_admm(solution.certificate.problem, solution, tol, {}) if _missed(solution) else solution
        return
    last: Solution | None = None
    for lam in lambdas.tolist():
        last = solve(problem.with_lam(lam), tol=tol, warm_start=last)
        if last.status is Status.INTERRUPTED:
            raise KeyboardInterrupt
        yield last


def _automatic(problem: Problem, tol: float, options: dict[str, Any]) -> Solution:
    """The fastest method that fits; where it does not get there, the better of its answer and ADMM's."""
    if not separable(problem) or problem.loss.kinked or not sparse(problem):
        return METHODS["admm"](problem, tol=tol, **options)
    name = "active_set" if active_set.fits(problem) else "prox_newton"
    solution = METHODS[name](problem, tol=tol, **options)
    return _or_admm(problem, solution, tol, options) if _missed(solution) else solution


def _missed(solution: Solution) -> bool:
    """Whether another method may get further: not where the rounding of the data is in the way."""
    return solution.status is Status.ITERATION_LIMIT or (
        solution.status is Status.INACCURATE and solution.certificate.relative_gap > solution.certificate.tol
    )


def _or_admm(problem: Problem, solution: Solution, tol: float, options: dict[str, Any]) -> Solution:
    """The better of a solution that is not certified and what ADMM makes of it."""
    other = METHODS["admm"](problem, tol=tol, **{**options, "warm_start": solution})
    return min(solution, other, key=lambda answer: answer.certificate.relative_gap)
