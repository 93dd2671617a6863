"""Diabetes at ten lam from lambda_max to lambda_max / 1000: ADMM's iterations to a certified 1e-10.

python examples/benchmarks/diabetes_path.py
"""

from __future__ import annotations

import numpy as np
from common import machine, median_seconds

import lassoopt as lo


def main() -> None:
    print(machine())
    data = lo.datasets.diabetes()
    problem = lo.Problem(data.X, data.y, lam=1.0, standardize=True, feature_names=data.feature_names)
    print(
        f"{'lam/lambda_max':>14} {'iterations':>10} {'relative gap':>12} {'with rounding':>13} {'nonzero':>7} {'ms':>6}"
    )
    for ratio in np.geomspace(1, 1e-3, 10):
        at = problem.with_lam(ratio * problem.lambda_max)
        solution = lo.solve(at, method="admm", tol=1e-10)
        proven = solution.certificate.proven_gap / at.scale
        seconds = median_seconds(lambda at=at: lo.solve(at, method="admm", tol=1e-10))
        nonzero = np.count_nonzero(solution.coef)
        gap = solution.certificate.relative_gap
        print(f"{ratio:14.4f} {solution.iterations:10d} {gap:12.1e} {proven:13.1e} {nonzero:7d} {1e3 * seconds:6.1f}")
        assert solution.status is lo.Status.OPTIMAL
        assert solution.iterations < 500


if __name__ == "__main__":
    main()
