"""`words` tells a path as a table, lam by lam, with who enters and who leaves; as text and as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..certificates.certificate import Certificate
from ..problems.statement import formula, symbols
from ..text.tables import FEATURES, ceiling, facts, grid, number, paragraph, plain

_HEADER = ("lam", "of lambda_max", "nonzero", "objective", "relative gap", "enters", "leaves")


def path_text(certificates: Sequence[Certificate], gap_everywhere: float) -> str:
    """Return at most 100 columns of text: the problem, the lam where features come and go, and what holds between."""
    problem = certificates[0].problem
    changes = _changes(certificates)
    last = len(certificates) - 1
    rows = [k for k, (enters, leaves) in enumerate(changes) if k in (0, last) or enters or leaves]
    shown = rows if len(rows) <= FEATURES else [*rows[: FEATURES - 1], last]
    same, hidden = len(certificates) - len(rows), len(rows) - len(shown)
    uncertified = sum(not certificate.certified for certificate in certificates)
    words = [f"{len(certificates)} lam, {'all' if not uncertified else f'{uncertified} of them not'} certified."]
    words += [f"{same} with the same features as the lam above are not shown."] if same else []
    words += [f"{hidden} more rows are not shown."] if hidden else []
    bound = f"a relative gap of at most {ceiling(gap_everywhere)}, rounding included"
    everywhere = f"at every lam in between, the interpolated solution has {bound}"
    problem_facts = [("minimise", formula(problem, "lam")), ("where", symbols(problem, "lam falls"))]
    return "\n".join(
        [
            "Path: the problem at falling lam",
            "",
            *facts([*problem_facts, ("everywhere", everywhere)]),
            "",
            *grid(_HEADER, [_cells(certificates[k], *changes[k]) for k in shown], range(5)),
            "",
            *paragraph(" ".join(words), "  "),
        ]
    )


def path_dict(certificates: Sequence[Certificate], gap_everywhere: float) -> dict[str, Any]:
    """Return the path as plain numbers, strings and lists, which can be written as JSON."""
    first = certificates[0].problem
    return {
        "lambda_max": plain(first.lambda_max),
        "gap_everywhere": plain(gap_everywhere),
        "feature_names": list(first.feature_names),
        "points": [
            {
                "lam": certificate.problem.lam,
                "coef": plain(certificate.coef),
                "intercept": plain(certificate.intercept),
                "objective": plain(certificate.primal),
                "relative_gap": plain(certificate.relative_gap),
                "certified": certificate.certified,
            }
            for certificate in certificates
        ],
    }


def _changes(certificates: Sequence[Certificate]) -> list[tuple[list[str], list[str]]]:
    """Return, at each lam, the names of the features that enter since the lam before, and of those that leave."""
    names = np.array(certificates[0].problem.feature_names, dtype=object)
    before, changes = np.zeros(len(names), dtype=bool), []
    for certificate in certificates:
        now = certificate.coef_with_proven_zeros != 0
        changes.append((names[now & ~before].tolist(), names[before & ~now].tolist()))
        before = now
    return changes


def _cells(certificate: Certificate, enters: list[str], leaves: list[str]) -> list[str]:
    problem = certificate.problem
    share = problem.lam / problem.lambda_max if problem.lambda_max > 0 else np.nan
    return [
        number(problem.lam),
        number(share),
        str(np.count_nonzero(certificate.coef_with_proven_zeros)),
        number(certificate.primal, 6),
        f"{certificate.relative_gap:.1e}",
        _names(enters),
        _names(leaves),
    ]


def _names(names: list[str]) -> str:
    shown = ", ".join(names[:3])
    shown = shown if len(shown) <= 20 else shown[:17] + "..."
    return shown if len(names) <= 3 else f"{shown[:14]}, {len(names)} in all"
