"""The compiled kernels by what they must find, and how they are loaded: cached, once, by any number of processes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

import lassoopt
from lassoopt.solvers.working_sets import kernels, loading

ROOT = Path(lassoopt.__file__).parent.parent


@njit
def descend(G, ridge, level, nonnegative, q, v, everywhere):  # Python does not call the parts of a kernel
    return kernels.descend(G, ridge, level, nonnegative, q, v, everywhere)


@njit
def synchronise(G, ridge, v, L, active, count, direction):
    return kernels.synchronise(G, ridge, v, L, active, count, direction)


def positive_definite(rng, m, rank=None):
    Z = rng.standard_normal((rank or m + 5, m))
    G = np.empty((m + 3, m + 3))  # with more room than there are weights
    G[:m, :m] = Z.T @ Z / len(Z)
    return G


def objective(G, c, ridge, level, v):
    m = len(v)
    return 0.5 * v @ G[:m, :m] @ v - c @ v + level @ np.abs(v) + 0.5 * ridge @ v**2


def run(G, ridge, level, nonnegative, c, v, epochs=6, limit=1000):
    m = len(v)
    L, active, q = np.zeros((m + 3, m + 3)), np.zeros(m + 3, dtype=np.intp), c - G[:m, :m] @ v
    count, steps = kernels.settle(G, ridge, level, nonnegative, q, v, L, active, 0, epochs, limit)
    return q, L[:count, :count], active[:count], steps


def assert_optimal(G, ridge, level, nonnegative, c, v, atol=1e-10):
    """The optimality conditions, of the weights that were found alone."""
    m = len(v)
    z = c - G[:m, :m] @ v - ridge * v
    on = v != 0
    np.testing.assert_allclose(z[on], (level * np.sign(v))[on], atol=atol)
    assert np.all((z if nonnegative else np.abs(z))[~on] <= level[~on] + atol)
    assert not nonnegative or v.min() >= 0


@pytest.mark.parametrize("nonnegative", [False, True])
@pytest.mark.parametrize("ridge", [0.0, 0.3])
@pytest.mark.parametrize("epochs", [0, 6])
@given(seed=st.integers(0, 10**6), m=st.integers(1, 30), share=st.floats(0, 1))
@settings(max_examples=40, deadline=None)
def test_settle_finds_the_minimiser_from_any_start(nonnegative, ridge, epochs, seed, m, share):
    rng = np.random.default_rng(seed)
    G, c = positive_definite(rng, m), rng.standard_normal(m)
    level = rng.choice([0.0, 1.0], m, p=[0.2, 0.8]) * share * np.abs(c).max()
    start = rng.standard_normal(m) * (rng.random(m) < 0.5)
    v = np.abs(start) if nonnegative else start.copy()
    before = objective(G, c, np.full(m, ridge), level, v)
    q, L, active, steps = run(G, np.full(m, ridge), level, nonnegative, c, v, epochs)
    assert steps < 1000
    assert_optimal(G, ridge, level, nonnegative, c, v, 1e-9 * max(1, np.abs(v).max()))
    assert objective(G, c, np.full(m, ridge), level, v) <= before + 1e-12
    np.testing.assert_allclose(q, c - G[:m, :m] @ v, atol=1e-9 * max(1, np.abs(v).max()))
    assert sorted(active) == np.flatnonzero(v).tolist()
    inside = G[np.ix_(active, active)] + ridge * np.eye(len(active))
    np.testing.assert_allclose(np.tril(L) @ np.tril(L).T, inside, atol=1e-11)


@given(seed=st.integers(0, 10**6), m=st.integers(2, 25), rank=st.integers(1, 12), whole=st.booleans())
@settings(max_examples=80, deadline=None)
def test_dependent_columns_change_places(seed, m, rank, whole):
    """More columns than their rank: small whole numbers make ties and exact dependences everywhere."""
    rng = np.random.default_rng(seed)
    Z = rng.integers(-2, 3, (rank, m)).astype(float) if whole else rng.standard_normal((rank, m))
    t = rng.standard_normal(rank)
    G, c = np.zeros((m + 1, m + 1)), Z.T @ t
    G[:m, :m] = Z.T @ Z
    level, v = np.full(m, 0.1 * max(np.abs(c).max(), 1e-3)), rng.standard_normal(m)
    steps = run(G, np.zeros(m), level, False, c, v)[-1]
    assert steps < 1000
    assert_optimal(G, 0.0, level, False, c, v, 1e-8)
    assert np.linalg.matrix_rank(Z[:, v != 0]) == np.count_nonzero(v)  # those that are active are independent


@pytest.mark.parametrize("everywhere", [True, False])
def test_each_step_of_descent_minimises_along_one_weight(everywhere):
    rng = np.random.default_rng(0)
    m = 12
    G, c, level = positive_definite(rng, m), rng.standard_normal(m), rng.random(m)
    for j in range(m):  # one weight may move, the others' curvature being 0
        alone = np.zeros((m, m))
        alone[j, j] = G[j, j]
        v, q = np.zeros(m), np.zeros(m)
        v[j], q[j] = 0.7, c[j] - 0.7 * G[j, j]
        descend(alone, np.full(m, 0.2), level, False, q, v, everywhere)
        for other in v[j] + np.array([-1e-3, 1e-3]):
            w = v.copy()
            w[j] = other
            args = alone, np.where(np.arange(m) == j, c, 0.0), np.full(m, 0.2), level
            assert objective(*args, v) < objective(*args, w)


def test_rows_come_and_go():
    """The factor is that of the active columns, whatever their order and history."""
    rng = np.random.default_rng(1)
    m = 40
    G = positive_definite(rng, m)
    L, active, count, v = np.zeros((m + 3, m + 3)), np.zeros(m + 3, dtype=np.intp), 0, np.zeros(m)
    direction = np.empty(m + 3)
    for _ in range(60):
        flip = rng.integers(0, m, 3)
        v[flip] = np.where(v[flip] == 0, 1.0, 0.0)
        count, dependent = synchronise(G, np.zeros(m), v, L, active, count, direction)
        assert not dependent
        A = active[:count]
        assert sorted(A) == np.flatnonzero(v).tolist()
        np.testing.assert_allclose(
            np.tril(L[:count, :count]) @ np.tril(L[:count, :count]).T, G[np.ix_(A, A)], atol=1e-12
        )


SCRIPT = """
import sys
import numpy as np
import lassoopt as lo
rng = np.random.default_rng(0)
X = rng.standard_normal((30, 5))
problem = lo.Problem(X, X[:, 0] + rng.standard_normal(30), 0.1)
assert "numba" not in sys.modules
lo.certify(problem, np.zeros(5))
lo.solve(problem, "admm")
assert "numba" not in sys.modules  # ADMM, certificates and the verifier do without
found = lo.solve(problem, "active_set")
assert "numba" in sys.modules
print(found.status.name, *found.coef)
"""


def start(folder, **environment):
    """A process of its own, with an empty cache of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def copied(folder):
    """The package, without what was compiled."""
    shutil.copytree(ROOT / "lassoopt", folder / "lassoopt", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.mark.slow
def test_four_processes_that_start_on_an_empty_cache_all_end_right(tmp_path):
    processes = [start(ROOT, NUMBA_CACHE_DIR=str(tmp_path)) for _ in range(4)]
    answers = [process.communicate() for process in processes]
    assert [process.returncode for process in processes] == [0] * 4, answers
    assert len({out for out, _ in answers}) == 1
    assert answers[0][0].startswith("OPTIMAL")
    assert list(tmp_path.rglob("*.nbi"))


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_has_its_cache_in_the_users_folder(tmp_path):
    package, home = copied(tmp_path / "read-only"), tmp_path / "home"
    home.mkdir()
    for folder in [package / "lassoopt", *(p for p in package.rglob("*") if p.is_dir())]:
        folder.chmod(0o555)
    process = start(package, HOME=str(home), XDG_CACHE_HOME=str(home / "cache"))
    out, err = process.communicate()
    assert (process.returncode, out[:7]) == (0, "OPTIMAL"), err
    assert list(home.rglob("*.nbi"))


def test_a_terminal_is_told_when_compiling_takes_long(monkeypatch, capsys):
    class Terminal:
        def isatty(self):
            return True

        def write(self, text):
            said.append(text)

        def flush(self):
            pass

    said = []
    monkeypatch.setattr(loading.sys, "stderr", Terminal())
    monkeypatch.setattr(loading, "_PATIENCE", 0.0)
    monkeypatch.setattr(loading, "_warm_up", lambda found: __import__("time").sleep(0.2))
    loading.kernels.__wrapped__()
    assert "".join(said).startswith("lassoopt: compiling its solvers, once for this machine")
    said.clear()
    monkeypatch.setattr(loading, "_PATIENCE", 10.0)
    loading.kernels.__wrapped__()
    assert not said
