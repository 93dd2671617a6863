"""Each penalty is one class, one entry in `PENALTIES`, and stated twice, in NumPy and in CVXPY, sharing no helper."""

from .base import Penalty
from .elastic_net import ElasticNet
from .group import Group
from .l1 import L1
from .nonnegative_l1 import NonnegativeL1
from .sparse_group import SparseGroup

PENALTIES: dict[str, type[Penalty]] = {
    "l1": L1,
    "elastic_net": ElasticNet,
    "nonnegative_l1": NonnegativeL1,
    "group": Group,
    "sparse_group": SparseGroup,
}

__all__ = ["L1", "PENALTIES", "ElasticNet", "Group", "NonnegativeL1", "Penalty", "SparseGroup"]
