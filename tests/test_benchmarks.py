"""The benchmark scripts, run on their smallest case."""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import Lasso

EXAMPLES = Path(__file__).parent.parent / "examples"


@pytest.fixture
def benchmarks(monkeypatch):
    monkeypatch.syspath_prepend(str(EXAMPLES / "benchmarks"))
    yield lambda name: runpy.run_path(str(EXAMPLES / "benchmarks" / name))
    for name in ("common", "designs"):
        sys.modules.pop(name, None)


def test_all_losses_and_penalties_agree(benchmarks, capsys):
    assert benchmarks("agreement.py")["main"](quick=True) == 0
    assert "120 problems" in capsys.readouterr().out


def test_perturbed_answers_are_reported(benchmarks, capsys):
    benchmarks("certificate.py")["perturbations"]()
    assert "reported: 20 of 20; bound holds: 20 of 20" in capsys.readouterr().out


def test_certificate_cost_runs(benchmarks, capsys):
    benchmarks("certificate.py")["cost"](n=50, p=200)
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


def test_peers_to_a_certified_gap(benchmarks, tmp_path, capsys, monkeypatch):
    module = benchmarks("peers.py")
    only = {"scikit-learn": module["peers"]("squared")["scikit-learn"]}
    monkeypatch.setitem(module["run_case"].__globals__, "peers", lambda loss: only)
    rows = module["main"](["--cases", "diabetes", "--repeats", "1", "--out", str(tmp_path)])
    assert "squared, one lam, 1e-08: median" in capsys.readouterr().out
    assert len(rows) == 5 * 2 * 2  # settings, targets, solvers
    X, y, _ = module["load"]("diabetes", 0, False)
    for row in rows:
        assert row["gap"] <= row["target"]
        assert 0 < row["seconds"] < 60
        if row["solver"] == "scikit-learn" and row["setting"] == "0.1":  # its own definition, without a certificate
            lam = 0.1 * np.abs(X.T @ y).max() / len(y)
            peer = Lasso(alpha=lam, tol=1e-14, fit_intercept=False).fit(X, y)
            tolerance = next(run[0] for run in row["runs"] if run[2] <= row["target"])
            coef = only["scikit-learn"](X, y, np.array([lam]), tolerance)[0]
            excess = [np.sum((y - X @ w) ** 2) / (2 * len(y)) + lam * np.abs(w).sum() for w in (coef, peer.coef_)]
            assert excess[0] - excess[1] <= row["target"] * np.sum(y**2) / (2 * len(y))
    assert json.loads((tmp_path / "peers.json").read_text())["sizes"]["diabetes"]["memory"] > 1
    assert (tmp_path / "peers.png").stat().st_size > 5000


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
