"""Fault injection: thousands of changed certificate files, and never a false "proven"; honest ones are never refuted.

What a file claims is judged without the verifier: by a tight solve of the problem that the *changed* file states.
"""

from __future__ import annotations

import copy
import json
import math
import struct
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest
from exact import dual_bound, improved, objective, without
from extremes import extremes
from problems import EVERY, make

import lassoopt as lo
from lassoopt.certificates import file_writer
from lassoopt.errors import UnprovenError
from lassoopt.verifier import file_format
from lassoopt.verifier.arithmetic import Floats, Rationals
from lassoopt.verifier.kernel import bounds, check

pytestmark = pytest.mark.slow

CASES = [
    ("squared", "l1"),
    ("squared", "elastic_net"),
    ("huber", "nonnegative_l1"),
    ("quantile", "l1"),
    ("squared_hinge", "l1"),
    ("logistic", "l1"),
    ("poisson", "elastic_net"),
    ("squared", "group"),
    ("huber", "sparse_group"),
]
NUMBERS = ("lam", "intercept", "primal", "dual", "gap")
LISTS = ("theta", "weights", "sample_weight")
PER_CASE = 500


def flipped(value: float, rng) -> float:
    """One bit of a float changed."""
    (bits,) = struct.unpack("<q", struct.pack("<d", value))
    bit = 1 << int(rng.integers(0, 64))
    (other,) = struct.unpack("<d", struct.pack("<Q", (bits & (2**64 - 1)) ^ bit))
    return other


def moved(value: float, rng) -> float:
    """Another number: a flipped bit, one ulp off, another sign or size, or something else."""
    way = rng.integers(0, 7)
    if way <= 1:
        return flipped(value, rng)
    if way == 2:
        return math.nextafter(value, rng.choice([-math.inf, math.inf]))
    others = [
        -value,
        0.0,
        value * (1 + rng.choice([-1, 1]) * 10.0 ** -rng.integers(1, 15)),
        float(rng.standard_normal()),
    ]
    return float(others[way - 3])


def mutated(content, rng):
    """The file with one thing changed, and what that was."""
    content = copy.deepcopy(content)
    kind = rng.choice(
        ["number", "list", "coef", "zeros", "names", "problem", "understated", "improved", "theta", "swap", "dropped"]
    )
    if kind == "number":
        key = str(rng.choice(NUMBERS))
        content[key] = moved(content[key], rng)
    elif kind == "list":
        key = str(rng.choice(LISTS))
        if content[key] is not None:
            i = int(rng.integers(len(content[key])))
            old = content[key][i]
            content[key][i] = moved(1.0 if old == "inf" else old, rng)
    elif kind == "coef" and content["coef"]["value"]:
        i = int(rng.integers(len(content["coef"]["value"])))
        content["coef"]["value"][i] = moved(content["coef"]["value"][i], rng)
    elif kind == "zeros":
        content["proven_zeros"] = sorted({*content["proven_zeros"]} ^ {int(rng.integers(content["shape"][1]))})
    elif kind == "names":
        i, j = rng.integers(0, content["shape"][1], 2)
        names = content["feature_names"]
        names[i], names[j] = names[j], names[i]
    elif kind == "problem":
        changes = {
            "loss": rng.choice(
                [{"name": "squared"}, {"name": "huber", "delta": 0.5}, {"name": "quantile", "level": 0.3}]
            ),
            "penalty": rng.choice(
                [{"name": "l1"}, {"name": "nonnegative_l1"}, {"name": "elastic_net", "l1_ratio": 0.5}]
            ),
            "scaling": "sum",
            "fit_intercept": not content["fit_intercept"],
            "sample_weight": None,
            "weights": None,
        }
        key = str(rng.choice(list(changes)))
        content[key] = changes[key]
    elif kind == "understated":
        content["gap"] *= 1 - 10.0 ** -rng.integers(1, 13)
    elif kind == "improved":  # a better objective than it is, the gap to match
        content["primal"] -= content["gap"] * 10.0 ** -rng.integers(0, 17)
        content["gap"] = max(content["primal"] - content["dual"], 0.0)
    elif kind == "theta":
        size = 10.0 ** -rng.integers(0, 17)
        content["theta"] = [value * (1 + size * float(rng.standard_normal())) for value in content["theta"]]
    elif kind == "swap" and len(content["coef"]["index"]) > 1:
        values = content["coef"]["value"]
        values[0], values[1] = values[1], values[0]
    elif kind == "dropped" and content["coef"]["index"]:
        del content["coef"]["index"][-1], content["coef"]["value"][-1]
    return str(kind), content


@cache
def solved(statement: str, loss: str, penalty: str) -> tuple[lo.Problem, lo.Solution]:
    """The problem that a changed file states, and a tight solution of it."""
    content = json.loads(statement)
    original = case(loss, penalty)
    weights = content["weights"] and np.array([math.inf if c == "inf" else c for c in content["weights"]])
    parameters = {key: value for key, value in content["loss"].items() if key != "name"}
    shape = {key: value for key, value in content["penalty"].items() if key != "name"}
    if "group_weights" in shape:
        shape["group_weights"] = [float(weight) for weight in shape["group_weights"]]  # "inf", too
    problem = lo.Problem(
        original.X,
        original.y,
        content["lam"],
        loss=lo.LOSSES[content["loss"]["name"]](**parameters),
        penalty=lo.PENALTIES[content["penalty"]["name"]](weights=weights, **shape),
        intercept=content["fit_intercept"],
        scaling=content["scaling"],
        sample_weight=content["sample_weight"],
    )
    return problem, lo.solve(problem, tol=1e-12)


@cache
def case(loss: str, penalty: str):
    return make(loss, penalty, weights="mixed", sample_weights="random", n=16)


def statement(content) -> str:
    keys = ("loss", "penalty", "weights", "lam", "scaling", "sample_weight", "fit_intercept")
    return json.dumps({key: content[key] for key in keys}, sort_keys=True)


def is_true(content, loss: str, penalty: str) -> bool:
    """Whether a file's claims hold, up to what the tight solve leaves open."""
    problem, solution = solved(statement(content), loss, penalty)
    best, open_ = solution.certificate.primal, solution.certificate.proven_gap
    w = np.zeros(content["shape"][1])
    w[content["coef"]["index"]] = content["coef"]["value"]
    objective = problem.objective(w, content["intercept"])
    slack = 1e-13 * (abs(objective) + abs(best))
    zeros = content["proven_zeros"]
    return (
        objective <= content["primal"] + slack
        and content["dual"] <= best + slack
        and content["gap"] >= content["primal"] - content["dual"] - slack
        and objective - best <= content["gap"] + open_ + slack
        and bool(np.all(np.abs(solution.coef[zeros]) <= 1e-4))
    )


@pytest.mark.parametrize("arithmetic", [Floats, Rationals])
@pytest.mark.parametrize(("loss", "penalty"), CASES)
def test_no_changed_file_is_proven_falsely(loss, penalty, arithmetic, tmp_path):
    problem = case(loss, penalty)
    path = tmp_path / "file.json"
    solution = lo.solve(problem)
    lo.certify(problem, 1.001 * solution.coef, solution.intercept).save(path)
    honest = json.loads(path.read_text())
    assert is_true(honest, loss, penalty)
    rng, outcomes = np.random.default_rng(7), Counter()
    for _ in range(PER_CASE):
        kind, content = mutated(honest, rng)
        path.write_text(json.dumps(content).replace("Infinity", "1e999").replace("NaN", '"nan"'))
        try:
            found = check(file_format.read(path), problem.X, problem.y, arithmetic())
        except lo.InputError:
            outcomes[kind, "refused"] += 1
            continue
        outcomes[kind, "proven" if found.proven else "not proven"] += 1
        if found.proven:
            assert is_true(content, loss, penalty), (kind, content)
        else:
            assert found.reason
    refused = sum(count for (_, outcome), count in outcomes.items() if outcome != "proven")
    assert refused > PER_CASE / 3
    assert outcomes["understated", "proven"] == 0
    assert min(outcomes["understated", "not proven"], outcomes["improved", "not proven"]) > 10


@pytest.mark.parametrize("arithmetic", [Floats, Rationals])
def test_bytes_flipped_in_a_file(arithmetic, tmp_path):
    """Whatever is read after a flipped bit is refused, not proven, or still true."""
    problem = case("squared", "l1")
    path = tmp_path / "file.json"
    lo.solve(problem, tol=1e-7).certificate.save(path)
    original, rng, proven = path.read_bytes(), np.random.default_rng(1), 0
    for _ in range(1000):
        changed = bytearray(original)
        changed[rng.integers(len(changed))] ^= 1 << int(rng.integers(0, 8))
        path.write_bytes(bytes(changed))
        try:
            found = check(file_format.read(path), problem.X, problem.y, arithmetic())
        except lo.InputError:
            continue
        if found.proven:
            proven += 1
            assert is_true(json.loads(path.read_text()), "squared", "l1")
    assert 0 < proven < 500


@pytest.mark.parametrize("seed", range(40))
def test_honest_files_are_never_refuted(seed, tmp_path):
    rng = np.random.default_rng(seed)
    loss, penalty = CASES[seed % len(CASES)]
    problem = make(
        loss,
        penalty,
        seed=seed,
        n=int(rng.integers(8, 60)),
        weights=str(rng.choice(["ones", "mixed"])),
        sample_weights=str(rng.choice(["none", "random", "zeros"])),
        ratio=float(rng.choice([0.9, 0.3, 0.01])),
        scaling=str(rng.choice(["mean", "sum"])),
        intercept=bool(rng.integers(2)),
    )
    for tol in (1e-2, 1e-6, 1e-10):
        solution = lo.solve(problem, tol=tol)
        coarse = lo.certify(problem, solution.coef + 0.01 * np.abs(rng.standard_normal(6)) * (solution.coef != 0))
        for certificate in (solution.certificate, coarse):
            certificate.save(tmp_path / "file.json")
            for exact in (False, True):
                found = lo.verify(tmp_path / "file.json", problem.X, problem.y, exact=exact)
                assert found.proven, found.reason
                assert found.gap <= 1.1 * certificate.proven_gap + 1e-12 * abs(certificate.primal)


def by_hand(problem, coef, intercept, theta):
    """A claim about any point and theta, with numbers that are all 0, and its data."""
    loss = file_writer._named("loss", problem.loss, lo.LOSSES, file_format.LOSSES)
    X, y = file_format.data(problem.X, problem.y, loss["name"])
    index = np.flatnonzero(coef)
    weights = problem.sample_weight
    found = file_format.Claim(
        producer="",
        shape=problem.shape,
        X_sha256=file_format.digest(X),
        y_sha256=file_format.digest(y),
        loss=loss,
        penalty=file_writer._named("penalty", problem.penalty, lo.PENALTIES, file_format.PENALTIES),
        weights=tuple(problem.penalty.c.tolist()),
        lam=problem.lam,
        scaling=problem.scaling,
        sample_weight=None if weights is None else tuple(weights.tolist()),
        fit_intercept=problem.intercept,
        feature_names=problem.feature_names,
        coef={"index": tuple(index.tolist()), "value": tuple(coef[index].tolist())},
        intercept=intercept,
        theta=tuple(theta.tolist()),
        primal=0.0,
        dual=0.0,
        gap=0.0,
        proven_zeros=(),
    )
    return found, X, y


def some_theta(problem, coef, intercept, rng):
    """The theta of the point, or one that is as large or as small as nothing else."""
    with np.errstate(all="ignore"):
        theta = problem.theta(problem.predict(coef) + intercept)
        theta = theta * 10.0 ** rng.uniform(-300, 10) if rng.random() < 0.3 else theta
    return np.clip(np.nan_to_num(theta), -1e308, 1e308)


def judged(problem, coef, intercept, rng) -> str:
    """What the verifier finds about an extreme file, held against fractions."""
    theta = some_theta(problem, coef, intercept, rng)
    found, X, y = by_hand(problem, coef, intercept, theta)
    try:
        primal, dual, zeros = bounds(found, X, y, Floats())
    except UnprovenError:
        return "declined"
    low, _ = objective(problem, coef, intercept)
    assert not primal < low
    if not (math.isfinite(primal) and math.isfinite(dual)):
        return "inf"
    points = [(coef, intercept), (np.zeros(len(coef)), 0.0), improved(problem, coef, intercept, 1)]
    best = min(objective(problem, *point)[1] for point in points)
    assert dual <= best
    for j in np.flatnonzero(zeros & ~problem.penalty.excluded):
        assert dual_bound(without(problem, j), theta[problem.s > 0]) <= best
    return "finite"


def test_no_bound_is_false_at_extremes():
    """In floats; the objective of no point is below the dual bound, nor that of the file's above the primal bound."""
    rng = np.random.default_rng(0)
    assert Counter(judged(*case, rng) for case in extremes(0, 120))["finite"] > 60


@pytest.mark.search
def test_no_bound_is_false_at_extremes_in_10000():
    rng = np.random.default_rng(1)
    assert Counter(judged(*case, rng) for case in extremes(1001, 10_000))["finite"] > 5000


def test_underflow_in_the_middle_of_a_product_proves_nothing():
    """``lam c |w|`` and ``lam k c |w|`` with ``c |w|`` below all floats: the objective is 2.5 times what floats say."""
    y = np.array([1e-6, -1e-6])
    c = [1e-270]
    for shape in (lo.L1(weights=c), lo.ElasticNet(0.9, weights=c), lo.Group([0], weights=c)):
        for lam, k in ((1.7e308, None), (1.0, 1.7e308)):
            if k is not None and not isinstance(shape, lo.Group):
                continue
            other = lo.Group([0], [k], weights=c) if k is not None else shape
            problem = lo.Problem(np.ones((2, 1)), y, lam, penalty=other, intercept=False)
            found, X, targets = by_hand(problem, np.array([2e-54]), 0.0, np.zeros(2))
            low, _ = objective(problem, [2e-54])
            primal = bounds(found, X, targets, Floats())[0]
            assert low <= primal
            too_low = replace(found, primal=math.nextafter(float(low), 0), dual=-1.0, gap=2.0)
            assert not check(too_low, X, targets, Floats()).proven


def honest_is_proven(problem, coef, intercept, theta=None) -> str:
    """Whether a file is; it is about `certify`'s theta, or about one that is given."""
    try:
        certificate = SimpleNamespace(problem=problem, coef=coef, intercept=intercept, theta=theta)
        stated = file_writer.stated(lo.certify(problem, coef, intercept) if theta is None else certificate)
    except lo.LassoOptError:
        return "declined"
    X, y = file_format.data(problem.X, problem.y, stated.loss["name"])
    for arithmetic in (Floats(), Floats(2.0**-52), Rationals()):
        found = check(stated, X, y, arithmetic)
        assert found.proven, found.reason
    assert objective(problem, coef, intercept)[0] <= Fraction(stated.primal)
    return "proven"


def scattered(seed):
    """A problem of any loss, penalty and scales, and a point near its solution or not."""
    rng = np.random.default_rng(seed)
    loss, penalty = EVERY[seed % len(EVERY)]
    n = int(rng.integers(6, 30))
    options = {"scaling": str(rng.choice(["mean", "sum"])), "intercept": bool(rng.integers(2))}
    weights, samples = str(rng.choice(["ones", "mixed"])), str(rng.choice(["none", "random", "zeros"]))
    problem = make(loss, penalty, seed=seed, n=n, weights=weights, sample_weights=samples, ratio=0.2, **options)
    X = problem.X * 10.0 ** rng.integers(-6, 7) + rng.choice([0.0, 0.0, 1.0, 1e6]) * rng.random(6).round()
    y = problem.y * rng.choice([1.0, 1e-5, 1e7]) if loss in ("squared", "huber", "quantile") else problem.y
    other = lo.Problem(X, y, 1.0, loss=loss, penalty=problem.penalty, sample_weight=problem.sample_weight, **options)
    other = other.with_lam(other.lambda_max * 10.0 ** rng.uniform(-3, 0.2))
    coef = rng.standard_normal(6) * (rng.random(6) < 0.5) * np.abs(y).max() / np.abs(X).max()
    coef = np.where(problem.penalty.excluded, 0.0, np.abs(coef) if problem.penalty.nonnegative else coef)
    return other, coef, float(options["intercept"] * rng.standard_normal())


def test_honest_files_of_any_scale_are_proven():
    """Also where theta is at the ends of its slopes, which two verifiers may round to different sides."""
    outcomes = Counter(honest_is_proven(*scattered(seed)) for seed in range(45))
    assert outcomes["proven"] > 30


def test_honest_extreme_files_are_proven():
    rng = np.random.default_rng(0)
    outcomes = Counter(honest_is_proven(*case, some_theta(*case, rng)) for case in extremes(5, 90))
    assert outcomes["proven"] > 40


@pytest.mark.search
def test_honest_files_of_any_scale_are_proven_in_10000():
    assert Counter(honest_is_proven(*scattered(seed)) for seed in range(1000, 9000))["proven"] > 5000
    rng = np.random.default_rng(1)
    outcomes = Counter(honest_is_proven(*case, some_theta(*case, rng)) for case in extremes(6, 2000))
    assert outcomes["proven"] > 900


def test_sample_weights_of_all_sizes_are_no_error_in_rationals():
    problem = lo.Problem([[1.0], [2.0], [3.0]], [1.0, 2.0, 2.0], 0.1, sample_weight=[1e-320, 1.0, 1e300])
    found, X, y = by_hand(problem, np.array([0.5]), 0.0, np.array([0.0, 1e-300, -1e-300]))
    for arithmetic in (Floats(), Rationals()):
        assert not check(found, X, y, arithmetic).proven
