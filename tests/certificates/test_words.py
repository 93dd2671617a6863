"""Certificates in words: every number printed is checked against the definition it stands for."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import lassoopt as lo
from lassoopt.certificates.evidence import Evidence
from lassoopt.problems.statement import conditions, formula, symbols
from lassoopt.text.tables import aligned, ceiling, number, plain

WIDTH = 100


def orthogonal(penalty="l1", lam=1.0, y=(3.0, 0.5, 1.0, -2.0), **options):
    """X = I, so every answer is known by hand: w_j = soft(y_j, lam) for plain L1, and dLoss/dw = w - y."""
    names = ["up", "held", "edge", "down"]
    return lo.Problem(
        np.eye(4), y, lam, penalty=penalty, intercept=False, scaling="sum", feature_names=names, **options
    )


def by_hand(**options):
    return lo.certify(orthogonal(**options), [2.0, 0.0, 0.0, -1.0])


def penalty_of(name, p):
    return lo.PENALTIES[name](groups=np.arange(p) // 2) if "group" in name else lo.PENALTIES[name]()


def random_problem(loss="squared", penalty="l1", ratio=0.3, n=30, p=6, seed=0, **options):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, p)) * np.logspace(-1, 1, p)
    score = X @ np.append([1.0, -0.7], np.zeros(p - 2))
    y = {
        "logistic": (score + rng.standard_normal(n) > 0) * 1.0,
        "squared_hinge": np.sign(score + rng.standard_normal(n)),
        "poisson": rng.poisson(np.exp(score)) * 1.0,
    }.get(loss, score + rng.standard_normal(n))
    problem = lo.Problem(X, y, 0.0, loss=loss, penalty=penalty_of(penalty, p), **options)
    return problem.with_lam(ratio * problem.lambda_max)


def numbers_in(words):
    """All numbers of a text, without those in names such as w_j or x0."""
    return [float(x) for x in re.findall(r"(?<![\w.])-?\d+\.?\d*(?:e[+-]\d+)?(?![\w])", words)]


def row_of(text, name):
    """The cells of one feature's line, split where columns are: at two or more blanks."""
    line = next(line for line in text.splitlines() if line.startswith(f"  {name} "))
    return re.split(r" {2,}", line.strip())


def test_table_by_hand():
    text = str(by_hand())
    assert row_of(text, "up")[:6] == ["up", "2", "-1", "1", "0", "active"]
    assert row_of(text, "held")[:6] == ["held", "0", "-0.5", "1", "0.5", "zero, held"]
    assert row_of(text, "edge")[:6] == ["edge", "0", "-1", "1", "0", "zero, on the boundary"]
    assert row_of(text, "down")[:6] == ["down", "-1", "1", "1", "0", "active"]
    assert [row_of(text, name)[6:] for name in ("up", "held", "edge", "down")] == [
        ["w_j > 0"],
        ["zero"],
        [],
        ["w_j < 0"],
    ]
    assert "4 features: 2 active, 2 zero, 0 violated" in text


def test_facts_by_hand():
    """Objective (1 + 0.25 + 1 + 1)/2 + 3 = 4.625; the null model's is 14.25/2 above the infimum 0."""
    text = str(by_hand())
    assert re.search(r"primal +4\.625 ", text)
    assert re.search(r"dual +4\.625 ", text)
    assert "/ 7.125, the null model's" in text
    assert "proven optimal to a relative gap of 1e-08" in text
    assert "intercept  " not in text


def test_uncertified_points_say_so_in_the_first_line():
    certificate = lo.certify(orthogonal(), [2.1, 0.0, 0.0, -1.0])
    text = str(certificate)
    assert text.startswith("Certificate: NOT PROVEN OPTIMAL")
    assert "not certified" in text
    assert row_of(text, "up")[5] == "violated"
    excess = 0.1**2 / 2  # by hand: moving w_1 from 2 to 2.1
    bound = float(re.search(r"at most ([\d.e+-]+) above", text).group(1))
    assert excess <= bound


def test_rounding_that_exceeds_the_tolerance_is_told():
    certificate = lo.certify(orthogonal(), [2.0, 0.0, 0.0, -1.0], tol=1e-15)
    assert certificate.relative_gap <= 1e-15 < certificate.rounding / 7.125
    assert "not certified: the gap is within the tolerance, but its rounding error" in str(certificate)
    assert str(certificate).startswith("Certificate: NOT PROVEN")


@pytest.mark.slow
@pytest.mark.parametrize("penalty", lo.PENALTIES)
@pytest.mark.parametrize("loss", lo.LOSSES)
def test_every_loss_and_penalty_prints(loss, penalty):
    problem = random_problem(loss, penalty)
    certificate = lo.solve(problem).certificate
    text = str(certificate)
    assert max(map(len, text.splitlines())) <= WIDTH
    for where, what in conditions(problem):
        assert where in text
        assert what in text
    assert "subdifferential" not in text  # the fallback for penalties of a user's own
    json.dumps(certificate.as_dict(), allow_nan=False)
    for j, name in enumerate(problem.feature_names):
        words = certificate.explain(j)
        assert words == certificate.explain(name)
        assert len(re.findall(r"\.(?= [A-Z]|$)", words)) == 2  # two sentences
        assert words.startswith(name)


def test_extreme_numbers_and_names_stay_within_the_screen():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((20, 5)) * [1e-7, 1e7, 123456, 1, 1e-3]
    names = ["a" * 200, "b\n\tc", "größe", "d" * 60, "e"]
    problem = lo.Problem(X, rng.standard_normal(20) * 1e6, 1e5, standardize=True, feature_names=names)
    text = str(lo.certify(problem, rng.standard_normal(5) * 1e5))
    assert max(map(len, text.splitlines())) <= WIDTH
    assert "aaaaa..." in text
    assert r"  b\n\tc " in text


SIZES = [0.0, 1e-308, 1e-300, 1e-155, 1e-10, 1.0, 3.7e5, 1e10, 1e145, 1e155, 1e300, 1.7e308]
EXTREME = st.sampled_from(SIZES)
USUAL = st.sampled_from([0.0, 1e-10, 1e-3, 1.0, 3.7e5, 1e10])
SIGNED = st.builds(lambda size, sign: sign * size, EXTREME, st.sampled_from([1.0, -1.0]))


def extreme_certificate(loss, penalty, data):
    """One with numbers of any size in place of some of its own; None where the problem is refused."""
    three = st.lists(SIGNED, min_size=3, max_size=3)
    X = np.array([[1.0, 0.3, -2.0], [0.0, 1.5, 1.0], [-1.0, 0.2, 0.4], [0.5, -1.0, 0.1], [2.0, 0.1, 1.0]])
    y = np.array([1.0, 0.0, 0.0, 1.0, 1.0])
    if loss not in ("logistic", "squared_hinge"):
        y = y * data.draw(USUAL)
    options = {"delta": data.draw(EXTREME) or 1.0} if loss == "huber" else {}
    weights = data.draw(st.lists(USUAL, min_size=3, max_size=3)) if data.draw(st.booleans()) else None
    grouping = {"groups": ["g", "g", "h"]} if "group" in penalty else {}
    intercept = data.draw(st.booleans())
    try:
        problem = lo.Problem(
            X, y, data.draw(USUAL), loss=lo.LOSSES[loss](**options), intercept=intercept,
            penalty=lo.PENALTIES[penalty](weights=weights, **grouping),
            scaling=data.draw(st.sampled_from(["mean", "sum"])),
        )  # fmt: skip
        with np.errstate(all="ignore"):
            found = lo.certify(problem, [0.0, 0.5, -0.1])
    except lo.LassoOptError:
        return None
    names = ["primal", "dual", "gap", "rounding", "relative_gap", "intercept_gradient"]
    replaced = data.draw(st.dictionaries(st.sampled_from(names), SIGNED | st.sampled_from([np.inf, -np.inf, np.nan])))
    coef, z, b = np.array(data.draw(three)), np.array(data.draw(three)), data.draw(SIGNED) if intercept else 0.0
    evidence = found.evidence
    point = dataclasses.replace(evidence.point, value=replaced.pop("dual", evidence.point.value))
    total = -replaced.pop("intercept_gradient", -evidence.multiplier_sum)
    stated = {name: property(lambda _, value=value: value) for name, value in replaced.items()}
    changed = type("Stated", (Evidence,), stated)(
        evidence.problem, coef, evidence.constant, evidence.u, z, total, point, evidence.bound
    )
    return dataclasses.replace(found, intercept=b, evidence=changed)


def require_printable(found):
    """Nothing raises or warns, the text fits the screen, and JSON is strict."""
    text = str(found)
    assert max(map(len, text.splitlines())) <= WIDTH
    table = [line for line in text.splitlines() if re.match(r"  x[0-2] ", line)]
    assert len(table) == 3
    assert len({line.index(row.state) for line, row in zip(table, found.kkt, strict=True)}) == 1  # columns align
    assert found._repr_html_().count("<tr>") > 3
    assert json.loads(json.dumps(found.as_dict(), allow_nan=False))["certified"] == found.certified
    assert repr(found)
    assert repr(found.problem)
    for j in range(3):
        assert found.explain(j).startswith(f"x{j} ")


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(lo.LOSSES)), st.sampled_from(sorted(lo.PENALTIES)), st.data())
def test_numbers_of_any_size_are_printed(loss, penalty, data):
    found = extreme_certificate(loss, penalty, data)
    if found is not None:
        require_printable(found)


@pytest.mark.search
@settings(max_examples=3000, deadline=None)
@given(st.sampled_from(sorted(lo.LOSSES)), st.sampled_from(sorted(lo.PENALTIES)), st.data())
def test_numbers_of_any_size_are_printed_at_length(loss, penalty, data):
    found = extreme_certificate(loss, penalty, data)
    if found is not None:
        require_printable(found)


@pytest.mark.parametrize("size", [1e-300, 1e155, 1e300, 1.7e308])
def test_a_huge_delta_and_a_huge_intercept_are_printed(size):
    x = np.arange(6.0)
    found = lo.solve(lo.Problem(x[:, None], x, 0.1, loss=lo.Huber(delta=size))).certificate
    assert f"{size:g}" in str(found)
    assert "inf" not in formula(found.problem) + symbols(found.problem)
    far = lo.certify(lo.Problem(x[:, None], x, 0.1), [1.0], size)
    assert "NOT PROVEN OPTIMAL" in str(far)


def test_columns_align_on_the_decimal_point():
    cells = aligned(["1.25", "-130", "3.1e-10", "inf"])
    assert len({len(cell) for cell in cells}) == 1
    points = [cell.index(".") if "." in cell else len(cell.rstrip()) for cell in cells[:3]]
    assert set(points) == {4}
    assert cells[3].endswith("inf")
    assert [cell.strip() for cell in cells] == ["1.25", "-130", "3.1e-10", "inf"]


@given(st.floats(-1e300, 1e300))
def test_number_keeps_its_digits(x):
    shown = number(x)
    assert float(shown) == pytest.approx(x, rel=5.1e-3, abs=0)
    assert len(shown) <= 10
    if 0.01 <= abs(x) < 1e5:
        assert float(shown) == pytest.approx(x, rel=5.1e-5)
        assert "e" not in shown.replace("e+05", "")


@given(st.floats(min_value=1e-300, max_value=1e300))
@example(1.25)  # a tie, which formatting rounds to even
def test_ceiling_rounds_up_and_not_far(x):
    assert x <= float(ceiling(x)) <= 1.1001 * x


def test_raw_values_of_proven_zeros_are_shown():
    certificate = lo.certify(orthogonal(), [2.0, 3e-10, 0.0, -1.0])
    cells = row_of(str(certificate), "held")
    assert (cells[1], cells[5], cells[6]) == ("3.000e-10", "zero, held", "zero")
    assert "shown as the solver left it" in str(certificate)
    assert "left at 3.00e-10 by the solver" in certificate.explain("held")
    assert "shown as the solver left it" not in str(by_hand())


def test_large_problems_show_what_matters():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((60, 300))
    y = X[:, :5].sum(axis=1) + 0.1 * rng.standard_normal(60)
    problem = lo.Problem(X, y, 0.3)
    solution = lo.solve(problem)
    wrong = solution.coef.copy()
    wrong[200] = 0.5
    slightly = solution.coef + 1e-7 * np.eye(300)[200]  # violated at this tolerance, and proven zero
    strict = lo.certify(problem, slightly, theta=solution.theta, tol=1e-16)
    assert strict.proven_zeros[200]
    for certificate in (solution.certificate, strict, lo.certify(problem, wrong)):
        text = str(certificate)
        table = text.split("proven\n")[1].split("\n\n")[0].splitlines()
        assert len(table) <= 41
        shown = [line.split()[0] for line in table[:-1]]
        more = int(re.search(r"and (\d+) more", table[-1]).group(1))
        assert len(shown) + more == 300
        assert {f"x{j}" for j in range(5)} <= set(shown)
        proven = int(re.search(r"(\d+) of them proven zero", table[-1]).group(1))
        hidden = [j for j in range(300) if f"x{j}" not in shown]
        assert proven == certificate.proven_zeros[hidden].sum()
    assert shown[0] == "x200"  # the largest violation leads
    assert row_of(text, "x200")[5] == "violated"


# --- formulas -------------------------------------------------------------------------------------------------


def evaluated(words, **values):
    """A printed formula, computed: blanks multiply, ^ is a power, bars are absolute values."""
    code = re.sub(r"\|([^|]+)\|", r"abs(\1)", words).replace("[", "(").replace("]", ")").replace("^", "**")
    code = re.sub(r"(?<=[\w)]) (?=[\w(])", "*", code)
    return eval(code, {"exp": math.exp, "log": math.log, "max": max, "abs": abs, **values})


@pytest.mark.parametrize(
    "loss", [*lo.LOSSES, lo.Huber(2.0), lo.Quantile(0.2)], ids=lambda x: x if isinstance(x, str) else repr(x)
)
@pytest.mark.parametrize(("u", "y"), [(0.3, 1.0), (-4.0, 1.0), (2.5, 0.0), (1.0, 1.0)])
def test_the_printed_loss_is_the_loss(loss, u, y):
    problem = lo.Problem([[1.0], [2.0]], [1.0, 0.0], 0.5, loss=loss)
    summand = re.match(r"\(1/2\) sum_i (.*) \+ 0\.5 sum_j", formula(problem)).group(1)
    functions = {}
    for name, first, sign, other in re.findall(
        r"(\w+)\(r\) = (.+?) for (?:r|\|r\|) (>= 0|<= [\d.]+), else ([^;]+)", symbols(problem)
    ):
        bound = float(sign.split()[1])
        inside = (lambda r: r >= 0) if sign.startswith(">") else (lambda r, bound=bound: abs(r) <= bound)
        functions[name] = lambda r, inside=inside, first=first, other=other: evaluated(
            first if inside(r) else other, r=r
        )
    printed = evaluated(summand, u_i=u, y_i=y, t_i=1.0 if y > 0 else -1.0, **functions)
    assert printed == pytest.approx(float(problem.loss.value(np.array([u]), np.array([y]))[0]))


@pytest.mark.parametrize("name", ["l1", "nonnegative_l1", "elastic_net"])
@pytest.mark.parametrize("weights", [None, [1.0, 2.5, 0.5, 3.0]])
def test_the_printed_penalty_is_the_penalty(name, weights):
    penalty = lo.PENALTIES[name](weights=weights)
    problem = orthogonal(penalty, lam=0.7)
    w = np.array([1.0, 0.2, 3.0, 0.4])
    summand = formula(problem).split("+ 0.7 sum_j ")[1]
    printed = sum(evaluated(summand, w_j=w_j, c_j=c_j) for w_j, c_j in zip(w, weights or [1.0] * 4, strict=True))
    assert printed == pytest.approx(problem.penalty.value(w))


def test_scaling_and_weights_show_in_the_formula():
    X, y = np.eye(4), [1.0, 2.0, 3.0, 4.0]
    assert formula(lo.Problem(X, y, 1.0)).startswith("(1/4) sum_i 1/2")
    assert formula(lo.Problem(X, y, 1.0, scaling="sum")).startswith("sum_i 1/2")
    assert formula(lo.Problem(X, y, 1.0, scaling="sum", sample_weight=[2, 2, 2, 2])).startswith("sum_i s_i 1/2")
    assert formula(lo.Problem(X, y, 1.0, sample_weight=[2, 2, 2, 2])).startswith("(1/4) sum_i 1/2")
    weighted = lo.Problem(X, y, 1.0, sample_weight=[2, 1, 2, 2])
    assert formula(weighted).startswith("sum_i s_i 1/2")
    assert "s = the sample weights over their sum" in symbols(weighted)


def test_losses_and_penalties_of_ones_own_print():
    class Mine(lo.Squared):
        formula = lo.Loss.formula  # what a loss derived from Loss itself starts with

    class Own(lo.L1):
        formula = lo.Penalty.formula
        conditions = lo.Penalty.conditions

    text = str(lo.certify(orthogonal(Own(), loss=Mine()), [2.0, 0.0, 0.0, -1.0]))
    assert "sum_i phi(u_i, y_i) + 1 Own(w)" in text
    assert "lam times the subdifferential" in text
    assert "phi is" in text


# --- explain --------------------------------------------------------------------------------------------------


def known_numbers(certificate, j):
    """Every number that a sentence on feature j may quote."""
    row = certificate.kkt[j]
    z = -np.array([other.gradient for other in certificate.kkt])
    penalty, lam = certificate.problem.penalty, certificate.problem.lam
    known = [row.coef, row.gradient, row.lam, row.margin, row.gain, float(certificate.coef_error[j])]
    known += [certificate.proven_gap, certificate.tol * certificate.problem.scale, 0.0]
    known += [lam * penalty.gradient(certificate.coef)[j], penalty.subdiff_distance(certificate.coef, z, lam)[j]]
    return [*known, *(-x for x in known)]


@pytest.mark.slow
@pytest.mark.parametrize("penalty", ["l1", "nonnegative_l1", "elastic_net"])
@pytest.mark.parametrize("loss", lo.LOSSES)
@pytest.mark.parametrize("shift", [0.0, 0.05])
def test_sentences_quote_the_certificate(loss, penalty, shift):
    problem = random_problem(loss, penalty, seed=3)
    certificate = lo.certify(problem, lo.solve(problem).coef + shift)
    for j in range(6):
        quoted = numbers_in(certificate.explain(j).replace("w_j = 0 in", "").replace("other than 0", ""))
        known = known_numbers(certificate, j)
        for x in quoted:
            assert any(math.isclose(x, y, rel_tol=0.1) if y else x == 0 for y in known), (x, certificate.explain(j))


@pytest.mark.parametrize("penalty", lo.PENALTIES)
def test_the_penalty_slope_in_the_sentence_is_its_derivative(penalty):
    problem = random_problem(penalty=penalty, ratio=0.05, seed=5)
    solution = lo.solve(problem)
    certificate, checked = solution.certificate, 0
    for j in np.flatnonzero(solution.coef):
        words = certificate.explain(int(j))
        step = 1e-6 * abs(solution.coef[j]) * np.eye(6)[j]
        up, down = (problem.penalty_value(solution.coef + sign * step) for sign in (1, -1))
        slope = (up - down) / (2 * step[j])
        quoted = float(re.search(r"the penalty has slope (\S+),", words).group(1))
        assert quoted == pytest.approx(slope, rel=1e-4)
        gradient = float(re.search(r"the loss has slope dLoss/dw_j = (\S+) there", words).group(1))
        assert gradient == pytest.approx(problem.gradient(solution.coef, solution.intercept)[j], rel=1e-4)
        checked += 1
    assert checked >= 1


def test_each_state_has_its_own_story():
    certificate = by_hand()
    assert certificate.explain("up").startswith("up is active with w_j = 2: the loss has slope dLoss/dw_j = -1 there")
    assert "every optimal solution has w_j > 0" in certificate.explain("up")
    assert "every optimal solution has w_j < 0" in certificate.explain("down")
    assert certificate.explain("held").startswith(
        "held is held at zero: the loss pulls with |dLoss/dw_j| = 0.5, and the penalty can hold a pull of lam_j = 1, "
        "which leaves a margin of 0.5. It is proven zero"
    )
    assert certificate.explain("edge").startswith("edge is zero, on the boundary: the loss pulls with |dLoss/dw_j| = 1")
    assert "It is not proven zero" in certificate.explain("edge")


def test_a_large_gap_proves_no_sign():
    certificate = lo.certify(orthogonal(), [0.1, 0.0, 0.0, 0.0])
    assert "violates its condition" in certificate.explain("up")
    assert "2.9" not in certificate.explain("held")
    assert "not proven zero" in certificate.explain("held")


def test_violated_zero_and_forbidden_weights():
    missing = lo.certify(orthogonal(), [0.0, 0.0, 0.0, -1.0])  # |dLoss/dw_1| = 3, lam_1 = 1
    assert "dLoss/dw_j = -3 is 2 away from what optimality asks for there" in missing.explain("up")
    negative = lo.certify(orthogonal("nonnegative_l1"), [2.0, 0.0, 0.0, -1.0])
    assert "w_j = -1 is not allowed by the penalty, so the objective is infinite" in negative.explain("down")
    excluded = lo.certify(orthogonal(lo.L1(weights=[1, np.inf, 1, 1])), [2.0, 0.5, 0.0, -1.0])
    assert "w_j = 0.5 is not allowed" in excluded.explain("held")
    assert "not certified" in str(excluded)


def test_a_proven_zero_that_is_not_zero_is_called_so():
    y = np.array([3.0, 0.0, 0.0, 0.0])
    certificate = lo.certify(orthogonal(y=y), [2.0, 0.01, 0.0, 0.0])
    assert certificate.proven_zeros[1]
    assert "w_j = 0.01, but every optimal solution has w_j = 0" in certificate.explain("held")


def test_unpenalised_and_excluded_features():
    certificate = lo.certify(orthogonal(lo.L1(weights=[1, 0, np.inf, 1])), [2.0, 0.5, 0.0, -1.0])
    assert certificate.explain("held").startswith("held is not penalised: the loss alone sets w_j = 0.5")
    assert "edge is excluded from the model" in certificate.explain("edge")
    assert "dLoss/dw_j = -1." in certificate.explain("edge")
    text = str(certificate)
    assert row_of(text, "edge")[3:5] == ["inf", "inf"]
    assert "(not penalised)" in text
    assert "(excluded from the model)" in text
    free = lo.certify(orthogonal(lo.NonnegativeL1(weights=[0, 0, 0, 0])), [3.0, 0.5, 1.0, 0.0])
    assert "must be 0 or more while w_j = 0 and is 2" in free.explain("down")
    assert "proven zero" in free.explain("down")


def test_nonnegative_weights_are_pushed_down_or_pulled_up():
    certificate = lo.certify(orthogonal("nonnegative_l1"), [2.0, 0.0, 0.0, 0.0])
    assert "the loss pushes it down with dLoss/dw_j = 2" in certificate.explain("down")
    assert "leaves a margin of 3" in certificate.explain("down")
    assert "the loss pulls upwards with -dLoss/dw_j = 0.5" in certificate.explain("held")


@pytest.mark.parametrize("kind", [lo.Group, lo.SparseGroup])
def test_groups_are_held_by_their_norm(kind):
    """Group b: z = (0.5, -0.6); its norm, or that beyond the L1 part, against lam k_b, by hand."""
    penalty = kind(groups=["a", "a", "b", "b"], group_weights=[1.0, 1.0])
    problem = orthogonal(penalty, y=[3.0, 2.0, 0.6, -0.8])
    words = lo.solve(problem).certificate.explain("edge")
    if kind is lo.Group:
        assert "at the whole group b with a gradient of norm 1, " in words.replace("norm 1 ", "norm 1, ")
        assert "on the boundary" in words
    else:  # soft((0.6, 0.8), 0.5) = (0.1, 0.3), norm sqrt(0.1); the bound is 0.5
        assert f"norm {math.sqrt(0.1):.5g}" in words
        assert f"a margin of {0.5 - math.sqrt(0.1):.5g}" in words
        single = lo.certify(orthogonal(penalty, y=[3.0, 0.2, 0.0, 0.0]), [2.0, 0.0, 0.0, 0.0]).explain("held")
        assert "|dLoss/dw_j| = 0.2, and the penalty can hold a pull of 0.5 at each single weight" in single


@pytest.mark.parametrize("feature", ["bmj", "", "BMI", 10, -1, 1.0, True, None])
def test_unknown_features(feature):
    data = lo.datasets.diabetes()
    certificate = lo.certify(lo.Problem(data.X, data.y, 1.0, feature_names=data.feature_names), np.zeros(10))
    with pytest.raises(lo.InputError, match="feature: found") as caught:
        certificate.explain(feature)
    if feature == "bmj":
        assert "a name: bmi" in str(caught.value)


# --- HTML and plain data --------------------------------------------------------------------------------------


class Reader(HTMLParser):
    """Checks that tags nest, and collects the cells of all table rows."""

    def __init__(self):
        super().__init__()
        self.open, self.rows, self.tags = [], [], set()

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ("td", "th"):
            self.rows[-1][-1] += data


def test_html_escapes_names_and_holds_the_same_rows():
    names = ["<script>alert(1)</script>", 'a"b', "c & d", "plain"]
    problem = lo.Problem(np.eye(4), [3.0, 0.5, 1.0, -2.0], 1.0, intercept=False, scaling="sum", feature_names=names)
    certificate = lo.certify(problem, [2.0, 0.0, 0.0, -1.0])
    reader = Reader()
    reader.feed(certificate._repr_html_())
    assert reader.open == []
    assert "script" not in reader.tags
    rows = {row[0]: row for row in reader.rows}
    assert set(names) <= set(rows)
    assert rows["plain"][1:6] == ["-1", "1", "1", "0", "active"]
    assert rows["verdict"][1].startswith("certified")


def test_as_dict_holds_what_the_certificate_says():
    certificate = lo.certify(orthogonal(lo.L1(weights=[1, 1, np.inf, 1])), [2.0, 0.0, 0.0, -1.0])
    content = json.loads(json.dumps(certificate.as_dict(), allow_nan=False))
    assert content["primal"] == pytest.approx(4.625)  # as by hand: excluding "edge", which is 0 anyway
    assert content["certified"] is True
    assert content["intercept"] is None
    assert content["intercept_gradient"] is None
    assert [row["state"] for row in content["kkt"]][:2] == ["active", "zero, held"]
    assert content["kkt"][2]["lam"] == "inf"
    assert content["proven_zeros"] == ["held", "edge"]
    assert content["proven_signs"] == {"up": 1, "down": -1}
    assert content["theta"] == pytest.approx([1, 0.5, 1, -1])
    assert content["uniqueness"]["verdict"] == "unique"


def test_unbounded_gaps_are_strict_json_and_said_in_words():
    certificate = lo.certify(orthogonal("nonnegative_l1"), [2.0, 0.0, 0.0, -1.0])
    content = json.loads(json.dumps(certificate.as_dict(), allow_nan=False))
    assert content["gap"] == content["relative_gap"] == "inf"
    assert "nothing bounds how far" in str(certificate)
    for j in range(4):
        assert certificate.explain(j)


def test_plain_values():
    assert plain({1: (np.float64(1.5), np.int64(2), np.bool_(True))}) == {"1": [1.5, 2, True]}
    assert plain([math.nan, math.inf, -math.inf, None, "x"]) == [None, "inf", "-inf", None, "x"]
    assert plain(np.array([1.0, math.inf])) == [1.0, "inf"]
