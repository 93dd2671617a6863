"""`lassoopt` solves L1-regularised convex models, and proves how near the answer is to the optimum.

>>> import lassoopt as lo
>>> data = lo.datasets.diabetes()
>>> problem = lo.Problem(data.X, data.y, lam=5.0, standardize=True, feature_names=data.feature_names)
>>> lo.solve(problem).certificate.certified
True
"""

from .cli import interruption  # noqa: F401  first, as the imports below take a second

# isort: split
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from . import datasets
from .audits import Audit, Fit, audit
from .certificates.certificate import Certificate, Row
from .certificates.certification import certify
from .cross_validation import CrossValidation, cross_validate
from .crosschecks import CrossCheck, crosscheck
from .errors import InputError, LassoOptError, MissingPackageError, SolverError
from .losses import LOSSES, Huber, Logistic, Loss, Poisson, Quantile, Squared, SquaredHinge
from .paths.exact_path import Event, Homotopy, homotopy
from .paths.grid_path import Path, path
from .penalties import L1, PENALTIES, ElasticNet, Group, NonnegativeL1, Penalty, SparseGroup
from .problems.conventions import convert
from .problems.problem import Problem
from .solvers.course import Progress
from .solvers.cvxpy_reference import Reference
from .solvers.methods import METHODS, solve
from .solvers.solution import History, Solution, Status
from .teaching.admm_iterates.iterates import Trace, trace
from .teaching.one_weight.closed_forms import OneWeight
from .verifier.kernel import Verification, verify
from .version import VERSION

if TYPE_CHECKING:
    from . import plots
    from .teaching import geometry, one_weight, polynomials
    from .teaching.compressed_sensing import recovery

_ON_FIRST_USE = {
    "geometry": "teaching.geometry",
    "one_weight": "teaching.one_weight",
    "plots": "plots",
    "polynomials": "teaching.polynomials",
    "recovery": "teaching.compressed_sensing.recovery",
}

__version__ = VERSION
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
    "MissingPackageError",
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
    "one_weight",
    "path",
    "plots",
    "polynomials",
    "recovery",
    "solve",
    "trace",
    "verify",
]


def __getattr__(name: str) -> ModuleType:
    """Load a module of the lessons, or `plots`, when it is first used."""
    if name in _ON_FIRST_USE:
        return import_module(f".{_ON_FIRST_USE[name]}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
