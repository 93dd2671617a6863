"""The benchmark scripts, run on their smallest case."""

from __future__ import annotations

import csv
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


def test_workers(benchmarks, capsys):
    benchmarks("workers.py")["main"](n=40, p=30, repeats=1)
    assert "5 folds of 40 x 30" in capsys.readouterr().out


def test_solvers_to_a_certified_gap(benchmarks):
    module = benchmarks("solvers.py")
    X, y = module["ar1"](40, 20)
    problem = module["lo"].Problem(X, y, 1.0)
    problem = problem.with_lam(0.1 * problem.lambda_max)
    for solver in module["SOLVERS"]["squared"]:
        assert module["by_cvxpy"](problem, solver)[2] <= module["TOLERANCE"]


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    """All cells of `peers.py`, small: what was printed, and the folder with its files."""
    folder = tmp_path_factory.mktemp("peers")
    script, options = EXAMPLES / "benchmarks" / "peers.py", ["--quick", "--repeats", "1", "--out", folder]
    ran = subprocess.run([sys.executable, script, *options], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout, folder


def test_all_cells_of_peers(quick, benchmarks):
    printed, folder = quick
    cases = benchmarks("designs.py")["CASES"]
    assert (folder / "peers.png").stat().st_size > 5000
    assert (folder / "peers.txt").read_text() == printed
    done = json.loads((folder / "peers.json").read_text())
    assert {row["case"] for row in done["rows"]} == cases.keys()
    assert {case.kind for case in cases.values()} == {"squared", "logistic", "group", "quantile", "cv"}
    for row in done["rows"]:
        if row["solver"] == "lassoopt":
            assert row["gap"] <= row["target"], row["case"]
    for line in (f"{package} is not installed" for package, version in done["versions"].items() if not version):
        assert line in printed


def test_the_tables_of_peers_are_its_rows(quick, benchmarks):
    done = json.loads((quick[1] / "peers.json").read_text())
    with (quick[1] / "peers.csv").open() as file:
        lines = list(csv.DictReader(file))
    assert [(line["case"], line["solver"], float(line["seconds"] or "nan")) for line in lines] == [
        (row["case"], row["solver"], pytest.approx(row["seconds"] or np.nan, nan_ok=True)) for row in done["rows"]
    ]
    table, summary = (part.splitlines() for part in (quick[1] / "peers.md").read_text().split("\n\n")[:2])
    ratios = {}
    for case, setting in {(row["case"], row["setting"]) for row in done["rows"]}:
        here = [row for row in done["rows"] if (row["case"], row["setting"]) == (case, setting)]
        here = [row for row in here if row["target"] == min(row["target"] for row in here)]
        theirs = [row["seconds"] or np.inf for row in here if row["solver"] != "lassoopt"]
        mine = next(row["seconds"] for row in here if row["solver"] == "lassoopt")
        ratios[case, setting] = min(theirs) / mine if theirs else np.nan
    settings = [cell.strip() for cell in table[0].split("|")[2:-1]]
    shown = {}
    for line in table[2:]:
        case, *cells = (cell.strip() for cell in line.split("|")[1:-1])
        shown.update({(case, setting): cell for setting, cell in zip(settings, cells, strict=True) if cell})
    assert shown.keys() == ratios.keys()
    for key, cell in shown.items():
        if np.isfinite(ratios[key]):
            assert float(cell) == pytest.approx(ratios[key], rel=0.051)
        else:
            assert cell in ("no peer", "no peer got there")
    logistic = [ratio for (case, _), ratio in ratios.items() if case.startswith("logistic")]
    (row,) = (line.split(" | ") for line in summary if line.startswith("| logistic |"))
    assert [float(row[2]), float(row[3])] == pytest.approx([min(logistic), np.median(logistic)], rel=0.051)
    assert int(row[4].strip("| ")) == len(logistic)
    assert runpy.run_path(str(EXAMPLES / "benchmarks" / "peers_report.py"))["markdown"](done) == (
        (quick[1] / "peers.md").read_text().removesuffix("\n")
    )


def test_peers_to_a_certified_gap(quick):
    done = json.loads((quick[1] / "peers.json").read_text())
    solvers = ["lassoopt", *(name for name, version in done["versions"].items() if version)]
    assert "scikit-learn" in solvers
    done["rows"] = [row for row in done["rows"] if row["case"] == "diabetes 442x10"]
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
    for case in benchmarks("designs.py")["CASES"].values():
        X, y = case.data(1, True)
        assert len(y) == X.shape[0]
        if case.kind == "logistic":
            assert set(y) == {0.0, 1.0}
        elif isinstance(X, np.ndarray):
            np.testing.assert_allclose(X.mean(axis=0), 0, atol=1e-10)
        again = case.data(1, True)[0]
        assert (again != X).sum() == 0


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_growth(benchmarks, tmp_path, capsys):
    rows = benchmarks("growth.py")["main"](["--quick", "--repeats", "1", "--out", str(tmp_path)])
    assert [row["n"] for row in rows if row["design"] == "dense"] == [40, 80, 160, 320]
    assert [row["p"] for row in rows if row["design"] == "dense"] == [250, 500, 1000, 2000]
    assert all(row["seconds"]["lassoopt"] > 0 for row in rows)
    assert json.loads((tmp_path / "growth.json").read_text()) == rows
    assert (tmp_path / "growth.png").stat().st_size > 5000
    assert "sparse, lassoopt" in capsys.readouterr().out
