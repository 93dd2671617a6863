"""`progress_line` shows the progress of long work on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .console import say

_QUIET = 20.0  # seconds between lines where stderr is a file


@contextmanager
def progress_of(things: str) -> Iterator[Callable[[int, int | None], None]]:
    """Show how many are done: on a terminal in one line that vanishes at the end, elsewhere in a line now and then."""
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
