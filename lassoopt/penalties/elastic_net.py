"""The elastic net mixes L1 with half the square."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ..arrays.parameters import parameter
from .base import L1_RATIO, Array, ratio, soft
from .l1 import L1


@dataclass(frozen=True, eq=False)
class ElasticNet(L1):
    """``P(w) = sum_j r c_j |w_j| + (1 - r) / 2 (c_j w_j)^2`` with ``r = l1_ratio``.

    Held at 0: ``|z_j| <= lam r c_j``; else ``z_j = lam (r c_j sign(w_j) + (1 - r) c_j^2 w_j)``.
    """

    l1_ratio: float = parameter(0.5, L1_RATIO)
    takes_rows: ClassVar[bool] = True

    def value(self, w: Array) -> float:
        if self.l1_ratio == 1:
            return super().value(w)
        size = np.abs(self.scale(w))  # inf where a weight that is excluded is not 0
        with np.errstate(over="ignore"):
            return (size * (self.l1_ratio + 0.5 * (1 - self.l1_ratio) * size)).sum(axis=-1)

    def prox(self, v: Array, step: float) -> Array:
        shrunk = soft(v, self.threshold(step))
        return shrunk / (1 + step * (1 - self.l1_ratio) * self.finite_c**2)

    def gauge(self, z: Array) -> float:
        if self.l1_ratio == 1:
            return super().gauge(z)
        found: Any = np.where((z[..., self.free] != 0).any(axis=-1), np.inf, 0.0)
        return found[()]

    def conjugate(self, z: Array) -> float:
        inside = super().conjugate(z)
        if self.l1_ratio == 1:
            return inside
        excess = np.maximum(self.relative(np.abs(z)) - self.l1_ratio, 0.0)
        with np.errstate(over="ignore"):
            return inside + (excess * excess).sum(axis=-1) / (2 * (1 - self.l1_ratio))

    @property
    def is_norm(self) -> bool:
        return self.l1_ratio == 1

    def lambda_max(self, z: Array) -> float:
        return float(np.max(ratio(np.where(self.free, 0.0, np.abs(z)), self.threshold(1.0)), initial=0.0))

    def threshold(self, lam: float) -> Array:
        return np.where(self.excluded, np.inf, lam * self.l1_ratio * self.finite_c)

    def subdiff_distance(self, w: Array, z: Array, lam: float) -> Array:
        return super().subdiff_distance(w, z - lam * self.modulus() * w, lam)

    def gradient(self, w: Array) -> Array:
        return self.l1_ratio * super().gradient(w) + self.modulus() * w

    def hessian(self, w: Array) -> Array:
        return self.modulus()[w != 0]

    def modulus(self) -> Array:
        return (1 - self.l1_ratio) * self.finite_c**2

    def formula(self, c: str) -> str:
        return f"sum_j [{self.l1_ratio:g} {c}|w_j| + {0.5 * (1 - self.l1_ratio):g} ({c}w_j)^2]"

    @property
    def conditions(self) -> list[tuple[str, str]]:
        smooth = f"{1 - self.l1_ratio:g} lam c_j^2 w_j"
        return [
            ("w_j = 0", "|dLoss/dw_j| <= lam_j"),
            ("elsewhere", f"dLoss/dw_j = -lam_j sign(w_j) - {smooth},  with lam_j = {self.l1_ratio:g} lam c_j"),
        ]

    def cvxpy(self, w: Any) -> tuple[Any, list[Any]]:
        import cvxpy as cp

        out = np.flatnonzero(np.isinf(self.c))
        factors = np.where(np.isinf(self.c), 0.0, self.c)
        scaled = cp.multiply(factors, w)
        expression = self.l1_ratio * cp.norm1(scaled) + (1 - self.l1_ratio) / 2 * cp.sum_squares(scaled)
        return expression, [w[out] == 0] if out.size else []
