"""`audit` leads from a fitted object to its certificate, and says what would repair the fit."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..arrays.arguments import require_same_rows
from ..certificates.certificate import Certificate
from ..certificates.certification import certify
from ..errors import InputError
from ..problems.conventions import CONVENTIONS
from ..solvers.methods import solve
from ..solvers.solution import Solution, Status
from ..text.tables import number
from .readers import kind, read, targets, weights
from .result import Audit
from .stated_fit import Fit
from .wrappers import see_through

_UNEVEN = 10  # ratio of the columns' spreads from which coordinate and gradient steps are slow


def audit(fitted: Any, X: Any, y: ArrayLike, *, sample_weight: ArrayLike | None = None, tol: float = 1e-6) -> Audit:
    """Check someone else's fit: state the problem that it says it solves, and certify its coefficients there.

    Parameters
    ----------
    fitted : fitted estimator or Fit
        Of scikit-learn: Lasso, ElasticNet, LassoLars, LassoLarsIC, LogisticRegression, LinearSVC (squared hinge),
        SGDRegressor, SGDClassifier, QuantileRegressor; of celer: Lasso, ElasticNet, LogisticRegression; of skglm:
        Lasso, WeightedLasso, ElasticNet, SparseLogisticRegression; scikit-learn's variants with cross-validation; a
        search, a SelectFromModel or a pipeline of scalers around them; of statsmodels: ``fit_regularized`` of Logit and
        Poisson, with X as the model's ``exog``.
        For all else, a `Fit` with the coefficients and what they minimise.
    X, y : arrays of shape (n, p) and (n,)
        The data of the fit, with its labels; for a pipeline, the columns before any step.
    sample_weight : array of shape (n,), optional
        The weights that the fit was given.
    tol : float
        The relative gap up to which a fit counts as optimal.

    Returns
    -------
    Audit
        Its certificate is in the columns of X: a scaler shows as feature weights, and the intercept of liblinear,
        which it penalises, as a last column "(intercept)".

    Raises
    ------
    InputError
        For what is not fitted, not supported, or not the data of the fit.

    Examples
    --------
    >>> fit = Fit([0.5], lam=1.0, convention="cvxpy.half_sum_squares")
    >>> audit(fit, [[1.0], [1.0]], [1.0, 1.0]).optimal
    True
    """
    require_same_rows(X=X, y=y, sample_weight=sample_weight)
    if isinstance(fitted, Fit):
        model, fit, name = None, fitted, "coefficients"
    else:
        inside = see_through(fitted)
        model, name = inside.model, kind(inside.model)
        fit = read(model)
        y = targets(model, y)
        sample_weight = weights(model, y, sample_weight)
        if inside.slope is not None and inside.shift is not None:
            fit = fit.unscaled(inside.slope, inside.shift)
        _require_columns(fitted, X)
    problem, coef, intercept = fit.state(X, y, sample_weight)
    certificate = certify(problem, coef, intercept, tol=tol)
    if certificate.certified:
        return Audit(name, fit, certificate)
    optimum = solve(problem)
    certificate = certify(problem, coef, intercept, optimum.theta, tol=tol)  # the gap is now the excess itself
    if certificate.certified:
        return Audit(name, fit, certificate)
    optimal_at = _optimal_at(fit, certificate)
    remedy = _remedy(model, fit, certificate, optimum, optimal_at)
    return Audit(name, fit, certificate, optimum, optimal_at, remedy)


def _require_columns(fitted: Any, X: Any) -> None:
    """Raise InputError unless X has the columns of the fit: as many, and of the same names where both have names."""
    p, found = getattr(fitted, "n_features_in_", None), np.shape(X)
    if p is not None and found[1:] != (p,):
        raise InputError(f"X: found shape {found}; the fit has seen {p} columns")
    fit_names, names = getattr(fitted, "feature_names_in_", None), getattr(X, "columns", None)
    if fit_names is not None and names is not None and list(fit_names) != list(names):
        raise InputError(f"X: found the columns {list(names)!r}; allowed are those of the fit: {list(fit_names)!r}")


def _optimal_at(fit: Fit, certificate: Certificate) -> float | None:
    """Return the strength at which the coefficients are optimal, if a certificate there says so.

    Optimality is ``z_j = lam dP/dw_j`` where w_j is not 0, so ``lam = w' z / w' dP``; a w_j that an interior-point
    method leaves near 0 counts for nothing there.
    """
    problem, coef = certificate.problem, certificate.coef
    slope = problem.penalty.gradient(coef)
    if problem.loss.kinked or not problem.lam or not slope.any() or not np.isfinite(certificate.gap):
        return None
    lam = -float(coef @ problem.gradient(coef, certificate.intercept)) / float(coef @ slope)
    if not 0 < lam < np.inf:
        return None
    there = certify(problem.with_lam(lam), coef, certificate.intercept, tol=certificate.tol)
    stated = CONVENTIONS[fit.convention]
    return stated.strength(stated.lam(fit.lam) * lam / problem.lam) if there.certified else None


def _remedy(model: Any, fit: Fit, certificate: Certificate, optimum: Solution, optimal_at: float | None) -> str:
    """Say what would make the fit optimal: other lam or data, a tighter tolerance, more iterations, even columns."""
    symbol = CONVENTIONS[fit.convention].symbol
    if optimal_at is not None:
        return f"these coefficients are optimal at {symbol}={number(optimal_at, 6)}: check how lam was stated"
    if optimum.status is Status.NOT_ATTAINED:
        return "there is no minimiser: the objective falls forever as weights grow; penalise more"
    if certificate.problem.penalty.nonnegative and np.any(certificate.coef < 0):
        return "positive=True allows no coefficient below 0: check which model these are from"
    if certificate.relative_gap > 1:
        return "the null model is better: the fit diverged, or X, y and sample_weight are not those of the fit"
    advice = []
    most, used = getattr(model, "max_iter", None), getattr(model, "n_iter_", None)
    if most and used is not None and np.max(used, initial=0) >= most:
        advice.append(f"the solver stopped at max_iter={most}: raise it")
    elif getattr(model, "tol", None):
        advice.append(f"tighten tol (it was {model.tol:g}) and raise max_iter with it")
    else:
        advice.append(f"check {symbol} and the convention, and solve to a tighter tolerance")
    columns = certificate.problem.columns
    uneven = float(np.max(columns.spread) / np.min(columns.spread, initial=np.inf, where=~columns.constant()))
    if model is not None and fit.scale is None and uneven > _UNEVEN:
        advice.append(f"scale the columns: their spreads differ by a factor of {number(uneven, 3)}")
    return "; ".join([*advice, "or X, y and sample_weight are not those of the fit"])
