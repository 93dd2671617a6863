"""The group lasso puts a norm on each group of features.

With feature weights c, the norm of a group is that of an ellipsoid, ``||c_g * w_g||``. Its prox and its
dual norm have no closed form; both are the root of one monotone scalar equation a group, found by
Newton's method for all groups at once from the side on which it cannot overshoot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ..arrays.parameters import Labels, parameter
from ..caching import cached_property
from ..errors import InputError
from ..text.tables import number
from .base import Array, Penalty, checked_weights, ratio, soft

_LABELS = Labels("a label for each feature, in order", "Group(groups=['age', 'age', 'bmi'])")
_NEWTON_STEPS = 60  # five to ten are used; the equations are solved to the last digit


@dataclass(frozen=True, eq=False)
class Group(Penalty):
    """``P(w) = sum_g k_g ||(c * w)_g||_2`` (Yuan & Lin 2006).

    Held at 0 as a group: ``||(z / c)_g|| <= lam k_g``; else ``z_g = lam k_g c_g^2 w_g / ||(c * w)_g||``.
    A group of one feature with weight 1 is plain L1.

    Parameters
    ----------
    groups : sequence of p labels
        The group each feature belongs to; integers or strings, also in a Series, an Index or a Categorical.
    group_weights : sequence of numbers >= 0, optional
        ``k_g``, one per group in the sorted order of the labels; the square root of the group's size
        by default. 0 leaves a group unpenalised, inf excludes it.

    Examples
    --------
    >>> Group(groups=["a", "a", "b"], group_weights=[1, 1]).bind(3).value(np.array([3.0, 4.0, -1.0]))
    6.0
    """

    groups: Sequence[Any] | NDArray[Any] = parameter((), _LABELS)  # noqa: RUF009  it is a field
    group_weights: Sequence[float] | Array | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.group_weights is not None:
            count = np.unique(np.asarray(self.groups)).size
            weights = checked_weights("group_weights", self.group_weights)
            if weights.size != count:
                raise InputError(f"group_weights: found {weights.size}; there are {count} groups")
            object.__setattr__(self, "group_weights", weights)

    @property
    def _l1(self) -> float:
        """The plain L1 norm has this share, 0 for the group lasso."""
        return 0.0

    @property
    def group_norms(self) -> tuple[Array, Array]:
        return self._l1 * self.finite_c, self._finite_k

    @cached_property
    def group_of(self) -> NDArray[np.intp]:
        return np.unique(np.asarray(self.groups), return_inverse=True)[1]

    @cached_property
    def k(self) -> Array:
        """Each group's norm weighs ``(1 - l1_ratio) k_g``."""
        weights = np.asarray(self.group_weights, dtype=float)
        out = np.isinf(weights)  # excluded even where l1_ratio is 1
        return np.where(out, np.inf, (1 - self._l1) * np.where(out, 0.0, weights))

    def bind(self, p: int) -> Self:
        if len(self.groups) != p:
            raise InputError(f"groups: found {len(self.groups)} labels; X has {p} features")
        weights = np.sqrt(np.bincount(self.group_of)) if self.group_weights is None else self.group_weights
        return replace(super().bind(p), group_weights=weights)

    def with_features(self, features: NDArray[np.intp]) -> Self:
        left, k = np.unique(self.group_of[features]), np.asarray(self.group_weights)
        groups = np.asarray(self.groups)[features]
        return replace(self, groups=groups, group_weights=k[left], weights=self.c[features])

    @cached_property
    def free(self) -> NDArray[np.bool_]:
        alone = (self.k == 0)[self.group_of] if self._l1 == 0 else False
        return ((self.c == 0) | alone) & ~self.excluded

    @cached_property
    def excluded(self) -> NDArray[np.bool_]:
        return np.isinf(self.c) | np.isinf(self.k)[self.group_of]

    def _sum(self, values: Array) -> Array:
        return np.asarray(np.bincount(self.group_of, weights=values, minlength=self.k.size), dtype=float)

    def _norms(self, values: Array) -> Array:
        """Return the Euclidean norm of each group, safe from overflow."""
        largest = np.zeros(self.k.size)
        np.maximum.at(largest, self.group_of, np.abs(values))
        unit = np.where((largest > 0) & np.isfinite(largest), largest, 1.0)
        return unit * np.sqrt(self._sum((values / unit[self.group_of]) ** 2))

    def _weigh(self, w: Array) -> Array:
        """Return ``c * w`` with 0 for excluded features."""
        return np.where(self.excluded, 0.0, self.finite_c * w)

    def value(self, w: Array) -> float:
        if np.any(w[self.excluded] != 0):
            return np.inf
        v = self._weigh(w)
        return float(self._l1 * np.abs(v).sum() + self._finite_k @ self._norms(v))

    @property
    def _finite_k(self) -> Array:
        return np.where(np.isinf(self.k), 0.0, self.k)

    def prox(self, v: Array, step: float) -> Array:
        c, codes = self.finite_c, self.group_of
        v = np.where(self.excluded, 0.0, soft(v, step * self._l1 * c))
        pull = step * self._finite_k[codes] * c**2
        pushed = (c * v) * (pull > 0)
        # w_j = v_j nu / (nu + pull_j) where nu = ||(c * w)_g|| solves sum_j (c_j v_j / (nu + pull_j))^2 = 1;
        # no term is above 1 at the root, so nu >= |c_j v_j| - pull_j: starting there, nothing overflows
        at_zero = np.divide(pushed, pull, out=np.zeros_like(v), where=pull > 0)
        moves = self._norms(at_zero) > 1
        nu = np.zeros(self.k.size)
        np.maximum.at(nu, codes, np.where(moves[codes], np.abs(pushed) - pull, 0.0))
        for _ in range(_NEWTON_STEPS):
            below = np.where(pull > 0, nu[codes] + pull, 1.0)
            terms = np.where(moves[codes], pushed / below, 0.0)
            total, slope = self._sum(terms**2), self._sum(terms**2 / below)
            # Newton on 1 / sqrt(total) - 1, which is concave and increasing: nu rises to the root
            change = np.divide(total * (np.sqrt(total) - 1), slope, out=np.zeros_like(nu), where=slope > 0)
            nu += np.maximum(change, 0.0)
            if np.all(change <= 4e-16 * nu):
                break
        grow = nu[codes]
        kept = np.divide(grow, grow + pull, out=np.zeros_like(v), where=grow > 0)
        return np.where(pull > 0, kept * v, v)

    def gauge(self, z: Array) -> float:
        x = ratio(np.where(self.excluded, 0.0, np.abs(z)), self.c)
        if not np.isfinite(x).all():
            return np.inf
        largest = np.zeros(self.k.size)
        np.maximum.at(largest, self.group_of, x)
        t = ratio(largest, self._l1 + self.k)
        if not np.isfinite(t).all():
            return np.inf
        # ||soft(x, t r)|| = t k: the left side less the right is convex and falls, so t rises to the root
        for _ in range(_NEWTON_STEPS):
            left = soft(x, self._l1 * t[self.group_of])
            norms = self._norms(left)
            slope = self._l1 * ratio(self._sum(left), norms) + self._finite_k
            change = np.divide(norms - t * self._finite_k, slope, out=np.zeros_like(t), where=slope > 0)
            t += np.maximum(np.where(norms > 0, change, 0.0), 0.0)
            if np.all(change <= 4e-16 * t):
                break
        return float(t.max(initial=0.0))

    def _active(self, w: Array) -> tuple[Array, Array]:
        """Return each feature's group norm ``nu`` and the group term's gradient, 0 in zero groups."""
        nu = self._norms(self._weigh(w))[self.group_of]
        pull = self._finite_k[self.group_of] * self.finite_c**2 * w
        return nu, np.divide(pull, nu, out=np.zeros_like(w), where=nu > 0)

    def subdiff_distance(self, w: Array, z: Array, lam: float) -> Array:
        nu, group_term = self._active(w)
        level = lam * self._l1 * self.finite_c
        rest = soft(z, level)  # what the L1 part cannot hold
        norms = self._norms(np.divide(rest, self.finite_c, out=np.zeros_like(z), where=self.finite_c > 0))
        excess = np.maximum(1 - ratio(lam * self._finite_k, norms), 0.0)
        in_zero_group = np.abs(rest) * np.where(norms > 0, excess, 0.0)[self.group_of]
        in_active = np.where(w != 0, np.abs(z - level * np.sign(w) - lam * group_term), np.abs(rest))
        distance = np.where(nu > 0, in_active, in_zero_group)
        distance = np.where(self.free, np.abs(z), distance)
        return np.where(self.excluded, np.where(w == 0, 0.0, np.inf), distance)

    def zero_margin(self, z: Array, radius: Array | float, lam: float) -> Array:
        reach = np.abs(z) + radius
        x = np.divide(reach, self.finite_c, out=np.zeros_like(reach), where=(self.finite_c > 0) & ~self.excluded)
        of_group = (lam * self._finite_k - self._norms(soft(x, lam * self._l1)))[self.group_of]
        margin = np.maximum(of_group, lam * self._l1 * self.finite_c - reach)
        return np.where(self.excluded, np.inf, np.where(self.finite_c == 0, -np.inf, margin))

    def threshold(self, lam: float) -> Array:
        level = lam * self.finite_c * (self._l1 + self._finite_k[self.group_of])
        return np.where(self.excluded, np.inf, level)

    def levels(self, lam: float) -> Array:
        parts = [lam, lam * self._l1], lam * self._l1 * self.finite_c, lam * self._finite_k
        found = np.concatenate([*parts, super().levels(lam)])
        return found[(found > 0) & np.isfinite(found)]

    @property
    def _factor(self) -> Array | float:
        return self._finite_k[self.group_of]

    @property
    def kinked_at_zero(self) -> bool:
        return self._l1 > 0

    def gradient(self, w: Array) -> Array:
        return self._l1 * super().gradient(w) + self._active(w)[1] * (w != 0)

    def hessian(self, w: Array) -> Array:
        nu, group_term = self._active(w)
        at = np.flatnonzero(w)
        k = self._finite_k[self.group_of]
        diagonal = np.divide(k * self.finite_c**2, nu, out=np.zeros_like(w), where=nu > 0)[at]
        # k (C^2 / nu - C^2 w w' C^2 / nu^3), within each group
        unit = np.divide(group_term, np.sqrt(k * nu), out=np.zeros_like(w), where=k * nu > 0)[at]
        same = self.group_of[at][:, None] == self.group_of[at][None, :]
        hessian: Array = np.diag(diagonal) - same * np.outer(unit, unit)
        return hessian

    @property
    def separable(self) -> bool:
        return self.largest_group == 1

    def formula(self, c: str) -> str:
        return f"sum_g k_g ||{'(c*w)_g' if c else 'w_g'}||"

    @property
    def symbols(self) -> str:
        return f"k_g weighs the norm of each of {self.k.size} groups"

    def pull(self, j: int, gradient: float, margin: float, lam: float) -> tuple[str, str]:
        group = self.group_of[j]
        label, held = np.unique(np.asarray(self.groups))[group], lam * float(self.k[group])
        norm = number(held - margin)
        return f"the loss pulls at the whole group {label} with a gradient of norm {norm}", number(held)

    @property
    def conditions(self) -> list[tuple[str, str]]:
        return [
            ("w_g = 0", "||(dLoss/dw/c)_g|| <= lam k_g  for the whole group g"),
            ("elsewhere", "dLoss/dw_j = -lam k_g c_j^2 w_j / ||(c*w)_g||,  with lam_j = lam k_g c_j"),
        ]

    def cvxpy(self, w: Any) -> tuple[Any, list[Any]]:
        import cvxpy as cp

        labels = np.asarray(self.groups)
        weights = dict(zip(np.unique(labels), np.asarray(self.group_weights, dtype=float), strict=True))
        terms, constraints = [cp.Constant(0.0)], []
        for label, weight in weights.items():
            members = np.flatnonzero((labels == label) & np.isfinite(self.c))
            if members.size and np.isinf(weight):  # CVXPY 1.6 takes no constraint of size 0
                constraints.append(w[members] == 0)
            elif members.size:
                norm = cp.norm2(cp.multiply(self.c[members], w[members]))
                terms.append((1 - self._l1) * weight * norm)
        if np.isinf(self.c).any():
            constraints.append(w[np.flatnonzero(np.isinf(self.c))] == 0)
        if self._l1 > 0:
            inside = np.flatnonzero(np.isfinite(self.c))
            terms.append(self._l1 * cp.norm1(cp.multiply(self.c[inside], w[inside])))
        return cp.sum(cp.hstack(terms)), constraints
