"""Geometry: balls, normal cones and solutions against their definitions, CVXPY and closed forms."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from problems import SMOOTH, TOL, targets
from scipy.optimize import minimize_scalar, nnls

import lassoopt as lo
from lassoopt import geometry as geo
from lassoopt.losses import LOSSES

PENALTIES = {
    "l1": lo.L1(),
    "weighted l1": lo.L1(weights=[1.0, 2.5]),
    "nonnegative l1": lo.NonnegativeL1(weights=[1.0, 0.5]),
    "elastic net": lo.ElasticNet(weights=[1.0, 2.0], l1_ratio=0.4),
    "ridge": lo.ElasticNet(l1_ratio=0.0),
    "group": lo.Group(weights=[1.0, 3.0], groups=[0, 0]),
    "two groups": lo.Group(groups=[0, 1], group_weights=[1.0, 2.0]),
    "sparse group": lo.SparseGroup(weights=[1.0, 1.5], groups=[0, 0], l1_ratio=0.3),
    "two sparse groups": lo.SparseGroup(weights=[1.0, 2.0], groups=[0, 1], l1_ratio=0.3),
}
POINTS = [[0.7, 0.0], [0.0, 0.4], [-0.7, 0.0], [-0.2, 0.9], [1e-3, 30.0]]
CASES = [
    pytest.param(penalty.bind(2), np.array(w), id=f"{name} {w}")
    for name, penalty in PENALTIES.items()
    for w in POINTS
    if np.isfinite(penalty.bind(2).value(np.array(w)))
]
FLAT = geo.LossSurface(*np.array([[0.0, 1.0], [0.0, 1.0]]), np.zeros((2, 2)), None)  # where none is needed
MAIN = ("l1", "nonnegative l1", "sparse group")
every = pytest.mark.parametrize(
    ("loss", "name"), [(loss, name) for loss in LOSSES for name in PENALTIES if loss == "squared" or name in MAIN]
)
bound = pytest.mark.parametrize("penalty", [p.bind(2) for p in PENALTIES.values()], ids=list(PENALTIES))


def make(loss="squared", penalty=PENALTIES["l1"], *, seed=0, n=25, ratio=0.4, **options):
    """A problem in two correlated features, at ``ratio * lambda_max`` (of L1, where that is infinite)."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, 2)) @ [[1.0, 0.5], [0.0, 0.7]] + [0.5, -1.0]
    score = X @ [1.2, 0.5]
    y = targets(loss, score - score.mean(), rng)
    problem = lo.Problem(X, y, 1.0, loss=loss, penalty=penalty, **options)
    top = problem.lambda_max
    return problem.with_lam(ratio * (top if np.isfinite(top) else 1.0))


def picture(problem, coef=None):
    """Its geometry over a coarse grid."""
    side = np.linspace(-1.5, 2.0, 15)
    return geo.geometry(problem, coef, surface=geo.loss_surface(problem, side, side))


def crosses(outline):
    """Twice the areas of the triangles of three neighbouring vertices; all >= 0 if convex and counterclockwise."""
    ahead = np.roll(outline, -1, axis=0) - outline
    return ahead[:, 0] * np.roll(ahead, -1, axis=0)[:, 1] - ahead[:, 1] * np.roll(ahead, -1, axis=0)[:, 0]


# balls


@pytest.mark.slow
@bound
@pytest.mark.parametrize("radius", [1e-3, 1.0, 50.0])
def test_ball_lies_where_the_penalty_equals_the_radius(penalty, radius):
    outline = geo.ball(penalty, radius)
    rim = outline[outline.any(axis=1)]
    np.testing.assert_allclose([penalty.value(w) for w in rim], radius, rtol=TOL["same"])
    assert crosses(outline).min() >= -1e-12 * np.abs(outline).max() ** 2
    # the points on the axes, exactly there
    on_axes = rim[(rim == 0).any(axis=1)]
    assert len(on_axes) == (2 if penalty.nonnegative else 4)
    assert len(rim) == len(outline) - penalty.nonnegative
    assert not np.signbit(outline[outline == 0]).any()


@pytest.mark.slow
@bound
def test_ball_separates_smaller_values_from_larger(penalty):
    from matplotlib.path import Path

    outline = geo.ball(penalty, 0.8, points=100)
    v = np.random.default_rng(0).uniform(-1.3, 1.3, (4000, 2)) * np.abs(outline).max(axis=0)
    values = np.array([penalty.value(each) for each in v])
    inside = Path(outline).contains_points(v)
    np.testing.assert_array_equal(inside[np.abs(values - 0.8) > 1e-3], (values < 0.8)[np.abs(values - 0.8) > 1e-3])
    assert 0.05 < inside.mean() < 0.9


def test_balls_in_closed_form():
    np.testing.assert_array_equal(geo.ball(lo.L1(weights=[1, 4]), 2, points=1), [[2, 0], [0, 0.5], [-2, 0], [0, -0.5]])
    np.testing.assert_array_equal(geo.ball(lo.NonnegativeL1(), 2, points=1), [[2, 0], [0, 2], [0, 0]])
    np.testing.assert_allclose(np.linalg.norm(geo.ball(PENALTIES["ridge"], 0.32), axis=1), 0.8)  # |w|^2 / 2 = 0.32
    ellipse = geo.ball(PENALTIES["group"], 1.0) * np.sqrt(2) * [1, 3]  # k_g = sqrt(2)
    np.testing.assert_allclose(np.linalg.norm(ellipse, axis=1), 1.0)


# subdifferentials and normal cones


@pytest.mark.parametrize(("penalty", "w"), CASES)
def test_subdifferential_supports_the_penalty(penalty, w):
    low, high = geo.subdifferential(penalty, w).T
    # P'(w; d) = sup of g'd over dP(w), the directional derivative by a difference quotient
    for angle in np.arange(0, 2 * np.pi, np.pi / 4):
        d = np.round([np.cos(angle), np.sin(angle)], 15) + 0.0
        with np.errstate(invalid="ignore"):
            support = np.nansum(np.maximum(low * d, high * d))
        step = 1e-7
        quotient = (penalty.value(w + step * d) - penalty.value(w)) / step
        np.testing.assert_allclose(quotient, support, atol=1e-5, rtol=1e-5)
    # the subgradient inequality at the ends, for all v
    v = np.random.default_rng(0).normal(size=(200, 2)) * 2
    finite = np.where(np.isfinite(low), low, -1e3)
    rise = np.array([penalty.value(each) for each in v]) - penalty.value(w)
    for g in (finite, high, (finite + high) / 2):
        assert np.min(rise - (v - w) @ g) >= -1e-9


@pytest.mark.slow
@pytest.mark.parametrize(("penalty", "w"), CASES)
def test_normal_cone_is_what_its_definition_says(penalty, w):
    cone = geo.normal_cone(penalty, w)
    v = np.vstack([geo.ball(penalty, penalty.value(w), points=90), w])
    angles = np.append(np.linspace(0, 2 * np.pi, 360, endpoint=False), cone.start + cone.width * np.linspace(0, 1, 10))
    Z = np.column_stack([np.cos(angles), np.sin(angles)])
    farthest = np.max((v - w) @ Z.T, axis=0)
    distance = np.array([cone.distance(z) for z in Z])
    inside = np.array([cone.contains(z) for z in Z])
    assert np.all(farthest[inside] <= 1e-9 * np.abs(v).max())
    # nearer to the cone, the point that lies farther out may be between two vertices
    assert np.all(farthest[~inside & (distance > 0.04)] > 0)
    assert inside.any()
    assert not inside.all()


@pytest.mark.parametrize(("penalty", "w"), CASES)
def test_distance_to_a_cone_is_that_of_its_projection(penalty, w):
    cone = geo.normal_cone(penalty, w)
    np.testing.assert_array_equal(cone.apex, w)
    np.testing.assert_allclose(np.linalg.norm(cone.edges, axis=1), 1.0)
    for z in np.random.default_rng(1).normal(size=(40, 2)):
        np.testing.assert_allclose(cone.distance(z), nnls(cone.edges.T, z)[1], atol=1e-12)
    assert cone.contains([0.0, 0.0])


def test_cones_of_l1_and_l2():
    corner = geo.normal_cone(lo.L1(), [0.0, -2.0])
    np.testing.assert_allclose(np.degrees([corner.start, corner.width]), [-135, 90])
    assert not corner.is_ray
    assert repr(corner) == "NormalCone(from -135 to -45 degrees)"
    leftmost = geo.normal_cone(lo.L1(), [-1.0, 0.0])  # across the cut of the angle
    assert leftmost.contains([-1.0, 0.99])
    assert leftmost.contains([-1.0, -0.99])
    assert not leftmost.contains([-1.0, 1.01])
    round_one = geo.normal_cone(PENALTIES["ridge"], [-3.0, 4.0])
    assert round_one.is_ray
    assert round_one.contains([-0.3, 0.4])
    assert not round_one.contains([0.3, -0.4])
    everything = geo.normal_cone(lo.L1(), [0.0, 0.0])
    assert everything.is_plane
    assert all(everything.contains(z) for z in np.random.default_rng(0).normal(size=(20, 2)))
    assert repr(everything) == "NormalCone(the whole plane)"
    # a weight that may not become negative is held at 0 by any pull downwards
    assert geo.normal_cone(lo.NonnegativeL1(), [1.0, 0.0]).contains([1e-3, -5.0])


def test_a_tiny_weight_is_no_corner():
    assert geo.normal_cone(lo.L1(), [1.0, 1e-17]).is_ray


# the loss


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("intercept", [True, False])
def test_surface_is_the_loss_with_the_intercept_at_its_best(loss, intercept):
    problem = make(loss, intercept=intercept, sample_weight=np.linspace(0.0, 2.0, 25))
    w1, w2 = [-0.5, 0.2, 1.0], [0.0, 0.7]
    surface = geo.loss_surface(problem, w1, w2)
    assert surface.values.shape == (2, 3)
    for i, j in np.ndindex(2, 3):
        u = problem.X @ [w1[j], w2[i]]
        best = problem.loss_value(u)
        if intercept:
            best = minimize_scalar(lambda b, u=u: problem.loss_value(u + b), (-1, 1), options={"xtol": 1e-11}).fun
        np.testing.assert_allclose(surface.values[i, j], best, rtol=1e-9)


@pytest.mark.parametrize("loss", LOSSES)
def test_minimiser_of_the_loss(loss):
    problem = make(loss, PENALTIES["nonnegative l1"], seed=3, n=40)
    surface = geo.loss_surface(problem, [0, 1], [0, 1])
    reference = lo.solve(lo.Problem(problem.X, problem.y, 0.0, loss=loss), "cvxpy")
    best = problem.loss_value(problem.predict(reference.coef, reference.intercept))
    at = geo.loss_surface(problem, surface.minimiser[0] + [0, 1], surface.minimiser[1] + [0, 1]).values[0, 0]
    np.testing.assert_allclose(at, best, rtol=1e-6)


@pytest.mark.slow
def test_separable_classes_have_no_minimiser():
    X = np.array([[-2.0, 0.3], [-1.0, -0.4], [1.0, 0.2], [2.0, 0.1]])
    problem = lo.Problem(X, [0, 0, 1, 1], 0.1, loss="logistic")
    found = geo.geometry(problem)
    assert found.surface.minimiser is None
    assert repr(found.surface) == "LossSurface(61 x 61 points, no minimiser)"
    assert found.gradient_in_cone
    lam = geo.lam_at_radius(problem, 3.0)
    np.testing.assert_allclose(np.abs(lo.solve(problem.with_lam(lam), tol=1e-11).coef).sum(), 3.0, rtol=1e-5)
    lo.plots.touch(found)


# where they meet


@pytest.mark.slow
@every
def test_certified_solutions_have_the_gradient_in_the_cone(loss, name):
    problem = make(loss, PENALTIES[name], intercept=len(name) % 2 == 0)
    found = geo.geometry(problem, surface=FLAT)
    assert found.certificate.certified
    assert found.gradient_in_cone
    assert found.radius == problem.penalty.value(found.coef) > 0
    low, high = problem.lam * geo.subdifferential(problem.penalty, found.coef).T
    size = np.linalg.norm(found.z)
    assert np.all((found.z >= low - 1e-5 * size) & (found.z <= high + 1e-5 * size))
    assert not np.any(found.certificate.states == "violated")
    if not problem.loss.kinked:  # z is the gradient of the profile loss, by differences
        step = 1e-5
        grids = found.coef[:, None] + step * np.arange(-1, 2)
        values = geo.loss_surface(problem, *grids).values
        slope = [values[1, 2] - values[1, 0], values[2, 1] - values[0, 1]]
        np.testing.assert_allclose(-np.array(slope) / (2 * step), found.z, atol=1e-6 * max(size, 1))


@pytest.mark.slow
@every
def test_constrained_form_has_the_same_solution(loss, name):
    import cvxpy as cp

    problem = make(loss, PENALTIES[name], seed=1)
    found = geo.geometry(problem, surface=FLAT)
    w, b = cp.Variable(2), cp.Variable()
    size, constraints = problem.penalty.cvxpy(w)
    objective = cp.Minimize(problem.s @ problem.loss.cvxpy(problem.X @ w + b, problem.y))
    cp.Problem(objective, [*constraints, size <= found.radius]).solve(solver=cp.CLARABEL)
    assert abs(objective.value - found.loss) <= TOL["solver"] * problem.scale
    if not problem.loss.kinked:
        np.testing.assert_allclose(w.value, found.coef, atol=2e-4)


@pytest.mark.slow
@pytest.mark.parametrize("name", PENALTIES)
def test_a_point_that_is_not_optimal(name):
    problem = make("squared", PENALTIES[name])
    best = geo.geometry(problem, surface=FLAT)
    far = best.ball[np.argmax(np.linalg.norm(best.ball - best.coef, axis=1) * best.ball.any(axis=1))]
    wrong = geo.geometry(problem, far, surface=best.surface)
    np.testing.assert_array_equal(wrong.coef, far)
    assert wrong.radius == pytest.approx(best.radius)
    assert not wrong.gradient_in_cone
    assert not wrong.certificate.certified
    assert "not in" in repr(wrong)
    assert best.loss < wrong.loss  # the definition: its ball has a better point
    np.testing.assert_allclose(wrong.z, -problem.gradient(far, wrong.certificate.intercept))


def test_l1_makes_zeros_and_l2_does_not():
    zeros = {"l1": 0, "ridge": 0}
    for seed in range(40):
        for name in zeros:
            coef = lo.solve(make("squared", PENALTIES[name], seed=seed, ratio=0.5)).coef
            zeros[name] += bool((coef == 0).any())
    assert zeros["l1"] > 20
    assert zeros["ridge"] == 0


def test_all_weights_at_zero():
    found = picture(make(ratio=1.1))
    assert found.radius == 0
    assert found.ball.tolist() == [[0, 0]]
    assert found.cone.is_plane
    assert found.gradient_in_cone
    assert found.certificate.certified
    ax = lo.plots.normal_cone(found)
    assert "normal cone: the plane" in ax.get_legend_handles_labels()[1]
    assert "w_1=w_2=0" in lo.plots.touch(found).get_title(loc="left")


def test_levels_are_even_steps_from_the_loss():
    for ratio in (0.05, 0.4, 0.9):
        found = picture(make(ratio=ratio))
        least = min(found.surface.values.min(), found.loss)
        steps = np.diff(np.sqrt(np.sort(np.append(found.levels, found.loss)) - least))
        np.testing.assert_allclose(steps, steps[-1])
        assert found.levels[-1] < found.surface.values.max()
        assert 6 <= found.levels.size <= 10


def test_window_holds_ball_and_minimiser():
    found = geo.geometry(make())
    for points in (found.ball, found.surface.minimiser[None]):
        for axis, values in enumerate([found.surface.w1, found.surface.w2]):
            assert values[0] < points[:, axis].min()
            assert points[:, axis].max() < values[-1]


# radius and lam


def test_lam_at_radius_of_ridge_in_closed_form():
    problem = make("squared", PENALTIES["ridge"])
    X = problem.X - problem.X.mean(axis=0)
    S, r = X.T @ X / 25, X.T @ (problem.y - problem.y.mean()) / 25
    for lam in (1e-3, 0.1, 2.0, 50.0):
        w = np.linalg.solve(S + lam * np.eye(2), r)
        np.testing.assert_allclose(geo.lam_at_radius(problem, w @ w / 2), lam, rtol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "loss"), [*zip(PENALTIES, [*SMOOTH, *SMOOTH], strict=False)])
def test_lam_and_radius_give_each_other(loss, name):
    problem = make(loss, PENALTIES[name], seed=2)
    radius = problem.penalty.value(lo.solve(problem, tol=1e-12).coef)
    assert geo.lam_at_radius(problem, radius) == pytest.approx(problem.lam, rel=1e-5)


def test_lam_at_radius_where_the_ball_does_not_bind():
    problem = make()
    best = geo.loss_surface(problem, [0, 1], [0, 1]).minimiser
    assert geo.lam_at_radius(problem, 1.001 * np.abs(best).sum()) == 0.0
    assert geo.lam_at_radius(problem, 0.999 * np.abs(best).sum()) > 0.0


# bad input


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: geo.ball(lo.L1(), 0.0), r"radius: found 0\.0; allowed is a finite number > 0"),
        (lambda: geo.ball(lo.L1(), -1.0), r"radius: found -1\.0"),
        (lambda: geo.ball(lo.L1(), np.inf), "radius: found inf"),
        (lambda: geo.ball(lo.L1(), 1.0, points=0), "points: found 0; allowed is a whole number >= 1"),
        (lambda: geo.ball("l1", 1.0), "penalty: found str; allowed is a Penalty"),
        (lambda: geo.ball(lo.L1(weights=[1.0, 2.0, 3.0]), 1.0), "penalty weights: found 3; X has 2 features"),
        (lambda: geo.ball(lo.Group(groups=[0, 0, 1]), 1.0), "groups: found 3 labels"),
        (lambda: geo.ball(lo.L1(weights=[1.0, 0.0]), 1.0), "feature 1 without penalty, so that the ball is a strip"),
        (
            lambda: geo.normal_cone(lo.L1(weights=[np.inf, 1]), [0, 1]),
            "feature 0 excluded, so that the ball is a segment",
        ),
        (lambda: geo.normal_cone(lo.NonnegativeL1(), [1.0, -1.0]), "w: found .*infinite; allowed are weights >= 0"),
        (lambda: geo.normal_cone(lo.L1(), [1.0]), "w: found length 1; the plane has two weights"),
        (lambda: geo.normal_cone(lo.L1(), [1.0, 0.0]).contains([1.0, 2.0, 3.0]), "z: found length 3"),
        (lambda: geo.subdifferential(lo.L1(), [0.0, 0.0]), "w: found 0; allowed is a point other than 0"),
        (lambda: geo.geometry(make(ratio=0.0)), "lam: found 0; allowed is a number > 0"),
        (lambda: geo.geometry(make(penalty=lo.L1(weights=[0.0, 1.0]))), "feature 0 without penalty"),
        (lambda: geo.geometry(make(), [1.0, np.nan]), "coef|w: found nan"),
        (lambda: geo.geometry(lo.Problem(np.eye(3), [1, 2, 3], 0.1)), "problem: found 3 features; allowed are 2"),
        (lambda: geo.geometry(lo.Problem([[1.0], [2.0]], [1, 2], 0.1)), "problem: found 1 feature; allowed"),
        (lambda: geo.geometry(lo.L1()), "problem: found L1; allowed is a Problem"),
        (lambda: geo.loss_surface(make(), [0, 1], [1, 0]), "w2: found 2 values that do not rise"),
        (lambda: geo.loss_surface(make(), [0], [0, 1]), "w1: found 1 values"),
        (lambda: geo.lam_at_radius(make(), 0.0), "radius: found 0"),
        (
            lambda: geo.lam_at_radius(make(penalty=lo.L1(weights=[0, 1])), 1.0),
            "penalty: found a feature without penalty",
        ),
        (lambda: geo.lam_at_radius(make("quantile"), 1.0), "loss: found Quantile, under which P"),
        (lambda: lo.plots.side_by_side({}), "found no Geometry; allowed are one or more"),
        (lambda: lo.plots.normal_cone(geo.geometry(make()), scale=0), "scale: found 0; allowed is a finite number > 0"),
    ],
)
def test_bad_input_says_what_is_allowed(call, message):
    with pytest.raises(lo.InputError, match=message):
        call()


# figures


def labelled(ax, label):
    """The one artist with this label."""
    handles, labels = ax.get_legend_handles_labels()
    (found,) = (handle for handle, each in zip(handles, labels, strict=True) if label in each)
    return found


def test_touch_draws_ball_contours_and_points():
    found = picture(make(ratio=0.7))
    ax = lo.plots.touch(found)
    np.testing.assert_allclose(labelled(ax, "ball").get_xy()[:-1], found.ball)
    np.testing.assert_array_equal(labelled(ax, "least loss").get_xydata(), [found.surface.minimiser])
    assert labelled(ax, "least loss").get_marker() != ax.lines[-1].get_marker()
    np.testing.assert_array_equal(ax.lines[-1].get_xydata(), [found.coef])
    family, through = ax.collections
    np.testing.assert_allclose(family.levels, found.levels)
    assert through.levels.tolist() == [found.loss]
    # the drawn contour through w does pass there, and bends away from the ball
    vertices = np.vstack([path.vertices for path in through.get_paths()])
    assert np.linalg.norm(vertices - found.coef, axis=1).min() < 0.05
    assert ax.get_aspect() == 1  # right angles are right
    assert ax.get_xlim() == (found.surface.w1[0], found.surface.w1[-1])
    assert ax.get_ylim() == (found.surface.w2[0], found.surface.w2[-1])
    assert ax.get_xlabel() == "$w_1$, weight of x0"
    assert ax.get_ylabel() == "$w_2$, weight of x1"
    assert "they touch where $w_2=0$" in ax.get_title(loc="left")


def test_a_minimiser_out_of_sight_is_not_in_the_legend():
    problem = make()
    far = geo.geometry(problem, surface=geo.loss_surface(problem, [-0.5, 0.0, 0.5], [-0.5, 0.0, 0.5]))
    assert "least loss" not in lo.plots.touch(far).get_legend_handles_labels()[1]


def test_titles_of_edges_and_wrong_points():
    edge = picture(make(ratio=0.02))
    assert "no weight is 0" in lo.plots.touch(edge).get_title(loc="left")
    wrong = picture(make(), [0.0, 0.5])
    assert "cuts the ball" in lo.plots.touch(wrong).get_title(loc="left")
    assert "not optimal" in lo.plots.normal_cone(wrong).get_title(loc="left")


@pytest.mark.slow
@pytest.mark.parametrize("name", PENALTIES)
@pytest.mark.parametrize("ratio", [0.02, 0.8])
def test_normal_cone_draws_arrow_and_slopes_from_the_point(name, ratio):
    found = picture(make(penalty=PENALTIES[name], ratio=ratio))
    ax = lo.plots.normal_cone(found)
    (head,) = ax.texts
    arrow = np.array([head.xyann, head.xy])
    np.testing.assert_array_equal(arrow[0], found.coef)
    assert head.arrow_patch.get_visible()
    unit = np.linalg.norm(arrow[1] - arrow[0]) / np.linalg.norm(found.z / found.problem.lam)
    np.testing.assert_allclose(arrow[1], found.coef + unit * found.z / found.problem.lam)
    assert labelled(ax, "nabla").get_marker() == r"$\rightarrow$"
    for name_of in ("nabla", "partial"):
        assert f"drawn $\\times\\,{unit:.2g}$" in labelled(ax, name_of).get_label()
    bar = labelled(ax, "partial").get_xydata()
    slopes = found.coef + unit * geo.subdifferential(found.problem.penalty, found.coef).T
    for drawn, end in zip(bar.ravel(), slopes.ravel(), strict=True):
        assert drawn == pytest.approx(end) or (end == -np.inf and drawn < min(ax.get_ylim()[0], ax.get_xlim()[0]))
    # the arrow ends on the bar
    assert np.all((arrow[1] >= bar.min(axis=0) - 1e-4) & (arrow[1] <= bar.max(axis=0) + 1e-4))
    if found.cone.is_ray:
        start, end = labelled(ax, "a ray").get_xydata()
        np.testing.assert_allclose((end - start) / np.linalg.norm(end - start), found.cone.edges[0])
    else:
        sector = labelled(ax, "a sector")
        assert sector.get_hatch()  # not by colour alone
        rim = sector.get_xy()[1:-1] - found.coef
        assert all(found.cone.contains(z) for z in rim)
        np.testing.assert_allclose(rim[[0, -1]] / np.linalg.norm(rim[0]), found.cone.edges, atol=1e-12)


def test_arrows_side_by_side_are_drawn_to_one_scale():
    problem = make()
    dear = make(penalty=lo.L1(weights=[1.0, 5.0]))
    pictures = {"corner": picture(problem), "long slopes": picture(dear), "wrong": picture(problem, [0.0, 0.5])}
    units = []
    for ax, found in zip(lo.plots.side_by_side(pictures), pictures.values(), strict=True):
        (head,) = ax.texts
        drawn = np.subtract(head.xy, head.xyann)
        units.append(np.linalg.norm(drawn) / np.linalg.norm(found.z / found.problem.lam))
        assert np.all(np.abs(drawn) <= 0.26 * np.ptp(found.surface.w1))  # in the frame
    np.testing.assert_allclose(units, units[0])
    (head,) = lo.plots.normal_cone(found, scale=0.1).texts
    np.testing.assert_allclose(np.subtract(head.xy, head.xyann), 0.1 * found.z / found.problem.lam)


def test_side_by_side_has_one_legend_and_the_given_titles():
    problem = make()
    pictures = {str(ratio): picture(problem.with_lam(ratio * problem.lambda_max)) for ratio in (0.8, 0.4, 0.2, 0.05)}
    panels = lo.plots.side_by_side(pictures)
    assert [ax.get_title(loc="left") for ax in panels[:4]] == list(pictures)
    assert [ax.axison for ax in panels] == [True] * 4 + [False] * 2
    assert all(ax.get_legend() is None for ax in panels)
    (legend,) = panels[0].figure.legends
    labels = [text.get_text() for text in legend.get_texts()]
    assert len(set(labels)) == len(labels)
    assert {"normal cone: a sector", "normal cone: a ray", "$w$"} <= set(labels)
    _, axes = plt.subplots(1, 2)
    two = dict(list(pictures.items())[:2])
    assert lo.plots.side_by_side(two, lo.plots.touch, axes) == list(axes)
    assert [bool(ax.get_ylabel()) for ax in axes] == [True, False]
    with pytest.raises(lo.InputError, match="ax: found 1 Axes"):
        lo.plots.side_by_side(two, lo.plots.touch, axes[0])
