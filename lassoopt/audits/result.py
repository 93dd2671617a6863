"""An `Audit` holds the certificate of someone else's fit, and says in one line what follows from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..certificates.certificate import Certificate
from ..problems.conventions import CONVENTIONS
from ..problems.problem import Problem
from ..problems.statement import formula, symbols
from ..solvers.solution import Solution
from ..text.tables import ceiling, facts, number
from .stated_fit import Fit


@dataclass(frozen=True, eq=False, repr=False)
class Audit:
    """An audit says what someone else's coefficients are worth on the problem they are said to solve; see `audit`.

    Attributes
    ----------
    estimator : str
        What was audited: package and class.
    fit : Fit
        Its coefficients and its objective, in its own convention and the units of your columns.
    certificate : Certificate
        What is proven about the coefficients on `problem`, with the optimality conditions feature by feature.
    optimum : Solution or None
        The optimal solution, if the coefficients are not optimal.
    optimal_at : float or None
        If they are not optimal: the strength, in the fit's own convention, at which they are certified. None if no such
        strength is known.
    remedy : str
        What to do about it; "" if they are optimal.
    """

    estimator: str
    fit: Fit
    certificate: Certificate
    optimum: Solution | None = None
    optimal_at: float | None = None
    remedy: str = ""

    @property
    def problem(self) -> Problem:
        """Return what the fit says it minimises."""
        return self.certificate.problem

    @property
    def optimal(self) -> bool:
        """Return whether the coefficients are proven optimal to the relative gap ``certificate.tol``."""
        return self.certificate.certified

    @property
    def excess(self) -> float:
        """Return how far the objective is above the best one known; 0 if it is optimal."""
        return 0.0 if self.optimum is None else self.certificate.primal - self.optimum.certificate.primal

    @property
    def verdict(self) -> str:
        """Say in one line: optimal and to what gap, or suboptimal by how much, and where it shows."""
        certificate, scale = self.certificate, self.problem.scale
        if self.optimal:
            return f"optimal to a relative gap of {ceiling(certificate.proven_gap / scale) if scale > 0 else '0'}"
        if not np.isfinite(certificate.gap):
            outside = [row.name for row in certificate.kkt if row.margin == -np.inf]
            where = f": the coefficient of {outside[0]!r} is not allowed" if outside else ""
            return f"not proven optimal: nothing bounds how far the objective is above the optimum{where}"
        if self.excess <= certificate.rounding:  # all that is known is the bound from above
            return f"not proven optimal: at most {ceiling(certificate.proven_gap)} above the optimum"
        relative = f" (relative {number(self.excess / scale, 4)})" if scale > 0 else ""
        return "; ".join(filter(None, [f"suboptimal by {number(self.excess, 4)}{relative}", self._violation]))

    @property
    def _violation(self) -> str:
        """Say which condition gains most if it alone is repaired; "" if none does, as where the loss has kinks."""
        certificate = self.certificate
        worst = max(certificate.kkt, key=lambda row: row.gain)
        if certificate.intercept_gain > worst.gain:
            slope = number(abs(certificate.intercept_gradient), 4)
            return f"the intercept violates its condition dLoss/db = 0 by {slope}"
        if not worst.gain > certificate.rounding:
            return ""
        return f"feature {worst.name!r} violates its condition by {number(-worst.margin, 4)}"

    def __repr__(self) -> str:
        return f"Audit({self.estimator}, {self._strength}: {self.verdict})"

    @property
    def _strength(self) -> str:
        return f"{CONVENTIONS[self.fit.convention].symbol}={self.fit.lam:.6g}"

    def __str__(self) -> str:
        objective = CONVENTIONS[self.fit.convention].objective
        ratio = f", r={self.fit.l1_ratio:g}" if "(1 - r)" in objective else ""
        lines = [
            ("minimises", f"{objective},  with {self._strength}{ratio}"),
            ("that is", formula(self.problem)),
            ("where", symbols(self.problem)),
            ("verdict", self.verdict),
        ]
        lines += [("remedy", self.remedy)] if self.remedy else []
        return "\n".join([f"Audit of {self.estimator}", "", *facts(lines)])
