"""Compressed sensing against linear programming, integrals and theorems; the real data sets against scikit-learn."""

from __future__ import annotations

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import linprog, minimize_scalar
from scipy.stats import norm
from sklearn.linear_model import Lasso, LogisticRegression

import lassoopt as lo
from lassoopt import recovery
from lassoopt.teaching.compressed_sensing.figures import phase_transition as draw_map
from lassoopt.teaching.compressed_sensing.figures import recovered_signal
from lassoopt.teaching.compressed_sensing.recovery import (
    PhaseTransition,
    critical_rho,
    phase_transition,
    recover,
    sparse_signal,
)


def basis_pursuit(A, y):
    """``argmin |x|_1 subject to A x = y`` by SciPy's linear programming."""
    p = A.shape[1]
    found = linprog(np.ones(2 * p), A_eq=np.hstack([A, -A]), b_eq=y)
    return found.x[:p] - found.x[p:]


def test_measurements_are_as_defined():
    found = sparse_signal(400, 300, 7, noise=0.5, seed=3)
    assert found.A.shape == (400, 300)
    assert np.count_nonzero(found.signal) == 7
    assert found.A.var() == pytest.approx(1 / 400, rel=0.02)
    np.testing.assert_allclose(np.linalg.norm(found.A, axis=0), 1, atol=0.2)
    assert (found.y - found.A @ found.signal).std() == pytest.approx(0.5, rel=0.1)
    exact = sparse_signal(5, 8, 8)
    assert np.all(exact.signal != 0)
    np.testing.assert_array_equal(exact.y, exact.A @ exact.signal)
    assert not sparse_signal(5, 8, 0).y.any()


def test_the_seed_decides():
    a, b, c = (sparse_signal(6, 9, 2, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(a.y, b.y)
    assert np.all(a.y != c.y)


@pytest.mark.slow
def test_recovery_is_that_of_basis_pursuit():
    """The lasso with its small lam succeeds where the linear program returns x0, on both sides of the line."""
    successes = []
    for rho in (0.1, 0.3, 0.4, 0.5, 0.7):
        for seed in range(4):
            truth = sparse_signal(30, 60, round(30 * rho), seed=seed)
            found = recover(truth)
            exact = basis_pursuit(truth.A, truth.y)
            assert found.solution.certificate.certified
            assert found.success == (np.linalg.norm(exact - truth.signal) < 1e-6 * np.linalg.norm(truth.signal))
            np.testing.assert_allclose(np.abs(found.solution.coef).sum(), np.abs(exact).sum(), rtol=0.02)
            successes.append(found.success)
    assert 4 < sum(successes) < 16


def test_error_and_success_by_hand():
    truth = sparse_signal(30, 60, 5)
    found = recover(truth)
    assert found.error == pytest.approx(
        np.sqrt(np.sum((found.solution.coef - truth.signal) ** 2) / np.sum(truth.signal**2))
    )
    assert found.success
    assert found.error <= recovery.SUCCESS
    nothing = recover(truth, lam=1e6)  # everything is penalised away
    assert nothing.error == 1.0
    assert not nothing.success
    assert recover(sparse_signal(5, 9, 0)).error == 0.0


def test_noisy_recovery_obeys_its_theorem():
    """With lam >= |A'e|_inf, |A (x - x0)|^2 <= 4 lam |x0|_1, from comparing the objectives at x and x0."""
    for seed in range(5):
        truth = sparse_signal(80, 160, 6, noise=0.1, seed=seed)
        noise = truth.y - truth.A @ truth.signal
        lam = max(0.1 * np.sqrt(2 * np.log(160)), np.abs(truth.A.T @ noise).max())
        found = recover(truth, lam)
        assert found.solution.certificate.certified
        change = truth.A @ (found.solution.coef - truth.signal)
        assert change @ change <= 4 * lam * np.abs(truth.signal).sum()


def test_the_lam_taken():
    quiet, noisy = recover(sparse_signal(20, 40, 3)), recover(sparse_signal(20, 40, 3, noise=0.2))
    problem = quiet.solution.certificate.problem
    assert problem.lam == pytest.approx(1e-5 * np.abs(problem.X.T @ problem.y).max())
    assert noisy.solution.certificate.problem.lam == pytest.approx(0.2 * np.sqrt(2 * np.log(40)))


DELTAS = [0.001, 0.05, 0.1, 0.25, 0.5, 0.75, 0.95]


@pytest.mark.parametrize("delta", DELTAS)
def test_critical_rho_is_the_maximum_of_the_paper(delta):
    """Donoho, Maleki & Montanari (2009), eq. 2."""

    def minus(z):
        F = (1 + z**2) * norm.cdf(-z) - z * norm.pdf(z)
        return -(1 - 2 / delta * F) / (1 + z**2 - 2 * F)

    found = minimize_scalar(minus, bounds=(1e-3, 10), method="bounded", options={"xatol": 1e-10})
    assert critical_rho(delta) == pytest.approx(-found.fun, rel=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("delta", DELTAS)
def test_critical_rho_is_where_the_statistical_dimension_is_n(delta):
    """Amelunxen, Lotz, McCoy & Tropp, Living on the edge (2014), prop. 4.5: another derivation, by an integral."""
    share = critical_rho(delta) * delta  # k / p

    def dimension(tau):
        tail = quad(lambda u: (u - tau) ** 2 * norm.pdf(u), tau, np.inf)[0]
        return share * (1 + tau**2) + (1 - share) * 2 * tail

    least = minimize_scalar(dimension, bounds=(0, 10), method="bounded", options={"xatol": 1e-10}).fun
    assert least == pytest.approx(delta, rel=1e-6)


def test_critical_rho_has_the_published_values():
    assert critical_rho(0.5) == pytest.approx(0.386, abs=5e-4)
    assert critical_rho(0.25) == pytest.approx(0.27, abs=5e-3)
    assert critical_rho(0.1) == pytest.approx(0.19, abs=5e-3)
    assert critical_rho(1) == 1.0


def test_the_curve_is_critical_rho():
    transition = PhaseTransition(60, np.ones(1), np.ones(1), np.ones((1, 1)), np.ones((1, 1)), 0)
    deltas, rhos = transition.theory
    assert (deltas[0], rhos[0]) == (1.0, 1.0)
    assert deltas[-1] < 1e-3
    np.testing.assert_allclose(rhos[::20], [critical_rho(delta) for delta in deltas[::20]], rtol=1e-9)


@pytest.mark.slow
def test_the_map_jumps_at_the_line():
    """Far below the line everything is recovered, far above nothing, in the middle of each map column."""
    deltas = [0.3, 0.5, 0.7]
    found = phase_transition(60, deltas, [0.1, 0.15, 0.75, 0.9], trials=3)
    np.testing.assert_array_equal(found.rate, [[1, 1, 0, 0]] * 3)
    assert found.uncertified == 0
    assert found.tried.sum() == 36
    assert repr(found) == "PhaseTransition(p=60, 3 x 4 cells, 3 trials each, 36 lassos, all certified)"


def test_map_counts_cell_by_cell():
    """n = round(delta p), k = round(rho n); the same seed gives the same map, and a cell depends on its place alone."""
    progress = []
    found = phase_transition(20, [0.2, 1.0], [0.1, 0.5], trials=2, seed=4, progress=lambda *now: progress.append(now))
    assert progress == [(done, 8) for done in range(1, 9)]
    again = phase_transition(20, [0.2, 1.0], [0.1, 0.5], trials=2, seed=4)
    np.testing.assert_array_equal(found.successes, again.successes)
    np.testing.assert_array_equal(found.tried, 2)
    np.testing.assert_array_equal(found.rate, found.successes / 2)


@pytest.fixture
def drawn(monkeypatch):
    """(n, p, k) and the measurements of every signal that is drawn."""
    record, draw = [], recovery._draw

    def recording(n, p, k, *rest):
        record.append(((n, p, k), draw(n, p, k, *rest)))
        return record[-1][1]

    monkeypatch.setattr(recovery, "_draw", recording)
    return record


def test_sizes_of_the_cells(drawn):
    phase_transition(40, [0.01, 0.49, 1.0], [0.01, 0.34, 1.0], trials=1)
    sizes = [(1, 40, 1)] * 3 + [(20, 40, 1), (20, 40, 7), (20, 40, 20)] + [(40, 40, 1), (40, 40, 14), (40, 40, 40)]
    assert [size for size, _ in drawn] == sizes


def test_every_signal_is_another(drawn):
    phase_transition(20, [0.4, 0.5], [0.1, 0.15], trials=2)
    first = {measured.y[0] for _, measured in drawn}
    assert len(first) == 8


def interrupt_at(count):
    def progress(done, total):
        if done == count:
            raise KeyboardInterrupt

    return progress


def test_ctrl_c_keeps_what_is_done():
    found = phase_transition(20, [0.4, 0.8], [0.1, 0.2], trials=3, progress=interrupt_at(6))
    np.testing.assert_array_equal(found.tried, [[2, 2], [1, 1]])  # the second trial was under way
    found = phase_transition(20, [0.4, 0.8], [0.1, 0.2], trials=3, progress=interrupt_at(1))
    np.testing.assert_array_equal(found.tried, [[1, 0], [0, 0]])
    assert np.isnan(found.rate).sum() == 3
    assert "0 to 1 trials each" in repr(found)


def test_ctrl_c_inside_a_solve(monkeypatch):
    """The solver answers Ctrl-C with a status; the lasso under way is not counted, and the first is raised."""
    solve, calls = recovery.solve, []

    def interrupted(problem, **options):
        calls.append(problem)
        solution = solve(problem, **options)
        return replace(solution, status=lo.Status.INTERRUPTED) if len(calls) == 3 else solution

    monkeypatch.setattr(recovery, "solve", interrupted)
    found = phase_transition(20, [0.5], [0.7, 0.8, 0.9], trials=1)
    np.testing.assert_array_equal(found.tried, [[1, 1, 0]])
    monkeypatch.setattr(recovery, "solve", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        phase_transition(20, [0.5], [0.5], trials=1)


REFUSED = {
    "n": (lambda: sparse_signal(0, 5, 1), "n: found 0; allowed is a whole number >= 1"),
    "n fraction": (lambda: sparse_signal(2.5, 5, 1), "n: found 2.5"),
    "p": (lambda: sparse_signal(3, 0, 0), "p: found 0"),
    "k < 0": (lambda: sparse_signal(3, 5, -1), "k: found -1; allowed is a whole number >= 0"),
    "k > p": (lambda: sparse_signal(3, 5, 6), "k: found 6; allowed are 0 to p = 5"),
    "noise": (lambda: sparse_signal(3, 5, 1, noise=-0.1), "noise: found -0.1; allowed is a finite number >= 0"),
    "seed": (lambda: sparse_signal(3, 5, 1, seed=-1), "seed: found -1"),
    "no measurements": (lambda: recover(np.ones((2, 2))), "measurements: found ndarray; allowed are Measurements"),
    "lam": (lambda: recover(sparse_signal(3, 5, 1), -1.0), "lam: found -1.0"),
    "deltas 0": (
        lambda: phase_transition(9, [0.0, 0.5]),
        "deltas: found [0.0, 0.5]; allowed are rising numbers above 0",
    ),
    "deltas > 1": (lambda: phase_transition(9, [0.5, 1.1]), "deltas: found [0.5, 1.1]"),
    "rhos > 1": (lambda: phase_transition(9, rhos=[2.0]), "rhos: found [2.0]"),
    "rhos fall": (lambda: phase_transition(9, rhos=[0.5, 0.2]), "rhos: found [0.5, 0.2]; allowed are rising"),
    "rhos nan": (lambda: phase_transition(9, rhos=[np.nan]), "rhos: found nan"),
    "trials": (lambda: phase_transition(9, trials=0), "trials: found 0; allowed is a whole number >= 1"),
    "map p": (lambda: phase_transition(0), "p: found 0"),
    "lengths": (lambda: recovered_signal([1.0, 0.0], [1.0]), "estimate: found length 1; the signal has 2 entries"),
    "delta": (lambda: critical_rho(0.0), "delta: found [0.0]; allowed"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_input(case):
    call, message = REFUSED[case]
    with pytest.raises(lo.InputError) as caught:
        call()
    assert str(caught.value).startswith(message)


# figures


def test_signal_and_estimate_are_drawn_where_not_zero():
    ax = recovered_signal([0.0, 2.0, 0.0, -1.0], [0.5, 2.0, 0.0, 0.0])
    truth, estimate = [line for line in ax.lines if line.get_marker() == "o"]
    np.testing.assert_array_equal(truth.get_xydata(), [[1, 2.0], [3, -1.0]])
    np.testing.assert_array_equal(estimate.get_xydata(), [[0, 0.5], [1, 2.0]])
    assert truth.get_fillstyle() == "none"  # told apart without colour
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["truth: 2 nonzero", "estimate: 2 nonzero"]
    (stems,) = ax.collections
    np.testing.assert_array_equal([np.ptp(path.vertices[:, 1]) for path in stems.get_paths()], [0.5, 2.0])
    assert ax.get_xlabel() == "entry $j$"


def test_the_map_is_drawn_with_its_line():
    successes, tried = np.array([[3, 1, 0], [3, 3, 0]]), np.full((2, 3), 3)
    found = PhaseTransition(60, np.array([0.2, 0.6]), np.array([0.1, 0.3, 0.5]), successes, tried, 0)
    _, ax = plt.subplots()
    assert draw_map(found, ax) is ax
    (mesh,) = ax.collections
    np.testing.assert_allclose(mesh.get_array(), successes.T / 3)  # rows are rho, from below
    corners = mesh.get_coordinates()
    np.testing.assert_allclose(corners[0, :, 0], [0, 0.4, 0.8])
    np.testing.assert_allclose(corners[:, 0, 1], [0, 0.2, 0.4, 0.6])
    assert mesh.get_clim() == (0, 1)
    for line in ax.lines:
        np.testing.assert_array_equal(line.get_xydata(), np.column_stack(found.theory))
    assert "60" in ax.get_title("left")
    assert "not reached" not in ax.get_title("left")
    assert "n/p" in ax.get_xlabel()
    assert "k/n" in ax.get_ylabel()
    brightness = mesh.cmap(np.linspace(0, 1, 20))[:, :3] @ [0.299, 0.587, 0.114]
    assert np.all(np.diff(brightness) > 0)  # readable in grey


def test_an_interrupted_map_says_what_is_missing():
    tried = np.array([[1, 0], [0, 0]])
    found = PhaseTransition(9, np.array([0.2, 0.6]), np.array([0.1, 0.3]), tried, tried, 0)
    ax = draw_map(found)
    assert "3 cells not reached" in ax.get_title("left")
    assert ax.patch.get_hatch()
    assert np.ma.getmaskarray(ax.collections[0].get_array()).sum() == 3


def test_a_map_of_one_cell():
    found = PhaseTransition(9, np.array([0.5]), np.array([0.5]), np.ones((1, 1)), np.ones((1, 1)), 0)
    np.testing.assert_array_equal(draw_map(found).collections[0].get_coordinates()[0, :, 0], [0, 1])


# the problems of the lessons, against scikit-learn


def test_expanded_diabetes_is_scikit_learns_lasso():
    data = lo.datasets.quadratic(lo.datasets.diabetes())
    X = (data.X - data.X.mean(axis=0)) / data.X.std(axis=0)
    ours = lo.solve(lo.Problem(data.X, data.y, 2.0, standardize=True, feature_names=data.feature_names), tol=1e-10)
    theirs = Lasso(alpha=2.0, tol=1e-12, max_iter=1_000_000).fit(X, data.y)
    assert ours.certificate.certified
    np.testing.assert_allclose(ours.coef * data.X.std(axis=0), theirs.coef_, atol=1e-5)
    np.testing.assert_array_equal(ours.coef != 0, theirs.coef_ != 0)


@pytest.mark.slow
def test_breast_cancer_is_scikit_learns_logistic_regression():
    data, lam = lo.datasets.breast_cancer(), 0.02
    X = (data.X - data.X.mean(axis=0)) / data.X.std(axis=0)
    ours = lo.solve(lo.Problem(data.X, data.y, lam, loss="logistic", standardize=True), tol=1e-12)
    theirs = LogisticRegression(
        l1_ratio=1.0, C=1 / (len(data.y) * lam), solver="saga", tol=1e-10, max_iter=100_000
    ).fit(X, data.y)
    assert ours.certificate.certified
    np.testing.assert_allclose(ours.coef * data.X.std(axis=0), theirs.coef_[0], atol=1e-5)
    np.testing.assert_array_equal(ours.coef != 0, theirs.coef_[0] != 0)
