"""`threads` does several tasks at a time: in turns where they run Python, side by side where they run compiled code.

A thread cannot be ended from outside. So a task calls ``tick()`` at each of its steps, which ends the thread where that
is asked for. The caller's thread only waits for ticks and answers: Ctrl-C reaches it alone, and is then heard at once.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, nullcontext
from queue import SimpleQueue
from threading import Event, Thread
from typing import Any, TypeAlias

Tick: TypeAlias = Callable[[], None]
Task: TypeAlias = Callable[[Tick], Any]
Answers: TypeAlias = Generator[tuple[int, Any], None, None]  # pairs (task's number, answer)


class _Ended(BaseException):
    """The thread is asked to end."""


def one_blas_thread() -> AbstractContextManager[Any]:
    """Keep BLAS from starting threads of its own, which would wait for each other, where threadpoolctl is installed."""
    try:
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]
    except ImportError:
        return nullcontext()
    return threadpool_limits(1, user_api="blas")


def in_turn(tasks: Sequence[Task], tick: Tick) -> Answers:
    """Yield pairs ``(k, tasks[k](tick))``, computed one after the other in the caller's thread."""
    for k, task in enumerate(tasks):
        yield k, task(tick)


def in_threads(tasks: Sequence[Task], tick: Tick, count: int) -> Answers:
    """Yield the same in the order in which ``count`` threads are done; ``tick`` is called in the caller's thread.

    When the iterator is closed, or left by an exception such as Ctrl-C's or a task's own, each thread ends at its next
    tick. Only the end of the program waits for it: a thread that is cut off in compiled code may bring all down.
    """
    numbers = iter(range(len(tasks)))  # shared: each thread takes the next
    events: SimpleQueue[tuple[int, Any] | BaseException | None] = SimpleQueue()
    ended = Event()

    def step() -> None:
        if ended.is_set():
            raise _Ended
        events.put(None)

    def work() -> None:
        try:
            for k in numbers:
                events.put((k, tasks[k](step)))
        except BaseException as error:
            events.put(error)  # which nobody waits for any more if it is `_Ended`

    left = len(tasks)
    with one_blas_thread():
        try:
            for _ in range(count):
                Thread(target=work).start()
            while left:
                event = events.get()
                if event is None:
                    tick()
                elif isinstance(event, BaseException):
                    raise event
                else:
                    left -= 1
                    yield event
        finally:
            ended.set()
