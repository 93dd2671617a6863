"""ADMM, to come."""

from typing import Any

from .problem import Problem
from .solution import Solution


def solve(problem: Problem, *, tol: float = 1e-8, **options: Any) -> Solution:
    raise NotImplementedError
