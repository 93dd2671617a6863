"""A command works on a CSV file, read as its options say, or on the diabetes data."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from ..datasets import Dataset, diabetes, from_table
from ..datasets.csv_table import CsvTable
from ..errors import InputError

_OF_A_FILE = ("target", "delimiter", "decimal", "ignore", "weights")


def add_options(command: argparse.ArgumentParser, target: str) -> None:
    """Add what `dataset` reads; ``target`` is the help of ``--target``."""
    words = "a file with a header line, or - for the standard input; default: the diabetes data"
    command.add_argument("csv", nargs="?", metavar="CSV", help=words)
    command.add_argument("--target", metavar="COLUMN", help=target)
    command.add_argument(
        "--delimiter", type=_delimiter, metavar="CHARACTER", help="between cells, as ; or \\t (default: a comma)"
    )
    command.add_argument("--decimal", choices=(".", ","), help="the decimal mark (default: .)")
    command.add_argument("--ignore", action="append", metavar="COLUMN", help="no feature; may be given again")
    command.add_argument("--weights", metavar="COLUMN", help="the weights of the samples")


def dataset(arguments: argparse.Namespace, classes: bool, default_target: Callable[[CsvTable], str]) -> Dataset:
    """Return the data that the options ask for.

    Parameters
    ----------
    arguments : Namespace
    classes : bool
        Whether the target may hold two labels.
    default_target : function
        Gives the target where none is named, or raises InputError.
    """
    if arguments.csv is None:
        for option in _OF_A_FILE:
            if getattr(arguments, option) is not None:
                raise InputError(f"--{option}: it is about a CSV file; give that file, too")
        return diabetes()
    table = CsvTable.open(arguments.csv, arguments.delimiter, arguments.decimal or ".")
    target = arguments.target if arguments.target is not None else default_target(table)
    return from_table(table, target, ignore=arguments.ignore or (), weights=arguments.weights, classes=classes)


def _delimiter(text: str) -> str:
    return "\t" if text == "\\t" else text
