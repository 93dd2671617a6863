"""`workers` runs one function over many tasks, in processes of their own with one BLAS thread each.

Threads do not help: much of a path is Python between small products, which holds the interpreter's lock. A process that
`multiprocessing` starts afresh runs the caller's script again, which then needs a guard, and it takes over the caller's
environment, and with it the BLAS threads. These processes run nothing of the caller's; they are told what to do through
a pipe, and end with it.
"""

from __future__ import annotations

import os
import pickle
import queue
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Sequence
from threading import Thread
from typing import Any, BinaryIO, TypeAlias

from ..errors import InputError, SolverError

_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
_START = f"import pickle, sys; sys.path[:] = pickle.load(sys.stdin.buffer); from {__name__} import serve; serve()"
Answers: TypeAlias = Generator[tuple[int, Any], None, None]  # pairs (task's number, answer)


def in_processes(function: Callable[[Any], Any], tasks: Sequence[Any], workers: int) -> Answers:
    """Yield pairs ``(k, function(tasks[k]))`` in the order in which they are done.

    The function is sent to each worker once. When the iterator is closed, or left by an exception such as Ctrl-C's,
    the processes are ended.

    Raises
    ------
    InputError
        If the function cannot be sent, as with a class that the caller's script defines.
    SolverError
        If a worker ends before its work.
    """
    try:
        message = pickle.dumps(list(sys.path)) + pickle.dumps(function, protocol=pickle.HIGHEST_PROTOCOL)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise _not_sent(error) from None
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    answers: queue.SimpleQueue[tuple[int, Any]] = queue.SimpleQueue()
    for k in range(len(tasks)):
        waiting.put(k)
    processes = [_process() for _ in range(workers)]
    feeders = [Thread(target=_feed, args=(each, message, tasks, waiting, answers), daemon=True) for each in processes]
    try:
        for feeder in feeders:
            feeder.start()
        for _ in tasks:
            k, answer = answers.get()
            if isinstance(answer, Exception):
                raise answer
            yield k, answer
    finally:
        for process in processes:
            process.kill()
        for process, feeder in zip(processes, feeders, strict=True):
            process.wait()
            if feeder.is_alive():
                feeder.join()


def _process() -> subprocess.Popen[bytes]:
    """Start a worker, in a session of its own, so that Ctrl-C reaches the caller alone."""
    return subprocess.Popen(
        [sys.executable, "-c", _START],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, **dict.fromkeys(_THREADS, "1")},
        start_new_session=True,
    )


def _feed(
    process: subprocess.Popen[bytes],
    message: bytes,
    tasks: Sequence[Any],
    waiting: queue.SimpleQueue[int],
    answers: queue.SimpleQueue[tuple[int, Any]],
) -> None:
    """Give a worker one task after the other, while any wait."""
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        with process.stdout as replies, process.stdin as questions:
            questions.write(message)
            while True:
                k = waiting.get_nowait()
                pickle.dump(tasks[k], questions)
                questions.flush()
                answers.put((k, pickle.load(replies)))
    except queue.Empty:
        return
    except (OSError, EOFError, pickle.UnpicklingError):  # it crashed, or was ended with all the others
        answers.put((-1, SolverError("workers: a process ended before its work was done (memory?); use workers=1")))


def serve() -> None:
    """Do a worker's part: read the function, then tasks, and write the answers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    questions, replies = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what the function prints is not part of an answer
    try:
        function = pickle.load(questions)
    except Exception as error:
        _reply(replies, _not_sent(error))
        questions.read()  # the rest, until the pipe is closed
        return
    while True:
        try:
            task = pickle.load(questions)
        except EOFError:
            return
        try:
            answer = function(task)
        except Exception as error:
            answer = error
        _reply(replies, answer)


def _reply(replies: BinaryIO, answer: Any) -> None:
    replies.write(pickle.dumps(answer))
    replies.flush()


def _not_sent(error: Exception) -> InputError:
    return InputError(f"workers: the problem cannot be sent to another process ({error}); allowed is workers=1")
