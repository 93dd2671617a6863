"""The penalties: one class, one entry in `PENALTIES`, two independent statements each (NumPy and CVXPY)."""

from .base import Penalty
from .group import Group, SparseGroup
from .separable import L1, ElasticNet, NonnegativeL1

PENALTIES: dict[str, type[Penalty]] = {
    "l1": L1,
    "elastic_net": ElasticNet,
    "nonnegative_l1": NonnegativeL1,
    "group": Group,
    "sparse_group": SparseGroup,
}

__all__ = ["L1", "PENALTIES", "ElasticNet", "Group", "NonnegativeL1", "Penalty", "SparseGroup"]
