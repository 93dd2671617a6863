"""The kinds of cells of `peers.py`: which problem is solved, to what, and how far off an answer is.

An answer is the coefficients along lam; how far off it is, is its worst relative gap by our certificate. Two differ:

    quantile  the multipliers do not follow from the coefficients, so a peer's coefficients are certified with ours
    cv        the answer is the table of errors of 5 folds along 100 lam, and what counts is its largest relative
              difference from a table that is certified to 1e-10; a gap of 1e-8 at every lam gives about 1e-4
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
from designs import Data
from stopwatch import Climb, climb

import lassoopt as lo
from lassoopt.certificates.certificate import Certificate
from lassoopt.certificates.certification import certify_along
from lassoopt.paths.grid_path import lambda_grid

FOLDS, GROUP = 5, 10  # folds of cross-validation, and features in a group


@dataclass(frozen=True)
class Kind:
    """A kind of cell has targets, and settings: one lam, or a path of 100 down to one, as a share of lambda_max."""

    targets: tuple[float, ...]
    settings: tuple[str, ...]
    quick: tuple[str, ...]
    loss: str = "squared"


KINDS = {
    "squared": Kind((1e-4, 1e-8), ("0.5", "0.1", "0.02", "path 0.05", "path 0.01"), ("0.1", "0.02", "path 0.05")),
    "logistic": Kind((1e-6,), ("0.5", "0.1", "0.02"), ("0.1", "0.02"), "logistic"),
    "group": Kind((1e-6,), ("0.5", "0.1", "0.02"), ("0.1",)),
    "quantile": Kind((1e-6,), ("0.1",), ("0.1",), "quantile"),
    "cv": Kind((1e-4,), ("5 folds 0.01",), ("5 folds 0.1",)),
}
LADDER = [10.0**-k for k in range(1, 15)]


def state(kind: str, X: Any, y: np.ndarray) -> lo.Problem:
    """State the problem, at its lambda_max, as a benchmark's set-up that is done once."""
    penalty = lo.Group(groups=np.arange(X.shape[1]) // GROUP) if kind == "group" else "l1"
    problem = lo.Problem(X, y, 1.0, loss=KINDS[kind].loss, penalty=penalty, intercept=False)
    return problem.with_lam(problem.lambda_max)


def lambdas_of(setting: str, problem: lo.Problem, quick: bool) -> np.ndarray:
    """The lam of a setting, such as "0.1" or "path 0.01"."""
    several, _, ratio = setting.rpartition(" ")
    if several:
        return lambda_grid(problem, 20 if quick else 100, float(ratio))
    return np.array([float(ratio) * problem.lambda_max])


def fold_of(n: int) -> np.ndarray:
    """The fold of each sample."""
    return np.arange(n) % FOLDS


class Cell:
    """A cell knows how lassoopt solves it, and how far off an answer is."""

    def __init__(self, kind: str, problem: lo.Problem, lambdas: np.ndarray) -> None:
        self.kind, self.problem, self.lambdas, self.targets = kind, problem, lambdas, KINDS[kind].targets
        if kind == "cv":
            self.table = self._cross_validate(1e-10).fold_errors
        if kind == "quantile":
            self.theta = lo.solve(problem.with_lam(float(lambdas[0])), tol=1e-10).theta

    def by_ours(self, repeats: int, limit: float) -> Climb:
        """Time `solve` at one lam, `path` along several, or `cross_validate`."""
        if self.kind == "cv":
            fit, distance, tolerances = self._cross_validate, lambda found: self.distance(found.fold_errors), (1e-8,)
        else:
            fit, distance, tolerances = self._certificates, proven, self.targets
        exact = self.kind != "cv"
        return climb(fit, distance, tolerances, self.targets, exact=exact, repeats=repeats, limit=limit)

    def by_rival(self, rival: Any, data: Data, repeats: int, limit: float) -> Climb:
        """Time a rival of `rivals.py`."""
        X, y = rival.prepare(*data)
        unit = self.problem.lambda_max if rival.absolute else 1.0
        return climb(
            lambda tol: rival.fit(X, y, self.lambdas, tol * unit),
            self.distance,
            LADDER if rival.iterative else [1.0],
            self.targets,
            repeats=repeats,
            limit=limit,
        )

    def distance(self, answer: np.ndarray) -> float:
        """How far off an answer is, infinitely if it is not finite."""
        if not np.isfinite(answer).all():
            return np.inf
        if self.kind == "cv":
            return float(np.max(np.abs(answer / self.table - 1)))
        if self.kind == "quantile":
            return proven([lo.certify(self.problem.with_lam(float(self.lambdas[0])), answer[0], 0.0, self.theta)])
        points = [(self.problem.with_lam(float(lam)), w, 0.0) for lam, w in zip(self.lambdas, answer, strict=True)]
        return proven(certify_along(points, tol=self.targets[-1]))

    def _certificates(self, tol: float) -> list[Certificate]:
        problem = copy.copy(self.problem)
        for found in ("_centred", "_moments"):  # no run finds what another has computed
            vars(problem).pop(found, None)
        if len(self.lambdas) > 1:
            return list(lo.path(problem, self.lambdas, tol=tol).certificates)
        return [lo.solve(problem.with_lam(float(self.lambdas[0])), tol=tol).certificate]

    def _cross_validate(self, tol: float) -> lo.CrossValidation:
        return lo.cross_validate(self.problem, fold_of(len(self.problem.y)), lambdas=self.lambdas, tol=tol)


def proven(certificates: list[Certificate]) -> float:
    """The worst relative gap, or its rounding error where that is larger: what `certified` compares with tol."""
    return max(max(each.relative_gap, each.rounding / each.problem.scale) for each in certificates)
