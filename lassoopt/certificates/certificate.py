"""The optimality certificate: ``(problem, coef, intercept, theta) -> Certificate``, recomputed from the data.

`Proof` says what is proven and how; here it is told in words, tables and files.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from . import explanation, file_writer, words
from .kkt import ACTIVE, BOUNDARY, HELD, VIOLATED, Row
from .proof import Proof

__all__ = ["ACTIVE", "BOUNDARY", "HELD", "VIOLATED", "Certificate", "Row"]


class Certificate(Proof):
    """What is proven about a point, by Fenchel duality, with the table that explains every zero; made by `certify`."""

    def explain(self, feature: str | int) -> str:
        """One feature's story in two sentences, with its numbers."""
        return explanation.explain(self, feature)

    def save(self, path: str | Path) -> None:
        """Write a certificate file, which `verify` checks against the data for anyone who trusts nobody.

        It states the problem in full, the SHA-256 of X and y, the coefficients and theta, and what these prove: bounds
        on the objective here and on its minimum, and the features that are 0 in every optimal solution. The format is
        told in `lassoopt.verifier.file_format`.

        Raises
        ------
        InputError
            For a loss or penalty of the user's own, if nothing is proven, as the gap is infinite, or if the file cannot
            be written.
        """
        file_writer.save(self, path)

    def as_dict(self) -> dict[str, Any]:
        """Everything in plain numbers, strings and lists, ready for JSON."""
        return words.as_dict(self)

    def __repr__(self) -> str:
        verdict = "certified" if self.certified else "not certified"
        return f"Certificate({verdict}: relative gap {self.relative_gap:.2e}, tol {self.tol:.0e})"

    def __str__(self) -> str:
        return words.text(self)

    def _repr_html_(self) -> str:
        return words.html(self)
