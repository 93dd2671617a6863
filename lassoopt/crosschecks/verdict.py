"""`judge` gives the verdict of a cross-check, and its grounds."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from itertools import combinations

import numpy as np

from ..certificates.certification import certify
from ..problems.problem import Problem
from ..solvers.solution import Solution, Status
from .differences import Differences, largest_differences


class Verdict(Enum):
    """A verdict is what a cross-check found; each member's value is advice."""

    AGREE = "all answers are certified and the same: use any of them"
    AGREE_WITHIN_TOLERANCE = (
        "all answers are certified, and they differ by no more than their gaps allow: lower tol to bring them closer"
    )
    NOT_UNIQUE = "all answers are certified, but the optimum is not one point: do not read single weights"
    DISAGREE = "not every answer is proven optimal: use one that is certified, if there is one"


def judge(
    problem: Problem,
    answers: Mapping[str, Solution],
    failures: Mapping[str, str],
    differences: Differences | None,
    theta_gaps: Mapping[str, float],
) -> tuple[Verdict, str]:
    """Return the verdict and its grounds."""
    wrong = [f"{name} failed: {message}" for name, message in failures.items()]
    for name, answer in answers.items():
        certificate = answer.certificate
        if answer.status is Status.FAILED:
            wrong.append(f"{name} failed: {answer.status.value}")
        elif answer.status is Status.NOT_ATTAINED:
            wrong.append(f"{name}: {answer.status.value}")
        elif not certificate.certified:
            advice = "" if answer.status is Status.OPTIMAL else f" ({answer.status.value})"
            rounding = ", its rounding error too large" if certificate.relative_gap <= certificate.tol else ""
            wrong.append(
                f"{name} is not proven optimal: its relative gap is {certificate.relative_gap:.1e}{rounding}, the "
                f"tolerance {certificate.tol:.0e}{advice}"
            )
        elif theta_gaps[name] > 10 * np.sqrt(certificate.tol):  # a gradient is off by the root of the suboptimality
            found = f"{name} has optimal weights but wrong multipliers: with them, the relative gap is"
            wrong.append(f"{found} {theta_gaps[name]:.1e}")
    if wrong or differences is None:
        sound = {name: each for name, each in answers.items() if each.status is not Status.FAILED}
        certified = [name for name, each in sound.items() if each.certificate.certified]
        return Verdict.DISAGREE, f"{'; '.join(wrong)}. Certified: {', '.join(certified) or 'none'}."
    d = differences
    point, numbers = _distance(d), f"weights differ by {d.coef:.1e}, fits by {d.fit:.1e}"
    for answer in answers.values():
        uniqueness = answer.certificate.uniqueness
        if uniqueness.verdict == "not unique":
            return Verdict.NOT_UNIQUE, f"In units of the prediction, {numbers}. Proof: {uniqueness.reason}."
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
    return _explain_difference(problem, answers, d, numbers)


def _explain_difference(
    problem: Problem, answers: Mapping[str, Solution], d: Differences, numbers: str
) -> tuple[Verdict, str]:
    """Say why certified answers differ: the optimum is proven to be more than a point, or their gaps allow it."""
    certificates = [answer.certificate for answer in answers.values()]
    # where all weights are proven zero, the intercept may still be open
    unique = any(each.uniqueness.verdict == "unique" and not each.proven_zeros.all() for each in certificates)
    pairs = combinations(certificates, 2)
    near = all(np.all(np.abs(a.coef - b.coef) <= a.coef_error + b.coef_error) for a, b in pairs)
    if near and (unique or max(d.intercept, d.fit) <= d.same):
        return Verdict.AGREE_WITHIN_TOLERANCE, (
            f"In units of the prediction, {numbers}; each weight differs by no more than the two certificates' bounds "
            "on its distance from the optimum."
        )
    a, b = max(combinations(answers.values(), 2), key=lambda pair: _distance(largest_differences(problem, pair)))
    middle = certify(
        problem,
        (a.coef + b.coef) / 2,
        (a.intercept + b.intercept) / 2,
        min(certificates, key=lambda certificate: certificate.gap).theta,
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


def _distance(d: Differences) -> float:
    return max(d.coef, d.intercept, d.fit)
