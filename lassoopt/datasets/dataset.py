"""`dataset` has a table of numbers with its target, and reads one strictly from a CSV file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import compress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .csv_table import CsvTable


@dataclass(frozen=True, eq=False)
class Dataset:
    """A dataset is a numeric table: features, a target, and where they come from.

    Attributes
    ----------
    X : array of shape (n, p)
        The features in raw units; the array cannot be written to.
    y : array of shape (n,)
    feature_names : tuple of p str
    description, source : str
    sample_weight : array of shape (n,), or None for equal weights
    """

    X: NDArray[np.float64] = field(repr=False)
    y: NDArray[np.float64] = field(repr=False)
    feature_names: tuple[str, ...]
    description: str
    source: str
    sample_weight: NDArray[np.float64] | None = field(default=None, repr=False)


def from_csv(
    path: str | Path,
    target: str,
    *,
    delimiter: str | None = None,
    decimal: str = ".",
    ignore: Sequence[str] = (),
    weights: str | None = None,
    classes: bool = False,
) -> Dataset:
    """Read a CSV file with one header line and numbers below it.

    A first column without a name, as pandas and R write it, is an index: it is left out, and ``source`` says so. Blank
    lines are skipped. A large file is read fastest where pandas is installed.

    Parameters
    ----------
    path : str or Path
        UTF-8 text; ``"-"`` is the standard input.
    target : str
        The column that becomes y; all others become features, in the file's order.
    delimiter : str, optional
        The one character between cells. If not given: what a first line ``sep=;`` says, as Excel writes it; else a
        comma, or a semicolon where ``decimal`` is a comma.
    decimal : str
        The decimal mark, ``"."`` or ``","``.
    ignore : sequence of str
        Columns that are left out, whatever they hold.
    weights : str, optional
        The column that becomes ``sample_weight``.
    classes : bool
        Whether the target may hold two labels in place of numbers, such as yes and no, for a loss of two classes. In
        sorted order the first becomes 0 and the second 1, and ``source`` says which.

    Raises
    ------
    InputError
        If the file cannot be read, if it holds anything but a complete table of finite numbers (the message names the
        line and the column), or if an argument is not as described.
    """
    table = CsvTable.open(path, delimiter, decimal)
    return from_table(table, target, ignore=ignore, weights=weights, classes=classes)


def from_table(
    table: CsvTable, target: str, *, ignore: Sequence[str] = (), weights: str | None = None, classes: bool = False
) -> Dataset:
    """Return the dataset of a CSV file whose header has been read; the arguments are those of `from_csv`."""
    if isinstance(ignore, str):
        raise InputError(f"ignore: found {ignore!r}; allowed is a list of column names")
    given = [] if weights is None else [weights]
    table.check(target, [*ignore, *given])
    for name, role, others in ((target, "target", [*ignore, *given]), (weights, "weights", ignore)):
        if name in others:
            raise InputError(f"{role}: found {name!r}, which has another use, too; each column has one")
    left_out = {*ignore, *([target] if classes else [])}
    numeric = [name for name in table.header if name not in left_out]
    values, labels, words = table.read(numeric, target if classes else None)
    features = [name not in (target, weights) for name in numeric]
    X, y = values[:, features], labels if classes else values[:, numeric.index(target)].copy()
    sample_weight = None if weights is None else values[:, numeric.index(weights)].copy()
    for array in (X, y, sample_weight):
        if array is not None:
            array.flags.writeable = False
    notes = [
        table.name,
        "its first column, without a name, is an index and left out" if table.indexed else "",
        f"ignored: {', '.join(dict.fromkeys(ignore))}" if ignore else "",
        f"sample weights: {weights}" if given else "",
        words,
    ]
    source = "; ".join(filter(None, notes))
    return Dataset(X, y, tuple(compress(numeric, features)), f"{len(y)} rows, target {target}", source, sample_weight)
