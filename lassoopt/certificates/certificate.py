"""The optimality certificate: ``(problem, coef, intercept, theta) -> Certificate``, recomputed from the data.

Nothing here knows which solver, if any, produced the numbers. The gap ``primal - dual`` bounds how far the
objective is above its optimum; the table says, feature by feature, which optimality condition holds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arrays.design_matrix import Array
from ..caching import cached_bound
from ..problems.problem import Problem
from . import rounding_bounds, screening
from .curvature import curvature_floor, inverse_roots, weight_error
from .dual_points import DualPoint
from .kkt import ACTIVE, BOUNDARY, HELD, VIOLATED, Row, margins, rows, states
from .optimal_set import Uniqueness, uniqueness
from .rounding_bounds import DualBound

__all__ = ["ACTIVE", "BOUNDARY", "HELD", "VIOLATED", "Certificate", "Row"]


@dataclass(frozen=True, eq=False, repr=False)
class Certificate:
    """What is proven about a point, by Fenchel duality; made by `certify`.

    Attributes
    ----------
    problem, coef, intercept
        The problem, and the point that is certified.
    theta : array of shape (n,)
        The dual feasible point behind ``dual``: the better of the solver's own and the rescaled gradient.
    primal, dual, gap : float
        ``gap = primal - dual``: the objective at the point is at most this much above the optimum.
    rounding : float
        A bound on the rounding error of ``gap``.
    relative_gap : float
        ``gap / scale``, with ``scale`` the objective of the null model less the infimum of the loss.
    intercept_gradient : float
        ``dLoss/db``, 0 at the optimum; nan without an intercept.
    tol : float
        The relative tolerance that "certified" and "violated" refer to.
    """

    problem: Problem
    coef: Array
    intercept: float
    theta: Array
    primal: float
    dual: float
    gap: float
    rounding: float
    relative_gap: float
    intercept_gradient: float
    tol: float
    _point: DualPoint = field(repr=False)
    _bound: DualBound = field(repr=False)  # how far the exactly feasible point may be from it
    _u: Array = field(repr=False)  # of the centred problem
    _z: Array = field(repr=False)

    @property
    def certified(self) -> bool:
        """Whether the relative gap is at most ``tol``, with a rounding error that is no larger."""
        return self.relative_gap <= self.tol and self.rounding <= self.tol * self.problem.scale

    @property
    def predictions(self) -> Array:
        """``u = X w + b``."""
        return self._u + self.problem.centring.offset

    @property
    def centred_predictions(self) -> Array:
        """``u - y0``, without the rounding of a large y0; see `centring`."""
        return self._u

    @property
    def dual_point(self) -> DualPoint:
        """``theta`` with its correlations and its value."""
        return self._point

    @property
    def proven_gap(self) -> float:
        """``gap`` plus its rounding error: a bound that includes floating point."""
        return max(self.gap, 0.0) + self.rounding

    @property
    def _centred(self) -> Problem:
        return self.problem.centred

    @cached_bound
    def _max_curvature(self) -> Array:
        return screening.max_curvature(self._centred, self._point, self._bound.slopes, self.proven_gap)

    @cached_bound
    def _sizes(self) -> tuple[Array, Array]:
        return screening.column_sizes(self._centred, self._max_curvature)

    @cached_bound
    def _radius(self) -> Array:
        return screening.safe_radius(self.proven_gap, self._sizes[0]) + self._bound.reach

    @cached_bound
    def proven_zeros(self) -> NDArray[np.bool_]:
        """Which features are 0 in *every* optimal solution (gap-safe sphere); shape (p,)."""
        return screening.proven_zeros(self.problem, self._point, self._radius)

    @cached_bound
    def _left(self) -> NDArray[np.intp]:
        return np.flatnonzero(~self.proven_zeros)

    def _moved(self, coef: Array) -> tuple[Array, float]:
        """The predictions of other weights, at their best intercept, and a bound on their gap to the dual point."""
        problem = self._centred
        with np.errstate(over="ignore", invalid="ignore"):
            u = problem.centring.predict(coef)
            b = problem.best_intercept(u)
            primal = problem.loss_value(u + b) + problem.penalty_value(coef)
            error = self.rounding + rounding_bounds.primal_error(problem, coef, b, u + b)
        return u + b, max(primal - self.dual, 0.0) + error

    @cached_bound
    def _curvature(self) -> tuple[Array | None, float, Array]:
        """`inverse_roots` of the features left; the gap of ``coef`` with the proven zeros set to 0; and each sample's
        curvature, at the least."""
        problem, w, u, gap = self._centred, self.coef_with_proven_zeros, self._u, self.proven_gap
        if not np.isfinite(gap):
            return None, gap, np.zeros_like(u)
        if np.any(w != self.coef):
            u, gap = self._moved(w)
        floor = curvature_floor(problem, self._point, w, u, gap)
        return inverse_roots(problem, self._left, floor), gap, floor

    @cached_bound
    def coef_error(self) -> Array:
        """``|w_j - w*_j|`` is at most this in the optimal solution w*; inf where nothing is proven."""
        error = np.where(self.proven_zeros, np.abs(self.coef), np.inf)
        roots, gap, _ = self._curvature
        if roots is not None:
            error[self._left] = weight_error(gap, roots)
        return error

    @cached_bound
    def proven_signs(self) -> NDArray[np.int_]:
        """The sign of each weight in every optimal solution, 0 where that is not proven; shape (p,)."""
        return np.where(np.abs(self.coef) > self.coef_error, np.sign(self.coef), 0).astype(int)

    @cached_bound
    def uniqueness(self) -> Uniqueness:
        """Whether the optimal solution is unique, with the reason."""
        if not np.isfinite(self.proven_gap):
            return Uniqueness("undecided", "the gap is not bounded")
        roots, _, floor = self._curvature
        here = self._centred, self.coef, self._point, self._left
        return uniqueness(*here, floor, roots is not None, self._moved)

    @cached_bound
    def gain(self) -> Array:
        """Feature by feature, what moving ``w_j`` alone takes off the objective, at the least; shape (p,).

        Half the squared proximal-gradient step in units where the objective's sublevel set has curvature at most 1
        along each weight, the intercept following. A piecewise linear loss has no such step; there it is the
        feature's share ``lam P_j(w_j) - z_j w_j`` of the gap. No gain can be above the gap, so a certified point
        has no violated feature. For a group penalty the step is the group's, and this is a measure, not a bound.
        """
        problem, (sizes, centre) = self.problem, self._sizes
        if np.isfinite(sizes).all():
            follows = centre * self.intercept_gradient if problem.intercept else 0.0
            gain = screening.step_gain(problem, self.coef, self._z + follows, sizes)
        else:
            with np.errstate(over="ignore"):
                gain = (problem.lam * problem.penalty.gradient(self.coef) - self._point.z) * self.coef
        return np.clip(gain, 0.0, max(self.gap, 0.0))

    @cached_bound
    def margin(self) -> Array:
        """`Row.margin` of every feature; shape (p,)."""
        return margins(self.problem, self.coef, self._z, self._is_zero)

    @property
    def coef_with_proven_zeros(self) -> Array:
        """``coef`` with every feature that is 0 in all optimal solutions set to exactly 0."""
        return np.where(self.proven_zeros, 0.0, self.coef)

    @property
    def _is_zero(self) -> NDArray[np.bool_]:
        return (self.coef == 0) | self.proven_zeros

    @cached_bound
    def states(self) -> NDArray[np.str_]:
        """The state of every feature, as in `Row`; shape (p,)."""
        broken = self.gain > self.tol * self.problem.scale
        return states(self.problem, self.coef, self._z, self._is_zero, broken)

    @cached_bound
    def intercept_gain(self) -> float:
        """What moving the intercept alone takes off the objective, at the least; 0 without an intercept."""
        curvature = self._max_curvature
        total = float(self.problem.s[self.problem.s > 0] @ curvature[self.problem.s > 0])
        if not self.problem.intercept or not 0 < total < np.inf:
            return 0.0
        return min(0.5 * self.intercept_gradient * self.intercept_gradient / total, max(self.gap, 0.0))

    @cached_bound
    def kkt(self) -> tuple[Row, ...]:
        """The optimality conditions, one `Row` a feature."""
        proven = self.proven_zeros, self.proven_signs
        return rows(self.problem, self.coef, self._z, self.margin, self.gain, self.states, *proven)

    def explain(self, feature: str | int) -> str:
        """One feature's story in two sentences, with its numbers."""
        from .explanation import explain

        return explain(self, feature)

    def save(self, path: str | Path) -> None:
        """Write a certificate file, which `verify` checks against the data for anyone who trusts nobody.

        It states the problem in full, the SHA-256 of X and y, the coefficients and theta, and what these prove: bounds
        on the objective here and on its minimum, and the features that are 0 in every optimal solution. The format is
        that of `lassoopt.claim`.

        Raises
        ------
        InputError
            For a loss or penalty of the user's own, if nothing is proven, as the gap is infinite, or if the file cannot
            be written.
        """
        from .file_writer import save

        save(self, path)

    def as_dict(self) -> dict[str, Any]:
        """Everything in plain numbers, strings and lists, ready for JSON."""
        from .words import as_dict

        return as_dict(self)

    def __repr__(self) -> str:
        verdict = "certified" if self.certified else "not certified"
        return f"Certificate({verdict}: relative gap {self.relative_gap:.2e}, tol {self.tol:.0e})"

    def __str__(self) -> str:
        from .words import text

        return text(self)

    def _repr_html_(self) -> str:
        from .words import html

        return html(self)
