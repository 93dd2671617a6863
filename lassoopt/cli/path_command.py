"""``lassoopt path``: its options, and the path that they ask for."""

from __future__ import annotations

import argparse
from itertools import count

from ..paths.grid_path import Path, path
from ..problems.problem import Problem
from ..text.progress_line import progress_of
from . import answers, problem_options

HELP = "solve at falling lam and list who enters and leaves"


def add_options(command: argparse.ArgumentParser) -> None:
    """Add what `run` reads."""
    problem_options.add_options(command, lam=False)
    command.add_argument("--n-lambdas", type=int, metavar="NUMBER", default=100, help="how many (default: %(default)s)")
    words = "the least lam / lambda_max (default: %(default)s)"
    command.add_argument("--eps", type=float, metavar="NUMBER", default=1e-2, help=words)
    command.add_argument("--refine", type=float, metavar="GAP", help="add lam until this gap holds for all in between")


def run(arguments: argparse.Namespace) -> tuple[int, str]:
    """Follow the path, and return the exit status and what to print."""
    problem, data = problem_options.problem(arguments)
    found = _followed(problem, arguments)
    reached = arguments.refine is None or found.gap_everywhere <= arguments.refine
    status = answers.status(found.certified and reached, interrupted=len(found) < arguments.n_lambdas)
    if arguments.json:
        return status, answers.in_json({**found.as_dict(), "data": data.source})
    return status, answers.in_words(str(found), arguments, data)


def _followed(problem: Problem, arguments: argparse.Namespace) -> Path:
    """Follow the path that the options ask for, with a line of progress."""
    total, done = arguments.n_lambdas, count(1)
    with progress_of("lam") as progress:
        found = path(
            problem,
            n_lambdas=total,
            eps=arguments.eps,
            tol=arguments.tol,
            callback=lambda _: progress(next(done), total),
        )
    if arguments.refine is None or len(found) < total:
        return found
    added = count(1)
    with progress_of("lam added") as progress:
        return found.refine(arguments.refine, callback=lambda _: progress(next(added), None))
