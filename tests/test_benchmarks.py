"""The benchmark scripts, run on their smallest case."""

from __future__ import annotations

import importlib
import json
import runpy
import subprocess
import sys
import time
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_diabetes
from sklearn.linear_model import lasso_path

pytestmark = pytest.mark.slow

EXAMPLES = Path(__file__).parent.parent / "examples"


@pytest.fixture
def benchmarks(monkeypatch):
    monkeypatch.syspath_prepend(str(EXAMPLES / "benchmarks"))
    yield lambda name: runpy.run_path(str(EXAMPLES / "benchmarks" / name))
    for path in (EXAMPLES / "benchmarks").glob("*.py"):
        sys.modules.pop(path.stem, None)


def test_all_losses_and_penalties_agree(benchmarks, capsys):
    assert benchmarks("agreement.py")["main"](quick=True) == 0
    assert "120 problems" in capsys.readouterr().out


def test_perturbed_answers_are_reported(benchmarks, capsys):
    benchmarks("certificate.py")["perturbations"]()
    assert "reported: 20 of 20; bound holds: 20 of 20" in capsys.readouterr().out


def test_certificate_cost_runs(benchmarks, capsys):
    benchmarks("certificate.py")["cost"](n=50, p=200)
    benchmarks("certificate.py")["verification"](n=30, p=50)
    assert "dense 50 x 200" in capsys.readouterr().out


def test_diabetes_path(benchmarks, capsys):
    benchmarks("diabetes_path.py")["main"]()
    assert capsys.readouterr().out.count("\n") == 12


def test_solvers_to_a_certified_gap(benchmarks):
    module = benchmarks("solvers.py")
    X, y = module["ar1"](40, 20)
    problem = module["lo"].Problem(X, y, 1.0)
    problem = problem.with_lam(0.1 * problem.lambda_max)
    for solver in module["SOLVERS"]["squared"]:
        assert module["by_cvxpy"](problem, solver)[2] <= module["TOLERANCE"]


def test_peers_to_a_certified_gap(tmp_path):
    script, options = EXAMPLES / "benchmarks" / "peers.py", ["--quick", "--repeats", "1", "--cases", "diabetes"]
    ran = subprocess.run([sys.executable, script, *options, "--out", tmp_path], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "peers.png").stat().st_size > 5000
    assert (tmp_path / "peers.txt").read_text() == ran.stdout
    done = json.loads((tmp_path / "peers.json").read_text())
    solvers = ["lassoopt", *(name for name, version in done["versions"].items() if version)]
    assert "scikit-learn" in solvers
    cells = [(row["setting"], row["target"], row["solver"]) for row in done["rows"]]
    assert sorted(cells) == sorted(product(("0.1", "0.02", "path 0.05"), (1e-4, 1e-8), solvers))
    data = load_diabetes()
    X = (data.data - data.data.mean(axis=0)) / data.data.std(axis=0)
    y = data.target - data.target.mean()
    scale = y @ y / (2 * len(y))
    for row in done["rows"]:
        assert not row["failed"]
        assert row["gap"] <= row["target"]
        assert 0 < row["seconds"] < 30
        if row["solver"] != "scikit-learn" or row["setting"] == "path 0.05":
            continue
        lam = float(row["setting"]) * np.abs(X.T @ y).max() / len(y)
        primal, dual = [], []
        for tol in (row["tol"], 1e-15):
            w = lasso_path(X, y, alphas=[lam], tol=tol, max_iter=10**6, precompute=False)[1][:, 0]
            r = y - X @ w
            theta = r * min(1, lam * len(y) / np.abs(X.T @ r).max())
            primal.append((r @ r / 2 + lam * len(y) * np.abs(w).sum()) / len(y) / scale)
            dual.append((y @ y - (y - theta) @ (y - theta)) / 2 / len(y) / scale)
        assert primal[0] - primal[1] <= row["gap"] + 1e-14  # it is a bound,
        assert row["gap"] <= primal[0] - dual[0] + 1e-12  # and no worse than that of the rescaled residual


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_peers_stop_at_their_targets_and_limits(benchmarks):
    stopwatch = importlib.import_module("stopwatch")
    settings = {"repeats": 1, "limit": 1.0}
    ladder = [10.0**-k for k in range(1, 15)]
    found = stopwatch.climb(lambda tol: tol, lambda tol: 2 * tol, ladder, (1e-2, 1e-4), **settings)
    np.testing.assert_allclose([found.met[target].tol for target in (1e-2, 1e-4)], [10**-2.5, 10**-4.5])
    found = stopwatch.climb(lambda tol: tol, lambda tol: 4 * tol, ladder, (1e-2,), **settings)
    np.testing.assert_allclose(found.met[1e-2].gap, 4e-3)  # half a decade looser was not enough
    found = stopwatch.climb(lambda tol: tol, lambda tol: max(tol, 1e-3), ladder, (1e-2, 1e-4), **settings)
    assert found.met.keys() == {1e-2}
    assert (found.best_gap, found.stopped) == (1e-3, "tolerance at its limit")
    slow = stopwatch.climb(lambda tol: time.sleep(0 if tol > 1e-3 else 60) or tol, float, ladder, (1e-8,), **settings)
    assert (slow.met, slow.best_gap, slow.stopped, slow.failed) == ({}, 1e-2, "more than 1 s a fit", False)
    broken = stopwatch.climb(lambda tol: 1 / 0, float, ladder, (1e-8,), **settings)
    assert (broken.failed, broken.stopped) == (True, "ZeroDivisionError: division by zero")
    exact = stopwatch.climb(lambda tol: tol, lambda tol: 0.0, ladder, (1e-4,), exact=True, **settings)
    assert exact.met[1e-4].tol == 1e-4
    assert len(exact.runs) == len(ladder)


def test_designs(benchmarks):
    module = benchmarks("designs.py")
    for name, case in module["CASES"].items():
        X, y, loss = module["load"](name, 1, True)
        assert loss == case.loss
        assert len(y) == X.shape[0]
        if loss == "logistic":
            assert set(y) == {0.0, 1.0}
        elif isinstance(X, np.ndarray):
            np.testing.assert_allclose(X.mean(axis=0), 0, atol=1e-10)
        again = module["load"](name, 1, True)[0]
        assert (again != X).sum() == 0
