"""The figures show polynomial bases and their condition, both fits and their weights, the sweep over lam, zeros."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...drawing.parts import animate, count_above, stems
from ...drawing.style import BAND, BLUE, GREY, INK, LOSS, OPTIMUM, RED, TOTAL, TRUTH, ZERO, drawing, drawing_many, key
from ...errors import InputError
from . import Conditioning, PolynomialData, Repeats, Scenario, Sweep, features

if TYPE_CHECKING:
    from matplotlib.animation import FuncAnimation
    from matplotlib.axes import Axes


_SYMBOLS = {"monomial": "x^{}", "chebyshev": "T_{}(x)", "legendre": "P_{}(x)"}
_PATCH: dict[str, Any] = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
_LARGE = 20.0  # weights above this are drawn on a scale that is linear up to 1 and logarithmic beyond


def _mathtext(feature: str) -> str:
    """Return the feature's name as a formula: "x^12" becomes x to the power 12."""
    return "$" + re.sub(r"\d+", r"{\g<0>}", feature, count=1) + "$"


def basis_polynomials(basis: str, degree: int = 8, ax: Axes | None = None) -> Axes:
    """Draw the basis polynomials of degree 1 to ``degree`` over [-1, 1], the higher the darker."""
    x = np.linspace(-1, 1, 401)
    columns = features(x, degree, basis)[0].T
    with drawing(ax) as axes:
        axes.axhline(0.0, **ZERO)
        for column, shade in zip(columns, np.linspace(0.75, 0.0, degree), strict=True):
            axes.plot(x, column, color=str(shade), linestyle="-", linewidth=1.2)
        for k in sorted({1, min(2, degree), degree}):
            apart = np.abs(np.delete(columns, k - 1, axis=0) - columns[k - 1]).min(axis=0, initial=1.0)
            i = int(np.argmax(np.where(np.abs(x) < 0.9, apart, -1.0)))  # where no other curve is near
            axes.text(x[i], columns[k - 1][i], str(k), ha="center", va="center", fontsize=9, color=INK, bbox=_PATCH)
        symbol = _SYMBOLS[basis].format("k")
        axes.set(xlabel="$x$", ylabel=f"${symbol}$", xlim=(-1, 1), ylim=(-1.05, 1.05))
        axes.set_xticks([-1.0, -0.5, 0.0, 0.5, 1.0])
        axes.set_title(f"{basis.capitalize()}, degree 1 (pale) to {degree} (dark)")
    return axes


def condition_numbers(found: Conditioning, ax: Axes | None = None) -> Axes:
    """Draw the condition number of the features against the degree, for each basis."""
    from matplotlib.ticker import MaxNLocator

    with drawing(ax) as axes:
        for (basis, numbers), marker in zip(found.numbers.items(), "osD", strict=False):
            axes.semilogy(found.degrees, numbers, marker=marker, markersize=4, label=basis)
        axes.set(xlabel=f"degree of the model ({found.n} points)", ylabel=r"condition number $\kappa$")
        axes.set_ylim(bottom=0.7)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_title("Powers of $x$ are nearly dependent, orthogonal polynomials are not")
        key(axes, columns=3)
    return axes


def _data(axes: Axes, data: PolynomialData) -> None:
    """Draw the points and the truth, within limits that show both."""
    points: Any = {"color": GREY, "markersize": 4.5, "markerfacecolor": "white", "zorder": 2}
    axes.plot(data.x, data.y, "o", label=f"{len(data.x)} points", **points)
    x, f = data.truth.linspace(401)
    axes.plot(x, f, label=f"truth, degree {data.degree}", **TRUTH, zorder=3)
    low, high = min(data.y.min(), f.min()), max(data.y.max(), f.max())
    room = 0.15 * ((high - low) or 1.0)
    axes.set(xlabel="$x$", ylabel="$y$", xlim=(-1, 1), ylim=(low - room, high + room))


def polynomial_fits(scenario: Scenario, ax: Axes | None = None, *, lasso: bool = True) -> Axes:
    """Draw the data, the truth, and both fits, or least squares alone; a fit may leave the limits of the data."""
    with drawing(ax) as axes:
        _data(axes, scenario.data)
        axes.plot(*scenario.polynomial(scenario.least_squares).linspace(801), label="least squares", **LOSS, zorder=4)
        if lasso:
            label = rf"lasso, $\lambda={scenario.problem.lam:g}$"
            axes.plot(*scenario.polynomial(scenario.lasso).linspace(801), label=label, **TOTAL, zorder=5)
        axes.set_title(f"{scenario.name}: degree {scenario.degree} fitted to degree {scenario.data.degree}")
        key(axes, columns=2 if lasso else 3)
    return axes


def _scale(axes: Axes, scenario: Scenario, largest: float) -> None:
    """Choose a scale that shows the true weights, and those of fits, up to ``largest``."""
    axes.set_ylabel("weight $w_j$")
    largest = max(largest, float(np.abs(scenario.true_weights).max()))
    if largest > _LARGE:
        from matplotlib.ticker import SymmetricalLogLocator

        axes.set_yscale("symlog", linthresh=1.0, linscale=max(1.0, 0.25 * np.log10(largest)))  # room for -1, 0 and 1
        ticks = SymmetricalLogLocator(base=10.0, linthresh=1.0)
        ticks.set_params(numticks=7)  # every second decade, or third, where there are many
        axes.yaxis.set_major_locator(ticks)
        axes.set_ylabel(r"weight $w_j$ (logarithmic beyond $\pm1$)")


def _weight_axes(axes: Axes, scenario: Scenario, largest: float) -> None:
    """Give each feature a place, and draw a bar at its true weight if it is in the truth."""
    places, true = np.arange(scenario.degree), min(scenario.data.degree, scenario.degree)
    axes.axhline(0.0, color=INK, linewidth=0.8, zorder=1)
    bar: Any = {"marker": "_", "linestyle": "none", "color": INK, "markersize": 18, "markeredgewidth": 1.5}
    axes.plot(places[:true], scenario.true_weights[:true], label="true weight", **bar)
    axes.set_xticks(places, [_mathtext(name) for name in scenario.problem.feature_names])
    axes.set(xlabel="feature", xlim=(-0.6, scenario.degree - 0.4))
    axes.tick_params(axis="x", labelsize=9 if scenario.degree < 10 else 8)
    _scale(axes, scenario, largest)


def polynomial_weights(scenario: Scenario, ax: Axes | None = None) -> Axes:
    """Draw the weights of both fits: squares for least squares, circles for the lasso, hollow where exactly 0."""
    fits = scenario.least_squares, scenario.lasso
    places = np.arange(scenario.degree)
    with drawing(ax) as axes:
        _weight_axes(axes, scenario, max(float(np.abs(fit.coef).max()) for fit in fits))
        stems(axes, places - 0.15, fits[0].coef, label="least squares", color=BLUE, marker="s")
        stems(axes, places + 0.15, fits[1].coef, label="lasso", color=RED, markersize=6)
        zeros = [int(np.sum(fit.coef == 0)) for fit in fits]
        axes.set_title(f"exact zeros: least squares {zeros[0]} of {scenario.degree}, lasso {zeros[1]}")
        key(axes)
    return axes


def _against_lam(axes: Axes, lambdas: Any) -> None:
    shown = lambdas[lambdas > 0]
    if not len(shown):
        raise InputError("lambdas: found only 0, which has no place on a logarithmic axis; sweep over some above 0")
    axes.set(xlabel=r"$\lambda$, falling", xscale="log", xlim=(shown[0], shown[-1] if len(shown) > 1 else shown[0] / 2))


def _mark_truth(axes: Axes, found: Sweep) -> None:
    """Shade where the survivors are exactly the truth's features."""
    inside = found.selection.is_truth
    if inside.any():
        across = axes.get_xaxis_transform()
        label, style = "exactly the true features survive", {**BAND, "alpha": 0.6}
        axes.fill_between(found.lambdas, 0, 1, where=inside, transform=across, zorder=0, label=label, **style)


def sweep_errors(found: Sweep, ax: Axes | None = None) -> Axes:
    """Draw train and test error against lam, falling; the upper axis counts the weights that survive.

    The floor is `Scenario.error_floor`. The test error without penalty, often far above, is in the title.
    """
    scenario, lambdas, best = found.scenario, found.lambdas, found.best
    with drawing(ax) as axes:
        _against_lam(axes, lambdas)
        _mark_truth(axes, found)
        axes.plot(lambdas, found.train_error, label="train error", **LOSS)
        axes.plot(lambdas, found.test_error, label="test error", **TOTAL)
        whole = bool(lambdas[best] > 0)  # not cut at the edge; lam = 0 has no place on a logarithmic axis
        axes.plot([lambdas[best]], [found.test_error[best]], label="least test error", clip_on=not whole, **OPTIMUM)
        axes.axhline(scenario.error_floor, color=INK, linestyle=":", label=f"floor for degree {scenario.degree}")
        axes.set(ylabel="mean squared error", ylim=(0.0, 1.1 * max(found.test_error.max(), found.train_error.max())))
        ticks = np.unique(np.linspace(0, len(lambdas) - 1, min(len(lambdas), 9)).round().astype(int))
        ticks = ticks[lambdas[ticks] > 0]
        counts = found.selection.kept[ticks].sum(axis=1)
        count_above(axes, lambdas[ticks], counts, f"surviving weights of {scenario.degree}")
        without = scenario.test_error(scenario.least_squares)
        axes.set_title(f"{scenario.name}: without penalty the test error is {without:.3g}")
        key(axes)
    return axes


def sweep_weights(found: Sweep, ax: Axes | None = None) -> Axes:
    """Draw the weights against lam: the truth's bold, with thin lines at their true values; the others dashed."""
    scenario, coefs = found.scenario, found.path.coefs
    true = min(scenario.data.degree, scenario.degree)
    with drawing(ax) as axes:
        _against_lam(axes, found.lambdas)
        _mark_truth(axes, found)
        axes.axhline(0.0, color=INK, linewidth=0.6)
        for j in range(true):
            name = _mathtext(scenario.problem.feature_names[j])
            (line,) = axes.plot(found.lambdas, coefs[:, j], linewidth=2.2, label=f"{name} (thin: its true weight)")
            look = {"color": line.get_color(), "linestyle": line.get_linestyle()}
            axes.axhline(scenario.true_weights[j], linewidth=0.8, **look)
        for j in range(true, scenario.degree):
            label = "not in the truth" if j == true else None
            axes.plot(found.lambdas, coefs[:, j], color=GREY, linestyle="--", linewidth=1.0, label=label, zorder=1)
        _scale(axes, scenario, float(np.abs(coefs).max()))
        axes.set_title(f"{scenario.name}, degree {scenario.degree}: which features leave zero, and when")
        key(axes)
    return axes


def exact_zeros(found: Repeats, ax: Axes | None = None) -> Axes:
    """Draw in how many seeds so many weights are exactly 0, without and with the penalty."""
    first = found.scenarios[0]
    both = found.least_squares.exact_zeros, found.lasso.exact_zeros
    with drawing(ax) as axes:
        styles: Any = (
            ("least squares", -0.2, {"facecolor": "white", "edgecolor": BLUE, "hatch": "////"}),
            (rf"lasso, $\lambda={first.problem.lam:g}$", 0.2, {"facecolor": RED, "edgecolor": RED}),
        )
        for zeros, (label, shift, style) in zip(both, styles, strict=True):
            counts, heights = np.unique(zeros, return_counts=True)
            axes.bar_label(axes.bar(counts + shift, heights, width=0.4, label=label, linewidth=1.0, **style))
        axes.set(xlabel=f"exact zeros among {first.degree} weights", ylabel="seeds", xticks=range(first.degree + 1))
        totals = [int(zeros.sum()) for zeros in both]
        seeds = len(found.scenarios)
        axes.set_title(f"{seeds} seeds: {totals[0]} exact zeros by least squares, {totals[1]} by the lasso")
        key(axes)
    return axes


def animate_sweep(found: Sweep, ax: Sequence[Axes] | None = None) -> FuncAnimation:
    """Animate the fit and its weights while lam falls: save with ``.save("sweep.gif")``.

    Parameters
    ----------
    found : Sweep
    ax : sequence of two Axes, optional
        The first is for the fit, the second for the weights.
    """
    scenario, coefs = found.scenario, found.path.coefs
    places = np.arange(scenario.degree)
    curves = [scenario.polynomial(fit).linspace(401) for fit in found.path.solutions]
    ends = np.append(coefs, scenario.true_weights)
    with drawing_many(ax, 1, 2, figsize=(10, 4)) as (left, right):
        _data(left, scenario.data)
        (curve,) = left.plot(*curves[0], **TOTAL, zorder=5)
        _weight_axes(right, scenario, float(np.abs(coefs).max()))
        right.set_ylim(1.1 * ends.min(initial=0.0), 1.1 * ends.max(initial=0.0))
        weights = stems(right, places, coefs[0], color=RED, markersize=6)
        titles = left.set_title(" "), right.set_title(" ")

    def draw(i: int) -> list[Any]:
        curve.set_data(*curves[i])
        for each in weights:
            each.remove()
        weights[:] = stems(right, places, coefs[i], color=RED, markersize=6)
        titles[0].set_text(rf"$\lambda={found.lambdas[i]:#.3g}$: the lasso (thick), the truth (thin)")
        titles[1].set_text(f"{int(np.count_nonzero(coefs[i]))} of {scenario.degree} weights survive (bars: the truth)")
        return [curve, *weights, *titles]

    return animate(left, draw, range(len(curves)), interval=120)
