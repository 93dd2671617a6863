"""Every method on one problem, and one verdict: do they agree, and if not, why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import combinations
from typing import Any

import numpy as np

from .certificate import certify
from .comparison import Differences, largest_differences, theta_error, theta_gap, weight_differences
from .errors import InputError, SolverError
from .problem import Problem
from .solution import Solution, Status
from .solve import METHODS, solve
from .validation import choice, nonnegative_number

# what a method is held to at its default settings, if that is looser than the tolerance asked for
TOLERANCES: dict[str, float] = {"cvxpy": 1e-6}


class Verdict(Enum):
    """What a cross-check found. Each member's value is advice."""

    AGREE = "all answers are certified and the same: use any of them"
    AGREE_WITHIN_TOLERANCE = (
        "all answers are certified, and they differ by no more than their gaps allow: lower tol to bring them closer"
    )
    NOT_UNIQUE = "all answers are certified, but the optimum is not one point: do not read single weights"
    DISAGREE = "not every answer is optimal: use one that is certified, if there is one"


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
    """

    problem: Problem
    solutions: Mapping[str, Solution]
    failures: Mapping[str, str]
    verdict: Verdict
    reason: str
    differences: Differences | None
    theta_gaps: Mapping[str, float]
    theta_errors: Mapping[str, float]

    @property
    def agrees(self) -> bool:
        """Whether every answer is certified; where they differ, that is explained."""
        return self.verdict is not Verdict.DISAGREE

    def as_dict(self) -> dict[str, Any]:
        """Everything in plain numbers, strings and lists, ready for JSON."""
        from .report.crosscheck import as_dict

        return as_dict(self)

    def __repr__(self) -> str:
        return f"CrossCheck({self.verdict.name}: {', '.join([*self.solutions, *self.failures])})"

    def __str__(self) -> str:
        from .report.crosscheck import text

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
        Names in `METHODS`.
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
    for method in methods:
        try:
            answers[method] = solve(problem, method, tol=max(tol, TOLERANCES.get(method, 0.0)))
        except SolverError as error:
            failures[method] = str(error)
    for given in solutions:
        certificate = certify(problem, given.coef, given.intercept, given.theta, tol=given.certificate.tol)
        answers[_unused(given.solver, answers)] = replace(given, certificate=certificate)
    differences = largest_differences(problem, list(answers.values())) if len(answers) > 1 else None
    theta_gaps = {name: theta_gap(problem, answer) for name, answer in answers.items()}
    verdict, reason = _judge(problem, answers, failures, differences, theta_gaps)
    theta_errors = {name: theta_error(problem, answer) for name, answer in answers.items()}
    return CrossCheck(problem, answers, failures, verdict, reason, differences, theta_gaps, theta_errors)


def _unused(name: str, taken: Mapping[str, Any]) -> str:
    names = [name, *(f"{name} ({k})" for k in range(2, len(taken) + 2))]
    return next(candidate for candidate in names if candidate not in taken)


def _judge(
    problem: Problem,
    answers: Mapping[str, Solution],
    failures: Mapping[str, str],
    differences: Differences | None,
    theta_gaps: Mapping[str, float],
) -> tuple[Verdict, str]:
    """The verdict and its grounds."""
    wrong = [f"{name} failed: {message}" for name, message in failures.items()]
    for name, answer in answers.items():
        certificate = answer.certificate
        if answer.status is Status.FAILED:
            wrong.append(f"{name} failed: {answer.status.value}")
        elif not certificate.certified:
            advice = "" if answer.status is Status.OPTIMAL else f" ({answer.status.value})"
            wrong.append(
                f"{name} is not proven optimal: its relative gap is {certificate.relative_gap:.1e}, the tolerance "
                f"{certificate.tol:.0e}{advice}"
            )
        elif theta_gaps[name] > np.sqrt(certificate.tol):
            wrong.append(
                f"{name} has optimal weights but wrong multipliers: with them, the relative gap is "
                f"{theta_gaps[name]:.1e}"
            )
    if wrong or differences is None:
        certified = [
            name
            for name, answer in answers.items()
            if answer.certificate.certified and answer.status is not Status.FAILED
        ]
        return Verdict.DISAGREE, f"{'; '.join(wrong)}. Certified: {', '.join(certified) or 'none'}."
    d = differences
    point, numbers = max(d.coef, d.intercept, d.fit), f"weights differ by {d.coef:.1e}, fits by {d.fit:.1e}"
    if point <= d.same and (problem.loss.kinked or d.theta <= d.same):
        return Verdict.AGREE, (
            f"In units of the prediction, {numbers}; the tolerances allow {d.same:.1e}. The multipliers differ by "
            f"{d.theta:.1e}."
        )
    if point <= d.same:
        return Verdict.AGREE_WITHIN_TOLERANCE, (
            f"The weights are the same, but the multipliers differ by {d.theta:.1e}, more than {d.same:.1e}; with "
            f"their own multipliers, the relative gaps are at most {max(theta_gaps.values()):.1e}."
        )
    return _explain_difference(problem, answers, numbers)


def _explain_difference(problem: Problem, answers: Mapping[str, Solution], numbers: str) -> tuple[Verdict, str]:
    """Why certified answers differ materially: a proof that the optimum is not one point, or their gaps."""
    several = [
        answer.certificate.uniqueness
        for answer in answers.values()
        if answer.certificate.uniqueness.verdict == "not unique"
    ]
    if several:
        return Verdict.NOT_UNIQUE, f"In units of the prediction, {numbers}. Proof: {several[0].reason}."
    pairs = list(combinations(answers.values(), 2))
    if all(np.all(np.abs(a.coef - b.coef) <= a.certificate.coef_error + b.certificate.coef_error) for a, b in pairs):
        return Verdict.AGREE_WITHIN_TOLERANCE, (
            f"In units of the prediction, {numbers}; each weight differs by less than the two certificates' bounds on "
            "its distance from the optimum."
        )
    a, b = max(pairs, key=lambda pair: float(weight_differences(problem, *pair).max()))
    best = min(answers.values(), key=lambda answer: answer.certificate.gap).certificate
    middle = certify(
        problem,
        (a.coef + b.coef) / 2,
        (a.intercept + b.intercept) / 2,
        best.theta,
        tol=max(a.certificate.tol, b.certificate.tol),
    )
    if middle.certified:
        return Verdict.NOT_UNIQUE, (
            f"In units of the prediction, {numbers}. Proven: the midpoint between them is certified as well, with a "
            f"relative gap of {middle.relative_gap:.1e}, so all points between them are optimal to {middle.tol:.0e}; "
            "whether they are exactly optimal is not decided."
        )
    return Verdict.AGREE_WITHIN_TOLERANCE, (
        f"In units of the prediction, {numbers}; the objectives agree to within the certified gaps."
    )
