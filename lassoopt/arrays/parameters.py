"""Parameters of losses and penalties: each is a field that states its range, and what the command line says of it.

    delta: float = parameter(1.35, Number(0, math.inf, "where huber turns linear, in units of the target"))

`check_parameters` holds the fields to what they state; whoever offers parameters to a user asks `parameters_of`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
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

    def check(self, name: str, value: Any) -> float:
        """The value as a float, or an InputError if it is no number of the range."""
        allowed = f"a number from {self.low:g} to {self.high:g}"
        if not self.closed:
            below = "" if math.isinf(self.high) else f" and below {self.high:g}"
            allowed = f"a finite number above {self.low:g}{below}"
        found = finite_number(name, value, allowed)
        if self.low < found < self.high or (self.closed and found in (self.low, self.high)):
            return found
        raise InputError(f"{name}: found {value!r}; allowed is {allowed}")

    def read(self, text: str) -> float:
        """The number that the text of a command line stands for."""
        return float(text)


@dataclass(frozen=True)
class Labels:
    """One label a feature; ``help`` says what it means, ``example`` is how it is passed."""

    help: str
    example: str
    metavar: ClassVar[str] = "A,A,B"

    def check(self, name: str, value: Any) -> Any:
        """The labels as a read-only array, or an InputError."""
        return label_array(name, value, f"is one integer or string label a feature, as in {self.example}")

    def read(self, text: str) -> list[str]:
        """The labels that the text of a command line stands for."""
        return [label.strip() for label in text.split(",")]


def parameter(default: Any, kind: Number | Labels) -> Any:
    """A field of a dataclass that holds a parameter of this kind."""
    return field(default=default, metadata={"kind": kind})


def parameters_of(shape: Any) -> dict[str, Number | Labels]:
    """The parameters of a loss or penalty, or of its class, by their names."""
    return {each.name: each.metadata["kind"] for each in fields(shape) if "kind" in each.metadata}


def check_parameters(shape: Any) -> None:
    """Check every parameter of a loss or penalty, and store it as the numbers or labels that it is."""
    for name, kind in parameters_of(shape).items():
        object.__setattr__(shape, name, kind.check(name, getattr(shape, name)))
