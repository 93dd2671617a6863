"""`explain` tells a feature's story in two sentences: where its weight stands and why, and what is proven about it."""

from __future__ import annotations

import difflib

import numpy as np

from ..errors import InputError
from ..problems.problem import Problem
from ..text.tables import ceiling, number
from .kkt import BOUNDARY, VIOLATED, Row
from .proof import Proof


def explain(certificate: Proof, feature: str | int) -> str:
    """Return two sentences with the certificate's numbers; ``feature`` is a name, or an index from 0."""
    j = _index(certificate.problem, feature)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # slopes of an extreme penalty, said to be inf
        return _story(certificate, j)


def _story(certificate: Proof, j: int) -> str:
    """Tell the story of the feature j."""
    row = certificate.kkt[j]
    if row.state == VIOLATED:
        return f"{_violation(certificate, j, row)} {_worth(certificate, row)}"
    if certificate.problem.penalty.excluded[j]:
        return (
            f"{row.name} is excluded from the model by an infinite penalty weight, so w_j = 0 whatever its gradient, "
            f"dLoss/dw_j = {number(row.gradient)}. That holds in every solution, by the statement of the problem."
        )
    if certificate.problem.unpenalised[j]:
        proof = _zero_proof(certificate, row) if row.proven_zero else _sign(certificate, j, row)
        return f"{_unpenalised(certificate, row)} {proof}"
    if row.coef != 0 and not row.proven_zero:
        return f"{_active(certificate, j, row)} {_sign(certificate, j, row)}"
    return f"{_zero(certificate, j, row)} {_zero_proof(certificate, row)}"


def _index(problem: Problem, feature: str | int) -> int:
    names = problem.feature_names
    if isinstance(feature, (int, np.integer)) and not isinstance(feature, bool):
        if not 0 <= feature < len(names):
            raise InputError(f"feature: found index {feature}; allowed are 0 to {len(names) - 1}")
        return int(feature)
    if feature in names:
        return names.index(feature)
    close = difflib.get_close_matches(str(feature), names, n=3) or names[:8]
    more = ", ..." if len(close) < len(names) else ""
    raise InputError(f"feature: found {feature!r}; allowed are an index or a name: {', '.join(close)}{more}")


def _unpenalised(certificate: Proof, row: Row) -> str:
    must, alone = "must be 0", "the loss alone sets"
    if certificate.problem.penalty.nonnegative and row.coef == 0:
        must, alone = "must be 0 or more while w_j = 0", "the loss and the bound w_j >= 0 set"
    return (
        f"{row.name} is not penalised: {alone} w_j = {number(row.coef, 6)}, where dLoss/dw_j {must} "
        f"and is {number(row.gradient)}."
    )


def _active(certificate: Proof, j: int, row: Row) -> str:
    problem = certificate.problem
    slope = problem.lam * float(problem.penalty.gradient(certificate.coef)[j])
    return (
        f"{row.name} is active with w_j = {number(row.coef, 6)}: the loss has slope dLoss/dw_j = "
        f"{number(row.gradient)} there, the penalty has slope {number(slope)}, and they cancel to within "
        f"{ceiling(-row.margin)}."
    )


def _sign(certificate: Proof, j: int, row: Row) -> str:
    error = float(certificate.coef_error[j])
    if row.proven_sign:
        side = ">" if row.proven_sign > 0 else "<"
        return f"Its sign is proven: every optimal solution has w_j {side} 0, within {ceiling(error)} of this value."
    if np.isfinite(error):
        return f"Its sign is not proven: at this gap, an optimal w_j may differ from this value by {ceiling(error)}."
    if certificate.uniqueness.verdict == "not unique":
        return "Its sign is not proven, and the optimal solution is not unique."
    return "Its sign is not proven: at this gap, nothing bounds how far an optimal w_j is from this value."


def _zero(certificate: Proof, j: int, row: Row) -> str:
    problem = certificate.problem
    pull, bound = problem.penalty.pull(j, row.gradient, row.margin, problem.lam)
    raw = f" (left at {number(row.coef)} by the solver)" if row.coef != 0 else ""
    if row.state == BOUNDARY:
        return (
            f"{row.name} is zero{raw}, on the boundary: {pull}, just what the penalty can hold, {bound}, "
            f"to within {ceiling(abs(row.margin))}."
        )
    return (
        f"{row.name} is held at zero{raw}: {pull}, and the penalty can hold a pull of {bound}, which leaves "
        f"a margin of {number(row.margin)}."
    )


def _zero_proof(certificate: Proof, row: Row) -> str:
    gap = ceiling(certificate.proven_gap)
    if row.proven_zero:
        return f"It is proven zero: with a gap of at most {gap}, w_j = 0 in every optimal solution."
    if not np.isfinite(certificate.proven_gap):
        return "It is not proven zero, as nothing bounds the gap."
    return f"It is not proven zero: a gap of up to {gap} does not rule out an optimal solution with w_j other than 0."


def _violation(certificate: Proof, j: int, row: Row) -> str:
    problem = certificate.problem
    weight = f"{row.name} violates its condition: w_j = {number(row.coef, 6)}"
    distance = float(problem.penalty.subdiff_distance(certificate.coef, certificate.evidence.z, problem.lam)[j])
    if not np.isfinite(distance):
        return f"{weight} is not allowed by the penalty, so the objective is infinite."
    if row.proven_zero and row.coef != 0:
        return f"{weight}, but every optimal solution has w_j = 0, as is proven."
    where = f"dLoss/dw_j = {number(row.gradient)}"
    return f"{weight}, and {where} is {number(distance)} away from what optimality asks for there."


def _worth(certificate: Proof, row: Row) -> str:
    problem = certificate.problem
    allowed = number(certificate.tol * problem.scale, 4)
    if not np.isfinite(certificate.primal):
        return "The objective is infinite while any weight is one that the penalty does not allow."
    if problem.loss.kinked or not np.isfinite(certificate.gap):
        return f"Its share of the gap is {number(row.gain)}; the tolerance allows {allowed}."
    return f"Mending it takes at least {number(row.gain)} off the objective; the tolerance allows {allowed}."
