"""The losses: one class, one entry in `LOSSES`, two independent statements each (NumPy and CVXPY)."""

from .base import Loss
from .margin import Logistic, SquaredHinge
from .regression import Huber, Poisson, Quantile, Squared

LOSSES: dict[str, type[Loss]] = {
    "squared": Squared,
    "logistic": Logistic,
    "huber": Huber,
    "quantile": Quantile,
    "squared_hinge": SquaredHinge,
    "poisson": Poisson,
}

__all__ = ["LOSSES", "Huber", "Logistic", "Loss", "Poisson", "Quantile", "Squared", "SquaredHinge"]
