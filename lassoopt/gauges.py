"""The penalties of the verifier: P, its conjugate, and what keeps a weight at 0, for floats or rationals.

    separable    r sum_j c_j |w_j| + (1 - r) / 2 sum_j (c_j w_j)^2, perhaps for w >= 0 only
    grouped      r sum_j c_j |w_j| + (1 - r) sum_g k_g ||(c * w)_g||

About the dual point it is only known that ``|x_j' theta| <= reach_j`` (``x_j' theta`` where w >= 0).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .arithmetic import Floats, rounded_up
from .claim import Claim

_MARGIN = 2.0**-44  # relative, for the norm of a group


class Separable:
    """L1, non-negative L1 and elastic net."""

    l1_share = 1.0  # r, where the file has no other

    def __init__(self, claim: Claim, arithmetic: Any) -> None:
        self.arithmetic, self.unit = arithmetic, arithmetic.unit
        c = np.ones(claim.shape[1]) if claim.weights is None else np.array(claim.weights)
        self.c = arithmetic.vector(c)
        self.lam, self.r = arithmetic.vector([claim.lam, claim.penalty.get("l1_ratio", self.l1_share)])
        self.nonnegative = claim.penalty["name"] == "nonnegative_l1"
        self.excluded = np.isinf(c)
        self.free = ~self.excluded & ((c == 0) | (claim.lam == 0))
        self._settle(claim)
        self.penalised = np.flatnonzero(~self.excluded & ~self.free)
        arithmetic.require_normal(lam=self.lam * self.c[self.penalised], l1_ratio=self.r or 1)

    def _settle(self, claim: Claim) -> None:
        """What else the penalty has."""

    def value(self, index: Any, w: Any) -> Any:
        """At least ``lam P(w)``; w is 0 but at ``index``."""
        cost = self.c[index] * abs(w)
        total = self.arithmetic.total(self.r * cost + self.curved(index, cost))
        return self.lam * total * (1 + self.arithmetic.steps) + self.arithmetic.lost(len(w), self.lam, self.c[index], w)

    def curved(self, index: Any, cost: Any) -> Any:
        return (1 - self.r) * cost * cost / 2

    def share(self, reach: Any) -> Any:
        """How much of theta, 1 at most, is in the domain of the conjugate."""
        if self.r < 1:
            return 1
        j = self.penalised
        outside = j[reach[j] > self.lam * self.c[j]]
        return min([1, *(self.lam * self.c[outside] / reach[outside])])

    def conjugate(self, reach: Any) -> Any:
        """At least ``lam P*(X' theta / lam)``."""
        if self.r == 1:
            return 0
        j = self.penalised
        excess = np.maximum(reach[j] / (self.lam * self.c[j]) * (1 + 8 * self.unit) - self.r, 0)
        cost = self.lam * self.arithmetic.total(excess * excess) / (2 * (1 - self.r)) * (1 + self.arithmetic.steps)
        return cost + self.arithmetic.lost(len(j), self.lam, excess)

    def zeros(self, reach: Any) -> Any:
        """Which weights are 0 if the optimal theta is within reach."""
        found, j = self.excluded.copy(), self.penalised
        found[j] = reach[j] * (1 + 8 * self.unit) < self.lam * self.r * self.c[j]
        return found


class Grouped(Separable):
    """Group lasso, ``r = 0``, and sparse group lasso.

    A group is within its level, ``||soft(z / c, lam r)|| <= lam (1 - r) k``, if it is by a margin in floating point.
    """

    l1_share = 0.0

    def _settle(self, claim: Claim) -> None:
        self.group, k = np.array(claim.penalty["groups"]), np.array(claim.penalty["group_weights"])
        self.k = self.arithmetic.vector(k)
        levels = float(self.lam) * float(1 - self.r) * k[(k > 0) & np.isfinite(k)]
        floats = Floats()  # which decide where a group is, in either arithmetic
        if self.lam > 0 and self.r < 1:
            floats.require_normal(group_weights=levels)
        if self.lam > 0 and self.r > 0:
            floats.require_normal(l1_ratio=float(self.lam) * float(self.r))
        self.excluded |= np.isinf(k)[self.group]
        self.free = ~self.excluded & (self.free | ((k == 0)[self.group] & (self.r == 0)))

    def curved(self, index: Any, cost: Any) -> Any:
        """The norms, each in the place of its group's first weight."""
        norms = 0 * cost
        for g in np.unique(self.group[index]).tolist():
            at = np.flatnonzero((self.group[index] == g) & (cost > 0))
            if at.size:  # in units of the largest, for floats whose squares overflow or are 0
                unit = max(cost[at])
                squares = self.arithmetic.total((cost[at] / unit) ** 2)
                norms[at[0]] = (1 - self.r) * self.k[g] * unit * self.arithmetic.sqrt(squares)
        return norms

    def _within(self, t: Any, reach: Any) -> Any:
        """Which groups are, at ``t * reach`` with a t for each."""
        j, lam, r = self.penalised, float(self.lam), float(self.r)
        c, k = self.c[j].astype(float), self.k.astype(float)
        left = np.maximum(t[self.group[j]] * reach / c * (1 + _MARGIN) - lam * r, 0)
        largest = np.zeros(len(k))
        np.maximum.at(largest, self.group[j], left)
        unit = np.where((largest > 0) & np.isfinite(largest), largest, 1.0)
        squares = np.bincount(self.group[j], weights=(left / unit[self.group[j]]) ** 2, minlength=len(k))
        norms = unit * np.sqrt(squares * (1 + _MARGIN * (1 + len(j))))
        return np.isfinite(norms) & (norms <= lam * (1 - r) * np.where(np.isinf(k), 0.0, k) * (1 - _MARGIN))

    def _rounded_up(self, reach: Any) -> Any:
        """That of the penalised features, as floats."""
        return np.array([rounded_up(each) for each in reach[self.penalised]])

    def share(self, reach: Any) -> Any:
        reach = self._rounded_up(reach)
        low, high = np.zeros(len(self.k)), np.ones(len(self.k))
        fit = self._within(high, reach)
        for _ in range(60):  # bisection, for all groups at once
            middle = (low + high) / 2
            within = self._within(middle, reach)
            low, high = np.where(within, middle, low), np.where(within, high, middle)
        return self.arithmetic.vector([np.where(fit, 1.0, low).min(initial=1.0)])[0]

    def conjugate(self, reach: Any) -> Any:
        return 0

    def zeros(self, reach: Any) -> Any:
        found = super().zeros(reach)
        reach = self._rounded_up(reach)
        within = self._within(np.ones(len(self.k)), reach) & (self.r < 1) & (self.k > 0)
        found[self.penalised] |= within[self.group[self.penalised]]
        return found


PENALTIES: dict[str, type[Separable]] = {
    "l1": Separable,
    "nonnegative_l1": Separable,
    "elastic_net": Separable,
    "group": Grouped,
    "sparse_group": Grouped,
}
