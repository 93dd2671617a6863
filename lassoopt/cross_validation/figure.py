"""The figure shows the mean error of held-out samples against lam, with the two lam chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..drawing.parts import count_above
from ..drawing.style import BLUE, GREY, INK, RED, drawing, key
from .error_measures import WORDS
from .mean_errors import MeanErrors

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BARS = 50  # standard errors drawn as bars
_COUNTS = 7  # numbers of nonzero weights on the upper axis


def cross_validation(found: MeanErrors, ax: Axes | None = None) -> Axes:
    """Draw the mean errors, with one standard error up and down, against lam falling from left to right.

    The level that the 1-SE rule allows is dotted; the upper axis counts the nonzero weights of the fit on all data.
    """
    lambdas, mean = found.lambdas, found.mean_error
    with drawing(ax) as axes:
        logarithmic = lambdas[-1] > 0 and len(lambdas) > 1
        shown = np.isfinite(mean)
        bars = np.flatnonzero(shown)[:: max(1, -(-len(lambdas) // _BARS))]
        label = "error of the one fold"
        rules = [("min", "-")]
        if found.has_std_error:
            axes.errorbar(lambdas[bars], mean[bars], found.std_error[bars], fmt="none", ecolor=GREY, elinewidth=0.9)
            level = mean[found.index_min] + found.std_error[found.index_min]
            axes.axhline(level, color=GREY, linestyle=":", label="least mean error + its standard error")
            label = rf"mean error $\pm$ standard error, {int(found.done.sum())} folds"
            rules.append(("1se", "--"))
        axes.plot(lambdas[shown], mean[shown], "-o", color=RED, markersize=3, label=label)
        for rule, look in rules:
            lam = float(lambdas[found.index(rule)])
            name = rf"$\lambda_{{\mathrm{{{rule}}}}}={lam:.4g}$"
            axes.axvline(lam, color=BLUE if rule == "min" else INK, linestyle=look, linewidth=1.2, label=name)
        axes.set(xscale="log" if logarithmic else "linear", xlabel=r"$\lambda$, falling")
        axes.set_ylabel(f"{WORDS[found.error]}, held-out samples")
        axes.invert_xaxis()
        ticks = np.unique(np.linspace(0, len(lambdas) - 1, _COUNTS).round().astype(int))  # evenly spaced along the grid
        counts = [np.count_nonzero(found.path.solutions[i].coef_with_proven_zeros) for i in ticks]
        count_above(axes, lambdas[ticks], counts, "nonzero weights")
        axes.set_title("The error of held-out samples chooses $\\lambda$")
        key(axes)
    return axes
