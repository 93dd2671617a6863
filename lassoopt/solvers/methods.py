"""Every solver is reached under one name: ``solve(problem, method)``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from ..arrays.arguments import choice, require_tolerance
from ..arrays.design_matrix import Array
from ..errors import InputError
from ..problems.problem import Problem, require_problem
from . import cvxpy_reference, interior_point
from .admm import iteration
from .contract import Solver, options_of
from .solution import Solution, Status
from .working_sets import active_set, block_descent, prox_newton
from .working_sets.block_descent import GroupWorkingSet
from .working_sets.path_blocks import along
from .working_sets.working_set import WorkingSet, sparse

METHODS: dict[str, Solver] = {
    "cvxpy": cvxpy_reference,
    "admm": iteration,
    "active_set": active_set,
    "prox_newton": prox_newton,
    "block_descent": block_descent,
    "interior_point": interior_point,
}
_BY_WORKING_SETS: dict[str, type[WorkingSet]] = {
    "active_set": WorkingSet,
    "prox_newton": WorkingSet,
    "block_descent": GroupWorkingSet,
}
_FASTEST_FIRST = (*_BY_WORKING_SETS, "interior_point", "admm")  # what "auto" chooses from


def solve(problem: Problem, method: str = "auto", *, tol: float = 1e-8, **options: Any) -> Solution:
    """Solve the problem and certify the answer.

    Parameters
    ----------
    problem : Problem
    method : {"auto", "cvxpy", "admm", "active_set", "prox_newton", "block_descent", "interior_point"}
        "auto" takes active sets, proximal Newton or block descent over active sets, or interior points, where they
        fit, and ADMM elsewhere, or where that was not enough.
    tol : float
        The relative duality gap asked for.
    **options
        All methods but "cvxpy" take max_iter, warm_start and callback, which `Solver.solve` explains; "cvxpy" takes
        those of `Reference`.

    Returns
    -------
    Solution

    Raises
    ------
    InputError
        If the problem does not fit the method, the method does not take an option, or an option's value is not allowed.

    Examples
    --------
    >>> problem = Problem([[1.0], [2.0], [3.0]], [1.0, 2.0, 3.0], lam=0.1)
    >>> solve(problem).coef.round(6)
    array([0.85])
    """
    problem = require_problem(problem)
    name = choice("method", method, ("auto", *METHODS))
    _require_taken(name, options)
    if name == "auto":
        return _automatic(problem, tol, options)
    solver = METHODS[name]
    if not solver.fits(problem):
        found = f"{type(problem.loss).__name__} with {type(problem.penalty).__name__}"
        raise InputError(f"method: {name} takes {solver.TAKES}; found {found}; allowed is method='admm'")
    return solver.solve(problem, tol=tol, **options)


def _require_taken(name: str, options: Iterable[str]) -> None:
    """Check that the method takes the options; "auto" takes those that each method takes which it may choose."""
    taken = {method: options_of(solver) for method, solver in METHODS.items()}
    taken["auto"] = frozenset.intersection(*(taken[method] for method in _FASTEST_FIRST))
    for option in options:
        if option not in taken[name]:
            owners = ", ".join(method for method in METHODS if option in taken[method])
            raise InputError(
                f"{option}: found an option that method={name!r} does not take; allowed are "
                f"{', '.join(sorted(taken[name]))}; "
                + (f"{owners} takes it" if owners else "cvxpy takes those of its own solvers as solver_options={...}")
            )


def solve_along(problem: Problem, lambdas: Array, *, tol: float = 1e-8) -> Iterator[Solution]:
    """Solve at a falling sequence of lam, each answer starting from the last; Ctrl-C ends it with its exception."""
    require_tolerance(tol)
    name = _fastest(problem.with_lam(float(lambdas[0])))
    if name in _BY_WORKING_SETS and problem.with_lam(float(lambdas[-1])).recession is None:
        for solution in along(problem, lambdas, tol, name, _BY_WORKING_SETS[name], METHODS[name].solve):
            at_lam = solution.certificate.problem
            yield (_or_admm(at_lam, solution, tol, {}) if _missed(solution) else solution).finished()
        return
    last: Solution | None = None
    for lam in lambdas.tolist():
        last = solve(problem.with_lam(lam), tol=tol, warm_start=last).finished()
        yield last


def _automatic(problem: Problem, tol: float, options: dict[str, Any]) -> Solution:
    """Solve by the fastest method that fits; where it does not get there, the better of its answer and ADMM's."""
    name = _fastest(problem)
    solution = METHODS[name].solve(problem, tol=tol, **options)
    return _or_admm(problem, solution, tol, options) if name != "admm" and _missed(solution) else solution


def _fastest(problem: Problem) -> str:
    """Name the fastest method that fits; working sets need a penalty that can be expected to keep most weights at 0."""
    suits = problem.loss.kinked or sparse(problem)
    return next(name for name in _FASTEST_FIRST if METHODS[name].fits(problem)) if suits else "admm"


def _missed(solution: Solution) -> bool:
    """Say whether another method may get further: not where the rounding of the data is in the way."""
    return solution.status is Status.ITERATION_LIMIT or (
        solution.status is Status.INACCURATE and solution.certificate.relative_gap > solution.certificate.tol
    )


def _or_admm(problem: Problem, solution: Solution, tol: float, options: dict[str, Any]) -> Solution:
    """Give the better of a solution that is not certified and what ADMM makes of it; an interruption stays one."""
    other = METHODS["admm"].solve(problem, tol=tol, **{**options, "warm_start": solution})
    better = min(solution, other, key=lambda answer: answer.certificate.relative_gap)
    return replace(better, status=other.status) if other.status is Status.INTERRUPTED else better
