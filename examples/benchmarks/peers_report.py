"""Write the tables and draw the figure of `peers.py`, from its JSON: ``python peers_report.py peers.json`` prints
those of README.md."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from lassoopt.drawing.style import BLUE, GREY, INK, PALE, RED, drawing_many, root

SHOWN = "0.02"  # the setting of the figure
LOOKS = {
    "lassoopt": {"color": RED, "linestyle": "-", "marker": "o", "linewidth": 2.2},
    "scikit-learn": {"color": GREY, "linestyle": ":", "marker": "s", "linewidth": 2.0},
    "celer": {"color": BLUE, "linestyle": "--", "marker": "^"},
    "skglm": {"color": INK, "linestyle": "-.", "marker": "x"},
}


class Cell(NamedTuple):
    """A cell holds lassoopt's row and its peers', and the fastest peer's time over lassoopt's.

    The ratio is inf where lassoopt alone got there, 0 where it did not, and nan where nobody did, or no peer is there.
    """

    ours: dict[str, Any]
    peers: dict[str, dict[str, Any]]
    ratio: float


def cells(rows: list[dict[str, Any]]) -> Iterator[Cell]:
    """Yield the cells in the order in which they were run."""
    for key in dict.fromkeys((row["case"], row["setting"], row["target"]) for row in rows):
        here = {row["solver"]: row for row in rows if (row["case"], row["setting"], row["target"]) == key}
        ours = here.pop("lassoopt")
        fastest = min((_or_inf(row["seconds"]) for row in here.values()), default=np.inf)
        mine = _or_inf(ours["seconds"])
        known = bool(here) and min(fastest, mine) < np.inf
        yield Cell(ours, here, (fastest / mine if mine < np.inf else 0.0) if known else np.nan)


def heading(done: dict[str, Any]) -> str:
    """Return the machine, threads, versions and settings in one paragraph."""
    versions = ", ".join(f"{name} {at}" for name, at in done["versions"].items() if at)
    return (
        f"{done['machine']}; {versions}; seed {done['seed']}, medians of {done['repeats']}, at most "
        f"{done['limit']:g} s a fit{', small cases' if done['quick'] else ''}"
        f"{', INTERRUPTED' if done.get('interrupted') else ''}"
    )


def summary(done: dict[str, Any]) -> Iterator[tuple[str, float, float, float, int]]:
    """Yield, for each kind of cell and for each family of designs: its name, target, least and median ratio, cells."""
    groups: dict[tuple[str, float], list[float]] = {}
    for cell in cells(done["rows"]):
        kind, target = cell.ours["kind"], cell.ours["target"]
        what = f"{kind}, {'paths' if 'path' in cell.ours['setting'] else 'one lam'}" if kind == "squared" else kind
        for name in (what, f"family {cell.ours['family']}"):
            if not np.isnan(cell.ratio):
                groups.setdefault((name, target if name == what else 0.0), []).append(cell.ratio)
    for (name, target), found in sorted(groups.items(), key=lambda item: item[0][0].startswith("family")):
        yield name, target, min(found), float(np.median(found)), len(found)


def report(done: dict[str, Any]) -> str:
    """Return a line for each cell, for each kind and family, and for each design's footprint."""
    width = max((len(row["case"]) for row in done["rows"]), default=4)
    lines = [
        heading(done),
        "seconds to the certified relative gap; x: the fastest peer's over lassoopt's, with: over ours and our set-up",
        f"{'case':{width}} {'lam':12} {'gap':>5}  {'set-up':>7} {'lassoopt':>9} {'x':>6} {'with':>6}  peers",
    ]
    for ours, peers, ratio in cells(done["rows"]):
        with_set_up = ratio * ours["seconds"] / (ours["seconds"] + ours["set-up"]) if ours["seconds"] else 0.0
        named = "  ".join(f"{name} {_cell(row)}" for name, row in peers.items())
        lines.append(
            f"{ours['case']:{width}} {ours['setting']:12} {ours['target']:5.0e}  {ours['set-up']:7.4f} "
            f"{_cell(ours):>9} {ratio:6.2f} {with_set_up:6.2f}  {named or 'no peer'}"
        )
    lines.append("x: inf where no peer got there, 0 where lassoopt did not, nan where nobody did or there is no peer")
    for name, target, least, median, count in summary(done):
        to = f", {target:.0e}" if target else ""
        lines.append(f"  {name}{to}: least {least:.2f}, median {median:.2f}, {count} cells")
    if done["footprints"]:
        lines.append("one solve at 0.1 lambda_max to 1e-8")
    for name, size in done["footprints"].items():
        if "failed" in size:
            lines.append(f"  {name}: {size['failed']}")
            continue
        line = f"  {name}: {size['products']:.1f} times one X.T @ r ({1e3 * size['product']:.3g} ms)"
        large = size["X bytes"] >= 1e7  # below that, the interpreter's own memory is what one would see
        lines.append(line + (f"; peak memory above X {size['above X']:.2f} times X, set-up included" if large else ""))
    return "\n".join(lines)


def markdown(done: dict[str, Any]) -> str:
    """Return the tables of README.md: the ratio in each cell, at its tightest target, then least and median a kind."""
    tightest = {row["kind"]: row["target"] for row in done["rows"]}  # the last is the tightest
    shown = [cell for cell in cells(done["rows"]) if cell.ours["target"] == tightest[cell.ours["kind"]]]
    settings = list(dict.fromkeys(cell.ours["setting"] for cell in shown))
    ratios = {(cell.ours["case"], cell.ours["setting"]): cell.ratio for cell in shown}
    lines = [
        f"| fastest peer's time over lassoopt's, certificate included | {' | '.join(settings)} |",
        f"| --- |{' --- |' * len(settings)}",
    ]
    for case in dict.fromkeys(case for case, _ in ratios):
        row = " | ".join(_words(ratios[case, setting]) if (case, setting) in ratios else "" for setting in settings)
        lines.append(f"| {case} | {row} |")
    lines += ["", "| cells | to | least | median | how many |", "| --- | --- | --- | --- | --- |"]
    for name, target, least, median, count in summary(done):
        lines.append(
            f"| {name} | {f'{target:.0e}' if target else 'all'} | {_words(least)} | {_words(median)} | {count} |"
        )
    return "\n".join([*lines, "", f"{heading(done)}."])


def table(done: dict[str, Any]) -> str:
    """Return a line for each solver and cell, as CSV."""
    columns = ["case", "family", "kind", "setting", "target", "solver", "seconds", "gap", "tol", "stopped", "set-up"]
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(done["rows"])
    return text.getvalue()


def _words(ratio: float) -> str:
    """Two digits, or what stands for a ratio that is none."""
    if np.isnan(ratio):
        return "no peer"
    special = {np.inf: "no peer got there", 0.0: "lassoopt did not get there"}
    return special.get(ratio, f"{ratio:.2g}" if ratio < 10 else f"{ratio:.0f}")


def _or_inf(seconds: float | None) -> float:
    return np.inf if seconds is None else seconds


def _cell(row: dict[str, Any]) -> str:
    if row["seconds"] is not None:
        return f"{row['seconds']:.4f}"
    return f"{'failed' if row['failed'] else 'not reached'}, best gap {row['gap']:.0e} ({row['stopped']})"


def figure(rows: list[dict[str, Any]], path: Path) -> None:
    """Draw seconds against certified gap, of least squares at 0.02 lambda_max: a panel a case, a point a tolerance."""
    from matplotlib.ticker import NullFormatter

    rows = [row for row in rows if row["setting"] == SHOWN and row["kind"] == "squared"]
    cases = list(dict.fromkeys(row["case"] for row in rows))
    if not cases:
        return
    columns = min(4, len(cases))
    height = -(-len(cases) // columns)
    size = (max(3.0 * columns, 5.0), 2.6 * height + 0.5)
    with drawing_many(None, height, columns, figsize=size, sharey=True) as panels:
        for panel, case in zip(panels, cases, strict=False):
            here = [row for row in rows if row["case"] == case]
            for solver in dict.fromkeys(row["solver"] for row in here):
                runs = next(row for row in here if row["solver"] == solver)["runs"]
                points = [(seconds, max(gap, 1e-16)) for _, seconds, gap in sorted(runs, reverse=True) if gap < np.inf]
                if points:
                    panel.loglog(*zip(*points, strict=True), label=solver, **LOOKS[solver])
            for target in dict.fromkeys(row["target"] for row in here):
                panel.axhline(target, color=PALE, linewidth=0.8, zorder=0)
            panel.xaxis.set_minor_formatter(NullFormatter())
            low, high = panel.get_xlim()
            if high < 12 * low:  # two decades at least, that there are two numbers on the axis
                panel.set_xlim(low / 3, 3 * high)
            panel.set_title(case)
        for panel in panels[len(cases) :]:
            panel.set_visible(False)
        figure = root(panels[0])
        figure.supxlabel("seconds")
        figure.supylabel("certified relative gap")
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=4)
        figure.savefig(path)


if __name__ == "__main__":
    print(markdown(json.loads(Path(sys.argv[1]).read_text())))
