"""Fault injection: thousands of changed certificate files, and never a false "proven"; honest ones are never refuted.

What a file claims is judged without the verifier: by a tight solve of the problem that the *changed* file states.
"""

from __future__ import annotations

import copy
import json
import math
import struct
from collections import Counter
from functools import cache

import numpy as np
import pytest
from problems import make

import lassoopt as lo
from lassoopt import claim
from lassoopt.arithmetic import Floats, Rationals
from lassoopt.verify import check

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
        penalty=lo.PENALTIES[content["penalty"]["name"]](weights, **shape),
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
            found = check(claim.read(path), problem.X, problem.y, arithmetic())
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
            found = check(claim.read(path), problem.X, problem.y, arithmetic())
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
