"""The figures of one weight show the rubber band, the subgradient, the crossing, and three ways to shrink."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...arrays.arguments import numeric_array
from ...drawing.parts import animate
from ...drawing.style import BAND, GREY, INK, LOSS, MARK, OPTIMUM, PENALTY, RED, TOTAL, ZERO, drawing, key
from ...errors import InputError
from .closed_forms import OneWeight, Shrinkage

if TYPE_CHECKING:
    from matplotlib.animation import FuncAnimation
    from matplotlib.axes import Axes


def _span(one: OneWeight) -> tuple[float, float]:
    """Return a range that holds 0 and a, with room on both sides."""
    unit = abs(one.a) or 1.0
    return min(one.a, 0.0) - 0.55 * unit, max(one.a, 0.0) + 0.55 * unit


def _numbers(one: OneWeight) -> str:
    return f"$a={one.a:.3g}$, $c={one.curvature:.3g}$"


def rubber_band(one: OneWeight, ax: Axes | None = None) -> Axes:
    """Draw the loss (dashed), the penalty (dotted), their sum (solid) and the marble at its minimiser."""
    low, high = _span(one)
    w = np.union1d(np.linspace(low, high, 401), [0.0, one.a, one.minimiser])
    top = 1.12 * float(max(one.loss(np.array([low, high])).max(), one.loss(np.zeros(1))[0] + one.sticks_from * high))
    with drawing(ax) as axes:
        axes.axvline(0.0, **ZERO)
        axes.plot(w, one.loss(w), label=r"loss $\frac{c}{2}(w-a)^2$", **LOSS)
        axes.plot(w, one.penalty(w), label=r"penalty $\lambda|w|$", **PENALTY)
        axes.plot(w, one.objective(w), label="their sum", **TOTAL)
        at = one.minimiser
        axes.plot([at], [one.objective(at)], label=f"minimiser $w^*={at:.3g}$", **OPTIMUM)
        axes.set(xlabel=f"weight $w$ ({_numbers(one)})", ylabel="objective", xlim=(low, high), ylim=(0, top))
        sign, state = (r"\geq ", "stuck at 0") if at == 0 else ("<", "pulled towards 0")
        if one.lam == 0:
            state = "at the bottom of the loss"
        axes.set_title(rf"$\lambda={one.lam:.3g}{sign}c|a|={one.sticks_from:.3g}$: {state}")
        key(axes)
    return axes


def subgradient(ax: Axes | None = None) -> Axes:
    """Draw the graph of ``d|w|``: -1, then every slope from -1 to 1 at w = 0, then 1."""
    with drawing(ax) as axes:
        axes.axhline(0.0, **ZERO)
        axes.plot([-1, 0, 0, 1], [-1, -1, 1, 1], label=r"$\partial|w|$", **TOTAL)
        axes.plot([0, 0], [-1, 1], color=RED, linewidth=6, alpha=0.25, solid_capstyle="butt")
        axes.annotate(
            "at $w=0$: every slope\nfrom $-1$ to $1$", (0.0, 0.45), (0.18, 0.45), color=INK, va="center",
            arrowprops={"arrowstyle": "->", "color": GREY},
        )  # fmt: skip
        axes.text(-0.6, -0.93, "slope $-1$", ha="center", va="bottom")
        axes.text(0.6, 0.93, "slope $1$", ha="center", va="top")
        axes.set(xlabel="weight $w$", ylabel=r"slopes of $|w|$", xlim=(-1, 1), ylim=(-1.4, 1.4), yticks=[-1, 0, 1])
        axes.set_title(r"The subdifferential of $|w|$")
    return axes


def crossing(one: OneWeight, ax: Axes | None = None) -> Axes:
    """Draw ``-dLoss/dw`` and the graph of ``lam d|w|``: the minimiser is where the two cross."""
    low, high = _span(one)
    ends = np.array([low, high])
    with drawing(ax) as axes:
        axes.axhspan(-one.lam, one.lam, label=r"band $[-\lambda,\lambda]$", **BAND)
        axes.plot(ends, one.pull(ends), label=r"pull of the loss $-\mathrm{dLoss}/\mathrm{d}w=c(a-w)$", **LOSS)
        staircase = np.array([-1, -1, 1, 1]) * one.lam
        axes.plot([low, 0, 0, high], staircase, label=r"hold of the penalty $\lambda\,\partial|w|$", **TOTAL)
        at = one.minimiser
        axes.plot([at], [one.pull(at)], label=f"they cross at $w^*={at:.3g}$", **OPTIMUM)
        axes.axvline(0.0, **ZERO)
        reach = 1.25 * max(float(np.abs(one.pull(ends)).max()), one.lam)
        axes.set(xlabel=f"weight $w$ ({_numbers(one)})", ylabel="force (slope)", xlim=(low, high), ylim=(-reach, reach))
        axes.set_title(
            rf"$|\mathrm{{dLoss}}/\mathrm{{d}}w|={one.sticks_from:.3g}$ at 0 is "
            + (rf"$\leq\lambda={one.lam:.3g}$: held" if at == 0 else rf"$>\lambda={one.lam:.3g}$: it leaves 0")
        )
        key(axes, 1)
    return axes


def soft_threshold(one: OneWeight, ax: Axes | None = None) -> Axes:
    """Draw the minimiser against the bottom of the loss: it is exactly 0 over a whole interval."""
    width = one.lam / one.curvature
    reach = 2.2 * max(width, abs(one.a)) or 1.0
    with drawing(ax) as axes:
        axes.axvspan(-width, width, label=r"$|a|\leq\lambda/c$: exactly 0", **BAND)
        axes.plot([-reach, reach], [-reach, reach], label=r"$\lambda=0$: $w^*=a$", **PENALTY)
        ridge = one.curvature / (one.curvature + one.lam) * reach
        axes.plot([-reach, reach], [-ridge, ridge], label=r"L2: $w^*=ca/(c+\lambda)$", **LOSS)
        axes.plot(
            [-reach, -width, width, reach], [width - reach, 0, 0, reach - width],
            label=r"L1: $w^*=\mathrm{soft}(a,\lambda/c)$", **TOTAL,
        )  # fmt: skip
        axes.plot([one.a], [one.minimiser], **OPTIMUM)
        axes.set(xlabel=f"bottom of the loss $a$ ($c={one.curvature:.3g}$)", ylabel="minimiser $w^*$")
        axes.set(xlim=(-reach, reach), ylim=(-reach, reach))
        axes.set_title(rf"Soft threshold, $\lambda={one.lam:.3g}$: every crossing at once")
        key(axes)
    return axes


def shrinkage(found: Shrinkage, ax: Axes | None = None, *, logarithmic: bool = False) -> Axes:
    """Draw the minimiser against lam under L1, L2 and a smoothed ``|w|``; a log scale has no place for an exact 0."""
    with drawing(ax) as axes:
        lines: list[tuple[Any, str, dict[str, Any]]] = [
            (found.l2, r"L2: $\frac{\lambda}{2}w^2$", LOSS),
            (found.smoothed, rf"smoothed: $\lambda(\sqrt{{w^2+\mu^2}}-\mu)$, $\mu={found.mu:g}$", PENALTY),
            (found.l1, r"L1: $\lambda|w|$", TOTAL),
        ]
        for values, label, style in lines:
            shown = np.where(values == 0, np.nan, np.abs(values)) if logarithmic else values
            axes.plot(found.lambdas, shown, label=label, **style)
        axes.axvline(found.one.sticks_from, **MARK)
        axes.annotate(
            rf"$\lambda=c|a|={found.one.sticks_from:.3g}$", (found.one.sticks_from, 1), (4, -4),
            xycoords=("data", "axes fraction"), textcoords="offset points", va="top", color=INK,
        )  # fmt: skip
        axes.set(xlabel=r"$\lambda$", ylabel="minimiser $w^*$", xlim=(found.lambdas.min(), found.lambdas.max()))
        if logarithmic:
            axes.set_yscale("log")
            axes.set_ylabel("$|w^*|$, log scale: an exact 0 is nowhere")
        axes.set_title(rf"$w^*$ against $\lambda$, for {_numbers(found.one)}")
        key(axes, 1)
    return axes


def animate_rubber_band(one: OneWeight, lambdas: Sequence[float], ax: Axes | None = None) -> FuncAnimation:
    """Animate the picture of `rubber_band` while lam runs through ``lambdas``: save with ``.save("band.gif")``.

    Raises
    ------
    InputError
        If lambdas is empty or holds a number that is negative or not finite.
    """
    frames = numeric_array("lambdas", lambdas, 1)
    if frames.min() < 0:
        raise InputError(f"lambdas: found {frames.min():g}; allowed are numbers >= 0")
    axes = rubber_band(one.with_lam(frames[0]), ax)

    def draw(lam: float) -> list[Any]:
        with drawing(axes):
            axes.clear()
            rubber_band(one.with_lam(lam), axes)
        return list(axes.lines)

    return animate(axes, draw, frames.tolist(), interval=80)
