"""`balls` computes the ball of a penalty on two weights, and its normal cones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ...arrays.arguments import positive_number, vector, whole_number
from ...arrays.design_matrix import Array
from ...errors import InputError
from ...penalties import Penalty


def two_weights(penalty: Penalty) -> Penalty:
    """Return the penalty bound to two features; its ball must be a bounded region of the plane."""
    if not isinstance(penalty, Penalty):
        raise InputError(
            f"penalty: found {type(penalty).__name__}; allowed is a Penalty, as L1() or Group(groups=[0, 0])"
        )
    penalty = penalty.bind(2)
    free, excluded = ("without penalty", penalty.free, "a strip"), ("excluded", penalty.excluded, "a segment")
    for what, found, shape in (free, excluded):
        if found.any():
            raise InputError(
                f"penalty: found feature {int(found.argmax())} {what}, so that the ball is {shape}; "
                "allowed are finite weights above 0 for both features"
            )
    return penalty


def in_domain(penalty: Penalty, w: ArrayLike) -> Array:
    """Return w as a vector of the plane; P must be finite there."""
    at = vector("w", w, 2, "the plane has two weights") + 0.0  # no -0
    if not np.isfinite(penalty.value(at)):
        raise InputError(f"w: found {at.tolist()}, where the penalty is infinite; allowed are weights >= 0")
    return at


def ball(penalty: Penalty, radius: float, points: int = 90) -> Array:
    """Return the outline of ``{w: P(w) <= radius}``, counterclockwise; its points on the axes are among the vertices.

    Parameters
    ----------
    penalty : Penalty
        It is for two features, both with a finite weight above 0.
    radius : float > 0
        The value of P on the outline. (An elastic net is no norm: its ball changes its shape with the radius.)
    points : int >= 1
        The number of vertices in each quadrant.

    Returns
    -------
    array of shape (m, 2)
        ``P(w) = radius`` at each vertex, except the 0 that ends the outline of a penalty for weights >= 0.

    Raises
    ------
    InputError
        If the penalty is not for two features, or one of them is free or excluded, or the radius is not above 0.

    Examples
    --------
    >>> from lassoopt import L1
    >>> ball(L1(weights=[1.0, 2.0]), 1.0, points=1).tolist()
    [[1.0, 0.0], [0.0, 0.5], [-1.0, 0.0], [0.0, -0.5]]
    """
    penalty, radius = two_weights(penalty), positive_number("radius", radius)
    angle = np.arange(whole_number("points", points, 1)) * (np.pi / 2 / points)
    x, y = np.cos(angle), np.sin(angle)
    turned = [(x, y), (-y, x), (-x, -y), (y, -x)]  # by right angles, exactly
    rays = np.vstack([np.column_stack(each) for each in turned]) / penalty.c
    inside = np.array([np.isfinite(penalty.value(ray)) for ray in rays])
    outline = np.array([_reach(penalty, ray, radius) * ray for ray in rays[inside]]) + 0.0  # no -0
    return outline if inside.all() else np.vstack([outline, np.zeros(2)])


def _reach(penalty: Penalty, ray: Array, radius: float) -> float:
    """Return the t with ``P(t ray) = radius``, at most ``max(1, radius / P(ray))`` as P is convex and P(0) = 0."""
    from scipy.optimize import brentq

    highest = 1.01 * max(1.0, radius / penalty.value(ray))
    return float(brentq(lambda t: penalty.value(t * ray) - radius, 0.0, highest, xtol=1e-300, rtol=1e-15))


def subdifferential(penalty: Penalty, w: ArrayLike) -> Array:
    """Return ``dP(w)`` at a point ``w != 0`` of the plane: a product of two intervals, at least one of them a point.

    Returns
    -------
    array of shape (2, 2)
        ``[[low_1, high_1], [low_2, high_2]]``; ``low_j`` is -inf where ``w_j = 0`` may not become negative.

    Raises
    ------
    InputError
        As for `ball`, and for ``w = 0`` or a w where P is infinite.

    Examples
    --------
    >>> from lassoopt import L1
    >>> subdifferential(L1(), [0.5, 0.0]).tolist()
    [[1.0, 1.0], [-1.0, 1.0]]
    """
    penalty = two_weights(penalty)
    at = in_domain(penalty, w)
    if not at.any():
        raise InputError("w: found 0; allowed is a point other than 0, where dP(w) is a segment or a point")
    slope = penalty.gradient(at)
    # a slope beyond an interval tells by its distance where the interval ends; one at no distance, that it does not
    beyond = 2 * (np.abs(slope) + penalty.threshold(1.0)) + penalty.c
    above, below = (penalty.subdiff_distance(at, sign * beyond, 1.0) for sign in (1, -1))
    low = np.where(below > 0, below - beyond, -np.inf)
    high = np.where(above > 0, beyond - above, np.inf)
    return np.column_stack([np.where(at != 0, slope, low), np.where(at != 0, slope, high)])


@dataclass(frozen=True, eq=False, repr=False)
class NormalCone:
    """The normal cone ``N(w) = {z: z'(v - w) <= 0 for all v in the ball}`` is a ray, a sector or the whole plane.

    Attributes
    ----------
    apex : array of shape (2,)
        The point w.
    start, width : float
        The sector's first angle, counterclockwise from the w1 axis, and its width, in radians: 0 for a ray, 2 pi for
        the whole plane.
    """

    apex: Array
    start: float
    width: float

    @property
    def is_ray(self) -> bool:
        """Return whether only one direction is normal: the ball is smooth at w."""
        return self.width == 0

    @property
    def is_plane(self) -> bool:
        """Return whether every direction is normal: the ball is the point 0."""
        return self.width == 2 * np.pi

    @property
    def edges(self) -> Array:
        """Return the two extreme directions as rows of unit length; they are equal for a ray."""
        angles = self.start + np.array([0.0, self.width])
        return np.column_stack([np.cos(angles), np.sin(angles)])

    def distance(self, z: ArrayLike) -> float:
        """Return the distance from z to the nearest point of the cone."""
        first, second = vector("z", z, 2, "the cone lies in the plane")
        off = abs(_wrapped(np.arctan2(second, first) - self.start - self.width / 2)) - self.width / 2
        return float(np.hypot(first, second) * np.sin(np.clip(off, 0.0, np.pi / 2)))

    def contains(self, z: ArrayLike, tol: float = 1e-6) -> bool:
        """Return whether z is in the cone, up to ``tol`` times its own length."""
        return self.distance(z) <= tol * float(np.linalg.norm(np.asarray(z)))

    def __repr__(self) -> str:
        if self.is_plane:
            return "NormalCone(the whole plane)"
        start, end = np.degrees([self.start, self.start + self.width])
        return f"NormalCone({f'the ray at {start:.4g}' if self.is_ray else f'from {start:.4g} to {end:.4g}'} degrees)"


def _wrapped(angle: float) -> float:
    """Return the same angle, from -pi to pi."""
    return float(np.remainder(angle + np.pi, 2 * np.pi) - np.pi)


def normal_cone(penalty: Penalty, w: ArrayLike) -> NormalCone:
    """Return the normal cone at w of the ball ``{v: P(v) <= P(w)}``: the multiples of dP(w), or all of the plane at 0.

    Parameters
    ----------
    penalty : Penalty
        It is for two features, both with a finite weight above 0.
    w : array of shape (2,)
        Only exact zeros make a corner; 1e-17 does not.

    Raises
    ------
    InputError
        As for `ball`, and for a w where P is infinite.

    Examples
    --------
    >>> from lassoopt import L1
    >>> normal_cone(L1(), [0.5, 0.0]), normal_cone(L1(), [0.3, 0.2])
    (NormalCone(from -45 to 45 degrees), NormalCone(the ray at 45 degrees))
    """
    at = in_domain(two_weights(penalty), w)
    if not at.any():
        return NormalCone(at, -np.pi, 2 * np.pi)
    low, high = subdifferential(penalty, at).T
    start, end = np.arctan2(low[1], low[0]), np.arctan2(high[1], high[0])  # also where an end is infinite
    turn = _wrapped(end - start)
    return NormalCone(at, float(start if turn >= 0 else end), abs(turn))
