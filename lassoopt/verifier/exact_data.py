"""What may be data: real, finite numbers that binary64 holds exactly, in a matrix and a vector, with or without names.

`Problem` and `verify` share these rules, so that both accept and refuse the same. Nothing is rounded in silence: a
whole number beyond 2^53 or a long double with more digits than binary64 has is an error, not another number.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .errors import InputError


def require_exact(name: str, values: Any) -> None:
    """Require that binary64 holds all these numbers as they are; ``values`` is a NumPy array of any real type.

    Raises
    ------
    InputError
        Naming the first number that it does not hold, and its place.
    """
    kind = values.dtype.kind
    if values.dtype.itemsize < 8 or kind == "b" or values.dtype == np.float64:
        return
    if kind == "f":
        with np.errstate(over="ignore"):
            bad = (values.astype(np.float64) != values) & ~np.isnan(values)
    else:
        bad = np.asarray((values > 2**53) if kind == "u" else (values > 2**53) | (values < -(2**53)))
        bad[bad] = [int(float(value)) != value for value in values[bad].tolist()]
    if bad.any():
        place = np.argwhere(bad)[0]
        at = f" at [{', '.join(map(str, place))}]" if place.size else ""
        raise InputError(
            f"{name}: found {values[tuple(place)]!s}{at}, of type {values.dtype}, which binary64 cannot hold exactly; "
            "allowed are numbers that it can: round them yourself"
        )


def column_names(X: Any) -> tuple[str, ...] | None:
    """Return the names of a data frame's columns; None for what has no names."""
    return tuple(map(str, X.columns)) if hasattr(X, "columns") and hasattr(X, "to_numpy") else None


def matrix(X: Any) -> Any:
    """Return X as an array of binary64, not copied if it is one already, or as a sparse matrix by columns.

    Raises
    ------
    InputError
        If it is anything but a matrix of real, finite numbers.
    """
    if hasattr(X, "tocsc"):
        if X.ndim != 2:
            raise InputError(f"X: found {X.ndim}-D {X.dtype}; allowed are 2-D real numbers")
        X = X.tocsc()
        _require_real("X", X.data, 1)
        X = X.astype(np.float64)
        X.sum_duplicates()
        _require_finite("X", X.data)
        return X
    names = column_names(X)
    if names is not None:
        if len({*names}) < len(names):
            raise InputError("X: found a data frame with columns of one name; allowed are distinct names")
        columns = [_array(f"X, column {name!r}", X.iloc[:, j], 1) for j, name in enumerate(names)]
        X = np.column_stack(columns) if columns else np.zeros((len(X), 0))
    return vector("X", X, dimensions=2)


def require_one_index(X: Any, y: Any) -> None:
    """Require one index of X and y, if both have that of a data frame or a Series."""
    first, second = getattr(X, "index", None), getattr(y, "index", None)
    if first is not None and hasattr(first, "equals") and hasattr(second, "equals") and not first.equals(second):
        raise InputError("y: found another index than that of X; reorder its rows, or pass y.to_numpy()")


def vector(name: str, values: Any, hint: str = "", dimensions: int = 1) -> Any:
    """Return the values as an array of binary64 of so many dimensions, with the same errors as `matrix`."""
    found = _array(name, values, dimensions, hint)
    if found.size == 0:
        raise InputError(f"{name}: found shape {found.shape}; allowed is an array with at least one entry")
    _require_finite(name, found)
    return found


def _array(name: str, values: Any, dimensions: int, hint: str = "") -> Any:
    if isinstance(values, np.ma.MaskedArray):
        raise InputError(f"{name}: found a masked array; fill or drop the masked entries first")
    if hasattr(getattr(values, "dtype", None), "categories"):
        raise InputError(f"{name}: found categories, which are no numbers; encode them")
    try:
        found = np.asarray(values)
    except (ValueError, TypeError) as error:  # ragged lists
        raise InputError(f"{name}: found what is no array of numbers: {error}") from None
    _require_real(name, found, dimensions, hint)
    return found.astype(np.float64, copy=False)


def _require_real(name: str, values: Any, dimensions: int, hint: str = "") -> None:
    if values.ndim != dimensions or values.dtype.kind not in "fiub":
        found = f"{values.ndim}-D {values.dtype}"
        raise InputError(f"{name}: found {found}; allowed are {dimensions}-D real numbers{hint}")
    require_exact(name, values)


def _require_finite(name: str, values: Any) -> None:
    if not np.isfinite(values).all():
        raise InputError(f"{name}: found nan or inf; allowed are finite numbers")


def by_name(X: Any, names: tuple[str, ...] | None, wanted: tuple[str, ...]) -> tuple[Any, str, str]:
    """Return X with its columns in the order wanted, what is known about their names, and what is wrong with them."""
    if names is None:
        return X, "the data have no names: those of the file are its own, features are meant by their number", ""
    if names == wanted:
        return X, "those of the data", ""
    place = {name: j for j, name in enumerate(names)}
    missing = [name for name in wanted if name not in place]
    if missing:
        return X, "not those of the data", f"other data: the file's {missing[0]!r:.60} is no column of the data"
    return X[:, [place[name] for name in wanted]], "those of the data, whose columns were put in the file's order", ""
