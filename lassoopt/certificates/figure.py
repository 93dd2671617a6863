"""The figure shows the optimality conditions: the pull of the loss on a feature against what the penalty can hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..arrays.design_matrix import Array
from ..drawing.parts import animate, stems
from ..drawing.style import BAND, GREY, INK, PALE, RED, drawing_many
from ..problems.problem import Problem
from .kkt import reach
from .proof import CertifiedPath, Proof

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.animation import FuncAnimation
    from matplotlib.axes import Axes

_NAMED = 80  # features; more have no room for their names


def kkt(certificate: Proof, ax: Sequence[Axes] | None = None) -> list[Axes]:
    """Draw ``-dLoss/dw_j`` of every feature in units of ``lam_j`` above, and the weights below.

    A bar inside the band belongs to a weight that is held at 0. Bars that touch the edge are the active
    features, filled solidly; a feature whose condition is violated is hatched. With an elastic net active bars end
    outside of the band, by the slope of the quadratic term.

    Parameters
    ----------
    certificate : Certificate
    ax : sequence of two Axes, optional

    Returns
    -------
    list of two Axes
    """
    problem, coef = certificate.problem, certificate.coef_with_proven_zeros
    used, index = reach(problem, certificate.evidence.z), np.arange(coef.size)
    active, broken = certificate.states == "active", certificate.states == "violated"
    with drawing_many(ax, 2, 1, sharex=True, figsize=(7.0, 5.0), height_ratios=[3, 2]) as (top, bottom):
        limit = 1.25 * max(1.0, float(np.abs(used[np.isfinite(used)]).max(initial=0.0)))
        top.axhspan(-1.0, 1.0, zorder=0, **BAND)
        bars = np.clip(used, -limit, limit)
        kinds: list[tuple[Any, dict[str, Any]]] = [
            (~active & ~broken, {"color": "white", "edgecolor": GREY, "label": "held at 0"}),
            (active, {"color": RED, "edgecolor": RED, "label": "active: at the edge of the band"}),
            (broken, {"color": PALE, "edgecolor": INK, "hatch": "///", "label": "violated"}),
        ]
        for those, look in kinds:
            if those.any():
                top.bar(index[those], bars[those], **look)
        unit, name = units(problem)
        stems(bottom, index, unit * coef, width=1.6, color=RED, zero=GREY)
        for panel in (top, bottom):
            panel.axhline(0.0, color=INK, linewidth=0.6)
        top.set(ylim=(-limit, limit), xlim=(-0.8, coef.size - 0.2))
        mark_band(top, r"$-\mathrm{dLoss}/\mathrm{d}w_j$")
        top.set_title(_title(problem, coef, int(broken.sum())), pad=20)
        top.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=3, borderaxespad=0.1)
        bottom.set(ylabel=name)
        if coef.size <= _NAMED:
            bottom.set_xticks(index, problem.feature_names, rotation=90 if coef.size > 12 else 0)
            bottom.tick_params(axis="x", labelsize=6 if coef.size > 40 else 9)
        else:
            bottom.set_xlabel("feature $j$")
    return [top, bottom]


def units(problem: Problem) -> tuple[Array, str]:
    """Return what weights are multiplied by to be comparable, and the axis label that says so."""
    c = problem.penalty.finite_c
    if np.all(c > 0) and np.any(c != c[0]):
        return c, "weight $c_j w_j$"
    return np.ones_like(c), "weight $w_j$"


def mark_band(axes: Axes, label: str) -> None:
    """Label an axis that is in units of ``lam_j``, with ticks at the edges of the band."""
    axes.set_ylabel(label)
    axes.set_yticks([-1.0, 0.0, 1.0], [r"$-\lambda_j$", "0", r"$+\lambda_j$"])


def _title(problem: Problem, coef: Array, violated: int) -> str:
    if violated:
        return rf"$\lambda$ = {problem.lam:.3g}: {violated} of {coef.size} conditions violated"
    zeros = int(np.count_nonzero(coef == 0))
    return rf"$\lambda$ = {problem.lam:.3g}: {coef.size - zeros} of {coef.size} features active, {zeros} held at zero"


def animate_kkt(path: CertifiedPath, ax: Sequence[Axes] | None = None) -> FuncAnimation:
    """Animate the picture of `kkt` while lam falls: bars grow to the edge of the band, then weights leave 0."""
    unit, _ = units(path.certificates[0].problem)
    coefs = unit * np.array([each.coef_with_proven_zeros for each in path.certificates])
    low, high = 1.1 * min(float(coefs.min()), 0.0), 1.1 * max(float(coefs.max()), 0.0)
    panels = kkt(path.certificates[0], ax)

    def draw(certificate: Proof) -> list[Any]:
        with drawing_many(panels, 2):
            for panel in panels:
                panel.clear()
            kkt(certificate, panels)
            panels[1].set_ylim(low, high)
        return []

    return animate(panels[0], draw, path.certificates, interval=150)
