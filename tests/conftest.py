"""Figures are drawn without a screen, and closed after each test; each process computes on one thread."""

from __future__ import annotations

import os

import matplotlib
import matplotlib.pyplot as plt
import pytest

matplotlib.use("Agg")


def pytest_configure():
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):  # read when the processes that are started next load NumPy
        os.environ.setdefault(name, "1")


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")
