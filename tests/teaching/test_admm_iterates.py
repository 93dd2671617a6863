"""ADMM watched: the iterates against the paper's formulas written anew, the gap and the end against CVXPY."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from problems import TOL
from scipy.optimize import brentq, minimize_scalar

from lassoopt.certificates.certification import certify
from lassoopt.errors import InputError
from lassoopt.penalties import NonnegativeL1
from lassoopt.problems.problem import Problem
from lassoopt.solvers.admm.iteration import solve
from lassoopt.solvers.cvxpy_reference import Reference
from lassoopt.teaching.admm_iterates.figures import animate_iterates, convergence, iterates, rho_sweep
from lassoopt.teaching.admm_iterates.iterates import trace


def make(loss="squared", *, n=40, p=6, seed=0, ratio=0.2, **options):
    """A seeded problem of correlated columns of unlike sizes, at a share of lambda_max."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, p)) + rng.standard_normal((n, 1))
    X = X * np.linspace(0.5, 2.0, p) + np.linspace(-1.0, 1.0, p)
    score = X @ np.r_[1.0, -1.0, np.zeros(p - 2)] + 0.5 * rng.standard_normal(n)
    y = (score > 0).astype(float) if loss == "logistic" else score + 3.0
    problem = Problem(X, y, 1.0, loss=loss, **options)
    return problem.with_lam(ratio * problem.lambda_max)


def by_the_paper(problem, rho, start, iterations):
    """Graph-form ADMM (Parikh & Boyd, 2014, sec. 4.1; relaxation: Boyd et al., 2011, sec. 3.4.3), in original units.

    The distance is sum_j d_j^2 (x_j - w_j)^2 + sum_i s_i (v_i - u_i)^2; (lx, lv) are the multipliers over rho.
    """
    X, y, s, lam, alpha = problem.X, problem.y, problem.s, problem.lam, 1.6
    one = np.ones((len(y), int(problem.intercept)))
    mean = s @ X / s.sum() if problem.intercept else 0.0
    d = np.sqrt(s @ (X - mean) ** 2)
    system = np.vstack([np.hstack([np.diag(d), 0 * one[: len(d)]]), np.sqrt(s)[:, None] * np.hstack([X, one])])

    if str(problem.loss).startswith("Squared"):
        curvature = 1.0
        b = np.average(y - X @ start, weights=s) if problem.intercept else 0.0

        def fit(a):  # argmin_v (v - y)^2 / 2 + rho / 2 (v - a)^2
            return (y + rho * a) / (1 + rho)
    else:
        share = s @ y / s.sum() if problem.intercept else 0.5
        curvature = share * (1 - share)
        pull = rho * curvature

        def slope_at(b):
            return s @ (1 / (1 + np.exp(-(X @ start + b))) - y)

        b = brentq(slope_at, -50, 50, xtol=1e-14) if problem.intercept else 0.0

        def fit(a):
            return np.array(
                [
                    brentq(lambda v, t=t, c=c: 1 / (1 + np.exp(-v)) - t + pull * (v - c), c - 9 / pull, c + 9 / pull)
                    for t, c in zip(y, a, strict=True)
                ]
            )

    w, u, lx, lv = start, X @ start + b, 0 * start, 0 * y
    course = [(start, w, 0 * y, np.inf, np.inf)]
    for _ in range(iterations):
        level = lam / (rho * curvature * d**2)
        x = np.sign(w - lx) * np.maximum(np.abs(w - lx) - level, 0.0)
        v = fit(u - lv)
        before = w, u
        xh, vh = alpha * x + (1 - alpha) * w, alpha * v + (1 - alpha) * u
        target = np.concatenate([d * (xh + lx), np.sqrt(s) * (vh + lv)])
        solved = np.linalg.lstsq(system, target, rcond=None)[0]
        w, u = solved[: len(w)], np.hstack([X, one]) @ solved
        lx, lv = lx + xh - w, lv + vh - u

        def size(a, b):
            return np.sqrt(np.sum((d * a) ** 2) + np.sum(s * b**2))

        primal = size(x - w, v - u) / max(size(x, v), size(w, u))
        dual = size(w - before[0], u - before[1]) / size(lx, lv)
        course.append((x, w, rho * curvature * s * lv, primal, dual))
    return [np.array(column) for column in zip(*course, strict=True)]


@pytest.mark.parametrize("rho", [0.3, 2.0])
@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_the_plain_iteration_of_the_paper(loss, intercept, rho):
    problem = make(loss, intercept=intercept, sample_weight=np.random.default_rng(1).random(40) + 0.5)
    start = np.array([0.3, -0.2, 0.0, 0.5, -0.4, 0.1])
    course = trace(problem, iterations=8, rho=rho, start=start)
    x, w, theta, primal, dual = by_the_paper(problem, rho, start, 8)
    np.testing.assert_allclose(course.x, x, atol=1e-9)
    np.testing.assert_allclose(course.w, w, atol=1e-9)
    np.testing.assert_allclose(course.theta, theta, atol=1e-10)
    np.testing.assert_allclose(course.primal_residual, primal, rtol=1e-7)
    np.testing.assert_allclose(course.dual_residual, dual, rtol=1e-7)


@pytest.mark.slow
@pytest.mark.parametrize("rho", [0.1, 1.0, 10.0])
@pytest.mark.parametrize("loss", ["squared", "logistic", "huber", "quantile"])
def test_the_gap_bounds_the_distance_from_the_optimum_of_cvxpy(loss, rho):
    problem = make(loss)
    best = Reference(problem).solve().certificate.primal
    course = trace(problem, iterations=60, rho=rho)
    excess = course.objective - best
    assert np.all(excess <= problem.scale * (course.gap + 1e-9))
    objectives = [problem.objective(x, b) for x, b in zip(course.x, course.intercepts, strict=True)]
    np.testing.assert_allclose(course.objective, objectives, rtol=TOL["same"])


@pytest.mark.slow
@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_the_end_is_the_optimum_whatever_rho_and_start(loss):
    problem = make(loss)
    tight = {"tol_gap_abs": 1e-12, "tol_gap_rel": 1e-12, "tol_feas": 1e-12}
    peer = Reference(problem, solver_options=tight).solve()
    signs = peer.certificate.proven_signs
    assert np.array_equal(signs == 0, peer.certificate.proven_zeros)  # the certificate decides every feature
    for rho, start in ((0.3, None), (1.0, np.full(6, 2.0)), (3.0, np.arange(6.0) - 3)):
        course = trace(problem, iterations=800, rho=rho, start=start)
        assert certify(problem, course.x[-1], course.intercepts[-1], course.theta[-1]).certified
        assert np.array_equal(np.sign(course.x[-1]), signs)
        np.testing.assert_allclose(course.x[-1], peer.coef, atol=TOL["coef"])
        # theta is -dLoss/du, whether read off the iteration or computed from the weights
        u = problem.predict(course.x[-1], course.intercepts[-1])
        np.testing.assert_allclose(course.theta[-1], problem.theta(u), atol=1e-7)
        # the zeros of x are exact long before the values are; w, like any linear solve, only comes near 0
        assert course.settled < course.reached(1e-10)
        assert np.all(course.w[course.settled : course.reached(1e-10)] != 0)


def test_a_zero_is_made_by_the_soft_threshold_of_weight_and_price():
    problem = make()
    course = trace(problem, iterations=30, rho=0.7)
    stiffness = 0.7 * (problem.X - problem.X.mean(axis=0)).var(axis=0)
    drawn = course.w[:-1] + course.theta[:-1] @ problem.X / stiffness
    zero = np.abs(drawn) <= problem.lam / stiffness
    assert 0 < zero.sum() < zero.size
    assert np.array_equal(course.x[1:] == 0, zero)


def test_iterate_0_is_the_start():
    problem = make()
    for start in (None, [1.0, 0.0, 0.0, -2.0, 0.0, 0.0]):
        course = trace(problem, iterations=1, start=start)
        w = np.zeros(6) if start is None else np.array(start)
        assert len(course) == 2
        np.testing.assert_allclose([course.x[0], course.w[0]], [w, w], rtol=1e-15)
        assert course.intercepts[0] == pytest.approx(np.mean(problem.y - problem.X @ w))
        assert not course.theta[0].any()
        # prices 0 prove no more than that the loss is >= its infimum, here 0
        assert course.gap[0] == pytest.approx(problem.objective(w, course.intercepts[0]) / problem.scale)
        assert course.primal_residual[0] == course.dual_residual[0] == np.inf


def test_samples_of_weight_0_play_no_part():
    weights = np.r_[np.zeros(5), np.ones(35)]
    problem = make(sample_weight=weights)
    without = Problem(problem.X[5:], problem.y[5:], problem.lam)
    course, same = trace(problem, iterations=20), trace(without, iterations=20)
    np.testing.assert_allclose(course.x, same.x, atol=1e-12)
    np.testing.assert_allclose(course.theta[:, 5:], same.theta, atol=1e-14)
    assert not course.theta[:, :5].any()


def test_settled_and_reached_by_definition():
    course = trace(make(p=2), iterations=4)
    signs = np.array([[1, 0], [1, 1], [0, 1], [2, 0], [3, 0]], dtype=float)
    made = replace(course, x=signs, gap=np.array([9.0, 0.5, 2.0, 0.1, 0.2]))
    assert made.settled == 3
    assert made.support_size.tolist() == [1, 2, 1, 1, 1]
    assert (made.reached(0.5), made.reached(0.1), made.reached(0.01)) == (1, 3, None)
    assert replace(course, x=signs[3:]).settled == 0
    assert made.iterations.tolist() == [0, 1, 2, 3, 4]
    assert "signs settled at 3" in repr(made)


@pytest.mark.slow
@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_landscape_is_the_objective_at_the_best_intercept(loss):
    problem = make(loss, p=2, seed=3)
    course = trace(problem, iterations=15, start=[-1.0, 1.0])
    ground = course.landscape
    for axis, values in ((ground.first, course.x[:, 0]), (ground.second, course.w[:, 1])):
        assert 0.0 in axis
        assert np.all(np.diff(axis) > 0)
        assert axis[0] < values.min() <= values.max() < axis[-1]
    for i, j in ((0, 0), (5, 40), (60, 12)):
        coef = np.array([ground.first[j], ground.second[i]])
        found = minimize_scalar(lambda b, coef=coef: problem.objective(coef, b), (-3, 3), tol=1e-12)
        assert ground.objective[i, j] == pytest.approx(found.fun, rel=1e-9)


def test_landscape_needs_two_features():
    with pytest.raises(InputError, match="found 6 features; allowed are 2"):
        _ = trace(make(), iterations=1).landscape


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"iterations": 0}, "iterations"),
        ({"iterations": 2.5}, "iterations"),
        ({"iterations": True}, "iterations"),
        ({"rho": 0.0}, "rho"),
        ({"rho": -1.0}, "rho"),
        ({"rho": np.nan}, "rho"),
        ({"rho": np.inf}, "rho"),
        ({"rho": "1"}, "rho"),
        ({"start": [1.0, 2.0]}, "start: found length 2; X has 6 columns"),
        ({"start": [np.nan] * 6}, "start"),
        ({"start": np.zeros((6, 1))}, "start"),
        ({"start": ["a"] * 6}, "start"),
    ],
)
def test_bad_options(options, named):
    with pytest.raises(InputError, match=named):
        trace(make(), **options)


def test_bad_problem_and_tolerance():
    with pytest.raises(InputError, match="problem: found str"):
        trace("lasso")
    course = trace(make(), iterations=1)
    for tol in (0.0, -1.0, np.nan):
        with pytest.raises(InputError, match="tol"):
            course.reached(tol)
    with pytest.raises(InputError, match="traces: found none"):
        rho_sweep([])
    with pytest.raises(InputError, match="found 1 Axes; allowed are None or a sequence of 2"):
        convergence(course, ax=[None])


# Figures: what is drawn


def labelled(axes):
    return {line.get_label(): line for line in axes.lines}


def flat(start=(-0.5, 1.5), **options):
    return trace(make(p=2, seed=3, feature_names=["size", "age"]), start=start, **options)


def test_iterates_drawn():
    course = flat(iterations=12, rho=0.4)
    axes = iterates(course)
    lines = labelled(axes)
    assert {"start", "end"} < set(lines)
    x, w, exact = (next(line for label, line in lines.items() if part in label) for part in ("pays", "tied", "exact"))
    np.testing.assert_array_equal(x.get_xydata(), course.x)
    np.testing.assert_array_equal(w.get_xydata(), course.w)
    np.testing.assert_array_equal(exact.get_xydata(), course.x[(course.x == 0).any(axis=1)])
    np.testing.assert_allclose(lines["start"].get_xydata(), [[-0.5, 1.5]], rtol=1e-15)
    np.testing.assert_array_equal(lines["end"].get_xydata(), course.x[-1:])
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("weight of size", "weight of age")
    assert axes.get_xlim() == (course.landscape.first[0], course.landscape.first[-1])
    assert "after 12 iterations" in axes.get_title("left")
    (contours,) = axes.collections
    low, high = course.objective.min(), course.landscape.objective.max()
    assert np.all((contours.levels > low) & (contours.levels < high))
    # each contour runs where the objective has its level, up to the grid's resolution
    problem, at = course.problem, 6
    for w1, w2 in contours.get_paths()[at].vertices[::10]:
        b = np.mean(problem.y - problem.X @ [w1, w2])
        assert problem.objective([w1, w2], b) == pytest.approx(contours.levels[at], abs=0.02 * (high - low))


@pytest.mark.slow
def test_iterates_share_a_map_and_take_axes():
    import matplotlib.pyplot as plt

    course, other = flat(iterations=12, rho=0.05), flat(iterations=12, rho=5.0)
    _, ax = plt.subplots()
    assert iterates(other, course.landscape, ax=ax) is ax
    assert ax.get_xlim() == (course.landscape.first[0], course.landscape.first[-1])


@pytest.mark.slow
def test_iterates_where_the_objective_is_infinite():
    problem = make(p=2, seed=3, penalty=NonnegativeL1())
    course = trace(problem, iterations=12)
    assert np.isinf(course.landscape.objective).any()
    (contours,) = iterates(course).collections
    assert np.isfinite(contours.levels).all()
    assert sum(len(path.vertices) for path in contours.get_paths()) > 0


def test_convergence_drawn():
    course = trace(make(), iterations=50, rho=0.3)
    upper, lower = convergence(course)
    lines, styles = labelled(upper), set()
    assert upper.get_yscale() == "log"
    for label, values in (
        ("primal residual", course.primal_residual[1:]),
        ("dual residual", course.dual_residual[1:]),
        ("relative duality gap", course.gap),
    ):
        np.testing.assert_array_equal(lines[label].get_ydata(), values)
        styles.add(lines[label].get_linestyle())
    assert len(styles) == 3  # told apart without colour
    (steps,) = (line for line in lower.lines if len(line.get_xdata()) == 51)
    np.testing.assert_array_equal(steps.get_ydata(), course.support_size)
    assert steps.get_drawstyle() == "steps-post"
    marks = [line.get_xdata()[0] for axes in (upper, lower) for line in axes.lines if len(line.get_xdata()) == 2]
    assert marks == [course.settled, course.settled]
    assert lower.get_ylim()[1] >= 6
    assert lower.get_xlabel() == "iteration"


def test_rho_sweep_drawn():
    rhos = [10.0, 0.02, 1.0, 0.2]
    traces = [flat(iterations=40, rho=rho) for rho in rhos]
    needed = {course.rho: course.reached(1e-6) for course in traces}
    assert needed[0.02] is None
    assert needed[1.0] is not None
    left, right = rho_sweep(traces, tol=1e-6)
    (named,) = left.texts
    assert (named.get_text(), named.xy[1]) == ("a gap of 1e-06", 1e-6)
    assert [1e-6, 1e-6] in [list(each.get_ydata()) for each in left.lines]
    done = [rho for rho in sorted(rhos) if needed[rho] is not None]
    reached, failed = right.lines
    np.testing.assert_array_equal(reached.get_xydata(), [(rho, needed[rho]) for rho in done])
    np.testing.assert_array_equal(failed.get_xydata(), [(rho, 40) for rho in sorted(rhos) if needed[rho] is None])
    fastest = min(done, key=needed.get)
    assert f"={fastest:g}" in right.get_title("left").replace("$", "")
    assert {text.get_text() for text in left.get_legend().get_texts()} == {
        rf"$\rho={rho:g}$" for rho in (0.02, fastest, 10.0)
    }
    assert (right.get_xscale(), right.get_yscale(), left.get_yscale()) == ("log", "log", "log")


def test_rho_sweep_that_never_arrives():
    _, right = rho_sweep([flat(iterations=3, rho=rho) for rho in (0.1, 10.0)], tol=1e-9)
    assert right.get_title("left") == "None reaches a gap of 1e-09"


@pytest.mark.slow
def test_animation_is_small_and_shows_each_iterate(tmp_path):
    from PIL import Image

    course = flat(iterations=9, rho=0.4)
    animation = animate_iterates(course)
    path = tmp_path / "iterates.gif"
    animation.save(path, writer="pillow")
    assert path.stat().st_size < 1_000_000 * 10 / 40  # so that 40 frames, the most there are, take less than 1 MB
    with Image.open(path) as image:
        assert image.n_frames == 10
    artists = animation._draw_frame(7) or animation._func(7)
    title = artists[-1].get_text()
    assert title.startswith("iteration 7:")
    assert f"{course.gap[7]:.1g}" in title
    np.testing.assert_array_equal(artists[1].get_xydata(), course.x[:8])
    np.testing.assert_array_equal(artists[0].get_xydata(), course.w[:8])
    np.testing.assert_array_equal(artists[3].get_xydata(), [course.x[7], course.w[7]])


@pytest.mark.slow
def test_long_animation_shows_40_iterates():
    frames = list(animate_iterates(flat(iterations=300)).new_frame_seq())
    assert len(frames) == 40
    assert (frames[0], frames[-1]) == (0, 300)


def test_a_solve_ends_where_the_plain_iteration_does():
    problem = make()
    course, solution = trace(problem, iterations=400), solve(problem, tol=1e-10)
    np.testing.assert_allclose(course.x[-1], solution.coef, atol=1e-6)
    assert solution.iterations < course.reached(1e-10)
