"""`reduced_reference` gives the reference only the features not proven zero, and certifies its answer on all.

A gap-safe rule has proven the others 0 in every optimal solution (`screening`), so leaving them out changes nothing.
Should the proof be wrong, the certificate of the expanded answer, which looks at every feature, says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from ..certificates.certification import certify
from ..problems.problem import Problem
from ..solvers.methods import solve
from ..solvers.solution import Solution, Status

_LARGE = 400_000  # entries of X; smaller problems are stated in full


@dataclass(frozen=True)
class Dropped:
    """It says how many features the reference was not given, and by whose gap they are proven zero."""

    features: int
    method: str
    gap: float


def is_large(problem: Problem) -> bool:
    """Return whether the reference should be spared the features proven zero."""
    n, p = problem.shape
    return n * p > _LARGE and problem.penalty.separable


def solve_without_zeros(
    problem: Problem, method: str, answers: Mapping[str, Solution], tol: float
) -> tuple[Solution, Dropped | None]:
    """Solve on the features that no certified answer at hand proves zero; on all of them if none does."""
    certified = {name: answer for name, answer in answers.items() if answer.certificate.certified}
    if not certified:
        return solve(problem, method, tol=tol), None
    by = max(certified, key=lambda name: int(certified[name].certificate.proven_zeros.sum()))
    certificate = certified[by].certificate
    left = np.flatnonzero(~certificate.proven_zeros)
    if not left.size or left.size == problem.shape[1]:
        return solve(problem, method, tol=tol), None
    small = solve(problem.with_features(left), method, tol=tol)
    coef = np.zeros(problem.shape[1])
    coef[left] = small.coef
    whole = certify(problem, coef, small.intercept, small.theta, tol=tol)
    status = small.status
    if status is Status.OPTIMAL and not whole.certified:
        status = Status.INACCURATE
    dropped = Dropped(problem.shape[1] - left.size, by, certificate.proven_gap)
    return replace(small, coef=coef, certificate=whole, status=status), dropped
