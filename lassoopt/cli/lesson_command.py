"""``lassoopt lesson``: its options, and what it prints."""

from __future__ import annotations

import argparse
import textwrap

from ..errors import InputError
from ..teaching import lessons
from .answers import CERTIFIED

HELP = "list the lessons, or run one"


def add_options(command: argparse.ArgumentParser) -> None:
    """Add what `run` reads."""
    command.add_argument("number", nargs="?", metavar="NUMBER", help="the lesson to run")
    command.add_argument("--save", metavar="DIR", help="write its figures there, in place of showing them")


def run(arguments: argparse.Namespace) -> tuple[int, str]:
    """Run the lesson, or list them all, and return the exit status and what to print at the end."""
    if arguments.number is None:
        if arguments.save is not None:
            raise InputError("--save: found no lesson to save the figures of; give its number, too")
        return CERTIFIED, _syllabus()
    number = arguments.number
    which = lessons.lesson(int(number) if number.isdecimal() else number)
    if arguments.save is None:
        lessons.run(which)
        return CERTIFIED, f"\nlesson {which.number}: every claim held; --save DIR writes its figures"
    for path in lessons.save(which, arguments.save):
        print(f"wrote {path}", flush=True)
    return CERTIFIED, f"lesson {which.number}: every claim held"


def _syllabus() -> str:
    """List the lessons and their questions."""
    rows = []
    for each in lessons.lessons():
        question = textwrap.fill(each.question, 100, initial_indent=" " * 4, subsequent_indent=" " * 4)
        rows.append(f"{each.number:2d}  {each.title}\n{question}")
    return "\n".join([*rows, "", "lassoopt lesson NUMBER [--save DIR] runs one, and writes its figures"])
