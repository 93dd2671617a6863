"""Other packages' own fits, audited: a tight one is optimal only if its convention is read exactly right."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_selection import SelectFromModel
from sklearn.linear_model import (
    ElasticNet,
    ElasticNetCV,
    Lasso,
    LassoCV,
    LassoLars,
    LassoLarsCV,
    LassoLarsIC,
    LogisticRegression,
    LogisticRegressionCV,
    MultiTaskLasso,
    QuantileRegressor,
    Ridge,
    SGDClassifier,
    SGDRegressor,
)
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, PolynomialFeatures, RobustScaler, StandardScaler
from sklearn.svm import LinearSVC

from lassoopt.audits import Fit, audit
from lassoopt.audits.readers import READERS
from lassoopt.errors import InputError
from lassoopt.problems.conventions import CONVENTIONS

CD = {"tol": 1e-12, "max_iter": 10**5}
LIBLINEAR = {"solver": "liblinear", "tol": 1e-10, "max_iter": 10**5, "random_state": 0}
SAGA = {"solver": "saga", "tol": 1e-8, "max_iter": 10**4, "random_state": 0}
SGD = {"max_iter": 2000, "tol": None, "random_state": 0, "learning_rate": "invscaling", "eta0": 0.2, "power_t": 0.6}
FACTORS = np.array([1.0, 2.0, 1.0, 0.7, 3.0, 0.5])


def _example() -> SimpleNamespace:
    rng = np.random.default_rng(0)
    X = rng.standard_normal((60, 6)) * np.linspace(0.7, 1.5, 6) + np.linspace(0, 1, 6)
    score = X @ [1.0, -0.8, 0.5, 0.0, 0.0, 0.2]
    y = score + rng.standard_normal(60) + 1
    return SimpleNamespace(
        X=X,
        y=y,
        labels=np.where(score - score.mean() + rng.standard_normal(60) > 0, "yes", "no"),
        counts=rng.poisson(np.exp(score / 3)),
        weights=rng.integers(1, 5, 60) / 2,
    )


DATA = _example()
CONSTANT = np.column_stack([np.ones(60), DATA.X])  # statsmodels' add_constant


@dataclass(frozen=True)
class Case:
    """A tight fit: how to make it, on which targets, and what is asked of its relative gap."""

    name: str
    make: Callable[[], Any]
    convention: str
    target: str = "y"
    weighted: bool = False
    limit: float = 1e-8


def _celer(name: str, **options: Any) -> Any:
    celer = pytest.importorskip("celer")
    return getattr(celer, name)(tol=1e-13, **options)


def _skglm(name: str, **options: Any) -> Any:
    skglm = pytest.importorskip("skglm")
    return getattr(skglm, name)(tol=1e-12, **options)


LASSO, NET, LARS = "sklearn.Lasso.alpha", "sklearn.ElasticNet.alpha", "sklearn.LassoLars.alpha"
LOGISTIC, SVC, STOCHASTIC = "sklearn.LogisticRegression.C", "sklearn.LinearSVC.C", "sklearn.SGD.alpha"
PINBALL, SPARSE = "sklearn.QuantileRegressor.alpha", "skglm.SparseLogisticRegression.alpha"
PRICED = {"class_weight": {"yes": 3.0}}

CASES = [
    Case("Lasso", lambda: Lasso(alpha=0.1, **CD), LASSO),
    Case("Lasso weighted", lambda: Lasso(alpha=0.1, **CD), LASSO, weighted=True),
    Case("Lasso >= 0, no intercept", lambda: Lasso(alpha=0.1, positive=True, fit_intercept=False, **CD), LASSO),
    Case("LassoCV", lambda: LassoCV(**CD), LASSO),
    Case("ElasticNet", lambda: ElasticNet(alpha=0.1, l1_ratio=0.3, **CD), NET),
    Case("ElasticNet weighted", lambda: ElasticNet(alpha=0.1, l1_ratio=0.3, **CD), NET, weighted=True),
    Case("ElasticNet ridge", lambda: ElasticNet(alpha=0.1, l1_ratio=0.01, **CD), NET),
    Case("ElasticNetCV", lambda: ElasticNetCV(l1_ratio=[0.2, 0.9], **CD), NET, weighted=True),
    Case("LassoLars", lambda: LassoLars(alpha=0.1), LARS),
    Case("LassoLars >= 0", lambda: LassoLars(alpha=0.1, positive=True), LARS),
    Case("LassoLarsCV", LassoLarsCV, LARS),
    Case("LassoLarsIC", LassoLarsIC, LARS),
    Case("QuantileRegressor", lambda: QuantileRegressor(alpha=0.05, quantile=0.3), PINBALL),
    Case("QuantileRegressor weighted", lambda: QuantileRegressor(alpha=0.05), PINBALL, weighted=True),
    Case("saga l1", lambda: LogisticRegression(C=0.5, l1_ratio=1, **SAGA), LOGISTIC, "labels"),
    Case("saga net", lambda: LogisticRegression(C=0.5, l1_ratio=0.4, **SAGA, **PRICED), LOGISTIC, "labels"),
    Case("saga weighted", lambda: LogisticRegression(C=0.5, l1_ratio=1, **SAGA), LOGISTIC, "labels", weighted=True),
    Case("lbfgs l2", lambda: LogisticRegression(tol=1e-9, max_iter=1000), LOGISTIC, "labels"),
    Case("liblinear", lambda: LogisticRegression(C=0.5, l1_ratio=1, **LIBLINEAR), LOGISTIC, "labels"),
    Case(
        "liblinear scaled",
        lambda: LogisticRegression(C=0.5, l1_ratio=1, intercept_scaling=10.0, class_weight="balanced", **LIBLINEAR),
        LOGISTIC,
        "labels",
    ),
    Case(
        "liblinear weighted",
        lambda: LogisticRegression(C=0.5, l1_ratio=1, **LIBLINEAR, **PRICED),
        LOGISTIC,
        "labels",
        weighted=True,
    ),
    Case("liblinear l2", lambda: LogisticRegression(intercept_scaling=3.0, **LIBLINEAR), LOGISTIC, "labels"),
    Case(
        "no intercept",
        lambda: LogisticRegression(C=0.5, l1_ratio=1, fit_intercept=False, **LIBLINEAR),
        LOGISTIC,
        "labels",
    ),
    Case(
        "LogisticRegressionCV",
        lambda: LogisticRegressionCV(
            Cs=[0.1, 1.0], l1_ratios=(1.0,), scoring="accuracy", cv=3, use_legacy_attributes=False, **LIBLINEAR
        ),
        LOGISTIC,
        "labels",
    ),
    Case("LinearSVC", lambda: _svc(penalty="l1"), SVC, "labels"),
    Case("LinearSVC weighted", lambda: _svc(penalty="l1", **PRICED), SVC, "labels", weighted=True),
    Case("LinearSVC l2", lambda: _svc(penalty="l2", intercept_scaling=2.0), SVC, "labels"),
    Case("SGD l1", lambda: SGDRegressor(penalty="l1", alpha=0.1, **SGD), STOCHASTIC, limit=1e-5),
    Case("SGD weighted", lambda: _huber(penalty="l1"), STOCHASTIC, weighted=True, limit=1e-5),
    Case("SGD huber", lambda: _huber(penalty="elasticnet", l1_ratio=0.6), STOCHASTIC, limit=1e-5),
    Case("SGD logistic", lambda: _labels_by_sgd("log_loss"), STOCHASTIC, "labels", limit=1e-5),
    Case("SGD hinge", lambda: _labels_by_sgd("squared_hinge"), STOCHASTIC, "labels", limit=1e-5),
    Case("SGD squares", lambda: _labels_by_sgd("squared_error"), STOCHASTIC, "labels", limit=1e-5),
    Case("celer Lasso", lambda: _celer("Lasso", alpha=0.1), "celer.Lasso.alpha"),
    Case(
        "celer Lasso >= 0",
        lambda: _celer("Lasso", alpha=0.1, positive=True, weights=FACTORS),
        "celer.Lasso.alpha",
    ),
    Case("celer net", lambda: _celer("ElasticNet", alpha=0.1, l1_ratio=0.5), "celer.ElasticNet.alpha"),
    Case("celer logistic", lambda: _celer("LogisticRegression", C=0.5), "celer.LogisticRegression.C", "labels"),
    Case("skglm Lasso", lambda: _skglm("Lasso", alpha=0.1), "skglm.Lasso.alpha"),
    Case("skglm weighted", lambda: _skglm("WeightedLasso", alpha=0.1, weights=FACTORS), "skglm.WeightedLasso.alpha"),
    Case("skglm net", lambda: _skglm("ElasticNet", alpha=0.1, l1_ratio=0.3), "skglm.ElasticNet.alpha"),
    Case(
        "skglm logistic",
        lambda: _skglm("SparseLogisticRegression", alpha=0.02, l1_ratio=0.7, max_iter=200),
        SPARSE,
        "labels",
    ),
]


def _svc(**options: Any) -> LinearSVC:
    return LinearSVC(C=0.3, dual=False, tol=1e-10, max_iter=10**5, random_state=0, **options)


def _huber(**options: Any) -> SGDRegressor:
    return SGDRegressor(loss="huber", epsilon=1.0, alpha=0.05, **options, **SGD)


def _labels_by_sgd(loss: str) -> SGDClassifier:
    return SGDClassifier(loss=loss, penalty="elasticnet", l1_ratio=0.6, alpha=0.05, **PRICED, **SGD)


def _fitted(case: Case) -> tuple[Any, dict[str, Any]]:
    """The fit, and the weights it had."""
    weights = {"sample_weight": DATA.weights} if case.weighted else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of deprecated options between the packages
        return case.make().fit(DATA.X, getattr(DATA, case.target), **weights), weights


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_tight_fit_is_optimal(case):
    fitted, weights = _fitted(case)
    y = getattr(DATA, case.target)
    found = audit(fitted, DATA.X, y, tol=case.limit, **weights)
    assert found.fit.convention == case.convention
    assert found.optimal, found.verdict
    assert found.certificate.relative_gap <= case.limit
    predicted = fitted.predict(DATA.X) if case.target == "y" else fitted.decision_function(DATA.X)
    np.testing.assert_allclose(found.certificate.predictions, predicted, rtol=1e-9, atol=1e-9)
    assert "optimal to a relative gap of" in found.verdict
    assert found.remedy == ""


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_at_another_strength_the_same_fit_is_not(case):
    fitted, weights = _fitted(case)
    strength = next(name for name in ("alpha_", "C_", "alpha", "C") if hasattr(fitted, name))
    true = float(getattr(fitted, strength))
    setattr(fitted, strength, 1.5 * true)
    found = audit(fitted, DATA.X, getattr(DATA, case.target), tol=case.limit, **weights)
    assert not found.optimal
    assert found.certificate.relative_gap > 10 * case.limit
    assert "suboptimal by" in found.verdict
    assert 0 < found.excess <= found.certificate.proven_gap
    assert found.excess == pytest.approx(found.certificate.gap, rel=1e-3)
    if case.convention != PINBALL:  # whose slopes say nothing of lam
        assert found.optimal_at == pytest.approx(true, rel=1e-5 if case.limit <= 1e-8 else 1e-2)
        assert f"optimal at {CONVENTIONS[case.convention].symbol}=" in found.remedy


@pytest.mark.slow
def test_every_class_is_tested():
    tested = {audit(*_arguments(case)).estimator for case in CASES}
    assert tested == {name for name in READERS if not name.startswith("statsmodels.")}


def _arguments(case: Case) -> tuple[Any, Any, Any]:
    return _fitted(case)[0], DATA.X, getattr(DATA, case.target)


STATSMODELS = [
    ("OLS", {}, {"alpha": 0.1}, "y", "squared"),
    ("OLS", {}, {"alpha": 0.1, "L1_wt": 0.4}, "y", "squared"),
    ("WLS", {"weights": DATA.weights}, {"alpha": 0.1, "L1_wt": 0.4}, "y", "squared"),
    ("GLM Gaussian", {}, {"alpha": 0.1}, "y", "squared"),
    ("GLM Gaussian", {"freq_weights": DATA.weights}, {"alpha": 0.1, "L1_wt": 0.4}, "y", "squared"),
    ("GLM Binomial", {}, {"alpha": 0.02, "L1_wt": 0.4}, "labels", "logistic"),
    ("GLM Poisson", {}, {"alpha": 0.05}, "counts", "poisson"),
    ("GLM Poisson", {"freq_weights": DATA.weights}, {"alpha": 0.05}, "counts", "poisson"),
]


def _statsmodels_target(name: str) -> np.ndarray:
    return np.where(DATA.labels == "yes", 1.0, 0.0) if name == "labels" else getattr(DATA, name).astype(float)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("model", "options", "penalty", "target", "loss"), STATSMODELS)
def test_results_of_statsmodels_as_a_fit(model, options, penalty, target, loss):
    sm = pytest.importorskip("statsmodels.api")
    name, _, family = model.partition(" ")
    if family:
        options = options | {"family": getattr(sm.families, family)()}
    y = _statsmodels_target(target)
    results = getattr(sm, name)(y, CONSTANT, **options).fit_regularized(cnvrg_tol=1e-12, maxiter=5000, **penalty)
    convention = f"statsmodels.{name}.alpha"
    fit = Fit(results.params, penalty["alpha"], convention, loss=loss, l1_ratio=penalty.get("L1_wt", 1.0))
    weights = options.get("weights", options.get("freq_weights"))
    assert audit(fit, CONSTANT, y, sample_weight=weights, tol=1e-9).optimal
    assert not audit(replace(fit, lam=1.1 * fit.lam), CONSTANT, y, sample_weight=weights, tol=1e-5).optimal


@pytest.mark.filterwarnings("ignore")
def test_a_vector_alpha_of_statsmodels_leaves_the_constant_free():
    sm = pytest.importorskip("statsmodels.api")
    alpha = np.r_[0.0, np.full(6, 0.1)]
    results = sm.OLS(DATA.y, CONSTANT).fit_regularized(alpha=alpha, L1_wt=0.5, cnvrg_tol=1e-12, maxiter=5000)
    fit = Fit(results.params, 1.0, "statsmodels.OLS.alpha", l1_ratio=0.5, factors=alpha)
    found = audit(fit, CONSTANT, DATA.y, tol=1e-9)
    assert found.optimal
    reference = ElasticNet(alpha=0.1, l1_ratio=0.5, **CD).fit(DATA.X, DATA.y)
    assert found.certificate.coef[0] == pytest.approx(reference.intercept_, abs=1e-6)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("model", ["Logit", "Poisson"])
@pytest.mark.parametrize("alpha", [2.0, np.r_[0.0, 2.0, 1.0, 2.0, 2.0, 3.0, 2.0]], ids=["number", "vector"])
def test_discrete_models_of_statsmodels(model, alpha):
    sm = pytest.importorskip("statsmodels.api")
    y = _statsmodels_target("labels" if model == "Logit" else "counts")
    fitted = getattr(sm, model)(y, CONSTANT)
    found = audit(fitted.fit_regularized(alpha=alpha, acc=1e-14, disp=0), CONSTANT, y)
    assert found.optimal, found.verdict
    assert found.fit.lam == np.max(alpha)
    moved = replace(found.fit, lam=1.1 * found.fit.lam)
    assert not audit(moved, CONSTANT, y, tol=1e-5).optimal
    with pytest.raises(InputError, match="without a penalty"):
        audit(fitted.fit(disp=0), CONSTANT, y)


def test_glmnets_own_numbers():
    """What R's glmnet returned, recorded in statsmodels; its lasso stops at 1e-7, its digits show y's scaling."""
    pytest.importorskip("statsmodels")
    recorded = pytest.importorskip("statsmodels.regression.tests.results.glmnet_r_results")
    data = np.loadtxt(Path(recorded.__file__).with_name("lasso_data.csv"), delimiter=",")
    rows = [value for name, value in vars(recorded).items() if name.startswith("rslt_")]
    assert len(rows) == 81
    for n, p, alpha, lam, *coef in rows:
        table = data[: int(n), : int(p) + 1]
        table = (table - table.mean(0)) / table.std(0, ddof=1)
        fit = Fit(coef, float(lam), "glmnet.lambda", l1_ratio=float(alpha))
        found = audit(fit, table[:, 1:], table[:, 0])
        assert found.certificate.relative_gap < (1e-6 if alpha == 1 else 1e-9)
        if alpha < 1:  # without that scaling of y, the same coefficients are off by more than they can be
            plain = audit(replace(fit, convention="mean"), table[:, 1:], table[:, 0])
            assert plain.certificate.relative_gap > max(5e-9, 10 * found.certificate.relative_gap)


def test_glmnet_by_its_steps():
    """Standardise x and y by 1/n, normalise the factors, solve, and go back: glmnet's standard, elnet1 and elnet."""
    weights = DATA.weights / DATA.weights.sum()
    lam, r, factors = 0.2, 0.4, np.array([0.0, 2.0, 2.0, 2.0, 2.0, 2.0])
    sd = np.sqrt(np.average((DATA.X - weights @ DATA.X) ** 2, axis=0, weights=weights))
    scale = np.sqrt(np.average((DATA.y - weights @ DATA.y) ** 2, weights=weights))
    cp = pytest.importorskip("cvxpy")
    w, b = cp.Variable(6), cp.Variable()
    f = factors * 6 / factors.sum()
    error = (DATA.X / sd) @ w + b - DATA.y / scale
    penalty = f @ (r * cp.abs(w) + (1 - r) / 2 * cp.square(w))
    cp.Problem(cp.Minimize(weights @ cp.square(error) / 2 + lam / scale * penalty)).solve(
        solver="CLARABEL", tol_gap_abs=1e-12, tol_gap_rel=1e-12, tol_feas=1e-12
    )
    fit = Fit(
        w.value * scale / sd,
        lam,
        "glmnet.lambda",
        intercept=float(b.value) * scale,
        l1_ratio=r,
        factors=factors,
        standardize=True,
    )
    found = audit(fit, DATA.X, DATA.y, sample_weight=DATA.weights)
    assert found.optimal, found.verdict
    for change in ({"standardize": False}, {"factors": None}, {"convention": "mean"}):
        assert not audit(replace(fit, **change), DATA.X, DATA.y, sample_weight=DATA.weights, tol=1e-4).optimal


@pytest.mark.parametrize("name", ["cvxpy.sum_squares", "cvxpy.half_sum_squares"])
def test_coefficients_from_cvxpy(name):
    cp = pytest.importorskip("cvxpy")
    w = cp.Variable(6)
    loss = cp.sum_squares(DATA.X @ w - DATA.y) / (2 if "half" in name else 1)
    cp.Problem(cp.Minimize(loss + 8.0 * cp.norm1(w))).solve(solver="CLARABEL")
    assert audit(Fit(w.value, 8.0, name), DATA.X, DATA.y).optimal
    other, strength = ("cvxpy.sum_squares", 16.0) if "half" in name else ("cvxpy.half_sum_squares", 4.0)
    found = audit(Fit(w.value, 8.0, other), DATA.X, DATA.y)
    assert not found.optimal
    assert found.optimal_at == pytest.approx(strength, rel=1e-4)


SCALERS = {
    "standard": lambda: [StandardScaler()],
    "centred": lambda: [StandardScaler(with_std=False)],
    "divided": lambda: [StandardScaler(with_mean=False)],
    "minmax": lambda: [MinMaxScaler((-1, 2))],
    "largest": lambda: [MaxAbsScaler()],
    "robust": lambda: [RobustScaler()],
    "four": lambda: [MinMaxScaler(), "passthrough", RobustScaler(with_scaling=False), StandardScaler()],
}


@pytest.mark.parametrize("model", [Lasso(alpha=0.02, **CD), ElasticNet(alpha=0.02, l1_ratio=0.5, **CD)], ids=repr)
@pytest.mark.parametrize("scalers", SCALERS)
def test_scalers_become_feature_weights(scalers, model):
    pipeline = make_pipeline(*SCALERS[scalers](), model).fit(DATA.X, DATA.y)
    found = audit(pipeline, DATA.X, DATA.y, tol=1e-9)
    assert found.optimal, found.verdict
    np.testing.assert_allclose(found.certificate.predictions, pipeline.predict(DATA.X), rtol=1e-9)
    slope = np.diff(pipeline[:-1].transform(np.array([np.zeros(6), np.ones(6)])), axis=0)[0]
    np.testing.assert_allclose(found.problem.penalty.c, 1 / slope)


def test_a_scaler_by_hand():
    scaler = StandardScaler().fit(DATA.X)
    fitted = Lasso(alpha=0.1, **CD).fit(scaler.transform(DATA.X), DATA.y)
    coef = fitted.coef_ / scaler.scale_
    intercept = float(fitted.intercept_ - scaler.mean_ @ coef)
    by_hand = Fit(coef, 0.1, LASSO, intercept=intercept, scale=scaler.scale_)
    assert audit(by_hand, DATA.X, DATA.y, tol=1e-9).optimal
    assert audit(replace(by_hand, scale=None, standardize=True), DATA.X, DATA.y, tol=1e-9).optimal
    assert not audit(replace(by_hand, scale=1 / scaler.scale_), DATA.X, DATA.y, tol=1e-4).optimal


def test_searches_and_selectors_are_seen_through():
    search = GridSearchCV(make_pipeline(StandardScaler(), Lasso(**CD)), {"lasso__alpha": [0.05, 0.1]})
    found = audit(search.fit(DATA.X, DATA.y), DATA.X, DATA.y)
    assert found.optimal
    assert found.fit.lam == search.best_params_["lasso__alpha"]
    assert audit(make_pipeline(StandardScaler(), search).fit(DATA.X, DATA.y), DATA.X, DATA.y).optimal
    assert audit(SelectFromModel(Lasso(alpha=0.1, **CD)).fit(DATA.X, DATA.y), DATA.X, DATA.y).optimal


def test_liblinears_intercept_is_a_penalised_column():
    fitted = LogisticRegression(C=0.5, l1_ratio=1, intercept_scaling=4.0, **LIBLINEAR).fit(DATA.X, DATA.labels)
    found = audit(fitted, DATA.X, DATA.labels)
    assert not found.problem.intercept
    assert found.problem.feature_names[-1] == "(intercept)"
    assert found.problem.penalty.c[-1] == 0.25
    assert found.certificate.coef[-1] == fitted.intercept_[0]
    assert audit(fitted, sp.csr_array(DATA.X), DATA.labels).optimal
    assert not audit(replace(found.fit, intercept_weight=0.0), DATA.X, DATA.labels == "yes", tol=1e-4).optimal


def test_a_loose_fit_is_found_suboptimal_with_its_feature():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(DATA.X * [1.0, 1.0, 1.0, 1.0, 1.0, 1e3], columns=list("abcdef"))
    loose = Lasso(alpha=0.1, tol=0.3).fit(frame, DATA.y)
    found = audit(loose, frame, DATA.y)
    best = audit(Lasso(alpha=0.1, **CD).fit(frame, DATA.y), frame, DATA.y)
    assert found.excess == pytest.approx(found.certificate.primal - best.certificate.primal, rel=1e-6)
    assert found.excess > 1e-6
    assert not found.optimal
    np.testing.assert_allclose(found.optimum.coef, best.certificate.coef, atol=1e-6)
    worst = max(found.certificate.kkt, key=lambda row: row.gain)
    assert f"suboptimal by {found.excess:.4g}"[:16] in found.verdict
    assert f"feature {worst.name!r} violates its condition by" in found.verdict
    assert worst.name in "abcdef"
    assert "tighten tol (it was 0.3)" in found.remedy
    assert "scale the columns" in found.remedy


def test_a_fit_that_ran_out_of_iterations_is_told_so():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted = Lasso(alpha=0.01, max_iter=2, tol=1e-9).fit(DATA.X, DATA.y)
    assert audit(fitted, DATA.X, DATA.y).remedy.startswith("the solver stopped at max_iter=2: raise it; or X, y")


def test_coefficients_that_are_not_allowed():
    found = audit(Fit([-1.0, 0.5, 0, 0, 0, 0], 0.1, "mean", positive=True), DATA.X, DATA.y)
    assert not found.optimal
    assert "the coefficient of 'x0' is not allowed" in found.verdict


def test_an_intercept_that_is_off_is_named():
    exact = audit(Lasso(alpha=0.1, **CD).fit(DATA.X - DATA.X.mean(0), DATA.y), DATA.X - DATA.X.mean(0), DATA.y)
    found = audit(replace(exact.fit, intercept=exact.fit.intercept + 0.5), DATA.X - DATA.X.mean(0), DATA.y)
    assert "the intercept violates its condition dLoss/db = 0 by 0.5" in found.verdict


def test_words_and_numbers():
    found = audit(Lasso(alpha=0.1, **CD).fit(DATA.X, DATA.y), DATA.X, DATA.y)
    assert repr(found).startswith("Audit(sklearn.Lasso, alpha=0.1: optimal to a relative gap of")
    text = str(found)
    assert "1/(2n) |y - u|^2 + alpha |w|_1,  with alpha=0.1" in text
    assert "(1/60) sum_i 1/2 (y_i - u_i)^2 + 0.1 sum_j |w_j|" in text
    assert found.verdict in " ".join(text.split())
    assert max(map(len, text.splitlines())) <= 100
    assert repr(found.fit) == "Fit(sklearn.Lasso.alpha: alpha=0.1, 6 coefficients)"


def _of(model: Any, target: str = "y") -> Any:
    return model.fit(DATA.X, getattr(DATA, target))


BAD = {
    "unfitted": (lambda: Lasso(), {}, "sklearn.Lasso that is not fitted"),
    "unfitted search": (lambda: GridSearchCV(Lasso(), {"alpha": [1.0]}), {}, "without best_estimator_"),
    "unfitted scaler": (lambda: make_pipeline(StandardScaler(), Lasso()), {}, "StandardScaler that is not fitted"),
    "class": (lambda: _of(Ridge()), {}, "found sklearn.Ridge; allowed are sklearn.Lasso"),
    "subclass": (lambda: type("Mine", (Lasso,), {})().fit(DATA.X, DATA.y), {}, "Mine; allowed are"),
    "not a model": (lambda: None, {}, "found builtins.NoneType"),
    "targets": (
        lambda: Lasso().fit(DATA.X, np.column_stack([DATA.y, DATA.y])),
        {},
        r"coefficients of shape \(2, 6\), for several",
    ),
    "multi-task": (
        lambda: MultiTaskLasso().fit(DATA.X, np.column_stack([DATA.y, DATA.y])),
        {},
        "found sklearn.MultiTaskLasso",
    ),
    "classes": (
        lambda: LogisticRegression(C=0.1).fit(DATA.X, np.arange(60) % 3),
        {"y": np.arange(60) % 3},
        r"shape \(3, 6\), for several classes",
    ),
    "hinge": (lambda: _of(LinearSVC(loss="hinge"), "labels"), {"y": DATA.labels}, "loss='hinge'"),
    "SGD hinge": (lambda: _of(SGDClassifier(), "labels"), {"y": DATA.labels}, "loss='hinge'; allowed: 'squared_error'"),
    "positive net": (lambda: _of(ElasticNet(positive=True)), {}, "positive: found True with l1_ratio=0.5"),
    "step": (lambda: _of(make_pipeline(PolynomialFeatures(), Lasso())), {}, "pipeline with sklearn.PolynomialFeatures"),
    "shifted": (
        lambda: _of(make_pipeline(StandardScaler(), Lasso(fit_intercept=False))),
        {},
        "shifts the columns of a model with no intercept",
    ),
    "shifted liblinear": (
        lambda: _of(make_pipeline(StandardScaler(), LogisticRegression(l1_ratio=1, **LIBLINEAR)), "labels"),
        {"y": DATA.labels},
        "a penalised intercept",
    ),
    "columns": (lambda: _of(Lasso()), {"X": DATA.X[:, :5]}, r"X: found shape \(60, 5\); the fit has seen 6 columns"),
    "rows": (lambda: _of(Lasso()), {"y": DATA.y[:7]}, "y: found length 7"),
    "label": (lambda: _of(_labels_by_sgd("log_loss"), "labels"), {"y": ["maybe"] * 60}, "the label 'maybe'"),
    "weights": (lambda: _of(Lasso()), {"sample_weight": [1.0]}, "sample_weight: found length 1"),
    "balanced": (
        lambda: _of(LogisticRegression(class_weight="balanced"), "labels"),
        {"y": DATA.labels, "sample_weight": DATA.weights},
        "class_weight='balanced'",
    ),
    "tol": (lambda: _of(Lasso()), {"tol": 0}, "tol: found 0"),
    "convention": (lambda: Fit(np.zeros(6), 0.1, "glmnet"), {}, "convention: found 'glmnet'"),
    "lam": (lambda: Fit(np.zeros(6), -0.1, "mean"), {}, "lam: found -0.1"),
    "coef": (lambda: Fit(np.zeros(5), 0.1, "mean"), {}, "coef: found length 5"),
    "other loss": (lambda: Fit(np.zeros(6), 0.1, LASSO, loss="huber"), {}, "loss: found Huber"),
    "no loss": (lambda: Fit(np.zeros(6), 0.1, "mean", loss="hinge"), {}, "loss: found 'hinge'"),
    "ratio": (lambda: Fit(np.zeros(6), 0.1, "mean", l1_ratio=2), {}, "l1_ratio: found 2"),
    "factors": (lambda: Fit(np.zeros(6), 0.1, "mean", factors=[1.0]), {}, "factors: found"),
    "mixed factors": (
        lambda: Fit(np.zeros(6), 0.1, "mean", l1_ratio=0.5, factors=FACTORS),
        {},
        "several different factors of an elastic net",
    ),
    "two scales": (
        lambda: Fit(np.zeros(6), 0.1, "mean", scale=FACTORS, standardize=True),
        {},
        "scale: found an array together with standardize=True",
    ),
    "constant y": (
        lambda: Fit(np.zeros(6), 0.1, "glmnet.lambda", l1_ratio=0.5),
        {"y": np.ones(60)},
        "y: found only the value 1",
    ),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_audited_is_said(case):
    make, changes, words = BAD[case]
    arguments = {"X": DATA.X, "y": DATA.y} | changes
    with pytest.raises(InputError, match=words):
        audit(make(), **arguments)


def test_data_frames_are_matched_by_name():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(DATA.X, columns=list("abcdef"))
    fitted = Lasso(alpha=0.1, **CD).fit(frame, DATA.y)
    assert audit(fitted, frame, DATA.y).problem.feature_names == tuple("abcdef")
    with pytest.raises(InputError, match="X: found the columns"):
        audit(fitted, frame[list("bacdef")], DATA.y)


@pytest.mark.filterwarnings("ignore")
def test_results_that_forget_alpha_say_how_to_give_it():
    sm = pytest.importorskip("statsmodels.api")
    with pytest.raises(InputError, match=r'Fit\(results.params, lam=alpha, convention="statsmodels.OLS.alpha"'):
        audit(sm.OLS(DATA.y, CONSTANT).fit_regularized(alpha=0.1), CONSTANT, DATA.y)


def test_glmnet_excludes_constant_columns_and_infinite_factors():
    X = np.column_stack([DATA.X[:, :2], np.ones(60)])
    fit = Fit([0.0, 0.0, 0.0], 5.0, "glmnet.lambda", intercept=0.0, standardize=True, factors=[1.0, np.inf, 1.0])
    assert audit(fit, X, DATA.y).problem.penalty.excluded.tolist() == [False, True, True]


def test_what_is_not_the_objective_is_refused():
    """A fit that minimises something else, or nothing, gets no verdict."""
    sm = pytest.importorskip("statsmodels.api")
    counts = np.random.default_rng(0).poisson(1.5, len(DATA.y))
    shifted = sm.Poisson(counts, DATA.X / 100, offset=np.full(len(counts), 0.1)).fit_regularized(alpha=1.0, disp=0)
    with pytest.raises(InputError, match="with offset"):
        audit(shifted, DATA.X / 100, counts)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        means = LogisticRegressionCV(
            Cs=[0.1, 1.0], l1_ratios=(1.0,), solver="liblinear", refit=False, use_legacy_attributes=False
        ).fit(DATA.X, DATA.y > np.median(DATA.y))
    with pytest.raises(InputError, match="refit=False, whose coefficients are means"):
        audit(means, DATA.X, DATA.y > np.median(DATA.y))


def test_remedies_that_no_tolerance_is():
    X, y = DATA.X[:, :3], DATA.y
    fitted = Lasso(alpha=1e-3, tol=1e-10).fit(X, y)
    assert fitted.coef_.any()
    other = audit(fitted, X, np.random.default_rng(0).permutation(y))
    assert "X, y and sample_weight are not those of the fit" in other.remedy
    wild = audit(Fit([1e3, 1e3, 1e3], lam=1.0, convention="mean", intercept=0.0), X, y)
    assert "the null model is better" in wild.remedy
    negative = audit(Fit([-1.0, 0.0, 0.0], lam=1.0, convention="mean", intercept=150.0, positive=True), X, y)
    assert "positive=True allows no coefficient below 0" in negative.remedy
    with pytest.raises(InputError, match="scale: found"):
        audit(Fit([1.0, 0.0, 0.0], lam=1.0, convention="mean", scale=[0.0, 1.0, 1.0]), X, y)
    with pytest.raises(InputError, match="intercept_weight: found"):
        Fit([1.0], lam=1.0, convention="mean", intercept_weight=-1.0)
