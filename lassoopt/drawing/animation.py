"""An animation calls a function with one frame after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from .style import root

if TYPE_CHECKING:
    from matplotlib.animation import FuncAnimation
    from matplotlib.axes import Axes


def animate(axes: Axes, draw: Callable[[Any], list[Any]], frames: Sequence[Any], interval: int) -> FuncAnimation:
    """Return the animation of the figure of ``axes`` in which ``draw`` shows one frame every ``interval`` ms."""
    from matplotlib.animation import FuncAnimation

    figure = root(axes)
    animation = FuncAnimation(figure, draw, frames=frames, interval=interval, init_func=lambda: None)
    figure.canvas.draw()  # starts it, so that an animation that is never saved does not warn
    return animation
