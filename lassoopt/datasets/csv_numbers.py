"""`csv_numbers` turns cells of a CSV file into numbers, one by one or by a compiled parser."""

from __future__ import annotations

import io
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray


def is_number(cell: str, decimal: str) -> bool:
    """Return whether a cell is a number, finite or not; 1_000 is none here, though Python reads it as one."""
    try:
        float(cell.replace(",", ".") if decimal == "," else cell)
    except ValueError:
        return False
    return "_" not in cell and not (decimal == "," and "." in cell)


def numbers(cells: Sequence[str], decimal: str) -> NDArray[np.float64] | None:
    """Return the cells as finite numbers, or None if one of them is no such number."""
    together = "".join(cells)
    if "_" in together or (decimal == "," and "." in together):
        return None
    try:
        values = np.array(list(map(float, (c.replace(",", ".") for c in cells) if decimal == "," else cells)))
    except ValueError:
        return None
    return values if np.isfinite(values).all() else None


def parsed(rows: list[bytes], columns: list[int], delimiter: str, decimal: str) -> NDArray[np.float64]:
    """Parse columns of plain rows, by pandas where it is installed, else by NumPy.

    Raises
    ------
    ValueError
        If they cannot be parsed.
    """
    return (_by_pandas if find_spec("pandas") else _by_numpy)(rows, columns, delimiter, decimal)


def _by_pandas(rows: list[bytes], columns: list[int], delimiter: str, decimal: str) -> NDArray[np.float64]:
    pandas = import_module("pandas")
    # the nearest binary64; from 3.1 on that is what pandas does, and naming it is deprecated
    old = tuple(map(int, pandas.__version__.split(".")[:2])) < (3, 1)
    frame = pandas.read_csv(
        io.BytesIO(b"\n".join(rows)),
        header=None,
        sep=delimiter,
        decimal=decimal,
        usecols=columns,
        dtype=np.float64,
        na_filter=False,
        skipinitialspace=True,
        low_memory=False,
        **({"float_precision": "round_trip"} if old else {}),
    )
    return np.ascontiguousarray(frame.to_numpy())


def _by_numpy(rows: list[bytes], columns: list[int], delimiter: str, decimal: str) -> NDArray[np.float64]:
    lines = (row.decode() for row in rows)
    if decimal == ",":
        if any(b"." in row for row in rows):
            raise ValueError("a point among decimal commas")
        lines = (line.replace(",", ".") for line in lines)
    return np.loadtxt(lines, delimiter=delimiter, usecols=columns, comments=None, quotechar='"', ndmin=2)
