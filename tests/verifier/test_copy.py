"""A copy of the verifier's folder, elsewhere, needs nothing of ours; its README states every line that it has."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from problems import make

import lassoopt as lo

FOLDER = Path(lo.__file__).parent / "verifier"
# as `python -m verifier`, with nothing on the path but the current folder and what is installed with NumPy
RUN = "import runpy, sys; sys.path.insert(0, '.'); runpy.run_module('verifier', run_name='__main__', alter_sys=True)"
GUARD = "import sys; sys.modules['lassoopt'] = sys.modules['scipy'] = sys.modules['flint'] = None; "


def run(folder, *arguments) -> tuple[int, str, str]:
    command = [sys.executable, "-I", "-c", GUARD + RUN, *map(str, arguments)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def folder(tmp_path):
    """A folder with a copy of the verifier, a file of `Certificate.save`, and its data."""
    shutil.copytree(FOLDER, tmp_path / "verifier", ignore=shutil.ignore_patterns("__pycache__"))
    problem = make(penalty_name="elastic_net", weights="mixed", sample_weights="random")
    lo.solve(problem).certificate.save(tmp_path / "file.json")
    np.save(tmp_path / "X.npy", problem.X)
    np.save(tmp_path / "y.npy", problem.y)
    with open(tmp_path / "data.csv", "w", newline="") as file:
        columns = [*problem.feature_names[::-1], "the target"]
        csv.writer(file).writerows([columns, *np.column_stack([problem.X[:, ::-1], problem.y]).tolist()])
    return tmp_path


DATA = [("X.npy", "y.npy"), ("data.csv", "--target", "the target")]


@pytest.mark.parametrize("exact", [(), ("--exact",)])
@pytest.mark.parametrize("data", DATA)
def test_a_copy_proves_an_honest_file_and_refutes_a_changed_one(data, exact, folder):
    status, out, err = run(folder, "file.json", *data, *exact)
    assert (status, err) == (0, "")
    assert out.startswith("PROVEN: the objective, ")
    content = json.loads((folder / "file.json").read_text())
    content["primal"] -= 1.0
    content["gap"] = 1e-9
    (folder / "changed.json").write_text(json.dumps(content))
    status, out, err = run(folder, "changed.json", *data, *exact)
    assert (status, err) == (1, "")
    assert out.startswith("NOT PROVEN: primal: ")


def test_python_m_runs_a_copy(folder):
    """As the README says, with the path that a user has."""
    command = [sys.executable, "-m", "verifier", "file.json", "X.npy", "y.npy"]
    environment = {"PYTHONPATH": "", "PATH": ""}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment, check=False, timeout=60)
    assert (done.returncode, done.stdout[:6], done.stderr) == (0, "PROVEN", "")


BAD = {
    "no file": (("none.json", "X.npy", "y.npy"), "none.json could not be read"),
    "no certificate": (("data.csv", "X.npy", "y.npy"), "is not JSON"),
    "no data": (("file.json", "none.npy", "y.npy"), "No such file"),
    "no array": (("file.json", "file.json", "y.npy"), "could not be read"),
    "a matrix as y": (("file.json", "X.npy", "X.npy"), "y: found 2-D"),
    "one array": (("file.json", "X.npy"), "allowed are two files"),
    "a target of arrays": (("file.json", "X.npy", "y.npy", "--target", "y"), "allowed are two files"),
    "another target": (("file.json", "data.csv", "--target", "absent"), "one of them 'absent'"),
    "a table that is none": (("file.json", "file.json", "--target", "y"), "could not be read"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_line_and_status_2(case, folder):
    arguments, words = BAD[case]
    status, out, err = run(folder, *arguments)
    assert (status, out) == (2, "")
    assert words in err
    assert err.count("\n") == 1


def lines_and_code(text: str) -> tuple[int, int]:
    """How many lines a module has, and how many of them are neither blank nor comments nor docstrings."""
    strings = re.compile(r'^ *"""[^"]*(?:"(?!"")[^"]*)*"""$', re.MULTILINE)
    kept = strings.sub("", text).splitlines()
    return len(text.splitlines()), sum(bool(line.strip()) and not line.strip().startswith("#") for line in kept)


def test_the_readme_states_every_line():
    """Each module once, with as many lines as it has, and their sums."""
    text = (FOLDER / "README.md").read_text()
    rows = re.findall(r"^\| `?([\w.]+)`? \| (\d+) \| (\d+) \|", text, re.MULTILINE)
    counted = {path.name: lines_and_code(path.read_text()) for path in FOLDER.rglob("*.py")}
    counted["all"] = tuple(map(sum, zip(*counted.values(), strict=True)))
    assert {name: (int(lines), int(code)) for name, lines, code in rows} == counted
