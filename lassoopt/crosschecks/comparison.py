"""All answers to one problem, side by side."""

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
from .differences import Differences, largest_differences, theta_error, theta_gap
from .reduced_reference import Dropped, is_large, solve_without_zeros
from .verdict import Verdict, judge

# what a method is held to at its default settings, if that is looser than the tolerance asked for
TOLERANCES: dict[str, float] = {"cvxpy": 1e-6}


@dataclass(frozen=True, eq=False, repr=False)
class CrossCheck:
    """All answers to one problem, and the verdict; made by `crosscheck`.

    Attributes
    ----------
    problem : Problem
    solutions : dict of Solution
        By method.
    failures : dict of str
        Why a method returned no solution.
    verdict : Verdict
    reason : str
        The verdict's grounds, with numbers.
    differences : Differences or None
        None with fewer than two solutions.
    theta_gaps : dict of float
        By method: the relative gap with the multipliers that the solver itself returned.
    theta_errors : dict of float
        By method: the distance of these multipliers from ``-dLoss/du`` at the solver's own weights, in units
        of the null model's theta; nan for a loss with kinks, whose theta is not a function of u.
    dropped : Dropped or None
        The features that the reference of a large problem was not given, as they are proven zero.
    """

    problem: Problem
    solutions: Mapping[str, Solution]
    failures: Mapping[str, str]
    verdict: Verdict
    reason: str
    differences: Differences | None
    theta_gaps: Mapping[str, float]
    theta_errors: Mapping[str, float]
    dropped: Dropped | None = None

    @property
    def agrees(self) -> bool:
        """Whether every answer is certified; where they differ, that is explained."""
        return self.verdict is not Verdict.DISAGREE

    def as_dict(self) -> dict[str, Any]:
        """Everything in plain numbers, strings and lists, ready for JSON."""
        from .words import as_dict

        return as_dict(self)

    def __repr__(self) -> str:
        return f"CrossCheck({self.verdict.name}: {', '.join([*self.solutions, *self.failures])})"

    def __str__(self) -> str:
        from .words import text

        return text(self)


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
        The relative gap asked for; "cvxpy" is held to 1e-6 if that is more, as its solvers stop by other
        criteria.
    solutions : sequence of Solution
        Further answers to the same problem; certified again, each to its own certificate's tolerance.

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
