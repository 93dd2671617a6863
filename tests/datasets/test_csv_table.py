"""CSV files as others write them; and that the compiled readers read and refuse what the careful one does."""

from __future__ import annotations

import csv
import io
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import lassoopt as lo
from lassoopt.cli.shell import main
from lassoopt.datasets import csv_numbers, csv_table, from_csv, from_table
from lassoopt.datasets.csv_table import CsvTable

QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
FINITE = st.floats(allow_nan=False, allow_infinity=False)
READERS = ("careful", "numpy", "pandas")


@pytest.fixture(autouse=True)
def _as_they_were(monkeypatch):
    for module, name in ((csv_table, "_LARGE"), (csv_numbers, "find_spec")):
        monkeypatch.setattr(module, name, getattr(module, name))  # `outcome` changes them


def outcome(reader, content, target, delimiter=None, decimal=".", **options):
    """X, y, weights and source, bit by bit, or the message."""
    csv_table._LARGE = 2**60 if reader == "careful" else 0
    csv_numbers.find_spec = lambda name: reader == "pandas"
    try:
        data = from_table(CsvTable.of("f", content, delimiter, decimal), target, **options)
    except lo.InputError as error:
        return str(error)
    weights = b"" if data.sample_weight is None else data.sample_weight.tobytes()
    return data.X.tobytes(), data.y.tobytes(), weights, data.feature_names, data.source


@st.composite
def files(draw):
    """A table, and a file of it as some program writes it."""
    n, p = draw(st.integers(1, 5)), draw(st.integers(2, 5))
    values = draw(st.lists(st.lists(FINITE, min_size=p, max_size=p), min_size=n, max_size=n))
    delimiter = draw(st.sampled_from([",", ";", "\t", "|"]))
    decimal = draw(st.sampled_from(".,")) if delimiter != "," else "."
    shape = draw(st.sampled_from([repr, "{:.17g}".format, "{:.25e}".format, " {!r} ".format, "{:+.20E}".format]))
    labels = draw(st.sampled_from([None, ("no", "yes"), ("False", "True"), ("a b", "ä")]))
    header = [f"x{j}" for j in range(p)] + ["t"]
    column = [k % 2 for k in range(n)] if labels else [float(k) for k in range(n)]
    labels = labels if n > 1 else None
    rows = [
        [shape(v).replace(".", decimal) for v in row] + [labels[int(t)] if labels else str(int(t))]
        for row, t in zip(values, column, strict=True)
    ]
    index = draw(st.sampled_from(["none", "unnamed", "shorter"]))
    if index != "none":
        rows = [[f"row {k}", *row] for k, row in enumerate(rows, 1)]
        header = ["", *header] if index == "unnamed" else header
    text = io.StringIO()
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    writer = csv.writer(
        text, delimiter=delimiter, quoting=quoting, lineterminator=draw(st.sampled_from(["\n", "\r\n", "\r"]))
    )
    writer.writerows([header, *rows])
    content = text.getvalue() + draw(st.sampled_from(["", "\n", "\n \n\n", "\r\n\r\n"]))
    if draw(st.booleans()):
        content = f"sep={delimiter}\n{content}"
    elif delimiter != (";" if decimal == "," else ","):
        return (
            values,
            column,
            labels,
            index,
            draw(st.sampled_from([b"", b"\xef\xbb\xbf"])) + content.encode(),
            delimiter,
            decimal,
        )
    return (
        values,
        column,
        labels,
        index,
        draw(st.sampled_from([b"", b"\xef\xbb\xbf"])) + content.encode(),
        None,
        decimal,
    )


@pytest.mark.slow
@QUICK
@given(files())
def test_what_was_written_is_read_to_the_last_bit_by_every_reader(file):
    values, column, labels, index, content, delimiter, decimal = file
    for reader in READERS:
        found = outcome(reader, content, "t", delimiter, decimal, classes=labels is not None)
        assert found[0] == np.array(values).tobytes(), found
        assert found[1] == np.array(column, float).tobytes()
        assert ("index" in found[4]) == (index != "none")
        assert not labels or f"t: {labels[0]!r} is 0, {labels[1]!r} is 1" in found[4]


SPOILS = [
    *("", ",", ";", '"', "\n", "\r", " ", "\t", "-", ".", "e", "_", "x", '""', ",,", "\n\n", "\0", "é", "\uff11"),
    *("0x1", "nan", "inf", "NA", "True", "1e999"),
]


@pytest.mark.slow
@QUICK
@given(
    files(), st.lists(st.tuples(st.integers(0, 10**6), st.sampled_from(SPOILS), st.booleans()), min_size=1, max_size=3)
)
def test_a_spoilt_file_is_refused_or_read_alike_by_every_reader(file, spoils):
    _, _, labels, _, content, delimiter, decimal = file
    for place, letters, instead in spoils:
        k = place % (len(content) + 1)
        content = content[:k] + letters.encode() + content[k + instead :]
    found = [outcome(r, content, "t", delimiter, decimal, classes=labels is not None) for r in READERS]
    assert found[0] == found[1] == found[2]


def test_large_files_go_through_the_compiled_readers(monkeypatch, tmp_path):
    X = np.random.default_rng(0).standard_normal((60, 1000))
    pd.DataFrame(X, columns=[f"x{j}" for j in range(1000)]).to_csv(tmp_path / "t.csv")
    monkeypatch.setattr(CsvTable, "_careful", lambda *arguments: pytest.fail("read cell by cell"))
    for there in (True, False):
        monkeypatch.setattr(csv_numbers, "find_spec", lambda name, there=there: there)
        data = from_csv(tmp_path / "t.csv", "x7")
        np.testing.assert_array_equal(data.X, np.delete(X, 7, axis=1))
        np.testing.assert_array_equal(data.y, X[:, 7])
        assert "index" in data.source


GOOD = {
    "pandas": (b",a,y\n0,1,2\n1,3,4\n", {}),
    "pandas, tab": (b"\ta\ty\n0\t1\t2\n1\t3\t4\n", {"delimiter": "\t"}),
    "R write.csv": (b'"","a","y"\n"1",1,2\n"2",3,4\n', {}),
    "R write.table": (b'"a" "y"\n"1" 1 2\n"2" 3 4\n', {"delimiter": " "}),
    "R row names": (b"a,y\nMazda,1,2\nFiat,3,4\n", {}),
    "R write.csv2": (b'"";"a";"y"\n"1";1,0;2\n"2";3;4,0\n', {"decimal": ","}),
    "Excel": (b"\xef\xbb\xbfsep=;\r\na;y\r\n1;2\r\n3;4\r\n", {}),
    "blanks before quotes": (b'"a", "y"\n"1", "2"\n 3 , 4\n', {}),
    "quoted newlines": (b'id,a,y\n"one\ntwo",1,2\n"3,4",3,4\n', {"ignore": ["id"]}),
    "words ignored": (b"a,when,y,why\n1,monday,2,\n3,NA,4,x\n", {"ignore": ["when", "why"]}),
    "blank lines": (b"\n\na,y\n \n1,2\n\n3,4\n\n \n", {}),
    "old Mac": (b"a,y\r1,2\r3,4\r", {}),
}  # fmt: skip


@pytest.mark.parametrize("case", GOOD)
@pytest.mark.parametrize("reader", READERS)
def test_files_as_others_write_them(case, reader):
    content, options = GOOD[case]
    found = outcome(reader, content, "y", **options)
    assert found[:2] == (np.array([[1.0], [3.0]]).tobytes(), np.array([2.0, 4.0]).tobytes()), found
    assert found[3] == ("a",)
    assert ("index" in found[4]) == (case.startswith(("pandas", "R ")))


BAD = [
    (b"a,y\nTrue,1\nTrue,3\n", {}, "line 2, column 'a': found 'True'; allowed are numbers"),
    (b"a,y\n1\x002,1\n", {}, "line 2, column 'a': found"),
    (b'a,y\n1,2\n"1"2,3\n', {}, "malformed CSV"),
    (b"a,y\n1,2\n3,-Infinity\n", {}, "line 3, column 'y': found '-Infinity'; allowed are finite numbers"),
    (b"a,y\nx,2,\n", {}, "line 2: found 3 cells; the header has 2"),
    (b"a,y\n1,2,\n", {}, "line 2: found 3 cells; the header has 2"),
    (b"a;y\n1;2\n", {}, "separated by commas, or the delimiter ';' be given"),
    (
        b"a;y\n1,5;2\n",
        {"delimiter": ";"},
        "line 2, column 'a': found '1,5'; allowed are numbers; is the decimal mark ','?",
    ),
    (
        b"a;y\n1.5;2\n",
        {"decimal": ","},
        "line 2, column 'a': found '1.5'; allowed are numbers; is the decimal mark '.'?",
    ),
    (b"sep=;\na;y\n1;2\n", {"delimiter": ","}, "delimiter: found ','; f says ';' in its first line"),
    (b"sep=;\na;y\n1;z\n", {}, "line 3, column 'y': found 'z'"),
    (b"a,y\n1,2\n", {"delimiter": ",,"}, "delimiter: found ',,'"),
    (b"a,y\n1,2\n", {"delimiter": "1"}, "delimiter: found '1'"),
    (b"a,y\n1,2\n", {"delimiter": ",", "decimal": ","}, "the two must differ"),
    (b"a,y\n1,2\n", {"decimal": ";"}, "decimal: found ';'"),
    (b"a,y\n1,2\n", {"ignore": ["z"]}, "found no column 'z'"),
    (b"a,y\n1,2\n", {"ignore": "a"}, "ignore: found 'a'; allowed is a list"),
    (b"a,y\n1,2\n", {"ignore": ["y"]}, "target: found 'y', which has another use"),
    (b"a,y\n1,2\n", {"weights": "y"}, "target: found 'y', which has another use"),
    (b"a,w,y\n1,2,3\n", {"weights": "w", "ignore": ["w"]}, "weights: found 'w', which has another use"),
    (b"a,y\n1,2\n", {"weights": "a"}, "at least one feature"),
    (b"a,y\n1,yes\n2,no\n", {}, "line 2, column 'y': found 'yes'"),
    (
        b"a,y\n1,yes\n2,no\n3,maybe\n",
        {"classes": True},
        "column 'y': found 'maybe', 'no', 'yes'; allowed are numbers or two",
    ),
    (b"a,y\n1,yes\n2,yes\n", {"classes": True}, "found 'yes'; allowed are numbers or two labels"),
    (b"a,y\n1,0\n2,no\n", {"classes": True}, "found '0', 'no'; allowed"),
    (b"a,y\n1,yes\n2,NA\n", {"classes": True}, "line 3, column 'y': found 'NA', a missing value"),
    (b"a,y\nTrue,yes\n2,no\n", {"classes": True}, "line 2, column 'a': found 'True'"),
]


@pytest.mark.parametrize(("content", "options", "words"), BAD)
@pytest.mark.parametrize("reader", READERS)
def test_what_is_refused(content, options, words, reader):
    found = outcome(reader, content, "y", **options)
    assert isinstance(found, str)
    assert words in found


@pytest.mark.parametrize("labels", [("no", "yes"), ("False", "True"), ("FALSE", "TRUE"), ("benign", "malignant")])
def test_two_labels_weights_and_stdin_from_the_command_line(tmp_path, capsys, monkeypatch, labels):
    rng = np.random.default_rng(0)
    X, t, w = rng.standard_normal((40, 2)), rng.integers(0, 2, 40), rng.uniform(1, 2, 40)
    frame = pd.DataFrame({"a": X[:, 0], "id": "x", "t": np.array(labels)[t], "b": X[:, 1], "w": w})
    content = frame.to_csv(sep=";", decimal=",").encode()
    options = ["--delimiter", ";", "--decimal", ",", "--ignore", "id", "--weights", "w", "--loss", "logistic"]
    options += ["--lam", "0.01"]
    certificate = str(tmp_path / "c.json")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert main(["solve", "-", "--target", "t", *options, "--certificate", certificate]) == 0
    out = capsys.readouterr().out
    index = "its first column, without a name, is an index and left out"
    classes = f"t: {labels[0]!r} is 0, {labels[1]!r} is 1"
    assert f"data: stdin; {index}; ignored: id; sample weights: w; {classes}\n" in out
    found = lo.solve(lo.Problem(X, t, 0.01, loss="logistic", sample_weight=w))
    assert lo.verify(certificate, X, t).proven
    assert found.certificate.primal == pytest.approx(
        lo.verify(certificate, X, t).gap + found.certificate.dual, abs=1e-6
    )
    (tmp_path / "t.csv").write_bytes(content)
    for weights, status in (("w", 0), ("a", 2)):
        given = [*options[:6], "--weights", weights]
        assert main(["verify", certificate, str(tmp_path / "t.csv"), *given]) == status
    frame["w"] = 1.0
    (tmp_path / "t.csv").write_bytes(frame.to_csv(sep=";", decimal=",").encode())
    capsys.readouterr()
    assert main(["verify", certificate, str(tmp_path / "t.csv"), *options[:8]]) == 1
    assert "sample_weight: those of the file are not those of the column 'w'" in capsys.readouterr().out


@pytest.mark.parametrize("option", ["--target", "--delimiter", "--decimal", "--ignore", "--weights"])
def test_options_of_a_file_need_one(capsys, option):
    assert main(["solve", option, ","]) == 2
    assert f"{option}: it is about a CSV file" in capsys.readouterr().err
