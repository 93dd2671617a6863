"""A problem is put into words and formulas, with the optimality condition that its penalty sets each feature."""

from __future__ import annotations

import numpy as np

from ..text.tables import number
from .problem import Problem


def formula(problem: Problem, lam: str = "") -> str:
    """Return the objective with its numbers; ``lam`` stands in place of the number of that name."""
    n = problem.shape[0]
    summand = problem.loss.formula[0]
    if _weighted(problem):
        loss = f"sum_i s_i {summand}"
    else:
        loss = f"(1/{n}) sum_i {summand}" if problem.scaling == "mean" else f"sum_i {summand}"
    c = "" if np.all(problem.penalty.c == 1) else "c_j "
    return f"{loss} + {lam or number(problem.lam, 6)} {problem.penalty.formula(c)}"


def symbols(problem: Problem, lam: str = "") -> str:
    """Say what the letters of the formula stand for; ``lam`` is put in place of what is said of lam."""
    n, p = problem.shape
    penalty = problem.penalty
    parts = [f"u = X w{' + b' if problem.intercept else ''}, {n} samples, {p} features"]
    parts.append(lam or f"lam = {number(problem.lam, 6)}")
    if not lam and problem.lam > 0 and 0 < problem.lambda_max < np.inf:
        parts[-1] += f" = {problem.lam / problem.lambda_max:.4g} lambda_max"
    parts.append(problem.loss.formula[1])
    if _weighted(problem):
        parts.append("s = the sample weights" + (" over their sum" if problem.scaling == "mean" else ""))
    finite = penalty.c[np.isfinite(penalty.c)]
    if finite.size:
        low, high = number(finite.min()), number(finite.max())
        parts.append(f"feature weights c_j {f'from {low} to {high}' if low != high else f'= {low}'}")
    parts.append(penalty.symbols)
    if not problem.intercept:
        parts.append("no intercept")
    return "; ".join(part for part in parts if part)


def conditions(problem: Problem) -> list[tuple[str, str]]:
    """Return the optimality condition as pairs (where, what)."""
    lines = problem.penalty.conditions
    if problem.lam > 0 and problem.penalty.free.any():
        zero = "dLoss/dw_j = 0, or >= 0 while w_j = 0" if problem.penalty.nonnegative else "dLoss/dw_j = 0"
        lines.append(("lam_j = 0", f"{zero}  (not penalised)"))
    if problem.penalty.excluded.any():
        lines.append(("lam_j = inf", "w_j = 0  (excluded from the model)"))
    return lines


def _weighted(problem: Problem) -> bool:
    return not np.all(problem.s == (1.0 if problem.scaling == "sum" else problem.s[0]))
