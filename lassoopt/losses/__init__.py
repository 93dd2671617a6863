"""Each loss is one class, one entry in `LOSSES`, and stated twice, in NumPy and in CVXPY, sharing no helper."""

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
