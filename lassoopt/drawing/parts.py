"""Several figures have these parts: stems, counts on the upper axis, and frames that follow each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from .style import root

if TYPE_CHECKING:
    from matplotlib.animation import FuncAnimation
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


def count_above(axes: Axes, lambdas: Any, counts: Any, label: str) -> None:
    """Write the counts on the upper axis, each at its lam."""
    upper = axes.secondary_xaxis("top")
    upper.set_xlabel(label)
    upper.set_xticks(lambdas, [str(count) for count in counts])
    upper.set_xticks([], minor=True)


def animate(axes: Axes, draw: Callable[[Any], list[Any]], frames: Sequence[Any], interval: int) -> FuncAnimation:
    """Return the animation of the figure of ``axes`` in which ``draw`` shows one frame every ``interval`` ms."""
    from matplotlib.animation import FuncAnimation

    figure = root(axes)
    animation = FuncAnimation(figure, draw, frames=frames, interval=interval, init_func=lambda: None)
    figure.canvas.draw()  # starts it, so that an animation that is never saved does not warn
    return animation
