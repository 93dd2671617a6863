"""The penalties of the verifier: P, its conjugate, and what keeps a weight at 0, for floats or rationals.

    separable    r sum_j c_j |w_j| + (1 - r) / 2 sum_j (c_j w_j)^2, perhaps for w >= 0 only
    grouped      r sum_j c_j |w_j| + (1 - r) sum_g k_g ||(c * w)_g||

About the dual point it is only known that ``|x_j' theta| <= reach_j`` (``x_j' theta`` where w >= 0). Costs and reaches
are rounded up, levels down. Each step below grows with the former and falls with the latter, so that its result, too,
is on the safe side.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from .arithmetic import Arithmetic, Floats, Numbers, Vector, rounded_up


class L1:
    """The L1 penalty, from which the others inherit; ``parameters`` are the names and ranges of what a file states."""

    parameters: ClassVar[dict[str, tuple[float, float]]] = {}  # the least and the largest number allowed
    grouped: ClassVar[bool] = False  # the file states groups and group_weights, too
    nonnegative: ClassVar[bool] = False  # w >= 0

    def __init__(self, arithmetic: Arithmetic, lam: float, weights: NDArray[np.float64], l1_ratio: float = 1.0) -> None:
        self.arithmetic, self.c = arithmetic, arithmetic.vector(weights)
        self.lam, self.r = arithmetic.vector([lam, l1_ratio])
        self._sort(np.isinf(weights), (weights == 0) | (lam == 0))

    def _sort(self, excluded: NDArray[np.bool_], free: NDArray[np.bool_]) -> None:
        """Sort the features into excluded, free, and penalised ones."""
        self.excluded, self.free = excluded, free & ~excluded
        self.penalised = np.flatnonzero(~(excluded | free))

    def value(self, index: NDArray[np.intp], w: Vector) -> Numbers:
        """Return at least ``lam P(w)``; w is 0 but at ``index``."""
        of_l1 = self.arithmetic.up(self.lam, self.r, self.c[index], abs(w))
        return self.arithmetic.above(self.arithmetic.total(np.concatenate([of_l1, self.curved(index, w)])))

    def curved(self, index: NDArray[np.intp], w: Vector) -> Vector:
        """Return the terms of ``lam P(w)`` that are not those of L1."""
        c = self.c[index]
        return self.arithmetic.up(self.lam, 1 - self.r, c, c, w, w, over=(2,))

    def share(self, reach: Vector) -> Numbers:
        """Return how much of theta, 1 at most, is in the domain of the conjugate."""
        if self.r < 1:
            return 1
        c, reach = self.c[self.penalised], reach[self.penalised]
        outside = reach > self.arithmetic.down(self.lam, c)
        return min([1, *self.arithmetic.down(self.lam, c[outside], over=(reach[outside],))])

    def conjugate(self, t: Numbers, reach: Vector) -> Numbers:
        """Return at least ``lam P*(t X' theta / lam)``."""
        if self.r == 1:
            return 0
        c, reach = self.c[self.penalised], reach[self.penalised]
        excess = np.maximum(self.arithmetic.above(self.arithmetic.up(t, reach, over=(self.lam, c)) - self.r), 0)
        cost = self.arithmetic.up(self.lam, excess, excess, over=(2, 1 - self.r))
        return self.arithmetic.above(self.arithmetic.total(cost))

    def zeros(self, reach: Vector) -> NDArray[np.bool_]:
        """Return which weights are 0 if the optimal theta is within reach."""
        found, j = self.excluded.copy(), self.penalised
        found[j] = reach[j] < self.arithmetic.down(self.lam, self.r, self.c[j])
        return found


class NonnegativeL1(L1):
    """The L1 penalty of weights that are not negative."""

    nonnegative = True


class ElasticNet(L1):
    """The elastic net."""

    parameters: ClassVar = {"l1_ratio": (0.0, 1.0)}


class Group(L1):
    """The group lasso.

    A group is within its level if ``||soft(z / c, lam r)|| <= lam (1 - r) k``; floats decide it in either arithmetic.
    """

    grouped = True

    def __init__(
        self,
        arithmetic: Arithmetic,
        lam: float,
        weights: NDArray[np.float64],
        groups: Sequence[int],
        group_weights: Sequence[float],
        l1_ratio: float = 0.0,
    ) -> None:
        super().__init__(arithmetic, lam, weights, l1_ratio)
        self.group, k = np.array(groups), np.array(group_weights)
        self.k, self.floats = arithmetic.vector(k), arithmetic if isinstance(arithmetic, Floats) else Floats()
        never = np.isinf(k)[self.group]
        self._sort(self.excluded | never, self.free | ((k == 0)[self.group] & (self.r == 0)))

    def curved(self, index: NDArray[np.intp], w: Vector) -> Numbers:
        up, cost, norms = self.arithmetic.up, self.arithmetic.up(self.c[index], abs(w)), []
        order = np.argsort(self.group[index], kind="stable")
        for at in np.split(order, np.flatnonzero(np.diff(self.group[index][order])) + 1):
            unit = max(cost[at], default=0)
            if unit:  # the largest, so that squares neither overflow nor are all 0
                squares = self.arithmetic.above(self.arithmetic.total(up(cost[at], cost[at], over=(unit, unit))))
                k = self.k[self.group[index[at[0]]]]
                norms.append(up(self.lam, 1 - self.r, k, unit, self.arithmetic.sqrt(squares)))
        return self.arithmetic.vector(norms)

    def _within(self, t: NDArray[np.float64], reach: Vector) -> NDArray[np.bool_]:
        """Return which groups are within their levels at ``t * reach``, with a t for each group."""
        j, lam, r, floats = self.penalised, float(self.lam), float(self.r), self.floats
        group, c, k = self.group[j], self.c[j].astype(float), self.k.astype(float)
        left = np.maximum(floats.above(floats.up(t[group], reach, over=(c,)) - floats.down(lam, r)), 0)
        largest = np.zeros(len(k))
        np.maximum.at(largest, group, left)
        unit = np.where((largest > 0) & np.isfinite(largest), largest, 1.0)
        squares = np.bincount(group, weights=(left / unit[group]) ** 2, minlength=len(k))
        norms = floats.up(unit, np.sqrt(squares * (1 + 4 * (len(j) + 2) * floats.unit)))
        return np.isfinite(norms) & (norms <= floats.down(lam, 1 - r, np.where(np.isinf(k), 0.0, k)))

    def _rounded_up(self, reach: Vector) -> NDArray[np.float64]:
        """Return the reach of the penalised features as floats."""
        return np.array([rounded_up(each) for each in reach[self.penalised]])

    def share(self, reach: Vector) -> Numbers:
        reach = self._rounded_up(reach)
        low, high = np.zeros(len(self.k)), np.ones(len(self.k))
        fit = self._within(high, reach)
        for _ in range(60):  # bisection, for all groups at once
            middle = (low + high) / 2
            within = self._within(middle, reach)
            low, high = np.where(within, middle, low), np.where(within, high, middle)
        return self.arithmetic.vector([np.where(fit, 1.0, low).min(initial=1.0)])[0]

    def conjugate(self, t: Numbers, reach: Vector) -> Numbers:
        return 0

    def zeros(self, reach: Vector) -> NDArray[np.bool_]:
        found = super().zeros(reach)
        within = self._within(np.ones(len(self.k)), self._rounded_up(reach)) & (self.r < 1) & (self.k > 0)
        found[self.penalised] |= within[self.group[self.penalised]]
        return found


class SparseGroup(Group):
    """The sparse group lasso."""

    parameters: ClassVar = {"l1_ratio": (0.0, 1.0)}


PENALTIES: dict[str, type[L1]] = {
    "l1": L1,
    "nonnegative_l1": NonnegativeL1,
    "elastic_net": ElasticNet,
    "group": Group,
    "sparse_group": SparseGroup,
}
