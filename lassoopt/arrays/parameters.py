"""Parameters of losses and penalties: each is a field that states its range, and what the command line says of it.

delta: float = parameter(1.35, Number(0, math.inf, "where huber turns linear, in units of the target"))
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, ClassVar

from ..errors import InputError
from .arguments import finite_number
from .labels import label_array


@dataclass(frozen=True)
class Number:
    """A number between two ends, which belong to the range if it is closed; ``help`` says what it means."""

    low: float
    high: float
    help: str
    closed: bool = False
    metavar: ClassVar[str] = "NUMBER"
    read: ClassVar[type[float]] = float  # how the command line reads it

    def check(self, name: str, value: Any) -> float:
        """Return the value as a float, or raise InputError if it is no number of the range."""
        below = "" if math.isinf(self.high) else f" and below {self.high:g}"
        open_range = f"a finite number above {self.low:g}{below}"
        allowed = f"a number from {self.low:g} to {self.high:g}" if self.closed else open_range
        found = finite_number(name, value, allowed)
        if self.low < found < self.high or (self.closed and found in (self.low, self.high)):
            return found
        raise InputError(f"{name}: found {value!r}; allowed is {allowed}")


@dataclass(frozen=True)
class Labels:
    """One label a feature; ``help`` says what it means, ``example`` is how it is passed."""

    help: str
    example: str
    metavar: ClassVar[str] = "A,A,B"

    def check(self, name: str, value: Any) -> Any:
        """Return the labels as a read-only array, or raise InputError."""
        return label_array(name, value, f"is one integer or string label a feature, as in {self.example}")

    @staticmethod
    def read(text: str) -> list[str]:
        """Read the labels from the command line."""
        return [label.strip() for label in text.split(",")]


def parameter(default: Any, kind: Number | Labels) -> Any:
    """Declare a field of a dataclass that holds such a parameter."""
    return field(default=default, metadata={"kind": kind})


def parameters_of(shape: Any) -> dict[str, Number | Labels]:
    """Return what a loss or penalty, or its class, declares, by name."""
    return _declared(shape if isinstance(shape, type) else type(shape))


@cache
def _declared(shape: type) -> dict[str, Number | Labels]:
    return {each.name: each.metadata["kind"] for each in fields(shape) if "kind" in each.metadata}


def check_parameters(shape: Any) -> None:
    """Hold the parameters of a loss or penalty to what they declare."""
    for name, kind in parameters_of(shape).items():
        object.__setattr__(shape, name, kind.check(name, getattr(shape, name)))
