"""`crosschecks` solves one problem by every method and gives one verdict: whether they agree, and if not, why."""

from .comparison import TOLERANCES, CrossCheck, crosscheck
from .differences import Differences
from .verdict import Verdict

__all__ = ["TOLERANCES", "CrossCheck", "Differences", "Verdict", "crosscheck"]
