"""Every loss states the functions below; the whole package `losses` shares this notation.

A loss is a convex function ``phi(u, y)`` of a prediction ``u`` and a target ``y``, applied sample by
sample; weights and sums belong to `Problem`. With ``a = dphi/du`` (a *slope*), each class states

    value      phi(u, y)                              conjugate   phi*(a, y) = sup_u  a u - phi(u, y)
    gradient   dphi/du                                slopes      the interval of a where phi* is finite
    curvature  d2phi/du2                              prox        argmin_u phi(u, y) + (u - v)^2 / (2 step)

Every slope interval contains 0, so shrinking a dual point keeps it in the domain, and
``-phi*(0, y)`` is the infimum of the loss. The arguments broadcast; nothing here is looped.
Sources: Boyd & Vandenberghe, Convex Optimization (2004), sec. 3.3; Parikh & Boyd, Proximal
Algorithms (2014), ch. 6.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..arrays.parameters import check_parameters

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Loss(ABC):
    """A loss is a convex function ``phi(u, y)``; the module docstring explains the notation.

    Attributes
    ----------
    smoothness : float
        The supremum of the curvature, ``inf`` where there is none.
    targets : str
        The targets ``y`` allowed, in words.
    two_class : bool
        Whether ``y`` holds the labels of two classes, the second where ``y > 0``, and ``u`` is a margin between them.
    kinked : bool
        Whether the loss is piecewise linear, so that theta is not a function of u.
    quadratic : bool
        Whether the loss is ``(u - y)^2 / 2``, so that its optimality conditions are linear.
    translates : bool
        Whether the loss is a function of ``u - y``.
    usual_error : str
        What cross-validation measures if not told otherwise; see `cross_validation.error_measures`.
    """

    smoothness: ClassVar[float]
    targets: ClassVar[str] = "finite numbers"
    two_class: ClassVar[bool] = False
    kinked: ClassVar[bool] = False
    quadratic: ClassVar[bool] = False
    translates: ClassVar[bool] = False
    usual_error: ClassVar[str] = "loss"
    takes_rows: ClassVar[bool] = False  # the methods take several u as rows, with one y

    def __init_subclass__(cls) -> None:
        cls.takes_rows = cls.__dict__.get("takes_rows", False)  # not inherited: a method may be overridden

    def __post_init__(self) -> None:
        check_parameters(self)

    def validate(self, y: Array) -> None:  # noqa: B027  any number is allowed unless a loss says otherwise
        """Raise `InputError` if a target lies outside the loss's domain."""

    @abstractmethod
    def value(self, u: Array, y: Array) -> Array:
        """Return ``phi(u, y)``."""

    @abstractmethod
    def gradient(self, u: Array, y: Array) -> Array:
        """Return ``dphi/du``; at a kink, the subgradient of least modulus."""

    @abstractmethod
    def curvature(self, u: Array, y: Array) -> Array:
        """Return ``d2phi/du2``, 0 at kinks."""

    @abstractmethod
    def prox(self, v: Array, y: Array, step: Array | float) -> Array:
        """Return ``argmin_u phi(u, y) + (u - v)^2 / (2 step)`` for ``step > 0``."""

    @abstractmethod
    def conjugate(self, a: Array, y: Array) -> Array:
        """Return ``phi*(a, y) = sup_u a u - phi(u, y)``, ``inf`` outside of `slopes`."""

    @abstractmethod
    def slopes(self, y: Array) -> tuple[Array | float, Array | float]:
        """Return the ends of the interval of slopes on which ``phi*(., y)`` is finite."""

    @abstractmethod
    def curvature_at_slope(self, a: Array, y: Array) -> Array:
        """Return the least curvature where the slope is ``a``; over an interval of slopes it is least at an end."""

    @abstractmethod
    def cvxpy(self, u: Any, y: Array) -> Any:
        """State ``phi(u, y)`` as a CVXPY expression, written without the methods above."""

    def recedes(self, u: Array, y: Array) -> NDArray[np.bool_]:
        """Tell where the loss falls forever, never reaching its infimum, along the ray through ``u``."""
        return np.zeros(u.shape, dtype=bool)

    def has_best_intercept(self, y: Array) -> bool:
        """Tell whether the loss of an intercept alone has a minimiser."""
        return True

    def magnitude(self, u: Array, y: Array) -> Array:
        """Return the size of the terms that `value` adds up, for bounds on its rounding error."""
        return np.abs(self.value(u, y))

    def gradient_magnitude(self, u: Array, y: Array) -> Array:
        """Return the size of the terms of `gradient`."""
        return np.abs(self.gradient(u, y))

    def conjugate_magnitude(self, a: Array, y: Array) -> Array:
        """Return the size of the terms of `conjugate`, in its units: it grows with the data as the loss does."""
        return np.abs(self.conjugate(a, y)) + np.abs(a * y)

    @property
    def formula(self) -> tuple[str, str]:
        """The summand in terms of ``y_i`` and ``u_i`` comes first, then what its other symbols mean."""
        return "phi(u_i, y_i)", f"phi is {self!r}"

    def infimum(self, y: Array) -> Array:
        """Return ``inf_u phi(u, y) = -phi*(0, y)``."""
        return -self.conjugate(np.zeros_like(y), y)

    def excess(self, u: Array, y: Array) -> Array:
        """Return ``phi(u, y) - inf_u phi(u, y)``, without the rounding errors of what the two have in common."""
        return self.value(u, y) - self.infimum(y)

    def max_curvature(self, a: Array, y: Array, gap: Array) -> Array:
        """Bound the curvature at all slopes whose Bregman divergence from ``a`` is at most ``gap``.

        It is ``phi*(a) - phi*(a') - phi*'(a') (a - a')`` for the slope ``a'``.
        """
        return np.full_like(a, self.smoothness)
