"""A `Certificate` says what is proven about a point; everything in it is recomputed from the data.

`Proof` holds what is proven and how; this module adds the words, the table and the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import explanation, file_writer, words
from .kkt import ACTIVE, BOUNDARY, HELD, VIOLATED, Row
from .proof import Proof

__all__ = ["ACTIVE", "BOUNDARY", "HELD", "VIOLATED", "Certificate", "Row"]


@dataclass(frozen=True, eq=False, repr=False)
class Certificate(Proof):
    """A certificate says what is proven about a point, and explains every zero in a table; `certify` makes it."""

    def explain(self, feature: str | int) -> str:
        """Tell one feature's story in two sentences, with its numbers."""
        return explanation.explain(self, feature)

    def save(self, path: str | Path) -> None:
        """Write a certificate file, which `verify` checks against the data for anyone who trusts nobody.

        The file states the problem in full, the SHA-256 of X and y, the coefficients and theta, and what these prove:
        bounds on the objective here and on its minimum, and the features that are 0 in every optimal solution.
        `lassoopt.verifier.file_format` describes the format.

        Raises
        ------
        InputError
            If the loss or the penalty is the user's own, if nothing is proven, as the gap is infinite, or if the file
            cannot be written.
        """
        file_writer.save(self, path)

    def as_dict(self) -> dict[str, Any]:
        """Return the content as plain numbers, strings and lists, which can be written as JSON."""
        return words.as_dict(self)

    def __repr__(self) -> str:
        verdict = "certified" if self.certified else "not certified"
        return f"Certificate({verdict}: relative gap {self.relative_gap:.2e}, tol {self.tol:.0e})"

    def __str__(self) -> str:
        return words.text(self)

    def _repr_html_(self) -> str:
        return words.html(self)
