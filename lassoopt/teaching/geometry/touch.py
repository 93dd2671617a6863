"""`touch` shows where the loss's contour touches the penalty's ball, and joins penalised and constrained form."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ...arrays.arguments import positive_number
from ...arrays.design_matrix import Array
from ...caching import cached_property
from ...certificates.certificate import Certificate
from ...certificates.certification import certify
from ...errors import InputError
from ...problems.problem import Problem, require_problem
from ...solvers.methods import solve
from ..plane import two_features
from .balls import NormalCone, ball, in_domain, normal_cone, subdifferential, two_weights
from .surface import LossSurface, loss_minimiser, loss_surface

_TOL = 1e-12  # relative gap of the solutions drawn: z is then exact to the eye and to an assertion
_GRID = 61  # points along each side of a window that was not given
_CONTOURS = 9


@dataclass(frozen=True, eq=False, repr=False)
class Geometry:
    """A geometry is the certificate of a point as a picture: the ball through it, its cone, the negative gradient.

    Attributes
    ----------
    problem : Problem
    certificate : Certificate
        What is proven about the point; its rows hold the same gradient.
    radius : float
        The value ``t = P(w)``.
    ball : array of shape (m, 2)
        The outline of ``{v: P(v) <= t}``; the single point 0 if ``w = 0``.
    cone : NormalCone
    surface : LossSurface
    """

    problem: Problem
    certificate: Certificate
    radius: float
    ball: Array
    cone: NormalCone
    surface: LossSurface

    @property
    def coef(self) -> Array:
        """Return w, shape (2,)."""
        return self.certificate.coef

    @property
    def z(self) -> Array:
        """Return ``X' theta = -dLoss/dw``; shape (2,)."""
        return self.certificate.evidence.z

    @cached_property
    def slopes(self) -> Array:
        """Return ``dP(w)`` for ``w != 0``, as `subdifferential` gives it; shape (2, 2)."""
        return subdifferential(self.problem.penalty, self.coef)

    @property
    def gradient_in_cone(self) -> bool:
        """Return whether z is in N(w), so that no point of the ball has a smaller loss than w."""
        return self.cone.contains(self.z)

    @cached_property
    def loss(self) -> float:
        """Return the loss at w, which is the level of the contour through it."""
        return self.problem.loss_value(self.problem.predict(self.coef, self.certificate.intercept))

    @cached_property
    def levels(self) -> Array:
        """Return levels of more contours, in even steps of the root of the loss above its least; `loss` is between."""
        seen = self.surface.values[np.isfinite(self.surface.values)]
        least = min(self.loss, float(seen.min()))
        through, top = np.sqrt(np.array([self.loss, seen.max()]) - least)
        step = top / _CONTOURS
        steps = np.delete(np.arange(-_CONTOURS, _CONTOURS + 1), _CONTOURS)
        roots = through + step * steps
        return least + roots[(roots > 0.3 * step) & (roots < top)] ** 2

    def __repr__(self) -> str:
        place = "in" if self.gradient_in_cone else "not in"
        return (
            f"Geometry(w = ({self.coef[0]:.4g}, {self.coef[1]:.4g}), P(w) = {self.radius:.4g}, z {place} {self.cone})"
        )


def geometry(problem: Problem, coef: ArrayLike | None = None, *, surface: LossSurface | None = None) -> Geometry:
    """Return loss, ball and cone at a point: the certified solution, unless another point is given.

    Parameters
    ----------
    problem : Problem
        It has two features, both penalised, any loss, and ``lam > 0``.
    coef : array of shape (2,), optional
        Any point of the penalty's domain, for example one that is not optimal, to see why.
    surface : LossSurface, optional
        Give it to see several penalties or lam over the same contours. If not given, it covers a square that holds the
        ball and, unless it is far away, the loss's minimiser.

    Raises
    ------
    InputError
        If there are not exactly two features, lam is 0, or a feature is without penalty or excluded.

    Examples
    --------
    >>> problem = Problem([[1.0, 0.0], [0.0, 1.0]], [2.0, 1.0], lam=1.5, intercept=False, scaling="sum")
    >>> geometry(problem)
    Geometry(w = (0.5, 0), P(w) = 0.5, z in NormalCone(from -45 to 45 degrees))
    >>> geometry(problem, [0.0, 0.5])
    Geometry(w = (0, 0.5), P(w) = 0.5, z not in NormalCone(from 45 to 135 degrees))
    """
    problem = two_features(problem)
    penalty = two_weights(problem.penalty)
    if problem.lam == 0:
        raise InputError("lam: found 0; allowed is a number > 0, as without a penalty no ball holds the weights")
    if coef is None:
        found = solve(problem, tol=_TOL)
        certificate = certify(problem, found.coef, found.intercept, found.theta)
    else:
        certificate = certify(problem, in_domain(penalty, coef))
    cone = normal_cone(penalty, certificate.coef)
    radius = penalty.value(certificate.coef)
    outline = ball(penalty, radius) if radius > 0 else np.zeros((1, 2))
    if surface is None:
        surface = loss_surface(problem, *_window(outline, loss_minimiser(problem)))
    return Geometry(problem, certificate, radius, outline, cone, surface)


def _window(outline: Array, minimiser: Array | None) -> tuple[Array, Array]:
    """Return a square around the ball, with room for a cone and, unless it is far away, for the minimiser."""
    size = float(np.abs(outline).max())
    if minimiser is None or 0 < size < float(np.abs(minimiser).max()) / 8:
        seen = 2 * outline
    else:
        seen = np.vstack([1.3 * outline, minimiser])
    low, high = seen.min(axis=0), seen.max(axis=0)
    half = 0.65 * float((high - low).max()) or 1.0
    first, second = (np.linspace(middle - half, middle + half, _GRID) for middle in (low + high) / 2)
    return first, second


def lam_at_radius(problem: Problem, radius: float) -> float:
    """Return the lam whose solution has ``P(w) = radius``: the multiplier of the constraint ``P(w) <= radius``.

    Parameters
    ----------
    problem : Problem
        It has any number of features, none without penalty, and a loss that is not piecewise linear, so that P(w) is a
        continuous function of lam. It needs no lam; its own plays no part.
    radius : float > 0

    Returns
    -------
    float
        0 if the weights without penalty lie in the ball.

    Raises
    ------
    InputError
        If the radius is not above 0, a feature is without penalty, or the loss is piecewise linear.

    Examples
    --------
    >>> problem = Problem([[1.0, 0.0], [0.0, 1.0]], [2.0, 1.0], intercept=False, scaling="sum")
    >>> round(lam_at_radius(problem, 0.5), 9)
    1.5
    """
    from scipy.optimize import brentq

    problem, radius = require_problem(problem), positive_number("radius", radius)
    if problem.penalty.free.any():
        raise InputError("penalty: found a feature without penalty; allowed are feature weights above 0")
    if problem.loss.kinked:
        name = type(problem.loss).__name__
        raise InputError(f"loss: found {name}, under which P(w) jumps as lam grows; allowed are losses without kinks")

    def excess(lam: float) -> float:
        return problem.penalty.value(solve(problem.with_lam(lam), tol=_TOL).coef) - radius

    # lam P(w) <= Loss(0) - Loss(w) at a solution w, so from here on P(w) is at most the radius
    high = low = (problem.null.loss - problem.infimum) / radius
    while excess(low) <= 0:
        if low <= 1e-9 * high:
            return 0.0
        low /= 8
    return float(brentq(excess, low, high, xtol=1e-300, rtol=1e-10))
