"""Data to work on: the diabetes study, shipped with the package, and a strict reader of CSV files."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .errors import InputError

_MISSING = {"", "na", "n/a", "nan", "null", "none", "?"}
_SHOWN = 12  # column names listed in a message


@dataclass(frozen=True, eq=False)
class Dataset:
    """A numeric table: features, target, and where it comes from.

    Attributes
    ----------
    X : array of shape (n, p)
        In raw units, not writeable.
    y : array of shape (n,)
    feature_names : tuple of p str
    description, source : str
    """

    X: NDArray[np.float64] = field(repr=False)
    y: NDArray[np.float64] = field(repr=False)
    feature_names: tuple[str, ...]
    description: str
    source: str


def diabetes() -> Dataset:
    """The diabetes study of Efron, Hastie, Johnstone & Tibshirani (2004), 442 patients, in raw units.

    Examples
    --------
    >>> diabetes().X.shape
    (442, 10)
    """
    text = (resources.files(__package__) / "data" / "diabetes.csv").read_text(encoding="utf-8")
    X, y, names = _table("diabetes.csv", text.splitlines(keepends=True), "progression")
    return Dataset(
        X,
        y,
        names,
        description=(
            "442 diabetes patients: age in years, sex (1 or 2), body mass index bmi, mean blood pressure bp, six "
            "blood serum measurements (s1 total cholesterol, s2 LDL, s3 HDL, s4 total cholesterol / HDL, s5 log "
            "triglycerides, s6 glucose); the target measures the progression of the disease a year later"
        ),
        source="Efron, Hastie, Johnstone & Tibshirani (2004), Least Angle Regression, Annals of Statistics 32, 407-499",
    )


def from_csv(path: str | Path, target: str) -> Dataset:
    """Read a comma-separated file with one header line and numbers below it.

    Parameters
    ----------
    path : str or Path
        UTF-8 text.
    target : str
        The column that becomes y; all others become features, in the file's order.

    Raises
    ------
    InputError
        If the file cannot be read or holds anything but a complete table of finite numbers; the message
        names the line and the column.
    """
    try:
        with open(path, encoding="utf-8-sig", newline="") as lines:
            X, y, names = _table(str(path), lines, target)
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: found bytes that are not UTF-8 text ({error.reason}); save it as UTF-8") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    return Dataset(X, y, names, description=f"{len(y)} rows, target {target}", source=str(path))


def _table(
    path: str, lines: Iterable[str], target: str
) -> tuple[NDArray[np.float64], NDArray[np.float64], tuple[str, ...]]:
    """Features, target and feature names; empty lines are skipped."""
    reader = csv.reader(lines, strict=True)
    try:
        header = [name.strip() for name in next((row for row in reader if row), [])]
        _check_header(path, header, target)
        rows = [_numbers(path, reader.line_num, header, row) for row in reader if row]
    except csv.Error as error:
        raise InputError(f"{path}, line {reader.line_num}: found malformed CSV: {error}") from None
    if not rows:
        raise InputError(f"{path}: found a header but no rows below it")
    values = np.array(rows)
    column = header.index(target)
    X, y = np.delete(values, column, axis=1), values[:, column].copy()
    X.flags.writeable = y.flags.writeable = False
    return X, y, tuple(header[:column] + header[column + 1 :])


def _check_header(path: str, header: list[str], target: str) -> None:
    listed = ", ".join(header[:_SHOWN]) + (", ..." if len(header) > _SHOWN else "")
    if not header:
        raise InputError(f"{path}: found an empty file; needed are a header line and rows of numbers")
    if all(_is_number(name) for name in header):
        raise InputError(f"{path}: found only numbers in the first line ({listed}); it must hold the column names")
    if "" in header:
        raise InputError(
            f"{path}: found no name for column {header.index('') + 1} in the first line; name every column"
        )
    name, times = Counter(header).most_common(1)[0]
    if times > 1:
        raise InputError(f"{path}: found the column name {name!r} {times} times; names must differ")
    if len(header) == 1 and re.search(r"[;\t|]", header[0]):
        raise InputError(f"{path}: found one column, {header[0]!r}; columns must be separated by commas")
    if target not in header:
        raise InputError(f"{path}: found no column {target!r} for the target; columns: {listed}")
    if len(header) == 1:
        raise InputError(f"{path}: found no column but the target {target!r}; at least one feature is needed")


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell  # Python reads 1_000 as a number


def _numbers(path: str, line: int, header: list[str], row: list[str]) -> list[float]:
    if len(row) != len(header):
        raise InputError(f"{path}, line {line}: found {len(row)} cells; the header has {len(header)} columns")
    for name, cell in zip(header, row, strict=True):
        place = f"{path}, line {line}, column {name!r}"
        if cell.strip().lower() in _MISSING:
            raise InputError(f"{place}: found {cell!r}, a missing value; drop or fill it")
        if not _is_number(cell):
            raise InputError(f"{place}: found {cell!r}; allowed are numbers")
        if not np.isfinite(float(cell)):
            raise InputError(f"{place}: found {cell!r}; allowed are finite numbers")
    return [float(cell) for cell in row]
