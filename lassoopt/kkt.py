"""The rows of the optimality table: one feature's condition each."""

from __future__ import annotations

from dataclasses import dataclass

ACTIVE, HELD, BOUNDARY, VIOLATED = "active", "zero, held", "zero, on the boundary", "violated"


@dataclass(frozen=True)
class Row:
    """One feature's optimality condition.

    Attributes
    ----------
    name, coef : str, float
    gradient : float
        ``dLoss/dw_j`` at the given point.
    lam : float
        ``lam_j``: the size the gradient (or its group's norm) must reach for ``w_j`` to leave 0.
    margin : float
        How far inside its bound the condition is that holds ``w_j`` at 0; for an active feature, minus
        the distance of its gradient from where it must be.
    gain : float
        What moving this one weight would take off the objective, at the least.
    state : str
        "active", "zero, held", "zero, on the boundary" or "violated" (``gain`` above tolerance).
    proven_zero : bool
        Whether the feature is 0 in every optimal solution.
    proven_sign : int
        The sign of ``w_j`` in every optimal solution, 0 if that is not proven.
    """

    name: str
    coef: float
    gradient: float
    lam: float
    margin: float
    gain: float
    state: str
    proven_zero: bool
    proven_sign: int
