"""The benchmark scripts, run on their smallest case."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"


@pytest.fixture
def benchmarks(monkeypatch):
    monkeypatch.syspath_prepend(str(EXAMPLES / "benchmarks"))
    yield lambda name: runpy.run_path(str(EXAMPLES / "benchmarks" / name))
    sys.modules.pop("common", None)


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
