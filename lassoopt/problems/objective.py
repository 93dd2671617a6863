"""The one statement that every solver, certificate and plot reads.

    minimise over w in R^p, b in R:   sum_i s_i phi(u_i, y_i) + lam * P(w),   u = X w + b 1

with ``s_i = sample_weight_i / sum(sample_weight)`` for ``scaling="mean"`` and ``s_i = sample_weight_i`` for
``scaling="sum"``. The dual variable is ``theta = -dLoss/du``. How lam compares with other packages' is in `convert`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..arrays.arguments import distinct_names, vector
from ..arrays.design_matrix import Array, Columns, Indices, Matrix, column_statistics, correlate, predict, weighted
from ..arrays.precision import TINY
from ..caching import cached_property
from ..errors import InputError
from ..losses import Loss
from ..penalties import Penalty
from .null_model import best_intercept


class Objective:
    """The formulas of a `Problem` say what its data, loss, penalty and lam make of given weights."""

    X: Matrix
    y: Array
    loss: Loss
    penalty: Penalty
    intercept: bool
    scaling: str
    s: Array
    sample_weight: Array | None
    _names: tuple[str, ...] | None
    _lam: float | None

    @property
    def lam(self) -> float:
        """Lam is the strength of the penalty; an InputError says so if the problem was stated without one."""
        if self._lam is None:
            raise InputError("lam: found none in the problem; state Problem(X, y, lam), or use problem.with_lam(lam)")
        return self._lam

    @cached_property
    def feature_names(self) -> tuple[str, ...]:
        """The names that were given, or x0, x1, ..., which are made when first asked for."""
        return distinct_names(None, self.shape[1]) if self._names is None else self._names

    @property
    def shape(self) -> tuple[int, int]:
        """The shape of X is ``(n, p)``."""
        return self.X.shape[0], self.X.shape[1]

    def predict(self, coef: Array, intercept: float = 0.0) -> Array:
        """Compute ``u = X w + b``."""
        return predict(self.X, coef) + intercept

    def at_samples(self, of_loss: Callable[[Array, Array], Array], u: Array) -> Array:
        """Compute a function of the loss, such as `Loss.value`, at one u or at several as rows.

        Where it does not take rows it is given all samples one after the other, as it is a function of one sample.
        """
        if u.ndim == 1 or self.loss.takes_rows:
            return of_loss(u, self.y)
        return of_loss(u.ravel(), np.broadcast_to(self.y, u.shape).ravel()).reshape(u.shape)

    @cached_property
    def uses_all(self) -> bool:
        """No sample has weight 0."""
        return bool(self.s.min() > 0)

    @cached_property
    def keeps_weights(self) -> bool:
        """No sample's share of the weight is so small that it has lost digits, which no bound accounts for."""
        return self.scaling == "sum" or not np.any((self.s > 0) & (self.s < TINY))

    def weigh(self, values: Array) -> Array:
        """Return ``s * values``, and 0 where s is 0, whatever the value there; for one or several as rows."""
        return self.s * values if self.uses_all else weighted(self.s, values)

    def loss_value(self, u: Array) -> Any:
        """Compute ``Loss = sum_i s_i phi(u_i, y_i)``, for one u or for several as rows."""
        return self.weigh(self.at_samples(self.loss.value, u)).sum(axis=-1)  # in pairs, as bounds assume

    def theta(self, u: Array) -> Array:
        """Compute ``theta = -dLoss/du = -s * phi'(u, y)``, for one u or for several as rows."""
        return -self.weigh(self.at_samples(self.loss.gradient, u))

    def best_intercept(self, u: Array) -> float:
        """Compute ``argmin_b sum_i s_i phi(u_i + b, y_i)``; 0 if the problem has no intercept."""
        return best_intercept(self.loss, u, self.y, self.s) if self.intercept else 0.0

    def penalty_value(self, coef: Array, lam: Array | None = None) -> Any:
        """Compute ``lam * P(w)``, ``inf`` outside the domain of P even for ``lam = 0``; several w are rows, each with
        its own lam.
        """
        value = self.penalty.by_row(self.penalty.value, coef)
        finite, at = np.isfinite(value), self.lam if lam is None else lam
        return at * value if finite.all() else np.where(finite, at * np.where(finite, value, 0.0), np.inf)[()]

    def objective(self, coef: ArrayLike, intercept: float = 0.0) -> float:
        """Compute ``sum_i s_i phi((X w + b)_i, y_i) + lam * P(w)``."""
        w = self._weights(coef)
        return float(self.loss_value(self.predict(w, intercept)) + self.penalty_value(w))

    def gradient(self, coef: ArrayLike, intercept: float = 0.0) -> Array:
        """Compute ``dLoss/dw = -X' theta``, without the penalty; shape (p,)."""
        return -correlate(self.X, self.theta(self.predict(self._weights(coef), intercept)))

    def _weights(self, coef: ArrayLike) -> Array:
        return vector("coef", coef, self.shape[1], f"X has {self.shape[1]} columns")

    def multiplier_bounds(self, samples: Indices) -> tuple[Array, Array]:
        """Return the interval of multipliers ``theta_i`` that the loss allows at some of the samples."""
        lower, upper = (np.broadcast_to(slope, self.y.shape)[samples] for slope in self.loss.slopes(self.y))
        return -self.s[samples] * upper, -self.s[samples] * lower

    @cached_property
    def columns(self) -> Columns:
        """These are the mean, norm and spread of each column, weighted by s."""
        return column_statistics(self.X, self.s)

    @property
    def column_sizes(self) -> Array:
        """These are the columns' spreads, or their norms if no intercept takes up their means; shape (p,)."""
        return self.columns.sizes(self.intercept)

    @cached_property
    def constant_columns(self) -> NDArray[np.bool_]:
        """True marks columns that add nothing to the intercept, up to rounding; without one, zeros; shape (p,)."""
        return self.columns.constant(self.intercept)

    @property
    def penalises_all(self) -> bool:
        """No feature is left free at this lam."""
        return self.penalty.none_free if self.lam > 0 else bool(self.penalty.excluded.all())

    @property
    def unpenalised(self) -> NDArray[np.bool_]:
        """True marks features that the penalty leaves free at this lam; if it is 0, all that are not excluded."""
        return self.penalty.free if self.lam > 0 else ~self.penalty.excluded

    def __repr__(self) -> str:
        lam = "lam" if self._lam is None else f"{self._lam:.6g}"
        parts = [f"{self.loss} + {lam} * {type(self.penalty).__name__}", "n={}, p={}".format(*self.shape)]
        parts += ["intercept" if self.intercept else "no intercept", f"scaling={self.scaling!r}"]
        return f"Problem({', '.join(parts)})"

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{name}: a problem does not change; with_lam makes one at another lam")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{name}: a problem does not change")
