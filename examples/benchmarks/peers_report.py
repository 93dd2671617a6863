"""Write the table and draw the figure of `peers.py`, from its JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from lassoopt.drawing.style import BLUE, GREY, INK, PALE, RED, drawing_many, root

SHOWN = "0.02"  # the setting of the figure
LOOKS = {
    "lassoopt": {"color": RED, "linestyle": "-", "marker": "o", "linewidth": 2.2},
    "scikit-learn": {"color": GREY, "linestyle": ":", "marker": "s", "linewidth": 2.0},
    "celer": {"color": BLUE, "linestyle": "--", "marker": "^"},
    "skglm": {"color": INK, "linestyle": "-.", "marker": "x"},
}


def report(done: dict[str, Any]) -> str:
    """Return a line for each cell, the medians of the ratios, and a line for each design."""
    rows = done["rows"]
    versions = ", ".join(f"{name} {at}" for name, at in done["versions"].items() if at)
    lines = [
        f"{done['machine']}; {versions}",
        f"seed {done['seed']}, medians of {done['repeats']} repeats, at most {done['limit']:g} s a fit"
        f"{', small cases' if done['quick'] else ''}{', INTERRUPTED' if done.get('interrupted') else ''}",
        "seconds to the certified relative gap; x: the fastest peer's over lassoopt's, with: over ours and our set-up",
        f"{'case':24} {'lam':9} {'gap':>5}  {'set-up':>7} {'lassoopt':>9} {'x':>6} {'with':>6}  peers",
    ]
    ratios: dict[tuple[str, str, float, str], list[float]] = {}
    for case, setting, target in dict.fromkeys((row["case"], row["setting"], row["target"]) for row in rows):
        here = {r["solver"]: r for r in rows if (r["case"], r["setting"], r["target"]) == (case, setting, target)}
        ours = here.pop("lassoopt")
        seconds = {name: _or_inf(row["seconds"]) for name, row in here.items()}
        mine, fastest = _or_inf(ours["seconds"]), min(seconds.values(), default=np.inf)
        kind = ours["loss"], "paths" if "path" in setting else "one lam", target
        for name, time in (*seconds.items(), *([("the fastest peer", fastest)] if seconds else [])):
            broken = ours["failed"] or (here[name]["failed"] if name in here else False)
            if not broken and (np.isfinite(mine) or np.isfinite(time)):
                ratios.setdefault((*kind, name), []).append(time / mine if np.isfinite(mine) else 0.0)
        columns = [
            _cell(ours) if ours["seconds"] is None else f"{mine:9.4f}",
            _ratio(fastest, mine),
            _ratio(fastest, mine + ours["set-up"]),
        ]
        peers = "  ".join(f"{name} {_cell(row)}" for name, row in here.items())
        lines.append(f"{case:24} {setting:9} {target:5.0e}  {ours['set-up']:7.4f} {' '.join(columns)}  {peers}")
    lines.append(
        "times over lassoopt's: inf where a peer did not get there, 0 where lassoopt did not; failed runs apart"
    )
    for (loss, what, target, name), found in ratios.items():
        lines.append(
            f"  {loss}, {what}, {target:.0e}: {name} median {np.median(found):.2f}, from {min(found):.2f} to "
            f"{max(found):.2f}, {len(found)} cells"
        )
    lines.append("one solve at 0.1 lambda_max to 1e-8")
    for name, size in done["footprints"].items():
        if "failed" in size:
            lines.append(f"  {name}: {size['failed']}")
            continue
        line = f"  {name}: {size['products']:.1f} times one X.T @ r ({1e3 * size['product']:.3g} ms)"
        large = size["X bytes"] >= 1e7  # below that, the interpreter's own memory is what one would see
        lines.append(line + (f"; peak memory above X {size['above X']:.2f} times X, set-up included" if large else ""))
    return "\n".join(lines)


def _or_inf(seconds: float | None) -> float:
    return np.inf if seconds is None else seconds


def _cell(row: dict[str, Any]) -> str:
    if row["seconds"] is not None:
        return f"{row['seconds']:.4f}"
    return f"{'failed' if row['failed'] else 'not reached'}, best gap {row['gap']:.0e} ({row['stopped']})"


def _ratio(theirs: float, ours: float) -> str:
    return f"{theirs / ours:6.2f}" if np.isfinite(theirs) and np.isfinite(ours) else f"{'-':>6}"


def figure(rows: list[dict[str, Any]], path: Path) -> None:
    """Draw time against certified relative gap at 0.02 lambda_max: a panel for each case, a run for each tolerance."""
    from matplotlib.ticker import NullFormatter

    rows = [row for row in rows if row["setting"] == SHOWN]
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
