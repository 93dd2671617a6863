"""Labels of features and samples: all that hold the same labels are read as the same; what is no label is named."""

from __future__ import annotations

import collections
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import make

import lassoopt as lo
from lassoopt.arrays.labels import label_array, labels
from lassoopt.cross_validation.folds import fold_labels

INTEGER = {
    "list": list,
    "tuple": tuple,
    "deque": collections.deque,
    "list of numpy scalars": lambda values: [np.int32(v) for v in values],
    "int64": np.array,
    "int8": lambda values: np.array(values, dtype=np.int8),
    "object": lambda values: np.array(values, dtype=object),
    "float": lambda values: np.array(values, dtype=float),
    "Index": pd.Index,
    "Series": lambda values: pd.Series(values, index=[f"row {k}" for k in range(len(values))]),
    "Series of objects": lambda values: pd.Series(values, dtype=object),
    "Int64": lambda values: pd.Series(values, dtype="Int64"),
    "Categorical": pd.Categorical,
    "Series of categories": lambda values: pd.Series(values, dtype="category"),
    "CategoricalIndex": pd.CategoricalIndex,
    "masked array without a mask": np.ma.MaskedArray,
}
TEXT = {
    "list": list,
    "tuple": tuple,
    "str": np.array,
    "object": lambda values: np.array(values, dtype=object),
    "StringDType": lambda values: np.array(values, dtype=np.dtypes.StringDType()),
    "bytes": lambda values: np.array([value.encode() for value in values], dtype=object),
    "Index": pd.Index,
    "Index of objects": lambda values: pd.Index(values, dtype=object),
    "Series": pd.Series,
    "string": lambda values: pd.Series(values, dtype="string"),
    "Categorical": pd.Categorical,
    "ordered categories": lambda values: pd.Series(pd.Categorical(values, ordered=True)),
}
words = st.text("ab ü1", max_size=3)


@pytest.mark.slow
@given(st.lists(st.integers(-100, 100), min_size=1, max_size=8), st.sampled_from(sorted(INTEGER)))
def test_whole_numbers_are_read_from_whatever_holds_them(values, holder):
    assert labels("groups", INTEGER[holder](values), "is one") == values
    found = lo.Group(groups=INTEGER[holder](values))
    assert found.groups.tolist() == values
    assert found.groups.dtype.kind == "i"


@settings(max_examples=50)
@given(st.lists(words, min_size=1, max_size=8), st.sampled_from(sorted(TEXT)))
def test_strings_are_read_from_whatever_holds_them(values, holder):
    assert labels("groups", TEXT[holder](values), "is one") == values
    assert lo.SparseGroup(groups=TEXT[holder](values)).groups.tolist() == values


@pytest.mark.parametrize("holder", sorted(TEXT))
def test_groups_folds_and_names_are_the_same_problem(holder):
    names = TEXT[holder](list("abcdef"))
    problem = make(n=24)
    X = np.asarray(problem.X)
    penalty = lo.Group(groups=TEXT[holder](["g", "g", "h", "h", "g", "h"]))
    found = lo.Problem(X, problem.y, 0.1, penalty=penalty, feature_names=names)
    known = lo.Problem(X, problem.y, 0.1, penalty=lo.Group(groups=[0, 0, 1, 1, 0, 1]))
    assert found.feature_names == tuple("abcdef")
    np.testing.assert_array_equal(lo.solve(found).coef, lo.solve(known).coef)
    folds = fold_labels(problem, TEXT[holder](["north", "south"] * 12))
    assert folds.tolist() == ["north", "south"] * 12


@pytest.mark.parametrize("holder", sorted(INTEGER))
def test_folds_of_whole_numbers(holder):
    assert fold_labels(make(n=24), INTEGER[holder]([3, 1, 2] * 8)).tolist() == [3, 1, 2] * 8


MISSING = [
    None,
    np.nan,
    pd.NA,
    pd.NaT,
    np.inf,
    0.5,
    True,
    np.True_,
    1j,
    (0, 1),
    [0],
    {},
    pd.Timestamp("2020-01-01"),
    b"\xff",
]


@pytest.mark.parametrize("bad", MISSING, ids=repr)
@pytest.mark.parametrize("others", [[1, 2], ["a", "b"]], ids=["numbers", "strings"])
@pytest.mark.parametrize("holder", ["list", "object", "Series"])
def test_what_is_no_label_is_named_with_its_place(bad, others, holder):
    entries = [*others, bad, *others]
    array = np.empty(5, dtype=object)
    array[:] = entries if not isinstance(bad, (list, tuple)) else [*others, None, *others]
    array[2] = bad
    given_as = {"list": entries, "object": array, "Series": pd.Series(array, dtype=object)}[holder]
    for reader in (
        lambda: lo.Group(groups=given_as),
        lambda: fold_labels(make(n=5), given_as),
        lambda: lo.Problem(np.eye(5), np.arange(5.0), 0.1, feature_names=given_as),
    ):
        with pytest.raises(lo.InputError, match=r"^(groups|folds|feature_names): found labels .* at \[2\].*; allowed"):
            reader()


@pytest.mark.parametrize(
    ("given_as", "message"),
    [
        ([1, "a"], "with 'a' at [1], which is no label beside 1"),
        (np.array(["a", 1], dtype=object), "with 1 at [1], which is no label beside 'a'"),
        (pd.Series([1, "a"]), "with 'a' at [1]"),
        (pd.Categorical([1, 2, None]), "with np.float64(nan) at [2]"),
        (pd.Series(["a", None], dtype="string"), "at [1]"),
        (pd.Series([1, None], dtype="Int64"), "at [1]"),
        (np.ma.MaskedArray([1, 2], mask=[False, True]), "with None at [1]"),
        (pd.MultiIndex.from_tuples([("a", 1), ("b", 2)]), "with ('a', 1) at [0]"),
        (pd.DataFrame({"a": [1, 2]}), "labels of shape (2, 1)"),
        (np.array([True, False]), "dtype bool"),
        (np.array(["2020-01-01"], dtype="datetime64[ns]"), "dtype datetime64[ns]"),
        (pd.to_datetime(["2020-01-01"]), "dtype datetime64"),
        (np.array([2.0**53]), "at [0]"),
        pytest.param({"a", "b"}, "found {", id="set"),
        ({"a": 1}, "found {'a': 1}"),
        ("ab", "found 'ab'"),
        (b"ab", "found b'ab'"),
        (7, "found 7"),
        (None, "found None"),
        pytest.param(iter("ab"), "found <", id="iterator"),
        ([], "found []"),
        (np.array("a"), "labels of shape ()"),
    ],
    ids=str,
)
def test_groups_that_cannot_be_read(given_as, message):
    with pytest.raises(lo.InputError, match=r"groups: found .* allowed is one") as caught:
        lo.Group(groups=given_as)
    assert message in re.sub(r"\s+", " ", str(caught.value))


def test_whole_numbers_beyond_64_bits_stay_apart():
    large = [2**64, 2**64 + 1, -1, 2**63]
    assert label_array("groups", large, "is one").tolist() == large
    assert lo.Group(groups=large).bind(4).largest_group == 1
    hashes = np.array([2**64 - 1, 2**64 - 2], dtype=np.uint64)
    assert lo.Group(groups=hashes).bind(2).largest_group == 1


def test_labels_are_copied():
    mine = np.array([0, 0, 1])
    penalty = lo.Group(groups=mine)
    mine[:] = 0
    assert penalty.groups.tolist() == [0, 0, 1]
    assert not penalty.groups.flags.writeable
