"""`gap_between` bounds the gap at *every* lam between two points of a path, from what is known at the two ends.

Let a and b be certified points at lam_a > lam_b. At ``lam = t lam_a + (1 - t) lam_b``, interpolate (w, b) and theta.
The loss, its conjugate, and ``lam P*(X' theta / lam)``, a perspective, are convex along the way; so theta is feasible,
and these terms are at most what interpolating their values gives. ``lam P(w)`` exceeds that by at most
``t (1 - t) (lam_a - lam_b) (P(w_b) - P(w_a))``. Hence, with the strong convexity of each term,

    gap(t) <= t gap_a + (1 - t) gap_b + t (1 - t) K,
    K = (lam_a - lam_b)(P(w_b) - P(w_a)) - 1/2 sum_i s_i mu_i (u_a - u_b)_i^2 - 1/(2 kappa) |theta_a - theta_b|_{1/s}^2
        - lam_b/2 sum_j m_j (w_a - w_b)_j^2,

with ``kappa`` the largest curvature of the loss, ``mu_i`` the least between u_a and u_b, ``m`` the penalty's modulus.
For the squared loss with L1 the path is linear while no weight comes or goes, and then the terms of K cancel.

X is not needed, as u, theta and X' theta are interpolated. So the gap halfway is cheap, and the same bound holds on
each half with a quarter of what K gives away; halving goes on until the bound is near a gap that does occur. (In the
spirit of Giesen, Laue, Mueller & Swiercy 2012 and Ndiaye, Le, Fercoq, Salmon & Takeuchi 2019.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays.design_matrix import Array
from ..certificates import rounding_bounds
from ..certificates.certificate import Certificate
from ..certificates.dual_points import DualPoint, dual_value
from ..problems.problem import Problem

_NEAR = 1.5  # bounds up to this factor above a gap that occurs are near enough
_HALVINGS = 3  # at most


@dataclass(frozen=True)
class _Point:
    """A point is a primal and a dual one of the centred problem at one lam, with their gap and its rounding error."""

    problem: Problem
    coef: Array
    constant: float
    u: Array
    theta: Array
    z: Array
    gap: float
    rounding: float

    @classmethod
    def of(cls, certificate: Certificate) -> _Point:
        known, dual = certificate.evidence, certificate.dual_point
        primal = known.coef, known.constant, known.u
        return cls(known.problem, *primal, dual.theta, dual.z, max(known.gap, 0.0), known.rounding)


def gap_between(above: Certificate, below: Certificate) -> float:
    """Bound the gap of the interpolated point at any lam between two certified points of one problem.

    The bound includes rounding. It is inf where one of their gaps is.
    """
    if not np.isfinite([above.proven_gap, below.proven_gap]).all():
        return np.inf
    return _bound(_Point.of(above), _Point.of(below), _HALVINGS)


def _bound(above: _Point, below: _Point, halvings: int) -> float:
    # predictions and correlations in between are off by no more than at the ends, the slopes lie between theirs
    error = above.rounding + below.rounding
    bound = _largest(above.gap, below.gap, _excess(above, below)) + error
    if not halvings or bound <= _NEAR * max(above.gap, below.gap) + 2 * error:
        return bound
    half = _halfway(above, below)
    return min(bound, max(_bound(above, half, halvings - 1), _bound(half, below, halvings - 1)))


def _halfway(above: _Point, below: _Point) -> _Point:
    problem = above.problem.with_lam(0.5 * (above.problem.lam + below.problem.lam))
    coef, constant = 0.5 * (above.coef + below.coef), 0.5 * (above.constant + below.constant)
    u, theta, z = 0.5 * (above.u + below.u), 0.5 * (above.theta + below.theta), 0.5 * (above.z + below.z)
    dual = DualPoint(theta, z, dual_value(problem, theta, z), 1.0)
    gap = max(problem.loss_value(u) + problem.penalty_value(coef) - dual.value, 0.0)
    error = rounding_bounds.primal_error(problem, coef, constant, u) + rounding_bounds.dual_bound(problem, dual).error
    return _Point(problem, coef, constant, u, theta, z, gap, error + 0.5 * (above.rounding + below.rounding))


def _excess(above: _Point, below: _Point) -> float:
    """Compute K of the module's docstring, rounded up."""
    problem, s = above.problem, above.problem.s
    used = s > 0
    loss, y, du, dtheta = problem.loss, problem.y, above.u - below.u, (above.theta - below.theta)[used]
    values = problem.penalty.value(above.coef), problem.penalty.value(below.coef)
    fall = above.problem.lam - below.problem.lam
    first = fall * (values[1] - values[0])
    least = np.minimum(loss.curvature(above.u, y), loss.curvature(below.u, y))  # see Loss.curvature_at_slope
    bent = 0.5 * float((s * least)[used] @ du[used] ** 2)
    bent += 0.5 * float(np.sum(dtheta**2 / s[used])) / loss.smoothness
    bent += 0.5 * below.problem.lam * float(problem.penalty.modulus() @ (above.coef - below.coef) ** 2)
    error = rounding_bounds.gamma(len(s) + 8) * (abs(first) + bent)
    return first - bent + error + fall * rounding_bounds.gamma(len(above.coef) + 8) * sum(values)


def _largest(at_one: float, at_zero: float, excess: float) -> float:
    """Return ``max_t t at_one + (1 - t) at_zero + t (1 - t) excess`` over 0 <= t <= 1."""
    if excess <= abs(at_one - at_zero):
        return max(at_one, at_zero)
    t = 0.5 * (1 + (at_one - at_zero) / excess)
    return t * at_one + (1 - t) * at_zero + t * (1 - t) * excess
