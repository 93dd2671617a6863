"""Non-negative L1 is L1 with weights that are 0 or above."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from ..text.tables import number
from .base import Array
from .l1 import L1


class NonnegativeL1(L1):
    """``P(w) = sum_j c_j w_j`` for ``w >= 0``, else ``inf``. Held at 0: ``z_j <= lam c_j``."""

    nonnegative: ClassVar[bool] = True
    takes_rows: ClassVar[bool] = True

    def value(self, w: Array) -> float:
        found: Any = np.where((w >= 0).all(axis=-1), super().value(w), np.inf)
        return found[()]

    def prox(self, v: Array, step: float) -> Array:
        return np.maximum(v - step * self.c, 0.0)

    def gauge(self, z: Array) -> float:
        return self.relative(np.maximum(z, 0.0)).max(axis=-1)

    def subdiff_distance(self, w: Array, z: Array, lam: float) -> Array:
        level = self.threshold(lam)
        away = np.where(w > 0, np.abs(z - level), np.maximum(z - level, 0.0))
        return np.where(w < 0, np.inf, away)

    def zero_margin(self, z: Array, radius: Array | float, lam: float) -> Array:
        return self._slack(z + radius, lam)

    def formula(self, c: str) -> str:
        return f"sum_j {c}w_j"

    @property
    def symbols(self) -> str:
        return "all w_j >= 0"

    def pull(self, j: int, gradient: float, margin: float, lam: float) -> tuple[str, str]:
        held = super().pull(j, gradient, margin, lam)[1]
        if gradient > 0:
            return f"the loss pushes it down with dLoss/dw_j = {number(gradient)}", f"{held} upwards"
        return f"the loss pulls upwards with -dLoss/dw_j = {number(-gradient)}", held

    @property
    def conditions(self) -> list[tuple[str, str]]:
        return [
            ("w_j = 0", "-dLoss/dw_j <= lam_j"),
            ("w_j > 0", "dLoss/dw_j = -lam_j,  with lam_j = lam c_j"),
        ]

    def cvxpy(self, w: Any) -> tuple[Any, list[Any]]:
        out = np.flatnonzero(np.isinf(self.c))
        factors = np.where(np.isinf(self.c), 0.0, self.c)
        return factors @ w, [w >= 0] + ([w[out] == 0] if out.size else [])
