"""The penalties of the verifier: P, its conjugate, and what keeps a weight at 0, for floats or rationals.

    separable    r sum_j c_j |w_j| + (1 - r) / 2 sum_j (c_j w_j)^2, perhaps for w >= 0 only
    grouped      r sum_j c_j |w_j| + (1 - r) sum_g k_g ||(c * w)_g||

About the dual point it is only known that ``|x_j' theta| <= reach_j`` (``x_j' theta`` where w >= 0). Costs and reaches
are rounded up, levels down; each step below grows with the ones and falls with the others, so that its result is on the
safe side, too.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .arithmetic import Floats, rounded_up
from .file_format import Claim


class Separable:
    """L1, non-negative L1 and elastic net."""

    l1_share = 1.0  # r, where the file has no other

    def __init__(self, claim: Claim, arithmetic: Any) -> None:
        self.rules = arithmetic
        c = np.ones(claim.shape[1]) if claim.weights is None else np.array(claim.weights)
        self.c = arithmetic.vector(c)
        self.lam, self.r = arithmetic.vector([claim.lam, claim.penalty.get("l1_ratio", self.l1_share)])
        self.nonnegative = claim.penalty["name"] == "nonnegative_l1"
        self.excluded = np.isinf(c)
        self.free = ~self.excluded & ((c == 0) | (claim.lam == 0))
        self._settle(claim)
        self.penalised = np.flatnonzero(~self.excluded & ~self.free)

    def _settle(self, claim: Claim) -> None:
        """What else the penalty has."""

    def value(self, index: Any, w: Any) -> Any:
        """At least ``lam P(w)``; w is 0 but at ``index``."""
        of_l1 = self.rules.up(self.lam, self.r, self.c[index], abs(w))
        return self.rules.above(self.rules.total(np.concatenate([of_l1, self.curved(index, w)])))

    def curved(self, index: Any, w: Any) -> Any:
        c = self.c[index]
        return self.rules.up(self.lam, 1 - self.r, c, c, w, w, over=(2,))

    def share(self, reach: Any) -> Any:
        """How much of theta, 1 at most, is in the domain of the conjugate."""
        if self.r < 1:
            return 1
        c, reach = self.c[self.penalised], reach[self.penalised]
        outside = reach > self.rules.down(self.lam, c)
        return min([1, *self.rules.down(self.lam, c[outside], over=(reach[outside],))])

    def conjugate(self, t: Any, reach: Any) -> Any:
        """At least ``lam P*(t X' theta / lam)``."""
        if self.r == 1:
            return 0
        c, reach = self.c[self.penalised], reach[self.penalised]
        excess = np.maximum(self.rules.above(self.rules.up(t, reach, over=(self.lam, c)) - self.r), 0)
        cost = self.rules.up(self.lam, excess, excess, over=(2, 1 - self.r))
        return self.rules.above(self.rules.total(cost))

    def zeros(self, reach: Any) -> Any:
        """Which weights are 0 if the optimal theta is within reach."""
        found, j = self.excluded.copy(), self.penalised
        found[j] = reach[j] < self.rules.down(self.lam, self.r, self.c[j])
        return found


class Grouped(Separable):
    """Group lasso, ``r = 0``, and sparse group lasso.

    A group is within its level if ``||soft(z / c, lam r)|| <= lam (1 - r) k``; floats decide it in either arithmetic.
    """

    l1_share = 0.0

    def _settle(self, claim: Claim) -> None:
        self.group, k = np.array(claim.penalty["groups"]), np.array(claim.penalty["group_weights"])
        self.k, self.floats = self.rules.vector(k), self.rules if self.rules.unit else Floats()
        self.excluded |= np.isinf(k)[self.group]
        self.free = ~self.excluded & (self.free | ((k == 0)[self.group] & (self.r == 0)))

    def curved(self, index: Any, w: Any) -> Any:
        """The norms of the groups that are not 0."""
        up, cost, norms = self.rules.up, self.rules.up(self.c[index], abs(w)), []
        order = np.argsort(self.group[index], kind="stable")
        for at in np.split(order, np.flatnonzero(np.diff(self.group[index][order])) + 1):
            unit = max(cost[at], default=0)
            if unit:  # the largest, so that squares neither overflow nor are all 0
                squares = self.rules.above(self.rules.total(up(cost[at], cost[at], over=(unit, unit))))
                k = self.k[self.group[index[at[0]]]]
                norms.append(up(self.lam, 1 - self.r, k, unit, self.rules.sqrt(squares)))
        return self.rules.vector(norms)

    def _within(self, t: Any, reach: Any) -> Any:
        """Which groups are, at ``t * reach`` with a t for each."""
        j, lam, r, floats = self.penalised, float(self.lam), float(self.r), self.floats
        group, c, k = self.group[j], self.c[j].astype(float), self.k.astype(float)
        left = np.maximum(floats.above(floats.up(t[group], reach, over=(c,)) - floats.down(lam, r)), 0)
        largest = np.zeros(len(k))
        np.maximum.at(largest, group, left)
        unit = np.where((largest > 0) & np.isfinite(largest), largest, 1.0)
        squares = np.bincount(group, weights=(left / unit[group]) ** 2, minlength=len(k))
        norms = floats.up(unit, np.sqrt(squares * (1 + 4 * (len(j) + 2) * floats.unit)))
        return np.isfinite(norms) & (norms <= floats.down(lam, 1 - r, np.where(np.isinf(k), 0.0, k)))

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
        return self.rules.vector([np.where(fit, 1.0, low).min(initial=1.0)])[0]

    def conjugate(self, t: Any, reach: Any) -> Any:
        return 0

    def zeros(self, reach: Any) -> Any:
        found = super().zeros(reach)
        within = self._within(np.ones(len(self.k)), self._rounded_up(reach)) & (self.r < 1) & (self.k > 0)
        found[self.penalised] |= within[self.group[self.penalised]]
        return found


PENALTIES: dict[str, type[Separable]] = {
    "l1": Separable,
    "nonnegative_l1": Separable,
    "elastic_net": Separable,
    "group": Grouped,
    "sparse_group": Grouped,
}
