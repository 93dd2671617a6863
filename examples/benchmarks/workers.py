"""Cross-validation with one worker and with two: 5 folds of an AR(1) design, 100 lam to 0.01 lambda_max.

OPENBLAS_NUM_THREADS=1 python examples/benchmarks/workers.py
"""

from __future__ import annotations

import time

import numpy as np
from common import ar1, machine

import lassoopt as lo


def main(n: int = 500, p: int = 5000, repeats: int = 5) -> None:
    print(machine())
    X, y = ar1(n, p)
    problem = lo.Problem(np.asfortranarray(X), y)
    lo.cross_validate(problem, 5, lambdas=[problem.lambda_max, 0.5 * problem.lambda_max])  # compilers are done
    seconds: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(repeats):
        for workers, times in seconds.items():  # in turns, as a machine is not as fast at all times
            start = time.perf_counter()
            found = lo.cross_validate(problem, 5, eps=0.01, workers=workers)
            times.append(time.perf_counter() - start)
            assert found.certified
    one, two = np.median(seconds[1]), np.median(seconds[2])
    print(f"5 folds of {n} x {p}: {one:.3g} s with 1 worker, {two:.3g} s with 2, {one / two:.2f} times faster")


if __name__ == "__main__":
    main()
