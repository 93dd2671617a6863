"""What may be data: `Problem` and `verify` accept and refuse the same, and neither rounds."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import lassoopt as lo
from lassoopt.verifier import file_format
from lassoopt.verifier.exact_data import require_exact

pd = pytest.importorskip("pandas")
N, P = 4, 3
PLAIN = np.arange(12.0).reshape(N, P) % 5
TYPES = ["bool", "int8", "int32", "int64", "uint64", "float16", "float32", "float64", "longdouble", "object", "complex"]
BEYOND = [0, 1, -7, 2**53, 2**53 + 1, 2**60, 2**60 + 1, 2**62 + 2, -(2**53) - 1, 2**63 - 1]


def accepted_by_problem(X, y) -> bool:
    try:
        lo.Problem(X, y, 0.1)
    except lo.InputError:
        return False
    return True


def accepted_by_verifier(X, y) -> bool:
    try:
        file_format.data(X, y, "squared")
    except lo.InputError:
        return False
    return True


def frame(values, **changes):
    return pd.DataFrame(values, columns=list("abc")).assign(**changes)


def masked(values):
    return np.ma.masked_equal(values, 2.0)


EPSILON = np.finfo(np.longdouble).eps
ZOO = {
    "floats": PLAIN,
    "ragged": [[1.0, 2.0], [3.0]],
    "words": PLAIN.astype(str),
    "masked": masked(PLAIN),
    "masked nowhere": np.ma.masked_array(PLAIN),
    "fractions": [[Fraction(1, 3)] * P] * N,
    "decimals": [[Decimal("0.1")] * P] * N,
    "python whole numbers": [[2**53 + 1, 1, 2]] * N,
    "python huge numbers": [[2**70, 1, 2]] * N,
    "long doubles, held": PLAIN.astype(np.longdouble),
    "long doubles with more digits": PLAIN + (1 + EPSILON) * np.ones(P, np.longdouble),
    "long doubles beyond": np.full((N, P), np.longdouble(10) ** 400)
    if np.finfo(np.longdouble).max > 1e400
    else [["a"]],
    "nan": np.full((N, P), np.nan),
    "inf": np.full((N, P), np.inf),
    "one dimension": PLAIN[:, 0],
    "three dimensions": PLAIN[None],
    "nothing": np.zeros((N, 0)),
    "frame": frame(PLAIN),
    "frame of strings": frame(PLAIN.astype(str)),
    "frame with a column of strings": frame(PLAIN, b=list("wxyz")),
    "frame with numbers as strings": frame(PLAIN, b=["1", "2", "3", "4"]),
    "frame with a bool": frame(PLAIN, b=[True, False, True, False]),
    "frame with a large whole number": frame(PLAIN, b=[1, 2, 3, 2**53 + 1]),
    "frame with a hole": frame(PLAIN, b=[1.0, 2.0, None, 3.0]),
    "frame of nullable numbers": frame(PLAIN).convert_dtypes(),
    "frame with a nullable hole": frame(PLAIN, b=pd.array([1, 2, None, 3], dtype="Int64")),
    "frame with dates": frame(PLAIN, b=pd.date_range("2000", periods=4)),
    "frame with one name twice": pd.DataFrame(PLAIN, columns=list("aab")),
    "sparse": sp.csr_array(PLAIN),
    "sparse whole numbers": sp.coo_array(PLAIN.astype(np.int64)),
    "sparse large whole numbers": sp.csc_array(PLAIN.astype(np.int64) * (2**53 + 1)),
    "sparse complex": sp.csr_array(PLAIN.astype(complex)),
    "sparse nan": sp.csr_array(np.full((N, P), np.nan)),
    "none": None,
    "a string": "X",
    "dates": np.full((N, P), np.datetime64("2000-01-01")),
}


@pytest.mark.parametrize("case", ZOO)
def test_problem_and_verifier_accept_the_same_matrices(case):
    assert accepted_by_problem(ZOO[case], PLAIN[:, 0]) == accepted_by_verifier(ZOO[case], PLAIN[:, 0])


@pytest.mark.parametrize("case", ZOO)
def test_problem_and_verifier_accept_the_same_targets(case):
    y = ZOO[case]
    y = y[0] if isinstance(y, list) else y[:, 0] if isinstance(y, np.ndarray) and y.ndim == 2 and y.size else y
    y = y["b"] if isinstance(y, pd.DataFrame) and list(y) == list("abc") else y
    X = PLAIN[: len(y)] if isinstance(y, list) else PLAIN
    assert accepted_by_problem(X, y) == accepted_by_verifier(X, y)


@given(
    st.sampled_from(TYPES),
    st.lists(st.sampled_from(BEYOND) | st.integers(-(2**63), 2**64 - 1), min_size=2, max_size=4),
    st.booleans(),
)
@settings(max_examples=200, deadline=None)
def test_what_is_accepted_is_exact(kind, values, sparse):
    with np.errstate(all="ignore"):
        try:
            column = np.array(values, dtype=object).astype(kind)
        except (OverflowError, ValueError):
            return
    X = np.column_stack([column, np.ones(len(column), dtype=kind)])
    if sparse and kind not in ("object", "float16"):
        X = sp.csc_array(X)
    y = np.arange(len(values))
    taken = accepted_by_problem(X, y)
    assert taken == accepted_by_verifier(X, y)
    exact = kind not in ("object", "complex") and all(
        np.isfinite(float(v)) and Fraction(float(v)) == whole(v) for v in column
    )
    assert taken == exact
    if taken:
        found = file_format.dense(file_format.data(X, y, "squared")[0])[:, 0]
        assert [Fraction(v) for v in found.tolist()] == [whole(v) for v in column]


def whole(value) -> Fraction | None:
    """The exact value of a NumPy scalar, None if it is not finite."""
    if not isinstance(value, np.floating):
        return Fraction(int(value))
    return Fraction(*value.as_integer_ratio()) if np.isfinite(value) else None


def test_the_message_names_value_and_place():
    X = np.array([[1, 2], [3, 2**53 + 1]])
    for act in (lambda: lo.Problem(X, [1.0, 2.0], 0.1), lambda: file_format.data(X, [1.0, 2.0], "squared")):
        with pytest.raises(lo.InputError, match=r"X: found 9007199254740993 at \[1, 1\], of type int64"):
            act()
    with pytest.raises(lo.InputError, match="X, column 'b': found 9007199254740993"):
        lo.Problem(pd.DataFrame(X, columns=["a", "b"]), [1.0, 2.0], 0.1)
    with pytest.raises(lo.InputError, match="lam: found 9007199254740993"):
        lo.Problem([[1.0], [2.0]], [1.0, 2.0], 2**53 + 1)
    with pytest.raises(lo.InputError, match="weights: found 9007199254740993"):
        lo.L1(weights=[2**53 + 1])


def test_binary64_costs_no_pass():
    class Counted(np.ndarray):
        def __array_ufunc__(self, *args, **kwargs):
            raise AssertionError("looked at")

    require_exact("X", PLAIN.view(Counted))


def test_names_of_a_frame_are_claims(tmp_path):
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.standard_normal((30, 3)), columns=["age", "bmi", "bp"])
    y = 5 * X["bmi"] + 0.1 * rng.standard_normal(30)
    path = tmp_path / "file.json"
    lo.solve(lo.Problem(X, y.to_numpy(), 0.5)).certificate.save(path)
    for exact in (False, True):
        found = lo.verify(path, X, y, exact=exact)
        assert (found.proven, found.proven_zeros, found.names) == (True, (0, 2), "those of the data")
        found = lo.verify(path, X[["bp", "age", "bmi"]], y, exact=exact)
        assert (found.proven, found.proven_zeros) == (True, (0, 2))
        assert "put in the file's order" in found.names
        found = lo.verify(path, X.rename(columns={"age": "height"}), y, exact=exact)
        assert not found.proven
        assert "'age' is no column of the data" in found.reason
        found = lo.verify(path, X.rename(columns={"age": "bmi", "bmi": "age"}), y, exact=exact)
        assert not found.proven
        assert "SHA-256 of X" in found.reason
        found = lo.verify(path, X.to_numpy(), y.to_numpy(), exact=exact)
        assert found.proven
        assert "no names" in found.names
    with pytest.raises(lo.InputError, match="another index"):
        lo.verify(path, X, y[::-1])
