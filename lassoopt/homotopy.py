"""The exact path: for least squares with an L1 penalty the solution is piecewise linear in lam, and here is every kink.

While the active features A and their signs s last, the equations of `primal_dual` give, in its units,

    v_A(lam) = G_AA^-1 (Z' t)_A - lam d,   d = G_AA^-1 (l s)_A,         z_j(lam) = p_j + lam q_j,   q_j = Z_j' Z_A d,

with ``lam l_j`` the level of feature j. A weight leaves where its line meets 0; a feature enters where its correlation
meets its level. The larger of these lam is the next knot (Osborne, Presnell & Turlach 2000; Efron et al. 2004). Who is
active beyond it is decided among the features tied there, those with ``v_j = 0`` and ``|z_j| = lam l_j``, by the
conditions on their slopes as lam falls, ``s_j d_j >= 0`` or ``s_j q_j >= l_j``: non-negative least squares, by the
method of Lawson & Hanson (1974, ch. 23). So any number of features may come and go at one knot.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np

from .certificate import Certificate
from .certify import certify
from .design import Array, Indices
from .errors import InputError
from .losses import Squared
from .model import Model, separable
from .penalties import ElasticNet
from .problem import Problem, require_problem
from .validation import nonnegative_number

_TIED = 1e-9  # relative distance from a level, or from 0, that is rounding
_PATIENCE = 1000  # linear solves for the null model
_ROUNDING = 1e-13  # of z, in units where the target has size 1
_DEPENDENT = 1e-10  # share of a column that the active ones leave unexplained; less is rounding


Change: TypeAlias = tuple[int, str, int]  # a feature, "enters" or "leaves", its sign
Solved: TypeAlias = tuple[Indices, Array, float]  # the features that are not 0, their weights, the intercept


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
        Its own lam plays no part.
    knots : array of shape (m,)
        Falling from lambda_max; the solution is linear in lam between neighbours, and the null model above.
    events : tuple of Event
        In the order of falling lam.
    """

    problem: Problem
    knots: Array
    events: tuple[Event, ...]
    _features: tuple[Indices, ...]  # with the weights below, the solution at each knot
    _weights: tuple[Array, ...]
    _intercepts: Array

    def coef(self, lam: float) -> Array:
        """The weights at lam, shape (p,).

        Raises
        ------
        InputError
            If lam is below the last knot.
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
            raise InputError(f"lam: found {lam!r}; allowed are numbers from the last knot on, {self.knots[-1]:g}")
        k = max(int(np.searchsorted(-self.knots, -lam, side="right")) - 1, 0)
        if lam >= self.knots[k]:
            return k, 0.0
        return k, float((self.knots[k] - lam) / (self.knots[k] - self.knots[k + 1]))

    def __len__(self) -> int:
        return len(self.knots)

    def __repr__(self) -> str:
        return (
            f"Homotopy({len(self)} knots from {self.knots[0]:.4g} to {self.knots[-1]:.4g}, "
            f"{self._features[-1].size} of {self.problem.shape[1]} weights nonzero at the end)"
        )


def homotopy(problem: Problem, down_to: float = 0.0) -> Homotopy:
    """Follow the exact solution of least squares with an L1 penalty from lambda_max down.

    Parameters
    ----------
    problem : Problem
        Squared loss with `L1` or `NonnegativeL1`; its own lam plays no part.
    down_to : float
        The lam to stop at.

    Returns
    -------
    Homotopy
        On Ctrl-C its finished part.

    Raises
    ------
    InputError
        For another loss or penalty, with which the path is not piecewise linear, or a ``down_to`` that is not a finite
        number >= 0.

    Examples
    --------
    >>> exact = homotopy(Problem([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]], [3.0, 1.0, 0.0], lam=0.0, intercept=False))
    >>> exact.knots.round(6).tolist(), [event.feature for event in exact.events]
    ([1.0, 0.333333, 0.0], ['x0', 'x1'])
    >>> exact.coef(0.5).round(6).tolist()
    [1.5, 0.0]
    """
    problem = require_problem(problem)
    down_to = nonnegative_number("down_to", down_to)
    if not (isinstance(problem.loss, Squared) and separable(problem)) or isinstance(problem.penalty, ElasticNet):
        raise InputError(
            f"problem: found {type(problem.loss).__name__} with {type(problem.penalty).__name__}; the path is "
            "piecewise linear, and allowed here, for the squared loss with l1 or nonnegative_l1"
        )
    knots: list[float] = []
    events: list[Event] = []
    points: list[tuple[Indices, Array, float]] = []
    try:
        for lam, changes, point in _Follower(problem).follow(down_to):
            knots.append(lam)
            points.append(point)
            events += [Event(lam, problem.feature_names[j], kind, sign) for j, kind, sign in changes]
    except KeyboardInterrupt:
        if not knots:
            raise
    features, weights, intercepts = zip(*points, strict=True)
    return Homotopy(problem, np.array(knots), tuple(events), features, weights, np.array(intercepts))


class _Follower:
    """The active features, their signs and weights at the current lam, over the slots of a `PrimalDual`."""

    def __init__(self, problem: Problem) -> None:
        self.problem, self.model = problem, Model(problem, problem.s, problem.y, None)
        self.inner = self.model.inner
        self.level = self.inner.unit_level
        finite = self.level[np.isfinite(self.level)]
        self.typical = float(finite.mean()) if finite.any() else 1.0  # what is small, where a level is 0
        self.signed = np.isfinite(self.level) & ((self.level > 0) | self.inner.nonnegative)

    def follow(self, down_to: float) -> Iterator[tuple[float, list[Change], Solved]]:
        """Knot by knot: lam, what changes there, and the solution there."""
        inner, lam = self.inner, max(self.problem.lambda_max, down_to)
        self.model.start(np.zeros(len(self.level)), lam)
        inner.settle(lam, patience=_PATIENCE)  # the null model
        lines = self._lines()
        while True:
            constant, slope, p, q = lines
            inner.v = constant - lam * slope
            entering, leaving = self._tied(lam, p + lam * q)
            inner.v[leaving] = 0.0
            changes = self._decide(entering, leaving) if lam > down_to else []
            yield lam, changes, self._point()
            if lam <= down_to:
                return
            lines = self._lines()
            lam = max(self._next(lam, *lines), down_to)

    def _lines(self) -> tuple[Array, Array, Array, Array]:
        """``v = constant - lam slope`` by slot, and ``z = p + lam q`` by feature, while the active features last."""
        inner, gram = self.inner, self.inner.gram
        inner.factor.use(inner.active)
        right = np.column_stack([gram.against_target, self.level[gram.features] * inner.sign])
        constant, slope = inner.factor.solve(np.where(inner.active[:, None], right, 0.0)).T
        data = inner.data
        fits = np.column_stack([data.target - gram.predict(constant), gram.predict(slope)])
        p, q = data.correlate(fits).T
        return constant, slope, p, q

    def _next(self, lam: float, constant: Array, slope: Array, p: Array, q: Array) -> float:
        """The next lam at which a feature meets its level or a weight meets 0; 0 if there is none."""
        inner, idle = self.inner, self.signed.copy()
        idle[inner.gram.features[inner.active]] = False
        meets = [0.0]
        for sign in (1.0,) if inner.nonnegative else (1.0, -1.0):
            closing = self.level - sign * q  # the speed at which z nears its level as lam falls
            near = idle & (closing > _TIED * self.level) & (sign * p > _ROUNDING)
            meets += (sign * p[near] / closing[near]).tolist()
        signed = inner.active & self.signed[inner.gram.features]
        falls = np.flatnonzero(signed & (slope * inner.sign < 0))
        meets += (constant[falls] / slope[falls]).tolist()
        before = np.array(meets)
        return float(before[before < lam * (1 - 1e-13)].max(initial=0.0))

    def _tied(self, lam: float, z: Array) -> tuple[Indices, Indices]:
        """The slots of inactive features at their level, and of active ones whose weight is 0."""
        inner, gram = self.inner, self.inner.gram
        reach = z if inner.nonnegative else np.abs(z)
        level = np.where(self.signed, self.level, 0.0)
        at_level = self.signed & (reach >= lam * (level - _TIED * np.maximum(level, self.typical)))
        at_level[gram.features[inner.active]] = False
        entering = inner.require(np.flatnonzero(at_level))
        inner.sign[entering] = 1.0 if inner.nonnegative else np.sign(z[gram.features[entering]])
        small = np.abs(inner.v) <= _TIED * np.abs(inner.v).max(initial=0.0)
        return entering, np.flatnonzero(inner.active & self.signed[gram.features] & small)

    def _decide(self, entering: Indices, leaving: Indices) -> list[Change]:
        """Who of the tied features is active from here on; what that changes."""
        inner, gram = self.inner, self.inner.gram
        before, tied = inner.active.copy(), np.concatenate([entering, leaving])
        inner.active[leaving] = False
        refused = np.zeros(len(gram), dtype=bool)
        level, sign = self.level[gram.features], inner.sign
        while True:
            moves = self._moves()
            waiting = tied[~inner.active[tied] & ~refused[tied]]
            # z follows the level of a feature that waits, or falls behind it
            lag = sign[waiting] * (gram.matrix[waiting] @ moves) - level[waiting]
            unit = np.maximum(level[waiting], self.typical)
            if not np.any(lag < -_TIED * unit):
                break
            best = waiting[np.argmin(lag / unit)]
            unexplained = inner.factor.schur_complement(np.array([best]))[0, 0]
            if unexplained <= _DEPENDENT * gram.matrix[best, best]:
                refused[best] = True
                continue
            inner.active[best] = True
            while True:
                new = self._moves()
                wrong = tied[inner.active[tied] & (sign[tied] * new[tied] <= 0)]
                if not wrong.size:
                    break
                share = np.min(moves[wrong] / (moves[wrong] - new[wrong]))
                moves = moves + share * (new - moves)
                stopped = wrong[sign[wrong] * moves[wrong] <= 1e-12 * np.abs(moves).max()]
                inner.active[stopped], moves[stopped] = False, 0.0
                if not stopped.size:
                    break
        entered, left = inner.active & ~before, before & ~inner.active
        return [
            *((int(gram.features[j]), "leaves", int(sign[j])) for j in np.flatnonzero(left)),
            *((int(gram.features[j]), "enters", int(sign[j])) for j in np.flatnonzero(entered)),
        ]

    def _moves(self) -> Array:
        """``d``: by how much each weight grows as lam falls by 1."""
        inner, gram = self.inner, self.inner.gram
        inner.factor.use(inner.active)
        return inner.factor.solve(np.where(inner.active, self.level[gram.features] * inner.sign, 0.0))

    def _point(self) -> Solved:
        coef, b = self.model.point()
        support = np.flatnonzero(coef)
        return support, coef[support], b
