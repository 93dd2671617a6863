"""The colours have one home, and stems show what is exactly 0."""

from __future__ import annotations

import re
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import to_hex

import lassoopt as lo
from lassoopt.drawing.parts import stems

ROOT = Path(lo.__file__).resolve().parent.parent


def test_no_colour_is_written_outside_the_style():
    files = [path for folder in ("lassoopt", "examples") for path in (ROOT / folder).rglob("*.py")]
    assert len(files) > 100
    written = re.compile(r"""["']#[0-9a-fA-F]{6}""")
    found = {path.parent.name for path in files if written.search(path.read_text(encoding="utf-8"))}
    assert found == {"drawing"}


def test_stems_are_hollow_where_exactly_zero():
    _, ax = plt.subplots()
    places, heights = np.arange(4), np.array([0.5, 0.0, -1e-300, 0.0])
    drawn = stems(ax, places, heights, color=lo.plots.RED, zero=lo.plots.GREY, label="weight")
    (lines,) = ax.collections
    assert [segment.tolist() for segment in lines.get_segments()] == [[[0, 0], [0, 0.5]], [[2, 0], [2, -1e-300]]]
    kept, zero = ax.lines
    assert drawn == [lines, kept, zero]
    assert (kept.get_label(), zero.get_label()) == ("weight", "weight: exactly 0")
    assert (kept.get_xdata().tolist(), zero.get_xdata().tolist()) == ([0, 2], [1, 3])
    assert to_hex(kept.get_markerfacecolor()) == lo.plots.RED.lower()
    assert (zero.get_markerfacecolor(), zero.get_color()) == ("white", lo.plots.GREY)
