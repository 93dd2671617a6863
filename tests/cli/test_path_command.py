"""``lassoopt path``, its table and its JSON, against what the path itself holds."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

import lassoopt as lo
from lassoopt.cli.shell import main
from lassoopt.text.progress_line import progress_of


def run(capsys, *arguments):
    status = main(["path", *map(str, arguments)])
    out, err = capsys.readouterr()
    return status, out, err


def diabetes():
    data = lo.datasets.diabetes()
    return lo.Problem(data.X, data.y, 1.0, standardize=True, feature_names=data.feature_names)


def test_the_table_tells_who_enters_and_leaves(capsys):
    status, out, err = run(capsys, "--n-lambdas", 30, "--eps", 1e-3)
    assert (status, err) == (0, "")
    path = lo.path(diabetes(), n_lambdas=30, eps=1e-3)
    rows = [line.split() for line in out.splitlines() if re.match(r" +[\d.]+ +[\d.e-]+ +\d+ ", line)]
    listed = {}
    for row in rows:
        k = int(np.argmin(np.abs(path.lambdas - float(row[0]))))
        assert float(row[1]) == pytest.approx(path.lambdas[k] / path.lambdas[0], rel=6e-3)
        assert int(row[2]) == np.count_nonzero(path.coefs[k])
        assert float(row[3]) == pytest.approx(path.certificates[k].primal, rel=1e-5)
        listed[k] = {name.strip(",") for name in row[5:]}
    names = np.array(path.problem.feature_names)
    for k in range(1, 30):
        changed = (path.coefs[k] != 0) != (path.coefs[k - 1] != 0)
        assert listed.get(k, set()) == set(names[changed])
    assert f"{30 - len(rows)} with the same features" in out
    shown = float(re.search(r"gap of at most (\S+),", " ".join(out.split()))[1])
    assert path.gap_everywhere <= shown < 1.1 * path.gap_everywhere
    assert str(path) + "\n" == out
    assert max(map(len, out.splitlines())) <= 100


def test_json_and_refinement(capsys):
    status, out, _ = run(capsys, "--n-lambdas", 5, "--refine", 1e-3, "--json")
    content = json.loads(out)
    path = lo.path(diabetes(), n_lambdas=5).refine(1e-3)
    assert status == 0
    assert content["gap_everywhere"] == path.gap_everywhere <= 1e-3
    assert len(content["points"]) == len(path) > 5
    assert [point["coef"] for point in content["points"]] == path.coefs.tolist()
    assert all(point["certified"] for point in content["points"])


def test_a_file_and_another_loss(capsys, tmp_path):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((40, 3))
    table = np.column_stack([X, X[:, 0] + rng.standard_normal(40) > 0])
    file = tmp_path / "t.csv"
    np.savetxt(file, table, delimiter=",", header="a,b,c,t", comments="")
    status, out, _ = run(capsys, file, "--target", "t", "--loss", "logistic", "--n-lambdas", 8)
    assert status == 0
    assert "log(1 + exp(-t_i u_i))" in out
    assert "lam falls" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--eps", "2"], "eps: found 2.0; allowed is a number above 0 and below 1"),
        (["--n-lambdas", "0"], "n_lambdas: found 0"),
        (["--n-lambdas", "many"], "--n-lambdas"),
        (["--refine", "0"], "tol: found 0.0"),
        (["--lam", "1"], "unrecognized arguments: --lam"),
    ],
)
def test_bad_input(capsys, arguments, words):
    status, out, err = run(capsys, *arguments)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert words in err


def test_a_path_cut_short_exits_with_130(capsys, monkeypatch):
    real = lo.path

    def short(problem, **options):
        path = real(problem, **options)
        return lo.Path(problem, path.lambdas[:2], path.solutions[:2])

    monkeypatch.setattr("lassoopt.cli.path_command.path", short)
    status, out, _ = run(capsys, "--n-lambdas", 5)
    assert status == 130
    assert "2 lam, all certified" in out


def test_many_changes_are_cut():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((60, 100))
    text = str(lo.path(lo.Problem(X, X.sum(axis=1), 1.0), n_lambdas=80))
    rows = [line for line in text.splitlines() if re.match(r" +[\d.]+ +[\d.e-]+ +\d+ ", line)]
    assert len(rows) == 40
    assert "more rows are not shown" in " ".join(text.split())
    assert "in all" in text
    assert max(map(len, text.splitlines())) <= 100


def test_progress_on_a_terminal_and_in_a_file(capsys, monkeypatch):
    with progress_of("lam") as report:
        report(1, 3)
    assert capsys.readouterr().err == ""  # soon done, and no terminal
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with progress_of("lam") as report:
        report(1, 3)
        report(2, None)
    err = capsys.readouterr().err
    assert "lassoopt: 1 of 3 lam" in err
    assert "lassoopt: 2 lam" in err
    assert err.endswith("\r\x1b[K")
