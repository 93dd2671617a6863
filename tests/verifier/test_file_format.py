"""Certificate files: numbers come back bit by bit, and what is not such a file is refused in one clear line."""

from __future__ import annotations

import json
import math
from dataclasses import fields
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import LOSS_NAMES, make

import lassoopt as lo
from lassoopt.certificates.file_writer import stated, write
from lassoopt.verifier import file_format
from lassoopt.verifier.losses import LOSSES
from lassoopt.verifier.penalties import PENALTIES

KEYS = ("format", "version", *(field.name for field in fields(file_format.Claim)))


@pytest.fixture
def file(tmp_path):
    """A file of a weighted problem, its content, and a way to write another in its place."""
    path = tmp_path / "file.json"
    problem = make(penalty_name="elastic_net", weights="mixed", sample_weights="random")
    lo.solve(problem).certificate.save(path)
    return path


def content_of(path):
    return json.loads(path.read_text())


def rewritten(path, **changes):
    other = path.with_name("other.json")
    other.write_text(json.dumps({**content_of(path), **changes}))
    return other


@pytest.mark.slow
@pytest.mark.parametrize("loss", LOSS_NAMES)
@pytest.mark.parametrize("penalty", file_format.PENALTIES)
def test_a_file_comes_back_as_it_was(loss, penalty, tmp_path):
    problem = make(loss, penalty, weights="mixed", sample_weights="zeros", scaling="sum")
    certificate = lo.solve(problem).certificate
    written = stated(certificate)
    write(written, tmp_path / "file.json")
    back = file_format.read(tmp_path / "file.json")
    assert back == written
    np.testing.assert_allclose(back.theta, certificate.theta, rtol=1e-9)  # perhaps a little shorter
    np.testing.assert_array_equal(back.dense_coef(), certificate.coef)
    assert back.weights == tuple(problem.penalty.c.tolist())
    assert back.sample_weight == tuple(problem.sample_weight.tolist())
    assert not list(tmp_path.glob("*.partial"))


@pytest.mark.slow
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=2, max_size=2))
def test_every_float_comes_back(tmp_path_factory, values):
    path = tmp_path_factory.mktemp("claim") / "file.json"
    problem = lo.Problem([[1.0], [2.0]], [1.0, 2.0], 0.1)
    one = stated(lo.solve(problem).certificate)
    write(type(one)(**{**vars(one), "theta": tuple(values)}), path)
    back = file_format.read(path).theta
    assert [value.hex() for value in back] == [value.hex() for value in values]


@pytest.mark.slow
def test_the_entries_are_those_of_the_documented_format(file):
    assert tuple(content_of(file)) == KEYS
    schema = json.loads((Path(lo.__file__).parent / "verifier" / "certificate.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    assert tuple(schema["required"]) == tuple(schema["properties"]) == KEYS
    for loss in LOSS_NAMES:
        for penalty in file_format.PENALTIES:
            lo.solve(make(loss, penalty, weights="mixed", sample_weights="zeros")).certificate.save(file)
            jsonschema.validate(content_of(file), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**content_of(file), "extra": 1}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**content_of(file), "weights": [-1.0] * 6}, schema)


@pytest.mark.slow
@pytest.mark.parametrize("key", KEYS)
def test_each_entry_is_required(file, key):
    content = content_of(file)
    del content[key]
    file.write_text(json.dumps(content))
    with pytest.raises(lo.InputError, match=f"'{key}' is missing"):
        file_format.read(file)


def test_nothing_else_is_allowed(file):
    with pytest.raises(lo.InputError, match="the file: found 'extra'"):
        file_format.read(rewritten(file, extra=1))
    with pytest.raises(lo.InputError, match="loss squared: found 'delta'"):
        file_format.read(rewritten(file, loss={"name": "squared", "delta": 1.0}))
    with pytest.raises(lo.InputError, match="coef: found 'dtype'"):
        file_format.read(rewritten(file, coef={"index": [], "value": [], "dtype": "f8"}))


BAD = [
    ("format", "other", "found format 'other'"),
    ("version", 2, "version 2; this lassoopt reads"),
    ("version", True, "version True"),
    ("version", "1", "version '1'"),
    ("producer", 3, "producer: found int"),
    ("shape", [25], "shape: found"),
    ("shape", [25, 0], "shape: found"),
    ("shape", [25.0, 6], "shape: found"),
    ("shape", [25, True], "shape: found"),
    ("shape", [24, 6], "allowed is a list of 24 numbers"),
    ("shape", [25, 7], "feature_names: allowed are 7"),
    ("X_sha256", None, "X_sha256: found NoneType"),
    ("loss", "squared", "loss: found str"),
    ("loss", {"name": "absolute"}, "loss: found 'absolute'"),
    ("loss", {"name": ["squared"]}, "loss: found"),
    ("loss", {"name": "huber"}, "'delta' is missing"),
    ("loss", {"name": "huber", "delta": 0.0}, "delta: found 0.0"),
    ("loss", {"name": "huber", "delta": -1}, "delta: found -1"),
    ("loss", {"name": "quantile", "level": 1.0}, "level: found 1.0"),
    ("penalty", {"name": "l1", "l1_ratio": 1}, "penalty l1: found 'l1_ratio'"),
    ("penalty", {"name": "elastic_net", "l1_ratio": 1.5}, "l1_ratio: found 1.5"),
    ("penalty", {"name": "elastic_net", "l1_ratio": True}, "l1_ratio: found True"),
    ("penalty", {"name": "group", "groups": [0] * 6}, "'group_weights' is missing"),
    ("penalty", {"name": "group", "groups": [0] * 5, "group_weights": [1.0]}, "groups: allowed are 6 numbers"),
    ("penalty", {"name": "group", "groups": [0] * 5 + [1], "group_weights": [1.0]}, "number of group_weights, 1"),
    ("penalty", {"name": "group", "groups": [0] * 6, "group_weights": "inf"}, "number of group_weights, 0"),
    ("penalty", {"name": "group", "groups": [0] * 6, "group_weights": [-1.0]}, "group_weights: found -1.0"),
    ("penalty", {"name": "group", "groups": [0.0] * 6, "group_weights": [1.0]}, "groups: allowed are 6 numbers"),
    ("penalty", {"name": "group", "groups": [0] * 6, "group_weights": [1.0] * 7}, "found 7; allowed are at most 6"),
    ("weights", [1.0] * 5, "weights: found 5"),
    ("weights", [1.0] * 5 + ["infinite"], "weights: found 'infinite'"),
    ("weights", [1.0] * 5 + [-1.0], "weights: found -1.0"),
    ("weights", "inf", "weights: found str"),
    ("lam", -0.1, "lam: found -0.1"),
    ("lam", "0.1", "lam: found '0.1'"),
    ("lam", None, "lam: found None"),
    ("lam", 10**400, "lam: found 1000"),
    ("lam", False, "lam: found False"),
    ("scaling", "median", "scaling: found 'median'"),
    ("sample_weight", [1.0], "sample_weight: found 1"),
    ("sample_weight", [-1.0] * 25, "sample_weight: found -1.0"),
    ("sample_weight", ["inf"] * 25, "sample_weight: found 'inf'"),
    ("sample_weight", [0.0] * 25, "sample_weight: found only zeros"),
    ("fit_intercept", 1, "fit_intercept: found 1"),
    ("feature_names", ["a"] * 6, "feature_names: allowed are 6 distinct"),
    ("feature_names", [0, 1, 2, 3, 4, 5], "feature_names: allowed are 6 distinct"),
    ("feature_names", [["a"]] * 6, "feature_names: allowed are 6 distinct"),
    ("coef", [0.0] * 6, "coef: found list"),
    ("coef", {"index": [0, 0], "value": [1.0, 1.0]}, "coef index: allowed are increasing"),
    ("coef", {"index": [6], "value": [1.0]}, "coef index: allowed are increasing"),
    ("coef", {"index": [-1], "value": [1.0]}, "coef index: allowed are increasing"),
    ("coef", {"index": [1.0], "value": [1.0]}, "coef index: allowed are increasing"),
    ("coef", {"index": [1], "value": []}, "coef value: found 0"),
    ("intercept", [0.0], r"intercept: found \[0.0\]"),
    ("theta", [0.0] * 24, "theta: found 24"),
    ("theta", [0.0] * 24 + [None], "theta: found None"),
    ("theta", {}, "theta: found dict"),
    ("primal", "x", "primal: found 'x'"),
    ("dual", [1], "dual: found"),
    ("gap", -1e-9, "gap: found -1e-09"),
    ("proven_zeros", [3, 2], "proven_zeros: allowed are increasing"),
    ("proven_zeros", [True], "proven_zeros: allowed are increasing"),
    ("proven_zeros", None, "proven_zeros: allowed are increasing"),
]


@pytest.mark.parametrize(("key", "value", "words"), BAD, ids=[f"{key} {str(value)[:20]}" for key, value, _ in BAD])
def test_bad_entries(file, key, value, words):
    with pytest.raises(lo.InputError, match=words) as caught:
        file_format.read(rewritten(file, **{key: value}))
    assert str(caught.value).startswith("certificate file: ")
    assert len(str(caught.value)) < 300


TEXT = {
    "nan": ('{"lam": NaN}', "found NaN"),
    "infinity": ('{"lam": -Infinity}', "found -Infinity"),
    "beyond floats": (None, "lam: found inf"),
    "twice": ('{"lam": 1, "lam": 2}', "an entry occurs twice"),
    "cut": ('{"lam": 1', "is not JSON"),
    "empty": ("", "is not JSON"),
    "list": ("[]", "the file: found list"),
    "number": ("7", "the file: found int"),
    "many lists": ('{"lam": [' + "[]," * 100_000 + "[]]}", "more than 32 lists and objects"),
    "many objects": ("[" + "{}," * 100_000 + "{}]", "more than 32 lists and objects"),
    "deep": ("[" * 100_000, "is not JSON"),
    "long number": ('{"lam": ' + "9" * 5000 + "}", "is not JSON"),
}


@pytest.mark.parametrize("case", TEXT)
def test_text_that_is_no_such_file(file, case):
    text, words = TEXT[case]
    if text is None:
        content = file.read_text()
        lam = content_of(file)["lam"]
        text = content.replace(f'"lam": {lam!r}', '"lam": 1e999')
    file.write_text(text)
    with pytest.raises(lo.InputError, match=words):
        file_format.read(file)


def test_bytes_folders_and_sizes(file, monkeypatch):
    with pytest.raises(lo.InputError, match="could not be read"):
        file_format.read(file.parent)
    with pytest.raises(lo.InputError, match="could not be read"):
        file_format.read(file.parent / "absent.json")
    monkeypatch.setattr(file_format, "LARGEST_FILE", 100)
    with pytest.raises(lo.InputError, match="more than 100 bytes"):
        file_format.read(file)
    monkeypatch.undo()
    for path in (None, 3, "a\0b", ""):
        with pytest.raises(lo.InputError, match="could not be read"):
            file_format.read(path)
        with pytest.raises(lo.InputError, match="could not be written"):
            lo.solve(make()).certificate.save(path)
    file.write_bytes(b"\x80\x04\x95" + file.read_bytes())  # a pickle's first bytes
    with pytest.raises(lo.InputError, match="is not JSON"):
        file_format.read(file)


@pytest.mark.slow
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*KEYS, "name", "x"]), inner, max_size=4)
        ),
    )
)
@settings(max_examples=300)
def test_any_json_is_refused_by_our_own_error(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("claim") / "file.json"
    path.write_text(json.dumps(content))
    with pytest.raises(lo.InputError, match=r"^certificate file: "):
        file_format.read(path)


@pytest.mark.slow
@given(st.data())
@settings(max_examples=300, deadline=None)
def test_any_value_in_any_place_is_refused_by_our_own_error_or_read(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("claim") / "file.json"
    problem = lo.Problem([[1.0, 2.0], [2.0, 1.0], [0.0, 1.0]], [1.0, 2.0, 0.0], 0.1)
    write(stated(lo.solve(problem).certificate), path)
    value = data.draw(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text(max_size=3)
        | st.lists(st.integers() | st.floats() | st.text(max_size=3) | st.none() | st.lists(st.none()), max_size=3)
        | st.dictionaries(st.sampled_from(["name", "index", "value"]), st.lists(st.floats()), max_size=3)
    )
    other = rewritten(path, **{data.draw(st.sampled_from(KEYS)): value})
    try:
        back = file_format.read(other)
    except lo.InputError as error:
        assert str(error).startswith("certificate file: ")  # noqa: PT017
    else:
        numbers = [back.lam, back.intercept, back.primal, back.dual, back.gap, *back.theta, *back.coef["value"]]
        assert all(isinstance(x, float) and math.isfinite(x) for x in numbers)


def test_brackets_in_names_are_no_lists(tmp_path):
    names = ["[" * 40, '"[[{', "\\\\[[" * 20, "b[1]", "c{2}", '\\"' * 30 + "[" * 40]
    problem = make()
    named = lo.Problem(problem.X, problem.y, problem.lam, feature_names=names)
    lo.solve(named).certificate.save(tmp_path / "file.json")
    assert file_format.read(tmp_path / "file.json").feature_names == tuple(names)


def ends(number) -> tuple[float, float]:
    """The least and the largest float that a schema of a number allows."""
    least, most = number.get("minimum", -math.inf), number.get("maximum", math.inf)
    if "exclusiveMinimum" in number:
        least = math.nextafter(number["exclusiveMinimum"], math.inf)
    if "exclusiveMaximum" in number:
        most = math.nextafter(number["exclusiveMaximum"], -math.inf)
    return float(least), float(most)


@pytest.mark.parametrize(("kind", "registry"), [("loss", LOSSES), ("penalty", PENALTIES)])
def test_the_schema_agrees_with_the_registry(kind, registry):
    schema = json.loads((Path(lo.__file__).parent / "verifier" / "certificate.schema.json").read_text())
    stated = {each["properties"]["name"]["const"]: each for each in schema["properties"][kind]["oneOf"]}
    assert list(stated) == list(registry)
    for name, each in stated.items():
        parameters = {key: value for key, value in each["properties"].items() if key != "name"}
        assert each["required"] == ["name", *parameters]
        numbers = {key: ends(value) for key, value in parameters.items() if value["type"] == "number"}
        assert numbers == registry[name].parameters
        assert [key for key in parameters if key not in numbers] == (
            ["groups", "group_weights"] if getattr(registry[name], "grouped", False) else []
        )


def test_the_registries_are_those_of_the_package():
    """They are stated twice on purpose, and must not drift apart."""
    assert (set(LOSSES), set(PENALTIES)) == (set(lo.LOSSES), set(lo.PENALTIES))
