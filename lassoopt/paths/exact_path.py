"""The exact path: for least squares with an L1 penalty the solution is piecewise linear in lam, and here is every kink.

Kinks are found one after the other by `knots`. Each is checked against the data, and where rounding would decide what
comes next, the path ends and says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..arrays.arguments import nonnegative_number
from ..arrays.design_matrix import Array, Indices
from ..certificates.certificate import Certificate
from ..certificates.certification import certify
from ..errors import InputError
from ..problems.problem import Problem, require_problem
from .knots import Follower, Solved


class Event(NamedTuple):
    """What happens at a knot as lam falls: a feature "enters" with a sign, or "leaves", having had it."""

    lam: float
    feature: str
    kind: str
    sign: int


@dataclass(frozen=True, eq=False, repr=False)
class Homotopy:
    """The exact solution at every lam from ``knots[-1]`` on; made by `homotopy`.

    Attributes
    ----------
    problem : Problem
        The one followed; its own lam, if it has one, plays no part.
    knots : array of shape (m,)
        Falling from lambda_max; the solution is linear in lam between neighbours, and the null model above.
    events : tuple of Event
        In the order of falling lam.
    ended : str
        Why the path ends above the lam it was to go to; empty if it does not.
    """

    problem: Problem
    knots: Array
    events: tuple[Event, ...]
    ended: str
    _features: tuple[Indices, ...]  # with the weights below, the solution at each knot
    _weights: tuple[Array, ...]
    _intercepts: Array

    def coef(self, lam: float) -> Array:
        """The weights at lam, shape (p,).

        Raises
        ------
        InputError
            If lam is below the last knot; it says why the path ends there, if it should not.
        """
        k, share = self._place(lam)
        w = np.zeros(self.problem.shape[1])
        w[self._features[k]] = (1 - share) * self._weights[k]
        if share > 0:
            w[self._features[k + 1]] += share * self._weights[k + 1]
        return w

    def intercept(self, lam: float) -> float:
        """The intercept at lam."""
        k, share = self._place(lam)
        return float((1 - share) * self._intercepts[k] + (share * self._intercepts[k + 1] if share > 0 else 0.0))

    def certificate(self, lam: float, *, tol: float = 1e-8) -> Certificate:
        """The certificate of the solution at lam."""
        return certify(self.problem.with_lam(lam), self.coef(lam), self.intercept(lam), tol=tol)

    def _place(self, lam: float) -> tuple[int, float]:
        """The last knot at or above lam, and how far lam is on the way to the next, as a share."""
        lam = nonnegative_number("lam", lam)
        if lam < self.knots[-1]:
            why = f"; the path ends there: {self.ended}" if self.ended else ""
            raise InputError(f"lam: found {lam!r}; allowed are numbers from the last knot on, {self.knots[-1]:g}{why}")
        k = max(int(np.searchsorted(-self.knots, -lam, side="right")) - 1, 0)
        if lam >= self.knots[k]:
            return k, 0.0
        return k, float((self.knots[k] - lam) / (self.knots[k] - self.knots[k + 1]))

    def __len__(self) -> int:
        return len(self.knots)

    def __repr__(self) -> str:
        why = f"; ended early: {self.ended}" if self.ended else ""
        return (
            f"Homotopy({len(self)} knots from {self.knots[0]:.4g} to {self.knots[-1]:.4g}, "
            f"{self._features[-1].size} of {self.problem.shape[1]} weights nonzero at the end{why})"
        )


def homotopy(problem: Problem, down_to: float = 0.0) -> Homotopy:
    """Follow the exact solution of least squares with an L1 penalty from lambda_max down.

    Parameters
    ----------
    problem : Problem
        Squared loss with `L1` or `NonnegativeL1`; it needs no lam, and its own plays no part.
    down_to : float
        The lam to stop at.

    Returns
    -------
    Homotopy
        Every knot is checked against the data, as rounded to double precision: with a duality gap of at most 1e-9 of
        the null model's, and each correlation at its level, or within, to 1e-9 of that level or to rounding. Where
        that fails, as where columns are all but dependent, the path ends above and `Homotopy.ended` says why.
        On Ctrl-C its finished part.

    Raises
    ------
    InputError
        If not even the null model passes that check, for another loss or penalty, with which the path is not piecewise
        linear, or a ``down_to`` that is not a finite number >= 0.

    Examples
    --------
    >>> exact = homotopy(Problem([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]], [3.0, 1.0, 0.0], intercept=False))
    >>> exact.knots.round(6).tolist(), [event.feature for event in exact.events]
    ([1.0, 0.333333, 0.0], ['x0', 'x1'])
    >>> exact.coef(0.5).round(6).tolist()
    [1.5, 0.0]
    """
    problem = require_problem(problem)
    down_to = nonnegative_number("down_to", down_to)
    if not (problem.loss.quadratic and problem.penalty.separable and problem.penalty.is_norm):
        raise InputError(
            f"problem: found {type(problem.loss).__name__} with {type(problem.penalty).__name__}; the path is "
            "piecewise linear, and allowed here, for the squared loss with l1 or nonnegative_l1"
        )
    knots: list[float] = []
    events: list[Event] = []
    points: list[Solved] = []
    follower = Follower(problem)
    try:
        for lam, changes, point in follower.follow(down_to):
            knots.append(lam)
            points.append(point)
            events += [Event(lam, problem.feature_names[j], kind, sign) for j, kind, sign in changes]
    except KeyboardInterrupt:
        if not knots:
            raise
        follower.ended = "it was interrupted"
    if not knots:
        raise InputError(f"problem: found one whose null model is beyond double precision ({follower.ended})")
    features, weights, intercepts = zip(*points, strict=True)
    return Homotopy(problem, np.array(knots), tuple(events), follower.ended, features, weights, np.array(intercepts))
