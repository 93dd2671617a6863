"""``lassoopt cv``: its options, and the cross-validation that they ask for."""

from __future__ import annotations

import argparse

from ..certificates.words import as_dict
from ..cross_validation import ERRORS, RULES, cross_validate
from ..text.progress_line import progress_of
from . import answers, problem_options

HELP = "choose lam by cross-validation and print the final fit's certificate"
_OPTIONS = ("folds", "seed", "error", "lambdas", "n_lambdas", "eps", "tol", "workers")


def add_options(command: argparse.ArgumentParser) -> None:
    """Add what `run` reads."""
    problem_options.add_options(command, lam=False)
    command.add_argument("--folds", type=int, metavar="K", default=10, help="number of folds (default: %(default)s)")
    command.add_argument("--seed", type=int, metavar="NUMBER", default=0, help="of the random folds")
    command.add_argument("--rule", choices=RULES, default="min", help="which lam the final fit takes")
    command.add_argument("--error", choices=ERRORS, help="what is measured (default: what suits the loss)")
    command.add_argument("--lambdas", type=_numbers, metavar="A,B,...", help="the grid (default: from lambda_max down)")
    command.add_argument("--n-lambdas", type=int, metavar="NUMBER", default=100, help="size of the default grid")
    command.add_argument("--eps", type=float, metavar="NUMBER", default=1e-3, help="its least lam / lambda_max")
    command.add_argument("--workers", type=int, metavar="NUMBER", default=1, help="threads (default: %(default)s)")


def run(arguments: argparse.Namespace) -> tuple[int, str]:
    """Cross-validate, and return the exit status and what to print."""
    problem, data = problem_options.problem(arguments)
    given = {name: getattr(arguments, name) for name in _OPTIONS}
    with progress_of("fits") as progress:
        found = cross_validate(problem, progress=progress, **given)
    solution = found.solution(arguments.rule)
    status = answers.status(found.certified, interrupted=not found.done.all())
    if arguments.json:
        chosen = {"rule": arguments.rule, **answers.run_of(solution), "certificate": as_dict(solution.certificate)}
        return status, answers.in_json({"cross_validation": found.as_dict(), **chosen, "data": data.source})
    words = f"{found}\n\nThe fit on all data by rule {arguments.rule}\n\n{solution.certificate}"
    return status, answers.in_words(words, arguments, data)


def _numbers(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"found {text!r}; allowed are numbers, as 1,0.5,0.1") from None
