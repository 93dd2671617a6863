"""`csv_table` reads CSV files strictly: a complete table of finite numbers, or one message that says what is wrong.

A cell is a number if Python's ``float`` reads it, and becomes the nearest binary64. Large files go through pandas'
parser where it is installed, else through NumPy's. Both read the same numbers; where they fail, or could accept what
``float`` does not, the file is read cell by cell, which succeeds after all or says what is wrong.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .csv_numbers import is_number, numbers, parsed

_MISSING = {"", "na", "n/a", "nan", "null", "none", "?"}
_SHOWN = 12  # column names listed in a message
_LARGE = 2**20  # bytes; a smaller file is read cell by cell in a tenth of a second
_TREACHEROUS = (b"\0", b"rue", b"RUE", b"alse", b"ALSE")  # pandas ends a cell at NUL, and takes True for 1


@dataclass(frozen=True, eq=False)
class CsvTable:
    """A CSV file has a header, and rows below it, which are read when they are asked for.

    Attributes
    ----------
    name : str
        What messages call the file.
    header : tuple of str
        The names of its columns, without an index.
    indexed : bool
        Whether the first column has no name, as pandas and R write it: it is an index, which is no data.
    delimiter, decimal : str
    """

    name: str
    header: tuple[str, ...] = field(repr=False)
    indexed: bool
    delimiter: str
    decimal: str
    _above: int = field(repr=False)  # lines above the body
    _body: bytes = field(repr=False)

    @classmethod
    def open(cls, path: str | Path, delimiter: str | None = None, decimal: str = ".") -> CsvTable:
        """Read the file at that path, or the standard input for ``"-"``; see `of`.

        Raises
        ------
        InputError
            If it cannot be read.
        """
        if path == "-":
            content = sys.stdin.buffer.read() if hasattr(sys.stdin, "buffer") else sys.stdin.read().encode()
            return cls.of("stdin", content, delimiter, decimal)
        try:
            content = Path(path).read_bytes()
        except OSError as error:
            raise InputError(f"{path}: cannot be read: {error.strerror}") from None
        return cls.of(str(path), content, delimiter, decimal)

    @classmethod
    def of(cls, name: str, content: bytes, delimiter: str | None = None, decimal: str = ".") -> CsvTable:
        """Read the header; blank lines above it, and a line ``sep=;`` as Excel writes it, are skipped.

        Raises
        ------
        InputError
            If the content is not UTF-8, the header is malformed, or delimiter and decimal are not allowed or do not go
            with each other or with the ``sep=`` line.
        """
        body = content.removeprefix(codecs.BOM_UTF8)
        try:
            body.decode()
        except UnicodeDecodeError as error:
            words = f"found bytes that are not UTF-8 text ({error.reason}); save it as UTF-8"
            raise InputError(f"{name}: cannot be read: {words}") from None
        stated = re.match(rb'"?sep=([^\r\n])"? *(\r\n|\r|\n|$)', body, re.IGNORECASE)
        own = stated[1].decode("latin-1") if stated else None
        if own is not None and delimiter not in (None, own):
            raise InputError(f"delimiter: found {delimiter!r}; {name} says {own!r} in its first line")
        delimiter = _delimiter(delimiter or own or (";" if decimal == "," else ","), decimal)
        above, body = (1, body[stated.end() :]) if stated else (0, body)
        taken: list[str] = []
        reader = csv.reader(_noted(_lines(body), taken), delimiter=delimiter, strict=True, skipinitialspace=True)
        try:
            header = [cell.strip() for cell in next((row for row in reader if not _blank(row)), [])]
            height = len(taken)
            first = next((row for row in reader if not _blank(row)), [])
        except csv.Error as error:
            raise InputError(f"{name}, line {above + reader.line_num}: found malformed CSV: {error}") from None
        named = header[:1] == [""] and len(header) > 1
        start = next((line for line in taken[height:] if line.strip()), "").lstrip()
        short = len(first) == len(header) + 1 and (start.startswith('"') or not is_number(first[0], decimal))
        short = short and first[-1] != ""  # else a delimiter ends every line
        offset = len("".join(taken[:height]).encode())
        names = tuple(header[1:] if named else header)
        return cls(name, names, named or short, delimiter, decimal, above + height, body[offset:])

    def check(self, target: str, others: Sequence[str] = ()) -> None:
        """Raise InputError unless the names are there, differ from each other, and leave at least one feature."""
        header, path = self.header, self.name
        listed = ", ".join(header[:_SHOWN]) + (", ..." if len(header) > _SHOWN else "")
        if not header:
            raise InputError(f"{path}: found an empty file; needed are a header line and rows of numbers")
        if all(is_number(name, self.decimal) for name in header):
            raise InputError(f"{path}: found only numbers in the first line ({listed}); it must hold the column names")
        if "" in header:
            place = header.index("") + 1 + self.indexed
            raise InputError(f"{path}: found no name for column {place} in the first line; name every column")
        name, times = Counter(header).most_common(1)[0]
        if times > 1:
            raise InputError(f"{path}: found the column name {name!r} {times} times; names must differ")
        found = re.search(r"[,;\t|]", header[0])
        if len(header) == 1 and found:
            comma = "commas" if self.delimiter == "," else repr(self.delimiter)
            words = f"columns must be separated by {comma}, or the delimiter {found[0]!r} be given"
            raise InputError(f"{path}: found one column, {header[0]!r}; {words}")
        for role, name in (("target", target), *(("option", other) for other in others)):
            if name not in header:
                raise InputError(f"{path}: found no column {name!r} for the {role}; columns: {listed}")
        if len({target, *others}) == len(header):
            raise InputError(f"{path}: found no column but the target {target!r}; at least one feature is needed")

    def read(
        self, numeric: Sequence[str], labels: str | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], str]:
        """Read columns.

        Parameters
        ----------
        numeric : sequence of str
            Columns of numbers.
        labels : str, optional
            A column that holds numbers, or two labels: the first of them in sorted order becomes 0, the second 1.

        Returns
        -------
        values : array of shape (n, len(numeric))
        labelled : array of shape (n,), or (0,) without ``labels``
        words : str
            Which label became 0 and which 1; empty for numbers.

        Raises
        ------
        InputError
            If a cell holds anything else; the message names line and column.
        """
        place = {name: k + self.indexed for k, name in enumerate(self.header)}
        columns, label = [place[name] for name in numeric], None if labels is None else place[labels]
        values, texts = self._fast(columns, label) or self._careful(columns, label)
        if not len(values):
            raise InputError(f"{self.name}: found a header but no rows below it")
        if labels is None:
            return values, np.empty(0), ""
        return values, *self._classes(labels, texts)

    def _careful(self, columns: list[int], label: int | None) -> tuple[NDArray[np.float64], list[str]]:
        """Read numbers and labels cell by cell."""
        names, width = ["", *self.header] if self.indexed else self.header, len(self.header) + self.indexed
        reader = csv.reader(_lines(self._body), delimiter=self.delimiter, strict=True, skipinitialspace=True)
        rows, texts = [], []
        try:
            for row in reader:
                line = f"{self.name}, line {self._above + reader.line_num}"
                if _blank(row):
                    continue
                if len(row) != width:
                    raise InputError(f"{line}: found {len(row)} cells; the header has {width} columns")
                if label is not None:
                    if row[label].strip().lower() in _MISSING:
                        raise _missing(f"{line}, column {names[label]!r}", row[label])
                    texts.append(row[label].strip())
                cells = [row[k] for k in columns]
                found = numbers(cells, self.decimal)
                if found is None:
                    raise self._fault(line, [names[k] for k in columns], cells)
                rows.append(found)
        except csv.Error as error:
            line = f"{self.name}, line {self._above + reader.line_num}"
            raise InputError(f"{line}: found malformed CSV: {error}") from None
        return np.array(rows).reshape(len(rows), len(columns)), texts

    def _fault(self, line: str, names: Sequence[str], cells: Sequence[str]) -> InputError:
        """Return what is wrong with the first cell of a row that is no finite number."""
        name, cell = next(pair for pair in zip(names, cells, strict=True) if numbers([pair[1]], self.decimal) is None)
        place = f"{line}, column {name!r}"
        if cell.strip().lower() in _MISSING:
            return _missing(place, cell)
        allowed = "finite numbers" if is_number(cell, self.decimal) else "numbers"
        other = "." if self.decimal == "," else ","
        hint = f"; is the decimal mark {other!r}?" if numbers([cell], other) is not None else ""
        return InputError(f"{place}: found {cell!r}; allowed are {allowed}{hint}")

    def _classes(self, name: str, texts: list[str]) -> tuple[NDArray[np.float64], str]:
        """Return the numbers, or 0 and 1 for two labels and words that say which is which."""
        found = numbers(texts, self.decimal)
        if found is not None:
            return found, ""
        distinct = sorted(set(texts))
        if len(distinct) != 2 or any(is_number(text, self.decimal) for text in distinct):
            shown = ", ".join(map(repr, distinct[:_SHOWN])) + (", ..." if len(distinct) > _SHOWN else "")
            raise InputError(f"{self.name}, column {name!r}: found {shown}; allowed are numbers or two labels")
        words = f"{name}: {distinct[0]!r} is 0, {distinct[1]!r} is 1"
        return np.array([float(text == distinct[1]) for text in texts]), words

    def _fast(self, columns: list[int], label: int | None) -> tuple[NDArray[np.float64], list[str]] | None:
        """Read the same by a compiled parser; return None if the file is small, or its lines or cells are not plain."""
        # plain lines have equally many cells, and no cell has a line end, a quote or the delimiter inside
        if len(self._body) < _LARGE or self.delimiter == " " or any(word in self._body for word in _TREACHEROUS):
            return None
        rows, mark = [line for line in self._body.splitlines() if line.strip(b" ")], self.delimiter.encode()
        between = len(self.header) + self.indexed - 1
        quoted = re.compile(rb'(?:^|%b) *"[^"%b]*"(?=%b|$)' % ((re.escape(mark),) * 3))
        for row in rows:
            quotes = row.count(b'"')
            if row.count(mark) != between or (quotes and quotes != 2 * len(quoted.findall(row))):
                return None
        texts = []
        if label is not None:
            texts = [row.split(mark, label + 1)[label].strip(b" ").strip(b'"').decode().strip() for row in rows]
            if any(text.lower() in _MISSING for text in set(texts)):
                return None
        try:
            values = parsed(rows, columns, self.delimiter, self.decimal)
        except ValueError:
            return None
        return (values, texts) if np.isfinite(values).all() else None


def _delimiter(found: str, decimal: str) -> str:
    if decimal not in (".", ","):
        raise InputError(f"decimal: found {decimal!r}; allowed are '.' and ','")
    plain = len(found) == 1 and found.isascii() and (found.isprintable() or found == "\t")
    if not plain or found.isalnum() or found in '"+-._':
        raise InputError(f"delimiter: found {found!r}; allowed is one character, as ',' or ';' or a tab")
    if found == decimal:
        raise InputError(f"delimiter: found {found!r}, which is the decimal mark, too; the two must differ")
    return found


def _lines(body: bytes) -> Iterator[str]:
    """Return the lines with their ends, as the csv module wants them."""
    return io.TextIOWrapper(io.BytesIO(body), encoding="utf-8", newline="")


def _noted(lines: Iterator[str], taken: list[str]) -> Iterator[str]:
    """Yield the same lines, and note those that were taken."""
    for line in lines:
        taken.append(line)
        yield line


def _blank(row: list[str]) -> bool:
    return len(row) <= 1 and not "".join(row).strip()


def _missing(place: str, cell: str) -> InputError:
    return InputError(f"{place}: found {cell!r}, a missing value; drop or fill it")
