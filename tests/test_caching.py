"""A property computed once: its definition, under threads, and across a fork while another thread computes."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from lassoopt.caching import cached_property


class Slow:
    """Its value waits for an event, if it has one; `count` says how often it was computed."""

    def __init__(self, wait: threading.Event | None = None) -> None:
        self.wait, self.begun, self.count = wait, threading.Event(), 0

    @cached_property
    def value(self) -> list[int]:
        """A list, which is itself only."""
        self.count += 1
        self.begun.set()
        if self.wait is not None:
            assert self.wait.wait(20)
        return [self.count]


def test_computed_once_and_kept_in_the_instance():
    one, other = Slow(), Slow()
    assert one.value is one.value is one.__dict__["value"]
    assert (one.count, other.count) == (1, 0)
    assert other.value == [1]
    assert other.value is not one.value
    del one.__dict__["value"]
    assert one.value == [2]
    assert isinstance(Slow.value, cached_property)
    assert Slow.value.__doc__ == "A list, which is itself only."


def test_an_error_is_not_kept():
    class Failing:
        fails = True

        @cached_property
        def value(self) -> int:
            if self.fails:
                raise ValueError("not yet")
            return 3

    found = Failing()
    with pytest.raises(ValueError, match="not yet"):
        _ = found.value
    found.fails = False
    assert found.value == 3


def test_threads_get_one_value_and_do_not_wait_for_each_other():
    event, slow, quick, found = threading.Event(), Slow(), Slow(), []
    slow.wait = event
    threads = [threading.Thread(target=lambda: found.append(slow.value)) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert slow.begun.wait(20)
    assert quick.value == [1]  # another instance, while the first one computes
    event.set()
    for thread in threads:
        thread.join(20)
    assert len(found) == 4
    assert all(value is slow.value for value in found)


def ends(child: int, seconds: float) -> bool:
    """Whether a forked process ends by itself, with status 0; it is ended if not."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return status == 0
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")
def test_a_fork_while_another_thread_computes_does_not_wait_for_it():
    event = threading.Event()
    held = Slow(event)
    thread = threading.Thread(target=lambda: held.value)
    thread.start()
    try:
        assert held.begun.wait(20)
        child = os.fork()
        if child == 0:  # nothing here may return into pytest
            free = Slow()
            os._exit(0 if free.value == [1] else 1)
        assert ends(child, 10)
    finally:
        event.set()
        thread.join(20)
    assert held.value == [1]
