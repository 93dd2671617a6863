"""`crosscheck` solves one problem by several methods and puts all answers side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..arrays.arguments import choice, nonnegative_number
from ..certificates.certification import certify
from ..errors import InputError, SolverError
from ..problems.problem import Problem
from ..solvers.methods import METHODS, solve
from ..solvers.solution import Solution
from . import words
from .answers import Answers
from .differences import largest_differences, theta_error, theta_gap
from .reduced_reference import Dropped, is_large, solve_without_zeros
from .verdict import judge

# the tolerance a method is held to at its default settings, if that is looser than the one asked for
TOLERANCES: dict[str, float] = {"cvxpy": 1e-6}


@dataclass(frozen=True, eq=False, repr=False)
class CrossCheck(Answers):
    """A cross-check holds all answers to one problem, and the verdict, told in a table; `crosscheck` makes it."""

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain numbers, strings and lists, which can be written as JSON."""
        return words.as_dict(self)

    def __repr__(self) -> str:
        return f"CrossCheck({self.verdict.name}: {', '.join([*self.solutions, *self.failures])})"

    def __str__(self) -> str:
        return words.text(self)


def crosscheck(
    problem: Problem,
    methods: Sequence[str] = ("cvxpy", "admm"),
    *,
    tol: float = 1e-8,
    solutions: Sequence[Solution] = (),
) -> CrossCheck:
    """Solve by every method and compare weights, intercept, multipliers and certified gaps.

    Parameters
    ----------
    problem : Problem
    methods : sequence of str
        Names in `METHODS`. Where X is large, "cvxpy" comes last and is given only the features that the answers before
        it do not prove zero; its certificate covers all.
    tol : float
        The relative gap asked for. "cvxpy" is held to 1e-6 if that is more, as its solvers stop by other criteria.
    solutions : sequence of Solution
        Further answers to the same problem. Each is certified again, to its own certificate's tolerance.

    Returns
    -------
    CrossCheck

    Examples
    --------
    >>> problem = Problem([[1.0], [2.0], [3.0]], [1.0, 2.0, 3.0], lam=0.1)
    >>> crosscheck(problem).verdict.name
    'AGREE'
    """
    tol = nonnegative_number("tol", tol)
    if isinstance(methods, str) or len(set(methods)) + len(solutions) < 2:
        raise InputError(f"methods: found {methods!r}; allowed are two or more of: {', '.join(METHODS)}")
    answers: dict[str, Solution] = {}
    failures: dict[str, str] = {}
    for method in methods:
        choice("methods", method, METHODS)
    dropped: Dropped | None = None
    large = is_large(problem)
    for method in sorted(methods, key=lambda name: large and name == "cvxpy"):
        tolerance = max(tol, TOLERANCES.get(method, 0.0))
        try:
            if large and method == "cvxpy":
                answers[method], dropped = solve_without_zeros(problem, method, answers, tolerance)
            else:
                answers[method] = solve(problem, method, tol=tolerance)
        except SolverError as error:
            failures[method] = str(error)
    answers = {method: answers[method] for method in methods if method in answers}
    for given in solutions:
        certificate = certify(problem, given.coef, given.intercept, given.theta, tol=given.certificate.tol)
        answers[_unused(given.solver, answers)] = replace(given, certificate=certificate)
    differences = largest_differences(problem, list(answers.values())) if len(answers) > 1 else None
    theta_gaps = {name: theta_gap(problem, answer) for name, answer in answers.items()}
    verdict, reason = judge(problem, answers, failures, differences, theta_gaps)
    theta_errors = {name: theta_error(problem, answer) for name, answer in answers.items()}
    return CrossCheck(problem, answers, failures, verdict, reason, differences, theta_gaps, theta_errors, dropped)


def _unused(name: str, taken: Mapping[str, Any]) -> str:
    names = [name, *(f"{name} ({k})" for k in range(2, len(taken) + 2))]
    return next(candidate for candidate in names if candidate not in taken)
