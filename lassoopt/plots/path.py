"""The path: weights and their correlations against lam, in one figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..kkt import reach
from ..path import Path
from .kkt import mark_band, units
from .style import BAND, GREY, INK, drawing_many, root

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

_NAMED = 12  # features drawn in colour and named


def path(found: Path, ax: Sequence[Axes] | None = None) -> list[Axes]:
    """Above, the weights against lam, falling from left to right; below, the correlations ``x_j' theta / lam_j``.

    A weight leaves 0 exactly where its correlation meets the edge of the band, and stays there while the weight
    is not 0. The first dozen features to leave are named, each with a colour and a dash; the others are pale.

    Parameters
    ----------
    found : Path
    ax : sequence of two Axes, optional

    Returns
    -------
    list of two Axes
    """
    from matplotlib import rcParams

    problem, lambdas = found.problem, found.lambdas
    unit, name = units(problem)
    weights = unit * np.array([each.coef_with_proven_zeros for each in found.certificates])
    points = zip(lambdas, found.correlations, strict=True)
    used = np.array([reach(problem.with_lam(float(lam)), z) for lam, z in points])
    enters = np.where((weights != 0).any(axis=0), (weights != 0).argmax(axis=0), len(found))
    order = np.argsort(enters, kind="stable")
    named = [int(j) for j in order[:_NAMED] if enters[j] < len(found)]
    with drawing_many(ax, 2, 1, sharex=True, figsize=(7.5, 6.0)) as (top, bottom):
        bottom.axhspan(-1.0, 1.0, zorder=0, **{**BAND, "alpha": 0.5})
        for j in order[len(named) :]:
            for panel, values in ((top, weights), (bottom, used)):
                panel.plot(lambdas, values[:, j], color="#bbbbbb", linestyle="-", linewidth=0.8, zorder=1)
        lines = []
        for j, look in zip(named, rcParams["axes.prop_cycle"], strict=False):
            lines += top.plot(lambdas, weights[:, j], label=problem.feature_names[j], **look)
            bottom.plot(lambdas, used[:, j], **look)
            for panel in (top, bottom):
                panel.axvline(lambdas[max(enters[j] - 1, 0)], color=GREY, linewidth=0.5, zorder=0)
        _name_ends(top, lines)
        for panel in (top, bottom):
            panel.axhline(0.0, color=INK, linewidth=0.6)
        top.set(ylabel=name, xscale="log" if lambdas[-1] > 0 else "linear")
        top.set_xlim(lambdas[0], lambdas[-1] if len(found) > 1 else lambdas[0] / 2)
        limit = max(1.3, 1.1 * float(np.abs(used[np.isfinite(used)]).max(initial=0.0)))
        bottom.set(xlabel=r"$\lambda$, falling", ylim=(-limit, limit))
        mark_band(bottom, r"correlation $x_j^\top\theta$")
        top.set_title("A weight leaves zero where its correlation meets the band")
    return [top, bottom]


def _name_ends(axes: Axes, lines: list[Line2D]) -> None:
    """Each line's label at its right end, moved apart where they would overlap."""
    low, high = axes.get_ylim()
    height = axes.get_position().height * root(axes).get_size_inches()[1]
    room = (high - low) * 12 / (72 * height)  # one line of text
    heights = np.array([np.asarray(line.get_ydata())[-1] for line in lines])
    order = np.argsort(heights)
    places = heights[order]
    for _ in range(200):  # neighbours that overlap push each other apart
        overlap = np.maximum(room - np.diff(places), 0.0)
        places[:-1] -= 0.5 * overlap
        places[1:] += 0.5 * overlap
    for place, line in zip(places, (lines[i] for i in order), strict=True):
        axes.annotate(
            str(line.get_label()), (1.0, place), (4, 0), xycoords=("axes fraction", "data"), textcoords="offset points",
            color=line.get_color(), va="center", fontsize=9, annotation_clip=False,
        )  # fmt: skip
