"""The certificate file: what it claims, and reading one written by anybody.

A file is JSON with exactly the entries of `Claim`; ``FORMAT`` and ``VERSION`` are its first two. Its claims are

    the problem        loss, penalty, lam, scaling, intercept, sample weights, and the SHA-256 of X and y (of the
                       classes, 1 where y > 0 and else 0, for a loss of two classes);
    primal             the objective at (coef, intercept) is at most this;
    dual               no (coef, intercept) has a smaller objective than this, as theta shows;
    gap                at least ``primal - dual``: so far may (coef, intercept) be from optimal, at the most;
    proven_zeros       these features, counted from 0, are 0 in every optimal solution;
    feature_names      these are the names of the columns of the data, where those have names.

Numbers are decimals that give back the same binary64; infinite feature weights, of excluded features, are "inf".
``certificate.schema.json`` is the format's JSON schema. Nothing in a file is believed: `verify` recomputes it all.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import losses, penalties
from .errors import InputError
from .exact_data import matrix, require_one_index, vector

FORMAT, VERSION = "lassoopt certificate", 1
LARGEST_FILE = 2**28  # bytes
_MOST_BRACKETS = 32  # the format has 15
_TOKENS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[{]', re.DOTALL)  # strings, and where lists and objects begin
LOSSES = {name: tuple(loss.parameters) for name, loss in losses.LOSSES.items()}  # the names of their parameters
PENALTIES = {
    name: (*(("groups", "group_weights") if penalty.grouped else ()), *penalty.parameters)
    for name, penalty in penalties.PENALTIES.items()
}


@dataclass(frozen=True)
class Claim:
    """The content of a certificate file; the entries are described in this module's docstring."""

    producer: str
    shape: tuple[int, int]
    X_sha256: str
    y_sha256: str
    loss: dict[str, Any]  # {"name": ..., and its parameters}
    penalty: dict[str, Any]
    weights: tuple[float, ...] | None  # of the features; None for 1 everywhere
    lam: float
    scaling: str  # "mean" or "sum"
    sample_weight: tuple[float, ...] | None
    fit_intercept: bool
    feature_names: tuple[str, ...]
    coef: dict[str, tuple[Any, ...]]  # {"index": ..., "value": ...}, those that are not 0
    intercept: float
    theta: tuple[float, ...]
    primal: float
    dual: float
    gap: float
    proven_zeros: tuple[int, ...]

    def dense_coef(self) -> NDArray[np.float64]:
        """Return the coefficients of all features."""
        coef = np.zeros(self.shape[1])
        coef[list(self.coef["index"])] = self.coef["value"]
        return coef


def data(X: Any, y: Any, loss: str) -> tuple[Any, Any]:
    """Return X, dense or sparse by columns, and y, as binary64; for a loss of two classes, 1 where y > 0 and else 0.

    Raises
    ------
    InputError
        If they are not a matrix and a vector of real, finite numbers that binary64 holds exactly.
    """
    require_one_index(X, y)
    two_class = losses.LOSSES[loss].two_class
    y = vector("y", y, ", two classes as 0 and 1 or -1 and 1" if two_class else "")
    return matrix(X), (y > 0).astype(float) if two_class else y


def dense(X: Any) -> Any:
    """Return a part of X as an array."""
    return X.toarray() if hasattr(X, "toarray") else X


def digest(values: Any) -> str:
    """Return the SHA-256 of an array or sparse matrix: of its entries, row by row, as little-endian binary64.

    It takes -0 for 0.
    """
    rows = values.tocsr() if hasattr(values, "tocsr") else np.asarray(values, dtype=float)
    found, step = hashlib.sha256(), max(1, 2**22 // max(1, math.prod(rows.shape[1:])))
    for start in range(0, rows.shape[0], step):
        block = dense(rows[start : start + step])
        found.update(np.ascontiguousarray(block + 0.0, dtype="<f8").tobytes())
    return found.hexdigest()


def read(path: str | Path) -> Claim:
    """Read a certificate file.

    Raises
    ------
    InputError
        If it cannot be read, is larger than ``LARGEST_FILE``, is not of this format and version, or an entry is
        missing, unknown, of the wrong kind or length, or out of its range.
    """
    try:
        with open(Path(path), "rb") as file:
            text = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError, TypeError) as error:  # the last two for what is no path
        raise _bad(f"{path!s} could not be read: {getattr(error, 'strerror', None) or error}") from None
    if len(text) > LARGEST_FILE:
        raise _bad(f"{path} has more than {LARGEST_FILE} bytes")
    try:
        _require_few_brackets(text)
        content = json.loads(text.decode(), object_pairs_hook=_distinct, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:  # not UTF-8, not JSON, numbers of absurd length
        raise _bad(f"{path} is not JSON as this format allows it: {error}") from None
    return _checked(content)


def _require_few_brackets(text: bytes) -> None:
    """Require few lists and objects outside of strings, as empty ones take 30 times their length of memory to read."""
    begun = (found for found in _TOKENS.finditer(text) if found[0][:1] != b'"')
    if next(islice(begun, _MOST_BRACKETS, None), None):
        raise ValueError(f"more than {_MOST_BRACKETS} lists and objects")


def _bad(found: str) -> InputError:
    return InputError(f"certificate file: {found}")


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        raise ValueError("an entry occurs twice")
    return content


def _no_constant(name: str) -> Any:
    raise ValueError(f"found {name}")


def _checked(content: Any) -> Claim:
    """Return the claim of a file, all of whose entries are as the format wants them."""
    entries = _entries("the file", content, ("format", "version", *Claim.__dataclass_fields__))
    if entries["format"] != FORMAT or entries["version"] != VERSION or type(entries["version"]) is not int:
        raise _bad(
            f"found format {entries['format']!r:.60}, version {entries['version']!r:.20}; this lassoopt reads "
            f"{FORMAT!r}, version {VERSION}"
        )
    shape = entries["shape"]
    if not (isinstance(shape, list) and len(shape) == 2 and all(_is_count(size) and size > 0 for size in shape)):
        raise _bad(f"shape: found {shape!r:.60}; allowed are two whole numbers above 0")
    n, p = shape
    weights, sample_weight = entries["weights"], entries["sample_weight"]
    if sample_weight is not None:
        sample_weight = _numbers("sample_weight", sample_weight, n, least=0.0)
        if not any(sample_weight):
            raise _bad("sample_weight: found only zeros; allowed are numbers >= 0, not all 0")
    coef = _entries("coef", entries["coef"], ("index", "value"))
    index = _features("coef index", coef["index"], p)
    names = entries["feature_names"]
    if not (isinstance(names, list) and all(isinstance(s, str) for s in names) and len(names) == p == len({*names})):
        raise _bad(f"feature_names: allowed are {p} distinct strings")
    return Claim(
        producer=_text("producer", entries["producer"]),
        shape=(n, p),
        X_sha256=_text("X_sha256", entries["X_sha256"]),
        y_sha256=_text("y_sha256", entries["y_sha256"]),
        loss=_named("loss", entries["loss"], losses.LOSSES, LOSSES),
        penalty=_grouped(_named("penalty", entries["penalty"], penalties.PENALTIES, PENALTIES), p),
        weights=None if weights is None else _numbers("weights", weights, p, least=0.0, infinite=True),
        lam=_number("lam", entries["lam"], least=0.0),
        scaling=_choice("scaling", entries["scaling"], ("mean", "sum")),
        sample_weight=sample_weight,
        fit_intercept=_choice("fit_intercept", entries["fit_intercept"], (True, False)),
        feature_names=tuple(names),
        coef={"index": index, "value": _numbers("coef value", coef["value"], len(index))},
        intercept=_number("intercept", entries["intercept"]),
        theta=_numbers("theta", entries["theta"], n),
        primal=_number("primal", entries["primal"]),
        dual=_number("dual", entries["dual"]),
        gap=_number("gap", entries["gap"], least=0.0),
        proven_zeros=_features("proven_zeros", entries["proven_zeros"], p),
    )


def _entries(name: str, content: Any, wanted: tuple[str, ...]) -> dict[str, Any]:
    """Return an object that has these entries and no others."""
    _require_object(name, content)
    for entry in wanted:
        if entry not in content:
            raise _bad(f"{name}: {entry!r} is missing")
    for entry in content:
        if entry not in wanted:
            raise _bad(f"{name}: found {entry!r:.60}; allowed are {', '.join(wanted)}")
    return content


def _require_object(name: str, content: Any) -> None:
    if not isinstance(content, dict):
        raise _bad(f"{name}: found {type(content).__name__}; allowed is an object")


def _named(kind: str, content: Any, registry: Any, parameters: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    """Return a loss or penalty: its name, and the parameters that go with it, its numbers in their ranges."""
    _require_object(kind, content)
    name = _choice(kind, content.get("name"), tuple(registry))
    content = _entries(f"{kind} {name}", content, ("name", *parameters[name]))
    return {**content, **{key: _number(key, content[key], *ends) for key, ends in registry[name].parameters.items()}}


def _grouped(penalty: dict[str, Any], p: int) -> dict[str, Any]:
    """Return a penalty with its groups checked, if it has any."""
    if "groups" not in penalty:
        return penalty
    groups, weights = penalty["groups"], penalty["group_weights"]
    count = len(weights) if isinstance(weights, list) else 0
    if not (isinstance(groups, list) and len(groups) == p and all(_is_count(g) and g < count for g in groups)):
        raise _bad(f"groups: allowed are {p} numbers of groups, each below the number of group_weights, {count}")
    if count > p:
        raise _bad(f"group_weights: found {count}; allowed are at most {p}, as many as there are features")
    weights = _numbers("group_weights", weights, count, least=0.0, infinite=True)
    return {**penalty, "groups": tuple(groups), "group_weights": weights}


def _choice(name: str, found: Any, allowed: tuple[Any, ...]) -> Any:
    if type(found) not in (str, bool) or found not in allowed:
        raise _bad(f"{name}: found {found!r:.60}; allowed are {', '.join(map(str, allowed))}")
    return found


def _text(name: str, found: Any) -> str:
    if not isinstance(found, str):
        raise _bad(f"{name}: found {type(found).__name__}; allowed is a string")
    return found


def _is_count(found: Any) -> bool:
    return type(found) is int and 0 <= found < 2**53


def _number(name: str, found: Any, least: float = -math.inf, most: float = math.inf) -> float:
    if type(found) is not float and not (type(found) is int and abs(found) <= 2**53):
        raise _bad(f"{name}: found {found!r:.60}; allowed is a number")
    if not (least <= found <= most and math.isfinite(found)):
        raise _bad(f"{name}: found {found!r:.60}; allowed is a finite number from {least:g} to {most:g}")
    return float(found)


def _numbers(name: str, found: Any, size: int, least: float = -math.inf, infinite: bool = False) -> tuple[float, ...]:
    """Return a list of so many numbers, ``infinite`` if "inf" is one of those allowed."""
    if not isinstance(found, list) or len(found) != size:
        count = len(found) if isinstance(found, list) else type(found).__name__
        raise _bad(f"{name}: found {count}; allowed is a list of {size} numbers")
    return tuple(math.inf if infinite and value == "inf" else _number(name, value, least) for value in found)


def _features(name: str, found: Any, p: int) -> tuple[int, ...]:
    """Return increasing numbers of features."""
    if not (
        isinstance(found, list)
        and all(_is_count(j) and j < p for j in found)
        and all(a < b for a, b in pairwise(found))
    ):
        raise _bad(f"{name}: allowed are increasing whole numbers from 0 to {p - 1}")
    return tuple(found)
