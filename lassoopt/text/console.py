"""`console` prints in whatever encoding the console has, on streams that may be closed, full, or not there."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from typing import TextIO


def escape_unknown_letters() -> None:
    r"""Print letters that the console's encoding lacks as escapes, such as ``\xe4``; they raise nothing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def say(words: str, end: str = "\n") -> None:
    """Print words on stderr, if there is one; if that fails, nobody can be told."""
    if sys.stderr is None:  # as in a program without a console; print would take stdout instead
        return
    try:
        print(words, end=end, file=sys.stderr, flush=True)
    except OSError:
        abandon(sys.stderr)


def abandon(stream: TextIO | None) -> None:
    """Give up a stream if it fails: drop what it still holds, so that it cannot fail again when Python ends."""
    if stream is None:
        return
    try:
        stream.flush()
    except OSError:
        with suppress(OSError):  # UnsupportedOperation: a stream in memory
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, stream.fileno())
            os.close(null)
