"""Whether a minimiser exists: judged in fractions, by the extreme rays of the cone of directions that never rise."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
import scipy.sparse as sp
from problems import LOSS_NAMES, make, targets

import lassoopt as lo
from lassoopt.penalties import PENALTIES
from lassoopt.solvers.solution import Status

KINDS = ["logistic", "poisson"]


def null_space(rows, width: int) -> list[list[Fraction]]:
    """A basis of the vectors orthogonal to the rows, by Gauss and Jordan's elimination in fractions."""
    rows, pivots = [list(map(Fraction, row)) for row in rows], []
    for j in range(width):
        at = next((i for i in range(len(pivots), len(rows)) if rows[i][j]), None)
        if at is None:
            continue
        k = len(pivots)
        rows[k], rows[at] = rows[at], rows[k]
        rows[k] = [value / rows[k][j] for value in rows[k]]
        for i in range(len(rows)):
            if i != k:
                rows[i] = [a - rows[i][j] * b for a, b in zip(rows[i], rows[k], strict=True)]
        pivots.append(j)
    found = []
    for j in sorted(set(range(width)) - set(pivots)):
        vector = [Fraction(int(i == j)) for i in range(width)]
        for i, pivot in enumerate(pivots):
            vector[pivot] = -rows[i][j]
        found.append(vector)
    return found


def some_sample_recedes(equal, rising, bounded: int, width: int) -> bool:
    """Whether some d has ``equal d = 0``, ``rising d >= 0``, not all of it 0, and its first entries ``>= 0``.

    The cone of such d is its lineality space and the sums of its extreme rays, on each of which so many inequalities
    hold with equality that one dimension more is left.
    """
    if not rising:
        return False
    unit = [[int(i == j) for i in range(width)] for j in range(bounded)]
    inequalities, flat = [*rising, *unit], len(null_space([*equal, *rising, *unit], width))
    for size in range(min(width, len(inequalities)) + 1):
        for chosen in combinations(inequalities, size):
            space = null_space([*equal, *chosen], width)
            if len(space) != flat + 1:
                continue
            for ray in space:
                for sign in (1, -1):
                    slopes = [
                        [sign * sum(map(lambda a, b: a * b, row, ray)) for row in part] for part in (rising, unit)
                    ]
                    if any(slopes[0]) and min([*slopes[0], *slopes[1]]) >= 0:
                        return True
    return False


def exists(problem: lo.Problem) -> bool:
    """Whether the problem has a minimiser, from the definition."""
    free = np.flatnonzero(problem.unpenalised)
    X = problem.X.toarray() if sp.issparse(problem.X) else problem.X
    rows = [[Fraction(value) for value in row] + [1] * problem.intercept for row in X[:, free].tolist()]
    equal, rising = [], []
    for row, y, s in zip(rows, problem.y, problem.s, strict=True):
        if s == 0:
            continue
        if isinstance(problem.loss, lo.Logistic):
            rising.append(row if y > 0 else [-value for value in row])
        elif y > 0:
            equal.append(row)
        else:
            rising.append([-value for value in row])
    bounded = free.size if problem.penalty.nonnegative else 0
    return not some_sample_recedes(equal, rising, bounded, free.size + problem.intercept)


def drawn(rng: np.random.Generator) -> lo.Problem:
    """A small problem with free features: dummies, whole numbers, at odd scales and means; samples of weight 0."""
    n, k = int(rng.integers(4, 9)), int(rng.integers(1, 3))
    loss, intercept = KINDS[rng.integers(2)], bool(rng.integers(2))
    y = rng.integers(0, 2, n).astype(float) if loss == "logistic" else rng.integers(0, 3, n) * rng.integers(0, 2, n)
    y[:2] = 1.0, 0.0
    columns = [np.eye(n)[rng.integers(n)] if rng.random() < 0.4 else rng.integers(-3, 4, n) for _ in range(k)]
    free = np.column_stack(columns) * 10.0 ** rng.integers(-3, 4, k)
    if intercept and rng.random() < 0.3:
        free = free + 2.0**20
    X = np.column_stack([free, rng.integers(-3, 4, n)])
    weights = None
    if rng.random() < 0.4:
        weights = rng.integers(0, 3, n).astype(float)
        weights[:2] += 1
    nonnegative = rng.random() < 0.3
    c = np.append(np.zeros(k), 1.0)
    penalty = lo.NonnegativeL1(weights=c) if nonnegative else lo.L1(weights=c)
    X = sp.csr_array(X) if rng.random() < 0.2 else X
    lam = 0.0 if rng.random() < 0.2 else 0.1
    return lo.Problem(X, y, lam, loss=loss, penalty=penalty, intercept=intercept, sample_weight=weights)


def judged(seed: int) -> bool:
    problem = drawn(np.random.default_rng(seed))
    there = exists(problem)
    assert (problem.recession is None) == there, seed
    return there


def test_a_minimiser_exists_or_not_by_definition():
    found = [judged(seed) for seed in range(40)]
    assert 8 < sum(found) < 32


@pytest.mark.search
def test_a_minimiser_exists_or_not_by_definition_at_length():
    for seed in range(1000, 6000):
        judged(seed)


def test_no_separation_is_claimed_that_is_not_exact():
    """Decimals, whose sums are rounded: what is claimed is right, though not all is found."""
    for seed in range(25):
        rng = np.random.default_rng(seed)
        problem = drawn(rng)
        X = np.asarray(problem.X.toarray() if sp.issparse(problem.X) else problem.X) * 0.1
        X[:, 0] += rng.choice([0.0, 0.3, 1e-12], len(X))
        shifted = lo.Problem(X, problem.y, problem.lam, loss=problem.loss, penalty=problem.penalty)
        if shifted.recession is not None:
            assert not exists(shifted), seed


@pytest.mark.slow
@pytest.mark.parametrize("loss", KINDS)
@pytest.mark.parametrize("overlap", [1e-12, 2.0**-40, 1e-15])
def test_one_sample_on_the_wrong_side_by_little_is_no_separation(loss, overlap):
    x = np.array([-3.0, -2.0, -1.0, 0.0, overlap, 1.0, 2.0, 3.0])
    y = np.array([0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 1.0])
    noise = np.random.default_rng(0).standard_normal(8)
    if loss == "poisson":  # counts above 0 lie on a line, and a count of 0 on either side of it
        x, y = np.append(np.zeros(6), [overlap, -1.0]), np.array([2.0, 1.0, 3.0, 1.0, 2.0, 1.0, 0.0, 0.0])
    problem = lo.Problem(np.column_stack([x, noise]), y, 0.05, loss=loss, penalty=lo.L1(weights=[0, 1]))
    assert exists(problem)
    assert problem.recession is None
    assert lo.solve(problem).status is not Status.NOT_ATTAINED


def with_a_dummy(loss: str, shape: str, alone: bool, seed: int = 0) -> tuple[lo.Problem, lo.Problem]:
    """A problem with a free dummy, of one sample or of two that keep it from infinity, and that without this sample."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((40, 4))
    y = targets(loss, X[:, 0] - X[:, 1], rng)
    y[:2] = (0.0, 1.0)
    dummy = np.zeros(40)
    dummy[: 1 if alone else 2] = 1.0
    c = np.append(np.ones(4), 0.0)
    groups = {"groups": [0, 0, 1, 1, 2]} if shape == "group" else {}
    penalty = PENALTIES[shape](weights=c, **groups)
    options = {"loss": loss, "scaling": "sum"}
    problem = lo.Problem(np.column_stack([X, dummy]), y, 1.0, penalty=penalty, **options)
    groups = {"groups": [0, 0, 1, 1]} if shape == "group" else {}
    rest = lo.Problem(X[1:], y[1:], 1.0, penalty=PENALTIES[shape](weights=c[:4], **groups), **options)
    return problem, rest


@pytest.mark.slow
@pytest.mark.parametrize("method", ["auto", "admm", "prox_newton", "cvxpy"])
@pytest.mark.parametrize("shape", ["l1", "nonnegative_l1", "elastic_net", "group"])
@pytest.mark.parametrize("loss", KINDS)
def test_every_solver_says_that_a_separating_dummy_runs_to_infinity(loss, shape, method):
    """Its sample then plays no part: weights, lambda_max and scale are those without it."""
    if shape == "group" and method == "prox_newton":
        pytest.skip("prox_newton takes no groups")
    if shape == "nonnegative_l1" and loss == "poisson":
        pytest.skip("the loss of a count of 0 would fall as its dummy's weight falls below 0")
    problem, rest = with_a_dummy(loss, shape, alone=True)
    if loss == "logistic" and shape == "nonnegative_l1":  # likewise: a success, not a failure
        problem = lo.Problem(problem.X, 1 - problem.y, 1.0, loss=loss, penalty=problem.penalty, scaling="sum")
        rest = lo.Problem(rest.X, 1 - rest.y, 1.0, loss=loss, penalty=rest.penalty, scaling="sum")
    assert problem.lambda_max == pytest.approx(rest.lambda_max, rel=1e-9)
    assert problem.scale == pytest.approx(rest.scale, rel=1e-9)
    problem, rest = (each.with_lam(0.2 * rest.lambda_max) for each in (problem, rest))
    found, expected = lo.solve(problem, method, tol=1e-11), lo.solve(rest, tol=1e-12)
    assert found.status is Status.NOT_ATTAINED
    uniqueness = found.certificate.uniqueness
    assert (uniqueness.verdict, "no solution exists" in uniqueness.reason, "x4" in uniqueness.reason) == (
        "undecided", True, True,
    )  # fmt: skip
    loose = 1e-3 if method == "cvxpy" else 1e-5
    np.testing.assert_allclose(found.coef[:4], expected.coef, atol=loose)
    assert found.iterations < 1000


@pytest.mark.parametrize("method", ["auto", "admm", "prox_newton", "cvxpy"])
@pytest.mark.parametrize("loss", KINDS)
def test_a_dummy_of_two_samples_that_differ_stays(loss, method):
    problem, _ = with_a_dummy(loss, "l1", alone=False)
    solution = lo.solve(problem.with_lam(0.2 * problem.lambda_max), method)
    assert solution.status in (Status.OPTIMAL, Status.INACCURATE)
    assert solution.certificate.certified


@pytest.mark.slow
@pytest.mark.parametrize("method", ["auto", "admm", "prox_newton", "cvxpy"])
def test_complete_and_quasi_complete_separation_without_penalty(method):
    x = np.arange(8.0)
    for y in ([0, 0, 0, 0, 1, 1, 1, 1], [0, 0, 0, 1, 1, 1, 1, 1]):
        X = np.column_stack([np.where(x == 3, 4.0, x), np.ones(8)])  # 3 and 4 are tied
        y = np.array(y, dtype=float)
        problem = lo.Problem(X, y, 0.0, loss="logistic")
        assert lo.solve(problem, method).status is Status.NOT_ATTAINED
        assert lo.solve(problem.with_lam(0.05), method).status is Status.OPTIMAL


@pytest.mark.slow
def test_along_a_path_and_in_every_fold():
    problem, _ = with_a_dummy("logistic", "l1", alone=True)
    path = lo.path(problem, n_lambdas=4)
    assert {solution.status for solution in path.solutions} == {Status.NOT_ATTAINED}
    assert max(certificate.relative_gap for certificate in path.certificates) < 1e-7
    found = lo.cross_validate(problem, 3, lambdas=path.lambdas[1:])
    assert found.path.solutions[0].status is Status.NOT_ATTAINED
    assert np.isfinite(found.mean_error).all()


def test_who_has_nothing_to_fear_pays_nothing(monkeypatch):
    """No linear program without free features, or where the null model is well inside."""

    def refuse(*_):
        raise AssertionError

    monkeypatch.setattr("lassoopt.problems.recession._by_linear_programming", refuse)
    for loss in LOSS_NAMES:
        for weights in ("ones", "mixed"):
            assert make(loss, "l1", weights=weights).recession is None
            assert loss in KINDS or make(loss, "l1").with_lam(0.0).recession is None


def test_only_a_direction_that_is_shown_is_taken(monkeypatch):
    """Whatever linear programming returns, no direction that overlaps is claimed."""
    rng = np.random.default_rng(5)
    for _ in range(20):
        direction = rng.standard_normal(3)
        monkeypatch.setattr(
            "lassoopt.problems.recession._by_linear_programming",
            lambda B, t, bounded, direction=direction: (direction, t * (B @ direction) > 0),
        )
        monkeypatch.setattr("lassoopt.problems.recession._overlap", lambda *_: False)
        X, y = rng.integers(-3, 4, (12, 2)).astype(float), rng.integers(0, 2, 12).astype(float)
        y[:2] = 0.0, 1.0
        problem = lo.Problem(X, y, 0.1, loss="logistic", penalty=lo.L1(weights=[0, 0]))
        assert problem.recession is None or not exists(problem)


def test_beyond_its_size_nothing_is_claimed(monkeypatch):
    monkeypatch.setattr("lassoopt.problems.recession.LARGEST", 10)
    problem, _ = with_a_dummy("logistic", "l1", alone=True)
    assert problem.recession is None
