"""Block descent: its kernels by definition, its answers by their certificate, by ADMM and by CVXPY."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
from problems import SMOOTH, TOL, interrupt, make
from scipy.optimize import minimize

import lassoopt as lo
from lassoopt.solvers.working_sets import block_descent, kernels
from lassoopt.solvers.working_sets.block_descent import GroupWorkingSet
from lassoopt.solvers.working_sets.group_model import Blocks, GroupModel
from lassoopt.solvers.working_sets.working_set import FEW, WorkingSet, sparse

PENALTIES = ["group", "sparse_group"]


def model(seed, l1=0.0, p=9):
    """A random model: blocks of 1, 2, 3 and 3, the first without a norm; scales within a block over two decades."""
    rng = np.random.default_rng(seed)
    Z = rng.standard_normal((20, p)) + rng.standard_normal((20, 1))
    Z /= np.linalg.norm(Z, axis=0)
    starts = np.array([0, 1, 3, 6, 9])
    scale = 10 ** rng.uniform(-2, 0, p)
    scale[0] = 1.0
    level, norm_level = l1 * rng.random(p), rng.uniform(0.05, 0.3, 4)
    norm_level[0] = 0.0
    blocks = Blocks(starts, level, norm_level, scale)
    return Z.T @ Z, Z.T @ rng.standard_normal(20), blocks


def objective(G, c, blocks, v):
    """The kernels' objective, as their comment states it."""
    norms = [np.linalg.norm((blocks.scale * v)[a:b]) for a, b in zip(blocks.starts, blocks.starts[1:], strict=False)]
    return 0.5 * v @ G @ v - c @ v + blocks.level @ np.abs(v) + blocks.norm_level @ np.array(norms)


@pytest.mark.parametrize("l1", [0.0, 0.3])
@pytest.mark.parametrize("seed", range(10))
def test_descent_never_raises_the_objective_and_keeps_q(seed, l1):
    G, c, blocks = model(seed, l1)
    assert kernels.block_penalty(*blocks.arrays, c) == pytest.approx(objective(0 * G, 0 * c, blocks, c))
    v = np.random.default_rng(seed).standard_normal(9) * (np.arange(9) % 4 > 0)
    q = c - G @ v
    last = objective(G, c, blocks, v)
    for k in range(40):
        kernels.descend_blocks(G, *blocks.arrays, q, v, k % 3 == 0)
        now = objective(G, c, blocks, v)
        assert now <= last + 1e-13
        last = now
        np.testing.assert_allclose(q, c - G @ v, atol=1e-13)


@pytest.mark.parametrize("l1", [0.0, 0.3])
@pytest.mark.parametrize("seed", range(10))
def test_the_minimiser_of_a_bound_meets_its_defining_inequality(seed, l1):
    """It is no worse than any point, in the block's objective with the bound D in place of the curvature G."""
    G, c, blocks = model(seed, l1)
    rng = np.random.default_rng(seed)
    for first, last, norm_level in zip(blocks.starts, blocks.starts[1:], blocks.norm_level, strict=False):
        part, size = slice(first, last), last - first
        start, pull = rng.standard_normal(size), 3 * c[part]
        bound = np.abs(G[part, part]).sum(axis=1)
        assert np.linalg.eigvalsh(np.diag(bound) - G[part, part])[0] >= -1e-15
        target = start.copy()
        kernels.minimise_bound(G, first, size, blocks.level, norm_level, blocks.scale, pull, bound, target)
        slope = pull - G[part, part] @ start

        def bounded(x, part=part, start=start, slope=slope, bound=bound, norm_level=norm_level):
            penalty = blocks.level[part] @ np.abs(x) + norm_level * np.linalg.norm(blocks.scale[part] * x)
            return 0.5 * bound @ (x - start) ** 2 - slope @ (x - start) + penalty

        for size_of_move in (1.0, 1e-3, 1e-6):
            for _ in range(20):
                assert bounded(target) <= bounded(target + size_of_move * rng.standard_normal(size)) + 1e-13
        assert bounded(target) <= bounded(np.zeros(size)) + 1e-13


def test_a_block_is_0_exactly_where_its_level_holds_it():
    G, c, blocks = model(0)
    part = slice(3, 6)
    reach = np.linalg.norm(c[part] / blocks.scale[part])
    for share, held in ((1.001, True), (0.999, False)):
        norm_level = np.full(4, 1e9)
        norm_level[2] = share * reach
        v = np.zeros(9)
        v[part] = 1e-3  # a block that is not 0 becomes it, too
        for start in (v, np.zeros(9)):
            at, q = start.copy(), c - G @ start
            kernels.descend_blocks(G, blocks.starts, np.full(9, 0.0), norm_level, blocks.scale, q, at, True)
            assert np.all(at[part] == 0) == held


@pytest.mark.parametrize("l1", [0.0, 0.3])
@pytest.mark.parametrize("seed", range(5))
def test_the_newton_system_is_that_of_the_objective(seed, l1):
    G, c, blocks = model(seed, l1)
    v = np.random.default_rng(seed).standard_normal(9)
    v[[4, 6, 7, 8]] = 0.0
    active = np.flatnonzero(v)
    H, right = np.zeros((active.size, active.size)), np.zeros(active.size)
    kernels.block_system(G, *blocks.arrays, c - G @ v, v, active, H, right)
    H = H + np.tril(H, -1).T

    def slope(step):
        e = np.zeros(9)
        e[active] = step
        return objective(G, c, blocks, v + e)

    unit, h = np.eye(active.size), 1e-5
    by_differences = np.array([(slope(h * e) - slope(-h * e)) / (2 * h) for e in unit])
    np.testing.assert_allclose(right, -by_differences, atol=1e-8)
    h = 1e-3
    second = [[slope(h * a + h * b) - slope(h * a - h * b) for b in unit] for a in unit]
    second = [[x - slope(h * b - h * a) + slope(-h * a - h * b) for x, b in zip(r, unit, strict=True)]
              for r, a in zip(second, unit, strict=True)]  # fmt: skip
    np.testing.assert_allclose(H, np.array(second) / (4 * h * h), atol=1e-3 * np.abs(H).max())


def test_a_step_stops_at_kinks():
    starts, level = np.array([0, 1, 3, 5]), np.array([0.1, 0, 0, 0.2, 0.2])
    norm_level, scale = np.array([0.0, 1.0, 1.0]), np.ones(5)
    v, new = np.array([1.0, 1.0, 1.0, 1.0, 1.0]), np.empty(5)
    kernels.step_blocks(starts, level, norm_level, scale, v, np.array([-2.0, -1.5, -1.0, -3.0, 1.0]), 1.0, new)
    assert new.tolist() == [0.0, 0.0, 0.0, 0.0, 2.0]
    kernels.step_blocks(starts, level, norm_level, scale, v, np.array([-2.0, -1.5, -1.0, -3.0, 1.0]), 0.25, new)
    assert new.tolist() == [0.5, 0.625, 0.75, 0.25, 1.25]


@pytest.mark.parametrize("l1", [0.0, 0.3])
def test_the_model_is_minimised(l1):
    for seed in range(5):
        G, c, blocks = model(seed, l1)
        solver = GroupModel(None, False)
        solver.size, solver._G = 9, G
        v, q = np.zeros(9), c.copy()
        solver.settle_blocks(blocks, q, v, 1e-20)
        np.testing.assert_allclose(q, c - G @ v, atol=1e-14)
        peer = minimize(lambda x: objective(G, c, blocks, x), v + 1e-3, method="Powell", options={"xtol": 1e-10})  # noqa: B023
        assert objective(G, c, blocks, v) <= peer.fun + 1e-14


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["C", "F", "csr", "csc"])
@pytest.mark.parametrize("sample_weights", ["none", "random", "zeros"])
@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("weights", ["ones", "mixed"])
@pytest.mark.parametrize("penalty", PENALTIES)
@pytest.mark.parametrize("loss", SMOOTH)
def test_certified(loss, penalty, weights, intercept, sample_weights, kind):
    for ratio in (1.2, 0.3, 0.01, 0.0):
        problem = make(
            loss, penalty, weights=weights, intercept=intercept, sample_weights=sample_weights, kind=kind, ratio=ratio
        )
        solution = lo.solve(problem, method="block_descent", tol=1e-10)
        assert solution.status in (lo.Status.OPTIMAL, lo.Status.NOT_ATTAINED), ratio
        assert solution.solver == "block_descent"
        if solution.status is lo.Status.NOT_ATTAINED:
            assert lo.solve(problem, method="admm").status is lo.Status.NOT_ATTAINED


@pytest.mark.parametrize("penalty", PENALTIES)
@pytest.mark.parametrize("loss", SMOOTH)
def test_against_admm_and_cvxpy(loss, penalty):
    problem = make(loss, penalty, weights="mixed", sample_weights="random", ratio=0.1)
    solution = lo.solve(problem, tol=1e-10)
    assert (solution.solver, solution.status) == ("block_descent", lo.Status.OPTIMAL)
    for method in ("admm", "cvxpy"):
        peer = lo.solve(problem, method=method)
        assert solution.certificate.primal <= peer.certificate.primal + 1e-12
        np.testing.assert_allclose(solution.coef, peer.coef, atol=1e-3)
        assert solution.certificate.primal == pytest.approx(peer.certificate.primal, rel=TOL["solver"])


def wide(loss="squared", seed=0, n=60, p=400, **options):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, p)) + rng.standard_normal((n, 1))
    score = X[:, :6].sum(axis=1) - X[:, 200:203].sum(axis=1) + rng.standard_normal(n)
    y = {"poisson": np.round(np.exp(0.2 * score)), "huber": score, "squared": score}.get(
        loss, (score > 0).astype(float)
    )
    groups = np.sort(rng.integers(0, p // 6, p))
    penalty = options.pop("penalty", lo.SparseGroup(groups=groups, l1_ratio=0.3))
    problem = lo.Problem(X, y, 1.0, loss=loss, penalty=penalty, **options)
    return problem.with_lam(0.1 * problem.lambda_max)


@pytest.mark.parametrize("loss", SMOOTH)
def test_many_groups_of_which_few_are_held(loss):
    problem = wide(loss)
    solution = lo.solve(problem, tol=1e-10)
    assert (solution.solver, solution.status) == ("block_descent", lo.Status.OPTIMAL)
    working = GroupWorkingSet(problem.centred, solution.coef, solution.intercept - problem.centring.offset)
    held, group_of = working.columns.features, problem.penalty.group_of
    assert held.size < 300
    assert np.all(np.isin(np.flatnonzero(solution.coef), held))
    assert set(held) == set(np.flatnonzero(np.isin(group_of, group_of[held])))  # whole groups
    changes = np.flatnonzero(np.diff(group_of[held]))
    assert changes.size + 1 == np.unique(group_of[held]).size  # next to each other
    assert working.take_in(problem.gradient(solution.coef, solution.intercept)) == 0


def test_a_group_is_taken_in_where_its_condition_at_0_fails():
    for penalty in (lo.Group(groups=np.arange(400) // 8), lo.SparseGroup(groups=np.arange(400) // 8, l1_ratio=0.4)):
        problem = wide(penalty=penalty, intercept=False)
        working = GroupWorkingSet(problem, np.zeros(400), 0.0)
        z = working.z
        outside = np.unique(
            problem.penalty.group_of[problem.penalty.subdiff_distance(np.zeros(400), z, problem.lam) > 0]
        )
        most = working.take_in(z)
        held = np.unique(problem.penalty.group_of[working.columns.features])
        assert most == 8 * held.size == 8 * min(outside.size, FEW // 8)
        assert np.all(np.isin(held, outside))


DEGENERATE = {
    "duplicates": lambda X: np.hstack([X, X, X[:, :4]]),
    "constant columns": lambda X: np.hstack([X, np.ones((30, 4)), np.zeros((30, 2))]),
    "fewer samples": lambda X: X[:5],
    "all but duplicates": lambda X: np.hstack([X, X + 1e-10 * np.arange(30.0)[:, None]]),
    "extreme scales": lambda X: X * 10.0 ** np.linspace(-6, 6, X.shape[1]),
    "tiny": lambda X: 1e-100 * X,
    "huge": lambda X: 1e100 * X,
    "rank one": lambda X: np.outer(X[:, 0], np.ones(8)),
}
LABELS = {
    "pairs": lambda p: np.arange(p) // 2,
    "across": lambda p: np.arange(p) % 3,
    "one": lambda p: np.zeros(p, dtype=int),
    "one and singles": lambda p: np.maximum(np.arange(p) - 3, 0),
}


@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("design", DEGENERATE)
def test_degenerate_data(design, labels):
    rng = np.random.default_rng(1)
    X = DEGENERATE[design](rng.standard_normal((30, 8)))
    y = X[:, :3] @ [1.0, -2.0, 1.0] / np.abs(X[:, :3]).max() + 0.3 * rng.standard_normal(len(X))
    groups = LABELS[labels](X.shape[1])
    for penalty in (lo.Group(groups=groups), lo.SparseGroup(groups=groups, l1_ratio=0.5)):
        for loss in ("squared", "huber"):
            problem = lo.Problem(X, y, 1.0, loss=loss, penalty=penalty)
            for ratio in (0.5, 0.01):
                at = problem.with_lam(ratio * problem.lambda_max)
                solution = lo.solve(at, method="block_descent", tol=1e-9)
                assert solution.status is lo.Status.OPTIMAL, (penalty, loss, ratio)


@pytest.mark.parametrize("penalty", PENALTIES)
def test_weights_of_groups_and_features(penalty):
    """Free and excluded groups beside free and excluded features; a group of which one feature alone is penalised."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((60, 90))
    y = X[:, ::9].sum(axis=1) + rng.standard_normal(60)
    c = 10.0 ** rng.uniform(-2, 2, 90)
    c[[0, 1, 13]], c[[20, 21, 40]] = 0.0, np.inf
    k = np.ones(30)
    k[[3, 4]], k[[5, 6]] = 0.0, np.inf
    made = lo.Group if penalty == "group" else lo.SparseGroup
    shape = made(groups=np.arange(90) // 3, group_weights=k, weights=c)
    for data in (X, sp.csr_array(X)):
        problem = lo.Problem(data, y, 1.0, penalty=shape)
        for ratio in (0.9, 0.1, 0.01):
            at = problem.with_lam(ratio * problem.lambda_max)
            solution = lo.solve(at, method="block_descent", tol=1e-10)
            assert solution.status is lo.Status.OPTIMAL
            assert not solution.coef[[*range(15, 21), 21, 40]].any()
            assert solution.coef[[0, 1, 13]].all()


def test_paths_start_each_lam_from_the_last():
    problem = wide()
    found = lo.path(problem, n_lambdas=30, eps=0.02, tol=1e-10)
    assert all(solution.certificate.certified for solution in found.solutions)
    assert {solution.solver for solution in found.solutions} == {"block_descent"}
    for solution in found.solutions[::10]:
        alone = lo.solve(solution.certificate.problem, tol=1e-10)
        np.testing.assert_allclose(solution.coef, alone.coef, atol=1e-5)


def test_warm_start_callback_and_stopping():
    problem = wide("logistic")
    cold = lo.solve(problem, method="block_descent", tol=1e-9)
    warm = lo.solve(problem, method="block_descent", tol=1e-9, warm_start=cold)
    assert (cold.status, warm.status, warm.iterations) == (lo.Status.OPTIMAL, lo.Status.OPTIMAL, 1)
    seen = []
    lo.solve(problem, method="block_descent", callback=seen.append, tol=1e-10)
    assert [progress.iteration for progress in seen] == list(range(1, len(seen) + 1))
    assert seen[-1].gap <= 1e-10
    stopped = lo.solve(problem, method="block_descent", callback=lambda progress: True, tol=1e-15)
    assert stopped.status is lo.Status.INTERRUPTED
    short = lo.solve(problem, method="block_descent", max_iter=1, tol=1e-15)
    assert (short.status, short.iterations) == (lo.Status.ITERATION_LIMIT, 1)


@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_a_bad_start_is_left_behind(loss):
    problem = wide(loss)
    cold = lo.solve(problem, method="block_descent")
    coef = 30 * np.random.default_rng(0).standard_normal(400)
    warm = lo.solve(problem, method="block_descent", warm_start=replace(cold, coef=coef, intercept=50.0))
    assert warm.status is lo.Status.OPTIMAL


def test_ctrl_c_returns_the_best_point(monkeypatch):
    interrupt(monkeypatch, WorkingSet, "improve", at=4)
    solution = lo.solve(wide("logistic"), method="block_descent", tol=1e-12)
    assert solution.status is lo.Status.INTERRUPTED
    assert 0 < solution.certificate.relative_gap <= 1


def test_what_fits():
    assert all(block_descent.fits(make(loss, name)) for loss in SMOOTH for name in PENALTIES)
    assert not any(block_descent.fits(make(*pair)) for pair in (("squared", "l1"), ("quantile", "group")))
    with pytest.raises(
        lo.InputError, match=r"method: block_descent takes smooth losses with norms .* found .* with L1"
    ):
        lo.solve(make(), method="block_descent")


def test_groups_too_large_to_be_held_are_left_to_admm():
    X = np.random.default_rng(0).standard_normal((10, 100))
    together = lo.Problem(X, X[:, 0], 0.1, penalty=lo.Group(groups=np.zeros(100)))
    assert not sparse(together)
    assert sparse(lo.Problem(X, X[:, 0], 0.1, penalty=lo.Group(groups=np.arange(100) // 10)))
    assert lo.solve(together).solver == "admm"
