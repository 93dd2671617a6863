"""Every solver returns the same three things: a status, a history and a solution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from ..arrays.design_matrix import Array
from ..certificates.certificate import Certificate

THE_CERTIFICATES: Array = np.zeros(0)  # in place of a solution's theta it stands for the certificate's


class Status(Enum):
    """The status says how a solve ended. Each member's value is advice; only `OPTIMAL` is certified."""

    OPTIMAL = "certified: the relative gap is at most the tolerance asked for"
    INACCURATE = "the gap, or its rounding error, is above the tolerance; read them, centre or rescale X, or raise tol"
    ITERATION_LIMIT = "the iteration limit came first; allow more iterations, or raise tol"
    INTERRUPTED = "stopped by the callback or by Ctrl-C; the solution is the best so far, with its true gap"
    NOT_ATTAINED = "no minimiser exists: weights without penalty run to infinity; raise lam or penalise all features"
    FAILED = "the solver returned no usable point; the null model is reported in its place"


@dataclass(frozen=True)
class History:
    """A history has one entry for each recorded iteration of a solver, none where there was but one; its arrays have
    one length.

    Attributes
    ----------
    iteration : array of int
    objective, gap : arrays
        The true objective and relative duality gap of the iterate that would be returned.
    primal_residual, dual_residual : arrays, or None
        As in Boyd et al. (2011), sec. 3.3, relative to the size of the iterates; None for a solver that has none.
    rho : array, or None
        The penalty parameter of ADMM's augmented Lagrangian; None for another solver.
    """

    iteration: Array
    objective: Array
    gap: Array
    primal_residual: Array | None = None
    dual_residual: Array | None = None
    rho: Array | None = None

    @classmethod
    def of(cls, records: Sequence[Mapping[str, float]]) -> History:
        """Make a history of the records, which all have the same names."""
        names = records[0] if records else ("iteration", "objective", "gap")
        found = {name: np.array([record[name] for record in records], dtype=float) for name in names}
        return cls(**{**found, "iteration": found["iteration"].astype(int)})

    def __len__(self) -> int:
        return len(self.iteration)

    def __repr__(self) -> str:
        if not len(self):
            return "History(empty)"
        return f"History({len(self)} records, gap {self.gap[0]:.1e} -> {self.gap[-1]:.1e})"


@dataclass(frozen=True, eq=False)
class Solution:
    """A solution is a solver's answer and what is proven about it.

    Attributes
    ----------
    coef, intercept : array of shape (p,), float
        As the solver returned them, in the units of X.
    theta : array of shape (n,)
        The multipliers of ``u = X w + b``, ``-dLoss/du``, as the solver returned them; the certificate's if that left
        them to be computed when they are asked for.
    status : Status
    certificate : Certificate
        Recomputed from the problem, not from the solver's own account.
    history : History
    solver : str
    iterations : int
    seconds : float
        Wall time of the solve, compiling excluded.
    compile_seconds : float
        Wall time of stating the problem to the solver.
    """

    coef: Array
    intercept: float
    theta: Array
    status: Status
    certificate: Certificate
    history: History
    solver: str
    iterations: int
    seconds: float
    compile_seconds: float = 0.0

    @property
    def coef_with_proven_zeros(self) -> Array:
        """It is ``coef`` with every feature that is 0 in all optimal solutions set to exactly 0."""
        return self.certificate.coef_with_proven_zeros

    def finished(self) -> Solution:
        """Return the solution; raise KeyboardInterrupt if it was interrupted, for callers that use no half answer."""
        if self.status is Status.INTERRUPTED:
            raise KeyboardInterrupt
        return self

    def __repr__(self) -> str:
        nonzero = int(np.count_nonzero(self.coef))
        return (
            f"Solution({self.solver}: {self.status.name}, relative gap {self.certificate.relative_gap:.1e}, "
            f"{nonzero} of {self.coef.size} weights nonzero, {self.iterations} iterations, {self.seconds:.3g} s)"
        )


class _Multipliers:
    """The field holds the multipliers that a solver returned, or finds those of the certificate when asked."""

    def __get__(self, solution: Solution | None, owner: type) -> Array:
        if solution is None:
            raise AttributeError("theta")  # the class has none, as of its other fields
        given: Array = vars(solution)["theta"]
        return given if given.size else solution.certificate.theta

    def __set__(self, solution: Solution, theta: Array) -> None:
        vars(solution)["theta"] = theta


setattr(Solution, "theta", _Multipliers())  # noqa: B010  inside of the class it would be taken for a default
