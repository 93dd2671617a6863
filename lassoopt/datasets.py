"""Data to work on: two medical studies shipped with the package, quadratic expansions, and a strict CSV reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from importlib import resources
from itertools import combinations, compress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .csv_table import CsvTable
from .errors import InputError


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
    sample_weight : array of shape (n,), or None for equal weights
    """

    X: NDArray[np.float64] = field(repr=False)
    y: NDArray[np.float64] = field(repr=False)
    feature_names: tuple[str, ...]
    description: str
    source: str
    sample_weight: NDArray[np.float64] | None = field(default=None, repr=False)


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
    content = (resources.files(__package__) / "data" / file).read_bytes()
    return replace(from_table(CsvTable.of(file, content), target), description=description, source=source)


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
        sample_weight=data.sample_weight,
    )


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
        What separates cells: one character. Default: what a first line ``sep=;``, as of Excel, says; else a comma, or a
        semicolon where ``decimal`` is a comma.
    decimal : str
        The decimal mark, ``"."`` or ``","``.
    ignore : sequence of str
        Columns that are left out, whatever they hold.
    weights : str, optional
        The column that becomes ``sample_weight``.
    classes : bool
        Whether the target may hold two labels, as yes and no, or True and False, in place of numbers, for a loss of two
        classes. In sorted order the first becomes 0 and the second 1, and ``source`` says which.

    Raises
    ------
    InputError
        If the file cannot be read or holds anything but a complete table of finite numbers, the message then names the
        line and the column; or if an argument is not as described.
    """
    table = CsvTable.open(path, delimiter, decimal)
    return from_table(table, target, ignore=ignore, weights=weights, classes=classes)


def from_table(
    table: CsvTable, target: str, *, ignore: Sequence[str] = (), weights: str | None = None, classes: bool = False
) -> Dataset:
    """The dataset of a CSV file whose header has been read; the arguments are those of `from_csv`."""
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
