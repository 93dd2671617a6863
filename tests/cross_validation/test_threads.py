"""Tasks in threads: their answers, their ticks, what ends them, and Ctrl-C in a process of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from threading import Barrier, Event, active_count, get_ident

import pytest

from lassoopt.cross_validation.threads import in_threads, in_turn


def ended(count):
    """Whether no more than ``count`` threads are left, within ten seconds."""
    until = time.monotonic() + 10
    while active_count() > count and time.monotonic() < until:
        time.sleep(0.01)
    return active_count() <= count


def test_answers_and_ticks_are_those_of_tasks_done_in_turn():
    def task(steps, tick):
        for _ in range(steps):
            tick()
        return steps**2, get_ident()

    tasks = [lambda tick, steps=steps: task(steps, tick) for steps in (3, 0, 5, 2)]
    ticks, here = [], []
    alone = dict(in_turn(tasks, lambda: here.append(1)))
    found = dict(in_threads(tasks, lambda: ticks.append(get_ident()), 3))
    assert {k: square for k, (square, _) in found.items()} == {k: square for k, (square, _) in alone.items()}
    assert ticks == [get_ident()] * 10
    assert len(here) == 10
    assert {thread for _, thread in alone.values()} == {get_ident()}
    assert get_ident() not in {thread for _, thread in found.values()}


def test_as_many_at_a_time_as_asked():
    together = Barrier(3)
    assert len(dict(in_threads([lambda tick: together.wait(10)] * 6, lambda: None, 3))) == 6


def test_blas_has_one_thread_meanwhile():
    threadpoolctl = pytest.importorskip("threadpoolctl")

    def threads():
        return [library["num_threads"] for library in threadpoolctl.threadpool_info() if library["user_api"] == "blas"]

    with threadpoolctl.threadpool_limits(2, user_api="blas"):
        before = threads()
        found = dict(in_threads([lambda tick: threads()] * 2, lambda: None, 2))
        assert found == {k: [1] * len(before) for k in range(2)}
        assert threads() == before  # of some libraries there may be one thread alone
        assert max(before) == 2


@pytest.mark.parametrize("installed", [True, False])
def test_threads_need_no_threadpoolctl(monkeypatch, installed):
    if not installed:
        monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    assert dict(in_threads([lambda tick: 1, lambda tick: 2], lambda: None, 2)) == {0: 1, 1: 2}


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_in_a_thread_is_the_callers_and_ends_the_others(error):
    threads, go = active_count(), Event()

    def failing(tick):
        go.wait(10)
        raise error("of the task")

    def endless(tick):
        while True:
            go.set()
            tick()

    with pytest.raises(error, match="of the task"):
        list(in_threads([failing, endless], lambda: None, 2))
    assert ended(threads)


def test_closing_ends_the_threads_at_their_next_tick_without_waiting():
    threads, go, ticks = active_count(), Event(), []

    def endless(tick):
        go.wait(10)
        while True:
            tick()

    answers = in_threads([lambda tick: "quick", endless, endless], lambda: ticks.append(1), 3)
    assert next(answers) == (0, "quick")
    start = time.monotonic()
    answers.close()
    assert time.monotonic() - start < 5
    go.set()
    assert ended(threads)
    assert not ticks


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("step", ["time.sleep(4)", "for _ in iter(lambda: time.monotonic() < end, False): pass"])
def test_ctrl_c_is_heard_in_the_middle_of_a_step(step):
    """Whether a step holds the interpreter's lock or not; the program ends, in peace, when the step is over."""
    code = f"""if True:
        import time
        from lassoopt.cross_validation.threads import in_threads
        def endless(tick):
            while True:
                tick()
                end = time.monotonic() + 4
                {step}
        try:
            list(in_threads([endless, endless], lambda: print("working", flush=True), 2))
        except KeyboardInterrupt:
            print("heard", flush=True)
    """
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == process.stdout.readline() == "working\n"
        start = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "heard\n"
        assert time.monotonic() - start < 3
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")
