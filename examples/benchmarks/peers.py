"""lassoopt against scikit-learn, celer and skglm: seconds to a relative gap that *our certificate* confirms.

    pip install ".[bench]"
    python examples/benchmarks/peers.py [--cases NAME ...] [--quick] [--repeats 5] [--limit 60] [--markdown] [--out DIR]

The cells: least squares at one lam and along paths, logistic, the group lasso, the quantile lasso, cross-validation
(`cells.py`), on designs of several families (`designs.py`). One number a cell: the fastest peer's time over lassoopt's.

A solver's own tolerance is tightened, tenfold from 0.1 and by half a decade at the end, until the certificate of its
coefficients meets the target, rounding included: a path, at its worst point. The time is the median of ``--repeats``
runs at that tolerance, or a single one where it is above 5 s. What each tolerance means is in `rivals.py`; lassoopt is
run at the target itself.

Counted    for all: the fit, or the path, from data that are validated and in the layout the solver likes best (Fortran
           order, C order for liblinear, CSC). For lassoopt: its certificates, too; for the others: their column norms,
           but neither our certificates nor the search for the tolerance.
Set-up     not counted, in a column of its own: for lassoopt, `Problem` (validation), lambda_max and the column
           statistics, once a case.
Left out   making and converting data; a first fit of a small problem, for the just-in-time compilers.

A cell that is not reached, at the tightest tolerance or as a fit took more than ``--limit`` seconds, is reported with
its best gap. Ratios are of times in the same run, on the same threads. Linux and macOS: fits run in forked processes.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import scipy.sparse as sp
from cells import KINDS, Cell, lambdas_of, state
from common import machine
from designs import CASES
from peers_report import figure, markdown, report, table
from rivals import PACKAGES, rivals, version, warm_up, warm_up_ours


def run_case(name: str, seed: int, quick: bool, repeats: int, limit: float) -> Iterator[dict[str, Any]]:
    """One row a setting, solver and target, as they come."""
    case, kind = CASES[name], KINDS[CASES[name].kind]
    X, y = case.data(seed, quick)
    start = time.perf_counter()
    problem = state(case.kind, X, y)
    set_up = time.perf_counter() - start
    others = rivals(case.kind)
    for rival in others.values():
        warm_up(rival, case.kind, sp.issparse(X))
    warm_up_ours(case.kind, sp.issparse(X))
    for setting in kind.quick if quick else kind.settings:
        cell = Cell(case.kind, problem, lambdas_of(setting, problem, quick))
        for solver in ("lassoopt", *others):
            ours = solver == "lassoopt"
            result = cell.by_ours(repeats, limit) if ours else cell.by_rival(others[solver], (X, y), repeats, limit)
            for target in kind.targets:
                met = result.met.get(target)
                row = {
                    "case": name,
                    "family": case.family,
                    "kind": case.kind,
                    "setting": setting,
                    "target": target,
                    "solver": solver,
                    "seconds": met and met.seconds,
                    "gap": met.gap if met else result.best_gap,
                    "tol": met and met.tol,
                    "stopped": None if met else result.stopped,
                    "failed": result.failed,
                    "set-up": set_up if ours else None,
                    "runs": [(run.tol, run.seconds, run.gap) for run in result.runs],
                }
                missed = f"not reached, best gap {result.best_gap:.0e} ({result.stopped})"
                said = f"{met.seconds:.3g} s" if met else missed
                print(f"{name}, {setting}, {target:.0e}: {solver} {said}", file=sys.stderr, flush=True)
                yield row


def footprint(name: str, seed: int, quick: bool) -> dict[str, Any]:
    """`footprint.py` in a fresh process, or what went wrong there."""
    script = str(Path(__file__).with_name("footprint.py"))
    command = [sys.executable, script, name, str(seed), *(["--quick"] if quick else [])]
    ran = subprocess.run(command, capture_output=True, text=True)
    return json.loads(ran.stdout) if ran.returncode == 0 else {"failed": (ran.stderr.splitlines() or ["killed"])[-1]}


def main(argv: list[str] | None = None) -> dict[str, Any]:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", nargs="+", choices=list(CASES), default=list(CASES), metavar="NAME")
    parser.add_argument("--quick", action="store_true", help="small versions of the cases")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--limit", type=float, default=60.0, help="seconds a fit after which a solver is stopped")
    parser.add_argument("--markdown", action="store_true", help="print the tables of README.md, not a line a cell")
    parser.add_argument("--out", type=Path, default=None, help="write peers.txt, .md, .csv, .json and .png there")
    options = parser.parse_args(argv)
    warnings.simplefilter("ignore")  # the peers warn that a tolerance was not met; the certificate says so anyway
    versions = {name: version(name) for name in PACKAGES}
    absent = [name for name, at in versions.items() if at is None]
    missing = [f"{name} is not installed, so skipped: pip install '.[bench]'" for name in absent]
    settings = {key: getattr(options, key) for key in ("seed", "quick", "repeats", "limit")}
    done: dict[str, Any] = {"machine": machine(), "versions": versions, **settings, "rows": [], "footprints": {}}
    print("\n".join([done["machine"], *missing]), file=sys.stderr)
    try:
        for name in options.cases:
            done["rows"].extend(run_case(name, options.seed, options.quick, options.repeats, options.limit))
            if CASES[name].kind not in ("quantile", "cv") and not options.quick:  # small designs show fixed costs alone
                done["footprints"][name] = footprint(name, options.seed, options.quick)
    except KeyboardInterrupt:
        print("interrupted; what is done is kept", file=sys.stderr)
        done["interrupted"] = True
    text = "\n".join([report(done), *missing])
    print(markdown(done) if options.markdown else text)
    if options.out is not None and done["rows"]:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "peers.txt").write_text(text + "\n")
        (options.out / "peers.md").write_text(markdown(done) + "\n")
        (options.out / "peers.csv").write_text(table(done))
        (options.out / "peers.json").write_text(json.dumps(done, indent=1) + "\n")
        figure(done["rows"], options.out / "peers.png")
    return done


if __name__ == "__main__":
    main()
