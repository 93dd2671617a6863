"""What data carry besides numbers: indices, names, categories, gaps; and that results keep no array of the user's."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import Lasso, LogisticRegression

import lassoopt as lo
from lassoopt.estimators import CertifiedLasso, CertifiedLassoCV, CertifiedLogistic

RNG = np.random.default_rng(0)
X0 = RNG.normal(size=(8, 2))
Y0 = X0[:, 0] + RNG.normal(size=8)
ROWS = [f"row {k}" for k in range(8)]
FRAME = pd.DataFrame(X0, columns=["a", "b"], index=ROWS)
SERIES = pd.Series(Y0, index=ROWS)
READERS = {
    "Problem": lambda X, y, w: lo.Problem(X, y, 0.1, sample_weight=w),
    "audit": lambda X, y, w: lo.audit(
        lo.Fit([0.1, 0.2], 0.1, "sklearn.Lasso.alpha", intercept=0.0), X, y, sample_weight=w
    ),
    "audit of an estimator": lambda X, y, w: (
        lo.audit(Lasso(0.1).fit(X0, Y0), np.asarray(X), y, sample_weight=w)
        if isinstance(X, np.ndarray)
        else lo.audit(Lasso(0.1).fit(FRAME, Y0), X, y, sample_weight=w)
    ),
    "CertifiedLasso": lambda X, y, w: CertifiedLasso().fit(X, y, w),
    "CertifiedLassoCV": lambda X, y, w: CertifiedLassoCV(alphas=3, cv=2).fit(X, y, w),
    "CertifiedLogistic": lambda X, y, w: CertifiedLogistic().fit(X, y > 0, w),
}
each = pytest.mark.parametrize("reader", READERS.values(), ids=READERS.keys())


@each
def test_rows_in_another_order_are_refused(reader):
    turned = SERIES.iloc[::-1]
    weights = pd.Series(1.0, index=ROWS)
    with pytest.raises(ValueError, match=r"y: found the index of X in another order; reorder it by y\.loc\[X\.index\]"):
        reader(FRAME, turned, None)
    with pytest.raises(ValueError, match="sample_weight: found the index of X in another order"):
        reader(FRAME, SERIES, weights.iloc[::-1])
    with pytest.raises(ValueError, match="sample_weight: found the index of y in another order"):
        reader(X0, SERIES, weights.iloc[::-1])
    with pytest.raises(ValueError, match=r"y: found an index that is not that of X; .* y\.to_numpy\(\)"):
        reader(FRAME, pd.Series(Y0), None)
    with pytest.raises(ValueError, match="y: found an index of length 7; that of X has length 8"):
        reader(FRAME, SERIES.iloc[:7], None)


@pytest.mark.slow
@each
def test_rows_that_belong_together_are_taken(reader):
    for X, y in ((FRAME, SERIES), (FRAME, Y0), (X0, SERIES), (FRAME.reset_index(drop=True), pd.Series(Y0))):
        reader(X, y, None)
    reader(FRAME, SERIES, pd.Series(1.0, index=ROWS))
    reader(FRAME, SERIES.iloc[::-1].loc[FRAME.index], None)
    reader(pd.DataFrame(X0, columns=["a", "b"], index=["same"] * 8), pd.Series(Y0, index=["same"] * 8), None)


@settings(max_examples=30)
@given(st.permutations(range(8)))
def test_the_order_is_that_of_the_index(order):
    moved = SERIES.iloc[order]
    if order == list(range(8)):
        assert lo.Problem(FRAME, moved, 0.1).lambda_max > 0
    else:
        with pytest.raises(lo.InputError, match="in another order"):
            lo.Problem(FRAME, moved, 0.1)
    together = lo.Problem(FRAME.iloc[order], moved, 0.1)
    assert together.lambda_max == pytest.approx(lo.Problem(FRAME, SERIES, 0.1).lambda_max)


@settings(max_examples=50)
@given(
    st.lists(st.tuples(st.integers(0, 7), st.integers(0, 1)), min_size=1, unique=True),
    st.sampled_from([np.nan, np.inf]),
)
def test_gaps_are_named_by_column_and_row(places, value):
    frame = FRAME.copy()
    for i, j in places:
        frame.iloc[i, j] = value
    with pytest.raises(lo.InputError) as caught:
        lo.Problem(frame, SERIES, 0.1)
    first = min(j for _, j in places)
    row = min(i for i, j in places if j == first)
    assert f"X: found {value} in column {'ab'[first]!r} at row 'row {row}'" in str(caught.value)
    for j in {j for _, j in places}:
        assert f"{sum(k == j for _, k in places)} in {'ab'[j]!r}" in str(caught.value)


@pytest.mark.parametrize("kind", [str, int, float, bool])
def test_categories_are_no_numbers(kind):
    values = pd.Series(pd.Categorical([kind(k) for k in [0, 1] * 4]), index=ROWS)
    with pytest.raises(lo.InputError, match="X: found a data frame with non-numeric or missing entries in 'b'"):
        lo.Problem(FRAME.assign(b=values), SERIES, 0.1)
    with pytest.raises(lo.InputError, match="y: found"):
        lo.Problem(FRAME, values, 0.1)
    with pytest.raises(lo.InputError, match="sample_weight: found"):
        lo.Problem(FRAME, SERIES, 0.1, sample_weight=values)


def test_coefficients_by_name_in_another_order_are_refused():
    problem = lo.Problem(FRAME, SERIES, 0.1)
    coef = pd.Series([0.1, 0.2], index=["a", "b"])
    known = lo.certify(problem, coef, 0.0).primal
    assert (
        known == lo.certify(problem, [0.1, 0.2], 0.0).primal == lo.certify(problem, pd.Series([0.1, 0.2]), 0.0).primal
    )
    fit = lo.Fit(coef.iloc[::-1], 0.1, "sklearn.Lasso.alpha", intercept=0.0)
    for call in (lambda: lo.certify(problem, coef.iloc[::-1], 0.0), lambda: lo.audit(fit, FRAME, SERIES)):
        with pytest.raises(lo.InputError, match="coef: found the features of X in another order"):
            call()


def test_scikit_learns_intercept_of_one_entry():
    model = Lasso(0.1, tol=1e-12, max_iter=10**5).fit(X0, Y0[:, None])
    assert model.intercept_.shape == (1,)
    problem = lo.Problem(X0, Y0, 0.1)
    assert lo.certify(problem, model.coef_, model.intercept_).certified
    assert lo.certify(problem, model.coef_, model.intercept_.reshape(1, 1)).intercept == model.intercept_[0]
    fit = lo.Fit(model.coef_, 0.1, "sklearn.Lasso.alpha", intercept=model.intercept_)
    assert lo.audit(fit, X0, Y0).optimal
    assert lo.audit(model, X0, Y0).optimal
    classes = (Y0 > 0) * 1.0
    logistic = LogisticRegression(l1_ratio=1, solver="saga", tol=1e-10, max_iter=10**5).fit(X0, classes)
    stated = lo.Problem(X0, classes, 1.0, loss="logistic", scaling="sum")
    assert lo.certify(stated, logistic.coef_[0], logistic.intercept_).certified
    with pytest.raises(lo.InputError, match=r"intercept: found shape \(2,\); allowed is one number"):
        lo.certify(problem, model.coef_, np.zeros(2))
    with pytest.raises(lo.InputError, match=r"intercept: found nan"):
        lo.certify(problem, model.coef_, np.array([np.nan]))
    with pytest.raises(lo.InputError, match=r"intercept: found shape \(2,\); allowed is one number"):
        lo.audit(lo.Fit(model.coef_, 0.1, "sklearn.Lasso.alpha", intercept=np.zeros(2)), X0, Y0)


@pytest.mark.slow
@settings(max_examples=10, deadline=None)
@given(st.sampled_from(["squared", "huber", "quantile"]), st.floats(-100, 100))
def test_results_keep_no_array_of_the_user(loss, value):
    """Everything that was passed in, but for X, is overwritten afterwards; no claim may change."""
    mine = {
        "y": Y0.copy(), "weights": np.array([1.0, 2.0]), "sample": np.arange(1.0, 9), "coef": np.array([0.1, 0.0]),
        "theta": Y0 - Y0.mean(), "factors": np.ones(2), "groups": np.array([0, 1]), "k": np.array([1.0, 3.0]),
    }  # fmt: skip
    results = []
    for penalty in (lo.L1(weights=mine["weights"]), lo.Group(groups=mine["groups"], group_weights=mine["k"])):
        problem = lo.Problem(X0, mine["y"], 0.1, loss=loss, penalty=penalty, sample_weight=mine["sample"])
        results.append(lo.certify(problem, mine["coef"], 0.0, mine["theta"]))
    solution = lo.solve(problem)
    results.append(solution.certificate)
    fit = lo.Fit(mine["coef"], 0.1, "mean", intercept=0.0, loss=loss, factors=mine["factors"])
    audits = [lo.audit(fit, X0, Y0).verdict]
    values = [(c.problem.lambda_max, c.primal, c.coef.tolist(), c.theta.tolist()) for c in results]
    fresh = [lo.certify(c.problem, c.coef.copy(), c.intercept, c.theta.copy()) for c in results]
    for array in mine.values():
        array[:] = value
    solution.coef[:] = value
    for certificate, before, again in zip(results, values, fresh, strict=True):
        after = (
            certificate.problem.lambda_max,
            certificate.primal,
            certificate.coef.tolist(),
            certificate.theta.tolist(),
        )
        assert after == before
        assert certificate.problem.objective(certificate.coef, certificate.intercept) == pytest.approx(before[1])
        assert certificate.proven_zeros.tolist() == again.proven_zeros.tolist()
    assert lo.audit(fit, X0, Y0).verdict == audits[0]
