"""The shell commands: exit status, one line for bad input, strict JSON, and the same answers as in Python."""

from __future__ import annotations

import importlib
import io
import json
import os
import signal
import subprocess
import sys

import numpy as np
import pytest
from sklearn.linear_model import ElasticNet

import lassoopt as lo
from lassoopt.cli.shell import main
from lassoopt.teaching import lessons


@pytest.fixture
def table(tmp_path):
    """A file with features a, b, c, d, a numeric target y and a label t."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((60, 4))
    y = X[:, 0] - 0.5 * X[:, 1] + 0.3 * rng.standard_normal(60)
    label = (y + rng.standard_normal(60) > 0) * 1
    rows = [",".join(map(repr, [*x.tolist(), float(v), int(t)])) for x, v, t in zip(X, y, label, strict=True)]
    numeric, classes = tmp_path / "numeric.csv", tmp_path / "classes.csv"
    numeric.write_text("a,b,c,d,y\n" + "\n".join(row.rsplit(",", 1)[0] for row in rows) + "\n")
    classes.write_text("a,b,c,d,t\n" + "\n".join(",".join(np.delete(row.split(","), 4)) for row in rows) + "\n")
    return {"numeric": str(numeric), "classes": str(classes), "X": X, "y": y, "t": label}


def run(capsys, *arguments):
    status = main([*map(str, arguments)])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def answer(capsys, *arguments):
    status, out, err = run(capsys, *arguments, "--json")
    assert (status, err) == (0, "")
    return json.loads(out, parse_constant=pytest.fail)


def weights(content):
    return np.array([row["coef"] for row in content["certificate"]["kkt"]])


def test_the_main_job_needs_no_arguments(capsys):
    status, out, err = run(capsys, "crosscheck")
    assert (status, err) == (0, "")
    assert out.startswith("Cross-check: agree\n")
    assert "442 samples, 10 features" in out
    assert "0.1 lambda_max" in out
    data = lo.datasets.diabetes()
    assert f"to {data.X.std(axis=0).max():.5g}" in " ".join(out.split())  # standardised


def test_solve_on_the_shipped_data(capsys):
    status, out, err = run(capsys, "solve")
    assert (status, err) == (0, "")
    assert out.startswith("Certificate: proven optimal")
    assert "OPTIMAL: certified" in out


@pytest.mark.parametrize("method", ["auto", "active_set", "admm", "cvxpy"])
def test_solve_is_what_scikit_learn_finds(capsys, table, method):
    content = answer(
        capsys, "solve", table["numeric"], "--target", "y", "--lam", 0.05, "--penalty", "elastic_net",
        "--l1-ratio", 0.7, "--method", method,
    )  # fmt: skip
    other = ElasticNet(alpha=0.05, l1_ratio=0.7, tol=1e-14, max_iter=10**6).fit(table["X"], table["y"])
    np.testing.assert_allclose(weights(content), other.coef_, atol=1e-5)
    assert content["certificate"]["intercept"] == pytest.approx(other.intercept_, abs=1e-5)
    assert content["solver"].startswith("active_set" if method == "auto" else method)


def test_classes_sum_and_no_intercept(capsys, table):
    content = answer(
        capsys, "solve", table["classes"], "--target", "t", "--loss", "logistic", "--lam", 4, "--scaling", "sum",
        "--no-intercept",
    )  # fmt: skip
    w = weights(content)  # by definition: X'(probability - label) = -4 sign(w_j), or within [-4, 4] where w_j = 0
    gradient = table["X"].T @ (1 / (1 + np.exp(-table["X"] @ w)) - table["t"])
    np.testing.assert_allclose(gradient[w != 0], -4 * np.sign(w[w != 0]), atol=1e-3)
    assert (np.abs(gradient) <= 4.001).all()
    assert 0 < np.count_nonzero(w) < 4
    assert content["certificate"]["intercept"] is None


def test_lam_ratio_and_standardize(capsys, table):
    """lambda_max by hand: max_j |x_j'(y - mean y)| / n / sd_j."""
    X, y = table["X"], table["y"]
    lambda_max = np.max(np.abs(X.T @ (y - y.mean())) / 60 / X.std(axis=0))
    shared = ("solve", table["numeric"], "--target", "y", "--standardize")
    content = answer(capsys, *shared, "--lam-ratio", 0.5)
    assert content["certificate"]["problem"]["lam"] == pytest.approx(lambda_max / 2)
    assert answer(capsys, *shared)["certificate"]["problem"]["lam"] == pytest.approx(lambda_max / 10)
    assert not weights(answer(capsys, *shared, "--lam-ratio", 1.01)).any()


@pytest.mark.slow
@pytest.mark.parametrize("loss", lo.LOSSES)
def test_every_loss_is_on_offer(capsys, table, loss):
    kind, target = ("classes", "t") if loss in ("logistic", "squared_hinge", "poisson") else ("numeric", "y")
    content = answer(capsys, "crosscheck", table[kind], "--target", target, "--loss", loss, "--lam-ratio", 0.3)
    assert content["agrees"] is True
    assert content["verdict"] == "AGREE"


@pytest.mark.slow
@pytest.mark.parametrize("penalty", lo.PENALTIES)
def test_every_penalty_is_on_offer(capsys, table, penalty):
    groups = ["--groups", "one, one,two,two"] if "group" in penalty else []
    content = answer(capsys, "crosscheck", table["numeric"], "--target", "y", "--penalty", penalty, *groups)
    assert content["verdict"] == "AGREE"


def test_shape_parameters_reach_the_problem(capsys, table):
    shared = ("solve", table["numeric"], "--target", "y", "--lam", 0.02)
    assert answer(capsys, *shared, "--loss", "huber", "--delta", 0.25)["certificate"]["problem"]["loss"] == (
        "Huber(delta=0.25)"
    )
    low, high = (
        answer(capsys, *shared, "--loss", "quantile", "--level", level)["certificate"]["intercept"]
        for level in (0.1, 0.9)
    )
    assert low < high


def test_an_answer_that_is_not_certified_exits_with_1(capsys):
    shared = ("solve", "--method", "cvxpy", "--tol", 1e-300)
    status, out, err = run(capsys, *shared)
    assert (status, err) == (1, "")
    assert "NOT PROVEN OPTIMAL" in out
    status, out, err = run(capsys, *shared, "--json")
    assert (status, err) == (1, "")
    assert json.loads(out)["certificate"]["certified"] is False


def test_solvers_that_disagree_exit_with_1(capsys, monkeypatch):
    def null(problem, *, tol):
        certificate = lo.certify(problem, np.zeros(problem.shape[1]), tol=tol)
        theta, history = certificate.theta, lo.History.of([])
        return lo.Solution(
            certificate.coef, certificate.intercept, theta, lo.Status.OPTIMAL, certificate, history, "null", 0, 0.0
        )

    monkeypatch.setattr(lo.METHODS["cvxpy"], "solve", null)
    status, out, err = run(capsys, "crosscheck")
    assert (status, err) == (1, "")
    assert "cvxpy is not proven optimal" in " ".join(out.split())


def test_a_solver_that_breaks_exits_with_1_and_one_line(capsys, monkeypatch):
    def broken(problem, **options):
        raise lo.SolverError("no licence\nfor this solver")

    monkeypatch.setattr(lo.METHODS["cvxpy"], "solve", broken)
    assert run(capsys, "solve", "--method", "cvxpy") == (1, "", "lassoopt: no licence for this solver\n")
    assert run(capsys, "crosscheck")[0] == 1


BAD = [
    ([], "COMMAND"),
    (["fit"], "invalid choice: 'fit'"),
    (["solve", "--frobnicate"], "--frobnicate"),
    (["solve", "--lam"], "--lam"),
    (["solve", "--lam", "x"], "found 'x'; allowed is a finite number >= 0"),
    (["solve", "--lam", "-1"], "found '-1'"),
    (["solve", "--lam", "nan"], "found 'nan'"),
    (["solve", "--lam", "inf"], "found 'inf'"),
    (["solve", "--lam-ratio=-0.1"], "found '-0.1'"),
    (["solve", "--lam", "1", "--lam-ratio", "0.1"], "not allowed with"),
    (["solve", "--tol", "-1"], "--tol"),
    (["solve", "--tol", "tiny"], "found 'tiny'"),
    (["solve", "--loss", "hinge"], "'hinge'"),
    (["solve", "--penalty", "l2"], "'l2'"),
    (["solve", "--method", "magic"], "'magic'"),
    (["crosscheck", "--method", "admm"], "--method"),
    (["solve", "--scaling", "max"], "'max'"),
    (["solve", "--delta", "1"], "--delta: loss squared does not take it; it belongs to huber"),
    (["solve", "--loss", "huber", "--level", "0.5"], "--level: loss huber does not take it; it belongs to quantile"),
    (["solve", "--l1-ratio", "0.5"], "--l1-ratio: penalty l1 does not take it"),
    (["solve", "--groups", "a,b"], "--groups: penalty l1 does not take it; it belongs to group, sparse_group"),
    (["solve", "--penalty", "group"], "groups: found ()"),
    (["solve", "--penalty", "group", "--groups", "a,b"], "groups: found 2 labels; X has 10 features"),
    (["solve", "--loss", "huber", "--delta", "0"], "delta: found 0.0"),
    (["solve", "--loss", "quantile", "--level", "1"], "level: found 1.0"),
    (["solve", "--penalty", "elastic_net", "--l1-ratio", "2"], "l1_ratio: found 2.0"),
    (["solve", "--penalty", "elastic_net", "--l1-ratio", "0"], "--lam-ratio: lambda_max is inf"),
    (["solve", "--loss", "logistic"], "labels {0, 1} or {-1, 1}"),
    (["solve", "--target", "y"], "--target"),
    (["solve", "nowhere.csv", "--target", "y"], "nowhere.csv: cannot be read"),
    (["solve", "{numeric}"], "--target: not given"),
    (["solve", "{numeric}", "--target", "z"], "no column 'z' for the target; columns: a, b, c, d, y"),
    (["solve", "{numeric}", "{numeric}", "--target", "y"], "unrecognized arguments"),
    (["solve", "{numeric}", "--targ", "y"], "--targ"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD, ids=lambda x: " ".join(x) if isinstance(x, list) else "")
def test_bad_input_is_one_line(capsys, table, arguments, message):
    status, out, err = run(capsys, *(part.format(**table) if "{" in part else part for part in arguments))
    assert status == 2
    assert out == ""
    assert err.startswith("lassoopt: ")
    assert err.count("\n") == 1
    assert message in err


def test_help_and_version(capsys):
    for arguments, words in (
        (["--help"], "Exit status"),
        (["solve", "-h"], "squared_hinge"),
        (["--version"], "lassoopt"),
    ):
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        assert caught.value.code == 0
        assert words in capsys.readouterr().out


def test_ctrl_c_is_quiet(capsys, monkeypatch):
    def interrupted(problem, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(lo.METHODS["active_set"], "solve", interrupted)
    assert run(capsys, "solve") == (130, "", "")


def test_an_interrupted_solution_is_printed_and_exits_with_130(capsys, monkeypatch):
    real = lo.METHODS["admm"].solve
    monkeypatch.setattr(
        lo.METHODS["admm"], "solve", lambda problem, **o: real(problem, callback=lambda progress: True, **o)
    )
    status, out, err = run(capsys, "solve", "--loss", "quantile", "--penalty", "elastic_net")
    assert (status, err) == (130, "")
    assert "INTERRUPTED" in out


def python(*arguments, **options):
    return subprocess.Popen(
        [sys.executable, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    )


@pytest.mark.slow
def test_python_dash_m_and_a_closed_pipe():
    with python("-m", "lassoopt", "solve", "--json") as process:
        process.stdout.close()  # as "| head" does
        assert process.stderr.read() == ""
    assert process.returncode == 141


@pytest.mark.slow
def test_ctrl_c_in_a_process_leaves_no_traceback():
    code = """if True:
        import sys, time, lassoopt.cli.shell as cli
        cli.solve_command.solve = lambda *arguments, **options: (print("solving", flush=True), time.sleep(60))
        sys.exit(cli.main(["solve"]))
    """
    with python("-c", code) as process:
        assert process.stdout.readline() == "solving\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, "", "")


@pytest.fixture
def foreign(tmp_path):
    """A table whose names are in many scripts, two of its letters in no encoding at all."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((30, 4))
    rows = [",".join(map(repr, [*x, v])) for x, v in zip(X.tolist(), (X[:, 0] + X[:, 1]).tolist(), strict=True)]
    path = tmp_path / "größe \udcff.csv"
    path.write_text("länge,λ₁,身長,🙂,y\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "cp437", "utf-8"])
@pytest.mark.parametrize("command", ["crosscheck", "solve", "path", "cv", "verify", "lesson", "wrong"])
def test_every_command_on_a_console_of_any_encoding(monkeypatch, tmp_path, foreign, command, encoding):
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict") for _ in range(2))
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    err.isatty = lambda: True
    given = [str(foreign), "--target", "y"]
    if command == "verify":
        certificate = str(tmp_path / "c.json")
        assert main(["solve", *given, "--certificate", certificate]) == 0
        given = [certificate, str(foreign)]
    if command == "lesson":
        script = tmp_path / "01_x.py"
        script.write_text("print('λ₁ 🙂')", encoding="utf-8")
        only = lessons.Lesson(1, "λ", "身長?", script)
        monkeypatch.setattr(lessons, "lessons", lambda: (only,))
        given = ["1"]
    if command in ("path", "cv"):
        given += ["--n-lambdas", "3"]
    if command == "wrong":
        assert main(["solve", str(foreign), "--target", "身"]) == 2
    else:
        assert main([command, *given]) == 0
    printed = (err if command == "wrong" else out).buffer.getvalue().decode(encoding)
    letter = "身" if command == "wrong" else "λ"
    if command != "verify":
        assert letter.encode(encoding, "backslashreplace").decode(encoding) in printed


@pytest.mark.parametrize("error", [RuntimeError("a\nb"), KeyError("k"), AssertionError(), RecursionError("deep")])
def test_a_bug_exits_with_3_and_one_line(capsys, monkeypatch, error):
    def broken(problem, **options):
        raise error

    monkeypatch.setattr(lo.METHODS["active_set"], "solve", broken)
    status, out, err = run(capsys, "solve")
    assert (status, out, err.count("\n")) == (3, "", 1)
    assert err.startswith(f"lassoopt: this is a bug of lassoopt, please report it: {type(error).__name__}: ")
    monkeypatch.setenv("LASSOOPT_TRACEBACK", "1")
    status, out, err = run(capsys, "solve")
    assert (status, out) == (3, "")
    assert "Traceback" in err
    assert "in broken" in err


@pytest.mark.parametrize(
    ("error", "status"), [(OSError(28, "No space left on device"), 2), (MemoryError(), 2), (BrokenPipeError(), 141)]
)
def test_what_the_system_refuses_is_no_verdict(capsys, monkeypatch, error, status):
    def refused(problem, **options):
        raise error

    monkeypatch.setattr(lo.METHODS["active_set"], "solve", refused)
    found, out, err = run(capsys, "solve")
    assert (found, out, err.count("\n")) == (status, "", status == 2)


def test_a_missing_extra_names_the_command_that_installs_it(capsys, monkeypatch, table, tmp_path):
    data, file = (table["classes"], "--target", "t"), str(tmp_path / "file.json")
    assert run(capsys, "solve", *data, "--loss", "logistic", "--certificate", file)[0] == 0
    monkeypatch.setitem(sys.modules, "flint", None)
    status, out, err = run(capsys, "verify", file, *data, "--exact")
    assert (status, out) == (2, "")
    assert "python-flint, which is not installed: pip install 'lassoopt[exact]'" in err
    monkeypatch.delitem(sys.modules, "lassoopt.estimators", raising=False)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(lo.MissingPackageError, match=r"scikit-learn.*: pip install 'lassoopt\[sklearn\]'") as caught:
        importlib.import_module("lassoopt.estimators")
    assert isinstance(caught.value, lo.LassoOptError)
    assert isinstance(caught.value, ImportError)
    assert caught.value.name == "sklearn"


def test_ctrl_c_that_became_another_error_is_ctrl_c(capsys, monkeypatch):
    def interrupted(problem, **options):
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt:
            raise ImportError("no such package")  # noqa: B904  as some imports do

    monkeypatch.setattr(lo.METHODS["active_set"], "solve", interrupted)
    assert run(capsys, "solve") == (130, "", "")


def test_without_stderr_the_exit_status_is_all_there_is(capsys, monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    assert main(["solve", "nowhere.csv", "--target", "y"]) == 2
    assert main(["path", "--n-lambdas", "2"]) == 0
    assert "nowhere" not in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
@pytest.mark.parametrize(("arguments", "buffered"), [(["solve", "--json"], "1"), (["solve"], ""), (["--version"], "")])
def test_a_full_disk_is_one_line_and_status_2(arguments, buffered):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "lassoopt", *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": buffered},
            check=False,
        )
    assert (done.returncode, done.stderr) == (2, "lassoopt: the system refuses: [Errno 28] No space left on device\n")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("program", "stops"),
    [("-m", ["typing", "numpy.linalg", "cvxpy"]), ("script", ["numpy", "scipy.sparse", "lassoopt.cli.shell"])],
)
def test_ctrl_c_among_imports_is_quiet(tmp_path, program, stops):
    """Interrupted when a module of the package or of NumPy, SciPy begins to be imported, wherever that is."""
    script = tmp_path / "lassoopt"  # as pip writes it
    script.write_text("import sys\nfrom lassoopt.cli.shell import main\nsys.exit(main())\n")
    (tmp_path / "sitecustomize.py").write_text("""if True:
        import os, signal, sys
        class Finder:
            def find_spec(name, path=None, target=None):
                if name == os.environ["STOP"]:
                    os.kill(os.getpid(), signal.SIGINT)
        sys.meta_path.insert(0, Finder)
    """)
    path = os.pathsep.join([str(tmp_path), os.path.dirname(os.path.dirname(lo.__file__))])
    started = []
    for name in stops:
        environment = {**os.environ, "PYTHONPATH": path, "STOP": name}
        where = ["-m", "lassoopt"] if program == "-m" else [str(script)]
        started.append((name, python(*where, "crosscheck", env=environment)))
    for name, process in started:
        out, err = process.communicate(timeout=60)
        if (name, process.returncode) != ("typing", 0):  # which Python itself may have imported before
            assert (name, process.returncode, out, err) == (name, 130, "", "")
