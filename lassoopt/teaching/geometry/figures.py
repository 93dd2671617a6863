"""The figures show contours against the ball, and the normal cone with the negative gradient in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ...arrays.arguments import positive_number
from ...arrays.design_matrix import Array
from ...drawing.style import BAND, BLUE, GREEN, INK, LOSS, OPTIMUM, ZERO, drawing, drawing_many, root
from ...errors import InputError
from . import Geometry

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BALL: dict[str, Any] = {**BAND, "alpha": 1.0, "edgecolor": INK, "linewidth": 1.5, "linestyle": "-"}
_CONTOURS: dict[str, Any] = {"linewidths": 0.7, "linestyles": "-", "alpha": 0.8}
_THROUGH: dict[str, Any] = {"linewidths": 2.0, "linestyles": "--"}
_LEAST: dict[str, Any] = {"color": BLUE, "marker": "+", "markersize": 10, "markeredgewidth": 2.0, "linestyle": "none"}
_SECTOR: dict[str, Any] = {"facecolor": (GREEN, 0.15), "edgecolor": GREEN, "hatch": "///", "linewidth": 1.2}
_RAY: dict[str, Any] = {"color": GREEN, "linewidth": 6.0, "alpha": 0.45, "linestyle": "-"}
_SLOPES: dict[str, Any] = {"color": INK, "linestyle": "-", "marker": "s", "markerfacecolor": "white", "markersize": 6}
_ARROW: dict[str, Any] = {"arrowstyle": "-|>", "color": BLUE, "linewidth": 2.2, "shrinkA": 0, "shrinkB": 0}
_ARROW_KEY: dict[str, Any] = {"color": BLUE, "marker": r"$\rightarrow$", "markersize": 22, "linestyle": "none"}


def touch(found: Geometry, ax: Axes | None = None) -> Axes:
    """Draw contours of the loss, the ball of the penalty, and the point where they touch."""
    with drawing(ax) as axes:
        _plane(axes, found)
        zero = [f"w_{j + 1}" for j in np.flatnonzero(found.coef == 0)]
        where = f"they touch where ${'='.join(zero)}=0$" if zero else "they touch where no weight is 0"
        axes.set_title(f"{_point(found)}: {where if found.gradient_in_cone else 'the contour cuts the ball'}")
        _key(axes)
    return axes


def normal_cone(found: Geometry, ax: Axes | None = None, *, scale: float | None = None) -> Axes:
    """Draw the ball, its normal cone at the point, dP there, and ``-dLoss/dw / lam``, both from the point.

    The point is optimal if the arrow ends on dP. The two weights are drawn to one scale, which keeps right angles
    right; arrow and dP share another, which the legend states.

    Parameters
    ----------
    found : Geometry
    ax : Axes, optional
    scale : float > 0, optional
        How long an arrow of length 1 is drawn, in units of the weights. By default both fit a quarter of the frame.
    """
    scale = _scale(found) if scale is None else positive_number("scale", scale)
    with drawing(ax) as axes:
        _plane(axes, found)
        _cone(axes, found, scale)
        place = "is in the cone" if found.gradient_in_cone else "leaves the cone: not optimal"
        axes.set_title(rf"{_point(found)}: $-\nabla\mathrm{{Loss}}$ {place}")
        _key(axes)
    return axes


def side_by_side(
    found: Mapping[str, Geometry], draw: Callable[[Geometry, Axes], Axes] = normal_cone, ax: Any = None
) -> list[Axes]:
    """Draw panels by `touch` or `normal_cone`, at most three a row, with one legend; the keys of ``found`` are titles.

    The arrows of all panels share one scale. ``ax`` is None or a sequence of Axes, as many as fill the rows.
    """
    if not found:
        raise InputError("found: found no Geometry; allowed are one or more, each with its title")
    if draw is normal_cone:
        draw = partial(normal_cone, scale=min(_scale(each) for each in found.values()))
    columns = min(len(found), 3)
    rows = -(-len(found) // columns)
    with drawing_many(ax, rows, columns, figsize=(3.2 * columns, 3.25 * rows + 0.9)) as panels:
        shown: dict[str, Any] = {}
        for i, (axes, (name, each)) in enumerate(zip(panels, found.items(), strict=False)):
            draw(each, axes).set_title(name)
            handles, labels = axes.get_legend_handles_labels()
            shown |= dict(zip(labels, handles, strict=True))
            if legend := axes.get_legend():
                legend.remove()
            axes.set(xlabel=axes.get_xlabel() if i + columns >= len(found) else "")
            axes.set(ylabel=axes.get_ylabel() if i % columns == 0 else "")
        for spare in panels[len(found) :]:
            spare.set_axis_off()
        place: dict[str, Any] = {"loc": "outside lower center", "ncols": columns + 1}
        root(panels[0]).legend(list(shown.values()), list(shown), **place)
    return panels


def _scale(found: Geometry) -> float:
    """Return the scale, to two digits, at which the arrow and dP, or its bounded end, fit a quarter of the frame."""
    ends = np.vstack([_arrow(found), np.zeros((0, 2)) if found.cone.is_plane else found.slopes.T])
    lengths = np.linalg.norm(ends, axis=1)
    longest = float(lengths[np.isfinite(lengths)].max()) or 1.0
    return float(f"{0.25 * float(np.ptp(found.surface.w1)) / longest:.1e}")


def _arrow(found: Geometry) -> Array:
    """Return ``-dLoss/dw / lam``."""
    return found.z / found.problem.lam


def _point(found: Geometry) -> str:
    return rf"$w=({found.coef[0]:.3g},\ {found.coef[1]:.3g})$"


def _key(axes: Axes) -> None:
    """Draw the legend beside the square axes."""
    axes.legend(loc="center left", bbox_to_anchor=(1.02, 0.5), borderaxespad=0.0)


def _plane(axes: Axes, found: Geometry) -> None:
    surface, names = found.surface, found.problem.feature_names
    axes.axhline(0.0, **ZERO)
    axes.axvline(0.0, **ZERO)
    axes.fill(*found.ball.T, label=r"ball $P(v)\leq t=P(w)$", **_BALL)
    axes.contour(surface.w1, surface.w2, surface.values, levels=found.levels, colors=BLUE, **_CONTOURS)
    axes.plot([], [], color=BLUE, linestyle="-", linewidth=0.7, label="contours of the loss")
    if surface.values.min() < found.loss < surface.values.max():
        axes.contour(surface.w1, surface.w2, surface.values, levels=[found.loss], colors=BLUE, **_THROUGH)
        axes.plot([], [], linewidth=2.0, label="the contour through $w$", **LOSS)
    low, high = np.array([surface.w1[[0, -1]], surface.w2[[0, -1]]]).T
    if surface.minimiser is not None and np.all((low < surface.minimiser) & (surface.minimiser < high)):
        axes.plot(*surface.minimiser[:, None], label="least loss", **_LEAST)
    axes.plot(*found.coef[:, None], label="$w$", **OPTIMUM)
    axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), aspect="equal")
    axes.set(xlabel=f"$w_1$, weight of {names[0]}", ylabel=f"$w_2$, weight of {names[1]}")


def _cone(axes: Axes, found: Geometry, scale: float) -> None:
    at, cone, surface = found.coef, found.cone, found.surface
    far = 2 * float(np.ptp(surface.w1) + np.ptp(surface.w2))  # beyond the frame
    angles = cone.start + cone.width * np.linspace(0, 1, 60)
    rim = at + far * np.column_stack([np.cos(angles), np.sin(angles)])
    if cone.is_ray:
        axes.plot(*np.array([at, rim[0]]).T, label="normal cone: a ray", zorder=1.5, **_RAY)
    else:
        name = "normal cone: the plane" if cone.is_plane else "normal cone: a sector"
        axes.fill(*(rim if cone.is_plane else np.vstack([at, rim])).T, label=name, zorder=0.5, linestyle="-", **_SECTOR)
    if not cone.is_plane:
        ends = np.clip(at + scale * found.slopes.T, at - far, at + far)
        axes.plot(*ends.T, label=rf"$\partial P(w)$, drawn $\times\,{scale:.2g}$", **_SLOPES)
    axes.plot([], [], label=rf"$-\nabla\mathrm{{Loss}}(w)/\lambda$, drawn $\times\,{scale:.2g}$", **_ARROW_KEY)
    axes.annotate("", tuple(at + scale * _arrow(found)), tuple(at), arrowprops=_ARROW, zorder=4)
