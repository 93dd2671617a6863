"""The figure of a path shows weights and their correlations against lam."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..certificates.figure import mark_band, units
from ..certificates.kkt import reach
from ..drawing.style import BAND, GREY, INK, LIGHT, drawing_many, root
from .departures import FollowedPath, departures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

_NAMED = 12  # so many features are drawn in colour and named


def path(found: FollowedPath, ax: Sequence[Axes] | None = None) -> list[Axes]:
    """Draw the weights against lam, falling from left to right, and below them the correlations ``x_j' theta / lam_j``.

    A weight leaves 0 exactly where its correlation meets the edge of the band, and stays there while the weight
    is not 0. The first dozen features to leave are named, each with a colour and a dash; the others are pale. Thin
    vertical lines mark where the named ones leave, each time that they do.

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
    enters = np.where((weights != 0).any(axis=0), (weights != 0).argmax(axis=0), len(lambdas))
    order = np.argsort(enters, kind="stable")
    named = [int(j) for j in order[:_NAMED] if enters[j] < len(lambdas)]
    with drawing_many(ax, 2, 1, sharex=True, figsize=(7.5, 6.0)) as (top, bottom):
        bottom.axhspan(-1.0, 1.0, zorder=0, **BAND)
        for j in order[len(named) :]:
            for panel, values in ((top, weights), (bottom, used)):
                panel.plot(lambdas, values[:, j], color=LIGHT, linestyle="-", linewidth=0.8, zorder=1)
        lines = []
        for j, look in zip(named, rcParams["axes.prop_cycle"], strict=False):
            lines += top.plot(lambdas, weights[:, j], label=problem.feature_names[j], **look)
            bottom.plot(lambdas, used[:, j], **look)
        for each in departures(found):
            if each.feature in named:
                for panel in (top, bottom):
                    panel.axvline(each.lam, color=GREY, linewidth=0.6, zorder=0.5, gid=f"leaves {each.name}")
        _name_ends(top, lines)
        for panel in (top, bottom):
            panel.axhline(0.0, color=INK, linewidth=0.6)
        top.set(ylabel=name, xscale="log" if lambdas[-1] > 0 else "linear")
        top.set_xlim(lambdas[0], lambdas[-1] if len(lambdas) > 1 else lambdas[0] / 2)
        limit = max(1.3, 1.1 * float(np.abs(used[np.isfinite(used)]).max(initial=0.0)))
        bottom.set(xlabel=r"$\lambda$, falling", ylim=(-limit, limit))
        mark_band(bottom, r"correlation $x_j^\top\theta$")
        top.set_title("A weight leaves zero where its correlation meets the band")
    return [top, bottom]


def _name_ends(axes: Axes, lines: list[Line2D]) -> None:
    """Write each line's name right of the axes, after a sample of its dash that a thin leader joins to the line's end.

    The names stand as near to the ends as they can, one below the other in the order of the ends, where there is room.
    """
    from matplotlib.lines import Line2D
    from matplotlib.transforms import ScaledTranslation, blended_transform_factory
    from scipy.optimize import isotonic_regression

    if not lines:
        return
    figure, (low, high) = root(axes), axes.get_ylim()
    height = 72 * axes.get_position().height * figure.get_size_inches()[1]  # in points
    row = np.arange(len(lines)) * (high - low) * 11.5 / height  # that many lines of text
    ends = np.array([np.asarray(line.get_ydata())[-1] for line in lines])
    order = np.argsort(ends, kind="stable")
    places = np.clip(isotonic_regression(ends[order] - row).x, low, max(high - row[-1], low)) + row
    corner: Any = axes.transAxes
    beside = figure.dpi_scale_trans + ScaledTranslation(1.0, 0.0, corner)  # inches from the right edge
    for i, place in zip(order, places, strict=True):
        look: dict[str, Any] = {"transform": blended_transform_factory(beside, axes.transData), "clip_on": False}
        leader = Line2D([0.0, 0.14, 0.18], [ends[i], place, place], color=GREY, linewidth=0.5, **look)
        sample = Line2D([0.18, 0.58], [place, place], **look)
        sample.update_from(lines[i])
        sample.set(**look)
        for artist, what in ((leader, "leader"), (sample, "sample")):
            artist.set(label=f"_{what}", gid=f"{what} {lines[i].get_label()}")
            axes.add_artist(artist)
        axes.annotate(
            str(lines[i].get_label()), (1.0, place), (45, 0), xycoords=("axes fraction", "data"),
            textcoords="offset points", color=lines[i].get_color(), va="center", fontsize=9, annotation_clip=False,
        )  # fmt: skip
