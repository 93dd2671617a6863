"""The shipped data and their expansion against independent copies, and what the CSV reader refuses."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.preprocessing import PolynomialFeatures

import lassoopt as lo
from lassoopt.datasets import Dataset, from_csv, quadratic


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


def test_breast_cancer_is_the_published_data():
    data, other = lo.datasets.breast_cancer(), load_breast_cancer()
    np.testing.assert_array_equal(data.X, other.data)
    assert data.feature_names == tuple(other.feature_names)
    np.testing.assert_array_equal(data.y == 1, other.target_names[other.target] == "malignant")
    np.testing.assert_array_equal(data.y, 1 - other.target)


def test_breast_cancer_has_the_published_facts():
    """UCI's description: 569 tumours, 357 benign and 212 malignant; the ranges of two measurements."""
    data = lo.datasets.breast_cancer()
    assert (data.y == 1).sum() == 212
    assert (data.y == 0).sum() == 357
    ranges = dict(zip(data.feature_names, np.column_stack([data.X.min(axis=0), data.X.max(axis=0)]), strict=True))
    np.testing.assert_allclose(ranges["mean radius"], [6.981, 28.11])
    np.testing.assert_allclose(ranges["worst concavity"], [0.0, 1.252])
    for word in ("Wolberg", "UCI", "CC BY 4.0"):
        assert word in data.source


def test_quadratic_model_of_diabetes_has_64_columns():
    """Efron et al. (2004), sec. 4: 10 main effects, 45 interactions and 9 squares."""
    data = quadratic(lo.datasets.diabetes())
    names = data.feature_names
    assert len(set(names)) == data.X.shape[1] == 64
    assert sum("*" in name for name in names) == 45
    assert sum("^2" in name for name in names) == 9
    assert "sex^2" not in names
    assert {"age", "sex*bmi", "bmi*bp", "bmi^2"} <= set(names)


def test_quadratic_is_polynomial_features_of_the_centred_columns():
    data = lo.datasets.diabetes()
    maker = PolynomialFeatures(2, include_bias=False).fit(data.X)
    expected = dict(
        zip(
            (name.replace(" ", "*") for name in maker.get_feature_names_out(data.feature_names)),
            maker.transform(data.X - data.X.mean(axis=0)).T,
            strict=True,
        )
    )
    expanded = quadratic(data)
    np.testing.assert_array_equal(expanded.X[:, :10], data.X)
    np.testing.assert_array_equal(expanded.y, data.y)
    for name, column in list(zip(expanded.feature_names, expanded.X.T, strict=True))[10:]:
        np.testing.assert_allclose(column, expected[name], rtol=1e-12)


def test_the_square_left_out_is_a_column_again():
    """With an intercept, sex^2 adds no dimension to the columns; age^2 does."""
    X = lo.datasets.diabetes().X
    ones = np.ones((len(X), 1))
    for column, rank in ((1, 2), (0, 3)):
        x = X[:, [column]]
        assert np.linalg.matrix_rank(np.hstack([ones, x, x**2])) == rank


def test_centring_takes_collinearity_away():
    """The numbers of the docstring of `quadratic`, against products of the raw columns."""
    data = lo.datasets.diabetes()
    centred = quadratic(data).X
    raw = PolynomialFeatures(2, include_bias=False).fit_transform(data.X)
    raw = np.delete(raw, 10 + 10, axis=1)  # sex^2
    condition, shared, fits = [], [], []
    for X in (raw, centred):
        scaled = (X - X.mean(axis=0)) / X.std(axis=0)
        fits.append(scaled @ np.linalg.lstsq(scaled, data.y - data.y.mean(), rcond=1e-12)[0])
        condition.append(np.linalg.cond(scaled))
        shared.append(np.abs(scaled[:, :10].T @ scaled[:, 10:] / len(X)).max())
    np.testing.assert_allclose(condition, [33_000, 5_500], rtol=0.01)
    np.testing.assert_allclose(shared, [0.997, 0.47], rtol=2e-3)
    np.testing.assert_allclose(fits[0], fits[1], atol=1e-8)  # the same space of models


def test_quadratic_of_small_data():
    X = np.array([[0.0, 1.0], [0.0, 3.0], [4.0, 5.0]])
    data = quadratic(Dataset(X, np.ones(3), ("a", "b"), "", ""))
    assert data.feature_names == ("a", "b", "a*b", "b^2")  # a has two values
    a, b = np.array([-4, -4, 8]) / 3, np.array([-2.0, 0.0, 2.0])
    np.testing.assert_allclose(data.X, np.column_stack([X, a * b, b**2]))
    with pytest.raises(ValueError, match="read-only"):
        data.X[0, 0] = 1.0


def test_quadratic_refuses():
    with pytest.raises(lo.InputError, match="data: found ndarray; allowed is a Dataset"):
        quadratic(np.ones((3, 2)))
    constant = Dataset(np.array([[1.0, 7.0], [2.0, 7.0]]), np.ones(2), ("a", "seven"), "", "")
    with pytest.raises(lo.InputError, match="data: found the constant feature 'seven'"):
        quadratic(constant)


@pytest.mark.parametrize("load", [lo.datasets.diabetes, lo.datasets.breast_cancer])
def test_datasets_cannot_be_changed(load):
    data = load()
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
    "unnamed": (b"a,,y\n0,1,2\n", "no name for column 2"),
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


@pytest.mark.slow
def test_import_is_light():
    code = "import lassoopt, sys; print([m for m in ('cvxpy', 'matplotlib', 'pandas', 'sklearn') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
