"""A problem is an objective with all that is known of it before a solver runs, and makes others like itself."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from types import EllipsisType
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import arguments
from ..arrays.design_matrix import Array, Indices, take_columns
from ..caching import cached_bound
from ..errors import InputError
from ..losses import LOSSES, Loss
from ..penalties import PENALTIES, Penalty
from .centring import Centring
from .moments import Moments
from .null_correlations import null_correlations
from .null_model import NullModel, require_bounded_loss
from .objective import Objective
from .recession import Recession
from .unpenalised import gap_scale, null_model, recession_of_features


class Problem(Objective):
    """The problem is to ``minimise sum_i s_i phi(X_i w + b, y_i) + lam * P(w)``; what states it is validated once.

    Parameters
    ----------
    X : array, SciPy sparse matrix or array, or data frame, of shape (n, p)
        Real and finite; not copied where it is float64 already, so do not change it afterwards. A data
        frame's column names become the feature names.
    y : array of shape (n,)
        Targets, in the domain of the loss. Of those of X, y and sample_weight that are data frames or Series, the
        indices must be equal.
    lam : float >= 0, optional
        In the units of the loss per unit of the penalty; `convert` has other packages' conventions. `path`, `homotopy`,
        `cross_validate` and all else that takes its own lam need none; what does need one raises an InputError.
    loss : str or Loss
        A name in `LOSSES` or an instance, as in ``Huber(delta=2.0)``.
    penalty : str or Penalty
        A name in `PENALTIES` or an instance, as in ``L1(weights=c)`` or ``Group(groups=labels)``.
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

    def __init__(
        self,
        X: Any,
        y: ArrayLike,
        lam: float | EllipsisType = ...,  # left out; None is refused, as a number that was forgotten
        *,
        loss: str | Loss = "squared",
        penalty: str | Penalty = "l1",
        intercept: bool = True,
        scaling: str = "mean",
        sample_weight: ArrayLike | None = None,
        feature_names: Sequence[str] | None = None,
        standardize: bool = False,
    ) -> None:
        arguments.require_same_rows(X=X, y=y, sample_weight=sample_weight)
        matrix, names = arguments.real_matrix(X)
        n, p = matrix.shape
        given = arguments.vector("y", y, n, f"X has {n} rows")
        targets = given.copy()  # small, and what is proven must not change with it
        targets.flags.writeable = False
        if not isinstance(loss, Loss):
            loss = LOSSES[arguments.choice("loss", loss, LOSSES)]()
        loss.validate(targets)
        if not isinstance(penalty, Penalty):
            penalty = _of_features(PENALTIES[arguments.choice("penalty", penalty, PENALTIES)], p)
        stated = vars(self)  # which is written to here and where a copy is made, and never again
        stated.update(X=matrix, y=targets, loss=loss)
        stated["_lam"] = None if lam is ... else arguments.nonnegative_number("lam", lam)
        stated["intercept"] = arguments.choice("intercept", intercept, (True, False))
        stated["scaling"] = arguments.choice("scaling", scaling, ("mean", "sum"))
        stated["sample_weight"] = weights = arguments.sample_weights(sample_weight, n)
        stated["s"] = arguments.sample_scale(weights, n, scaling)
        stated["columns"] = arguments.finite_columns(matrix, self.s)
        given_names = names if feature_names is None else feature_names
        stated["_names"] = None if given_names is None else arguments.distinct_names(given_names, p)
        stated["penalty"] = penalty = penalty.bind(p)
        if arguments.choice("standardize", standardize, (True, False)):
            stated["penalty"] = penalty.scaled(arguments.standard_deviations(self.columns, self.s, self.feature_names))
        require_bounded_loss(loss, targets, self.s, intercept)

    @cached_bound
    def centring(self) -> Centring:
        """Columns and targets are rid of their means where that leaves the problem as it is, against rounding."""
        return Centring.of(self)

    @property
    def centred(self) -> Self:
        """The targets ``y - y0`` make the same problem, but that its intercepts are smaller by y0."""
        return self._centred if self._centred._lam == self._lam else self._centred.with_lam(self.lam)

    @cached_bound
    def _centred(self) -> Self:
        centring = self.centring
        if centring.offset == 0:
            return self
        other = self._restated(y=centring.targets)
        _ = centring.accuracy
        about_0 = copy.copy(centring)
        vars(about_0)["offset"] = 0.0
        vars(other).update(columns=self.columns, centring=about_0, _centred=other)
        vars(other)["scale"] = gap_scale(other, other.null, -centring.offset)
        return other

    @property
    def moments(self) -> Moments | None:
        """These are the second moments of the centred data, for a squared loss, computed once for all lam."""
        return self._centred._moments

    @cached_bound
    def _moments(self) -> Moments | None:
        return Moments.of(self, self.centring.mean)

    @cached_bound
    def null(self) -> NullModel:
        """The null model has the best intercept and unpenalised coefficients, and all others at 0."""
        if self.centring.offset:
            null, y0 = self.centred.null, self.centring.offset
            return replace(null, intercept=null.intercept + y0, u=null.u + y0)
        return null_model(self)

    @property
    def recession(self) -> Recession | None:
        """In this direction the objective is proven to fall forever, so that it has no minimiser; None if in none.

        Its ``coef`` has p entries, which are 0 but for unpenalised features.
        """
        return self._recession if self.lam > 0 else self._recession_at_0

    @cached_bound
    def _recession(self) -> Recession | None:
        """The direction is the same at every lam > 0."""
        return recession_of_features(self, np.flatnonzero(self.penalty.free), self.null)

    @cached_bound
    def _recession_at_0(self) -> Recession | None:
        """The direction differs at lam = 0, where only exclusion and signs are left of the penalty."""
        return recession_of_features(self, np.flatnonzero(~self.penalty.excluded))

    @property
    def null_coef(self) -> Array:
        """These are the null model's coefficients among all p, with zeros elsewhere."""
        coef = np.zeros(self.shape[1])
        coef[self.penalty.free] = self.null.coef
        return coef

    @cached_bound
    def infimum(self) -> float:
        """No objective can be below ``inf_u Loss``."""
        return float(self.s @ self.loss.infimum(self.y))

    @cached_bound
    def scale(self) -> float:
        """The scale of relative gaps is the objective of the null model less the infimum of the loss.

        If the null model fits exactly, up to the rounding of its predictions, that of the intercept alone takes its
        place, then that of the prediction 0; 0 if that fits exactly too.
        """
        return self.centred.scale if self.centring.offset else gap_scale(self, self.null, 0.0)

    @cached_bound
    def lambda_max(self) -> float:
        """The least lam at which every penalised coefficient is 0 follows from the fitted null model.

        It is an upper bound of that for a group penalty of a piecewise linear loss with tied targets, where the null
        model has several multipliers.
        """
        return float(self.penalty.lambda_max(np.where(self.penalty.excluded, 0.0, self.null_z)))

    @property
    def null_z(self) -> Array:
        """These are the correlations ``x_j' theta`` of the null model, 0 where they are rounding alone; shape (p,)."""
        return self._centred._null_z

    @cached_bound
    def _null_z(self) -> Array:
        return null_correlations(self, self.null)

    @cached_bound
    def largest(self) -> tuple[float, float]:
        """The largest sizes of a target and of a sample's weight."""
        return float(np.abs(self.y).max()), float(self.s.max())

    @cached_bound
    def worst_accuracy(self) -> float:
        """The largest `Centring.accuracy` of a penalised feature is this, relative to its level at lam = 1."""
        level, held = self.penalty.threshold(1.0), ~(self.penalty.free | self.penalty.excluded)
        return float((self.centring.accuracy[held] / level[held]).max(initial=0.0))

    def with_lam(self, lam: float) -> Self:
        """Return the same problem at another lam; data and what is known of them are shared."""
        _ = self._centred, self.scale, self.null, self.uses_all, self.worst_accuracy, self.largest  # once for all lam
        other = copy.copy(self)
        vars(other)["_lam"] = arguments.nonnegative_number("lam", lam)
        return other

    def of_used_samples(self) -> Self:
        """Return the same problem without the samples of weight 0."""
        used = self.s > 0
        if used.all():
            return self
        weights = None if self.sample_weight is None else self.sample_weight[used]
        return self._restated(X=self.X[used], y=self.y[used], s=self.s[used], sample_weight=weights)

    def without_samples(self, samples: Any) -> Self:
        """Return the problem with weight 0 for these samples, the others' as they are, also if the loss is a mean."""
        return self._restated(s=np.where(samples, 0.0, self.s))

    def with_features(self, features: Indices) -> Self:
        """Return the problem with these features alone, the others being 0."""
        return self._restated(
            X=take_columns(self.X, features),
            penalty=self.penalty.with_features(features),
            _names=tuple(np.array(self.feature_names, dtype=object)[features]),
        )

    def _restated(self, **changes: Any) -> Self:
        """Copy what is stated, with changes, and leave what was computed from it: all else in ``__dict__``."""
        other = object.__new__(type(self))
        vars(other).update({name: vars(self)[name] for name in Objective.__annotations__} | changes)
        return other


@lru_cache(maxsize=8)
def _of_features(penalty: type[Penalty], p: int) -> Penalty:
    """Return the penalty for p features; it does not change, and is asked for again and again."""
    return penalty().bind(p)


def require_problem(problem: Any) -> Problem:
    """Return the problem itself; the error for anything else says what was passed in its place."""
    if not isinstance(problem, Problem):
        raise InputError(f"problem: found {type(problem).__name__}; allowed is a Problem, as Problem(X, y, lam)")
    return problem
