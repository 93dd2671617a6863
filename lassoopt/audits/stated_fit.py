"""A `Fit` states coefficients and the objective they are said to minimise, as the package they come from does."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike

from ..arrays.arguments import (
    choice,
    design_matrix,
    distinct_names,
    nonnegative_number,
    one_number,
    require_feature_order,
    sample_weights,
    vector,
)
from ..arrays.design_matrix import Array, Matrix, column_statistics
from ..errors import InputError
from ..losses import LOSSES, Loss
from ..penalties import L1, ElasticNet, NonnegativeL1, Penalty
from ..penalties.base import L1_RATIO, checked_weights
from ..problems.conventions import convention
from ..problems.problem import Problem

_INTERCEPT = "(intercept)"


@dataclass(frozen=True, eq=False)
class Fit:
    """A fit holds coefficients and the objective they are said to minimise; ``audit(Fit(...), X, y)`` checks them.

    The convention states the objective; its penalty is

        sum_j f_j (r |c_j w_j| + (1 - r)/2 (c_j w_j)^2)       f = factors, c = scale, r = l1_ratio

    Parameters
    ----------
    coef : array of shape (p,)
        The coefficients in the units of the columns of X.
    lam : float
        The strength of the penalty, as the convention counts it: a ``C`` for those named so.
    convention : str
        A name in `problems.conventions.CONVENTIONS`, such as "glmnet.lambda" or "cvxpy.sum_squares".
    intercept : float, optional
        The intercept, a number or an array of one entry as in scikit-learn; if not given, the model has none.
    loss : str or Loss, optional
        A name in `LOSSES` or an instance, where the convention leaves it open; "squared" if not given.
    l1_ratio : float
        From 0 to 1; glmnet calls it alpha, statsmodels L1_wt.
    factors : array of shape (p,), optional
        Numbers >= 0 that multiply the penalty of each feature: glmnet's penalty.factor (rescaled to the mean 1, as
        glmnet does), celer's and skglm's weights, a vector alpha of statsmodels (with lam=1).
    positive : bool
        Whether the coefficients were constrained to be >= 0.
    standardize : bool
        Whether the penalty counts weights in units of the columns' standard deviations, as glmnet does by default.
    scale : array of shape (p,), optional
        Other such units, of a fit to columns that were divided by ``scale``.
    intercept_weight : float
        Unless 0, the intercept is penalised like a weight with this scale, as liblinear does.

    Examples
    --------
    >>> Fit([0.5, 0.0], lam=0.1, convention="glmnet.lambda", intercept=2.0, standardize=True)
    Fit(glmnet.lambda: lambda=0.1, 2 coefficients)
    """

    coef: ArrayLike
    lam: float
    convention: str
    intercept: ArrayLike | None = None
    loss: str | Loss | None = None
    l1_ratio: float = 1.0
    factors: ArrayLike | None = None
    positive: bool = False
    standardize: bool = False
    scale: ArrayLike | None = None
    intercept_weight: float = 0.0

    def __post_init__(self) -> None:
        for name in ("coef", "factors", "scale"):  # what the caller does to them later changes no audit
            object.__setattr__(self, name, copy.deepcopy(getattr(self, name)))
        convention("convention", self.convention).lam(self.lam)  # or an error
        nonnegative_number("intercept_weight", self.intercept_weight)

    def state(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None) -> tuple[Problem, Array, float | None]:
        """Return the problem, and the point that is said to solve it: coefficients and intercept.

        Raises
        ------
        InputError
            If an argument is not valid, or no `Problem` states the objective; the message names the argument.
        """
        stated = convention("convention", self.convention)
        matrix, names = design_matrix(X)
        n, p = matrix.shape
        coef = vector("coef", self.coef, p, f"X has {p} columns")
        require_feature_order("coef", self.coef, names)
        loss = self._loss(stated.loss)
        weights = sample_weights(sample_weight, n)
        counts = np.ones(n) if weights is None else weights
        lam = stated.lam(self.lam)
        if stated.counts_samples:
            lam *= n / counts.sum()
        intercept = None if self.intercept is None else one_number("intercept", self.intercept)
        scale = self._scale(matrix, counts)
        lam, ratio = self._mixed(lam, loss, vector("y", y, n, f"X has {n} rows"), counts)
        lam, factors = self._factors(lam, ratio, p)
        if self.intercept_weight and intercept is not None:  # a column of ones like any other
            matrix, names = _with_ones(matrix), [*distinct_names(names, p), _INTERCEPT]
            coef, scale = np.append(coef, intercept), np.append(scale, self.intercept_weight)
            factors, intercept = np.append(factors, 1.0), None
        problem = Problem(
            matrix,
            y,
            lam,
            loss=loss,
            penalty=self._penalty(ratio, factors, scale),
            intercept=intercept is not None,
            scaling=stated.scaling,
            sample_weight=weights,
            feature_names=names,
        )
        return problem, coef, intercept

    def unscaled(self, slope: Array, shift: Array) -> Self:
        """Return the same model of the columns x, for a fit to the columns ``slope * x + shift``."""
        coef = vector("coef", self.coef, len(slope), f"the scaler has {len(slope)} columns")
        moved = float(shift @ coef)
        if shift.any() and (self.intercept is None or self.intercept_weight):
            found = "no intercept" if self.intercept is None else "a penalised intercept"
            raise InputError(
                f"fitted: found a pipeline that shifts the columns of a model with {found}, which is another model in "
                "your columns; audit its last step on the transformed data: audit(pipeline[-1], pipeline[:-1]."
                "transform(X), y)"
            )
        intercept = None if self.intercept is None else one_number("intercept", self.intercept) + moved
        return replace(self, coef=coef * slope, intercept=intercept, scale=1 / np.abs(slope))

    def _loss(self, own: str) -> Loss:
        """Return phi: the convention's own loss, or the one given."""
        loss = own or "squared" if self.loss is None else self.loss
        if not isinstance(loss, Loss):
            loss = LOSSES[choice("loss", loss, LOSSES)]()
        if own and not isinstance(loss, LOSSES[own]):
            raise InputError(f"loss: found {loss!r}; allowed with the convention {self.convention!r} is {own!r}")
        return loss

    def _scale(self, matrix: Matrix, counts: Array) -> Array:
        """Return c: the columns' standard deviations, or the scale given."""
        p = matrix.shape[1]
        if not choice("standardize", self.standardize, (True, False)):
            scale = np.ones(p) if self.scale is None else vector("scale", self.scale, p, f"X has {p} columns")
            if not (scale > 0).all():
                raise InputError(f"scale: found {self.scale!r}; allowed are numbers above 0")
            return scale
        if self.scale is not None:
            raise InputError("scale: found an array together with standardize=True; allowed is one of them")
        columns = column_statistics(matrix, counts)
        return np.where(columns.constant(), np.inf, columns.spread / np.sqrt(counts.sum()))  # glmnet excludes constants

    def _mixed(self, lam: float, loss: Loss, y: Array, counts: Array) -> tuple[float, float]:
        """Return lam and l1_ratio of the problem: those given, except for glmnet's elastic net of squared loss.

        With ``y / s`` in place of y, ``s = sd(y)``, lambda / s and w / s, as glmnet has them inside, the objective is
        1/s^2 times ``1/(2n) |y - u|^2 + lambda (r |w|_1 + (1 - r)/2 |w|^2 / s)``.
        """
        ratio = L1_RATIO.check("l1_ratio", self.l1_ratio)
        if self.convention != "glmnet.lambda" or not loss.quadratic or ratio == 1:
            return lam, ratio
        mean = np.average(y, weights=counts)
        deviation = float(np.sqrt(np.average((y - mean) ** 2, weights=counts)))
        if deviation == 0:
            raise InputError(f"y: found only the value {mean:g}; glmnet divides by its standard deviation")
        total = ratio + (1 - ratio) / deviation
        return lam * total, ratio / total

    def _factors(self, lam: float, ratio: float, p: int) -> tuple[float, Array]:
        """Return lam and f; each f_j is 0, 1 or inf if the penalty has a quadratic term."""
        if self.factors is None:
            return lam, np.ones(p)
        factors = checked_weights("factors", self.factors)
        if factors.shape != (p,) or not np.any(np.isfinite(factors) & (factors > 0)):
            raise InputError(f"factors: found {factors!r}; allowed are {p} numbers >= 0, not all 0 or inf")
        if self.convention == "glmnet.lambda":
            factors = factors * p / np.where(np.isinf(factors), 1.0, factors).sum()
        if ratio == 1:
            return lam, factors
        largest = float(factors[np.isfinite(factors)].max())
        if not np.all((factors == 0) | (factors == largest) | np.isinf(factors)):
            raise InputError(
                "factors: found several different factors of an elastic net; allowed are 0, inf and one other number, "
                "as lassoopt's ElasticNet weighs |c_j w_j| and its square"
            )
        return lam * largest, factors / largest

    def _penalty(self, ratio: float, factors: Array, scale: Array) -> Penalty:
        with np.errstate(invalid="ignore"):
            c = np.where(np.isinf(factors) | np.isinf(scale), np.inf, factors * scale)
        if not choice("positive", self.positive, (True, False)):
            return L1(weights=c) if ratio == 1 else ElasticNet(weights=c, l1_ratio=ratio)
        if ratio != 1:
            raise InputError(f"positive: found True with l1_ratio={ratio:g}; allowed is an l1_ratio of 1 then")
        return NonnegativeL1(weights=c)

    def __repr__(self) -> str:
        symbol = convention("convention", self.convention).symbol
        return f"Fit({self.convention}: {symbol}={self.lam:.6g}, {np.size(self.coef)} coefficients)"


def _with_ones(matrix: Matrix) -> Matrix:
    ones = np.ones((matrix.shape[0], 1))
    return sp.csc_array(sp.hstack([matrix, ones])) if sp.issparse(matrix) else np.hstack([matrix, ones])
