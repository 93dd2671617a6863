"""Labels of features or samples group features, deal samples into folds, or name columns.

There is one way to read them, whatever holds them: a list, a tuple, an array of numbers, of strings or of objects, an
Index, a Series or a Categorical of pandas.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .precision import EXACT_INTEGERS

_KINDS = "iufUSTO"  # of arrays that may hold labels; one of dates is no array of whole numbers


def label_array(name: str, values: Any, allowed: str) -> NDArray[Any]:
    """Return `labels` as a read-only array of one dimension."""
    entries = labels(name, values, allowed)
    try:
        array = np.array(entries, dtype=str if isinstance(entries[0], str) else np.int64)
    except OverflowError:  # beyond 64 bits; Python's own whole numbers compare exactly
        array = np.array(entries, dtype=object)
    array.flags.writeable = False
    return array


def labels(name: str, values: Any, allowed: str) -> list[Any]:
    """Return the labels as a list, all of them `int`, or all of them `str`.

    A float that is a whole number counts as one, and bytes count as the UTF-8 text that they are. True and False are no
    labels, as an array of them is most often a mask.

    Parameters
    ----------
    name : str
        The argument, as the message calls it.
    values
        What the user passed.
    allowed : str
        The end of the message: "is" or "are", and what.

    Raises
    ------
    InputError
        For what is no sequence of labels, and for missing, nested, mixed and other entries, with the place of the
        first.

    Examples
    --------
    >>> labels("groups", np.array(["b", "a"], dtype=object), "is one label a feature")
    ['b', 'a']
    """
    if isinstance(values, np.ma.MaskedArray):
        array = np.array(values.tolist(), dtype=object)  # None where masked
    elif hasattr(values, "__array__"):
        array = np.asarray(values)
    elif isinstance(values, Sequence) and values and not isinstance(values, (str, bytes)):
        array = np.fromiter(values, dtype=object, count=len(values))  # as they are: nothing nested, nothing converted
    else:
        raise InputError(f"{name}: found {values!r}; allowed {allowed}")
    if array.ndim != 1 or not array.size or array.dtype.kind not in _KINDS:
        raise InputError(f"{name}: found labels of shape {array.shape} and dtype {array.dtype}; allowed {allowed}")
    if array.dtype.kind in "iuU":
        return array.tolist()
    entries = [_label(entry) for entry in array.tolist()]
    for k, entry in enumerate(entries):
        if entry is None or type(entry) is not type(entries[0]):
            beside = f", which is no label beside {array[0]!r}" if entry is not None else ""
            shown = f"{str(array[:5])[:-1]} ...]" if array.size > 5 else str(array)
            raise InputError(f"{name}: found labels {shown}, with {array[k]!r} at [{k}]{beside}; allowed {allowed}")
    return entries


def _label(entry: Any) -> int | str | None:
    """Return the label that an entry stands for, or None if it is no label."""
    if isinstance(entry, bytes):
        try:
            return entry.decode()
        except UnicodeDecodeError:
            return None
    if isinstance(entry, str):
        return str.__str__(entry)
    if isinstance(entry, (float, np.floating)):
        number = float(entry)
        return int(number) if abs(number) < EXACT_INTEGERS and number.is_integer() else None
    whole = isinstance(entry, (int, np.integer)) and not isinstance(entry, bool)
    return int(entry) if whole else None
