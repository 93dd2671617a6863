"""The shell commands: parse, call, print.

One module a command states its options (``add_options``), its work (``run``) and what it is for (``HELP``).
"""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Sequence
from typing import NoReturn

from ..errors import InputError, LassoOptError
from ..text import console
from ..version import VERSION
from . import crosscheck_command, cv_command, interruption, lesson_command, path_command, solve_command, verify_command
from .answers import BAD_INPUT, FAULT, NOT_CERTIFIED, READER_GONE
from .interruption import INTERRUPTED

_TRACEBACK = "LASSOOPT_TRACEBACK"  # the environment variable that shows where a fault is
_COMMANDS = {
    "crosscheck": crosscheck_command,
    "solve": solve_command,
    "path": path_command,
    "cv": cv_command,
    "verify": verify_command,
    "lesson": lesson_command,
}


class _Parser(argparse.ArgumentParser):
    """A usage error is reported like every other bad input, in one line."""

    def error(self, message: str) -> NoReturn:
        raise InputError(message)

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """End after ``--help`` and ``--version``; what they printed is flushed here, where a failure is noticed."""
        print(end="", flush=True)
        super().exit(status, message)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command, and return the exit status.

    Returns
    -------
    int
        0 certified or proven; 1 not, the solvers disagree, or a solver failed; 2 bad input, or the system refuses (a
        full disk, no memory); 3 a fault of lassoopt itself; 130 after Ctrl-C; 141 where the reader of the output has
        gone, as in ``| head``.
    """
    try:
        with interruption.Raised():
            console.escape_unknown_letters()
            arguments = _parser().parse_args(argv)
            status, output = arguments.command(arguments)
            print(output, flush=True)
            return int(status)
    except LassoOptError as error:
        return _ended(BAD_INPUT if isinstance(error, InputError) else NOT_CERTIFIED, str(error))
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        console.abandon(sys.stdout)
        return READER_GONE
    except (OSError, MemoryError) as error:
        console.abandon(sys.stdout)
        return _ended(BAD_INPUT, f"the system refuses: {error or 'no memory is left'}")
    except Exception as error:
        if _hides_ctrl_c(error):
            return INTERRUPTED
        if os.environ.get(_TRACEBACK):
            console.say(traceback.format_exc())
        found = f"{type(error).__name__}: {error}"
        return _ended(FAULT, f"this is a bug of lassoopt, please report it: {found} ({_TRACEBACK}=1 shows where)")


def _hides_ctrl_c(error: BaseException | None) -> bool:
    """Tell whether Ctrl-C came first, and somebody's clean-up, or an import, made another error of it."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error is not None


def _ended(status: int, words: str) -> int:
    console.say(f"lassoopt: {' '.join(words.split())}")
    return status


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="lassoopt",
        description="L1-regularised convex models, solved twice and proven optimal.",
        epilog="Exit status: 0 certified or proven; 1 not, or the solvers disagree or fail; 2 bad input, or the system "
        "refuses (a full disk); 3 a bug; 130 after Ctrl-C; 141 if the reader of the output has gone.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"lassoopt {VERSION}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, module in _COMMANDS.items():
        command = commands.add_parser(name, help=module.HELP, description=module.HELP, allow_abbrev=False)
        command.set_defaults(command=module.run)
        module.add_options(command)
    return parser
