"""``lassoopt verify``: its options, the data it is given, and what it prints."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from ..datasets.csv_table import CsvTable
from ..errors import InputError
from ..verifier import file_format
from ..verifier.arithmetic import Floats, Rationals
from ..verifier.kernel import Verification, check
from ..verifier.losses import LOSSES
from . import answers, data_options

HELP = "check a certificate file against the data, believing nothing in it"


def add_options(command: argparse.ArgumentParser) -> None:
    """Add what `run` reads."""
    command.add_argument("certificate", metavar="FILE", help="a certificate file")
    data_options.add_options(command, "default: the one that is not a feature in the file")
    command.add_argument("--exact", action="store_true", help="compute in rational numbers, without any rounding")
    command.add_argument("--json", action="store_true", help="print strict JSON")


def run(arguments: argparse.Namespace) -> tuple[int, str]:
    """Verify the file, and return the exit status and what to print."""
    found, content, words = _verified(arguments)
    return answers.status(found.proven), answers.in_json(content) if arguments.json else words


def _verified(arguments: argparse.Namespace) -> tuple[Verification, dict[str, Any], str]:
    """Return the verification, its content for JSON, and its words."""
    claimed = file_format.read(arguments.certificate)
    data = data_options.dataset(
        arguments,
        LOSSES[claimed.loss["name"]].two_class,
        lambda table: _left_over(table, arguments, claimed.feature_names),
    )
    found = check(claimed, data.X, data.y, Rationals() if arguments.exact else Floats(), data.feature_names)
    if data.sample_weight is not None and found.proven:
        stated = np.ones(len(data.y)) if claimed.sample_weight is None else np.array(claimed.sample_weight)
        if not np.array_equal(stated, data.sample_weight):
            words = f"sample_weight: those of the file are not those of the column {arguments.weights!r}"
            found = replace(found, proven=False, reason=words, proven_zeros=())
    zeros = [claimed.feature_names[j] for j in found.proven_zeros]
    content = {
        "proven": found.proven,
        "reason": found.reason,
        "gap": found.gap if found.gap < float("inf") else None,
        "exact_gap": None if found.exact_gap is None else _digits(found.exact_gap),
        "proven_zeros": zeros,
        "names": found.names,
    }
    n, p = claimed.shape
    lines = [
        f"{'' if found.proven else 'NOT '}PROVEN in {'rational' if arguments.exact else 'floating point'} arithmetic",
        f"  {found.reason}",
        f"  problem   {claimed.loss['name']} + {claimed.lam:.6g} * {claimed.penalty['name']}, n = {n}, p = {p}",
        f"  data      {data.source}",
    ]
    if found.names:
        lines.append(f"  names     {found.names}")
    if found.proven:
        lines.append(f"  zeros     {len(zeros)} of {p} features are 0 in every optimal solution")
    return found, content, "\n".join(lines)


def _digits(exact: Fraction) -> str:
    """Write all digits of a fraction, however many."""
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        return str(exact)
    finally:
        sys.set_int_max_str_digits(limit)


def _left_over(table: CsvTable, arguments: argparse.Namespace, features: tuple[str, ...]) -> str:
    """Return the one column of a CSV file that is not a feature and has no other use."""
    used = {*features, *(arguments.ignore or ()), arguments.weights}
    others = [name for name in table.header if name not in used]
    if len(others) != 1:
        found = f"{len(others)} columns of {table.name} are no features of the certificate"
        raise InputError(f"--target: not given, and {found}; name it")
    return others[0]
