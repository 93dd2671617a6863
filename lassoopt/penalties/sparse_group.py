"""The sparse group lasso mixes L1 with the group lasso."""

from __future__ import annotations

from dataclasses import dataclass

from ..arrays.parameters import parameter
from ..text.tables import number
from .base import L1_RATIO
from .group import Group


@dataclass(frozen=True, eq=False)
class SparseGroup(Group):
    """``P(w) = r sum_j c_j |w_j| + (1 - r) sum_g k_g ||(c * w)_g||_2``, ``r = l1_ratio`` (Simon et al. 2013).

    Held at 0 as a group: ``||soft((z / c)_g, lam r)|| <= lam (1 - r) k_g``; a single feature of an active
    group: ``|z_j| <= lam r c_j``. Parameters as for `Group`, and ``l1_ratio`` from 0 to 1.
    """

    l1_ratio: float = parameter(0.5, L1_RATIO)

    @property
    def _l1(self) -> float:
        return self.l1_ratio

    def formula(self, c: str) -> str:
        return f"[{self.l1_ratio:g} sum_j {c}|w_j| + {1 - self.l1_ratio:g} {super().formula(c)}]"

    def pull(self, j: int, gradient: float, margin: float, lam: float) -> tuple[str, str]:
        own = lam * self.l1_ratio * float(self.c[j])
        if own - abs(gradient) >= margin:  # the feature's own condition holds it, not its group's
            return f"the loss pulls with |dLoss/dw_j| = {number(abs(gradient))}", f"{number(own)} at each single weight"
        pull, held = super().pull(j, gradient, margin, lam)
        return f"beyond what the L1 part holds, {pull}", held

    @property
    def conditions(self) -> list[tuple[str, str]]:
        r, rest = f"{self.l1_ratio:g}", f"{1 - self.l1_ratio:g}"
        return [
            ("w_g = 0", f"||soft((dLoss/dw/c)_g, {r} lam)|| <= {rest} lam k_g  for the whole group g"),
            ("only w_j = 0", f"|dLoss/dw_j| <= {r} lam c_j"),
            ("elsewhere", f"dLoss/dw_j = -{r} lam c_j sign(w_j) - {rest} lam k_g c_j^2 w_j / ||(c*w)_g||"),
            ("lam_j", f"lam c_j ({r} + {rest} k_g)"),
        ]
