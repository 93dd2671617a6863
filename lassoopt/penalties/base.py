"""Every penalty states the functions below; the whole package `penalties` shares this notation.

Every penalty is ``P(w) = Q(c * w)`` with a fixed shape ``Q`` and feature weights ``c >= 0``, so a weight
is a *scale of the feature*: ``c_j = 0`` leaves a feature unpenalised, ``c_j = inf`` excludes it, and the
column's standard deviation penalises as if the column were standardised. (glmnet's ``penalty.factor``
multiplies both terms of an elastic net by c; here the quadratic term gets ``c^2``.)

The optimality condition is ``z in lam * dP(w)``, with ``z = X' theta`` the negative gradient of the
loss. Each class states

    value(w)            P(w)                         conjugate(z)           sup_w z'w - P(w)
    prox(v, step)       argmin_w P(w) + |w - v|^2 / (2 step)
    gauge(z)            the least t >= 0 with P*(z / t) finite
    lambda_max(z)       the least lam >= 0 with z in lam * dP(0)
    subdiff_distance(w, z, lam)   feature by feature, how far z is from lam * dP(w)
    zero_margin(z, radius, lam)   > 0 proves w_j = 0 if the optimal z lies within radius of z

Sources: Tibshirani (1996), Zou & Hastie (2005), Yuan & Lin (2006), Simon et al. (2013); dual norms as in
Ndiaye et al., Gap safe screening rules for sparsity enforcing penalties (2017), sec. 4.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..arrays.parameters import Number, check_parameters
from ..arrays.precision import LOST
from ..caching import cached_property
from ..errors import InputError
from ..text.tables import number
from ..verifier.exact_data import require_exact

Array = NDArray[np.float64]
L1_RATIO = Number(0, 1, "the share of L1, from 0 to 1", closed=True)


def checked_weights(name: str, values: ArrayLike) -> Array:
    """Return a read-only copy of ``values``, which must be 1-D and >= 0; inf is allowed."""
    try:
        given = np.asarray(values)
    except ValueError:  # ragged nested lists
        given = np.empty((0, 0))
    if given.ndim != 1 or given.dtype.kind not in "fiub" or not (given >= 0).all():
        raise InputError(f"{name}: found {values!r}; allowed is a 1-D array of numbers >= 0")
    require_exact(name, given)
    array = given.astype(float)
    array.flags.writeable = False
    return array


def ratio(numerator: Array, denominator: Array) -> Array:
    """Return ``numerator / denominator`` for numerator >= 0, with 0/0 = 0 and x/inf = 0."""
    out = np.zeros(np.broadcast(numerator, denominator).shape)
    with np.errstate(over="ignore", divide="ignore"):
        return np.divide(numerator, denominator, out=out, where=numerator != 0)


def soft(v: Array, threshold: Array | float) -> Array:
    """Return ``argmin_w threshold |w| + (w - v)^2 / 2``, entry by entry: v moved towards 0, at most to 0.

    This soft threshold is the central formula of L1: within the threshold the answer is exactly 0, and beyond it the
    slope of the square, ``v - w``, balances that of the penalty, ``threshold sign(w)``.
    """
    return np.sign(v) * np.maximum(np.abs(v) - threshold, 0.0)


@dataclass(frozen=True, eq=False)
class Penalty(ABC):
    """A penalty is a convex function ``P(w) = Q(c * w)``; the module docstring explains the notation.

    Parameters
    ----------
    weights : array of shape (p,), optional
        The feature weights c; 1 everywhere by default.
    """

    weights: Array | None = field(default=None, kw_only=True)
    nonnegative: ClassVar[bool] = False
    takes_rows: ClassVar[bool] = False  # `value`, `gauge`, `conjugate` and `lost` take several vectors as rows

    def __init_subclass__(cls) -> None:
        cls.takes_rows = cls.__dict__.get("takes_rows", False)  # not inherited: a method may be overridden

    def __post_init__(self) -> None:
        check_parameters(self)
        if self.weights is not None:
            object.__setattr__(self, "weights", checked_weights("weights", self.weights))

    @property
    def c(self) -> Array:
        """The feature weights are known once the penalty is bound to a number of features."""
        if self.weights is None:
            raise InputError("penalty: its number of features is not known yet; call bind(p) first")
        return self.weights

    def bind(self, p: int) -> Self:
        """Return the same penalty for p features, its shapes checked."""
        if self.weights is None:
            return replace(self, weights=np.ones(p))
        if self.weights.shape != (p,):
            raise InputError(f"penalty weights: found {self.weights.size}; X has {p} features")
        return self

    def scaled(self, scale: Array) -> Self:
        """Return the penalty ``w -> P(scale * w)``; 0 * inf counts as excluded."""
        inside = np.isfinite(self.c) & np.isfinite(scale)
        weights = np.multiply(self.c, scale, out=np.full_like(self.c, np.inf), where=inside)
        return replace(self, weights=weights)

    def with_features(self, features: NDArray[np.intp]) -> Self:
        """Return the penalty of these features alone, the others being 0."""
        return replace(self, weights=self.c[features])

    @cached_property
    def free(self) -> NDArray[np.bool_]:
        """The mask says which features are unpenalised."""
        return self.c == 0

    @cached_property
    def excluded(self) -> NDArray[np.bool_]:
        """The mask says which features are forced to be 0."""
        return np.isinf(self.c)

    @cached_property
    def none_free(self) -> bool:
        """No feature is unpenalised."""
        return not self.free.any()

    @cached_property
    def none_excluded(self) -> bool:
        """No feature is forced to be 0."""
        return not self.excluded.any()

    @cached_property
    def unweighted(self) -> bool:
        """All feature weights are 1."""
        return bool((self.c == 1).all())

    @cached_property
    def least_level(self) -> float:
        """Lam times this is the least number above 0 that the conditions compare correlations with."""
        return float(self.levels(1.0).min())

    def by_row(self, method: Callable[[Array], Any], vectors: Array) -> Any:
        """Call a method that takes a vector with one, or with each row of a matrix, at once if the class takes rows."""
        if vectors.ndim == 1 or self.takes_rows:
            return method(vectors)
        return np.array([method(row) for row in vectors])

    def scale(self, w: Array) -> Array:
        """Return ``c * w``, with ``inf * 0 = 0``."""
        if self.unweighted:
            return w
        with np.errstate(invalid="ignore"):
            return np.where(w == 0, 0.0, self.c * w)

    def relative(self, size: Array) -> Array:
        """Return ``size / c`` for size >= 0, with 0/0 = 0 and x/inf = 0."""
        return size if self.unweighted else ratio(size, self.c)

    @abstractmethod
    def value(self, w: Array) -> float:
        """Return ``P(w)``, ``inf`` outside its domain."""

    @abstractmethod
    def prox(self, v: Array, step: float) -> Array:
        """Return ``argmin_w P(w) + ||w - v||^2 / (2 step)`` for ``step > 0``."""

    @abstractmethod
    def gauge(self, z: Array) -> float:
        """Return the least ``t >= 0`` such that ``z`` lies in t times the domain of ``P*``, or ``inf``."""

    def conjugate(self, z: Array) -> float:
        """Return ``P*(z) = sup_w z'w - P(w)``: for a norm, 0 where ``gauge(z) <= 1``, else ``inf``."""
        held: Any = np.where(self.gauge(z) <= 1, 0.0, np.inf)
        return held[()]

    def lambda_max(self, z: Array) -> float:
        """Return the least ``lam`` with ``z in lam * dP(0)``; unpenalised features do not count."""
        return self.gauge(np.where(self.free, 0.0, z))

    @property
    def is_norm(self) -> bool:
        """P is a norm if ``P*`` is 0 wherever it is finite."""
        return True

    @abstractmethod
    def subdiff_distance(self, w: Array, z: Array, lam: float) -> Array:
        """Return, feature by feature, the distance from ``z`` to ``lam * dP(w)``, in the units of z."""

    @abstractmethod
    def zero_margin(self, z: Array, radius: Array | float, lam: float) -> Array:
        """Return how far inside the condition that holds ``w_j`` at 0 all points within ``radius`` of ``z`` are.

        The radius is one number or one per feature; the margin is in the units of ``z_j`` or of its group's norm.
        """

    def threshold(self, lam: float) -> Array:
        """Return ``lam_j``, the value that ``|z_j|`` (or its group's norm) must reach for ``w_j`` to leave 0."""
        return np.where(self.excluded, np.inf, lam * np.where(self.excluded, 0.0, self.c))

    def levels(self, lam: float) -> Array:
        """Return the numbers above 0 that the conditions compare correlations with, where lam > 0."""
        found = np.append(lam, self.threshold(lam))
        return found[(found > 0) & np.isfinite(found)]

    def lost(self, w: Array) -> float:
        """Bound what underflow takes from `value`: products such as ``c_j |w_j|`` are off by up to 2^-1074."""
        terms = (w != 0) * (1 + np.abs(self.scale(w))) * (1 + self._factor)
        return LOST * terms.sum(axis=-1)

    @property
    def _factor(self) -> Array | float:
        """A feature's term may be multiplied by another factor, here by none."""
        return 0.0

    @property
    def separable(self) -> bool:
        """P is separable if ``P(w) = sum_j k_j |w_j| + m_j w_j^2 / 2`` where finite: ``threshold(1)``, `modulus`."""
        return False

    @property
    def group_norms(self) -> tuple[Array, Array] | None:
        """Return ``(l, k)`` if ``P(w) = sum_j l_j |w_j| + sum_g k_g ||(c * w)_g||`` over groups, where finite."""
        return None

    @cached_property
    def group_of(self) -> NDArray[np.intp]:
        """P is a sum over groups of features, and these are the groups' numbers; here all are one group."""
        return np.zeros(self.c.size, dtype=np.intp)

    @cached_property
    def largest_group(self) -> int:
        """The largest group has so many features."""
        return int(np.bincount(self.group_of).max())

    @property
    def kinked_at_zero(self) -> bool:
        """P may have a kink where a single ``w_j`` crosses 0, its group staying active."""
        return True

    def gradient(self, w: Array) -> Array:
        """Return the gradient of P with respect to the nonzero entries of w, 0 elsewhere."""
        return np.sign(w) * self.finite_c

    def hessian(self, w: Array) -> Array:
        """Return the Hessian of P on the support of w: (k,) for a diagonal, (k, k) otherwise."""
        return np.zeros(np.count_nonzero(w))

    def modulus(self) -> Array:
        """Return ``m`` with P - sum m_j w_j^2 / 2 convex: the strong convexity that P itself brings."""
        return np.zeros_like(self.c)

    @property
    def finite_c(self) -> Array:
        """These are the feature weights, 0 for excluded features."""
        return np.where(self.excluded, 0.0, self.c)

    def formula(self, c: str) -> str:
        """Write P in terms of ``w_j``; ``c`` is how a feature weight is written, "" where all are 1."""
        return f"{type(self).__name__}(w)"

    @property
    def symbols(self) -> str:
        """The words say what the symbols of the formula mean, other than w and c."""
        return ""

    @property
    def conditions(self) -> list[tuple[str, str]]:
        """The optimality condition is stated in pairs (where it holds, what it is)."""
        return [("all j", "-dLoss/dw_j is in lam times the subdifferential of the penalty at w")]

    def pull(self, j: int, gradient: float, margin: float, lam: float) -> tuple[str, str]:
        """Say how hard the loss pulls at ``w_j = 0``, given dLoss/dw_j and `zero_margin`, and what P can hold."""
        held = f"lam_j = {number(self.threshold(lam)[j])}"
        return f"the loss pulls with |dLoss/dw_j| = {number(abs(gradient))}", held

    @abstractmethod
    def cvxpy(self, w: Any) -> tuple[Any, list[Any]]:
        """State P as a CVXPY expression and its constraints, written without the methods above."""
