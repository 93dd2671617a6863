"""``lassoopt cv``: its options, and the cross-validation that they ask for."""

from __future__ import annotations

import argparse

from ..cross_validation import ERRORS, RULES, CrossValidation, cross_validate
from ..problems.problem import Problem
from ..text.progress_line import progress_of


def add_options(command: argparse.ArgumentParser) -> None:
    """What `cross_validated` reads, and ``--rule``."""
    command.add_argument("--folds", type=int, metavar="K", default=10, help="number of folds (default: %(default)s)")
    command.add_argument("--seed", type=int, metavar="NUMBER", default=0, help="of the random folds")
    command.add_argument("--rule", choices=RULES, default="min", help="which lam the final fit takes")
    command.add_argument("--error", choices=ERRORS, help="what is measured (default: what suits the loss)")
    command.add_argument("--lambdas", type=_numbers, metavar="A,B,...", help="the grid (default: from lambda_max down)")
    command.add_argument("--n-lambdas", type=int, metavar="NUMBER", default=100, help="size of the default grid")
    command.add_argument("--eps", type=float, metavar="NUMBER", default=1e-3, help="its least lam / lambda_max")
    command.add_argument("--workers", type=int, metavar="NUMBER", default=1, help="processes (default: %(default)s)")


def cross_validated(problem: Problem, arguments: argparse.Namespace) -> CrossValidation:
    """The cross-validation that the options ask for."""
    with progress_of("paths") as progress:
        return cross_validate(
            problem,
            arguments.folds,
            seed=arguments.seed,
            error=arguments.error,
            lambdas=arguments.lambdas,
            n_lambdas=arguments.n_lambdas,
            eps=arguments.eps,
            tol=arguments.tol,
            workers=arguments.workers,
            progress=progress,
        )


def _numbers(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"found {text!r}; allowed are numbers, as 1,0.5,0.1") from None
