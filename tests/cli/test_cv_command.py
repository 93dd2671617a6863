"""``lassoopt cv``: the same answers as in Python, exit status, progress on stderr."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest

import lassoopt as lo
from lassoopt.cli.shell import main
from lassoopt.cross_validation import held_out as run_module
from lassoopt.text import progress_line


@pytest.fixture
def table(tmp_path):
    """Two files, with a numeric target y and with a label t."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((60, 4))
    y = X[:, 0] - 0.5 * X[:, 1] + rng.standard_normal(60)
    made = {"X": X, "y": y, "t": (y > 0) * 1}
    for name in "yt":
        lines = [f"a,b,c,d,{name}", *(",".join(map(repr, row)) for row in np.column_stack([X, made[name]]).tolist())]
        path = tmp_path / f"{name}.csv"
        path.write_text("\n".join(lines) + "\n")
        made[f"of_{name}"] = str(path)
    return made


def run(capsys, *arguments):
    status = main([*map(str, arguments)])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_no_argument_is_needed(capsys):
    status, out, err = run(capsys, "cv", "--folds", 5, "--n-lambdas", 20, "--rule", "1se")
    assert (status, err) == (0, "")
    data = lo.datasets.diabetes()
    problem = lo.Problem(data.X, data.y, 0.0, standardize=True, feature_names=data.feature_names)
    found = lo.cross_validate(problem, 5, n_lambdas=20)
    assert out.startswith(f"{found}\n")
    assert "The fit on all data by rule 1se\n\nCertificate: proven optimal" in out
    assert f"{found.lambda_1se:.6g} sum_j c_j |w_j|" in out


@pytest.mark.slow
def test_json_and_options(capsys, table):
    status, out, err = run(
        capsys, "cv", table["of_t"], "--target", "t", "--loss", "logistic", "--error", "misclassification", "--json",
        "--folds", 4, "--seed", 3, "--lambdas", "0.02,0.1,0.05", "--scaling", "mean", "--workers", 2, "--tol", 1e-10,
    )  # fmt: skip
    assert (status, err) == (0, "")
    content = json.loads(out, parse_constant=pytest.fail)
    problem = lo.Problem(table["X"], table["t"], 0.0, loss="logistic")
    found = lo.cross_validate(problem, 4, seed=3, error="misclassification", lambdas=[0.02, 0.1, 0.05])
    part = content["cross_validation"]
    assert (content["rule"], part["error"], part["lambdas"]) == ("min", "misclassification", [0.1, 0.05, 0.02])
    np.testing.assert_allclose(part["mean_error"], found.mean_error)
    np.testing.assert_allclose(part["std_error"], found.std_error)
    np.testing.assert_array_equal(part["folds"], found.folds)
    assert part["lambda_min"] == found.lambda_min == content["certificate"]["problem"]["lam"]
    assert part["lambda_1se"] == found.lambda_1se
    assert part["nonzero"] == np.count_nonzero(found.path.coefs, axis=1).tolist()
    assert part["certified"] is True
    assert content["certificate"]["tol"] == 1e-10


def test_eps_and_seed_reach_it(capsys, table):
    shared = ("cv", table["of_y"], "--target", "y", "--folds", 3, "--n-lambdas", 4, "--json")
    a, b = (json.loads(run(capsys, *shared, "--eps", 0.1, "--seed", seed)[1])["cross_validation"] for seed in (0, 1))
    assert a["folds"] != b["folds"]
    assert a["lambdas"][-1] == pytest.approx(0.1 * a["lambdas"][0])


@pytest.mark.slow
def test_what_is_not_certified_exits_with_1(capsys, table):
    status, out, _ = run(capsys, "cv", table["of_y"], "--target", "y", "--n-lambdas", 3, "--tol", 1e-300)
    assert status == 1
    assert "not all certified" in out


BAD = [
    (["cv", "{of_y}"], "--target: not given"),
    (["cv", "--folds", "1"], "folds: found 1; allowed is a whole number from 2 to 442"),
    (["cv", "--folds", "few"], "--folds"),
    (["cv", "--rule", "2se"], "'2se'"),
    (["cv", "--error", "auc"], "'auc'"),
    (["cv", "--error", "misclassification"], "error: found 'misclassification', which Squared has not"),
    (["cv", "--lam", "1"], "--lam"),
    (["cv", "--lambdas", "1,x"], "found '1,x'; allowed are numbers, as 1,0.5,0.1"),
    (["cv", "--lambdas=-1"], "lambdas: found [-1.0]"),
    (["cv", "--eps", "2"], "eps: found 2"),
    (["cv", "--workers", "0"], "workers: found 0"),
    (["cv", "--seed", "-1"], "seed: found -1"),
    (["cv", "--tol", "2"], "tol: found 2"),
    (["cv", "--penalty", "elastic_net", "--l1-ratio", "0"], "lambdas: not given, and lambda_max is inf"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD, ids=lambda x: " ".join(x) if isinstance(x, list) else "")
def test_bad_input_is_one_line(capsys, table, arguments, message):
    status, out, err = run(capsys, *(part.format(**table) if "{" in part else part for part in arguments))
    assert (status, out) == (2, "")
    assert err.startswith("lassoopt: ")
    assert err.count("\n") == 1
    assert message in err


def test_progress_on_a_terminal_leaves_nothing_behind(capsys, monkeypatch, table):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    status, _, err = run(capsys, "cv", table["of_y"], "--target", "y", "--folds", 3, "--n-lambdas", 3)
    assert status == 0
    assert err == "".join(f"\rlassoopt: {done} of 12 fits " for done in range(1, 13)) + "\r\x1b[K"


def test_progress_of_long_work_in_a_log(capsys, monkeypatch, table):
    monkeypatch.setattr(progress_line, "_QUIET", 0.0)
    status, _, err = run(capsys, "cv", table["of_y"], "--target", "y", "--folds", 3, "--n-lambdas", 3)
    assert status == 0
    assert err.splitlines() == [f"lassoopt: {done} of 12 fits" for done in range(1, 13)]


def test_ctrl_c_prints_the_folds_done_and_exits_with_130(capsys, monkeypatch, table):
    calls, real = [], run_module.path

    def path(*arguments, **options):
        calls.append(arguments)
        if len(calls) > 3:
            raise KeyboardInterrupt
        return real(*arguments, **options)

    monkeypatch.setattr(run_module, "path", path)
    status, out, err = run(capsys, "cv", table["of_y"], "--target", "y", "--n-lambdas", 3)
    assert (status, err) == (130, "")
    assert out.startswith("Cross-validation: 2 of 10 folds")
    calls[:] = [None] * 3
    assert run(capsys, "cv", table["of_y"], "--target", "y", "--n-lambdas", 3) == (130, "", "")
