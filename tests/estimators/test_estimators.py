"""The scikit-learn estimators: its own checks, its own answers, and what it does not offer, by definition."""

from __future__ import annotations

import dataclasses
import pickle
import subprocess
import sys
from functools import partial

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from sklearn import config_context
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import Lasso, LassoCV, LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    GroupShuffleSplit,
    KFold,
    LeaveOneGroupOut,
    PredefinedSplit,
    RepeatedKFold,
    ShuffleSplit,
    TimeSeriesSplit,
    cross_val_score,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import parametrize_with_checks

import lassoopt as lo
from lassoopt.estimators import CertifiedLasso, CertifiedLassoCV, CertifiedLogistic, cross_validated, lasso, logistic

PEER = {"tol": 1e-14, "max_iter": 10**6}  # of scikit-learn's coordinate descent
SAGA = partial(LogisticRegression, l1_ratio=1, solver="saga", tol=1e-12, max_iter=10**5)
SMALL_CV = CertifiedLassoCV(alphas=10, cv=3)
EACH = [CertifiedLasso(0.1), CertifiedLassoCV("1se", alphas=10, cv=3), CertifiedLogistic(0.3)]
each = pytest.mark.parametrize("model", EACH, ids=lambda model: type(model).__name__)


@pytest.mark.slow
@parametrize_with_checks([CertifiedLasso(), CertifiedLassoCV(alphas=10), CertifiedLogistic()])
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


def regression(n=40, p=6, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, p)) + rng.uniform(-1, 1, p)
    return X, 2.0 + X @ np.array([1.0, -0.8, 0.5, 0.0, 0.3, 0.0])[:p] + 0.5 * rng.standard_normal(n)


def classes(n=60, seed=0):
    X, y = regression(n, seed=seed)
    return X, np.where(y > np.median(y), "yes", "no")


def data(model, n=40):
    """Data that suit the model."""
    return classes(n) if isinstance(model, CertifiedLogistic) else regression(n)


def some_weights(n):
    weights = np.random.default_rng(5).uniform(0.2, 3.0, n)
    weights[::7] = 0.0
    return weights


@pytest.mark.parametrize("matrix", [np.asarray, sp.csr_matrix, sp.csc_array])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("positive", [False, True])
@pytest.mark.parametrize("fit_intercept", [False, True])
def test_lasso_is_scikit_learns(fit_intercept, positive, weighted, matrix):
    X, y = regression()
    weights = some_weights(len(y)) if weighted else None
    settings = {"alpha": 0.1, "fit_intercept": fit_intercept, "positive": positive}
    ours = CertifiedLasso(**settings).fit(matrix(X), y, sample_weight=weights)
    theirs = Lasso(**settings, **PEER).fit(X, y, sample_weight=weights)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-7)
    np.testing.assert_allclose(ours.intercept_, theirs.intercept_, atol=1e-7)
    np.testing.assert_allclose(ours.predict(matrix(X[:5])), theirs.predict(X[:5]), atol=1e-6)
    assert 0 < np.count_nonzero(ours.coef_) < 6
    assert ours.coef_.dtype == np.float64
    assert positive == (ours.coef_.min() >= 0)
    assert ours.certificate_.certified


def test_objective_and_gap_are_those_of_scikit_learns_definition():
    X, y = regression()
    weights, v = np.array([1.0, 2.0, 0.0, 0.5, 1.0, 3.0]), some_weights(len(y))
    ours = CertifiedLasso(0.1, weights=weights).fit(X, y, v)
    residual = y - X @ ours.coef_ - ours.intercept_
    objective = v @ residual**2 / (2 * v.sum()) + 0.1 * weights @ np.abs(ours.coef_)
    np.testing.assert_allclose(ours.certificate_.primal, objective, rtol=1e-12)
    assert ours.dual_gap_ == ours.certificate_.gap
    assert abs(ours.dual_gap_) <= 1e-8 * objective


def test_feature_weights_are_scaled_columns():
    X, y = regression()
    weights = np.array([0.5, 1.0, 3.0, 1.0, np.inf, 2.0])
    ours = CertifiedLasso(0.1, weights=weights).fit(X, y)
    kept = np.isfinite(weights)
    theirs = Lasso(0.1, **PEER).fit(X[:, kept] / weights[kept], y)
    np.testing.assert_allclose(ours.coef_[kept], theirs.coef_ / weights[kept], atol=1e-7)
    assert ours.coef_[4] == 0
    assert ours.coef_[2] != 0


def test_weight_0_is_no_penalty():
    """A free feature can be taken out of all others, and of y, by least squares first (Frisch & Waugh)."""
    X, y = regression()
    ours = CertifiedLasso(0.2, weights=[0, 1, 1, 1, 1, 1]).fit(X, y)
    free = np.column_stack([np.ones(len(y)), X[:, 0]])
    out = np.eye(len(y)) - free @ np.linalg.pinv(free)
    theirs = Lasso(0.2, fit_intercept=False, **PEER).fit(out @ X[:, 1:], out @ y)
    np.testing.assert_allclose(ours.coef_[1:], theirs.coef_, atol=1e-7)
    intercept, first = np.linalg.lstsq(free, y - X[:, 1:] @ ours.coef_[1:])[0]
    np.testing.assert_allclose([ours.intercept_, ours.coef_[0]], [intercept, first], atol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("positive", [False, True])
def test_lasso_cv_is_scikit_learns(positive, weighted):
    X, y = regression(50)
    weights = some_weights(50) if weighted else None
    ours = CertifiedLassoCV(alphas=25, eps=1e-2, positive=positive).fit(X, y, weights)
    theirs = LassoCV(alphas=ours.alphas_, positive=positive, **PEER).fit(X, y, weights)
    np.testing.assert_allclose(ours.mse_path_, theirs.mse_path_, rtol=1e-6)
    final = Lasso(ours.alpha_, positive=positive, **PEER).fit(X, y, weights)
    np.testing.assert_allclose(ours.coef_, final.coef_, atol=1e-7)
    np.testing.assert_allclose(ours.intercept_, final.intercept_, atol=1e-7)
    assert ours.certificate_.problem.lam == ours.alpha_
    assert weighted or ours.alpha_ == theirs.alpha_  # folds weigh the same there


@pytest.mark.slow
def test_default_grid_and_folds_are_scikit_learns():
    X, y = regression(50)
    ours, theirs = CertifiedLassoCV().fit(X, y), LassoCV(**PEER).fit(X, y)
    np.testing.assert_allclose(ours.alphas_, theirs.alphas_, rtol=1e-9)
    np.testing.assert_allclose(ours.mse_path_, theirs.mse_path_, rtol=1e-6)
    np.testing.assert_allclose(ours.alpha_, theirs.alpha_, rtol=1e-9)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-7)


@pytest.mark.slow
def test_rules_by_their_definition():
    X, y = regression(47)
    v = some_weights(47)
    least = CertifiedLassoCV("min", alphas=30, cv=KFold(4)).fit(X, y, v)
    sparse = CertifiedLassoCV("1se", alphas=30, cv=KFold(4)).fit(X, y, v)
    share = np.array([v[test].sum() for _, test in KFold(4).split(X)]) / v.sum()
    mean = least.mse_path_ @ share
    error = np.sqrt((least.mse_path_ - mean[:, None]) ** 2 @ share / 3)
    np.testing.assert_allclose(least.mse_mean_, mean)
    np.testing.assert_allclose(least.mse_std_error_, error)
    best = int(np.argmin(mean))
    within = least.alphas_[mean <= mean[best] + error[best]]
    assert least.alpha_ == least.alphas_[best]
    assert sparse.alpha_ == within.max() > least.alpha_
    np.testing.assert_allclose(sparse.coef_, Lasso(sparse.alpha_, **PEER).fit(X, y, v).coef_, atol=1e-7)
    assert sparse.certificate_.certified


SPLITTERS = [
    ShuffleSplit(4, random_state=0),
    ShuffleSplit(3, train_size=15, test_size=7, random_state=1),
    RepeatedKFold(n_splits=3, n_repeats=2, random_state=0),
    RepeatedKFold(n_splits=4, n_repeats=2, random_state=0),
    TimeSeriesSplit(4),
    PredefinedSplit([-1] * 20 + [0] * 5 + [1] * 5),
    PredefinedSplit([-1] * 20 + [0] * 10),
    GroupShuffleSplit(3, test_size=0.3, random_state=0),
    [(np.arange(10), np.arange(10, 20)), ([25, 25, 26, 27, 28, 29], [0, 0, 1])],
    [(np.arange(30) > k, np.arange(30) == k) for k in range(5)],
]


@pytest.mark.slow
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("cv", SPLITTERS, ids=lambda cv: type(cv).__name__)
def test_splits_that_test_samples_never_or_often_are_scikit_learns(cv, weighted):
    """The errors of each split; their mean, weighted by the test sets, as the class says it."""
    X, y = regression(30)
    v = np.random.default_rng(1).uniform(0.5, 2, 30) if weighted else None
    groups = {"groups": np.arange(30) // 4} if isinstance(cv, GroupShuffleSplit) else {}
    splits = list(cv.split(X, y, **groups)) if hasattr(cv, "split") else cv
    ours = CertifiedLassoCV(alphas=[1.0, 0.3, 0.1], cv=splits if groups else cv).fit(X, y, v)
    theirs = LassoCV(alphas=[1.0, 0.3, 0.1], cv=splits, **PEER).fit(X, y, v)
    np.testing.assert_allclose(ours.mse_path_, theirs.mse_path_.reshape(3, -1), rtol=1e-6)
    share = np.array([(np.ones(30) if v is None else v)[test].sum() for _, test in splits])
    share /= share.sum()
    mean = ours.mse_path_ @ share
    np.testing.assert_allclose(ours.mse_mean_, mean, rtol=1e-12)
    assert ours.alpha_ == ours.alphas_[np.argmin(mean)]
    if len(splits) == 1:
        assert np.isnan(ours.mse_std_error_).all()
        return
    error = np.sqrt((ours.mse_path_ - mean[:, None]) ** 2 @ share / (len(splits) - 1))
    np.testing.assert_allclose(ours.mse_std_error_, error, rtol=1e-9)
    direct = lo.cross_validate(lo.Problem(X, y, 0.0, sample_weight=v), splits, lambdas=[1.0, 0.3, 0.1])
    np.testing.assert_allclose(direct.fold_errors.T, ours.mse_path_)


@pytest.mark.slow
@pytest.mark.parametrize("splitter", [LeaveOneGroupOut(), GroupKFold(3), GroupShuffleSplit(3, random_state=0)], ids=str)
def test_groups_come_by_metadata_routing(splitter):
    X, y = regression(30)
    groups = np.repeat([0, 1, 2, 3], [5, 10, 8, 7])
    with config_context(enable_metadata_routing=True):
        ours = CertifiedLassoCV(alphas=[0.3, 0.1], cv=splitter).fit(X, y, groups=groups)
        theirs = LassoCV(alphas=[0.3, 0.1], cv=splitter, **PEER).fit(X, y, groups=groups)
        inner = CertifiedLassoCV(alphas=3, cv=LeaveOneGroupOut())
        search = GridSearchCV(inner, {"positive": [False, True]}, cv=splitter)
        assert search.fit(X, y, groups=groups).best_estimator_.certificate_.certified
        with pytest.raises(TypeError, match="unexpected argument"):
            CertifiedLassoCV(alphas=3).fit(X, y, groups=groups)  # KFold asks for none
    np.testing.assert_allclose(ours.mse_path_, theirs.mse_path_, rtol=1e-6)
    with pytest.raises(ValueError, match=r"groups.*only supported if enable_metadata_routing=True"):
        CertifiedLassoCV(alphas=3, cv=splitter).fit(X, y, groups=groups)
    with pytest.raises(ValueError, match="The 'groups' parameter should not be None"):
        CertifiedLassoCV(alphas=3, cv=splitter).fit(X, y)


@pytest.mark.slow
@each
@pytest.mark.parametrize("weight", [1, 2.5, np.float32(3)])
def test_one_number_is_the_weight_of_every_sample(model, weight):
    X, y = data(model)
    ours, same = clone(model).fit(X, y, weight), clone(model).fit(X, y, np.full(len(y), weight))
    np.testing.assert_array_equal(ours.coef_, same.coef_)
    with pytest.raises(ValueError, match="sample_weight: found"):
        clone(model).fit(X, y, -1.0)


@pytest.mark.parametrize("value", [0.0, 5.0, -3.25])
@pytest.mark.parametrize("rule", ["min", "1se"])
def test_a_constant_target_is_predicted(rule, value):
    """As scikit-learn's LassoCV does it; its own test compares ``alphas_`` too."""
    X, y = regression(12)[0], np.full(12, value)
    ours, theirs = CertifiedLassoCV(rule, alphas=4).fit(X, y), LassoCV(alphas=4).fit(X, y)
    np.testing.assert_array_equal(ours.alphas_, theirs.alphas_)
    np.testing.assert_allclose(ours.predict(X), y, rtol=4e-16)  # the mean of equal numbers, rounded
    assert not ours.coef_.any()
    assert ours.mse_path_.shape == theirs.mse_path_.shape == (4, 5)
    assert ours.mse_mean_.shape == ours.mse_std_error_.shape == (4,)
    assert ours.mse_path_.max() <= (4e-16 * value) ** 2


def test_folds_of_groups_and_of_masks():
    X, y = regression(30)
    groups = np.arange(30) % 3
    splits = list(GroupKFold(3).split(X, y, groups))
    masks = [(np.isin(np.arange(30), train), np.isin(np.arange(30), test)) for train, test in splits]
    ours = [CertifiedLassoCV(alphas=[0.3, 0.1], cv=cv).fit(X, y) for cv in (splits, masks, iter(splits))]
    theirs = LassoCV(alphas=[0.3, 0.1], cv=splits, **PEER).fit(X, y)
    for found in ours:
        np.testing.assert_allclose(found.mse_path_, theirs.mse_path_, rtol=1e-6)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("fit_intercept", [False, True])
@pytest.mark.parametrize("C", [0.1, 1.0])
def test_logistic_is_scikit_learns(C, fit_intercept, weighted):
    X, y = classes()
    weights = some_weights(len(y)) if weighted else None
    ours = CertifiedLogistic(C, fit_intercept=fit_intercept).fit(X, y, weights)
    theirs = SAGA(C=C, fit_intercept=fit_intercept).fit(X, y, weights)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-6)
    np.testing.assert_allclose(ours.intercept_, theirs.intercept_, atol=1e-6)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-6)
    np.testing.assert_allclose(ours.decision_function(X), theirs.decision_function(X), atol=1e-5)
    assert ours.classes_.tolist() == ["no", "yes"]
    assert (ours.predict(X) == theirs.predict(X)).all()
    assert (ours.coef_.shape, ours.intercept_.shape) == (theirs.coef_.shape, theirs.intercept_.shape)
    assert 0 < np.count_nonzero(ours.coef_) <= 6


def test_logistic_objective_by_its_definition():
    X, y = classes()
    weights, v = np.array([0.5, 1.0, 0.0, 2.0, np.inf, 1.0]), some_weights(len(y))
    ours = CertifiedLogistic(0.7, weights=weights).fit(X, y, v)
    margin = np.where(y == "yes", 1, -1) * ours.decision_function(X)
    finite = np.where(np.isinf(weights), 0.0, weights)
    objective = 0.7 * v @ np.logaddexp(0, -margin) + finite @ np.abs(ours.coef_[0])
    np.testing.assert_allclose(0.7 * ours.certificate_.primal, objective, rtol=1e-12)
    assert ours.coef_[0, 4] == 0
    assert ours.certificate_.certified


def test_logistic_positive_by_scikit_learns_without_the_negative():
    """Where the signs of the unconstrained fit are known, the constrained one leaves the negative features out."""
    X, y = classes()
    ours = CertifiedLogistic(0.5, positive=True).fit(X, y)
    kept = ours.coef_[0] > 0
    assert 0 < kept.sum() < 6
    theirs = SAGA(C=0.5).fit(X[:, kept], y)
    np.testing.assert_allclose(ours.coef_[0, kept], theirs.coef_[0], atol=1e-6)


@pytest.mark.parametrize("labels", [(0, 1), (-1, 1), (7, 3), (2.0, 1.0), (False, True), ("b", "a")])
def test_any_two_labels(labels):
    X, y = classes()
    coded = np.array(labels)[(y == "yes").astype(int)]
    ours = CertifiedLogistic().fit(X, coded)
    assert ours.classes_.tolist() == sorted(labels)
    assert set(ours.predict(X).tolist()) == set(labels)
    assert ours.score(X, coded) > 0.8
    assert (SAGA(C=1.0).fit(X, coded).predict(X) == ours.predict(X)).all()


@each
def test_sample_weights_are_repetitions(model):
    X, y = data(model, 36)
    v = np.random.default_rng(3).integers(0, 4, 36)
    folds = np.arange(36) % 3
    weighted, repeated = clone(model), clone(model)
    if isinstance(model, CertifiedLassoCV):
        again = folds.repeat(v)
        weighted.set_params(cv=[(folds != k, folds == k) for k in range(3)])
        repeated.set_params(cv=[(again != k, again == k) for k in range(3)])
    weighted.fit(X, y, v)
    repeated.fit(X.repeat(v, axis=0), y.repeat(v))
    np.testing.assert_allclose(weighted.coef_, repeated.coef_, atol=1e-9)
    np.testing.assert_allclose(weighted.intercept_, repeated.intercept_, atol=1e-9)
    assert not np.allclose(weighted.coef_, clone(weighted).fit(X, y).coef_, atol=1e-4)


@pytest.mark.slow
@each
def test_kinds_of_input(model):
    X, y = data(model)
    X = X.round(1) * 10
    known = clone(model).fit(X, y)
    frame = pd.DataFrame(X, columns=list("abcdef"))
    kinds = [sp.csr_array(X), sp.coo_matrix(X), X.astype(np.float32), X.round().astype(int), X.tolist(), frame]
    for kind in kinds:
        found = clone(model).fit(kind, pd.Series(y) if kind is frame else y)
        np.testing.assert_allclose(found.coef_, known.coef_, atol=1e-9)
        assert found.coef_.dtype == np.float64
        assert found.n_features_in_ == 6
        if isinstance(model, CertifiedLogistic):
            assert found.predict(kind).tolist() == known.predict(X).tolist()
        else:
            np.testing.assert_allclose(found.predict(kind), known.predict(X), atol=1e-9)
        np.testing.assert_allclose(found.score(kind, y), known.score(X, y), atol=1e-9)
    assert found.feature_names_in_.tolist() == list("abcdef")
    assert [row.name for row in found.certificate_.kkt] == list("abcdef")
    assert "a " in found.certificate_.explain("a")
    with pytest.raises(ValueError, match="feature names"):
        found.predict(frame[list("bacdef")])
    assert not hasattr(known, "feature_names_in_")


@each
def test_clone_and_pickle(model):
    X, y = data(model)
    fitted = clone(model).set_params(weights=[1, 0, 2, 1, np.inf, 1]).fit(X, y)
    read = pickle.loads(pickle.dumps(fitted))
    assert read.get_params() == fitted.get_params()
    assert (read.predict(X) == fitted.predict(X)).all()
    assert str(read.certificate_) == str(fitted.certificate_)
    fresh = clone(fitted)
    assert not hasattr(fresh, "coef_")
    assert fresh.weights == fitted.weights
    assert (fresh.fit(X, y).coef_ == fitted.coef_).all()


def test_pipeline_and_grid_search_choose_as_with_scikit_learn():
    X, y = regression()
    frame = pd.DataFrame(X, columns=list("abcdef"))
    grid = [0.01, 0.1, 0.3, 1.0]
    ours = GridSearchCV(make_pipeline(StandardScaler(), CertifiedLasso()), {"certifiedlasso__alpha": grid}, cv=4)
    theirs = GridSearchCV(make_pipeline(StandardScaler(), Lasso(**PEER)), {"lasso__alpha": grid}, cv=4)
    ours.fit(frame, y), theirs.fit(frame, y)
    np.testing.assert_allclose(ours.cv_results_["mean_test_score"], theirs.cv_results_["mean_test_score"], atol=1e-7)
    assert ours.best_params_["certifiedlasso__alpha"] == theirs.best_params_["lasso__alpha"]
    assert ours.best_estimator_[-1].certificate_.certified

    X, y = classes()
    ours = GridSearchCV(CertifiedLogistic(), {"C": [0.1, 1.0, 10.0]}, cv=4, scoring="neg_log_loss").fit(X, y)
    theirs = GridSearchCV(SAGA(), {"C": [0.1, 1.0, 10.0]}, cv=4, scoring="neg_log_loss").fit(X, y)
    np.testing.assert_allclose(ours.cv_results_["mean_test_score"], theirs.cv_results_["mean_test_score"], atol=1e-6)

    X, y = regression()
    assert cross_val_score(SMALL_CV, X, y, cv=3).min() > 0.5


@pytest.mark.slow
@each
def test_warns_if_not_certified(model):
    X, y = data(model)
    model = clone(model).set_params(alphas=[0.1], cv=2) if isinstance(model, CertifiedLassoCV) else model
    with pytest.warns(ConvergenceWarning, match=f"{type(model).__name__}: not certified to tol=1e-300") as caught:
        found = clone(model).set_params(tol=1e-300).fit(X, y)
    assert {warning.filename for warning in caught} == {__file__}
    assert not found.certificate_.certified
    np.testing.assert_allclose(found.coef_, clone(model).fit(X, y).coef_, atol=1e-6)


def test_warns_if_no_minimiser_exists():
    X = np.arange(6.0).reshape(6, 1)
    with pytest.warns(ConvergenceWarning, match="no minimiser exists"):
        CertifiedLogistic(weights=[0.0]).fit(X, X[:, 0] > 2)


def test_warns_if_the_choice_is_not_certified(monkeypatch):
    def doubtful(*arguments, **options):
        found = lo.cross_validate(*arguments, **options)
        return dataclasses.replace(found, fold_certified=np.array([True, False, True]))

    monkeypatch.setattr(cross_validated, "cross_validate", doubtful)
    with pytest.warns(ConvergenceWarning, match="not all fits that the choice of alpha rests on") as caught:
        found = clone(SMALL_CV).fit(*regression())
    assert [warning.filename for warning in caught] == [__file__]
    assert found.certificate_.certified


def test_ctrl_c_is_passed_on(monkeypatch):
    def interrupted(*arguments, **options):
        return dataclasses.replace(lo.solve(*arguments, **options), status=lo.Status.INTERRUPTED)

    def cut_short(*arguments, **options):
        found = lo.cross_validate(*arguments, **options)
        found.fold_errors[2] = np.nan
        return found

    monkeypatch.setattr(lasso, "solve", interrupted)
    monkeypatch.setattr(logistic, "solve", interrupted)
    monkeypatch.setattr(cross_validated, "cross_validate", cut_short)
    for model in EACH:
        with pytest.raises(KeyboardInterrupt):
            clone(model).fit(*data(model))


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (CertifiedLasso(-1), "alpha: found -1"),
        (CertifiedLasso(tol=0), "tol: found 0"),
        (CertifiedLasso(fit_intercept="no"), "fit_intercept: found 'no'"),
        (CertifiedLasso(positive=2), "positive: found 2"),
        (CertifiedLasso(weights=[1, 2]), "weights: found 2; X has 6 features"),
        (CertifiedLasso(weights=[1, 1, 1, 1, 1, -1]), "weights: found"),
        (CertifiedLassoCV("best"), "rule: found 'best'"),
        (CertifiedLassoCV(alphas=0), "alphas: found 0"),
        (CertifiedLassoCV(alphas=[0.1, 0.1]), r"alphas: found \[0.1, 0.1\]"),
        (CertifiedLassoCV(alphas=[0.1, -1]), r"alphas: found \[0.1, -1\]"),
        (CertifiedLassoCV(eps=2), "eps: found 2"),
        (CertifiedLassoCV(weights=np.zeros(6)), "alphas: .* list them"),
        (
            CertifiedLassoCV(cv=[(np.arange(20), np.arange(20, 40)), (np.arange(19, 40), np.arange(20))]),
            "sample 19 in both",
        ),
        (CertifiedLassoCV("1se", cv=PredefinedSplit([-1] * 30 + [0] * 10)), "rule: found '1se' with one split"),
        (CertifiedLogistic(0), "C: found 0"),
    ],
    ids=str,
)
def test_parameters_that_cannot_be_used(model, message):
    with pytest.raises(ValueError, match=message):
        model.fit(*data(model))


def test_labels_that_cannot_be_used():
    X, y = regression()
    with pytest.raises(
        ValueError, match=r"Only binary classification is supported\. The type of the target is multiclass"
    ):
        CertifiedLogistic().fit(X, np.arange(40) % 3)
    with pytest.raises(ValueError, match="found one class, 'yes'"):
        CertifiedLogistic().fit(X, ["yes"] * 40)
    with pytest.raises(ValueError, match="found one class, 1, among samples of weight above 0"):
        CertifiedLogistic().fit(X, np.arange(40) % 2, sample_weight=np.arange(40) % 2)
    with pytest.raises(ValueError, match="Unknown label type"):
        CertifiedLogistic().fit(X, y)


def test_tags():
    for model in EACH:
        tags = get_tags(model)
        assert tags.input_tags.sparse
        assert not tags.target_tags.multi_output
        assert not tags.input_tags.allow_nan
    assert not get_tags(CertifiedLogistic()).classifier_tags.multi_class
    with pytest.raises(ValueError, match="1d"):
        CertifiedLasso().fit(np.eye(3), np.eye(3))


@pytest.mark.slow
def test_only_the_estimators_need_scikit_learn():
    program = (
        "import sys; sys.modules['sklearn'] = None; import lassoopt.cli.shell\n"
        "try: import lassoopt.estimators\n"
        "except ModuleNotFoundError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "lassoopt.estimators needs scikit-learn" in done.stdout
