"""`file_writer` states a certificate in a file that others can check with the verifier."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from .. import whole_file
from ..errors import InputError, UnprovenError
from ..losses import LOSSES
from ..penalties import PENALTIES
from ..verifier import file_format
from ..verifier.arithmetic import Floats, overflow_is_inf, rounded_up
from ..verifier.kernel import _Case, bounds
from ..version import VERSION
from .proof import Proof

_MARGIN = 2.0**-51  # four times the unit roundoff: a verifier may add up in another order


def save(certificate: Proof, path: str | Path) -> None:
    """Write the certificate to a file: this is `Certificate.save`."""
    write(stated(certificate), path)


def write(claimed: file_format.Claim, path: str | Path) -> None:
    """Write the file; it is put in place whole, or not at all."""
    content = {"format": file_format.FORMAT, "version": file_format.VERSION, **asdict(claimed)}
    for place, key in ((content, "weights"), (content["penalty"], "group_weights")):
        if place.get(key) is not None:
            place[key] = ["inf" if math.isinf(weight) else weight for weight in place[key]]
    entries = [f"{json.dumps(key)}: {json.dumps(value, allow_nan=False)}" for key, value in content.items()]
    try:
        whole_file.put(Path(path), ("{\n" + ",\n".join(entries) + "\n}\n").encode())
    except (OSError, ValueError, TypeError) as error:  # the last two for what is no path
        found = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"certificate file: {str(path)!r} could not be written: {found}") from None


def stated(certificate: Proof) -> file_format.Claim:
    """Return what the file claims: as much as the verifier will find, with a margin for rounding.

    Theta is stored inside the slopes that its loss allows, by more than rounding, so that all verifiers begin with the
    same one. Its dual value may rise or fall where they shrink it; what is claimed holds for all of them.

    Raises
    ------
    InputError
        If the loss or the penalty is the user's own, or if nothing at all is proven.
    """
    problem = certificate.problem
    c, index = problem.penalty.c, np.flatnonzero(certificate.coef)
    weights = None if np.all(c == 1) else tuple(c.tolist())
    sample_weight = problem.sample_weight
    loss = _named("loss", problem.loss, LOSSES, file_format.LOSSES)
    X, y = file_format.data(problem.X, problem.y, loss["name"])
    found = file_format.Claim(
        producer=f"lassoopt {VERSION}",
        shape=problem.shape,
        X_sha256=file_format.digest(X),
        y_sha256=file_format.digest(y),
        loss=loss,
        penalty=_named("penalty", problem.penalty, PENALTIES, file_format.PENALTIES),
        weights=weights,
        lam=problem.lam,
        scaling=problem.scaling,
        sample_weight=None if sample_weight is None else tuple(sample_weight.tolist()),
        fit_intercept=problem.intercept,
        feature_names=problem.feature_names,
        coef={"index": tuple(index.tolist()), "value": tuple(certificate.coef[index].tolist())},
        intercept=certificate.intercept,
        theta=tuple(certificate.theta.tolist()),
        primal=0.0,
        dual=0.0,
        gap=0.0,
        proven_zeros=(),
    )
    careful = Floats(_MARGIN)
    try:
        found = replace(found, theta=tuple(theta_inside(found, X, y, careful).tolist()))
        primal, dual, zeros = bounds(found, X, y, careful, claimed=True)
    except UnprovenError as error:
        raise InputError(f"certificate: nothing is proven about this answer: {error}") from None
    primal, dual = rounded_up(primal), -rounded_up(-dual)
    if not (math.isfinite(primal) and math.isfinite(dual)):
        raise InputError("certificate: nothing is proven about this answer, as its duality gap is not finite")
    gap = rounded_up(max(Fraction(primal) - Fraction(dual), Fraction(0)))
    return replace(found, primal=primal, dual=dual, gap=gap, proven_zeros=tuple(np.flatnonzero(zeros).tolist()))


@overflow_is_inf
def theta_inside(found: file_format.Claim, X: Any, y: Any, arithmetic: Any) -> Any:
    """Move the file's theta so far into the domain of its slopes that no verifier will move it."""
    case, theta = _Case(found, X, y, arithmetic), np.zeros(found.shape[0])
    lower, upper = case.loss.slopes(case.y)
    least, most = -arithmetic.down(case.s, upper), arithmetic.down(case.s, -lower)
    theta[case.used] = np.minimum(np.maximum(case.theta, least), most)
    return theta


def _named(kind: str, value: Any, registry: dict[str, Any], known: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    for name, parameters in known.items():
        if type(value) is registry[name]:
            return {"name": name, **{key: _plain(value, key) for key in parameters}}
    raise InputError(f"{kind}: found {type(value).__name__}; a certificate file is about one of {', '.join(known)}")


def _plain(value: Any, key: str) -> Any:
    found = getattr(value, key)
    if key == "groups":
        return tuple(np.unique(found, return_inverse=True)[1].tolist())
    return tuple(found.tolist()) if key == "group_weights" else float(found)
