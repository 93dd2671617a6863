"""``lassoopt cv``: its options, and its progress on stderr."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .cross_validation import ERRORS, RULES, CrossValidation, cross_validate
from .problem import Problem

_QUIET = 20.0  # seconds between lines of progress where stderr is a file


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
    with _progress() as progress:
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


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """Paths done: on a terminal in one line that goes when all is done, elsewhere a line if it takes long."""
    live, last = sys.stderr.isatty(), time.monotonic()

    def report(done: int, total: int) -> None:
        nonlocal last
        words = f"lassoopt: {done} of {total} paths"
        if live:
            print(f"\r{words} ", end="", file=sys.stderr, flush=True)
        elif time.monotonic() - last >= _QUIET:
            last = time.monotonic()
            print(words, file=sys.stderr, flush=True)

    try:
        yield report
    finally:
        if live:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _numbers(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"found {text!r}; allowed are numbers, as 1,0.5,0.1") from None
