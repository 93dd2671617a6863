"""Progress of long work, on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .console import say

_QUIET = 20.0  # seconds between lines where stderr is a file


@contextmanager
def progress_of(things: str) -> Iterator[Callable[[int, int | None], None]]:
    """How many are done, of how many if that is known: on a terminal in one line that goes when all are, elsewhere a
    line if it takes long."""
    live, last = sys.stderr is not None and sys.stderr.isatty(), time.monotonic()

    def report(done: int, total: int | None = None) -> None:
        nonlocal last
        words = f"lassoopt: {done} {'' if total is None else f'of {total} '}{things}"
        if live:
            say(f"\r{words} ", end="")
        elif time.monotonic() - last >= _QUIET:
            last = time.monotonic()
            say(words)

    try:
        yield report
    finally:
        if live:
            say("\r\x1b[K", end="")
