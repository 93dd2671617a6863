"""``python -m verifier FILE.json X.npy y.npy`` or ``... FILE.json DATA.csv --target COLUMN``, on a copy of this folder.

The exit status is 0 if the file is proven, 1 if it is not, and 2 for bad input.
"""

from __future__ import annotations

import argparse
import csv
import sys
from typing import Any

import numpy as np

from .arithmetic import Floats, Rationals
from .errors import InputError
from .file_format import read
from .kernel import check


def main() -> int:
    """Verify the file that the command line names, print what was found, and return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m verifier", description="Check a certificate file against its data."
    )
    parser.add_argument("file", metavar="FILE.json", help="the certificate file")
    parser.add_argument("data", nargs="+", metavar="DATA", help="X.npy and y.npy, or one .csv file with a header line")
    parser.add_argument("--target", metavar="COLUMN", help="the column of the .csv file that is y; the others are X")
    parser.add_argument("--exact", action="store_true", help="compute in rational numbers, without any rounding")
    arguments = parser.parse_args()
    try:
        X, y, names = _data(arguments.data, arguments.target)
        found = check(read(arguments.file), X, y, Rationals() if arguments.exact else Floats(), names)
    except InputError as error:
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    print(f"{'PROVEN' if found.proven else 'NOT PROVEN'}: {found.reason}")
    return 0 if found.proven else 1


def _data(paths: list[str], target: str | None) -> tuple[Any, Any, tuple[str, ...] | None]:
    """Return X, y and the names of the columns of X, if the data have any."""
    if len(paths) != (2 if target is None else 1):
        raise InputError("DATA: allowed are two files, X.npy and y.npy, or one .csv file and --target")
    try:
        if target is None:
            X, y = map(_array, paths)
            return X, y, None
        with open(paths[0], newline="", encoding="utf-8-sig") as file:
            header, *rows = (row for row in csv.reader(file) if row)
        table = np.array(rows, dtype=float)
    except (OSError, ValueError, EOFError, csv.Error) as error:
        raise InputError(f"DATA: could not be read: {error}") from None
    if header.count(target) != 1 or len({*header}) < len(header) or table.shape[1:] != (len(header),):
        raise InputError(f"{paths[0]}: allowed are numbers below a header of distinct names, one of them {target!r}")
    place = header.index(target)
    del header[place]
    return np.delete(table, place, axis=1), table[:, place], tuple(header)


def _array(path: str) -> Any:
    """Return the array of a .npy file."""
    with open(path, "rb") as file:
        return np.lib.format.read_array(file, allow_pickle=False)


if __name__ == "__main__":
    sys.exit(main())
