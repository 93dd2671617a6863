"""The figures draw the right lines, limits and labels, and tell nothing apart by colour alone."""

from __future__ import annotations

import itertools

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from problems import make
from sklearn.linear_model import lars_path

import lassoopt as lo
from lassoopt.drawing import style
from lassoopt.teaching.one_weight.closed_forms import shrinkage

ONE = lo.OneWeight()


@pytest.fixture(scope="module")
def diabetes():
    data = lo.datasets.diabetes()
    return lo.Problem(data.X, data.y, 5.0, standardize=True, feature_names=data.feature_names)


@pytest.fixture(scope="module")
def solved(diabetes):
    return lo.solve(diabetes, tol=1e-12).certificate


@pytest.fixture(scope="module")
def path(diabetes):
    return lo.path(diabetes, n_lambdas=30, eps=1e-3)


def line(ax, words):
    """Return the data of the line whose label contains the words."""
    (found,) = (each for each in ax.lines if words in str(each.get_label()))
    return np.asarray(found.get_xdata()), np.asarray(found.get_ydata())


@pytest.mark.parametrize("lam", [0.0, 0.3, 0.6, 1.0])
def test_rubber_band_draws_the_three_functions_and_the_minimiser(lam):
    ax = lo.plots.rubber_band(ONE.with_lam(lam))
    for words, function in (("loss", lambda w: (w - 0.3) ** 2), ("penalty", lambda w: lam * abs(w))):
        w, values = line(ax, words)
        np.testing.assert_allclose(values, function(w))
    w, total = line(ax, "sum")
    np.testing.assert_allclose(total, (w - 0.3) ** 2 + lam * abs(w))
    (at,), (lowest,) = line(ax, "minimiser")
    assert lowest == total.min()
    assert at == w[total.argmin()]
    low, high = ax.get_xlim()
    assert low < 0 < 0.3 < high
    assert ax.get_ylim()[0] == 0
    assert ("stuck" in ax.get_title(loc="left")) == (lam >= 0.6)
    assert ("pulled" in ax.get_title(loc="left")) == (0 < lam < 0.6)  # at lam = 0 nothing pulls
    assert "$a=0.3$, $c=2$" in ax.get_xlabel()
    styles = {each.get_label().split()[0]: each.get_linestyle() for each in ax.lines if each.get_label()[0] != "_"}
    assert (styles["loss"], styles["penalty"], styles["their"]) == ("--", ":", "-")


def test_crossing_is_on_both_lines():
    for lam in (0.2, 0.6, 0.9):
        ax = lo.plots.crossing(ONE.with_lam(lam))
        (w,), (force,) = line(ax, "cross")
        assert force == pytest.approx(2 * (0.3 - w))
        assert abs(force) <= lam * (1 + 1e-12) if w == 0 else force == pytest.approx(lam)
        assert w == pytest.approx(max(0.3 - lam / 2, 0.0))
        title = ax.get_title(loc="left")
        assert ("held" in title, "leaves 0" in title) == (lam >= 0.6, lam < 0.6)
        assert (r"\leq" in title, ">" in title) == (lam >= 0.6, lam < 0.6)
        stairs, heights = line(ax, "hold")
        assert (heights[0], heights[-1]) == (-lam, lam)
        assert list(stairs[1:3]) == [0, 0]


def test_subgradient_is_the_graph_of_the_sign_with_its_interval():
    w, slope = line(lo.plots.subgradient(), "partial")
    assert list(zip(w, slope, strict=True)) == [(-1, -1), (0, -1), (0, 1), (1, 1)]


def test_soft_threshold_is_flat_where_the_penalty_holds():
    one = lo.OneWeight(a=1.0, lam=0.5, curvature=2.0)
    ax = lo.plots.soft_threshold(one)
    a, w = line(ax, "L1")
    for centre, value in zip(a, w, strict=True):
        assert value == pytest.approx(lo.OneWeight(centre, 0.5, 2.0).minimiser)
    a, w = line(ax, "L2")
    assert w / a == pytest.approx(2.0 / 2.5)
    for each in (one, lo.OneWeight(a=-0.2, lam=0.5, curvature=2.0)):
        ax = lo.plots.soft_threshold(each)
        (marker,) = (drawn for drawn in ax.lines if drawn.get_marker() == "o")
        assert marker.get_xydata().tolist() == [[each.a, each.minimiser]]
        assert r"\lambda=0.5" in ax.get_title(loc="left")


def test_an_exact_zero_is_nowhere_on_a_log_scale():
    found = shrinkage(ONE, np.linspace(0, 1, 21))
    ax = lo.plots.shrinkage(found, logarithmic=True)
    assert np.isnan(line(ax, "L1")[1]).sum() == np.count_nonzero(found.lambdas >= 0.6)
    assert np.isfinite(line(ax, "L2")[1]).all()
    assert ax.get_yscale() == "log"
    ax = lo.plots.shrinkage(found)
    for words, values in (("L1", found.l1), ("L2", found.l2), ("smoothed", found.smoothed)):
        np.testing.assert_array_equal(line(ax, words), [found.lambdas, values])
    (mark,) = (each for each in ax.lines if str(each.get_label())[0] == "_")
    assert list(mark.get_xdata()) == [0.6, 0.6]
    assert ax.texts[0].get_text() == r"$\lambda=c|a|=0.6$"
    assert "$a=0.3$, $c=2$" in ax.get_title(loc="left")


def test_kkt_bars_are_the_gradient_in_units_of_lam_and_stems_the_weights(diabetes, solved):
    top, bottom = lo.plots.kkt(solved)
    bars = {round(bar.get_x() + bar.get_width() / 2): bar for bar in top.patches if bar.get_width() < 1}
    z = -diabetes.gradient(solved.coef, solved.intercept)
    assert len(bars) == 10
    for j, bar in bars.items():
        assert bar.get_height() == pytest.approx(z[j] / (5.0 * diabetes.penalty.c[j]), abs=1e-9)
        assert (bar.get_facecolor()[:3] == (1, 1, 1)) == (solved.coef[j] == 0)  # white are the held ones
    assert [text.get_text() for text in bottom.get_xticklabels()] == list(diabetes.feature_names)
    drawn = np.concatenate([np.column_stack(each.get_data()) for each in bottom.lines if each.get_marker() == "o"])
    drawn = drawn[np.argsort(drawn[:, 0]), 1]
    np.testing.assert_allclose(drawn, solved.coef * diabetes.penalty.c)
    assert "5 of 10 features active" in top.get_title(loc="left")


def test_kkt_hatches_what_is_violated(diabetes):
    wrong = lo.certify(diabetes, np.zeros(10))
    top, _ = lo.plots.kkt(wrong)
    hatched = [bar for bar in top.patches if bar.get_hatch()]
    violated = sum(row.state == "violated" for row in wrong.kkt)
    assert len(hatched) == violated > 0
    assert f"{violated} of 10 conditions violated" in top.get_title(loc="left")


@pytest.mark.parametrize("shape", ["group", "sparse_group"])
def test_kkt_of_groups_shows_what_the_group_uses(shape):
    solution = lo.solve(make(penalty_name=shape), tol=1e-12)
    top, _ = lo.plots.kkt(solution.certificate)
    bars = sorted((bar for bar in top.patches if bar.get_width() < 1), key=lambda bar: bar.get_x())
    heights = np.abs([bar.get_height() for bar in bars])
    assert heights.max() <= 1 + 1e-6
    active = solution.coef != 0
    np.testing.assert_allclose(heights[active], 1.0, rtol=1e-6)


def test_kkt_of_free_and_excluded_features():
    solution = lo.solve(make(weights="mixed"), tol=1e-12)  # the fifth is free, the sixth excluded
    top, bottom = lo.plots.kkt(solution.certificate)
    assert np.isfinite(top.get_ylim()).all()
    assert bottom.get_ylabel() == "weight $w_j$"


def test_path_draws_weights_above_and_correlations_below(diabetes, path):
    top, bottom = lo.plots.path(path)
    for j, name in enumerate(diabetes.feature_names):
        lambdas, weights = line(top, name)
        np.testing.assert_array_equal(lambdas, path.lambdas)
        np.testing.assert_allclose(weights, path.coefs[:, j] * diabetes.penalty.c[j])
    band = np.array([each.get_ydata() for each in bottom.lines if len(each.get_xdata()) == len(path)])
    expected = path.correlations / (path.lambdas[:, None] * diabetes.penalty.c)
    for j in range(10):
        assert np.abs(band - expected[:, j]).max(axis=1).min() < 1e-9
    dashes = [each._unscaled_dash_pattern for each in top.lines if each.get_label()[0] != "_"]
    assert dashes == [each._unscaled_dash_pattern for each in bottom.lines if len(each.get_xdata()) == len(path)]
    assert top.get_xscale() == "log"
    assert bottom.get_xlim() == (path.lambdas[0], path.lambdas[-1])  # falling to the right


def test_a_line_of_the_path_marks_every_departure(diabetes):
    found = lo.path(diabetes, n_lambdas=100, eps=1e-3, tol=1e-10)
    panels = lo.plots.path(found)
    X = (diabetes.X - diabetes.X.mean(axis=0)) / diabetes.penalty.c
    alphas, _, coefs = lars_path(X, diabetes.y - diabetes.y.mean(), method="lasso")
    knots = [
        (f"leaves {diabetes.feature_names[j]}", alphas[k])
        for k in range(len(alphas) - 1)
        for j in np.flatnonzero((coefs[:, k] == 0) & (coefs[:, k + 1] != 0))
    ]
    assert [name for name, _ in knots].count("leaves s3") == 2
    for ax in panels:
        drawn = [(each.get_gid(), each.get_xdata()) for each in ax.lines if "leaves" in str(each.get_gid())]
        assert [name for name, _ in drawn] == [name for name, _ in knots]
        for (_, (one, other)), (_, alpha) in zip(drawn, knots, strict=True):
            assert one == other == pytest.approx(alpha, rel=1e-6)


def test_names_at_the_ends_of_the_path_do_not_overlap(path):
    top, _ = lo.plots.path(path)
    top.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in top.texts]
    assert len(boxes) == 10
    assert not any(a.overlaps(b) for a, b in itertools.combinations(boxes, 2))


def test_names_at_the_ends_of_the_path_are_those_of_the_curves():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((40, 60))
    top, _ = lo.plots.path(lo.path(lo.Problem(X, X[:, 0] + rng.standard_normal(40), 0.0), n_lambdas=20))
    places = {text.get_text(): text.xy[1] for text in top.texts}
    curves = {each.get_label(): each for each in top.lines if each.get_label() in places}
    ends = {name: curve.get_ydata()[-1] for name, curve in curves.items()}
    assert len(places) == 12
    assert sorted(places, key=places.get) == sorted(ends, key=ends.get)  # no leaders cross
    low, high = top.get_ylim()
    assert all(low <= place <= high for place in places.values())
    for name, curve in curves.items():
        (leader,) = (each for each in top.lines if each.get_gid() == f"leader {name}")
        (sample,) = (each for each in top.lines if each.get_gid() == f"sample {name}")
        assert (leader.get_xdata()[0], leader.get_ydata()[0]) == (0.0, ends[name])  # from the axes' right edge
        assert leader.get_ydata()[-1] == places[name] == sample.get_ydata()[0] == sample.get_ydata()[1]
        assert leader.get_xdata()[-1] == sample.get_xdata()[0]
        assert sample._unscaled_dash_pattern == curve._unscaled_dash_pattern
        assert sample.get_color() == curve.get_color()
    at = top.transAxes.transform((1.0, 0.0))[0]
    assert leader.get_transform().transform((0.0, 0.0))[0] == pytest.approx(at)


@pytest.mark.slow
@pytest.mark.parametrize("options", [{}, {"weights": "mixed"}, {"penalty_name": "group"}, {"loss": "quantile"}])
def test_path_down_to_zero_and_of_one_lam(options):
    problem = make(**options)
    top, bottom = lo.plots.path(lo.path(problem, [problem.lam, 0.5 * problem.lam, 0.0]))
    assert top.get_xscale() == "linear"
    assert bottom.get_xlim() == (problem.lam, 0.0)
    top, _ = lo.plots.path(lo.path(problem, [problem.lam]))
    assert top.get_xscale() == "log"


def test_path_of_many_features_names_a_dozen():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((40, 60))
    top, _ = lo.plots.path(lo.path(lo.Problem(X, X[:, 0] + rng.standard_normal(40), 0.0), n_lambdas=20))
    assert len(top.texts) == 12


def test_frames_of_the_animations():
    moving = lo.plots.animate_rubber_band(ONE, [0.7, 0.2])
    ax = moving._fig.axes[0]
    moving._draw_frame(0.2)
    assert line(ax, "minimiser")[0] == pytest.approx(0.2)
    moving._draw_frame(0.7)
    assert line(ax, "minimiser")[0] == 0


@pytest.mark.parametrize(
    ("lambdas", "words"),
    [
        ([], r"lambdas: found shape \(0,\)"),
        ([0.2, -1.0], "lambdas: found -1; allowed are numbers >= 0"),
        ([np.nan], "lambdas: found nan"),
        ([0.2, np.inf], "lambdas: found inf"),
        (["a"], "lambdas: found dtype"),
        (0.2, r"lambdas: found shape \(\)"),
    ],
)
def test_lambdas_of_the_rubber_band_are_checked_at_once(lambdas, words):
    with pytest.raises(lo.InputError, match=words):
        lo.plots.animate_rubber_band(ONE, lambdas)
    assert not plt.get_fignums()  # nothing was begun


@pytest.mark.slow
def test_animation_of_the_path(path):
    moving = lo.plots.animate_kkt(path)
    top, bottom = moving._fig.axes
    limits = bottom.get_ylim()
    for certificate in path.certificates[:: len(path) - 1]:
        moving._draw_frame(certificate)
        assert f"{np.count_nonzero(certificate.coef)} of 10 features active" in top.get_title(loc="left")
    assert bottom.get_ylim()[0] <= limits[0]


@pytest.mark.slow
def test_given_axes_are_drawn_into_and_returned(solved):
    _, ax = plt.subplots()
    assert lo.plots.rubber_band(ONE, ax) is ax
    _, pair = plt.subplots(2)
    assert lo.plots.kkt(solved, pair) == list(pair)
    with pytest.raises(lo.InputError, match="ax: found 3 Axes"):
        lo.plots.kkt(solved, plt.subplots(3)[1])


def luminance(color):
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(color)]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


def kind(linestyle):
    """Return what the eye sees of a dash: all that consist of dots are the same."""
    if isinstance(linestyle, str):
        return "dotted" if linestyle == ":" else linestyle
    return "dotted" if max(linestyle[1][::2]) <= 1 else str(linestyle)


def test_no_two_of_the_cycle_are_the_same_in_grey():
    """They differ in dash, or in shade by at least 10 per cent of white."""
    with plt.style.context(style.STYLE):
        looks = [(each["color"], kind(each["linestyle"])) for each in plt.rcParams["axes.prop_cycle"]]
    assert len(looks) == 14
    for (a, dash), (b, other) in itertools.combinations(looks, 2):
        assert dash != other or abs(luminance(a) - luminance(b)) >= 0.1, (a, b, dash)
