"""`CrossValidation` is what cross-validation found, told in a table and a figure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import figure, words
from .error_measures import WORDS
from .mean_errors import RULES, MeanErrors

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["RULES", "CrossValidation"]


@dataclass(frozen=True, eq=False, repr=False)
class CrossValidation(MeanErrors):
    """A cross-validation holds held-out errors along lam, and the fit at the lam chosen; `cross_validate` makes it."""

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the figure of `plots.cross_validation`."""
        return figure.cross_validation(self, ax)

    def as_dict(self) -> dict[str, Any]:
        """Return all but the solutions as plain numbers, strings and lists, which can be written as JSON."""
        return words.as_dict(self)

    def __repr__(self) -> str:
        done, known = int(self.done.sum()), "all certified" if self.certified else "not all certified"
        folds = f"{done} folds" if done == len(self.done) else f"{done} of {len(self.done)} folds"
        sparser = f", lambda_1se={self.lambda_1se:.4g}" if self.has_std_error else ""
        return (
            f"CrossValidation({folds}, {WORDS[self.error]}, {len(self.lambdas)} lam from {self.lambdas[0]:.4g} to "
            f"{self.lambdas[-1]:.4g}, lambda_min={self.lambda_min:.4g}{sparser}, {known})"
        )

    def __str__(self) -> str:
        return words.text(self)
