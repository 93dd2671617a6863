"""How a command ends: its exit status, and its answer in words or in strict JSON."""

from __future__ import annotations

import argparse
import json
from typing import Any

from ..datasets import Dataset
from ..solvers.solution import Solution
from .interruption import INTERRUPTED

CERTIFIED, NOT_CERTIFIED, BAD_INPUT, FAULT, READER_GONE = 0, 1, 2, 3, 141  # the last: 128 + SIGPIPE


def status(certified: bool, interrupted: bool = False) -> int:
    """Return the exit status of a command that has an answer; one cut short by Ctrl-C is what a shell says it is."""
    return INTERRUPTED if interrupted else CERTIFIED if certified else NOT_CERTIFIED


def in_words(words: str, arguments: argparse.Namespace, data: Dataset) -> str:
    """Add to the words how a file was read: what is an index, which label is class 1."""
    return words if arguments.csv is None else f"{words}\n\n  data: {data.source}"


def in_json(content: dict[str, Any]) -> str:
    """State the content in JSON that every parser reads."""
    return json.dumps(content, indent=2, allow_nan=False)


def run_of(solution: Solution) -> dict[str, Any]:
    """State how a solver ended, for JSON."""
    return {
        "status": solution.status.name,
        "solver": solution.solver,
        "iterations": solution.iterations,
        "seconds": solution.seconds,
        "compile_seconds": solution.compile_seconds,
    }
