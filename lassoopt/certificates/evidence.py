"""The evidence behind a certificate is a point and a feasible dual point; they determine the rest, rounding included.

Its problem is centred (`centring`); objectives and dual values are those of the problem itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..arrays.design_matrix import Array, Indices
from ..caching import cached_bound, cached_property
from ..problems.problem import Problem
from . import rounding_bounds, screening
from .curvature import curvature_floor, inverse_roots
from .dual_points import DualPoint, balanced, feasible, gradient_multiplier, relative_gap
from .rounding_bounds import DualBound


@dataclass(frozen=True, eq=False)
class Evidence:
    """The evidence is a point and a dual point of one problem; all else is computed from these, when it is asked for.

    Attributes
    ----------
    problem : Problem
        The centred problem.
    coef, constant, u
        The weights, the intercept of the centred problem, and the predictions.
    z : array of shape (p,)
        ``-dLoss/dw``; for a loss with kinks, which has no such gradient, ``X' theta``.
    multiplier_sum : float
        ``1' theta`` of the same multiplier, which is ``-dLoss/db``.
    point : DualPoint
        The feasible dual point.
    bound : DualBound
        How far the exactly feasible dual point may be from it.
    """

    problem: Problem
    coef: Array
    constant: float
    u: Array
    z: Array
    multiplier_sum: float
    point: DualPoint
    bound: DualBound

    @cached_bound
    def primal(self) -> float:
        """Return the objective at the point."""
        return float(self.problem.loss_value(self.u) + self.problem.penalty_value(self.coef))

    @cached_property
    def gap(self) -> float:
        """Return the primal less the dual value, a bound on the objective's excess; inf if one is not finite."""
        finite = math.isfinite(self.primal) and math.isfinite(self.point.value)
        return self.primal - self.point.value if finite else math.inf

    @cached_bound
    def rounding(self) -> float:
        """Return a bound on the rounding error of `gap`."""
        return self._rounding(self.bound)

    def _rounding(self, bound: DualBound) -> float:
        if not np.isfinite(self.gap):
            return np.inf
        of_primal = rounding_bounds.primal_error(self.problem, self.coef, self.constant, self.u)
        return float(of_primal + bound.error + rounding_bounds.gamma(4) * abs(self.gap))

    @property
    def relative_gap(self) -> float:
        """Return the gap in units of the problem's scale."""
        return relative_gap(self.problem, self.gap)

    def meets(self, tol: float) -> bool:
        """Return whether the relative gap is at most ``tol``, with a rounding error that is no larger."""
        return self.relative_gap <= tol and self.rounding <= tol * self.problem.scale

    @property
    def at_most(self) -> float:
        """Return the least bound on the gap that is proven, be it to this dual point or to another."""
        return self.proven_gap

    @property
    def proven_gap(self) -> float:
        """Return the gap to this dual point plus its rounding error: a bound that includes floating point."""
        return max(self.gap, 0.0) + self.rounding

    @cached_bound
    def max_curvature(self) -> Array:
        """Return a bound on the loss's curvature between this dual point and the optimal one, sample by sample."""
        return screening.max_curvature(self.problem, self.point, self.bound.slopes, self.proven_gap)

    @cached_bound
    def sizes(self) -> tuple[Array, Array]:
        """Return upper bounds on the columns' norms in these curvatures, and what the columns are centred by first."""
        return screening.column_sizes(self.problem, self.max_curvature)

    @property
    def radius(self) -> Array:
        """Return how far ``x_j' theta`` may be from that of any optimal theta; shape (p,)."""
        return screening.safe_radius(self.proven_gap, self.sizes[0]) + self.bound.reach

    @cached_bound
    def proven_zeros(self) -> NDArray[np.bool_]:
        """Return which features are 0 in every optimal solution."""
        return screening.proven_zeros(self.problem, self.point, self.radius)

    @cached_bound
    def left(self) -> Indices:
        """Return the features that are not proven zero."""
        return np.flatnonzero(~self.proven_zeros)

    def gap_of(self, coef: Array) -> tuple[Array, float]:
        """Return other weights' predictions, at their best intercept, and a bound on their gap to the dual point."""
        problem = self.problem
        with np.errstate(over="ignore", invalid="ignore"):
            u = problem.centring.predict(coef)
            b = problem.best_intercept(u)
            primal = problem.loss_value(u + b) + problem.penalty_value(coef)
            error = self.rounding + rounding_bounds.primal_error(problem, coef, b, u + b)
        return u + b, float(max(primal - self.point.value, 0.0) + error)

    @cached_bound
    def curvature(self) -> tuple[Array | None, float, Array]:
        """Return `inverse_roots` of the features left, the gap without the proven zeros, and a floor of curvatures."""
        w, u, gap = np.where(self.proven_zeros, 0.0, self.coef), self.u, self.proven_gap
        if not np.isfinite(gap):
            return None, gap, np.zeros_like(u)
        if np.any(w != self.coef):
            u, gap = self.gap_of(w)
        floor = curvature_floor(self.problem, self.point, w, u, gap)
        return inverse_roots(self.problem, self.left, floor), gap, floor


class GradientEvidence(Evidence):
    """The evidence at a point of a smooth loss computes the gradient, and the errors of the dual point, when asked for.

    ``stated`` is the problem before it is centred, and ``own`` the dual point made of the gradient at the point.
    """

    stated: Problem
    own: DualPoint

    def __init__(
        self, stated: Problem, coef: Array, constant: float, u: Array, own: DualPoint, point: DualPoint
    ) -> None:
        vars(self).update(stated=stated, coef=coef, constant=constant, u=u, own=own, point=point)

    @cached_property
    def problem(self) -> Problem:
        return self.stated.centred

    @property
    def relative_gap(self) -> float:
        return relative_gap(self.stated, self.gap)

    def meets(self, tol: float) -> bool:
        return self.relative_gap <= tol and (self.rough_rounding <= tol * self.problem.scale or super().meets(tol))

    @cached_bound
    def rough_rounding(self) -> float:
        """Return a bound on the rounding error that is larger than `rounding`, and found sooner."""
        return self._rounding(self._rough)

    @cached_bound
    def _rough(self) -> DualBound:
        return rounding_bounds.dual_bound(self.problem, self.point, negligible=rounding_bounds.ROUGH)

    @cached_bound
    def bound(self) -> DualBound:
        return self._rough if self._rough.sharp else rounding_bounds.dual_bound(self.problem, self.point)

    @cached_bound
    def multiplier(self) -> Array:
        """Return ``-dLoss/du`` at the point."""
        return self.problem.theta(self.u)

    @cached_bound
    def multiplier_sum(self) -> float:
        return float(self.multiplier.sum())

    @cached_bound
    def z(self) -> Array:
        problem, own = self.problem, self.own
        plain = problem.penalises_all and problem.penalty.none_excluded
        if plain and own.shrunk_by > 0 and balanced(problem, self.multiplier):
            z = own.z / own.shrunk_by  # the projection left the multiplier as it is
        else:
            z = problem.centring.correlate(self.multiplier) + problem.centring.mean * self.multiplier_sum
        return np.where(np.isfinite(z), z, 0.0)


class DeferredEvidence(GradientEvidence):
    """The evidence at a point whose gap is known to be small computes everything when it is asked for.

    ``known`` is a bound on the gap to a dual point that is not formed.
    """

    known: float

    def __init__(self, stated: Problem, coef: Array, constant: float, known: float) -> None:
        vars(self).update(stated=stated, coef=coef, constant=constant, known=known)

    def meets(self, tol: float) -> bool:
        return self.known <= tol * self.stated.scale or super().meets(tol)

    @property
    def at_most(self) -> float:
        return min(self.known, self.proven_gap)

    @cached_bound
    def u(self) -> Array:
        return self.problem.centring.predict(self.coef) + self.constant

    @cached_bound
    def own(self) -> DualPoint:
        return feasible(self.problem, gradient_multiplier(self.problem, self.u))

    @property
    def point(self) -> DualPoint:
        return self.own
