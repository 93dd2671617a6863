"""The compiled kernels are imported when a solver first needs them, as Numba takes a while to load."""

from __future__ import annotations

from functools import cache
from types import ModuleType


@cache
def kernels() -> ModuleType:
    """Import the kernels that solve a working set."""
    from . import kernels as found

    return found
