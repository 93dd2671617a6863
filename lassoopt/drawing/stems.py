"""Stems show numbers one by one, and tell those that are exactly 0 from those that are small."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes


def stems(
    axes: Axes, places: Any, heights: Any, *, linewidth: float = 1.4, zero: str | None = None, **marker: Any
) -> list[Artist]:
    """Draw a stem with a marker where the height is not 0, a hollow marker where it is exactly 0; return what is drawn.

    ``marker`` holds the color, marker and label of ``Axes.plot``; ``zero`` is the colour of the hollow ones if it is
    another.
    """
    kept = heights != 0
    look = {"linestyle": "none", "marker": "o", "zorder": 3, **marker}
    drawn: list[Artist] = []
    if kept.any():
        drawn.append(axes.vlines(places[kept], 0.0, heights[kept], color=look["color"], linewidth=linewidth))
        drawn += axes.plot(places[kept], heights[kept], **look)
    if not kept.all():
        if "label" in look:
            look["label"] = f"{look['label']}: exactly 0"
        look |= {"color": zero or look["color"], "markerfacecolor": "white"}
        drawn += axes.plot(places[~kept], heights[~kept], **look)
    return drawn
