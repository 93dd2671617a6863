"""The one statement that every solver, certificate and plot reads.

    minimise over w in R^p, b in R:   sum_i s_i phi(u_i, y_i) + lam * P(w),   u = X w + b 1

with ``s_i = sample_weight_i / sum(sample_weight)`` for ``scaling="mean"`` and ``s_i = sample_weight_i`` for
``scaling="sum"``. The dual variable is ``theta = -dLoss/du``. How lam compares with other packages' is in `convert`.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..arrays.arguments import (
    choice,
    design_matrix,
    distinct_names,
    nonnegative_number,
    require_same_rows,
    sample_scale,
    sample_weights,
    standard_deviations,
    vector,
)
from ..arrays.design_matrix import (
    Array,
    Columns,
    Indices,
    Matrix,
    column_statistics,
    correlate,
    predict,
    take_columns,
    weighted,
)
from ..caching import cached_bound, cached_property
from ..errors import InputError
from ..losses import LOSSES, Loss
from ..penalties import PENALTIES, Penalty
from .centring import Centring
from .null_model import NullModel, best_intercept, require_bounded_loss
from .recession import Recession
from .unpenalised import correlations_with_features, gap_scale, null_model, recession_of_features


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
            self._set(penalty=self.penalty.scaled(standard_deviations(self.columns, self.s, self.feature_names)))
        require_bounded_loss(self.loss, targets, self.s, intercept)

    def _set(self, **values: Any) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)

    @property
    def shape(self) -> tuple[int, int]:
        """``(n, p)``."""
        return self.X.shape[0], self.X.shape[1]

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

    @property
    def column_sizes(self) -> Array:
        """The columns' spreads, or their norms if there is no intercept to take up their means."""
        return self.columns.sizes(self.intercept)

    @cached_property
    def constant_columns(self) -> NDArray[np.bool_]:
        """Which columns add nothing to the intercept, up to rounding; without one, to the prediction 0."""
        return self.columns.constant(self.intercept)

    def best_intercept(self, u: Array) -> float:
        """``argmin_b sum_i s_i phi(u_i + b, y_i)``; 0 if the problem has no intercept."""
        return best_intercept(self.loss, u, self.y, self.s) if self.intercept else 0.0

    @cached_bound
    def centring(self) -> Centring:
        """What can be taken from columns and targets without changing the problem, so that means cause no rounding."""
        return Centring.of(self.X, self.y, self.s, self.columns, self.intercept, self.loss.translates)

    @property
    def centred(self) -> Self:
        """The problem with the targets ``y - y0``: the same one, but that its intercepts are smaller by y0."""
        return self._centred if self._centred.lam == self.lam else self._centred.with_lam(self.lam)

    @cached_bound
    def _centred(self) -> Self:
        centring = self.centring
        if centring.offset == 0:
            return self
        other = self._without_what_is_known()
        other._set(y=centring.targets)
        other.__dict__.update(columns=self.columns, centring=replace(centring, offset=0.0), _centred=other)
        other.__dict__["scale"] = gap_scale(other, other.null, -centring.offset)
        return other

    @cached_bound
    def null(self) -> NullModel:
        """The best intercept and unpenalised coefficients alone."""
        if self.centring.offset:
            null, y0 = self.centred.null, self.centring.offset
            return replace(null, intercept=null.intercept + y0, u=null.u + y0)
        return null_model(self)

    @property
    def recession(self) -> Recession | None:
        """A direction in which the objective is proven to fall forever, so that it has no minimiser; None if none is.

        Its ``coef`` has p entries, which are 0 but for unpenalised features.
        """
        return self._recession if self.lam > 0 else self._recession_at_0

    @cached_bound
    def _recession(self) -> Recession | None:
        """That at lam > 0."""
        return recession_of_features(self, np.flatnonzero(self.penalty.free), self.null)

    @cached_bound
    def _recession_at_0(self) -> Recession | None:
        """That at lam = 0, where only exclusion and signs are left of the penalty."""
        return recession_of_features(self, np.flatnonzero(~self.penalty.excluded))

    @property
    def null_coef(self) -> Array:
        """The null model's coefficients among all p, zeros elsewhere."""
        coef = np.zeros(self.shape[1])
        coef[self.penalty.free] = self.null.coef
        return coef

    def multiplier_bounds(self, samples: Indices) -> tuple[Array, Array]:
        """The interval of multipliers ``theta_i`` that the loss allows at some of the samples."""
        lower, upper = (np.broadcast_to(slope, self.y.shape)[samples] for slope in self.loss.slopes(self.y))
        return -self.s[samples] * upper, -self.s[samples] * lower

    @cached_bound
    def infimum(self) -> float:
        """``inf_u Loss``: no objective can be below it."""
        return float(self.s @ self.loss.infimum(self.y))

    @cached_bound
    def scale(self) -> float:
        """The scale of relative gaps: objective of the null model less the infimum of the loss.

        If the null model fits exactly, up to the rounding of its predictions, that of the intercept alone takes its
        place, then that of the prediction 0; 0 if that fits exactly too.
        """
        return self.centred.scale if self.centring.offset else gap_scale(self, self.null, 0.0)

    @cached_bound
    def lambda_max(self) -> float:
        """The least lam at which every penalised coefficient is 0, from the fitted null model.

        An upper bound of it for a group penalty of a piecewise linear loss with tied targets, where the null
        model has several multipliers.
        """
        z = correlations_with_features(self.centred, self.centred.null)
        return self.penalty.lambda_max(np.where(self.penalty.excluded, 0.0, z))

    def with_lam(self, lam: float) -> Self:
        """The same problem at another lam; data and what is known of them are shared."""
        _ = self.columns, self.scale, self.null  # what every solve needs is computed once for all lam
        other = copy.copy(self)
        object.__setattr__(other, "lam", nonnegative_number("lam", lam))
        return other

    def of_used_samples(self) -> Self:
        """The same problem without the samples of weight 0."""
        used = self.s > 0
        if used.all():
            return self
        other = self._without_what_is_known()
        weights = None if self.sample_weight is None else self.sample_weight[used]
        other._set(X=self.X[used], y=self.y[used], s=self.s[used], sample_weight=weights)
        return other

    def without_samples(self, samples: Any) -> Self:
        """The same problem with weight 0 for these samples and the others' as they are, also if the loss is a mean."""
        other = self._without_what_is_known()
        other._set(s=np.where(samples, 0.0, self.s))
        return other

    def _without_what_is_known(self) -> Self:
        """A copy to be changed in data, without the values that were computed from these."""
        other = copy.copy(self)
        for name in other.__dict__.keys() - {field.name for field in fields(self)}:
            del other.__dict__[name]
        return other

    def with_features(self, features: Indices) -> Self:
        """The same problem with these features alone; the penalty must be a sum over features."""
        other = self._without_what_is_known()
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
        parts = [f"{self.loss} + {self.lam:.6g} * {type(self.penalty).__name__}", "n={}, p={}".format(*self.shape)]
        parts += ["intercept" if self.intercept else "no intercept", f"scaling={self.scaling!r}"]
        return f"Problem({', '.join(parts)})"


def require_problem(problem: Any) -> Problem:
    """The problem itself, or an error that says what was passed in its place."""
    if not isinstance(problem, Problem):
        raise InputError(f"problem: found {type(problem).__name__}; allowed is a Problem, as Problem(X, y, lam)")
    return problem
