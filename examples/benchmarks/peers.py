"""lassoopt against scikit-learn, celer and skglm: seconds to a relative gap that *our certificate* confirms.

    pip install ".[bench]"
    python examples/benchmarks/peers.py [--cases NAME ...] [--quick] [--repeats 3] [--seed 0] [--limit 30] [--out DIR]

Every solver's own tolerance is tightened tenfold until the certificate of its coefficients meets the target; the time
is the median of ``--repeats`` runs at that tolerance. Counted for lassoopt: the whole of `solve` or `path`,
certificates included; for the others: their fit, or path. Not counted for anyone: making the data, ours in ``Problem``
(validation, lambda_max, column statistics; "set-up" in the JSON), theirs in Fortran order, and a first run for the
just-in-time compilers. All are without intercept, on centred columns, so that all solve the same problem. A path is met
at its worst point. A cell that is not reached within ``--limit`` seconds a fit, or at the tightest tolerance, is
reported with the best gap.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import tracemalloc
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from common import machine, median_seconds
from designs import CASES, load

import lassoopt as lo
from lassoopt.certify import certify_along
from lassoopt.path import lambda_grid

TARGETS = {"squared": (1e-4, 1e-8), "logistic": (1e-6,)}
SETTINGS = {"squared": ("0.5", "0.1", "0.02", "path 0.05", "path 0.01"), "logistic": ("0.5", "0.1", "0.02")}
LADDER = [10.0**-k for k in range(3, 15)]
Fit = Callable[[Any, Any, np.ndarray, float], np.ndarray]  # (X, y, lambdas, tol) -> coefs of shape (m, p)


def peers(loss: str) -> dict[str, Fit]:
    """The other packages that are installed, one function each."""
    found: dict[str, Fit] = {}
    try:
        import sklearn.linear_model as lm

        if loss == "squared":
            found["scikit-learn"] = lambda X, y, lams, tol: (
                lm.lasso_path(X, y, alphas=lams, tol=tol, max_iter=10**6)[1].T
            )
        else:
            found["scikit-learn"] = lambda X, y, lams, tol: lm.LogisticRegression(
                l1_ratio=1.0, C=1 / (len(y) * lams[0]), solver="liblinear", fit_intercept=False, tol=tol, max_iter=10**5
            ).fit(X, y).coef_  # fmt: skip
    except ImportError:
        pass
    try:
        import celer

        if loss == "squared":
            found["celer"] = lambda X, y, lams, tol: (
                celer.celer_path(X, y, "lasso", alphas=lams, tol=tol, max_iter=200)[1].T
            )
        else:
            found["celer"] = lambda X, y, lams, tol: celer.LogisticRegression(
                C=1 / (len(y) * lams[0]), fit_intercept=False, tol=tol, max_iter=200
            ).fit(X, y).coef_  # fmt: skip
    except ImportError:
        pass
    try:
        import skglm

        if loss == "squared":
            found["skglm"] = lambda X, y, lams, tol: skglm.Lasso(tol=tol, fit_intercept=False, max_iter=200).path(
                X, y, alphas=lams
            )[1].T  # fmt: skip
        else:
            found["skglm"] = lambda X, y, lams, tol: skglm.SparseLogisticRegression(
                alpha=lams[0], tol=tol, fit_intercept=False, max_iter=200
            ).fit(X, 2 * y - 1).coef_  # fmt: skip
    except ImportError:
        pass
    return found


def worst_gap(problem: lo.Problem, lambdas: np.ndarray, coefs: np.ndarray) -> float:
    points = [(problem.with_lam(float(lam)), coef, 0.0) for lam, coef in zip(lambdas, coefs, strict=True)]
    return max(certificate.relative_gap for certificate in certify_along(points, tol=1e-8))


def ours(problem: lo.Problem, lambdas: np.ndarray, tol: float) -> tuple[Callable[[], Any], Callable[[Any], float]]:
    """What is timed, and the gap of what it returns."""
    if len(lambdas) == 1:
        one = problem.with_lam(float(lambdas[0]))
        return lambda: lo.solve(one, tol=tol), lambda found: found.certificate.relative_gap
    return (
        lambda: lo.path(problem, lambdas, tol=tol),
        lambda found: max(certificate.relative_gap for certificate in found.certificates),
    )


def climb(
    fit: Callable[[float], np.ndarray], gap_of: Callable[[np.ndarray], float], target: float, limit: float
) -> Any:
    """Tighten until the target is met: (tolerance, seconds, gap) of each run."""
    runs = []
    for tol in LADDER:
        start = time.perf_counter()
        coefs = fit(tol)
        runs.append((tol, time.perf_counter() - start, gap_of(coefs)))
        if runs[-1][2] <= target or runs[-1][1] > limit:
            break
    return runs


def run_case(name: str, seed: int, quick: bool, repeats: int, limit: float) -> list[dict[str, Any]]:
    """One row a setting, solver and target."""
    X, y, loss = load(name, seed, quick)
    start = time.perf_counter()
    problem = lo.Problem(X, y, 1.0, loss=loss, intercept=False)
    top = problem.lambda_max
    problem = problem.with_lam(top)
    set_up = time.perf_counter() - start
    rows = []
    for setting in SETTINGS[loss]:
        kind, _, ratio = setting.rpartition(" ")
        lambdas = lambda_grid(problem, 100, float(ratio)) if kind else np.array([float(ratio) * top])
        for target in TARGETS[loss]:
            work, gap_of = ours(problem, lambdas, target)
            gap = gap_of(work())
            row = {"case": name, "setting": setting, "target": target, "set-up": set_up}
            rows.append({**row, "solver": "lassoopt", "seconds": median_seconds(work, repeats), "gap": gap})
        for solver, fit in peers(loss).items():
            fit(X, y, lambdas[:2], 0.1)  # the compilers' turn
            runs = climb(lambda tol, fit=fit, lambdas=lambdas: fit(X, y, lambdas, tol),
                         lambda coefs, lambdas=lambdas: worst_gap(problem, lambdas, coefs),
                         TARGETS[loss][-1], limit)  # fmt: skip
            for target in TARGETS[loss]:
                met = next((run for run in runs if run[2] <= target), None)
                seconds = np.inf
                if met is not None:
                    more = repeats if met[1] < 0.3 * limit else 1
                    seconds = median_seconds(lambda fit=fit, met=met, lambdas=lambdas: fit(X, y, lambdas, met[0]), more)
                gap = min(run[2] for run in runs) if met is None else met[2]
                row = {"case": name, "setting": setting, "target": target, "set-up": 0.0, "runs": runs}
                rows.append({**row, "solver": solver, "seconds": seconds, "gap": gap})
            print(f"  {name}, {setting}: {solver} {seconds:.3g} s", file=sys.stderr, flush=True)
    return rows


def footprint(name: str, seed: int, quick: bool) -> dict[str, float]:
    """One solve at 0.1 lambda_max, in units: of the time of one ``X.T @ r``, and of the memory of X."""
    X, y, loss = load(name, seed, quick)
    problem = lo.Problem(X, y, 1.0, loss=loss, intercept=False)
    problem = problem.with_lam(0.1 * problem.lambda_max)
    r = np.random.default_rng(0).standard_normal(len(y))
    product = median_seconds(lambda: X.T @ r, 21)
    seconds = median_seconds(lambda: lo.solve(problem), 7)
    tracemalloc.start()
    lo.solve(problem)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    size = X.data.nbytes + X.indices.nbytes if sp.issparse(X) else X.nbytes
    return {"products": seconds / product, "X.T @ r": product, "memory": 1 + peak / size}


def table(rows: list[dict[str, Any]]) -> str:
    """Seconds, the best peer's over ours, and the medians of these."""
    lines, ratios = [], {}
    for case, setting, target in dict.fromkeys((row["case"], row["setting"], row["target"]) for row in rows):
        here = {r["solver"]: r for r in rows if (r["case"], r["setting"], r["target"]) == (case, setting, target)}
        mine = here.pop("lassoopt")
        best = min((row["seconds"] for row in here.values()), default=np.inf)
        ratio = best / mine["seconds"]
        ratios.setdefault((CASES[case].loss, "path" if "path" in setting else "one lam", target), []).append(ratio)
        shown = [
            f"{name} {row['seconds']:.4f}" if np.isfinite(row["seconds"]) else f"{name} not reached ({row['gap']:.0e})"
            for name, row in here.items()
        ]
        lines.append(
            f"{case:20} {setting:9} {target:.0e}  ours {mine['seconds']:8.4f} (gap {mine['gap']:.0e})  "
            f"best peer / ours {ratio:6.1f}   {'  '.join(shown)}"
        )
    for (loss, kind, target), found in ratios.items():
        lines.append(
            f"{loss}, {kind}, {target:.0e}: median {np.median(found):.1f}, least {min(found):.2f}, {len(found)} cells"
        )
    return "\n".join(lines)


def figure(rows: list[dict[str, Any]], path: Path) -> None:
    """Time against certified gap, a panel a case, at the smallest single lam."""
    from lassoopt.plots.style import drawing_many, root

    cases = list(dict.fromkeys(row["case"] for row in rows))
    marks = {"lassoopt": ("k", "-", "o"), "scikit-learn": ("0.5", ":", "s"), "celer": ("0.35", "--", "^"),
             "skglm": ("0.2", "-.", "v")}  # fmt: skip
    columns = min(3, len(cases))
    height = -(-len(cases) // columns)
    with drawing_many(None, height, columns, figsize=(4 * columns, 3 * height), layout="constrained") as panels:
        for panel, case in zip(panels, cases, strict=False):
            for solver, (color, dash, mark) in marks.items():
                own = [row for row in rows if (row["case"], row["setting"], row["solver"]) == (case, "0.02", solver)]
                runs = own[0].get("runs") or [(0, row["seconds"], row["gap"]) for row in own] if own else []
                seconds, gaps = [run[1] for run in runs], [max(run[2], 1e-16) for run in runs]
                panel.loglog(seconds, gaps, color=color, linestyle=dash, marker=mark, label=solver)
            panel.set(title=f"{case}, 0.02 lambda_max", xlabel="seconds", ylabel="certified relative gap")
        for panel in panels[len(cases) :]:
            panel.set_visible(False)
        panels[0].legend()
        root(panels[0]).savefig(path, dpi=110)


def main(argv: list[str] | None = None) -> list[dict[str, Any]]:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", nargs="+", choices=list(CASES), default=list(CASES), metavar="NAME")
    parser.add_argument("--quick", action="store_true", help="small versions of the cases")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--limit", type=float, default=30.0, help="seconds a fit after which a solver is left alone")
    parser.add_argument("--out", type=Path, default=None, help="write peers.txt, peers.json and peers.png there")
    options = parser.parse_args(argv)
    warnings.simplefilter("ignore")  # the peers' warnings that a tolerance was not met; the certificate says so anyway
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    missing = {"scikit-learn", "celer", "skglm"} - set(peers("squared"))
    lines = [machine(), *(f"{name} is not installed: pip install '.[bench]'" for name in sorted(missing))]
    rows: list[dict[str, Any]] = []
    sizes = {}
    try:
        for name in options.cases:
            rows += run_case(name, options.seed, options.quick, options.repeats, options.limit)
            sizes[name] = footprint(name, options.seed, options.quick)
    except KeyboardInterrupt:
        print("interrupted; what is done is kept", file=sys.stderr)
    lines.append(table(rows))
    for name, size in sizes.items():
        lines.append(
            f"{name}: at 0.1 lambda_max {size['products']:.1f} times one X.T @ r ({size['X.T @ r'] * 1e3:.2f} ms); "
            f"peak memory {size['memory']:.2f} times X"
        )
    print("\n".join(lines))
    if options.out is not None and rows:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "peers.txt").write_text("\n".join(lines) + "\n")
        (options.out / "peers.json").write_text(
            json.dumps({"machine": machine(), "rows": rows, "sizes": sizes}, indent=1)
        )
        figure(rows, options.out / "peers.png")
    return rows


if __name__ == "__main__":
    main()
