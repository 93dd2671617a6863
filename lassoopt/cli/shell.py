"""The shell commands ``lassoopt crosscheck``, ``solve``, ``path``, ``cv``, ``verify`` and ``lesson``.

Parse, call, print.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import traceback
from collections.abc import Sequence
from dataclasses import fields
from typing import Any, NoReturn

from .. import __version__
from ..certificates.words import as_dict
from ..crosschecks import crosscheck
from ..datasets import Dataset
from ..datasets.csv_table import CsvTable
from ..errors import InputError, LassoOptError
from ..losses import LOSSES
from ..penalties import PENALTIES
from ..problems.problem import Problem
from ..solvers.methods import METHODS, solve
from ..solvers.solution import Solution, Status
from ..text import console
from ..verifier import file_format
from . import cv_command, data_options, interruption, lesson_command, path_command, verify_command
from .interruption import INTERRUPTED

CERTIFIED, NOT_CERTIFIED, BAD_INPUT, FAULT, READER_GONE = 0, 1, 2, 3, 141  # the last: 128 + SIGPIPE
_TRACEBACK = "LASSOOPT_TRACEBACK"  # the environment variable that shows where a fault is

_LOSS_OPTIONS = ("delta", "level")
_PENALTY_OPTIONS = ("l1_ratio", "groups")
_LAM_RATIO = 0.1


class _Parser(argparse.ArgumentParser):
    """Reports a usage error like every other bad input: in one line."""

    def error(self, message: str) -> NoReturn:
        raise InputError(message)

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """End after ``--help`` and ``--version``; what they printed is flushed here, where a failure is noticed."""
        print(end="", flush=True)
        super().exit(status, message)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command, and return the exit status.

    Returns
    -------
    int
        0 certified or proven; 1 not, the solvers disagree, or a solver failed; 2 bad input, or the system refuses (a
        full disk, no memory); 3 a fault of lassoopt itself; 130 after Ctrl-C; 141 where the reader of the output has
        gone, as in ``| head``.
    """
    try:
        with interruption.Raised():
            console.escape_unknown_letters()
            arguments = _parser().parse_args(argv)
            status, output = arguments.command(arguments)
            print(output, flush=True)
            return int(status)
    except LassoOptError as error:
        return _ended(BAD_INPUT if isinstance(error, InputError) else NOT_CERTIFIED, str(error))
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        console.abandon(sys.stdout)
        return READER_GONE
    except (OSError, MemoryError) as error:
        console.abandon(sys.stdout)
        return _ended(BAD_INPUT, f"the system refuses: {error or 'no memory is left'}")
    except Exception as error:
        if _hides_ctrl_c(error):
            return INTERRUPTED
        if os.environ.get(_TRACEBACK):
            console.say(traceback.format_exc())
        found = f"{type(error).__name__}: {error}"
        return _ended(FAULT, f"this is a bug of lassoopt, please report it: {found} ({_TRACEBACK}=1 shows where)")


def _hides_ctrl_c(error: BaseException | None) -> bool:
    """Whether Ctrl-C came first, and somebody's clean-up, or an import, made another error of it."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error is not None


def _ended(status: int, words: str) -> int:
    console.say(f"lassoopt: {' '.join(words.split())}")
    return status


def _crosscheck(arguments: argparse.Namespace) -> tuple[int, str]:
    data = _data(arguments)
    check = crosscheck(_problem(arguments, data), tol=arguments.tol)
    status = _status(check.agrees, *check.solutions.values())
    return status, _json(data, check.as_dict()) if arguments.json else _about(arguments, data, str(check))


def _solve(arguments: argparse.Namespace) -> tuple[int, str]:
    data = _data(arguments)
    solution = solve(_problem(arguments, data), arguments.method, tol=arguments.tol)
    certificate = solution.certificate
    if arguments.certificate is not None:
        certificate.save(arguments.certificate)
    status = _status(certificate.certified and solution.status is not Status.FAILED, solution)
    if arguments.json:
        return status, _json(data, {**_run(solution), "certificate": as_dict(certificate)})
    words = f"{certificate}\n\n  {solution!r}\n  {solution.status.name}: {solution.status.value}"
    return status, _about(arguments, data, words)


def _verify(arguments: argparse.Namespace) -> tuple[int, str]:
    found, content, words = verify_command.verified(arguments)
    return CERTIFIED if found.proven else NOT_CERTIFIED, _strict(content) if arguments.json else words


def _path(arguments: argparse.Namespace) -> tuple[int, str]:
    data = _data(arguments)
    found = path_command.followed(_problem(arguments, data), arguments)
    reached = arguments.refine is None or found.gap_everywhere <= arguments.refine
    status = CERTIFIED if found.certified and reached else NOT_CERTIFIED
    status = status if len(found) >= arguments.n_lambdas else INTERRUPTED
    return status, _json(data, found.as_dict()) if arguments.json else _about(arguments, data, str(found))


def _cv(arguments: argparse.Namespace) -> tuple[int, str]:
    data = _data(arguments)
    found = cv_command.cross_validated(_problem(arguments, data), arguments)
    solution = found.solution(arguments.rule)
    certified = CERTIFIED if found.certified else NOT_CERTIFIED
    status = certified if found.done.all() else INTERRUPTED
    if arguments.json:
        chosen = {"rule": arguments.rule, **_run(solution), "certificate": as_dict(solution.certificate)}
        return status, _json(data, {"cross_validation": found.as_dict(), **chosen})
    words = f"{found}\n\nThe fit on all data by rule {arguments.rule}\n\n{solution.certificate}"
    return status, _about(arguments, data, words)


def _lesson(arguments: argparse.Namespace) -> tuple[int, str]:
    return CERTIFIED, lesson_command.told(arguments)


def _status(certified: bool, *solutions: Solution) -> int:
    if any(solution.status is Status.INTERRUPTED for solution in solutions):
        return INTERRUPTED
    return CERTIFIED if certified else NOT_CERTIFIED


def _run(solution: Solution) -> dict[str, Any]:
    return {
        "status": solution.status.name,
        "solver": solution.solver,
        "iterations": solution.iterations,
        "seconds": solution.seconds,
        "compile_seconds": solution.compile_seconds,
    }


def _about(arguments: argparse.Namespace, data: Dataset, words: str) -> str:
    """The words, and how a file was read: what is an index, which label is class 1."""
    return words if arguments.csv is None else f"{words}\n\n  data: {data.source}"


def _json(data: Dataset, content: dict[str, Any]) -> str:
    return _strict({**content, "data": data.source})


def _strict(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=2, allow_nan=False)


def _problem(arguments: argparse.Namespace, data: Dataset) -> Problem:
    problem = Problem(
        data.X,
        data.y,
        arguments.lam if arguments.lam is not None else ...,
        loss=_instance("loss", LOSSES, arguments, _LOSS_OPTIONS),
        penalty=_instance("penalty", PENALTIES, arguments, _PENALTY_OPTIONS),
        intercept=arguments.intercept,
        scaling=arguments.scaling,
        sample_weight=data.sample_weight,
        feature_names=data.feature_names,
        standardize=arguments.standardize if arguments.standardize is not None else arguments.csv is None,
    )
    if arguments.lam is not None:
        return problem
    if not math.isfinite(problem.lambda_max):
        raise InputError(f"--lam-ratio: lambda_max is {problem.lambda_max} for this penalty; give --lam")
    if problem.lambda_max == 0:
        raise InputError("--lam-ratio: lambda_max is 0, as no feature improves on the null model; give --lam")
    return problem.with_lam(arguments.lam_ratio * problem.lambda_max)


def _data(arguments: argparse.Namespace) -> Dataset:
    return data_options.dataset(arguments, arguments.loss in file_format.CLASSES, _no_target)


def _no_target(table: CsvTable) -> str:
    raise InputError("--target: not given; name the column of the CSV file that is to be predicted")


def _instance(kind: str, registry: dict[str, Any], arguments: argparse.Namespace, options: Sequence[str]) -> Any:
    """The loss or penalty that was chosen; an option that it does not take is an error."""
    name = getattr(arguments, kind)
    given = {option: getattr(arguments, option) for option in options if getattr(arguments, option) is not None}
    taken = _parameters(registry[name])
    for option in given:
        if option not in taken:
            owners = ", ".join(other for other in registry if option in _parameters(registry[other]))
            raise InputError(f"{_flag(option)}: {kind} {name} does not take it; it belongs to {owners}")
    return registry[name](**given)


def _parameters(kind: Any) -> set[str]:
    return {field.name for field in fields(kind)}


def _flag(option: str) -> str:
    return "--" + option.replace("_", "-")


def _nonnegative(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"found {text!r}; allowed is a finite number >= 0")
    return value


def _labels(text: str) -> list[str]:
    return [label.strip() for label in text.split(",")]


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="lassoopt",
        description="L1-regularised convex models, solved twice and proven optimal.",
        epilog="Exit status: 0 certified or proven; 1 not, or the solvers disagree or fail; 2 bad input, or the system "
        "refuses (a full disk); 3 a bug; 130 after Ctrl-C; 141 if the reader of the output has gone.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"lassoopt {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, run, words in (
        ("crosscheck", _crosscheck, "solve by every method and compare"),
        ("solve", _solve, "solve by one method and print the certificate"),
        ("path", _path, "solve at falling lam and list who enters and leaves"),
        ("cv", _cv, "choose lam by cross-validation and print the final fit's certificate"),
    ):
        command = commands.add_parser(name, help=words, description=words, allow_abbrev=False)
        command.set_defaults(command=run)
        _add_problem(command)
        if run in (_path, _cv):
            (cv_command if run is _cv else path_command).add_options(command)
            command.set_defaults(lam=0.0)  # the grid takes its place
        else:
            _add_lam(command)
        command.add_argument(
            "--tol", type=_nonnegative, default=1e-8, help="relative duality gap (default: %(default)g)"
        )
        command.add_argument("--json", action="store_true", help="print strict JSON")
        if run is _solve:
            command.add_argument("--method", choices=("auto", *METHODS), default="auto")
            command.add_argument("--certificate", metavar="FILE", help="write a file that lassoopt verify checks")
    words = "check a certificate file against the data, believing nothing in it"
    command = commands.add_parser("verify", help=words, description=words, allow_abbrev=False)
    command.set_defaults(command=_verify)
    verify_command.add_options(command)
    words = "list the lessons, or run one"
    command = commands.add_parser("lesson", help=words, description=words, allow_abbrev=False)
    command.set_defaults(command=_lesson)
    lesson_command.add_options(command)
    return parser


def _add_lam(command: argparse.ArgumentParser) -> None:
    lam = command.add_mutually_exclusive_group()
    lam.add_argument("--lam", type=_nonnegative, metavar="NUMBER")
    lam.add_argument(
        "--lam-ratio",
        type=_nonnegative,
        metavar="NUMBER",
        default=_LAM_RATIO,
        help="lam as a share of lambda_max, at which all penalised weights are 0 (default: %(default)g)",
    )


def _add_problem(command: argparse.ArgumentParser) -> None:
    data_options.add_options(command, "the column to predict")
    command.add_argument("--loss", choices=tuple(LOSSES), default="squared")
    command.add_argument(
        "--delta", type=float, metavar="NUMBER", help="where huber turns linear, in units of the target"
    )
    command.add_argument("--level", type=float, metavar="NUMBER", help="which quantile, between 0 and 1")
    command.add_argument("--penalty", choices=tuple(PENALTIES), default="l1")
    command.add_argument("--l1-ratio", type=float, metavar="NUMBER", help="the share of L1, from 0 to 1")
    command.add_argument("--groups", type=_labels, metavar="A,A,B", help="a label for each feature, in order")
    command.add_argument("--no-intercept", dest="intercept", action="store_false", help="fit no intercept")
    command.add_argument("--scaling", choices=("mean", "sum"), default="mean", help="of the loss over samples")
    command.add_argument(
        "--standardize",
        action=argparse.BooleanOptionalAction,
        help="penalise in units of standard deviations (default: for the diabetes data only)",
    )
