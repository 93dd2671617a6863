"""The L1 penalty is the weighted sum of absolute values."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..caching import cached_property
from .base import Array, Penalty, soft


class L1(Penalty):
    """``P(w) = sum_j c_j |w_j|``. Held at 0: ``|z_j| <= lam c_j``; else ``z_j = lam c_j sign(w_j)``.

    Examples
    --------
    >>> L1().bind(3).prox(np.array([3.0, -0.5, 1.0]), 1.0)
    array([ 2., -0.,  0.])
    """

    takes_rows: ClassVar[bool] = True

    @property
    def separable(self) -> bool:
        return True

    @cached_property
    def group_of(self) -> NDArray[np.intp]:
        return np.arange(self.c.size)

    @property
    def largest_group(self) -> int:
        return 1

    def value(self, w: Array) -> float:
        return np.abs(self.scale(w)).sum(axis=-1)

    def prox(self, v: Array, step: float) -> Array:
        return soft(v, step * self.c)

    def gauge(self, z: Array) -> float:
        return self.relative(np.abs(z)).max(axis=-1)

    def subdiff_distance(self, w: Array, z: Array, lam: float) -> Array:
        level = self.threshold(lam)
        away = np.where(w != 0, np.abs(z - np.where(w == 0, 0.0, np.copysign(level, w))), np.abs(z) - level)
        return np.maximum(away, 0.0)

    def zero_margin(self, z: Array, radius: Array | float, lam: float) -> Array:
        return self._slack(np.abs(z) + radius, lam)

    def _slack(self, reach: Array, lam: float) -> Array:
        """Return ``lam_j - reach``, inf for excluded features however far the reach."""
        level = np.where(self.excluded, 0.0, self.threshold(lam))
        return np.where(self.excluded, np.inf, level - reach)

    def formula(self, c: str) -> str:
        return f"sum_j {c}|w_j|"

    @property
    def conditions(self) -> list[tuple[str, str]]:
        return [
            ("w_j = 0", "|dLoss/dw_j| <= lam_j"),
            ("elsewhere", "dLoss/dw_j = -lam_j sign(w_j),  with lam_j = lam c_j"),
        ]

    def cvxpy(self, w: Any) -> tuple[Any, list[Any]]:
        import cvxpy as cp

        out = np.flatnonzero(np.isinf(self.c))
        factors = np.where(np.isinf(self.c), 0.0, self.c)
        return factors @ cp.abs(w), [w[out] == 0] if out.size else []
