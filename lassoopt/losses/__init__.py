"""The losses: one class, one entry in `LOSSES`, two independent statements each (NumPy and CVXPY)."""

from .base import Loss
from .huber import Huber
from .logistic import Logistic
from .poisson import Poisson
from .quantile import Quantile
from .squared import Squared
from .squared_hinge import SquaredHinge

LOSSES: dict[str, type[Loss]] = {
    "squared": Squared,
    "logistic": Logistic,
    "huber": Huber,
    "quantile": Quantile,
    "squared_hinge": SquaredHinge,
    "poisson": Poisson,
}

__all__ = ["LOSSES", "Huber", "Logistic", "Loss", "Poisson", "Quantile", "Squared", "SquaredHinge"]
