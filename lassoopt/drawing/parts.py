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
    axes: Axes,
    at: Any,
    heights: Any,
    label: str | None = None,
    zero: str | None = None,
    width: float = 1.4,
    **look: Any,
) -> list[Artist]:
    """Draw a stem with a marker where the height is not 0, a hollow marker where it is exactly 0; return what is drawn.

    ``look`` holds options of ``Axes.plot``; ``zero`` is the colour of the hollow markers if it is another.
    """
    kept, look = heights != 0, {"linestyle": "none", "marker": "o", "zorder": 3, **look}
    filled = label if kept.any() else None  # the legend names what is there
    hollow = f"{label}: exactly 0" if label and not kept.all() else None
    white = {"color": zero or look["color"], "markerfacecolor": "white"}
    return [
        axes.vlines(at[kept], 0.0, heights[kept], color=look["color"], linewidth=width),
        *axes.plot(at[kept], heights[kept], label=filled, **look),
        *axes.plot(at[~kept], heights[~kept], label=hollow, **{**look, **white}),
    ]


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
