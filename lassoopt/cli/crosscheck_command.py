"""``lassoopt crosscheck``: its options, and the comparison of solvers that they ask for."""

from __future__ import annotations

import argparse

from ..crosschecks import crosscheck
from ..solvers.solution import Status
from . import answers, problem_options

HELP = "solve by every method and compare"
add_options = problem_options.add_options


def run(arguments: argparse.Namespace) -> tuple[int, str]:
    """Solve by every method, and return the exit status and what to print."""
    problem, data = problem_options.problem(arguments)
    check = crosscheck(problem, tol=arguments.tol)
    interrupted = any(solution.status is Status.INTERRUPTED for solution in check.solutions.values())
    status = answers.status(check.agrees, interrupted)
    if arguments.json:
        return status, answers.in_json({**check.as_dict(), "data": data.source})
    return status, answers.in_words(str(check), arguments, data)
