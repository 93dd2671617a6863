"""The options that state a problem: its data, loss, penalty and lam; a loss and a penalty declare their own."""

from __future__ import annotations

import argparse
import math
from typing import Any

from ..arrays.parameters import Labels, Number, parameters_of
from ..datasets import Dataset
from ..datasets.csv_table import CsvTable
from ..errors import InputError
from ..losses import LOSSES
from ..penalties import PENALTIES
from ..problems.problem import Problem
from . import data_options

_LAM_RATIO = 0.1


def add_options(command: argparse.ArgumentParser, lam: bool = True) -> None:
    """Add what `problem` reads, ``--tol`` and ``--json``; without lam where a grid takes its place."""
    data_options.add_options(command, "the column to predict")
    for kind, registry, default in (("loss", LOSSES, "squared"), ("penalty", PENALTIES, "l1")):
        command.add_argument(f"--{kind}", choices=tuple(registry), default=default)
        for name, parameter in _parameters(registry).items():
            words = parameter.help.replace("%", "%%")  # argparse formats it
            command.add_argument(_flag(name), type=parameter.read, metavar=parameter.metavar, help=words)
    command.add_argument("--no-intercept", dest="intercept", action="store_false", help="fit no intercept")
    command.add_argument("--scaling", choices=("mean", "sum"), default="mean", help="of the loss over samples")
    words = "penalise in units of standard deviations (default: for the diabetes data only)"
    command.add_argument("--standardize", action=argparse.BooleanOptionalAction, help=words)
    if lam:
        either = command.add_mutually_exclusive_group()
        either.add_argument("--lam", type=_nonnegative, metavar="NUMBER")
        words = "lam as a share of lambda_max, at which all penalised weights are 0 (default: %(default)g)"
        either.add_argument("--lam-ratio", type=_nonnegative, metavar="NUMBER", default=_LAM_RATIO, help=words)
    else:
        command.set_defaults(lam=...)
    words = "relative duality gap (default: %(default)g)"
    command.add_argument("--tol", type=_nonnegative, default=1e-8, help=words)
    command.add_argument("--json", action="store_true", help="print strict JSON")


def problem(arguments: argparse.Namespace) -> tuple[Problem, Dataset]:
    """Return the problem that the options state, and the data it is about."""
    data = data_options.dataset(arguments, LOSSES[arguments.loss].two_class, _no_target)
    stated = Problem(
        data.X,
        data.y,
        arguments.lam if arguments.lam is not None else ...,
        loss=_instance("loss", LOSSES, arguments),
        penalty=_instance("penalty", PENALTIES, arguments),
        intercept=arguments.intercept,
        scaling=arguments.scaling,
        sample_weight=data.sample_weight,
        feature_names=data.feature_names,
        standardize=arguments.standardize if arguments.standardize is not None else arguments.csv is None,
    )
    if arguments.lam is not None:
        return stated, data
    if not math.isfinite(stated.lambda_max):
        raise InputError(f"--lam-ratio: lambda_max is {stated.lambda_max} for this penalty; give --lam")
    if stated.lambda_max == 0:
        raise InputError("--lam-ratio: lambda_max is 0, as no feature improves on the null model; give --lam")
    return stated.with_lam(arguments.lam_ratio * stated.lambda_max), data


def _no_target(table: CsvTable) -> str:
    raise InputError("--target: not given; name the column of the CSV file that is to be predicted")


def _instance(kind: str, registry: dict[str, Any], arguments: argparse.Namespace) -> Any:
    """Make the loss or penalty that was chosen; an option that it does not take is an error."""
    name = getattr(arguments, kind)
    given = {each: getattr(arguments, each) for each in _parameters(registry) if getattr(arguments, each) is not None}
    for option in given.keys() - parameters_of(registry[name]).keys():
        owners = ", ".join(other for other in registry if option in parameters_of(registry[other]))
        raise InputError(f"{_flag(option)}: {kind} {name} does not take it; it belongs to {owners}")
    return registry[name](**given)


def _parameters(registry: dict[str, Any]) -> dict[str, Number | Labels]:
    """Return the parameters of all that are registered."""
    return {name: parameter for each in registry.values() for name, parameter in parameters_of(each).items()}


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
