"""The shipped data against independent copies, and what the CSV reader refuses."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from sklearn.datasets import load_diabetes

import lassoopt as lo
from lassoopt.datasets import from_csv


def test_diabetes_is_the_published_data():
    data, other = lo.datasets.diabetes(), load_diabetes(scaled=False)
    np.testing.assert_array_equal(data.X, other.data)
    np.testing.assert_array_equal(data.y, other.target)
    assert list(data.feature_names) == other.feature_names


def test_diabetes_has_the_published_facts():
    """Efron et al. (2004), table 1: 442 patients, the first one's row; the target has mean 152.13."""
    data = lo.datasets.diabetes()
    assert data.X.shape == (442, 10)
    assert data.X[0, :4].tolist() == [59, 2, 32.1, 101]
    assert data.y[0] == 151
    assert data.y.mean() == pytest.approx(152.13, abs=0.005)
    assert set(data.X[:, 1]) == {1, 2}
    assert "Efron" in data.source
    assert "2004" in data.source


def test_datasets_cannot_be_changed():
    data = lo.datasets.diabetes()
    with pytest.raises(ValueError, match="read-only"):
        data.X[0, 0] = 1.0
    with pytest.raises(AttributeError):
        data.y = data.y


def test_reading(tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes(b'\xef\xbb\xbf"a, b", y ,c\r\n1,2,-3e1\r\n\r\n 4 ,5,.6\r\n')  # BOM, quotes, spaces, an empty line
    data = from_csv(path, "y")
    np.testing.assert_array_equal(data.X, [[1, -30], [4, 0.6]])
    np.testing.assert_array_equal(data.y, [2, 5])
    assert data.feature_names == ("a, b", "c")


def test_numbers_are_read_to_the_last_digit(tmp_path):
    values = np.random.default_rng(0).standard_normal((50, 4)) * 10.0 ** np.arange(-150, 150, 75)
    path = tmp_path / "table.csv"
    path.write_text("a,b,c,d\n" + "\n".join(",".join(map(repr, row)) for row in values.tolist()) + "\n")
    np.testing.assert_array_equal(from_csv(str(path), "d").X, values[:, :3])


BAD = {
    "empty": (b"", "empty file"),
    "blank": (b"\n\n", "empty file"),
    "no header": (b"1,2\n3,4\n", "only numbers in the first line"),
    "no rows": (b"a,y\n", "no rows"),
    "unknown target": (b"a,b\n1,2\n", "no column 'y' for the target; columns: a, b"),
    "target alone": (b"y\n1\n", "at least one feature"),
    "other separator": (b"a;y\n1;2\n", "separated by commas"),
    "text": (b"a,y\n1,2\nred,3\n", "line 3, column 'a': found 'red'"),
    "underscore": (b"a,y\n1_000,2\n", "line 2, column 'a': found '1_000'"),
    "decimal comma": (b'a,y\n"1,5",2\n', "line 2, column 'a': found '1,5'"),
    "hexadecimal": (b"a,y\n0x10,2\n", "line 2, column 'a': found '0x10'"),
    "ragged, short": (b"a,b,y\n1,2,3\n1,2\n", "line 3: found 2 cells; the header has 3"),
    "ragged, long": (b"a,y\n1,2,3\n", "line 2: found 3 cells; the header has 2"),
    "duplicate": (b"a,a,y\n1,2,3\n", "'a' 2 times"),
    "unnamed": (b",a,y\n0,1,2\n", "no name for column 1"),
    "empty cell": (b"a,y\n1,2\n,3\n", "line 3, column 'a': found '', a missing value"),
    "NA": (b"a,y\n1,2\n1,NA\n", "line 3, column 'y': found 'NA', a missing value"),
    "nan": (b"a,y\nnan,2\n", "line 2, column 'a': found 'nan', a missing value"),
    "inf": (b"a,y\n1,-inf\n", "line 2, column 'y': found '-inf'; allowed are finite"),
    "overflow": (b"a,y\n1,1e999\n", "line 2, column 'y': found '1e999'; allowed are finite"),
    "latin-1": ("größe,y\n1,2\n".encode("latin-1"), "not UTF-8"),
    "utf-16": ("a,y\n1,2\n".encode("utf-16"), "not UTF-8"),
    "open quote": (b'a,y\n"1,2\n', "malformed CSV"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_files(tmp_path, case):
    content, message = BAD[case]
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    with pytest.raises(lo.InputError) as caught:
        from_csv(path, "y")
    assert message in str(caught.value)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_missing_file_and_directory(tmp_path):
    with pytest.raises(lo.InputError, match=r"nowhere\.csv: cannot be read: No such file"):
        from_csv(tmp_path / "nowhere.csv", "y")
    with pytest.raises(lo.InputError, match="cannot be read: Is a directory"):
        from_csv(tmp_path, "y")


def test_many_column_names_are_not_all_listed(tmp_path):
    path = tmp_path / "wide.csv"
    path.write_text(",".join(f"c{j}" for j in range(500)) + "\n")
    with pytest.raises(lo.InputError) as caught:
        from_csv(path, "y")
    assert "c11, ..." in str(caught.value)
    assert "c12" not in str(caught.value)


def test_import_is_light():
    code = "import lassoopt, sys; print([m for m in ('cvxpy', 'matplotlib', 'pandas', 'sklearn') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
