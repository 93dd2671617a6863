"""The loop that the iterative solvers share, and what each of them records."""

from __future__ import annotations

import numpy as np
import pytest
from problems import make

import lassoopt as lo
from lassoopt.solvers.candidate import Point
from lassoopt.solvers.course import Course, Step

RESIDUALS = ("primal_residual", "dual_residual", "rho")


def point(gap):
    return Point(np.array([gap]), 1.0, np.zeros(1), 10 * gap, gap)


def steps(*gaps):
    for k, gap in enumerate(gaps, start=1):
        if gap is None:
            raise KeyboardInterrupt
        yield Step(5 * k, point(gap))


@pytest.mark.parametrize(
    ("gaps", "ended", "records"),
    [
        ((0.5, 0.7, 0.01, 0.001), "OPTIMAL", [0.5, 0.5, 0.01]),
        ((0.5, 0.7), "ITERATION_LIMIT", [0.5, 0.5]),
        ((0.5, 0.7, None), "INTERRUPTED", [0.5, 0.5]),
        ((None,), "INTERRUPTED", []),
        ((2.0,), "ITERATION_LIMIT", [1.0]),
    ],
)
def test_the_best_point_is_kept_and_the_end_is_told(gaps, ended, records):
    seen = []
    course = Course("mine", 0.1, seen.append, offset=3.0)
    best = course.follow(steps(*gaps), point(1.0), until=0.1)
    assert course.status is lo.Status[ended]
    assert best.gap == min([1.0, *records])
    assert course.iterations == 5 * len(records)
    history = lo.History.of(course.records)
    assert history.gap.tolist() == records
    assert history.objective.tolist() == [10 * gap for gap in records]
    assert history.iteration.tolist() == [5 * k for k in range(1, len(records) + 1)]
    assert [(progress.iteration, progress.gap) for progress in seen] == [*zip(history.iteration, records, strict=True)]
    assert all(progress.intercept == 4.0 for progress in seen)


@pytest.mark.parametrize("ctrl_c", [False, True])
def test_the_callback_ends_it(ctrl_c):
    def callback(progress):
        if ctrl_c and progress.iteration == 10:
            raise KeyboardInterrupt
        return progress.iteration == 10

    course = Course("mine", 0.1, callback)
    assert course.follow(steps(0.5, 0.4, 0.01), point(1.0), until=0.1).gap == 0.4
    assert course.status is lo.Status.INTERRUPTED
    assert course.iterations == 10


def test_stalled_is_not_halved_in_so_many_records():
    course, found = Course("mine", 0.1, None), []
    for gap in (1.0, 0.9, 0.51, 0.5, 0.2):
        course.record(gap, gap)
        found.append(course.stalled(3))
    # three records are too few to tell; then the last three count: 0.9 to 0.5, and 0.51 to 0.2
    assert found == [False, False, False, True, False]


@pytest.mark.parametrize(
    ("loss", "method"), [("squared", "active_set"), ("logistic", "prox_newton"), ("huber", "admm")]
)
def test_what_a_solver_does_not_measure_is_absent(loss, method):
    history = lo.solve(make(loss), method).history
    for name in RESIDUALS:
        found = getattr(history, name)
        assert (found is None) == (method != "admm")
        assert found is None or (len(found) == len(history) and np.isfinite(found).all())
    assert history.iteration.dtype.kind == "i"
    for name in RESIDUALS:
        assert getattr(lo.solve(make(), "cvxpy").history, name) is None
