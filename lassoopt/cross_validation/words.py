"""Cross-validation as a screen of text and as plain data."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..text.tables import facts, grid, number, paragraph, plain
from .error_measures import WORDS
from .mean_errors import MeanErrors

_HEADER = ("rule", "lam", "lam / lambda_max", "mean error", "standard error", "nonzero", "relative gap")


def text(found: MeanErrors) -> str:
    """At most 100 columns: the two rules beside the largest lam, and what must be known about them."""
    n, p = found.problem.shape
    done, folds = int(found.done.sum()), len(found.done)
    rows = [
        _row(found, "min", found.index_min),
        *([_row(found, "1se", found.index_1se)] if found.has_std_error else []),
        _row(found, "largest lam", 0),
    ]
    legend = (
        "min: the least mean error; 1se: the largest lam within one standard error of it. nonzero, relative gap: of "
        "the fit on all data; proven zeros count as 0."
    )
    count = "1 fold" if folds == 1 else f"{done if done == folds else f'{done} of {folds}'} folds"
    return "\n".join(
        [
            f"Cross-validation: {count}, {WORDS[found.error]}",
            "",
            *facts([("data", f"{n} samples, {p} features"), ("lam", _grid(found))]),
            "",
            *grid(_HEADER, rows, range(1, 7)),
            *paragraph(legend, "  "),
            "",
            *facts([("verdict", _verdict(found)), *(("note", note) for note in _notes(found))]),
        ]
    )


def _grid(found: MeanErrors) -> str:
    lambdas = found.lambdas
    return f"{len(lambdas)} from {number(lambdas[0], 6)} to {number(lambdas[-1], 6)}, the same in every fold"


def _row(found: MeanErrors, name: str, index: int) -> list[str]:
    solution, lam, top = found.path.solutions[index], float(found.lambdas[index]), found.problem.lambda_max
    return [
        name,
        number(lam, 6),
        number(lam / top, 4) if 0 < top < np.inf else "-",
        number(float(found.mean_error[index]), 6),
        number(float(found.std_error[index])),
        str(np.count_nonzero(solution.coef_with_proven_zeros)),
        f"{solution.certificate.relative_gap:.1e}",
    ]


def _verdict(found: MeanErrors) -> str:
    known = [*(certificate.certified for certificate in found.path.certificates)]
    tol = f"a relative gap of {found.path.certificates[0].tol:.0e}"
    if found.certified:
        return f"certified: all fits of all paths, with and without each fold, to {tol}"
    parts = [f"{known.count(False)} of {len(known)} fits on all data"] if not all(known) else []
    doubtful = found.done & ~found.fold_certified
    names = [repr(name) for name, bad in zip(found.fold_names, doubtful.tolist(), strict=True) if bad]
    parts += [f"fits without fold {', '.join(names)}"] if names else []
    return f"not all certified to {tol}: {' and '.join(parts)}"


def _notes(found: MeanErrors) -> list[str]:
    notes = [] if found.has_std_error else ["one fold has no standard error, so there is no lam of rule 1se"]
    if not found.done.all():
        notes.append("interrupted: these are the errors of the folds done")
    if found.index_min == len(found.lambdas) - 1 and found.lambdas[-1] > 0:
        notes.append("lambda_min is the smallest lam of the grid, so a smaller one may predict better: lower eps")
    if found.index_min == 0:
        notes.append("lambda_min is the largest lam of the grid: no model along it predicts better")
    return notes


def as_dict(found: MeanErrors) -> dict[str, Any]:
    """The errors and the choice in JSON's own types."""
    supports = [int(np.count_nonzero(solution.coef_with_proven_zeros)) for solution in found.path.solutions]
    content: dict[str, Any] = plain(
        {
            "error": found.error,
            "lambda_min": found.lambda_min,
            "lambda_1se": found.lambda_1se if found.has_std_error else None,
            "certified": found.certified,
            "folds_done": int(found.done.sum()),
            "folds": found.folds,
            "lambdas": found.lambdas,
            "mean_error": found.mean_error,
            "std_error": found.std_error,
            "nonzero": supports,
            "fold_errors": found.fold_errors,
            "fold_weights": found.fold_weights,
            "fold_certified": found.fold_certified,
        }
    )
    return content
