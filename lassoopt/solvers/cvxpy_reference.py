"""The reference states the problem declaratively in CVXPY, and reads its multipliers from the solver.

    minimise  s' phi(u, y) + lam * P(w)   subject to   u == X w + b 1

The multiplier of the constraint is ``theta = -dLoss/du`` itself. lam is a parameter of a problem that follows
CVXPY's rules for parametrised programs (DPP), so solving again at another lam does not compile again.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..arrays.design_matrix import overflow_is_no_event
from ..certificates.certification import certify
from ..errors import InputError, SolverError
from ..problems.problem import Problem
from .solution import History, Solution, Status

TAKES = "every loss and penalty"


class Reference:
    """The problem is stated in CVXPY and compiled once; `solve` works at any lam.

    Parameters
    ----------
    problem : Problem
    solver : str
        A solver installed with CVXPY, as "CLARABEL", "SCS" or "OSQP".
    solver_options : mapping, optional
        The solver's own settings, passed through to CVXPY's ``Problem.solve``.

    Raises
    ------
    InputError
        If ``solver_options`` is not a mapping.
    SolverError
        If CVXPY does not know the solver, or the solver cannot state this problem.
    """

    def __init__(
        self, problem: Problem, solver: str = "CLARABEL", solver_options: Mapping[str, Any] | None = None
    ) -> None:
        import cvxpy as cp

        if solver_options is not None and not isinstance(solver_options, Mapping):
            raise InputError(f"solver_options: found {solver_options!r}; allowed is a mapping of names to values")
        if str(solver).upper() not in cp.installed_solvers():
            raise SolverError(f"solver: found {solver!r}; installed: {', '.join(cp.installed_solvers())}")
        n, p = problem.shape
        self.problem, self.solver, self.options = problem, solver.upper(), dict(solver_options or {})
        self._w, self._u = cp.Variable(p, name="w"), cp.Variable(n, name="u")
        self._b = cp.Variable(name="b") if problem.intercept else cp.Constant(0.0)
        self._lam = cp.Parameter(nonneg=True, name="lam")
        self._link = self._u == problem.X @ self._w + self._b
        penalty, constraints = problem.penalty.cvxpy(self._w)
        loss = problem.s @ problem.loss.cvxpy(self._u, problem.y)
        self.statement = cp.Problem(cp.Minimize(loss + self._lam * penalty), [self._link, *constraints])
        self._compiled = False

    def solve(self, lam: float | None = None, *, tol: float = 1e-8) -> Solution:
        """Solve at ``lam`` (the problem's own if not given); certified like every other solution."""
        problem = self.problem if lam is None else self.problem.with_lam(lam)
        self._lam.value = problem.lam
        compile_seconds = self._compile()
        start = time.perf_counter()
        status = self._run()
        seconds = time.perf_counter() - start
        if self._w.value is None or not np.isfinite(self._w.value).all():
            coef, theta, b = problem.null_coef, problem.null.theta, problem.null.intercept
            ended = Status.FAILED
        else:
            # constraints on w hold to the solver's accuracy only, but outside of the penalty's domain no gap is finite
            least = 0.0 if problem.penalty.nonnegative else -np.inf
            coef = np.where(problem.penalty.excluded, 0.0, np.maximum(self._w.value, least))
            b = float(self._b.value)
            theta = np.asarray(self._link.dual_value, dtype=float).ravel()
            ended = Status.INACCURATE
        certificate = certify(problem, coef, b, theta, tol=tol)
        if certificate.certified and ended is not Status.FAILED and status == "optimal":
            ended = Status.OPTIMAL
        if problem.recession is not None:
            ended = Status.NOT_ATTAINED
        stats = self.statement.solver_stats
        iterations = int(stats.num_iters or 0) if stats is not None else 0
        name = f"cvxpy/{self.solver.lower()}"
        return Solution(coef, b, theta, ended, certificate, History.of([]), name, iterations, seconds, compile_seconds)

    def _compile(self) -> float:
        """Bring the statement into the solver's form once; CVXPY keeps that for the next lam."""
        if self._compiled:
            return 0.0
        import cvxpy as cp

        start = time.perf_counter()
        try:
            self.statement.get_problem_data(self.solver)
        except cp.error.SolverError as error:
            raise SolverError(f"solver: {self.solver} cannot state this problem: {error}") from None
        self._compiled = True
        return time.perf_counter() - start

    def _run(self) -> str:
        """Return the solver's own status, or "failed"; a loose status is no error, as its gap is reported."""
        import warnings

        import cvxpy as cp

        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*[Ss]olution may be inaccurate.*")
            try:
                self.statement.solve(solver=self.solver, **self.options)
            except cp.error.SolverError:
                return "failed"
            except TypeError as error:
                if not self.options:
                    raise
                raise InputError(f"solver_options: {self.solver} does not take {self.options}: {error}") from None
        return str(self.statement.status)


def fits(problem: Problem) -> bool:
    """Say that CVXPY takes every problem."""
    return True


@overflow_is_no_event
def solve(
    problem: Problem,
    *,
    tol: float = 1e-8,
    solver: str = "CLARABEL",
    solver_options: Mapping[str, Any] | None = None,
) -> Solution:
    """Solve by CVXPY. The raw w is reported, never exactly 0; the certificate proves its zeros.

    Parameters
    ----------
    problem : Problem
    tol : float
        The relative gap up to which the answer counts as optimal; the solver's own tolerances are among its options.
    solver, solver_options
        As for `Reference`.
    """
    return Reference(problem, solver, solver_options).solve(tol=tol)
