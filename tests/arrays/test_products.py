"""Products with the design matrix: in the main thread, and in one that shares the work."""

from __future__ import annotations

import time
from threading import Event, Thread

import numpy as np
import pytest

from lassoopt.arrays.design_matrix import product, take_rows


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("shape", [(40,), (40, 3)])
def test_a_product_is_the_same_in_a_thread(order, shape):
    rng = np.random.default_rng(0)
    A, x, found = np.array(rng.standard_normal((30, 40)), order=order), rng.standard_normal(shape), []
    thread = Thread(target=lambda: found.append(product(A, x)))
    thread.start()
    thread.join()
    for each in (product(A, x), *found):
        np.testing.assert_allclose(each, np.einsum("ij,j...->i...", A, x), rtol=1e-13, atol=1e-13)


def test_a_thread_lets_others_run_during_a_product():
    A, begun, done = np.ones((2000, 2000), order="F"), Event(), Event()  # which nothing has to copy

    def multiply():
        begun.set()
        product(A, A)
        done.set()

    thread = Thread(target=multiply)
    thread.start()
    begun.wait()
    turns = 0
    while not done.is_set():
        time.sleep(1e-3)
        turns += 1
    thread.join()
    assert turns > 5  # one or two where the product holds the interpreter's lock


@pytest.mark.parametrize("order", ["C", "F"])
def test_rows_keep_the_layout(order):
    X = np.array(np.arange(20.0).reshape(5, 4), order=order)
    rows = np.array([3, 0])
    found = take_rows(X, rows)
    np.testing.assert_array_equal(found, X[rows])
    assert found.flags[f"{order}_CONTIGUOUS"]
