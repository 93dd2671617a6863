"""`homotopy` finds the exact path: with squared loss and L1 it is piecewise linear in lam, and here is every kink.

`knots` finds the kinks one after the other. Each is checked against the data, and where rounding would decide what
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
    """An event is what happens at a knot as lam falls: a feature "enters" with a sign, or "leaves", having had it."""

    lam: float
    feature: str
    kind: str
    sign: int


@dataclass(frozen=True, eq=False, repr=False)
class Homotopy:
    """A homotopy is the exact solution at every lam from ``knots[-1]`` on; the function `homotopy` makes it.

    Attributes
    ----------
    problem : Problem
        The problem that is followed; its own lam, if it has one, plays no part.
    knots : array of shape (m,)
        The knots fall from lambda_max. Between two the solution is linear in lam; above all it is the null model.
    events : tuple of Event
        What happens at the knots, in the order of falling lam.
    ended : str
        Why the path ends above the lam that was asked for; it is empty if it does not.
    """

    problem: Problem
    knots: Array
    events: tuple[Event, ...]
    ended: str
    _features: tuple[Indices, ...]  # those not 0 at each knot; with the weights below, the solution there
    _weights: tuple[Array, ...]
    _intercepts: Array

    def coef(self, lam: float) -> Array:
        """Return the weights at lam, shape (p,).

        Raises
        ------
        InputError
            If lam is below the last knot. It says why the path ends there, if that is not as asked.
        """
        k, share = self._place(lam)
        w = np.zeros(self.problem.shape[1])
        w[self._features[k]] = (1 - share) * self._weights[k]
        if share > 0:
            w[self._features[k + 1]] += share * self._weights[k + 1]
        return w

    def intercept(self, lam: float) -> float:
        """Return the intercept at lam."""
        k, share = self._place(lam)
        return float((1 - share) * self._intercepts[k] + (share * self._intercepts[k + 1] if share > 0 else 0.0))

    def certificate(self, lam: float, *, tol: float = 1e-8) -> Certificate:
        """Certify the solution at lam."""
        return certify(self.problem.with_lam(lam), self.coef(lam), self.intercept(lam), tol=tol)

    def _place(self, lam: float) -> tuple[int, float]:
        """Return the last knot at or above lam, and which share of the way to the next one lam has gone."""
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
        A problem of squared loss with `L1` or `NonnegativeL1`; it needs no lam, and its own plays no part.
    down_to : float
        The lam to stop at.

    Returns
    -------
    Homotopy
        The weights at every knot, rounded to double precision, pass a check against the data: their duality gap is at
        most 1e-9 of the null model's, and each correlation is at its level, or within, to 1e-9 of that level or to
        rounding. Where that fails, as where columns are all but dependent, the path ends above and `Homotopy.ended`
        says why. After Ctrl-C it is the finished part.

    Raises
    ------
    InputError
        If not even the null model passes that check, if the loss or the penalty is another one, so that the path is not
        piecewise linear, or if ``down_to`` is not a finite number >= 0.

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
