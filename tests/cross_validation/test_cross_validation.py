"""Cross-validation: against scikit-learn's, against its definition fold by fold, its rules, its workers, its figure."""

from __future__ import annotations

import dataclasses
from threading import get_ident
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from problems import LOSS_NAMES, make
from sklearn.linear_model import LassoCV, LogisticRegression
from sklearn.model_selection import KFold, LeaveOneGroupOut, PredefinedSplit, StratifiedShuffleSplit

import lassoopt as lo
from lassoopt.cross_validation import CrossValidation, held_out
from lassoopt.cross_validation.folds import fold_labels
from lassoopt.cross_validation.threads import in_turn
from lassoopt.paths.grid_path import lambda_grid

LABELS = np.arange(25) % 4


def result(fold_errors, fold_weights=None, lambdas=None):
    """What is made of a table of errors."""
    count, size = np.shape(fold_errors)
    lambdas = np.linspace(2, 1, size) if lambdas is None else lambdas
    weights = np.full(count, 1 / count) if fold_weights is None else fold_weights
    found = SimpleNamespace(lambdas=lambdas)
    return CrossValidation(found, np.arange(count), "loss", np.array(fold_errors), weights, np.ones(count, dtype=bool))


@pytest.fixture(scope="module")
def diabetes():
    data = lo.datasets.diabetes()
    problem = lo.Problem(data.X, data.y, 0.0, standardize=True, feature_names=data.feature_names)
    return lo.cross_validate(problem, 5, n_lambdas=40)


@pytest.mark.slow
def test_against_scikit_learn():
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((60, 8)), rng.standard_normal(60)
    y += X[:, 0]
    labels = rng.permutation(60) % 6
    found = lo.cross_validate(lo.Problem(X, y, 0.0), labels, n_lambdas=20, tol=1e-12)
    peer = LassoCV(alphas=found.lambdas, cv=PredefinedSplit(labels), tol=1e-12, max_iter=10**6).fit(X, y)
    np.testing.assert_array_equal(peer.alphas_, found.lambdas)
    np.testing.assert_allclose(found.fold_errors, peer.mse_path_.T, rtol=1e-6)
    assert found.lambda_min == peer.alpha_
    np.testing.assert_allclose(found.solution().coef, peer.coef_, atol=1e-6)
    assert found.error == "squared"


@pytest.mark.parametrize("workers", [1, 2])
def test_the_problem_needs_no_lam(workers):
    stated = make()
    bare = lo.Problem(stated.X, stated.y)
    there, here = (lo.cross_validate(problem, 3, n_lambdas=6, workers=workers) for problem in (stated, bare))
    np.testing.assert_array_equal(here.fold_errors, there.fold_errors)
    assert (str(here), here.as_dict()) == (str(there), there.as_dict())
    assert here.solution().coef.tolist() == there.solution().coef.tolist()
    lo.plots.cross_validation(here)


@pytest.mark.parametrize("penalty", ["l1", "elastic_net", "nonnegative_l1"])
@pytest.mark.parametrize("loss", LOSS_NAMES)
def test_no_loss_and_penalty_needs_a_lam(loss, penalty):
    problem = make(loss)
    bare = lo.Problem(problem.X, problem.y, loss=loss, penalty=penalty)
    lambdas = np.array([0.5, 0.2]) * bare.lambda_max if penalty != "elastic_net" else [0.2, 0.1]
    found = lo.cross_validate(bare, 3, lambdas=lambdas)
    assert found.certified
    assert np.isfinite(found.fold_errors).all()


@pytest.mark.slow
def test_logistic_against_scikit_learn():
    rng = np.random.default_rng(1)
    X = rng.standard_normal((80, 5))
    y = (X[:, 0] - X[:, 1] + rng.standard_normal(80) > 0).astype(float)
    labels = rng.permutation(80) % 4
    problem = lo.Problem(X, y, 0.0, loss="logistic", intercept=False)
    deviance = lo.cross_validate(problem, labels, n_lambdas=5, eps=0.05, tol=1e-12)
    wrong = lo.cross_validate(problem, labels, n_lambdas=5, eps=0.05, tol=1e-12, error="misclassification")
    assert deviance.error == "deviance"
    for k in range(4):
        train, test = labels != k, labels == k
        for i, lam in enumerate(deviance.lambdas):
            peer = LogisticRegression(
                l1_ratio=1,
                C=1 / (lam * train.sum()),
                solver="saga",
                fit_intercept=False,
                tol=1e-10,
                max_iter=10**5,
                random_state=0,
            ).fit(X[train], y[train])
            likely = peer.predict_proba(X[test])[np.arange(test.sum()), y[test].astype(int)]
            assert deviance.fold_errors[k, i] == pytest.approx(-2 * np.log(likely).mean(), rel=1e-5)
            share = 1 - peer.score(X[test], y[test]) if peer.coef_.any() else 0.5
            assert wrong.fold_errors[k, i] == pytest.approx(share)


def by_hand(error, problem, u, y):
    """Errors from their formulas, by no code of the package."""
    t = np.where(y == 1, 1.0, -1.0)
    if error == "squared":
        return (y - u) ** 2
    if error == "misclassification":
        return ((u > 0) != (y == 1)) * 1.0
    level, delta, r = getattr(problem.loss, "level", 0.5), getattr(problem.loss, "delta", 1.0), np.abs(y - u)
    loss = {
        "squared": 0.5 * r**2,
        "logistic": np.log(1 + np.exp(-t * u)),
        "huber": np.where(r <= delta, 0.5 * r**2, delta * r - 0.5 * delta**2),
        "quantile": np.where(y > u, level * r, (1 - level) * r),
        "squared_hinge": np.maximum(0, 1 - t * u) ** 2,
        "poisson": np.exp(u) - y * u,
    }[next(name for name in lo.LOSSES if type(problem.loss) is lo.LOSSES[name])]
    if error == "loss":
        return loss
    least = y - y * np.log(np.where(y > 0, y, 1.0)) if isinstance(problem.loss, lo.Poisson) else 0.0
    return 2 * (loss - least)


CASES = [
    *((loss, None, {}) for loss in LOSS_NAMES),
    *((loss, error, {}) for loss in ("huber", "squared_hinge", "poisson") for error in ("deviance", "loss")),
    ("huber", "squared", {}),
    ("squared_hinge", "misclassification", {}),
    ("squared", "loss", {"weights": "mixed", "sample_weights": "random"}),
    ("logistic", None, {"sample_weights": "zeros", "kind": "csr"}),
    ("squared", None, {"scaling": "sum", "sample_weights": "random", "kind": "csc", "intercept": False}),
    ("huber", "squared", {"penalty_name": "group", "scaling": "sum"}),
    ("poisson", None, {"standardize": True, "penalty_name": "elastic_net"}),
]


@pytest.mark.slow
@pytest.mark.parametrize(("loss", "error", "options"), CASES)
def test_the_errors_of_each_fold_by_hand(loss, error, options):
    """The fit without the fold, by `solve` on the samples left; its predictions of the fold; their weighted mean."""
    problem = make(loss, **options)
    found = lo.cross_validate(problem, LABELS, error=error, lambdas=[problem.lam, 0.3 * problem.lam], tol=1e-11)
    default = {"squared": "squared", "logistic": "deviance", "poisson": "deviance"}.get(loss, "loss")
    assert found.error == (error or default)
    total = problem.s.sum()
    X = problem.X.toarray() if sp.issparse(problem.X) else problem.X
    mean = np.zeros(2)
    for k in range(4):
        train, test = k != LABELS, k == LABELS
        weight = problem.s[train] / problem.s[train].sum()
        lam = found.lambdas / (total if problem.scaling == "sum" else 1.0)
        for i in range(2):
            small = lo.Problem(
                X[train], problem.y[train], lam[i], loss=problem.loss, penalty=problem.penalty,
                intercept=problem.intercept, sample_weight=weight,
            )  # fmt: skip
            solution = lo.solve(small, tol=1e-11)
            errors = by_hand(found.error, problem, X[test] @ solution.coef + solution.intercept, problem.y[test])
            s = problem.s[test]
            assert found.fold_errors[k, i] == pytest.approx((s @ errors) / s.sum(), rel=1e-4)
            mean[i] += s @ errors / total
    np.testing.assert_allclose(found.mean_error, mean, rtol=1e-4)
    shares = np.bincount(LABELS, weights=problem.s) / total
    np.testing.assert_allclose(found.fold_weights, shares)
    spread = shares @ (found.fold_errors - found.mean_error) ** 2
    np.testing.assert_allclose(found.std_error, np.sqrt(spread / 3))
    assert found.certified


def test_the_sum_is_the_mean_at_lam_times_n():
    mean, total = make(), make(scaling="sum")
    lambdas = lambda_grid(mean, 10)
    a, b = lo.cross_validate(mean, LABELS, lambdas=lambdas), lo.cross_validate(total, LABELS, lambdas=25 * lambdas)
    np.testing.assert_allclose(b.fold_errors, a.fold_errors, rtol=1e-8)
    assert b.lambda_min == pytest.approx(25 * a.lambda_min)
    assert b.lambda_1se == pytest.approx(25 * a.lambda_1se)


def test_sample_weights_are_repetitions():
    """A sample of weight 2 counts as two samples in the same fold."""
    problem = make()
    twice = np.repeat(np.arange(25), 1 + (np.arange(25) % 3 == 0))
    once = lo.Problem(problem.X, problem.y, 0.0, sample_weight=1.0 + (np.arange(25) % 3 == 0))
    repeated = lo.Problem(problem.X[twice], problem.y[twice], 0.0)
    a, b = lo.cross_validate(once, LABELS, n_lambdas=8), lo.cross_validate(repeated, LABELS[twice], n_lambdas=8)
    np.testing.assert_allclose(a.lambdas, b.lambdas)
    np.testing.assert_allclose(a.fold_errors, b.fold_errors, rtol=1e-6)
    np.testing.assert_allclose(a.mean_error, b.mean_error, rtol=1e-6)
    np.testing.assert_allclose(a.std_error, b.std_error, rtol=1e-6)


def test_the_penalty_of_all_data_is_kept_in_every_fold(monkeypatch):
    seen = []
    real = held_out.path
    monkeypatch.setattr(
        held_out, "path", lambda problem, *a, **o: seen.append(problem.penalty.c) or real(problem, *a, **o)
    )
    problem = make(standardize=True)
    lo.cross_validate(problem, 3, n_lambdas=3)
    assert len(seen) == 4
    for c in seen:
        np.testing.assert_allclose(c, problem.X.std(axis=0), rtol=1e-14)


def test_equal_folds_have_the_standard_error_of_a_mean():
    errors = np.random.default_rng(0).random((5, 7))
    found = result(errors)
    np.testing.assert_allclose(found.mean_error, errors.mean(axis=0))
    np.testing.assert_allclose(found.std_error, errors.std(axis=0, ddof=1) / np.sqrt(5))


TABLES = hnp.arrays(float, st.tuples(st.integers(2, 6), st.integers(1, 8)), elements=st.integers(0, 5).map(float))


@pytest.mark.slow
@given(TABLES, st.randoms(use_true_random=False))
def test_the_rules_by_their_definition(errors, random):
    weights = np.array([random.uniform(0.1, 1) for _ in errors])
    found = result(errors, weights / weights.sum())
    least = min(found.mean_error)
    best = max(lam for lam, mean in zip(found.lambdas, found.mean_error, strict=True) if mean == least)
    assert found.lambda_min == best
    level = least + found.std_error[list(found.lambdas).index(best)]
    within = [lam for lam, mean in zip(found.lambdas, found.mean_error, strict=True) if mean <= level]
    assert found.lambda_1se == max(within) >= found.lambda_min
    assert found.lambdas[found.index("min")] == found.lambda_min
    assert found.lambdas[found.index("1se")] == found.lambda_1se


def test_ties_and_infinite_errors():
    found = result([[3.0, 1.0, 1.0, 2.0], [3.0, 1.0, 1.0, np.inf]])
    assert (found.index_min, found.index_1se) == (1, 1)
    assert found.std_error[3] == np.inf
    assert result([[np.inf, 1.0], [0.0, 1.0]]).index_1se == 1


@pytest.mark.slow
def test_the_final_fit_comes_with_its_certificate(diabetes):
    for rule, lam in (("min", diabetes.lambda_min), ("1se", diabetes.lambda_1se)):
        solution = diabetes.solution(rule)
        assert solution.certificate.certified
        assert solution.certificate.problem.lam == lam
        np.testing.assert_allclose(solution.coef, lo.solve(diabetes.problem.with_lam(lam)).coef, rtol=1e-5, atol=1e-8)
    assert diabetes.solution() is diabetes.solution("min")
    with pytest.raises(lo.InputError, match="rule: found 'best'; allowed: min, 1se"):
        diabetes.solution("best")


def test_folds_are_seeded_equal_in_size_and_random():
    problem = make()
    labels = fold_labels(problem, 4, 3)
    np.testing.assert_array_equal(labels, fold_labels(problem, 4, 3))
    assert any(np.any(labels != fold_labels(problem, 4, seed)) for seed in range(3))
    assert sorted(np.bincount(labels)) == [6, 6, 6, 7]
    assert np.any(np.diff(labels[labels.argsort(kind="stable")]) >= 0)
    assert sorted(fold_labels(problem, 25)) == list(range(25))
    a, b = (lo.cross_validate(problem, 4, seed=3, n_lambdas=4) for _ in range(2))
    np.testing.assert_array_equal(a.fold_errors, b.fold_errors)


@pytest.mark.parametrize("loss", ["logistic", "squared_hinge"])
def test_folds_have_their_share_of_both_classes_and_of_the_samples_that_count(loss):
    rng = np.random.default_rng(0)
    y = np.where(np.arange(53) < 13, 1.0, 0.0)
    weight = np.where(rng.random(53) < 0.2, 0.0, 1.0)
    problem = lo.Problem(rng.standard_normal((53, 2)), y, 0.1, loss=loss, sample_weight=weight)
    labels = fold_labels(problem, 4)
    for those in (weight > 0, (weight > 0) & (y == 1), (weight > 0) & (y == 0)):
        assert np.ptp(np.bincount(labels[those], minlength=4)) <= 1
    assert np.ptp(np.bincount(labels)) <= 1


@pytest.mark.slow
def test_labels_of_any_kind():
    problem = make()
    names = np.array(["north", "south", "east", "west"])[LABELS]
    expected = lo.cross_validate(problem, LABELS, n_lambdas=4).mean_error
    for labels in (names, names.tolist(), pd.Series(names), LABELS + 7, (LABELS - 2).astype(np.int8)):
        found = lo.cross_validate(problem, labels, n_lambdas=4)
        np.testing.assert_allclose(found.mean_error, expected)
        np.testing.assert_array_equal(found.folds, labels)


@pytest.mark.slow
def test_a_splitter_and_its_splits_are_one():
    problem = make("logistic")
    splitter = StratifiedShuffleSplit(3, test_size=0.4, random_state=0)
    splits = list(splitter.split(problem.X, problem.y))
    known = lo.cross_validate(problem, splits, n_lambdas=4)
    for folds in (splitter, tuple(splits), iter(splits), splitter.split(problem.X, problem.y)):
        np.testing.assert_array_equal(lo.cross_validate(problem, folds, n_lambdas=4).fold_errors, known.fold_errors)
    for k, (train, test) in enumerate(splits):  # by the definition
        for lam, error in zip(known.lambdas, known.fold_errors[k], strict=True):
            fit = lo.solve(lo.Problem(problem.X[train], problem.y[train], lam, loss="logistic"))
            u = problem.X[test] @ fit.coef + fit.intercept
            assert error == pytest.approx(np.mean(by_hand("deviance", problem, u, problem.y[test])), rel=1e-5)
    assert known.folds is None
    assert known.fold_names == [0, 1, 2]
    assert known.as_dict()["folds"] is None


def test_splits_of_a_partition_are_its_labels():
    problem = make(sample_weights="random")
    found = lo.cross_validate(problem, LABELS, n_lambdas=4)
    splits = [(k != LABELS, np.flatnonzero(k == LABELS)) for k in range(4)]
    again = lo.cross_validate(problem, splits, n_lambdas=4)
    np.testing.assert_array_equal(again.fold_errors, found.fold_errors)
    np.testing.assert_array_equal(again.fold_weights, found.fold_weights)
    assert (again.lambda_min, again.lambda_1se) == (found.lambda_min, found.lambda_1se)


def test_one_split_has_no_standard_error():
    found = lo.cross_validate(make(), [(np.arange(15), np.arange(15, 25))], n_lambdas=4)
    assert found.index("min") == np.argmin(found.fold_errors[0])
    assert np.isnan(found.std_error).all()
    with pytest.raises(lo.InputError, match="rule: found '1se' for one fold"):
        found.solution("1se")
    assert "one fold has no standard error" in str(found)
    assert "lambda_1se" not in repr(found)
    assert found.as_dict()["lambda_1se"] is None
    assert found.plot().lines


def test_bad_splits_are_named():
    problem, halves = make(), (np.arange(15), np.arange(15, 25))
    for folds, words in [
        ([(np.arange(16), np.arange(15, 25))], "folds: found sample 15 in both halves of split 0"),
        ([halves, (np.arange(15), [25])], "in split 1; allowed are row numbers below 25"),
        ([halves, (np.arange(15), [0.5])], "in split 1"),
        ([halves, (np.arange(15), np.ones(24, dtype=bool))], "in split 1"),
        ([halves, (np.arange(15), [])], "found [] in split 1"),
        ([halves, (np.arange(15),)], "at [1]; allowed are pairs"),
        ([halves, 3], "found 3 at [1]; allowed are pairs"),
        (iter([]), "found no pair (train, test)"),
        (LeaveOneGroupOut(), "for a split by groups, give splitter.split(X, y, groups)"),
        (KFold(26), "folds: Cannot have number of splits n_splits=26"),
    ]:
        with pytest.raises(lo.InputError) as caught:
            lo.cross_validate(problem, folds)
        assert words in str(caught.value)
    weights = np.where(np.arange(25) < 15, 1.0, 0.0)
    with pytest.raises(lo.InputError, match="only samples of weight 0 in fold 0"):
        lo.cross_validate(lo.Problem(problem.X, problem.y, 0.0, sample_weight=weights), [halves])
    y = (np.arange(25) < 20) * 1.0
    with pytest.raises(lo.InputError, match="folds: the training samples of fold 0 cannot be fitted"):
        lo.cross_validate(lo.Problem(problem.X, y, 0.0, loss="logistic"), [(np.arange(15), np.arange(15, 24))])


BAD = [
    ({"folds": 1}, "folds: found 1; allowed is a whole number from 2 to 25, the number of samples, or 25 labels"),
    ({"folds": 26}, "folds: found 26"),
    ({"folds": True}, "folds: found True"),
    ({"folds": 2.0}, "folds: found 2.0"),
    ({"folds": "ten"}, "folds: found 'ten'"),
    ({"folds": None}, "folds: found None"),
    ({"folds": [0, 1]}, "folds: found labels of shape (2,); X has 25 rows"),
    ({"folds": [[0, 1], [2]]}, "folds: found labels [list([0, 1]) list([2])], with [0, 1] at [0]"),
    ({"folds": np.zeros(25, dtype=int)}, "folds: found only the label 0; allowed are two or more"),
    ({"folds": LABELS + 0.5}, "folds: found labels [0.5 1.5"),
    ({"folds": [*["a"] * 24, None]}, "folds: found labels ['a'"),
    ({"seed": -1}, "seed: found -1"),
    ({"error": "auc"}, "error: found 'auc'; allowed: squared, deviance, misclassification, loss"),
    ({"error": "misclassification"}, "error: found 'misclassification', which Squared has not; allowed: squared, "),
    ({"lambdas": [1.0, -1.0]}, "lambdas: found [1.0, -1.0]"),
    ({"lambdas": []}, "lambdas: found shape (0,)"),
    ({"n_lambdas": 0}, "n_lambdas: found 0"),
    ({"eps": 2}, "eps: found 2"),
    ({"tol": 0}, "tol: found 0"),
    ({"workers": 0}, "workers: found 0; allowed is a whole number >= 1"),
]


@pytest.mark.parametrize(("options", "words"), BAD)
def test_bad_input(options, words):
    with pytest.raises(lo.InputError) as caught:
        lo.cross_validate(make(), **{"folds": 3, **options})
    assert words in str(caught.value)


def test_errors_that_a_loss_has_not():
    for loss in ("logistic", "squared_hinge", "poisson"):
        with pytest.raises(lo.InputError, match=r"error: found 'squared', which .* has not"):
            lo.cross_validate(make(loss), 3, error="squared")
    with pytest.raises(lo.InputError, match="problem: found list"):
        lo.cross_validate([])


@pytest.mark.slow
def test_a_fold_that_holds_all_of_a_class_is_named():
    y = np.where(np.arange(20) < 2, 1.0, 0.0)
    problem = lo.Problem(np.random.default_rng(0).standard_normal((20, 3)), y, 0.1, loss="logistic")
    labels = np.arange(20) // 10
    with pytest.raises(lo.InputError, match="folds: the samples outside of fold 0 cannot be fitted: y: found only the"):
        lo.cross_validate(problem, labels)
    alone = lo.Problem(problem.X, (np.arange(20) == 0) * 1.0, 0.1, loss="logistic")
    with pytest.raises(lo.InputError, match=r"fold \d+ cannot be fitted: .* folds that spread each kind of target"):
        lo.cross_validate(alone, 10)
    found = lo.cross_validate(problem, 20, n_lambdas=3)  # held out alone, a class may be missing
    assert np.isfinite(found.mean_error).all()


def test_a_fold_without_weight_is_named():
    problem = make(sample_weights="zeros")  # 1, 6, 11, ... weigh nothing
    with pytest.raises(lo.InputError, match="folds: found only samples of weight 0 in fold 'none'"):
        lo.cross_validate(problem, np.where(np.arange(25) % 5 == 1, "none", "some"))
    with pytest.raises(lo.InputError, match="from 2 to 20, the number of samples of weight above 0"):
        lo.cross_validate(problem, 21)
    assert lo.cross_validate(problem, 20, n_lambdas=2).done.all()


def test_a_free_column_that_is_constant_without_a_fold():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((24, 4))
    X[:, 3] = np.arange(24) % 3 == 0
    labels = np.where(X[:, 3] == 1, 0, 1 + np.arange(24) % 2)
    problem = lo.Problem(X, X[:, 0] + rng.standard_normal(24), 0.0, penalty=lo.L1(weights=[1.0, 1.0, 1.0, 0.0]))
    found = lo.cross_validate(problem, labels, n_lambdas=5)
    assert found.certified
    assert np.isfinite(found.mean_error).all()


@pytest.mark.parametrize("loss", ["squared", "logistic", "quantile"])
def test_workers_find_the_same(loss, monkeypatch):
    monkeypatch.setattr(held_out, "_cpus", lambda: 3)
    problem = make(loss, sample_weights="random")
    alone = lo.cross_validate(problem, 4, n_lambdas=6)
    found = lo.cross_validate(problem, 4, n_lambdas=6, workers=8)
    np.testing.assert_allclose(found.fold_errors, alone.fold_errors, rtol=1e-9)
    np.testing.assert_array_equal(found.path.coefs != 0, alone.path.coefs != 0)
    assert (found.lambda_min, found.lambda_1se) == (alone.lambda_min, alone.lambda_1se)
    assert found.certified


@pytest.mark.parametrize("workers", [1, 3])
def test_progress_is_told_of_every_point_in_the_callers_thread(monkeypatch, workers):
    monkeypatch.setattr(held_out, "_cpus", lambda: 3)
    seen = []
    lo.cross_validate(
        make(), 4, n_lambdas=6, workers=workers, progress=lambda *state: seen.append((*state, get_ident()))
    )
    assert seen == [(done, 30, get_ident()) for done in range(1, 31)]


def test_workers_are_as_many_as_paths_and_cpus(monkeypatch):
    asked = []

    def counted(tasks, tick, count):
        asked.append(count)
        return in_turn(tasks, tick)

    monkeypatch.setattr(held_out, "in_threads", counted)
    for cpus, folds, workers in ((8, 3, 16), (2, 5, 16), (8, 5, 4), (1, 3, 2)):
        monkeypatch.setattr(held_out, "_cpus", lambda cpus=cpus: cpus)
        lo.cross_validate(make(), folds, n_lambdas=2, workers=workers)
    assert asked == [4, 2, 4]  # one is the caller's own


class Mine(lo.Squared):
    """A loss that this script defines."""


def test_workers_take_what_the_callers_script_defines(monkeypatch):
    monkeypatch.setattr(held_out, "_cpus", lambda: 2)
    problem = make()
    mine, known = (lo.Problem(problem.X, problem.y, loss=loss) for loss in (Mine(), "squared"))
    found, expected = (lo.cross_validate(each, 3, n_lambdas=4, workers=2) for each in (mine, known))
    np.testing.assert_allclose(found.fold_errors, expected.fold_errors, rtol=1e-6)


def test_a_training_set_is_laid_out_as_the_data(monkeypatch):
    seen, real = [], held_out.path
    monkeypatch.setattr(held_out, "path", lambda problem, *a, **o: seen.append(problem.X) or real(problem, *a, **o))
    for order in "CF":
        problem = make()
        X = np.array(problem.X, order=order)
        lo.cross_validate(lo.Problem(X, problem.y), LABELS, n_lambdas=2)
        assert all(each.flags[f"{order}_CONTIGUOUS"] for each in seen)
        for k, each in enumerate(seen[1:]):
            np.testing.assert_array_equal(each, X[k != LABELS])
        seen.clear()


def interrupted_at(monkeypatch, call, *, partly=False):
    """`path` ended by Ctrl-C the given time that it is called, before any solution or after the first."""
    calls, real = [], held_out.path

    def path(problem, lambdas, **options):
        calls.append(problem)
        if len(calls) < call:
            return real(problem, lambdas, **options)
        if partly:
            found = real(problem, lambdas, **options)
            return dataclasses.replace(found, lambdas=found.lambdas[:1], solutions=found.solutions[:1])
        raise KeyboardInterrupt

    monkeypatch.setattr(held_out, "path", path)


@pytest.mark.parametrize("partly", [False, True])
def test_ctrl_c_keeps_the_folds_done(monkeypatch, partly):
    problem = make(sample_weights="random")
    whole = lo.cross_validate(problem, LABELS, n_lambdas=4)
    interrupted_at(monkeypatch, 4, partly=partly)  # the path of all data, then two folds
    found = lo.cross_validate(problem, LABELS, n_lambdas=4)
    assert found.done.tolist() == [True, True, False, False]
    np.testing.assert_array_equal(found.fold_errors[:2], whole.fold_errors[:2])
    shares = whole.fold_weights[:2] / whole.fold_weights[:2].sum()
    np.testing.assert_allclose(found.mean_error, shares @ whole.fold_errors[:2])
    assert np.isfinite(found.std_error).all()
    assert "2 of 4 folds" in repr(found)
    assert "interrupted: these are the errors of the folds done" in str(found)
    assert found.certified
    assert found.as_dict()["fold_errors"][3] == [None] * 4


@pytest.mark.parametrize("call", [1, 3])
@pytest.mark.parametrize("partly", [False, True])
def test_ctrl_c_before_the_second_fold_leaves_nothing(monkeypatch, call, partly):
    interrupted_at(monkeypatch, call, partly=partly)
    with pytest.raises(KeyboardInterrupt):
        lo.cross_validate(make(), LABELS, n_lambdas=4)


def test_text(diabetes):
    lines = str(diabetes).splitlines()
    assert lines[0] == "Cross-validation: 5 folds, squared error"
    assert max(map(len, lines)) <= 100
    (row,) = (line.split() for line in lines if line.strip().startswith("1se"))
    assert float(row[1]) == pytest.approx(diabetes.lambda_1se, rel=1e-4)
    assert float(row[3]) == pytest.approx(diabetes.mean_error[diabetes.index_1se], rel=1e-4)
    assert int(row[5]) == np.count_nonzero(diabetes.solution("1se").coef)
    assert "certified: all fits of all paths" in str(diabetes)
    assert repr(diabetes).startswith("CrossValidation(5 folds, squared error, 40 lam from 45.16 to 0.04516, lambda_min")


def test_notes_and_verdict_say_what_is_wrong(diabetes):
    broken = dataclasses.replace(diabetes, fold_certified=np.array([True, False, True, True, True]))
    assert not broken.certified
    assert "not all certified to a relative gap of 1e-08: fits without fold 1" in str(broken)
    assert "not all certified" in repr(broken)
    rising = dataclasses.replace(diabetes, fold_errors=np.tile(np.arange(40.0), (5, 1)))
    assert "lambda_min is the largest lam of the grid" in str(rising)
    falling = dataclasses.replace(diabetes, fold_errors=np.tile(-np.arange(40.0), (5, 1)))
    assert "lambda_min is the smallest lam of the grid" in str(falling)


def test_the_figure(diabetes):
    ax = diabetes.plot()
    curve = next(line for line in ax.lines if "mean error $" in line.get_label())
    np.testing.assert_array_equal(curve.get_xdata(), diabetes.lambdas)
    np.testing.assert_array_equal(curve.get_ydata(), diabetes.mean_error)
    bars = np.array(ax.collections[0].get_segments())
    np.testing.assert_allclose(bars[:, 0, 1], diabetes.mean_error - diabetes.std_error)
    np.testing.assert_allclose(bars[:, 1, 1], diabetes.mean_error + diabetes.std_error)
    upright = {line.get_xdata()[0]: line for line in ax.lines if len(line.get_xdata()) == 2}
    assert {diabetes.lambda_min, diabetes.lambda_1se} <= upright.keys()
    assert upright[diabetes.lambda_min].get_linestyle() != upright[diabetes.lambda_1se].get_linestyle()
    assert ax.get_xscale() == "log"
    low, high = ax.get_xlim()
    assert low > high  # lam falls to the right
    (upper,) = ax.child_axes
    for lam, label in zip(upper.get_xticks(), upper.get_xticklabels(), strict=True):
        (index,) = np.flatnonzero(diabetes.lambdas == lam)
        assert int(label.get_text()) == np.count_nonzero(diabetes.path.coefs[index])


@pytest.mark.slow
def test_the_figure_of_one_lam_of_zero_and_of_many():
    problem = make()
    assert lo.cross_validate(problem, 3, lambdas=[0.0, 0.1]).plot().get_xscale() == "linear"
    lo.cross_validate(problem, 3, lambdas=[0.1]).plot().figure.canvas.draw()
    ax = lo.plots.cross_validation(lo.cross_validate(problem, 3, n_lambdas=120))
    assert len(ax.collections[0].get_segments()) <= 50
