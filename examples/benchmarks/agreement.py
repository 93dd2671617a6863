"""Every loss x penalty x intercept x scaling x sample weights, solved twice and cross-checked.

    python examples/benchmarks/agreement.py [--quick]

For n > p, n < p and a sparse design, at 0.3 and 0.05 of lambda_max: ADMM to a certified relative gap of 1e-8,
CVXPY with its default settings to 1e-6, and the verdict. Prints a count, and every case that misses.
"""

from __future__ import annotations

import itertools
import sys
from collections import Counter

import numpy as np
from common import machine, random_design, targets

import lassoopt as lo


def cases(quick: bool = False):
    """(label, problem) for every combination; with ``quick``, one design, scaling and weighting each."""
    designs = [(60, 20, "dense"), (30, 60, "dense"), (50, 30, "sparse")]
    scalings, weightings = ("mean", "sum"), (False, True)
    if quick:
        designs, scalings, weightings = designs[:1], ("mean",), (False,)
    grid = itertools.product(designs, lo.LOSSES, lo.PENALTIES, (True, False), scalings, weightings)
    for (n, p, kind), loss, name, intercept, scaling, weighted in grid:
        rng = np.random.default_rng(0)
        X = random_design(n, p, kind, rng)
        signal = X @ np.r_[rng.standard_normal(4), np.zeros(p - 4)]
        penalty = lo.PENALTIES[name]
        problem = lo.Problem(
            X,
            targets(loss, signal / signal.std(), rng),
            lam=1.0,
            loss=loss,
            penalty=penalty(groups=np.arange(p) // 3) if "group" in name else penalty(),
            intercept=intercept,
            scaling=scaling,
            sample_weight=rng.random(n) * (np.arange(n) % 7 > 0) if weighted else None,
        )
        for ratio in (0.3, 0.05):
            label = f"{n}x{p} {kind} {loss} {name} intercept={intercept} {scaling} weights={weighted} {ratio}"
            yield label, problem.with_lam(ratio * problem.lambda_max)


def main(quick: bool) -> int:
    print(machine())
    verdicts, misses, iterations = Counter(), 0, []
    for label, problem in cases(quick):
        check = lo.crosscheck(problem)
        admm, reference = check.solutions["admm"], check.solutions["cvxpy"]
        gaps = admm.certificate.relative_gap, reference.certificate.relative_gap
        verdicts[check.verdict.name] += 1
        iterations.append(admm.iterations)
        if gaps[0] > 1e-8 or gaps[1] > 1e-6 or not check.agrees:
            misses += 1
            print(f"MISS {label}: {check.verdict.name}, gaps admm {gaps[0]:.1e}, cvxpy {gaps[1]:.1e}", flush=True)
    quantiles = np.percentile(iterations, [50, 90, 100]).astype(int)
    print(f"{len(iterations)} problems: {dict(verdicts)}; misses: {misses}")
    print("ADMM iterations: median {}, 90 % {}, most {}".format(*quantiles))
    return int(misses > 0)


if __name__ == "__main__":
    sys.exit(main("--quick" in sys.argv))
