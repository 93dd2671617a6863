"""``lassoopt solve --certificate`` and ``lassoopt verify``: exit status, words, and one line for what is wrong."""

from __future__ import annotations

import json
import os
import threading
from fractions import Fraction

import numpy as np
import pytest

import lassoopt as lo
from lassoopt.cli.shell import main


@pytest.fixture
def files(tmp_path):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((40, 3))
    y = X[:, 0] + 0.1 * rng.standard_normal(40)
    table, certificate = tmp_path / "data.csv", tmp_path / "out.cert.json"
    rows = [",".join(map(repr, [x[0], v, x[1], x[2]])) for x, v in zip(X.tolist(), y.tolist(), strict=True)]
    table.write_text("a,y,b,c\n" + "\n".join(rows) + "\n")
    assert main(["solve", str(table), "--target", "y", "--lam", "0.1", "--certificate", str(certificate)]) == 0
    return table, certificate, X, y


def run(capsys, *arguments):
    capsys.readouterr()
    status = main([*map(str, arguments)])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_proven_in_both_arithmetics_without_naming_the_target(capsys, files):
    table, certificate, X, y = files
    status, out, err = run(capsys, "verify", certificate, table)
    assert (status, err) == (0, "")
    assert out.startswith("PROVEN in floating point arithmetic\n")
    assert "squared + 0.1 * l1, n = 40, p = 3" in out
    status, out, err = run(capsys, "verify", certificate, table, "--exact", "--target", "y")
    assert (status, err) == (0, "")
    assert out.startswith("PROVEN in rational arithmetic\n")
    assert lo.verify(certificate, X, y).proven


def test_json(capsys, files):
    table, certificate, X, y = files
    status, out, _ = run(capsys, "verify", certificate, table, "--exact", "--json")
    content = json.loads(out, parse_constant=pytest.fail)
    found = lo.verify(certificate, X, y, exact=True)
    assert status == 0
    assert Fraction(content["exact_gap"]) == found.exact_gap
    assert content["gap"] == found.gap
    assert content["proven_zeros"] == ["b", "c"]
    assert content["names"] == "those of the data"
    table.write_text(table.read_text().replace("a,y", "z,y"))  # names are claims
    status, out, _ = run(capsys, "verify", certificate, table, "--json", "--target", "y")
    content = json.loads(out)
    assert (status, content["proven"], content["proven_zeros"]) == (1, False, [])
    assert "the file's 'a' is no column" in content["reason"]


def test_exchanged_names_are_not_proven(capsys, files):
    table, certificate, X, y = files
    content = json.loads(certificate.read_text())
    certificate.write_text(json.dumps({**content, "feature_names": ["b", "a", "c"]}))
    for arguments in ([], ["--exact"]):
        status, out, err = run(capsys, "verify", certificate, table, *arguments)
        assert (status, err) == (1, "")
        assert "NOT PROVEN" in out
        assert "columns were put in the file's order" in out
    found = lo.verify(certificate, X, y)  # without names, features are numbers
    assert found.proven
    assert "the data have no names" in found.names


def test_columns_in_another_order_are_put_in_order_by_name(capsys, files):
    table, certificate, *_ = files
    rows = [line.split(",") for line in table.read_text().splitlines()]
    table.write_text("\n".join(",".join(row[k] for k in (3, 1, 0, 2)) for row in rows) + "\n")
    status, out, err = run(capsys, "verify", certificate, table)
    assert (status, err) == (0, "")
    assert "columns were put in the file's order" in out
    status, out, _ = run(capsys, "verify", certificate, table, "--json")
    assert json.loads(out)["proven_zeros"] == ["b", "c"]


def test_refuted_and_other_data_are_status_1(capsys, files):
    table, certificate, *_ = files
    content = json.loads(certificate.read_text())
    certificate.write_text(json.dumps({**content, "dual": content["primal"], "gap": 0.0}))
    status, out, err = run(capsys, "verify", certificate, table)
    assert (status, err) == (1, "")
    assert out.startswith("NOT PROVEN in floating point arithmetic\n  dual: the file says")
    certificate.write_text(json.dumps(content))
    status, out, err = run(capsys, "verify", certificate, table, "--target", "a")
    assert (status, err) == (1, "")
    assert "other data" in out
    status, out, _ = run(capsys, "verify", certificate, "--json")  # the diabetes data
    assert status == 1
    assert json.loads(out)["gap"] is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda table, certificate: certificate.write_text("{}"), "certificate file: the file: 'format' is missing"),
        (lambda table, certificate: certificate.unlink(), "could not be read"),
        (lambda table, certificate: table.unlink(), "cannot be read"),
        (lambda table, certificate: table.write_text(""), "--target: not given, and 0 columns"),
        (lambda table, certificate: table.write_text("a,b,c,y,z\n1,2,3,4,5\n"), "--target: not given, and 2 columns"),
        (lambda table, certificate: table.write_bytes(b"a,b,c,\xff\n"), "cannot be read"),
    ],
)
def test_bad_input_is_status_2_in_one_line(capsys, files, change, words):
    table, certificate, *_ = files
    change(table, certificate)
    status, out, err = run(capsys, "verify", certificate, table)
    assert (status, out) == (2, "")
    assert words in err
    assert err.count("\n") == 1


def test_a_pipe_is_read_once(capsys, files, tmp_path):
    table, certificate, *_ = files
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(certificate.read_bytes()))
    writer.start()
    status, out, err = run(capsys, "verify", pipe, table)
    writer.join()
    assert (status, err) == (0, "")
    assert out.startswith("PROVEN")


def test_target_without_a_file_and_a_certificate_that_cannot_be_written(capsys, files, tmp_path):
    _, certificate, *_ = files
    status, _, err = run(capsys, "verify", certificate, "--target", "y")
    assert status == 2
    assert "--target" in err
    status, out, err = run(capsys, "solve", "--certificate", tmp_path / "no" / "where.json")
    assert (status, out) == (2, "")
    assert "could not be written" in err
