"""L1-regularised convex models, solved twice and proven optimal.

>>> import lassoopt as lo
>>> data = lo.datasets.diabetes()
>>> problem = lo.Problem(data.X, data.y, lam=5.0, standardize=True, feature_names=data.feature_names)
>>> lo.solve(problem).certificate.certified
True
"""

from . import interruption  # noqa: F401  first, as the imports below take a second

# isort: split
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from . import datasets
from .audit import Audit, Fit, audit
from .certificate import Certificate, Row
from .certify import certify
from .convert import convert
from .cross_validation import CrossValidation, cross_validate
from .crosscheck import CrossCheck, crosscheck
from .errors import InputError, LassoOptError, SolverError
from .homotopy import Event, Homotopy, homotopy
from .losses import LOSSES, Huber, Logistic, Loss, Poisson, Quantile, Squared, SquaredHinge
from .one_weight import OneWeight
from .path import Path, path
from .penalties import L1, PENALTIES, ElasticNet, Group, NonnegativeL1, Penalty, SparseGroup
from .problem import Problem
from .reference import Reference
from .solution import History, Progress, Solution, Status
from .solve import METHODS, solve
from .trace import Trace, trace
from .verify import Verification, verify

if TYPE_CHECKING:
    from . import geometry, plots, polynomials, recovery

_ON_FIRST_USE = ("geometry", "plots", "polynomials", "recovery")

__version__ = "0.1.0"
__all__ = [
    "L1",
    "LOSSES",
    "METHODS",
    "PENALTIES",
    "Audit",
    "Certificate",
    "CrossCheck",
    "CrossValidation",
    "ElasticNet",
    "Event",
    "Fit",
    "Group",
    "History",
    "Homotopy",
    "Huber",
    "InputError",
    "LassoOptError",
    "Logistic",
    "Loss",
    "NonnegativeL1",
    "OneWeight",
    "Path",
    "Penalty",
    "Poisson",
    "Problem",
    "Progress",
    "Quantile",
    "Reference",
    "Row",
    "Solution",
    "SolverError",
    "SparseGroup",
    "Squared",
    "SquaredHinge",
    "Status",
    "Trace",
    "Verification",
    "audit",
    "certify",
    "convert",
    "cross_validate",
    "crosscheck",
    "datasets",
    "geometry",
    "homotopy",
    "path",
    "plots",
    "polynomials",
    "recovery",
    "solve",
    "trace",
    "verify",
]


def __getattr__(name: str) -> ModuleType:
    """The modules of the lessons, loaded on first use."""
    if name in _ON_FIRST_USE:
        return import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
