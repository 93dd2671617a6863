"""The figures show ADMM at work: its iterates over the contours, its residuals and gap, and what rho does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...drawing.parts import animate
from ...drawing.style import BLUE, GREY, INK, LOSS, MARK, OPTIMUM, PENALTY, RED, TOTAL, drawing, drawing_many, key, root
from ...errors import InputError
from .iterates import Landscape, Trace

if TYPE_CHECKING:
    from matplotlib.animation import FuncAnimation
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

_FRAMES, _DPI = 40, 90  # of an animation, at most: its GIF stays below 1 MB
_X: dict[str, Any] = {"color": RED, "linewidth": 1.2, "marker": "o", "markersize": 6, "zorder": 3}
_W: dict[str, Any] = {"color": BLUE, "linewidth": 1.0, "linestyle": "--", "marker": "x", "markersize": 6}


def iterates(trace: Trace, landscape: Landscape | None = None, ax: Axes | None = None) -> Axes:
    """Draw the paths of x and w over the contours of the objective; an x with an exact 0 is filled.

    The kinks of the objective lie on the axes.

    Parameters
    ----------
    trace : Trace
        The iterates of a problem of two features.
    landscape : Landscape, optional
        The map of another trace of the problem, so that several panels share it; by default the trace's own.
    ax : Axes, optional
    """
    with drawing(ax) as axes:
        _map(axes, trace, trace.landscape if landscape is None else landscape)
        _paths(axes, trace)
        axes.plot(*trace.x[:1].T, "s", color=INK, markersize=7, zorder=4, label="start")
        axes.plot(*trace.x[-1:].T, label="end", **{**OPTIMUM, "marker": "*", "markersize": 15, "markeredgecolor": INK})
        axes.set_title(rf"$\rho={trace.rho:.3g}$: gap {trace.gap[-1]:.1g} after {len(trace) - 1} iterations")
        key(axes)
    return axes


def _map(axes: Axes, trace: Trace, landscape: Landscape) -> None:
    """Draw the axes, where zeros lie, and contours evenly spaced in the root of the excess, as a bowl has its rings."""
    values = np.ma.masked_invalid(landscape.objective)
    low = min(float(values.min()), float(trace.objective.min()))
    levels = low + (float(values.max()) - low) * np.linspace(0.0, 1.0, 15)[1:-1] ** 2
    axes.contour(landscape.first, landscape.second, values, levels, colors=GREY, linewidths=0.6)
    axes.axhline(0.0, color=INK, linewidth=0.9)
    axes.axvline(0.0, color=INK, linewidth=0.9)
    first, second = trace.problem.feature_names
    axes.set(xlabel=f"weight of {first}", ylabel=f"weight of {second}")
    axes.set(xlim=landscape.first[[0, -1]], ylim=landscape.second[[0, -1]])


def _paths(axes: Axes, trace: Trace) -> list[Line2D]:
    """Draw the lines of w, of x, and of those x that have an exact zero."""
    (w,) = axes.plot(*trace.w.T, label="$w$, tied to $u=Xw+b$", **_W)
    (x,) = axes.plot(*trace.x.T, label="$x$, pays the penalty", markerfacecolor="white", **_X)
    (exact,) = axes.plot(*_on_axes(trace.x).T, label="$x$ with an exact 0", **{**_X, "linestyle": "none"})
    return [w, x, exact]


def _on_axes(x: Any) -> Any:
    return x[np.any(x == 0, axis=1)]


def animate_iterates(trace: Trace, ax: Axes | None = None) -> FuncAnimation:
    """Animate x and w as they move, and the spring between them: save with ``.save("iterates.gif")``.

    Of more than 40 iterates, 40 evenly spaced ones are shown.
    """
    with drawing(ax) as axes:
        figure = root(axes)
        if ax is None:
            figure.set_dpi(_DPI)
        _map(axes, trace, trace.landscape)
        paths = _paths(axes, trace)
        for line in paths:
            line.set(linewidth=0.8, markersize=4)
        (spring,) = axes.plot([], [], "-", color=INK, linewidth=3, alpha=0.6, label="what they disagree by")
        w, x = (axes.plot([], [], **{**style, "markersize": 11, "zorder": 5})[0] for style in (_W, _X))
        w.set_markeredgewidth(3)
        title = axes.set_title(" ")
        key(axes)

    def draw(k: int) -> list[Any]:
        seen = trace.x[: k + 1]
        for line, points in zip(paths, (trace.w[: k + 1], seen, _on_axes(seen)), strict=True):
            line.set_data(*points.T)
        spring.set_data(*np.array([trace.x[k], trace.w[k]]).T)
        w.set_data(*trace.w[k : k + 1].T)
        x.set_data(*trace.x[k : k + 1].T)
        x.set_markerfacecolor(RED if np.any(trace.x[k] == 0) else "white")
        first, second = trace.x[k]
        title.set_text(f"iteration {k}: $x=({first:z.3f},\\ {second:z.3f})$, gap {trace.gap[k]:.1g}")
        return [*paths, spring, w, x, title]

    shown = np.unique(np.linspace(0, len(trace) - 1, min(len(trace), _FRAMES)).round().astype(int))
    animation = animate(axes, draw, shown.tolist(), interval=500)
    figure.set_layout_engine("none")  # the layout is found; finding it again for every frame takes seconds
    return animation


def convergence(trace: Trace, ax: Sequence[Axes] | None = None) -> list[Axes]:
    """Draw residuals and the true gap over iterations, and beneath them how many weights are not 0.

    Parameters
    ----------
    trace : Trace
    ax : two Axes, optional
    """
    from matplotlib.ticker import MaxNLocator

    with drawing_many(ax, 2, 1, sharex=True, figsize=(6.0, 5.0), height_ratios=[3, 1]) as panels:
        upper, lower = panels
        lines = [
            (trace.primal_residual, "primal residual", LOSS),
            (trace.dual_residual, "dual residual", PENALTY),
            (trace.gap, "relative duality gap", TOTAL),
        ]
        for values, label, style in lines:
            shown = np.isfinite(values) & (values > 0)  # what a log axis can hold
            upper.semilogy(trace.iterations[shown], values[shown], label=label, **style)
        lower.step(trace.iterations, trace.support_size, where="post", color=RED, linewidth=1.8)
        for axes in panels:
            axes.axvline(trace.settled, **MARK)
        right = trace.settled < len(trace) / 2
        upper.annotate(
            f"signs of $x$ stay\nfrom iteration {trace.settled} on", (trace.settled, 0), (4 if right else -4, 4),
            xycoords=("data", "axes fraction"), textcoords="offset points", ha="left" if right else "right",
        )  # fmt: skip
        upper.set(ylabel="relative size", title=rf"$\rho={trace.rho:.3g}$: residuals and the true gap")
        upper.legend(loc="upper right")
        p = trace.x.shape[1]
        lower.set(xlabel="iteration", ylabel="weights\nnot 0", ylim=(0, 1.05 * p), xlim=(0, len(trace) - 1))
        lower.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    return panels


def rho_sweep(traces: Sequence[Trace], tol: float = 1e-6, ax: Sequence[Axes] | None = None) -> list[Axes]:
    """Draw the gap over iterations for each rho, and how many iterations ``tol`` takes, against rho.

    The smallest rho, the largest and the fastest are named.

    Parameters
    ----------
    traces : sequence of Trace
        The iterates of one problem, at several rho.
    tol : float
        The relative gap to count iterations to; a trace that does not reach it gets a triangle at its length.
    ax : two Axes, optional

    Raises
    ------
    InputError
        If there is no trace.
    """
    if not traces:
        raise InputError("traces: found none; allowed is a sequence of at least one Trace")
    ordered = sorted(traces, key=lambda trace: trace.rho)
    needed = [trace.reached(tol) for trace in ordered]
    counts = np.array([len(trace) - 1 if k is None else k for trace, k in zip(ordered, needed, strict=True)])
    done = np.array([k is not None for k in needed])
    rho = np.array([trace.rho for trace in ordered])
    fastest = int(np.argmin(np.where(done, counts, np.inf)))
    named = {0: LOSS, len(ordered) - 1: {**PENALTY, "color": INK}, fastest: TOTAL}
    with drawing_many(ax, 1, 2, figsize=(9.0, 4.2)) as (left, right):
        for i, trace in enumerate(ordered):
            shown = (trace.iterations > 0) & (trace.gap > 0) & np.isfinite(trace.gap)
            style = named.get(i, {"color": GREY, "linewidth": 0.6, "linestyle": "-", "zorder": 1})
            label = rf"$\rho={trace.rho:.3g}$" if i in named else None
            left.loglog(trace.iterations[shown], trace.gap[shown], label=label, **style)
        left.set_ylim(bottom=1e-3 * tol)
        left.axhline(tol, **MARK)
        left.annotate(
            f"a gap of {tol:g}", (0, tol), (4, 3), xycoords=("axes fraction", "data"), textcoords="offset points"
        )
        left.set(xlabel="iteration", ylabel="relative duality gap", title="The gap over iterations")
        key(left, 3)
        right.loglog(rho[done], counts[done], "o-", color=RED, label=f"to a gap of {tol:g}")
        if not done.all():
            right.loglog(rho[~done], counts[~done], "^", color=INK, label="not reached in this many")
        right.set(xlabel=r"$\rho$, in units of the loss's curvature", ylabel="iterations")
        quickest = rf"The fastest is $\rho={rho[fastest]:.3g}$, with {counts[fastest]} iterations"
        right.set_title(quickest if done.any() else f"None reaches a gap of {tol:g}")
        key(right, 2)
        return [left, right]
