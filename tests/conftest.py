"""Figures are drawn without a screen, and closed after each test; each process computes on one thread."""

from __future__ import annotations

import os

import matplotlib
import matplotlib.pyplot as plt
import pytest
from hypothesis import settings

settings.register_profile("no deadline", deadline=None)  # how long an example takes is the machine's affair
settings.load_profile("no deadline")
matplotlib.use("Agg")


def pytest_configure():
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):  # read when the processes that are started next load NumPy
        os.environ.setdefault(name, "1")


def pytest_collection_modifyitems(items):
    for item in items:
        if item.get_closest_marker("search"):
            item.add_marker("slow")  # a search is slow, too: -m "not slow" leaves out both


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")
