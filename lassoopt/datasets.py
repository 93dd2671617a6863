"""Data to work on: two medical studies shipped with the package, quadratic expansions, and a strict CSV reader."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib import resources
from itertools import combinations
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
    return _shipped(
        "diabetes.csv",
        target="progression",
        description=(
            "442 diabetes patients: age in years, sex (1 or 2), body mass index bmi, mean blood pressure bp, six "
            "blood serum measurements (s1 total cholesterol, s2 LDL, s3 HDL, s4 total cholesterol / HDL, s5 log "
            "triglycerides, s6 glucose); the target measures the progression of the disease a year later"
        ),
        source="Efron, Hastie, Johnstone & Tibshirani (2004), Least Angle Regression, Annals of Statistics 32, 407-499",
    )


def breast_cancer() -> Dataset:
    """The Wisconsin diagnostic breast cancer study, 569 tumours, in raw units: malignant is 1, benign 0.

    scikit-learn's copy of the same numbers codes the target the other way round (malignant 0, benign 1). Here 1 is
    what the test is looking for, so a positive weight speaks for cancer.

    Examples
    --------
    >>> data = breast_cancer()
    >>> data.X.shape, int(data.y.sum())
    ((569, 30), 212)
    """
    return _shipped(
        "breast_cancer.csv",
        target="malignant",
        description=(
            "569 breast tumours, 212 malignant (target 1) and 357 benign (0): ten measurements of the cell nuclei in "
            "an image of a fine needle aspirate, each as the mean over the nuclei, its standard error (named error), "
            "and the mean of the three largest (named worst)"
        ),
        source=(
            "Wolberg, Mangasarian, Street & Street (1993), Breast Cancer Wisconsin (Diagnostic), UCI Machine Learning "
            "Repository, doi:10.24432/C5DW2B, CC BY 4.0; the numbers are unchanged, the identifiers left out and the "
            "diagnosis coded 1 and 0"
        ),
    )


def _shipped(file: str, target: str, description: str, source: str) -> Dataset:
    text = (resources.files(__package__) / "data" / file).read_text(encoding="utf-8")
    X, y, names = _table(file, text.splitlines(keepends=True), target)
    return Dataset(X, y, names, description, source)


def quadratic(data: Dataset) -> Dataset:
    """The quadratic expansion: the features, the products of every two, the squares; in raw units.

    Features are centred before they are multiplied. With an intercept the columns span the same space either way,
    so least squares would not notice; the lasso does. A raw product of two positive features rises and falls with
    its factors, while the product of centred ones says what the factors together add to their own effects: on
    `diabetes` the largest correlation of a product with one of the features falls from 0.997 to 0.47, and the
    condition number of the columns, scaled to variance 1, from 33000 to 5500. Scaling the factors as well would only
    rescale the columns, which is what ``standardize=True`` is for.

    The square of a two-valued feature is left out: it is that feature again, up to scale and shift. That leaves
    10 + 45 + 9 = 64 columns of `diabetes`, the quadratic model of Efron, Hastie, Johnstone & Tibshirani (2004).

    Parameters
    ----------
    data : Dataset
        p features, q of them with more than two values.

    Returns
    -------
    Dataset
        p + p (p - 1) / 2 + q features, named as in "bmi", "bmi*bp" and "bmi^2", in this order.

    Raises
    ------
    InputError
        If ``data`` is not a Dataset, or a feature of it is constant: its products would be columns of zeros.

    Examples
    --------
    >>> expanded = quadratic(diabetes())
    >>> expanded.X.shape, expanded.feature_names[11:13], expanded.feature_names[-1]
    ((442, 64), ('age*bmi', 'age*bp'), 's6^2')
    """
    if not isinstance(data, Dataset):
        raise InputError(f"data: found {type(data).__name__}; allowed is a Dataset, as of datasets.diabetes()")
    names, levels = data.feature_names, [len(np.unique(column)) for column in data.X.T]
    if 1 in levels:
        raise InputError(f"data: found the constant feature {names[levels.index(1)]!r}; drop constant features first")
    centred = data.X - data.X.mean(axis=0)
    pairs = list(combinations(range(len(names)), 2))
    squared = [j for j, count in enumerate(levels) if count > 2]
    products = [centred[:, j] * centred[:, k] for j, k in pairs]
    X = np.column_stack([data.X, *products, *(centred[:, j] ** 2 for j in squared)])
    X.flags.writeable = False
    return Dataset(
        X,
        data.y,
        (*names, *(f"{names[j]}*{names[k]}" for j, k in pairs), *(f"{names[j]}^2" for j in squared)),
        description=f"{data.description}; with the products and squares of the centred features",
        source=data.source,
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


def read_header(reader: Iterable[list[str]]) -> list[str]:
    """The column names: the first line that is not empty."""
    return [name.strip() for name in next((row for row in reader if row), [])]


def _table(
    path: str, lines: Iterable[str], target: str
) -> tuple[NDArray[np.float64], NDArray[np.float64], tuple[str, ...]]:
    """Features, target and feature names; empty lines are skipped."""
    reader = csv.reader(lines, strict=True)
    try:
        header = read_header(reader)
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
