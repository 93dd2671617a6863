"""Every method on one problem, and one verdict: do they agree, and if not, why."""

from .comparison import TOLERANCES, CrossCheck, crosscheck
from .differences import Differences
from .verdict import Verdict

__all__ = ["TOLERANCES", "CrossCheck", "Differences", "Verdict", "crosscheck"]
