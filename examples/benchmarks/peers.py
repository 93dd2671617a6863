"""lassoopt against scikit-learn, celer and skglm: seconds to a relative gap that *our certificate* confirms.

    pip install ".[bench]"
    python examples/benchmarks/peers.py [--cases NAME ...] [--quick] [--repeats 3] [--seed 0] [--limit 30] [--out DIR]

A solver's own tolerance is tightened, tenfold from 0.1 and by half a decade at the end, until the certificate of its
coefficients meets the target, rounding included: a path, at its worst point. The time is the median of ``--repeats``
runs at that tolerance. What each tolerance means is in `rivals.py`; lassoopt is run at the target itself.

Counted    for all: the fit, or the path, from data that are validated and in the layout the solver likes best (Fortran
           order, C order for liblinear, CSC). For lassoopt: its certificates, too; for the others: their column norms,
           but neither our certificates nor the search for the tolerance.
Set-up     not counted, in a column of its own: for lassoopt, `Problem` (validation), lambda_max and the column
           statistics, once a case.
Left out   making and converting data; a first fit of a small problem, for skglm's just-in-time compiler.

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

import numpy as np
import scipy.sparse as sp
from common import machine
from designs import CASES, load
from peers_report import figure, report
from rivals import PACKAGES, Rival, rivals, version, warm_up
from stopwatch import Climb, climb

import lassoopt as lo
from lassoopt.certificates.certificate import Certificate
from lassoopt.certificates.certification import certify_along
from lassoopt.paths.grid_path import lambda_grid

TARGETS = {"squared": (1e-4, 1e-8), "logistic": (1e-6,)}
SETTINGS = {"squared": ("0.5", "0.1", "0.02", "path 0.05", "path 0.01"), "logistic": ("0.5", "0.1", "0.02")}
LADDER = [10.0**-k for k in range(1, 15)]
OURS = (1e-2, 1e-4, 1e-6, 1e-8, 1e-10)  # of a single lam, for the figure


def proven(certificates: list[Certificate]) -> float:
    """The worst relative gap, or its rounding error where that is larger: what `certified` compares with tol."""
    return max(max(each.relative_gap, each.rounding / each.problem.scale) for each in certificates)


def gap_of(problem: lo.Problem, lambdas: np.ndarray, coefs: np.ndarray, tol: float) -> float:
    """The gap of a peer's coefficients, infinite if they are not finite; above ``tol``, by the sharper multipliers."""
    if not np.isfinite(coefs).all():
        return np.inf
    points = [(problem.with_lam(float(lam)), coef, 0.0) for lam, coef in zip(lambdas, coefs, strict=True)]
    return proven(certify_along(points, tol=tol))


def by_ours(problem: lo.Problem, lambdas: np.ndarray, targets: tuple[float, ...], repeats: int, limit: float) -> Climb:
    """`solve` at one lam, `path` along several."""
    settings: dict[str, Any] = {"targets": targets, "repeats": repeats, "limit": limit, "exact": True}
    if len(lambdas) > 1:
        return climb(
            lambda tol: lo.path(problem, lambdas, tol=tol), lambda path: proven(path.certificates), targets, **settings
        )
    one = problem.with_lam(float(lambdas[0]))
    return climb(lambda tol: lo.solve(one, tol=tol), lambda found: proven([found.certificate]), OURS, **settings)


def by_rival(
    rival: Rival,
    data: tuple[Any, np.ndarray],
    problem: lo.Problem,
    lambdas: np.ndarray,
    targets: tuple[float, ...],
    repeats: int,
    limit: float,
) -> Climb:
    X, y = rival.prepare(*data)
    unit = problem.lambda_max if rival.absolute else 1.0
    return climb(
        lambda tol: rival.fit(X, y, lambdas, tol * unit),
        lambda coefs: gap_of(problem, lambdas, coefs, targets[-1]),
        LADDER,
        targets,
        repeats=repeats,
        limit=limit,
    )


def run_case(
    name: str, seed: int = 0, quick: bool = False, repeats: int = 3, limit: float = 30.0
) -> Iterator[dict[str, Any]]:
    """One row a setting, solver and target, as they come."""
    X, y, loss = load(name, seed, quick)
    start = time.perf_counter()
    problem = lo.Problem(X, y, 1.0, loss=loss, intercept=False)
    top = problem.lambda_max
    problem = problem.with_lam(top)
    set_up = time.perf_counter() - start
    others, targets = rivals(loss), TARGETS[loss]
    for rival in others.values():
        warm_up(rival, loss, sp.issparse(X))
    for setting in SETTINGS[loss][1:4] if quick else SETTINGS[loss]:
        kind, _, ratio = setting.rpartition(" ")
        lambdas = lambda_grid(problem, 20 if quick else 100, float(ratio)) if kind else np.array([float(ratio) * top])
        for solver in ("lassoopt", *others):
            if solver == "lassoopt":
                result = by_ours(problem, lambdas, targets, repeats, limit)
            else:
                rival = others[solver]
                result = by_rival(others[solver], (X, y), problem, lambdas, targets, repeats, limit)
            for target in targets:
                met = result.met.get(target)
                row = {
                    "case": name,
                    "loss": loss,
                    "setting": setting,
                    "target": target,
                    "solver": solver,
                    "seconds": met and met.seconds,
                    "gap": met.gap if met else result.best_gap,
                    "tol": met and met.tol,
                    "stopped": None if met else result.stopped,
                    "failed": result.failed,
                    "set-up": set_up if solver == "lassoopt" else None,
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
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--limit", type=float, default=30.0, help="seconds a fit after which a solver is stopped")
    parser.add_argument("--out", type=Path, default=None, help="write peers.txt, peers.json and peers.png there")
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
            if not options.quick or name == options.cases[0]:  # small designs show little but fixed costs
                done["footprints"][name] = footprint(name, options.seed, options.quick)
    except KeyboardInterrupt:
        print("interrupted; what is done is kept", file=sys.stderr)
        done["interrupted"] = True
    text = "\n".join([report(done), *missing])
    print(text)
    if options.out is not None and done["rows"]:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "peers.txt").write_text(text + "\n")
        (options.out / "peers.json").write_text(json.dumps(done, indent=1) + "\n")
        figure(done["rows"], options.out / "peers.png")
    return done


if __name__ == "__main__":
    main()
