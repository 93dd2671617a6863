"""A problem, and the optimality condition that its penalty sets each feature, in words and formulas.

Losses and penalties that are not listed here are shown by their own names.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..losses import Huber, Logistic, Loss, Poisson, Quantile, Squared, SquaredHinge
from ..penalties import L1, ElasticNet, Group, NonnegativeL1, Penalty, SparseGroup
from ..problem import Problem
from .table import number

# the summand of the loss, and what its symbols mean
_LOSSES: dict[type[Loss], Callable[[Any], tuple[str, str]]] = {
    Squared: lambda loss: ("1/2 (y_i - u_i)^2", ""),
    Logistic: lambda loss: ("log(1 + exp(-t_i u_i))", "t_i = -1 or 1 codes the label y_i"),
    Huber: lambda loss: (
        "huber(y_i - u_i)",
        f"huber(r) = r^2/2 for |r| <= {loss.delta:g}, else {loss.delta:g} |r| - {0.5 * loss.delta**2:g}",
    ),
    Quantile: lambda loss: (
        "pinball(y_i - u_i)",
        f"pinball(r) = {loss.level:g} r for r >= 0, else {1 - loss.level:g} |r|",
    ),
    SquaredHinge: lambda loss: ("max(0, 1 - t_i u_i)^2", "t_i = -1 or 1 codes the label y_i"),
    Poisson: lambda loss: ("(exp(u_i) - y_i u_i)", ""),
}

# the formula of P, written for feature weights "c_j " or, where all are 1, ""
_PENALTIES: dict[type[Penalty], Callable[[Any, str], str]] = {
    L1: lambda penalty, c: f"sum_j {c}|w_j|",
    NonnegativeL1: lambda penalty, c: f"sum_j {c}w_j",
    ElasticNet: lambda penalty, c: (
        f"sum_j [{penalty.l1_ratio:g} {c}|w_j| + {0.5 * (1 - penalty.l1_ratio):g} ({c}w_j)^2]"
    ),
    Group: lambda penalty, c: f"sum_g k_g ||{_inside(c)}||",
    SparseGroup: lambda penalty, c: (
        f"[{penalty.l1_ratio:g} sum_j {c}|w_j| + {1 - penalty.l1_ratio:g} sum_g k_g ||{_inside(c)}||]"
    ),
}

# where the condition holds, what it is
_CONDITIONS: dict[type[Penalty], Callable[[Any], list[tuple[str, str]]]] = {
    L1: lambda penalty: [
        ("w_j = 0", "|dLoss/dw_j| <= lam_j"),
        ("elsewhere", "dLoss/dw_j = -lam_j sign(w_j),  with lam_j = lam c_j"),
    ],
    NonnegativeL1: lambda penalty: [
        ("w_j = 0", "-dLoss/dw_j <= lam_j"),
        ("w_j > 0", "dLoss/dw_j = -lam_j,  with lam_j = lam c_j"),
    ],
    ElasticNet: lambda penalty: [
        ("w_j = 0", "|dLoss/dw_j| <= lam_j"),
        (
            "elsewhere",
            f"dLoss/dw_j = -lam_j sign(w_j) - {1 - penalty.l1_ratio:g} lam c_j^2 w_j,  "
            f"with lam_j = {penalty.l1_ratio:g} lam c_j",
        ),
    ],
    Group: lambda penalty: [
        ("w_g = 0", "||(dLoss/dw/c)_g|| <= lam k_g  for the whole group g"),
        ("elsewhere", "dLoss/dw_j = -lam k_g c_j^2 w_j / ||(c*w)_g||,  with lam_j = lam k_g c_j"),
    ],
    SparseGroup: lambda penalty: [
        (
            "w_g = 0",
            f"||soft((dLoss/dw/c)_g, {penalty.l1_ratio:g} lam)|| <= {1 - penalty.l1_ratio:g} lam k_g  "
            "for the whole group g",
        ),
        ("only w_j = 0", f"|dLoss/dw_j| <= {penalty.l1_ratio:g} lam c_j"),
        (
            "elsewhere",
            f"dLoss/dw_j = -{penalty.l1_ratio:g} lam c_j sign(w_j) "
            f"- {1 - penalty.l1_ratio:g} lam k_g c_j^2 w_j / ||(c*w)_g||",
        ),
        ("lam_j", f"lam c_j ({penalty.l1_ratio:g} + {1 - penalty.l1_ratio:g} k_g)"),
    ],
}


def _inside(c: str) -> str:
    return "(c*w)_g" if c else "w_g"


def formula(problem: Problem) -> str:
    """The objective, with its numbers."""
    n = problem.shape[0]
    summand = _loss(problem.loss)[0]
    if _weighted(problem):
        loss = f"sum_i s_i {summand}"
    else:
        loss = f"(1/{n}) sum_i {summand}" if problem.scaling == "mean" else f"sum_i {summand}"
    c = "" if np.all(problem.penalty.c == 1) else "c_j "
    written = _PENALTIES.get(type(problem.penalty))
    penalty = written(problem.penalty, c) if written else f"{type(problem.penalty).__name__}(w)"
    return f"{loss} + {number(problem.lam, 6)} {penalty}"


def symbols(problem: Problem) -> str:
    """What the letters of the formula stand for."""
    n, p = problem.shape
    penalty = problem.penalty
    parts = [f"u = X w{' + b' if problem.intercept else ''}, {n} samples, {p} features"]
    lambda_max = problem.lambda_max
    ratio = f" = {problem.lam / lambda_max:.4g} lambda_max" if problem.lam > 0 and 0 < lambda_max < np.inf else ""
    parts.append(f"lam = {number(problem.lam, 6)}{ratio}")
    parts.append(_loss(problem.loss)[1])
    if _weighted(problem):
        parts.append("s = the sample weights" + (" over their sum" if problem.scaling == "mean" else ""))
    finite = penalty.c[np.isfinite(penalty.c)]
    if finite.size:
        low, high = number(finite.min()), number(finite.max())
        parts.append(f"feature weights c_j {f'from {low} to {high}' if low != high else f'= {low}'}")
    if isinstance(penalty, Group):
        parts.append(f"k_g weighs the norm of each of {np.unique(np.asarray(penalty.groups)).size} groups")
    if penalty.nonnegative:
        parts.append("all w_j >= 0")
    if not problem.intercept:
        parts.append("no intercept")
    return "; ".join(part for part in parts if part)


def conditions(problem: Problem) -> list[tuple[str, str]]:
    """The optimality condition: pairs (where, what)."""
    written = _CONDITIONS.get(type(problem.penalty))
    general = [("all j", "-dLoss/dw_j is in lam times the subdifferential of the penalty at w")]
    lines = written(problem.penalty) if written else general
    if problem.lam > 0 and problem.penalty.free.any():
        zero = "dLoss/dw_j = 0, or >= 0 while w_j = 0" if problem.penalty.nonnegative else "dLoss/dw_j = 0"
        lines.append(("lam_j = 0", f"{zero}  (not penalised)"))
    if problem.penalty.excluded.any():
        lines.append(("lam_j = inf", "w_j = 0  (excluded from the model)"))
    return lines


def _weighted(problem: Problem) -> bool:
    return not np.all(problem.s == (1.0 if problem.scaling == "sum" else problem.s[0]))


def _loss(loss: Loss) -> tuple[str, str]:
    written = _LOSSES.get(type(loss))
    return written(loss) if written else ("phi(u_i, y_i)", f"phi is {loss!r}")
