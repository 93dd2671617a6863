"""How times grow: n and p are doubled three times, dense and sparse, at 0.1 lambda_max to a certified 1e-8.

    python examples/benchmarks/growth.py [--quick] [--repeats 5] [--limit 60] [--out DIR]

Dense: AR(1) designs from 250 x 2500 on. Sparse: texts from 1250 x 12500 on, 100 words each. How each solver is timed is
said in `peers.py`. The figure, growth.png, has time against n x p, or the entries stored, both axes in their logarithm.
"""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from cells import Cell, state
from common import machine
from designs import Case
from peers_report import LOOKS
from rivals import PACKAGES, rivals, version, warm_up, warm_up_ours

from lassoopt.drawing.style import drawing_many, root

SIZES = {
    "dense": [Case("ar1", 400 * 2**k, 2500 * 2**k) for k in range(4)],
    "sparse": [Case("text", 1250 * 2**k, 12_500 * 2**k) for k in range(4)],
}
TARGET = 1e-8


def grow(case: Case, seed: int, quick: bool, repeats: int, limit: float) -> dict[str, Any]:
    """Seconds of each solver on one design, None where it does not get there."""
    X, y = case.data(seed, quick)
    problem = state("squared", X, y)
    cell = Cell("squared", problem, np.array([0.1 * problem.lambda_max]))
    others = rivals("squared")
    climbs = {"lassoopt": cell.by_ours(repeats, limit)}
    climbs.update({name: cell.by_rival(rival, (X, y), repeats, limit) for name, rival in others.items()})
    seconds = {name: found.met[TARGET].seconds if TARGET in found.met else None for name, found in climbs.items()}
    return {"n": X.shape[0], "p": X.shape[1], "entries": X.nnz if sp.issparse(X) else X.size, "seconds": seconds}


def figure(rows: list[dict[str, Any]], path: Path) -> None:
    """Draw a panel for dense designs, and one for sparse ones."""
    with drawing_many(None, 1, 2, figsize=(8.0, 3.6), sharey=True) as panels:
        for panel, what in zip(panels, SIZES, strict=True):
            here = [row for row in rows if row["design"] == what]
            for solver in here[0]["seconds"]:
                points = [(row["entries"], row["seconds"][solver]) for row in here if row["seconds"][solver]]
                if points:
                    panel.loglog(*zip(*points, strict=True), label=solver, **LOOKS[solver])
            first, last = (f"{row['n']} x {row['p']}" for row in (here[0], here[-1]))
            panel.set_title(f"{what}, {first} to {last}")
            panel.set_xlabel("entries of X" if what == "dense" else "entries of X stored")
        panels[0].set_ylabel("seconds to a certified 1e-8")
        whole = root(panels[0])
        whole.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=4)
        whole.savefig(path)


def main(argv: list[str] | None = None) -> list[dict[str, Any]]:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of n and p")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--limit", type=float, default=60.0, help="seconds a fit after which a solver is stopped")
    parser.add_argument("--out", type=Path, default=None, help="write growth.json and growth.png there")
    options = parser.parse_args(argv)
    warnings.simplefilter("ignore")  # as in peers.py
    versions = {name: version(name) for name in PACKAGES}
    print(f"{machine()}; {', '.join(f'{name} {at}' for name, at in versions.items() if at)}")
    for sparse in (False, True):
        for rival in rivals("squared").values():
            warm_up(rival, "squared", sparse)
        warm_up_ours("squared", sparse)
    rows: list[dict[str, Any]] = []
    for what, cases in SIZES.items():
        for case in cases:
            row = grow(case, options.seed, options.quick, options.repeats, options.limit)
            rows.append({"design": what, **row})
            said = ", ".join(f"{name} {s:.3g} s" if s else f"{name} not reached" for name, s in row["seconds"].items())
            print(f"{what} {row['n']} x {row['p']}: {said}", file=sys.stderr, flush=True)
    print("each doubling of n and p, which makes a dense X fourfold and a sparse one twofold, takes")
    for what in SIZES:
        for solver in rows[0]["seconds"]:
            times = [row["seconds"][solver] for row in rows if row["design"] == what]
            steps = [f"{b / a:.1f}" if a and b else "-" for a, b in pairwise(times)]
            print(f"  {what}, {solver}: {', '.join(steps)} times as long")
    if options.out is not None:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "growth.json").write_text(json.dumps(rows, indent=1) + "\n")
        figure(rows, options.out / "growth.png")
    return rows


if __name__ == "__main__":
    main()
