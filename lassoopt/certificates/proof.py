"""A `Proof` says what is proven about a point, and which optimality condition holds, feature by feature.

Nothing here knows which solver, if any, produced the numbers. The gap ``primal - dual`` bounds how far the objective is
above its optimum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..arrays.design_matrix import Array
from ..caching import cached_bound
from ..problems.problem import Problem
from . import screening
from .curvature import weight_error
from .dual_points import DualPoint
from .evidence import Evidence
from .kkt import Row, margins, rows, states
from .optimal_set import Uniqueness, uniqueness


@dataclass(frozen=True, eq=False, repr=False)
class Proof:
    """A proof says what is proven about a point, by Fenchel duality; it is a `Certificate` without its words.

    Attributes
    ----------
    problem, intercept
        The problem, and the intercept of the point that is certified.
    tol : float
        The relative tolerance that "certified" and "violated" refer to.
    evidence : Evidence
        The point and the dual point, which determine everything else.
    """

    problem: Problem
    intercept: float
    tol: float
    evidence: Evidence

    @property
    def coef(self) -> Array:
        """Return the weights of the point; shape (p,)."""
        return self.evidence.coef

    @property
    def theta(self) -> Array:
        """Return the feasible dual point behind ``dual``, the one that proves most of those at hand; shape (n,)."""
        return self.evidence.point.theta

    @property
    def primal(self) -> float:
        """Return the objective at the point."""
        return self.evidence.primal

    @property
    def dual(self) -> float:
        """Return the dual value of theta; no point at all has a lower objective."""
        return self.evidence.point.value

    @property
    def gap(self) -> float:
        """Return ``primal - dual``: the objective at the point is at most this much above the optimum."""
        return self.evidence.gap

    @property
    def rounding(self) -> float:
        """Return a bound on the rounding error of ``gap``."""
        return self.evidence.rounding

    @property
    def proven_gap(self) -> float:
        """Return ``gap`` plus its rounding error, or a lower bound that is proven: it includes floating point."""
        return self.evidence.at_most

    @property
    def relative_gap(self) -> float:
        """Return ``gap / scale``, with ``scale`` the objective of the null model less the infimum of the loss."""
        return self.evidence.relative_gap

    @property
    def intercept_gradient(self) -> float:
        """Return ``dLoss/db``, which is 0 at the optimum; nan without an intercept."""
        return -self.evidence.multiplier_sum if self.problem.intercept else np.nan

    @property
    def certified(self) -> bool:
        """Return whether the relative gap is proven to be at most ``tol``, or is so with a rounding error no larger."""
        return self.evidence.meets(self.tol)

    @property
    def predictions(self) -> Array:
        """Return ``u = X w + b``; shape (n,)."""
        return self.evidence.u + self.problem.centring.offset

    @property
    def dual_point(self) -> DualPoint:
        """Return ``theta`` with its correlations and its value."""
        return self.evidence.point

    @property
    def proven_zeros(self) -> NDArray[np.bool_]:
        """Return which features are 0 in *every* optimal solution (gap-safe sphere); shape (p,)."""
        return self.evidence.proven_zeros

    @cached_bound
    def coef_error(self) -> Array:
        """Return a bound on ``|w_j - w*_j|`` for every optimal w*; it is inf where nothing is proven. Shape (p,)."""
        error = np.where(self.proven_zeros, np.abs(self.coef), np.inf)
        roots, gap, _ = self.evidence.curvature
        if roots is not None:
            error[self.evidence.left] = weight_error(gap, roots)
        return error

    @cached_bound
    def proven_signs(self) -> NDArray[np.int_]:
        """Return the sign of each weight in every optimal solution, 0 where that is not proven; shape (p,)."""
        return np.where(np.abs(self.coef) > self.coef_error, np.sign(self.coef), 0).astype(int)

    @cached_bound
    def uniqueness(self) -> Uniqueness:
        """Return whether the optimal solution is unique, with the reason."""
        if not np.isfinite(self.evidence.proven_gap):
            return Uniqueness("undecided", "the gap is not bounded")
        return uniqueness(self.evidence)

    @cached_bound
    def gain(self) -> Array:
        """Return by how much moving ``w_j`` alone lowers the objective, at the least; shape (p,).

        It is half the squared proximal-gradient step in units where the objective's sublevel set has curvature at most
        1 along each weight, the intercept following. A piecewise linear loss has no such step; there the gain is the
        feature's share ``lam P_j(w_j) - z_j w_j`` of the gap. No gain can be above the gap, so a certified point has no
        violated feature. For a group penalty the step is the group's, and the gain is a measure, not a bound.
        """
        problem, (sizes, centre) = self.problem, self.evidence.sizes
        if np.isfinite(sizes).all():
            follows = centre * self.intercept_gradient if problem.intercept else 0.0
            gain = screening.step_gain(problem, self.coef, self.evidence.z + follows, sizes)
        else:
            with np.errstate(over="ignore"):
                gain = (problem.lam * problem.penalty.gradient(self.coef) - self.evidence.point.z) * self.coef
        return np.clip(gain, 0.0, max(self.gap, 0.0))

    @cached_bound
    def margin(self) -> Array:
        """Return `Row.margin` of every feature; shape (p,)."""
        return margins(self.problem, self.coef, self.evidence.z, self._is_zero)

    @property
    def coef_with_proven_zeros(self) -> Array:
        """Return ``coef`` with every feature that is 0 in all optimal solutions set to exactly 0."""
        return np.where(self.proven_zeros, 0.0, self.coef)

    @property
    def _is_zero(self) -> NDArray[np.bool_]:
        return (self.coef == 0) | self.proven_zeros

    @cached_bound
    def states(self) -> NDArray[np.str_]:
        """Return the state of every feature, as in `Row`; shape (p,)."""
        broken = self.gain > self.tol * self.problem.scale
        return states(self.problem, self.coef, self.evidence.z, self._is_zero, broken)

    @cached_bound
    def intercept_gain(self) -> float:
        """Return by how much moving the intercept alone lowers the objective, at the least; 0 without an intercept."""
        curvature = self.evidence.max_curvature
        total = float(self.problem.s[self.problem.s > 0] @ curvature[self.problem.s > 0])
        if not self.problem.intercept or not 0 < total < np.inf:
            return 0.0
        return min(0.5 * self.intercept_gradient * self.intercept_gradient / total, max(self.gap, 0.0))

    @cached_bound
    def kkt(self) -> tuple[Row, ...]:
        """Return the optimality conditions, with one `Row` for each feature."""
        proven = self.proven_zeros, self.proven_signs
        return rows(self.problem, self.coef, self.evidence.z, self.margin, self.gain, self.states, *proven)


class CertifiedPath(Protocol):
    """A certified path is what figures and animations read of a path."""

    @property
    def certificates(self) -> Sequence[Proof]:
        """Return the certificates of its points, in the order of falling lam."""
