"""``lassoopt path``: its options, and the path that they ask for."""

from __future__ import annotations

import argparse
from itertools import count

from ..paths.grid_path import Path, path
from ..problems.problem import Problem
from ..text.progress_line import progress_of


def add_options(command: argparse.ArgumentParser) -> None:
    """What `followed` reads."""
    command.add_argument("--n-lambdas", type=int, metavar="NUMBER", default=100, help="how many (default: %(default)s)")
    command.add_argument(
        "--eps", type=float, metavar="NUMBER", default=1e-2, help="the least lam / lambda_max (default: %(default)s)"
    )
    command.add_argument("--refine", type=float, metavar="GAP", help="add lam until this gap holds for all in between")


def followed(problem: Problem, arguments: argparse.Namespace) -> Path:
    """The path that the options ask for."""
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
