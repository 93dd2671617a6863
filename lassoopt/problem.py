"""The one statement that every solver, certificate and plot reads.

    minimise over w in R^p, b in R:   sum_i s_i phi(u_i, y_i) + lam * P(w),   u = X w + b 1

with ``s_i = sample_weight_i / sum(sample_weight)`` for ``scaling="mean"`` and ``s_i = sample_weight_i`` for
``scaling="sum"``. The dual variable is ``theta = -dLoss/du``. How lam compares with other packages' is in `convert`.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from .caching import cached_property
from .design import (
    Array,
    Columns,
    Indices,
    Matrix,
    column_statistics,
    correlate,
    dense,
    predict,
    product,
    take_columns,
    weighted,
)
from .errors import InputError
from .kinks import least_correlations
from .losses import LOSSES, Loss
from .null_model import NullModel, fit_null_model
from .penalties import PENALTIES, Penalty
from .validation import (
    choice,
    design_matrix,
    distinct_names,
    nonnegative_number,
    require_same_rows,
    sample_scale,
    sample_weights,
    vector,
)

_EPS = float(np.finfo(float).eps)
_UNDERFLOW = 1e-305  # a loss below this has lost digits


@dataclass(frozen=True, eq=False, repr=False, init=False)
class Problem:
    """``minimise sum_i s_i phi(X_i w + b, y_i) + lam * P(w)``: data, loss, penalty, lam; validated once.

    Parameters
    ----------
    X : array, SciPy sparse matrix or array, or data frame, of shape (n, p)
        Real and finite; not copied where it is float64 already, so do not change it afterwards. A data
        frame's column names become the feature names.
    y : array of shape (n,)
        Targets, in the domain of the loss. Of those of X, y and sample_weight that are data frames or Series, the
        indices must be equal.
    lam : float >= 0
        In the units of the loss per unit of the penalty; `convert` has other packages' conventions.
    loss : str or Loss
        A name in `LOSSES` or an instance, as in ``Huber(delta=2.0)``.
    penalty : str or Penalty
        A name in `PENALTIES` or an instance, as in ``L1(weights)`` or ``Group(groups=labels)``.
    intercept : bool
        Whether to fit an unpenalised intercept b.
    scaling : {"mean", "sum"}
        Whether the loss is a weighted mean or a weighted sum over samples.
    sample_weight : array of shape (n,), optional
        Numbers >= 0, not all 0.
    feature_names : sequence of p distinct str, optional
    standardize : bool
        Multiply the penalty's feature weights by the columns' standard deviations. No data is
        transformed: coefficients stay in the units of X, and a sparse X stays sparse.

    Raises
    ------
    InputError
        Naming the argument, what was found and what is allowed.

    Examples
    --------
    >>> problem = Problem([[1.0], [2.0], [3.0]], [1.0, 2.0, 3.0], lam=0.1)
    >>> round(problem.lambda_max, 6)
    0.666667
    """

    X: Matrix
    y: Array
    lam: float
    loss: Loss
    penalty: Penalty
    intercept: bool
    scaling: str
    s: Array
    sample_weight: Array | None
    feature_names: tuple[str, ...]

    def __init__(
        self,
        X: Any,
        y: ArrayLike,
        lam: float,
        *,
        loss: str | Loss = "squared",
        penalty: str | Penalty = "l1",
        intercept: bool = True,
        scaling: str = "mean",
        sample_weight: ArrayLike | None = None,
        feature_names: Sequence[str] | None = None,
        standardize: bool = False,
    ) -> None:
        require_same_rows(X=X, y=y, sample_weight=sample_weight)
        matrix, names = design_matrix(X)
        n, p = matrix.shape
        targets = vector("y", y, n, f"X has {n} rows").copy()  # small, and what is proven must not change with it
        targets.flags.writeable = False
        if not isinstance(loss, Loss):
            loss = LOSSES[choice("loss", loss, LOSSES)]()
        loss.validate(targets)
        if not isinstance(penalty, Penalty):
            penalty = PENALTIES[choice("penalty", penalty, PENALTIES)]()
        self._set(X=matrix, y=targets, lam=nonnegative_number("lam", lam), loss=loss)
        self._set(intercept=choice("intercept", intercept, (True, False)))
        self._set(scaling=choice("scaling", scaling, ("mean", "sum")))
        weights = sample_weights(sample_weight, n)
        self._set(sample_weight=weights, s=sample_scale(weights, n, scaling))
        self._set(feature_names=distinct_names(feature_names if feature_names is not None else names, p))
        self._set(penalty=penalty.bind(p))
        if choice("standardize", standardize, (True, False)):
            self._set(penalty=self.penalty.scaled(self._standard_deviations()))
        self._check_targets()

    def _set(self, **values: Any) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def _standard_deviations(self) -> Array:
        deviations = self.columns.spread / np.sqrt(self.s.sum())
        flat = np.flatnonzero(self.columns.spread <= 4 * _EPS * self.columns.norm)
        if flat.size:
            raise InputError(
                f"X: found {flat.size} constant column(s), the first is {self.feature_names[flat[0]]!r}; "
                "standardize=True divides by standard deviations, so drop constant columns first"
            )
        return deviations

    def _check_targets(self) -> None:
        used = self.y[self.s > 0]
        if self.intercept and not self.loss.has_best_intercept(used):
            raise InputError(
                f"y: found only the value {used[0]:g}; with an intercept, {type(self.loss).__name__} has no "
                "minimiser then (b runs to infinity); give both kinds of target or set intercept=False"
            )
        with np.errstate(over="ignore", under="ignore"):
            start = self.s[self.s > 0] @ self.loss.value(0 * used, used)
        lost = start < _UNDERFLOW and np.any((used != 0) & (self.loss.gradient(0 * used, used) != 0))
        if not np.isfinite(start) or lost:
            raise InputError(
                f"y: found values up to {np.abs(used).max():.3g} in size, at which the loss "
                f"{'underflows' if lost else 'overflows'}; rescale y (and lam with it)"
            )

    @property
    def shape(self) -> tuple[int, int]:
        """``(n, p)``."""
        n, p = self.X.shape
        return n, p

    def predict(self, coef: Array, intercept: float = 0.0) -> Array:
        """``u = X w + b``."""
        return predict(self.X, coef) + intercept

    def loss_value(self, u: Array) -> float:
        """``sum_i s_i phi(u_i, y_i)``."""
        return float(weighted(self.s, self.loss.value(u, self.y)).sum())  # pairwise, which `rounding` counts on

    def theta(self, u: Array) -> Array:
        """``theta = -dLoss/du = -s * phi'(u, y)``."""
        return -weighted(self.s, self.loss.gradient(u, self.y))

    def penalty_value(self, coef: Array) -> float:
        """``lam * P(w)``, ``inf`` outside the domain of P even for ``lam = 0``."""
        value = self.penalty.value(coef)
        return self.lam * value if np.isfinite(value) else np.inf

    def objective(self, coef: ArrayLike, intercept: float = 0.0) -> float:
        """``sum_i s_i phi((X w + b)_i, y_i) + lam * P(w)``."""
        w = vector("coef", coef, self.shape[1], f"X has {self.shape[1]} columns")
        return self.loss_value(self.predict(w, intercept)) + self.penalty_value(w)

    def gradient(self, coef: ArrayLike, intercept: float = 0.0) -> Array:
        """``dLoss/dw = -X' theta``, without the penalty; shape (p,)."""
        w = vector("coef", coef, self.shape[1], f"X has {self.shape[1]} columns")
        return -correlate(self.X, self.theta(self.predict(w, intercept)))

    @cached_property
    def columns(self) -> Columns:
        """Mean, norm and spread of each column, weighted by s."""
        return column_statistics(self.X, self.s)

    @cached_property
    def null(self) -> NullModel:
        """The best intercept and unpenalised coefficients alone."""
        A = dense(take_columns(self.X, np.flatnonzero(self.penalty.free)))
        null = fit_null_model(self.loss, A, self.intercept, self.y, self.s, self.penalty.nonnegative)
        theta = self._least_correlations(null) if self.loss.kinked and self.penalty.largest_group == 1 else None
        return null if theta is None else replace(null, theta=theta)

    @property
    def null_coef(self) -> Array:
        """The null model's coefficients among all p, zeros elsewhere."""
        coef = np.zeros(self.shape[1])
        coef[self.penalty.free] = self.null.coef
        return coef

    def _least_correlations(self, null: NullModel) -> Array | None:
        """Of the null model's multipliers, where several are optimal, those that hold every weight at 0 longest."""
        held = np.flatnonzero(self.penalty.free)
        held = held[null.coef != 0] if self.penalty.nonnegative else held
        columns = np.column_stack([dense(take_columns(self.X, held)), np.ones((len(self.y), int(self.intercept)))])
        off = np.abs(null.u - self.y)
        at = np.flatnonzero((off <= 1e-9 * max(float(np.abs(self.y).max()), 1e-300)) & (self.s > 0))
        level = self.penalty.threshold(1.0)
        if at.size <= columns.shape[1] or not np.any((level > 0) & np.isfinite(level)):
            return None
        level[held] = np.inf
        fixed = columns, np.zeros(columns.shape[1])
        bounds = self.multiplier_bounds(at)
        return least_correlations(self.X, null.theta, at, bounds, fixed, level, self.penalty.nonnegative)

    def multiplier_bounds(self, samples: Indices) -> tuple[Array, Array]:
        """The interval of multipliers ``theta_i`` that the loss allows at some of the samples."""
        lower, upper = (np.broadcast_to(slope, self.y.shape)[samples] for slope in self.loss.slopes(self.y))
        return -self.s[samples] * upper, -self.s[samples] * lower

    @cached_property
    def infimum(self) -> float:
        """``inf_u Loss``: no objective can be below it."""
        return float(self.s @ self.loss.infimum(self.y))

    @cached_property
    def scale(self) -> float:
        """The scale of relative gaps: objective of the null model less the infimum of the loss.

        If the null model fits exactly, up to the rounding of its predictions, that of the prediction 0 takes its
        place; 0 if that fits exactly too.
        """
        for u in (self.null.u, np.zeros_like(self.y)):
            rounding = 16 * _EPS * (np.abs(u) + np.abs(self.y))
            moved = np.maximum(self.loss.value(u + rounding, self.y), self.loss.value(u - rounding, self.y))
            moved = moved - self.loss.value(u, self.y) + 4 * _EPS * self.loss.magnitude(u, self.y)
            scale = self.loss_value(u) - self.infimum
            if scale > float(weighted(self.s, moved).sum()):
                return scale
        return 0.0

    @cached_property
    def lambda_max(self) -> float:
        """The least lam at which every penalised coefficient is 0, from the fitted null model.

        An upper bound of it for a group penalty of a piecewise linear loss with tied targets, where the null
        model has several multipliers.
        """
        return self.penalty.lambda_max(np.where(self.penalty.excluded, 0.0, product(self.X.T, self.null.theta)))

    def with_lam(self, lam: float) -> Self:
        """The same problem at another lam; data and what is known of them are shared."""
        _ = self.columns, self.scale  # what every solve needs is computed once for all lam
        other = copy.copy(self)
        object.__setattr__(other, "lam", nonnegative_number("lam", lam))
        return other

    def of_used_samples(self) -> Self:
        """The same problem without the samples of weight 0."""
        used = self.s > 0
        if used.all():
            return self
        other = copy.copy(self)
        for cached in ("columns", "null", "scale", "infimum", "lambda_max"):
            other.__dict__.pop(cached, None)
        weights = None if self.sample_weight is None else self.sample_weight[used]
        other._set(X=self.X[used], y=self.y[used], s=self.s[used], sample_weight=weights)
        return other

    def with_features(self, features: Indices) -> Self:
        """The same problem with these features alone; the penalty must be a sum over features."""
        other = copy.copy(self)
        for cached in ("columns", "null", "scale", "infimum", "lambda_max"):
            other.__dict__.pop(cached, None)
        other._set(
            X=take_columns(self.X, features),
            penalty=replace(self.penalty, weights=self.penalty.c[features]),
            feature_names=tuple(np.array(self.feature_names, dtype=object)[features]),
        )
        return other

    @property
    def unpenalised(self) -> Any:
        """Which features the penalty leaves free at this lam; all that are not excluded if lam is 0."""
        return self.penalty.free if self.lam > 0 else ~self.penalty.excluded

    def __repr__(self) -> str:
        n, p = self.shape
        parts = [f"{self.loss} + {self.lam:.6g} * {type(self.penalty).__name__}", f"n={n}, p={p}"]
        parts += ["intercept" if self.intercept else "no intercept", f"scaling={self.scaling!r}"]
        return f"Problem({', '.join(parts)})"


def require_problem(problem: Any) -> Problem:
    """The problem itself, or an error that says what was passed in its place."""
    if not isinstance(problem, Problem):
        raise InputError(f"problem: found {type(problem).__name__}; allowed is a Problem, as Problem(X, y, lam)")
    return problem
