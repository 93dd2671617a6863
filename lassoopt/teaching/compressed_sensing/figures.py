"""The figures show a signal and what was made of it, and the map of where recovery works."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from ...arrays.arguments import numeric_array, vector
from ...arrays.design_matrix import Array
from ...drawing.style import GREY, INK, RED, TOTAL, ZERO, drawing, key, root
from .recovery import PhaseTransition

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def recovered_signal(signal: ArrayLike, estimate: ArrayLike, ax: Axes | None = None) -> Axes:
    """Draw the truth as open circles, the estimate as stems with dots; entries that are exactly 0 have neither."""
    truth = numeric_array("signal", signal, 1)
    found = vector("estimate", estimate, truth.size, f"the signal has {truth.size} entries")
    true, kept = np.flatnonzero(truth), np.flatnonzero(found)
    with drawing(ax) as axes:
        axes.axhline(0.0, **ZERO)
        axes.vlines(kept, 0.0, found[kept], color=RED, linewidth=1.2)
        label = f"truth: {true.size} nonzero"
        axes.plot(true, truth[true], "o", color=INK, markersize=9, fillstyle="none", label=label)
        axes.plot(kept, found[kept], "o", color=RED, markersize=4, label=f"estimate: {kept.size} nonzero")
        axes.set(xlabel="entry $j$", ylabel="$x_j$", xlim=(-1, truth.size))
        key(axes)
    return axes


def phase_transition(found: PhaseTransition, ax: Axes | None = None) -> Axes:
    """Draw the share of signals recovered, dark for none and light for all, with the theoretical line."""
    with drawing(ax) as axes:
        across, up = _borders(found.deltas), _borders(found.rhos)
        cells = axes.pcolormesh(across, up, found.rate.T, cmap="Blues_r", vmin=0.0, vmax=1.0)
        root(axes).colorbar(cells, ax=axes, label="share of signals recovered").outline.set_visible(False)
        axes.plot(*found.theory, color="white", linewidth=5.0)
        axes.plot(*found.theory, label=r"theory for $p\to\infty$", **{**TOTAL, "linestyle": "--"})
        axes.set(xlabel=r"measurements per unknown $\delta=n/p$", ylabel=r"nonzeros per measurement $\rho=k/n$")
        axes.set(xlim=(0, 1), ylim=(0, 1))
        missing = int(np.sum(found.tried == 0))
        if missing:
            axes.patch.set(hatch="///", edgecolor=GREY)
        unknown = f" (hatched: {missing} cells not reached)" if missing else ""
        axes.set_title(rf"Signals of length $p={found.p}$: recovered below the line, lost above{unknown}")
        key(axes)
    return axes


def _borders(centres: Array) -> Array:
    """Return cell borders halfway between the centres; the outermost mirror the next, and stay within [0, 1]."""
    if centres.size == 1:
        return np.array([0.0, 1.0])
    between = (centres[1:] + centres[:-1]) / 2
    ends = 2 * centres[[0, -1]] - between[[0, -1]]
    return np.clip(np.concatenate([ends[:1], between, ends[1:]]), 0.0, 1.0)
