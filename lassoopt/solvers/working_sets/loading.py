"""The compiled kernels are imported when a solver first needs them, as Numba takes a while to load."""

from __future__ import annotations

import sys
from functools import cache
from threading import Timer
from types import ModuleType
from typing import Any

import numpy as np

_PATIENCE = 1.0  # seconds


@cache
def kernels() -> ModuleType:
    """Import the kernels, and compile the first of them, which takes seconds where Numba's cache is still empty.

    A terminal is told so. The cache lies beside the module, or where that cannot be written, in the user's folder.
    """
    notice = Timer(_PATIENCE, _say)
    notice.daemon = True
    if sys.stderr is not None and sys.stderr.isatty():
        notice.start()
    try:
        from . import kernels as found

        _warm_up(found)
    finally:
        notice.cancel()
    return found


def _warm_up(found: Any) -> None:
    """Compile what every problem needs, by solving one of a single weight."""
    one, active = np.ones((2, 2)), np.zeros(2, dtype=np.intp)
    found.settle(one, np.zeros(1), np.ones(1), False, np.zeros(1), np.zeros(1), one.copy(), active, 0, 1, 1)


def _say() -> None:
    print("lassoopt: compiling its solvers, once for this machine; this takes some seconds", file=sys.stderr)
