"""``lassoopt solve``: its options, and the solution that they ask for."""

from __future__ import annotations

import argparse

from ..certificates.words import as_dict
from ..solvers.methods import METHODS, solve
from ..solvers.solution import Status
from . import answers, problem_options

HELP = "solve by one method and print the certificate"


def add_options(command: argparse.ArgumentParser) -> None:
    """Add what `run` reads."""
    problem_options.add_options(command)
    command.add_argument("--method", choices=("auto", *METHODS), default="auto")
    command.add_argument("--certificate", metavar="FILE", help="write a file that lassoopt verify checks")


def run(arguments: argparse.Namespace) -> tuple[int, str]:
    """Solve, and return the exit status and what to print."""
    problem, data = problem_options.problem(arguments)
    solution = solve(problem, arguments.method, tol=arguments.tol)
    certificate = solution.certificate
    if arguments.certificate is not None:
        certificate.save(arguments.certificate)
    certified = certificate.certified and solution.status is not Status.FAILED
    status = answers.status(certified, solution.status is Status.INTERRUPTED)
    if arguments.json:
        content = {**answers.run_of(solution), "certificate": as_dict(certificate), "data": data.source}
        return status, answers.in_json(content)
    words = f"{certificate}\n\n  {solution!r}\n  {solution.status.name}: {solution.status.value}"
    return status, answers.in_words(words, arguments, data)
