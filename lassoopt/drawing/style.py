"""All figures share a style file, the meaning of colours and dashes, and the place where axes come from.

Nothing is told by colour alone: what a figure must tell apart also differs in dash, marker, hatch or shade.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STYLE = Path(__file__).with_name("lassoopt.mplstyle")

INK, GREY, LIGHT, PALE = "#222222", "#8a8a8a", "#bbbbbb", "#dddddd"
BLUE, RED, GREEN = "#0072B2", "#C8102E", "#009E73"

LOSS: dict[str, Any] = {"color": BLUE, "linestyle": "--"}
PENALTY: dict[str, Any] = {"color": GREY, "linestyle": ":", "linewidth": 2.0}
TOTAL: dict[str, Any] = {"color": RED, "linestyle": "-", "linewidth": 2.2}
TRUTH: dict[str, Any] = {"color": INK, "linestyle": "-", "linewidth": 1.0}
OPTIMUM: dict[str, Any] = {"color": RED, "marker": "o", "markersize": 8, "linestyle": "none", "zorder": 5}
BAND: dict[str, Any] = {"facecolor": PALE, "edgecolor": GREY, "linewidth": 0.8, "alpha": 0.5}
ZERO: dict[str, Any] = {"color": GREY, "linewidth": 0.6, "zorder": 0}
MARK: dict[str, Any] = {"color": INK, "linewidth": 0.9, "linestyle": (0, (1, 2))}


@contextmanager
def drawing(ax: Axes | None) -> Iterator[Axes]:
    """Give the axes to draw into, new ones if none are given, while the style is in force."""
    with drawing_many(None if ax is None else [ax]) as (axes,):
        yield axes


@contextmanager
def drawing_many(axes: Any, rows: int = 1, columns: int = 1, **options: Any) -> Iterator[list[Axes]]:
    """Do as `drawing` for a figure of several panels; ``axes`` is None or a sequence of rows * columns Axes."""
    import matplotlib.pyplot as plt

    with plt.style.context(STYLE):
        panels = plt.subplots(rows, columns, squeeze=False, **options)[1] if axes is None else axes
        listed = list(np.ravel(np.asarray(panels, dtype=object)))
        if len(listed) != rows * columns:
            raise InputError(f"ax: found {len(listed)} Axes; allowed are None or a sequence of {rows * columns} Axes")
        for panel in listed:
            # ticks are made when a figure is shown, in the style then in force; so how they look is stated for good
            size, colour = plt.rcParams["xtick.labelsize"], plt.rcParams["xtick.color"]
            panel.tick_params(which="both", labelsize=size, colors=colour)
        yield listed


def root(axes: Axes) -> Figure:
    """Return the figure that the axes are part of."""
    figure: Any = axes.figure
    return figure.figure  # of a subfigure, the figure around it


def key(axes: Axes, columns: int = 2) -> None:
    """Draw the legend below the axes, where it covers nothing."""
    from matplotlib.transforms import ScaledTranslation

    # the tick labels and the axis label stand between, about three lines
    inches = float(axes.xaxis.label.get_fontsize()) / 72
    below = axes.transAxes + ScaledTranslation(0.0, -3.2 * inches, root(axes).dpi_scale_trans)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, 0.0), bbox_transform=below, ncols=columns, borderaxespad=0.0)


def subplots(name: str, rows: int = 1, columns: int = 1, **options: Any) -> tuple[Figure, Any]:
    """Return what ``plt.subplots`` does, in the style of this package; ``name`` labels the figure and its file.

    Parameters
    ----------
    name : str
        The label of the figure; a figure of the same name is replaced.
    rows, columns : int
    **options
        The options of ``matplotlib.pyplot.subplots``, as ``figsize=(8, 3)`` in inches or ``sharex=True``.
    """
    import matplotlib.pyplot as plt

    with plt.style.context(STYLE):
        return plt.subplots(rows, columns, num=name, clear=True, **options)
