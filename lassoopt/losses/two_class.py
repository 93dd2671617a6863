"""The losses of two classes share their labels and the margin."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from ..errors import InputError
from .base import Array, Loss


class TwoClass(Loss):
    """Such a loss is a function of the margin ``m = t u``, where ``t = -1, 1`` codes labels {0, 1} or {-1, 1}."""

    targets: ClassVar[str] = "labels {0, 1} or {-1, 1}"
    two_class: ClassVar[bool] = True

    def validate(self, y: Array) -> None:
        labels = np.unique(y)
        if not (np.isin(labels, (0, 1)).all() or np.isin(labels, (-1, 1)).all()):
            shown = ", ".join(f"{v:g}" for v in labels[:5]) + (", ..." if labels.size > 5 else "")
            raise InputError(f"y: found values {{{shown}}}; {type(self).__name__} takes {self.targets}")

    @staticmethod
    def _sign(y: Array) -> Array:
        return np.multiply(y > 0, 2.0) - 1.0

    def slopes(self, y: Array) -> tuple[Array | float, Array | float]:
        positive = y > 0
        return np.where(positive, -self._steepest, 0.0), np.where(positive, 0.0, self._steepest)

    _steepest: ClassVar[float]  # the largest |slope|
