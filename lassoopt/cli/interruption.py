"""Ctrl-C in the command line: the process ends with 130 and prints nothing, even while it still imports.

Python raises KeyboardInterrupt at whatever line it has reached. Among imports nobody is there to catch it, or somebody
takes it for a package that is missing. So while the command line imports, and when its work is done, Ctrl-C ends it at
once: there is nothing to clean up. A program that only uses the package keeps its own way with Ctrl-C. This module is
imported before all others, takes effect then, and itself imports next to nothing.
"""

from __future__ import annotations

import os
import signal
import sys

INTERRUPTED = 130  # 128 + SIGINT, as a shell says it


class Raised:
    """In here, Ctrl-C is raised as KeyboardInterrupt: it is caught, and there is work to clean up."""

    def __enter__(self) -> None:
        self._ours = signal.getsignal(signal.SIGINT) is _end
        if self._ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    def __exit__(self, *raised: object) -> None:
        if self._ours:
            signal.signal(signal.SIGINT, _end)


def _end(number: int, frame: object) -> None:
    os._exit(INTERRUPTED)


def _is_command() -> bool:
    program = sys.argv[0] if getattr(sys, "argv", None) else ""
    if program == "-m":  # while Python looks for the module to run; the arguments behind its name are those of argv
        program = sys.orig_argv[-len(sys.argv)].removeprefix("-m")
    return os.path.splitext(os.path.basename(program))[0] == "lassoopt"


if _is_command() and signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # not ignored, as under nohup
    signal.signal(signal.SIGINT, _end)
