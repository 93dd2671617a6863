"""`tables` writes numbers for reading, columns that align on the decimal point, and values ready for JSON."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Sequence
from decimal import ROUND_CEILING, Context
from typing import Any

import numpy as np

WIDTH = 100  # columns of text
FEATURES = 40  # rows of a table over features; beyond that, the rest is summarised


def number(x: float, digits: int = 5) -> str:
    """Write x in few characters: plain from 0.01 to 100000, else with an exponent and two digits less.

    >>> number(-12.3456789), number(3.14159e-10), number(0.0), number(float("inf"))
    ('-12.346', '3.14e-10', '0', 'inf')
    """
    if x == 0:
        return "0"
    if not math.isfinite(x) or 0.01 <= abs(x) < 1e5:
        return f"{x:.{digits}g}"
    return f"{x:.{digits - 3}e}"


def ceiling(x: float) -> str:
    """Round ``x >= 0`` up to two digits, so that "at most 3.1e-12" stays true.

    >>> ceiling(3.01e-12), ceiling(20.39), ceiling(0.0)
    ('3.1e-12', '21', '0')
    """
    if x == 0 or not math.isfinite(x):
        return number(x)
    shown = f"{Context(prec=2, rounding=ROUND_CEILING).create_decimal_from_float(x):.1e}"
    return f"{float(shown):g}" if 0.01 <= x < 1e5 else shown


def aligned(cells: Sequence[str]) -> list[str]:
    """Pad numbers on both sides so that their decimal points stand in one line; words go to the right."""
    points = [cell.find(".") if "." in cell else len(cell) for cell in cells]
    numeric = [any(map(str.isdigit, cell)) for cell in cells]
    left = max((point for point, is_number in zip(points, numeric, strict=True) if is_number), default=0)
    padded = [
        " " * (left - point) + cell if is_number else cell
        for cell, point, is_number in zip(cells, points, numeric, strict=True)
    ]
    width = max(map(len, padded), default=0)
    return [
        cell.ljust(width) if is_number else cell.rjust(width) for cell, is_number in zip(padded, numeric, strict=True)
    ]


def shorten(name: str, width: int) -> str:
    """Return a name as one line of at most ``width``; line breaks and the like are escaped."""
    name = name if name.isprintable() else repr(name)[1:-1]
    return name if len(name) <= width else name[: width - 3] + "..."


def grid(header: Sequence[str], rows: Sequence[Sequence[str]], numeric: Iterable[int], indent: str = "  ") -> list[str]:
    """Return a table as lines; the columns ``numeric`` are aligned, and the first column is cut if it is too wide."""
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in header]
    numeric = set(numeric)
    for k in numeric:
        columns[k] = aligned(columns[k])
    widths = [max(map(len, [name, *column])) for name, column in zip(header, columns, strict=True)]
    room = WIDTH - len(indent) - sum(widths[1:]) - 2 * (len(widths) - 1)
    widths[0] = max(min(widths[0], room), 8)
    columns[0] = [shorten(cell, widths[0]) for cell in columns[0]]

    def line(cells: Iterable[str]) -> str:
        padded = [
            cell.rjust(width) if k in numeric else cell.ljust(width)
            for k, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return (indent + "  ".join(padded)).rstrip()

    return [line(header), *(line(row) for row in zip(*columns, strict=True))]


def facts(items: Iterable[tuple[str, str]]) -> list[str]:
    """Return lines "label  words"; the words are wrapped beside their label."""
    lines = []
    for label, words in items:
        lines += textwrap.wrap(words, WIDTH, initial_indent=f"  {label:<14}", subsequent_indent=" " * 16)
    return lines


def paragraph(words: str, indent: str = "") -> list[str]:
    """Wrap words to lines of `WIDTH` characters."""
    return textwrap.wrap(words, WIDTH, initial_indent=indent, subsequent_indent=indent)


def plain(value: Any) -> Any:
    """Return the value in JSON's own types, for every parser: infinities become "inf" and "-inf", and nan None."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else f"{value:g}"
    return value
