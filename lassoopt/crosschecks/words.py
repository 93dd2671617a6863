"""A cross-check as a screen of text and as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from ..arrays.design_matrix import Array, correlate
from ..certificates.words import as_dict as certificate_as_dict
from ..problems.problem import Problem
from ..problems.statement import formula, symbols
from ..solvers.solution import Solution
from ..text.tables import FEATURES, facts, grid, number, paragraph, plain
from .answers import Answers
from .differences import Differences, weight_differences
from .reduced_reference import Dropped

_METHODS = ("method", "status", "objective", "gap", "relative", "tol", "nonzero", "iter", "seconds", "setup")


def text(check: Answers) -> str:
    """At most 100 columns for two methods: problem, methods, multipliers, weights, verdict."""
    lines = [
        f"Cross-check: {check.verdict.name.replace('_', ' ').lower()}",
        "",
        *facts([("minimise", formula(check.problem)), ("where", symbols(check.problem))]),
        "",
        *grid(_METHODS, [*_answers(check), *_failures(check)], range(2, 10)),
        *paragraph(
            "gap: certified, primal - dual; relative: to the null model's; nonzero: proven zeros count as 0; "
            "setup: seconds of stating the problem to the solver.",
            "  ",
        ),
        *([] if check.dropped is None else paragraph(_dropped(check.dropped, check.problem.shape[1]), "  ")),
        "",
    ]
    if check.differences is not None:
        lines += [*_multipliers(check, check.differences), "", *_weights(check, check.differences.same), ""]
    return "\n".join([*lines, *facts([("verdict", check.verdict.value), ("reason", check.reason)])])


def as_dict(check: Answers) -> dict[str, Any]:
    """The cross-check in JSON's own types, every solution with its whole certificate."""
    methods = {
        name: {
            "status": answer.status.name,
            "solver": answer.solver,
            "coef": answer.coef,
            "intercept": answer.intercept,
            "theta": answer.theta,
            "iterations": answer.iterations,
            "seconds": answer.seconds,
            "compile_seconds": answer.compile_seconds,
            "theta_gap": check.theta_gaps[name],
            "theta_error": check.theta_errors[name],
            "certificate": certificate_as_dict(answer.certificate),
        }
        for name, answer in check.solutions.items()
    }
    content: dict[str, Any] = plain(
        {
            "verdict": check.verdict.name,
            "agrees": check.agrees,
            "reason": check.reason,
            "differences": None if check.differences is None else asdict(check.differences),
            "solutions": methods,
            "failures": dict(check.failures),
            "dropped": None if check.dropped is None else asdict(check.dropped),
        }
    )
    return content


def _answers(check: Answers) -> list[list[str]]:
    return [
        [
            name,
            answer.status.name,
            f"{answer.certificate.primal:.8g}",
            f"{answer.certificate.gap:.1e}",
            f"{answer.certificate.relative_gap:.1e}",
            f"{answer.certificate.tol:.0e}",
            str(np.count_nonzero(answer.coef_with_proven_zeros)),
            str(answer.iterations),
            f"{answer.seconds:.3f}",
            f"{answer.compile_seconds:.3f}",
        ]
        for name, answer in check.solutions.items()
    ]


def _dropped(dropped: Dropped, p: int) -> str:
    return (
        f"cvxpy was given {p - dropped.features} features: the other {dropped.features} are proven zero by the gap of "
        f"{dropped.method}, {dropped.gap:.1e}. Its certificate covers all {p}."
    )


def _failures(check: Answers) -> list[list[str]]:
    return [[name, "FAILED", *[""] * (len(_METHODS) - 2)] for name in check.failures]


def _multipliers(check: Answers, d: Differences) -> list[str]:
    """The two routes to theta, compared in size and sign."""
    header = ("theta as each solver returned it", "relative gap with it", "distance from -dLoss/du at its own w")
    rows = [[name, f"{check.theta_gaps[name]:.1e}", _or_dash(check.theta_errors[name])] for name in check.solutions]
    between = (
        f"Between the solvers, theta differs by {d.theta:.1e} of the null model's; where it is not nearly 0, its sign "
        f"is the same on {100 * d.same_sign:.4g} % of the samples."
    )
    return [*grid(header, rows, range(1, 3)), *paragraph(between, "  ")]


def _weights(check: Answers, same: float) -> list[str]:
    """Weights and correlations of every method, feature by feature."""
    problem, answers = check.problem, list(check.solutions.values())
    largest = np.max([weight_differences(problem, answers[0], other) for other in answers[1:]], axis=0)
    shown = _selection(problem, answers, largest)
    correlations = [correlate(problem.X, answer.theta) for answer in answers]
    threshold = problem.penalty.threshold(problem.lam)
    header = ["feature", *(f"w {name}" for name in check.solutions), *(f"x'theta {name}" for name in check.solutions)]
    rows = [
        [
            problem.feature_names[j],
            *(number(answer.coef[j], 6) for answer in answers),
            *(number(z[j]) for z in correlations),
            number(threshold[j]),
            "same" if largest[j] <= same else f"differs {largest[j]:.0e}",
        ]
        for j in shown
    ]
    lines = grid([*header, "lam_j", ""], rows, range(1, 2 * len(answers) + 2))
    if len(shown) < len(largest):
        rest = np.delete(largest, shown)
        lines.append(f"  and {rest.size} more, of which {int((rest > same).sum())} differ, by at most {rest.max():.1e}")
    if problem.intercept:
        written = ", ".join(f"{number(answer.intercept, 6)} ({name})" for name, answer in check.solutions.items())
        lines += paragraph(f"intercept: {written}", "  ")
    return lines


def _selection(problem: Problem, answers: Sequence[Solution], largest: Array) -> Sequence[int]:
    """All features up to 40; beyond that, those that differ most and then the largest weights."""
    p = len(largest)
    if p <= FEATURES:
        return range(p)
    by_difference = np.argsort(-largest, kind="stable")[: FEATURES // 2].tolist()
    size = np.max([np.abs(answer.coef) for answer in answers], axis=0) * problem.columns.spread
    by_size = [j for j in np.argsort(-size, kind="stable").tolist() if j not in set(by_difference)]
    return [*by_difference, *by_size[: FEATURES - len(by_difference)]]


def _or_dash(x: float) -> str:
    return "-" if np.isnan(x) else f"{x:.1e}"
