"""What a certificate costs, in passes over X, what checking its file costs, and whether it catches perturbed answers.

python examples/benchmarks/certificate.py
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from common import ar1, machine, median_seconds, random_design, targets

import lassoopt as lo


def cost(n: int = 1000, p: int = 10_000) -> None:
    """Gap, rounding bound, KKT states and proven zeros of a dense problem, against the time of ``X.T @ r``."""
    X, y = ar1(n, p)
    lam = 0.1 * lo.Problem(X, y, 1.0).lambda_max
    solution = lo.solve(lo.Problem(X, y, lam), tol=1e-8)
    one_pass = median_seconds(lambda: X.T @ solution.theta, 21)

    def certify(problem: lo.Problem) -> None:
        certificate = lo.certify(problem, solution.coef, solution.intercept, solution.theta)
        assert certificate.certified
        assert len(certificate.states) == p
        assert certificate.proven_zeros.any()

    known = lo.Problem(X, y, lam)
    certify(known)
    fresh = [lo.Problem(X, y, lam) for _ in range(11)]
    again = median_seconds(lambda: certify(known), 11) / one_pass
    first = median_seconds(lambda: certify(fresh.pop()), 11) / one_pass
    print(f"dense {n} x {p}: X.T @ r takes {1e3 * one_pass:.1f} ms; a certificate {again:.1f} times that,")
    print(f"    {first:.1f} times when the column statistics of X are not known yet")


def verification(n: int = 1000, p: int = 10_000) -> None:
    """A file written, and checked in floating point and in rational arithmetic: diabetes, and a dense problem."""
    data = lo.datasets.diabetes()
    X, y = ar1(n, p)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "cert.json"
        for name, A, b in (("diabetes, 442 x 10", data.X, data.y), (f"dense {n} x {p}", X, y)):
            problem = lo.Problem(A, b, 1.0)
            solution = lo.solve(problem.with_lam(0.1 * problem.lambda_max))
            save = median_seconds(lambda solution=solution: solution.certificate.save(file), 3)
            floats = median_seconds(lambda A=A, b=b: lo.verify(file, A, b), 3)
            rationals = median_seconds(lambda A=A, b=b: lo.verify(file, A, b, exact=True), 3)
            found = lo.verify(file, A, b, exact=True)
            assert found.proven
            print(
                f"{name}: saved in {save:.3g} s, verified in {floats:.3g} s, in rational numbers in {rationals:.3g} s"
            )


def perturbations(count: int = 20) -> None:
    """An answer moved by 1e-3 (relative) in one coefficient is reported, and the gap bounds its suboptimality."""
    caught = bounded = 0
    for seed in range(count):
        rng = np.random.default_rng(seed)
        loss = list(lo.LOSSES)[seed % len(lo.LOSSES)]
        X = random_design(80, 30, "dense", rng)
        signal = X @ np.r_[rng.standard_normal(4), np.zeros(26)]
        problem = lo.Problem(X, targets(loss, signal / signal.std(), rng), 1.0, loss=loss)
        problem = problem.with_lam(0.1 * problem.lambda_max)
        solution = lo.solve(problem, tol=1e-10)
        coef = solution.coef.copy()
        j = int(np.argmax(np.abs(coef) * problem.columns.spread))
        coef[j] *= 1 + 1e-3
        certificate = lo.certify(problem, coef, solution.intercept)
        excess = certificate.primal - solution.certificate.primal
        caught += not certificate.certified
        bounded += excess <= certificate.proven_gap
        print(f"{loss:14} excess {excess:.2e} <= gap {certificate.gap:.2e}: {certificate.states[j]}")
    print(f"reported: {caught} of {count}; bound holds: {bounded} of {count}")


if __name__ == "__main__":
    print(machine())
    cost()
    verification()
    perturbations()
