"""`words` tells a certificate as a screen of text, as HTML and as plain data: the same content three times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np

from ..problems.statement import conditions, formula, symbols
from ..text.tables import FEATURES, ceiling, facts, grid, number, paragraph, plain
from .kkt import ACTIVE, BOUNDARY, HELD, VIOLATED
from .proof import Proof

_HEADER = ("feature", "w_j", "dLoss/dw_j", "lam_j", "margin", "state", "proven")
_NUMERIC = range(1, 5)
_LEGEND = (
    "margin: how far inside its bound the condition of a zero w_j is; for any other w_j, minus the distance from "
    "its equation. proven: true in every optimal solution."
)


def text(certificate: Proof) -> str:
    """Return at most 100 columns of text: the problem, the gap, what is proven, and the optimality conditions."""
    problem = certificate.problem
    words = conditions(problem)
    width = max(len(where) for where, _ in words)
    shown, rest = _selection(certificate)
    return "\n".join(
        [
            _title(certificate),
            "",
            *facts([("minimise", formula(problem)), ("where", symbols(problem)), *_facts(certificate)]),
            "",
            "Optimality conditions, feature by feature",
            *(f"  {where:<{width}}   {what}" for where, what in words),
            "",
            *grid(_HEADER, [_cells(certificate, j) for j in shown], _NUMERIC),
            *([f"  {rest}"] if rest else []),
            "",
            *paragraph(_counts(certificate), "  "),
            *paragraph(_notes(certificate), "  "),
        ]
    )


def html(certificate: Proof) -> str:
    """Return the content of `text` as two small tables for a notebook."""
    problem = certificate.problem
    shown, rest = _selection(certificate)
    items = [("minimise", formula(problem)), ("where", symbols(problem)), *_facts(certificate), *conditions(problem)]
    summary = "".join(f"<tr><th>{escape(label)}</th><td>{escape(words)}</td></tr>" for label, words in items)
    header = "".join(f"<th>{escape(name)}</th>" for name in _HEADER)
    rows = ("".join(f"<td>{escape(cell)}</td>" for cell in _cells(certificate, j)) for j in shown)
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    below = "".join(f"<p>{escape(words)}</p>" for words in (rest, _counts(certificate), _notes(certificate)) if words)
    return (
        f"<div><p><strong>{escape(_title(certificate))}</strong></p><table><tbody>{summary}</tbody></table>"
        f"<table><thead><tr>{header}</tr></thead><tbody>{body}</tbody></table>{below}</div>"
    )


def as_dict(certificate: Proof) -> dict[str, Any]:
    """Return the certificate in JSON's own types; `plain` says how numbers that are not finite are written.

    ``theta`` makes it complete: with the data, everything else can be computed again from it.
    """
    problem, uniqueness = certificate.problem, certificate.uniqueness
    names = problem.feature_names
    signs = certificate.proven_signs
    rows = [
        {
            "feature": row.name,
            "coef": row.coef,
            "coef_error": error,
            "gradient": row.gradient,
            "lam": row.lam,
            "margin": row.margin,
            "gain": row.gain,
            "state": row.state,
            "proven_zero": row.proven_zero,
            "proven_sign": row.proven_sign,
        }
        for row, error in zip(certificate.kkt, certificate.coef_error.tolist(), strict=True)
    ]
    content: dict[str, Any] = plain(
        {
            "problem": {
                "formula": formula(problem),
                "loss": repr(problem.loss),
                "penalty": type(problem.penalty).__name__,
                "n": problem.shape[0],
                "p": problem.shape[1],
                "lam": problem.lam,
                "lambda_max": problem.lambda_max,
                "scaling": problem.scaling,
                "intercept": problem.intercept,
            },
            "coef": dict(zip(names, certificate.coef.tolist(), strict=True)),
            "certified": certificate.certified,
            "tol": certificate.tol,
            "primal": certificate.primal,
            "dual": certificate.dual,
            "gap": certificate.gap,
            "rounding": certificate.rounding,
            "proven_gap": certificate.proven_gap,
            "relative_gap": certificate.relative_gap,
            "scale": problem.scale,
            "uniqueness": {"verdict": uniqueness.verdict, "reason": uniqueness.reason},
            "intercept": certificate.intercept if problem.intercept else None,
            "intercept_gradient": certificate.intercept_gradient,
            "proven_zeros": [names[j] for j in np.flatnonzero(certificate.proven_zeros)],
            "proven_signs": {names[j]: signs[j] for j in np.flatnonzero(signs)},
            "kkt": rows,
            "theta": certificate.theta,
        }
    )
    return content


def _title(certificate: Proof) -> str:
    proven = "proven optimal" if certificate.certified else "NOT PROVEN OPTIMAL"
    return f"Certificate: {proven} to a relative gap of {certificate.tol:g}"


def _facts(certificate: Proof) -> list[tuple[str, str]]:
    problem, uniqueness = certificate.problem, certificate.uniqueness
    exact = problem.scale > 2 * abs(problem.null.loss - problem.infimum)
    of = "loss of predicting 0, as the null model fits exactly," if exact else "null model's objective"
    scale = f"gap / {number(problem.scale)}, the {of} above the infimum of the loss"
    if problem.scale == 0:
        scale = "the null model fits exactly, so only a gap within rounding counts as 0"
    unique = {"unique": "the optimal solution is unique", "not unique": "the optimal solution is not unique"}
    items = [  # + 0.0 turns -0 into 0
        ("primal", f"{certificate.primal + 0.0:.12g}  the objective at this point"),
        ("dual", f"{certificate.dual + 0.0:.12g}  no point at all has a lower objective"),
        ("gap", f"{certificate.gap:.2e}  primal - dual; <= {ceiling(certificate.proven_gap)} including rounding"),
        ("relative gap", f"{certificate.relative_gap:.2e}  {scale}"),
        ("verdict", _verdict(certificate)),
        ("uniqueness", f"{unique.get(uniqueness.verdict, 'undecided')}: {uniqueness.reason}"),
    ]
    if problem.intercept:
        balance = f"dLoss/db = {certificate.intercept_gradient + 0.0:.1e}, which must be 0"
        if certificate.intercept_gain > certificate.tol * problem.scale:
            balance += f": VIOLATED, the best b takes {number(certificate.intercept_gain)} off the objective at least"
        items.append(("intercept", f"b = {number(certificate.intercept, 6)};  {balance}"))
    return items


def _verdict(certificate: Proof) -> str:
    if not np.isfinite(certificate.gap):
        return "not certified: nothing bounds how far the objective is above the optimum"
    above = f"the objective is at most {ceiling(certificate.proven_gap)} above the optimum"
    if certificate.certified:
        return f"certified: rounding included, {above}"
    if certificate.relative_gap <= certificate.tol:
        rounding = ceiling(certificate.rounding)
        return f"not certified: the gap is within the tolerance, but its rounding error may be as large as {rounding}"
    return f"not certified: {above}, more than the tolerance allows"


def _selection(certificate: Proof) -> tuple[Sequence[int], str]:
    """Return the features to show and a line about the rest: beyond 40, violated, active and boundary ones show."""
    p = len(certificate.coef)
    if p <= FEATURES:
        return range(p), ""
    states, size = certificate.states, np.abs(certificate.coef) * certificate.problem.columns.spread
    order = {VIOLATED: certificate.gain, ACTIVE: size, BOUNDARY: -np.abs(certificate.margin)}
    ranked: list[int] = []
    for state, key in order.items():
        members = np.flatnonzero(states == state)
        ranked += members[np.argsort(-key[members], kind="stable")].tolist()
    shown = ranked[:FEATURES]
    left = np.setdiff1d(np.arange(p), shown)
    counted = Counter(states[left].tolist())
    proven = int(certificate.proven_zeros[left].sum())
    parts = [f"{counted[state]} {state}" for state in (VIOLATED, ACTIVE, BOUNDARY, HELD) if counted[state]]
    return shown, f"and {left.size} more: {'; '.join(parts)}; {proven} of them proven zero"


def _cells(certificate: Proof, j: int) -> tuple[str, ...]:
    row = certificate.kkt[j]
    proven = "zero" if row.proven_zero else {1: "w_j > 0", -1: "w_j < 0"}.get(row.proven_sign, "")
    gradient, margin = number(row.gradient), number(row.margin)
    return row.name, number(row.coef, 6), gradient, number(row.lam), margin, row.state, proven


def _counts(certificate: Proof) -> str:
    states = Counter(certificate.states.tolist())
    zeros = states[HELD] + states[BOUNDARY]
    signs = int(np.count_nonzero(certificate.proven_signs))
    return (
        f"{len(certificate.coef)} features: {states[ACTIVE]} active, {zeros} zero, {states[VIOLATED]} violated; "
        f"{int(certificate.proven_zeros.sum())} proven zero, {signs} of proven sign."
    )


def _notes(certificate: Proof) -> str:
    notes = [_LEGEND]
    if np.any(certificate.proven_zeros & (certificate.coef != 0)):
        notes.append("A proven zero counts as 0; its w_j is shown as the solver left it.")
    if certificate.problem.loss.kinked:
        notes.append("The loss has kinks, so dLoss/dw_j is not a function of w: it is -x_j' theta of the dual point.")
    return " ".join(notes)
