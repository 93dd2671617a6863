"""What a user passes becomes arrays here, or an error says what is wrong with it. Nothing is silently coerced."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp

from ..errors import InputError
from ..verifier.exact_data import require_exact
from .design_matrix import Array, Columns, Matrix, column_statistics
from .labels import labels


def numeric_array(name: str, value: Any, ndim: int) -> Array:
    """Return ``value`` as a finite float array of ``ndim`` dimensions, not copied if it is one already."""
    array = _real_array(name, value, ndim)
    require_finite(name, array)
    return array


def _real_array(name: str, value: Any, ndim: int) -> Array:
    """Do as `numeric_array`, but let entries pass that are not finite."""
    if isinstance(value, np.ma.MaskedArray):
        raise InputError(f"{name}: found a masked array; fill or drop the masked entries first")
    if _categorical(value):
        raise InputError(f"{name}: found categories, which are no numbers; encode them")
    try:
        array = np.asarray(value)
    except ValueError as error:  # ragged nested lists
        raise InputError(f"{name}: found {type(value).__name__} that is no array ({error})") from None
    if array.dtype.kind not in "fiub":
        raise InputError(f"{name}: found dtype {array.dtype}; allowed are real numbers (float, int or bool)")
    if array.ndim != ndim:
        hint = f"; use np.ravel({name})" if ndim == 1 and 1 in array.shape else ""
        wanted = f"a {ndim}-D array" if ndim else "one number"
        raise InputError(f"{name}: found shape {array.shape}; allowed is {wanted}{hint}")
    if array.size == 0:
        raise InputError(f"{name}: found shape {array.shape}; allowed is an array with at least one entry")
    require_exact(name, array)
    view = np.asarray(array, dtype=np.float64).view()
    view.flags.writeable = False
    return view


def require_finite(name: str, array: Matrix) -> None:
    """Require that all entries are finite; the error names the first that is not."""
    stored = array if isinstance(array, np.ndarray) else array.data
    with np.errstate(over="ignore", invalid="ignore"):
        if math.isfinite(stored.sum()):  # one pass, no temporary; a finite sum has finite terms
            return
    bad = np.argwhere(~np.isfinite(stored))
    if not len(bad):
        return
    first, count = tuple(bad[0]), f" ({len(bad)} such)"
    at: tuple[Any, ...] = first
    if sp.issparse(array):
        at, count = (array.indices[first], np.searchsorted(array.indptr, first[0], side="right") - 1), ""
    place = f" at [{', '.join(str(i) for i in at)}]{count}" if at else ""
    raise InputError(f"{name}: found {stored[first]}{place}; allowed are finite numbers")


def finite_columns(X: Matrix, s: Array) -> Columns:
    """Return the statistics of the columns of X, all of whose entries must be finite: the same passes show that."""
    columns = column_statistics(X, s)
    if s.min() == 0 or not math.isfinite(columns.norm.sum()):  # samples that do not count may be left out
        require_finite("X", X)
    return columns


def require_feature_order(name: str, value: Any, feature_names: Sequence[str] | None) -> None:
    """Require that a Series whose index has the features' names has them in the order of the columns of X."""
    index = getattr(value, "index", None)
    if index is None or feature_names is None or not hasattr(index, "equals"):
        return
    own = [*map(str, index)]
    if own != [*feature_names] and sorted(own) == sorted(feature_names):
        raise InputError(
            f"{name}: found the features of X in another order; reorder it by {name}.loc[feature_names], or pass "
            f"{name}.to_numpy() if its entries are in the order of the columns"
        )


def one_number(name: str, value: Any) -> float:
    """Return a finite number, which may come in an array of one entry, as scikit-learn's ``intercept_`` does."""
    if type(value) is float and math.isfinite(value):
        return value
    single = isinstance(value, np.ndarray) and value.size == 1
    return float(numeric_array(name, value.reshape(()) if single else value, 0))


def vector(name: str, value: Any, size: int, of: str) -> Array:
    """Return a finite vector of the given size; ``of`` says what sets that size."""
    array = numeric_array(name, value, 1)
    if array.size != size:
        raise InputError(f"{name}: found length {array.size}; {of}")
    return array


def design_matrix(X: Any) -> tuple[Matrix, list[str] | None]:
    """Return X as a finite float array or CSC array, and its column names if it is a data frame."""
    matrix, names = real_matrix(X)
    require_finite("X", matrix)
    return matrix, names


def real_matrix(X: Any) -> tuple[Matrix, list[str] | None]:
    """Do as `design_matrix`, but let entries pass that are not finite, for `finite_columns` to find."""
    if sp.issparse(X):
        if X.dtype.kind not in "fiub":
            raise InputError(f"X: found dtype {X.dtype}; allowed are real numbers (float, int or bool)")
        if X.ndim != 2 or 0 in X.shape:
            raise InputError(f"X: found shape {X.shape}; allowed is a 2-D matrix with at least one row and column")
        matrix = X.tocsc()
        require_exact("X", matrix.data)
        if not isinstance(matrix, sp.csc_array) or matrix.dtype != np.float64:
            matrix = sp.csc_array(matrix, dtype=np.float64)
        if not matrix.has_canonical_format:
            matrix = matrix.copy()
            matrix.sum_duplicates()
        return matrix, None
    names = None
    if hasattr(X, "columns") and hasattr(X, "to_numpy"):
        names = [str(column) for column in X.columns]
        if len(set(names)) < len(names):
            raise InputError(
                f"X: found a data frame with columns of one name among {names!r}; allowed are distinct names"
            )
        series = [np.asarray(X[column].to_numpy()) for column in X.columns]
        bad = []
        for name, column, values in zip(names, X.columns, series, strict=True):
            if values.dtype.kind not in "fiub" or _categorical(X[column]):
                bad.append(name)
            else:
                require_exact(f"X, column {name!r}", values)
        if bad:
            raise InputError(
                f"X: found a data frame with non-numeric or missing entries in {', '.join(map(repr, bad[:5]))}; "
                "encode or drop these columns"
            )
        _require_finite_columns(X, names, series)
        X = np.column_stack(series) if series else np.zeros(X.shape)
    return _real_array("X", X, 2), names


def _categorical(values: Any) -> bool:
    """Tell whether a Series, an Index or the like holds categories, be they numbers or not."""
    return hasattr(getattr(values, "dtype", None), "categories")


def _require_finite_columns(frame: Any, names: list[str], series: list[Array]) -> None:
    """Raise an error that names a data frame's columns with entries that are not finite, and the first such row."""
    not_finite = (np.flatnonzero(~np.isfinite(values)) for values in series)
    bad = {name: rows for name, rows in zip(names, not_finite, strict=True) if rows.size}
    if not bad:
        return
    first, row = next(iter(bad)), next(iter(bad.values()))[0]
    label = f"row {frame.index[row]!r}" if hasattr(frame, "index") else f"row {row}"
    counts = ", ".join(f"{rows.size} in {name!r}" for name, rows in [*bad.items()][:5])
    more = f" and {len(bad) - 5} more columns" if len(bad) > 5 else ""
    raise InputError(
        f"X: found {series[names.index(first)][row]} in column {first!r} at {label} (not finite: {counts}{more}); "
        "allowed are finite numbers: fill in or drop these rows or columns"
    )


def require_same_rows(**arguments: Any) -> None:
    """Require that all arguments which carry an index, as data frames and Series do, carry the same one.

    Their rows belong together by that index; taken by their position, they would be mixed up in silence.
    """
    indices = {name: getattr(value, "index", None) for name, value in arguments.items()}
    carried: list[tuple[str, Any]] = [(name, index) for name, index in indices.items() if hasattr(index, "equals")]
    for name, other in carried[1:]:
        first, index = carried[0]
        if other.equals(index):
            continue
        again = f"reorder it by {name}.loc[{first}.index]"
        found = f"the index of {first} in another order; {again}"
        if len(other) != len(index):
            found = f"an index of length {len(other)}; that of {first} has length {len(index)}; select the same rows"
        elif not (other.is_unique and index.is_unique and other.isin(index).all()):
            found = f"an index that is not that of {first}; select or reorder the rows by their index"
        raise InputError(f"{name}: found {found}, or pass {name}.to_numpy() if the rows belong together as they stand")


def finite_number(
    name: str, value: Any, allowed: str = "a finite number", holds: Callable[[float], bool] = lambda number: True
) -> float:
    """Return a number given as an int or a float, of Python or NumPy, if a finite float is exactly it and it holds."""
    if isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool):
        number = value if isinstance(value, int) else float(value)  # an int may be too large for a float
        if -sys.float_info.max <= number <= sys.float_info.max and holds(number):
            require_exact(name, np.asarray(value))
            return float(number)
    raise InputError(f"{name}: found {value!r}; allowed is {allowed}")


def nonnegative_number(name: str, value: Any) -> float:
    """Return a finite number >= 0."""
    return finite_number(name, value, "a finite number >= 0", lambda number: number >= 0)


def positive_number(name: str, value: Any) -> float:
    """Return a finite number > 0."""
    return finite_number(name, value, "a finite number > 0", lambda number: number > 0)


def whole_number(name: str, value: Any, least: int) -> int:
    """Return a whole number that is at least ``least``."""
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value < least:
        raise InputError(f"{name}: found {value!r}; allowed is a whole number >= {least}")
    return int(value)


def choice(name: str, value: Any, allowed: Any) -> Any:
    """Return the value if it is one of those allowed, all of them strings or truth values."""
    if not isinstance(value, (str, bool, np.bool_)) or value not in allowed:
        raise InputError(f"{name}: found {value!r}; allowed: {', '.join(map(str, allowed))}")
    return value


def require_tolerance(tol: Any) -> None:
    """Require that a tolerance lies between 0 and 1, both excluded."""
    if not isinstance(tol, (int, float, np.integer, np.floating)) or not 0 < tol < 1:
        raise InputError(f"tol: found {tol!r}; allowed is a number above 0 and below 1")


def sample_weights(sample_weight: Any, n: int) -> Array | None:
    """Check the sample weights that were given, and return a copy of them."""
    if sample_weight is None:
        return None
    weights = vector("sample_weight", sample_weight, n, f"X has {n} rows")
    with np.errstate(over="ignore"):
        total = weights.sum()
    found = "a negative entry" if (weights < 0).any() else "only zeros" if not weights.any() else ""
    found = found or ("" if np.isfinite(total) else "entries whose sum overflows")
    if found:
        raise InputError(f"sample_weight: found {found}; allowed are numbers >= 0, not all 0")
    return weights.copy()


def sample_scale(sample_weight: Array | None, n: int, scaling: str) -> Array:
    """Return ``s``: the sample weights, which ``scaling="mean"`` divides by their sum."""
    if sample_weight is None:
        return np.full(n, 1 / n if scaling == "mean" else 1.0)
    return sample_weight / sample_weight.sum() if scaling == "mean" else sample_weight.copy()


def distinct_names(names: Sequence[str] | None, p: int) -> tuple[str, ...]:
    """Return the feature names that were given, checked, or x0, x1, ... if there are none."""
    if names is None:
        return tuple(f"x{j}" for j in range(p))
    found = labels("feature_names", names, f"are {p} distinct strings")
    if len(found) != p or len(set(found)) != p or not isinstance(found[0], str):
        raise InputError(f"feature_names: found {found!r}; allowed are {p} distinct strings")
    return tuple(found)


def standard_deviations(columns: Columns, s: Array, names: Sequence[str]) -> Array:
    """Return the columns' standard deviations; a constant column raises an InputError."""
    flat = np.flatnonzero(columns.constant())
    if flat.size:
        raise InputError(
            f"X: found {flat.size} constant column(s), the first is {names[flat[0]]!r}; "
            "standardize=True divides by standard deviations, so drop constant columns first"
        )
    return columns.spread / np.sqrt(s.sum())
