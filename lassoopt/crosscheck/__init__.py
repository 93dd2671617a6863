"""Every method on one problem, and one verdict: do they agree, and if not, why."""

from .check import TOLERANCES, CrossCheck, crosscheck
from .comparison import Differences
from .verdict import Verdict

__all__ = ["TOLERANCES", "CrossCheck", "Differences", "Verdict", "crosscheck"]
