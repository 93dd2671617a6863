"""What a solver returns: status, history and solution, the same for all of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np

from ..arrays.arguments import require_tolerance, whole_number
from ..arrays.design_matrix import Array
from ..certificates.certificate import Certificate
from ..certificates.certification import certify
from ..errors import InputError
from ..problems.problem import Problem


class Status(Enum):
    """How a solve ended. Each member's value is advice; only `OPTIMAL` is certified."""

    OPTIMAL = "certified: the relative gap is at most the tolerance asked for"
    INACCURATE = "the gap, or its rounding error, is above the tolerance; read them, centre or rescale X, or raise tol"
    ITERATION_LIMIT = "the iteration limit came first; allow more iterations, or raise tol"
    INTERRUPTED = "stopped by the callback or by Ctrl-C; the solution is the best so far, with its true gap"
    NOT_ATTAINED = "no minimiser exists: weights without penalty run to infinity; raise lam or penalise all features"
    FAILED = "the solver returned no usable point; the null model is reported in its place"


@dataclass(frozen=True)
class History:
    """A solver's course, one entry a recorded iteration; arrays of one length.

    Attributes
    ----------
    iteration : array of int
    primal_residual, dual_residual : arrays
        As in Boyd et al. (2011), sec. 3.3, relative to the size of the iterates.
    rho : array
        The penalty parameter of the augmented Lagrangian.
    objective, gap : arrays
        The true objective and relative duality gap of the iterate that would be returned.
    """

    iteration: Array
    primal_residual: Array
    dual_residual: Array
    rho: Array
    objective: Array
    gap: Array

    @classmethod
    def of(cls, records: list[tuple[float, ...]]) -> History:
        """From rows (iteration, primal residual, dual residual, rho, objective, gap)."""
        table = np.array(records, dtype=float).reshape(-1, 6)
        return cls(*table.T)

    def __len__(self) -> int:
        return len(self.iteration)

    def __repr__(self) -> str:
        if not len(self):
            return "History(empty)"
        return f"History({len(self)} records, gap {self.gap[0]:.1e} -> {self.gap[-1]:.1e})"


@dataclass(frozen=True)
class Progress:
    """What a callback gets at each recorded iteration; returning True stops the solve."""

    iteration: int
    coef: Array
    intercept: float
    gap: float


Callback = Callable[[Progress], Any]


@dataclass(frozen=True, eq=False)
class Solution:
    """A solver's answer and what is proven about it.

    Attributes
    ----------
    coef, intercept : array of shape (p,), float
        As the solver returned them, in the units of X.
    theta : array of shape (n,)
        The multipliers of ``u = X w + b``, as the solver returned them: ``-dLoss/du``.
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

    @classmethod
    def certified(
        cls,
        problem: Problem,
        coef: Array,
        intercept: float,
        theta: Array,
        status: Status,
        tol: float,
        history: History,
        *,
        solver: str,
        iterations: int,
        start: float,
    ) -> Solution:
        """A solver's answer with its certificate, which has the last word on the status.

        ``start`` is the reading of ``time.perf_counter`` at which the solve began.
        """
        certificate = certify(problem, coef, intercept, theta if np.isfinite(theta).all() else None, tol=tol)
        if status is not Status.NOT_ATTAINED and certificate.certified:
            status = Status.OPTIMAL
        elif status is Status.OPTIMAL:
            status = Status.INACCURATE
        return cls(
            coef=coef,
            intercept=intercept,
            theta=theta,
            status=status,
            certificate=certificate,
            history=history,
            solver=solver,
            iterations=iterations,
            seconds=time.perf_counter() - start,
        )

    @property
    def coef_with_proven_zeros(self) -> Array:
        """``coef`` with every feature that is 0 in all optimal solutions set to exactly 0."""
        return self.certificate.coef_with_proven_zeros

    def __repr__(self) -> str:
        nonzero = int(np.count_nonzero(self.coef))
        return (
            f"Solution({self.solver}: {self.status.name}, relative gap {self.certificate.relative_gap:.1e}, "
            f"{nonzero} of {self.coef.size} weights nonzero, {self.iterations} iterations, {self.seconds:.3g} s)"
        )


def require_options(problem: Problem, tol: Any, max_iter: Any, warm_start: Any) -> None:
    """The options that every iterative solver takes."""
    require_tolerance(tol)
    whole_number("max_iter", max_iter, 1)
    if warm_start is not None and not isinstance(warm_start, Solution):
        raise InputError(f"warm_start: found {type(warm_start).__name__}; allowed is a Solution")
    if warm_start is not None and (warm_start.coef.size, warm_start.theta.size) != problem.shape[::-1]:
        raise InputError(f"warm_start: found {warm_start.coef.size} features; the problem has shape {problem.shape}")
    for name in ("coef", "intercept", "theta") if warm_start is not None else ():
        values = np.asarray(getattr(warm_start, name))
        if not np.isfinite(values).all():
            found = values[~np.isfinite(values)][0]
            raise InputError(f"warm_start: found {found} in its {name}; allowed are finite numbers")
