"""``lassoopt verify``: its options, the data it is given, and what it prints."""

from __future__ import annotations

import argparse
import csv
import sys
from fractions import Fraction
from typing import Any

from . import claim
from .arithmetic import Floats, Rationals
from .datasets import Dataset, diabetes, from_csv, read_header
from .errors import InputError
from .verify import Verification, check


def add_options(command: argparse.ArgumentParser) -> None:
    """What `verified` reads."""
    command.add_argument("certificate", metavar="FILE", help="a certificate file")
    command.add_argument("csv", nargs="?", metavar="CSV", help="the data; default: the diabetes data")
    command.add_argument("--target", metavar="COLUMN", help="default: the one that is not a feature in the file")
    command.add_argument("--exact", action="store_true", help="compute in rational numbers, without any rounding")
    command.add_argument("--json", action="store_true", help="print strict JSON")


def verified(arguments: argparse.Namespace) -> tuple[Verification, dict[str, Any], str]:
    """The verification, its content for JSON, and its words."""
    claimed = claim.read(arguments.certificate)
    data = _data(arguments, claimed.feature_names)
    found = check(claimed, data.X, data.y, Rationals() if arguments.exact else Floats(), data.feature_names)
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
    """All digits of a fraction, however many."""
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        return str(exact)
    finally:
        sys.set_int_max_str_digits(limit)


def _data(arguments: argparse.Namespace, features: tuple[str, ...]) -> Dataset:
    if arguments.csv is None:
        if arguments.target is not None:
            raise InputError("--target: it names a column of a CSV file; give that file, too")
        return diabetes()
    return from_csv(arguments.csv, arguments.target or _left_over(arguments.csv, features))


def _left_over(path: str, features: tuple[str, ...]) -> str:
    """The one column of a CSV file that is not a feature."""
    try:
        with open(path, encoding="utf-8-sig", newline="") as lines:
            header = read_header(csv.reader(lines))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    others = [name for name in header if name not in features]
    if len(others) != 1:
        raise InputError(
            f"--target: not given, and {len(others)} columns of {path} are no features of the certificate; name it"
        )
    return others[0]
