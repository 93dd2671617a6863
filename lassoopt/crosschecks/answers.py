"""All answers to one problem, and what was found in comparing them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..problems.problem import Problem
from ..solvers.solution import Solution
from .differences import Differences
from .reduced_reference import Dropped
from .verdict import Verdict


@dataclass(frozen=True, eq=False, repr=False)
class Answers:
    """All answers to one problem, and the verdict; a `CrossCheck` without its words.

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
