"""One solve of a case at 0.1 lambda_max: in units of one ``X.T @ r``, and its peak memory in units of X.

    python examples/benchmarks/footprint.py NAME [SEED] [--quick]

To be run in a fresh process: the peak counts from when X is built, so it holds the problem's set-up, too.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from cells import state
from common import median_seconds
from designs import CASES

import lassoopt as lo

_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def resident() -> int:
    """Bytes in memory now, the peak being forgotten; where that cannot be had, the peak until now."""
    if not _STATUS.exists():
        return peak()
    _CLEAR.write_text("5")  # the peak starts anew
    return _status("VmRSS")


def peak() -> int:
    """The largest number of bytes in memory; on Linux `resource` would count the parent's, too."""
    if _STATUS.exists():
        return _status("VmHWM")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _status(name: str) -> int:
    line = next(line for line in _STATUS.read_text().splitlines() if line.startswith(name))
    return 1024 * int(line.split()[1])


def solve(kind: str, X: Any, y: np.ndarray) -> lo.Problem:
    problem = state(kind, X, y)
    problem = problem.with_lam(0.1 * problem.lambda_max)
    lo.solve(problem)
    return problem


def footprint(name: str, seed: int, quick: bool) -> dict[str, float]:
    """Seconds of ``X.T @ r`` and of a solve to 1e-8, and the peak memory above X, in units of X."""
    kind = CASES[name].kind
    X, y = CASES[name].data(seed, quick)
    rng = np.random.default_rng(0)
    small = rng.standard_normal((30, 20))
    solve(kind, small, (small[:, 0] > 0).astype(float))  # modules and BLAS are loaded
    r = rng.standard_normal(len(y))
    product = median_seconds(lambda: X.T @ r, 21)
    before = resident()
    problem = solve(kind, X, y)
    above = peak() - before
    size = X.data.nbytes + X.indices.nbytes + X.indptr.nbytes if sp.issparse(X) else X.nbytes
    seconds = median_seconds(lambda: lo.solve(problem), 3)
    times = {"product": product, "solve": seconds, "products": seconds / product}
    return {**times, "X bytes": size, "above X": above / size}


if __name__ == "__main__":
    arguments = [argument for argument in sys.argv[1:] if argument != "--quick"]
    seed = int(arguments[1]) if len(arguments) > 1 else 0
    print(json.dumps(footprint(arguments[0], seed, "--quick" in sys.argv)))
