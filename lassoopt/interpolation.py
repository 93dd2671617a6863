"""Between two points of a path: a bound on the gap at *every* lam, from what is known at the two ends.

With certified points a and b at lam_a > lam_b, and at ``lam = t lam_a + (1 - t) lam_b`` the interpolated (w, b) and
theta: the loss, its conjugate, and ``lam P*(X' theta / lam)``, a perspective, are convex along the way, so that theta
is feasible and these terms are at most their interpolation; ``lam P(w)`` exceeds it by at most ``t (1 - t) (lam_a -
lam_b) (P(w_b) - P(w_a))``. Hence, with the strong convexity of each term,

    gap(t) <= t gap_a + (1 - t) gap_b + t (1 - t) K,
    K = (lam_a - lam_b)(P(w_b) - P(w_a)) - mu/2 |u_a - u_b|_s^2 - 1/(2 kappa) |theta_a - theta_b|_{1/s}^2
        - lam_b/2 sum_j m_j (w_a - w_b)_j^2,

``kappa`` and ``mu`` the largest and least curvature of the loss, ``m`` the penalty's modulus: no pass over X (in the
spirit of Giesen, Laue, Mueller & Swiercy 2012 and Ndiaye, Le, Fercoq, Salmon & Takeuchi 2019). For the squared loss the
terms of K cancel where no weight comes or goes between a and b, as the path is linear there.
"""

from __future__ import annotations

import numpy as np

from .certificate import Certificate
from .losses import Squared

_EPS = float(np.finfo(float).eps)


def gap_between(above: Certificate, below: Certificate) -> float:
    """A bound on the gap of the interpolated point at any lam between those of two certificates of one problem.

    Rounding at the two ends is included. inf where one of them is.
    """
    ends = above.proven_gap, below.proven_gap
    if not np.isfinite(ends).all():
        return np.inf
    return _largest(*ends, _excess(above, below))


def _excess(above: Certificate, below: Certificate) -> float:
    """K of the module's docstring, rounded up."""
    problem, s = above.problem, above.problem.s
    used = s > 0
    du, dtheta = (above.predictions - below.predictions)[used], (above.theta - below.theta)[used]
    smoothness, convexity = problem.loss.smoothness, 1.0 if isinstance(problem.loss, Squared) else 0.0
    rise = problem.penalty.value(below.coef) - problem.penalty.value(above.coef)
    first = (above.problem.lam - below.problem.lam) * rise
    bent = 0.5 * convexity * float(s[used] @ du**2) + 0.5 * float(np.sum(dtheta**2 / s[used])) / smoothness
    bent += 0.5 * below.problem.lam * float(problem.penalty.modulus() @ (above.coef - below.coef) ** 2)
    return first - bent + 4 * len(s) * _EPS * (abs(first) + bent)


def _largest(at_one: float, at_zero: float, excess: float) -> float:
    """``max_t t at_one + (1 - t) at_zero + t (1 - t) excess`` over 0 <= t <= 1."""
    if excess <= abs(at_one - at_zero):
        return max(at_one, at_zero)
    t = 0.5 * (1 + (at_one - at_zero) / excess)
    return t * at_one + (1 - t) * at_zero + t * (1 - t) * excess
