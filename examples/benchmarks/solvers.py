"""ADMM against CVXPY with OSQP, SCS and Clarabel: seconds to a relative gap of 1e-6 by *our* certificate.

    python examples/benchmarks/solvers.py [squared] [logistic]

AR(1) designs at 0.1 lambda_max. Each CVXPY solver starts at its default tolerance, which is tightened tenfold
until the certificate is met; the time is that of the run that meets it, compiling apart. ADMM's time includes
stating the problem, its factorisation and every certificate. Medians of ``repeats`` runs for ADMM, in the same process.
"""

from __future__ import annotations

import sys

from common import ar1, machine, median_seconds

import lassoopt as lo

TOLERANCE = 1e-6
SIZES = ((200, 500), (1000, 200), (1000, 2000))
SOLVERS = {"squared": ("OSQP", "SCS", "CLARABEL"), "logistic": ("SCS", "CLARABEL")}


def options(solver: str, tolerance: float) -> dict[str, float]:
    if solver == "OSQP":
        return {"eps_abs": tolerance, "eps_rel": tolerance, "max_iter": 100_000}
    if solver == "SCS":
        return {"eps_abs": tolerance, "eps_rel": tolerance, "max_iters": 100_000}
    return {"tol_gap_rel": tolerance, "tol_gap_abs": tolerance, "tol_feas": tolerance}


def by_cvxpy(problem: lo.Problem, solver: str) -> tuple[float, float, float]:
    """(seconds, compile seconds, relative gap) of the loosest tolerance that the certificate accepts."""
    best = (float("inf"), 0.0, float("inf"))
    for tolerance in (None, 1e-5, 1e-6, 1e-7, 1e-8):
        settings = {} if tolerance is None else options(solver, tolerance)
        solution = lo.Reference(problem, solver, settings).solve(tol=TOLERANCE)
        best = solution.seconds, solution.compile_seconds, solution.certificate.relative_gap
        if best[2] <= TOLERANCE:
            return best
    return best


def main(losses: list[str]) -> None:
    print(machine())
    for loss in losses or list(SOLVERS):
        for n, p in SIZES:
            X, y = ar1(n, p)
            y = (y > 0).astype(float) if loss == "logistic" else y
            lam = 0.1 * lo.Problem(X, y, 1.0, loss=loss).lambda_max
            problem = lo.Problem(X, y, lam, loss=loss)
            gap = lo.solve(problem, "admm", tol=TOLERANCE).certificate.relative_gap
            seconds = median_seconds(
                lambda X=X, y=y, lam=lam, loss=loss: lo.solve(lo.Problem(X, y, lam, loss=loss), "admm", tol=TOLERANCE),
                7,
            )
            print(f"{loss} {n} x {p}: admm {seconds:.3f} s, gap {gap:.0e}", flush=True)
            for solver in SOLVERS[loss]:
                taken, compiling, reached = by_cvxpy(problem, solver)
                ratio = taken / seconds if reached <= TOLERANCE else float("inf")
                print(
                    f"    {solver.lower():9} {taken:8.3f} s (+ {compiling:.2f} s compiling), gap {reached:.0e}, "
                    f"{ratio:.1f} times ADMM's",
                    flush=True,
                )


if __name__ == "__main__":
    main(sys.argv[1:])
