"""`knots` follows the exact path of `homotopy` from one knot to the next.

While the active features A and their signs s last, `refined_equations` gives, in its units,

    v_A(lam) = G_AA^-1 (Z' t)_A - lam d,   d = G_AA^-1 (l s)_A,         z_j(lam) = Z_j' r(lam) = p_j + lam q_j,

with ``lam l_j`` the level of feature j. A weight leaves where its line meets 0; a feature enters where its correlation
meets its level. The larger of these lam is the next knot (Osborne, Presnell & Turlach 2000; Efron et al. 2004). There,
some features are tied: those with ``v_j = 0`` and ``|z_j| = lam l_j``. Which of them are active beyond the knot follows
from the conditions on their slopes as lam falls, ``s_j d_j >= 0`` or ``s_j q_j >= l_j``. This is non-negative least
squares, solved by the method of Lawson & Hanson (1974, ch. 23), so that any number of features may come and go at one
knot.

Every comparison is made in the units of its own feature, so that no column's scale touches another's. Correlations are
computed in double precision with a bound on their error, and to more digits where that leaves a question open. The
weights found at a knot are rounded and then checked against the data; so they hold on the whole segment above.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError

from ..arrays.design_matrix import Array, Indices, product
from ..arrays.precision import EXTENDED_ROUNDOFF, UNIT_ROUNDOFF
from ..problems.problem import Problem
from .refined_equations import SINGULAR, ActiveEquations, Extended, ExtendedColumns, times

_TIED = 1e-10  # a correlation as near to its level as this, or a weight to 0 (relative), is there but for rounding
_RIGHT = 1e-9  # the check passes a gap of this share of the null model's, and a distance of this share of a level
_STALL = 1e-13  # knots as near to each other as this (relative) are rounding, if many follow each other
_SAME = 1e-11  # a lambda_max as near to the problem's own as this (relative) differs by rounding alone

Change: TypeAlias = tuple[int, str, int]  # a feature, "enters" or "leaves", its sign
Solved: TypeAlias = tuple[Indices, Array, float]  # the features that are not 0, their weights, the intercept


class _EndsHereError(Exception):
    """The path cannot be followed any further, for this reason."""


class _Line(NamedTuple):
    """Each part is linear in lam: ``v(lam) = v[0] + lam v[1]`` by active feature, ``r`` the residual, ``z = Z' r``."""

    r: Extended
    v: Extended
    z: Array
    error: Array  # a bound on that of z
    noise: Array  # the same for products in extended precision, divided by |Z_j|


class Follower:
    """A follower holds the active features, their signs, and the line on which the solution moves as lam falls.

    Attributes
    ----------
    ended : str
        Why `follow` could not go on to the lam that was asked for; it is empty while it can.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem, self.columns = problem, ExtendedColumns(problem)
        self.equations = ActiveEquations(self.columns)
        self.ended = ""
        self._nonnegative = problem.penalty.nonnegative
        allowed = (self.columns.size > 0) & ~problem.penalty.excluded
        level = np.where(allowed, problem.penalty.threshold(1.0), 0.0).astype(np.longdouble)
        self._level = np.ldexp(level, -self.columns.exponent - self.columns.target_exponent)
        with np.errstate(over="ignore", under="ignore"):
            self._rough_level = self._level.astype(float)
        self._free = allowed & (level == 0)
        self._signed = allowed & (~self._free | self._nonnegative)
        self._sign = np.zeros(len(level))
        self._stalled = 0  # how many knots in a row were as good as the same
        self._dependent = np.zeros(len(level), dtype=bool)  # on the active features, up to rounding

    def follow(self, down_to: float) -> Iterator[tuple[float, list[Change], Solved]]:
        """Yield, knot by knot, lam, what changes there, and the solution there."""
        try:
            self._start()
            top = self._top()
            self._allowed = _RIGHT * self._scale if top > 0 else np.inf  # of a gap; without a top there may be no scale
            lam = max(top, down_to)
            while True:
                entering, leaving, line = self._entering(lam), self._leaving(lam), self._line
                if leaving.size:
                    self._remove(leaving)
                    self._solve()
                point, changes = self._point(lam), list[Change]()
                self._check(lam, point, line, np.concatenate([entering, leaving]))
                try:
                    changes = self._decide(entering, leaving) if lam > down_to else []
                except (_EndsHereError, LinAlgError) as error:  # this knot is right, and the last
                    self.ended = str(error)
                yield lam, changes, point
                if lam <= down_to or self.ended:
                    return
                lam = max(self._next(lam), down_to)
        except (_EndsHereError, LinAlgError) as error:
            self.ended = str(error)

    def _start(self) -> None:
        """Begin with the null model: the independent free features, positive ones only if none may be negative."""
        free = self._free
        if self._nonnegative:
            free = free & (self.problem.null_coef > 0)
            self._sign[free] = 1.0
        for feature in np.flatnonzero(free).tolist():
            self.equations.add(feature)
        self._solve()
        while self._nonnegative and np.any(self._line.v[0] <= 0):
            self._remove(self.equations.features[[np.argmin(self._line.v[0])]])
            self._solve()
        self._scale = 0.5 * float(self._line.r[0].dot(self._line.r[0]))
        self._fitted = 1 + float(abs(self._line.v[0]) @ self.columns.size[self.equations.features])

    def _top(self) -> float:
        """Return the largest lam at which a feature meets its level (the problem's own, if it is the same), or 0."""
        line, some = self._line, np.flatnonzero(self._signed & (self._level > 0))
        level, error = self._level[some], line.error[0, some]
        reach = self._reach(line.z[0, some])
        near = reach + error >= level * ((reach - error) / level).max(initial=0.0)
        level, some = level[near], some[near]
        reach = self._reach(self._sharp(some)[0])
        # less than that is the rounding of data, as of a column in the span of free ones
        reach = np.where(reach > SINGULAR * self.columns.size[some] * np.sqrt(2 * self._scale), reach, 0.0)
        if np.sqrt(2 * self._scale) <= SINGULAR * self._fitted:
            return 0.0
        found, given = float((reach / level).max(initial=0.0)), self.problem.lambda_max
        return given if abs(given - found) <= _SAME * found else found

    def _solve(self) -> None:
        """Compute the line on which the solution moves while the active features and their signs last."""
        features, target = self.equations.features, self.columns.target
        pull = self._level[features] * self._sign[features]
        f, g = np.stack([target, 0 * target]), np.stack([0 * pull, pull])
        r, v = self.equations.solve(f, g)
        # of products with r in extended precision, and of r itself
        size = np.sqrt([x.dot(x) for x in r])
        reach = np.array([1.0, 0.0]) + abs(v) @ self.columns.size[features]
        noise = 8 * EXTENDED_ROUNDOFF * (len(target) * size + 8 * reach)
        z, error = self.columns.correlate(r)
        if not (np.isfinite(z).all() and np.isfinite(error).all()):
            why = "there the sizes of columns and levels are further apart than double precision reaches"
            raise _EndsHereError(why)
        self._line = _Line(r, v, z, error + np.outer(noise, self.columns.size).astype(float), noise)

    def _remove(self, features: Indices) -> None:
        self.equations.remove(features)
        self._dependent[:] = False

    def _sharp(self, features: Indices) -> Extended:
        """Compute z of these features in extended precision; the two rows are its value at lam = 0 and its slope."""
        return times(self.columns.rows(features), self._line.r)

    def _reach(self, z: Array) -> Array:
        """Return how far z goes towards the levels that a feature may meet."""
        return z if self._nonnegative else abs(z)

    def _idle(self) -> NDArray[np.bool_]:
        """Return which features may enter: those with a level that are not active."""
        idle = self._signed.copy()
        idle[self.equations.features] = False
        return idle

    def _entering(self, lam: float) -> Indices:
        """Return the idle features at their level, and note the sign that each would have."""
        if lam == 0:
            return np.zeros(0, dtype=np.intp)
        line, lowest = self._line, (1 - _TIED) * lam * self._level
        reach = self._reach(line.z[0] + lam * line.z[1]) + line.error[0] + lam * line.error[1]
        near = np.flatnonzero(self._idle() & ~self._dependent & (reach >= lowest))
        p, q = self._sharp(near)
        z, noise = p + lam * q, (line.noise[0] + lam * line.noise[1]) * self.columns.size[near]
        tied = self._reach(z) >= lowest[near] - noise
        self._sign[near[tied]] = 1.0 if self._nonnegative else np.sign(z[tied])
        return near[tied]

    def _leaving(self, lam: float) -> Indices:
        """Return the active features whose weight is 0."""
        features, (constant, slope) = self.equations.features, self._line.v
        value, size = self._sign[features] * (constant + lam * slope), abs(constant) + lam * abs(slope)
        return features[self._signed[features] & (value <= _TIED * size)]

    def _point(self, lam: float) -> Solved:
        features = self.equations.features
        return features, *self.columns.weights(features, self._line.v[0] + lam * self._line.v[1])

    def _check(self, lam: float, point: Solved, line: _Line, tied: Indices) -> None:
        """Check that this is the solution, by its duality gap and the conditions of the features that come or go.

        The dual point is a multiple of the rounded weights' residual, made orthogonal to the free features.

        Raises
        ------
        _EndsHereError
            If it is not the solution.
        """
        features, w, b = point
        size, level = self.columns.size, lam * self._level
        v, off = self.columns.units(features, w, b)
        Z = self.equations.rows
        r = self.columns.target - Z.T.dot(v)
        moved = np.linalg.norm((r - line.r[0] - lam * line.r[1]).astype(float))
        rounding = 8 * UNIT_ROUNDOFF * size * (1 + float(abs(v) @ size[features]))
        reach = self._reach(line.z[0] + lam * line.z[1]) + line.error[0] + lam * line.error[1] + size * moved
        idle = self._idle()
        idle[tied] = False
        beyond = np.flatnonzero(idle & (reach > level + rounding))
        basis = self.equations.basis[:, : np.count_nonzero(~self._signed[features])]  # of the free features
        free = product(basis, product(basis.T, r.astype(float)))
        r = r - free
        signed = self._signed[features]
        held, z = np.append(features[signed], tied), np.append(Z.dot(r)[signed], self.columns.rows(tied).dot(r))
        off_level = self._sign[held] * z - level[held]
        excess = self._reach(self.columns.rows(beyond).dot(r)) - level[beyond]
        gap = abs(v[signed]) @ abs(off_level[: np.count_nonzero(signed)])
        gap += 0.5 * (free @ free + float(self.columns.total) * off**2)
        if (
            np.any(abs(off_level) > _RIGHT * level[held] + rounding[held])
            or np.any(excess > _RIGHT * level[beyond] + rounding[beyond])
            or np.any(self._sign[features] * w < 0)
            or not gap <= self._allowed
        ):
            raise _EndsHereError("below, no weights in double precision were found that meet the conditions to 1e-9")

    def _decide(self, entering: Indices, leaving: Indices) -> list[Change]:
        """Choose which tied features are active from here on, and return what that changes.

        Raises
        ------
        _EndsHereError
            If rounding would decide.
        """
        equations, sign, tied = self.equations, self._sign, np.concatenate([entering, leaving])
        before, waiting, left = {*equations.features.tolist(), *leaving.tolist()}, tied, 10 + 3 * tied.size
        while waiting.size:
            level, size = self._level[waiting], self.columns.size[waiting]
            # z follows the level of a feature that waits, or falls behind it
            lag = sign[waiting] * self._sharp(waiting)[1] - level
            ahead = lag < -_TIED * level - self._line.noise[1] * size
            if not ahead.any():
                break
            best, left = int(waiting[ahead][np.argmin((lag / size)[ahead])]), left - 1
            if not left:
                raise _EndsHereError("there rounding would decide which of the features at their level are active")
            moves = self._moves()
            if not equations.add(best):  # it depends on the others, so it adds nothing; else the next check fails
                self._dependent[best] = True
                waiting = waiting[waiting != best]
                continue
            while True:
                self._solve()
                new = self._moves()
                wrong = tied[~self._idle()[tied] & (sign[tied] * new[tied] <= 0)]
                if not wrong.size:
                    break
                gone = moves[wrong] - new[wrong]
                share = np.divide(moves[wrong], gone, out=np.zeros_like(gone), where=gone != 0)
                stopped = wrong[share <= share.min() * (1 + _TIED)]
                moves = moves + share.min() * (new - moves)
                moves[stopped] = 0.0
                self._remove(stopped)
            waiting = tied[self._idle()[tied] & ~self._dependent[tied]]
        after = set(equations.features.tolist())
        return [
            *((j, "leaves", int(sign[j])) for j in sorted(before - after)),
            *((j, "enters", int(sign[j])) for j in sorted(after - before)),
        ]

    def _moves(self) -> Array:
        """Return ``d``: by how much each weight grows as lam falls by 1."""
        moves = np.zeros(len(self._level))
        moves[self.equations.features] = -self._line.v[1]
        return moves

    def _next(self, lam: float) -> float:
        """Return the next lam at which a feature meets its level or a weight meets 0; it is 0 if there is none."""
        line, features = self._line, self.equations.features
        falls = self._signed[features] & (self._sign[features] * line.v[1] > 0)
        meets = -line.v[0][falls] / line.v[1][falls]
        found = meets[meets < lam].max(initial=0.0)
        idle = np.flatnonzero(self._idle() & ~self._dependent)
        level = self._rough_level[idle]
        # as lam falls, z and its level move towards each other at the speed `closing`, for each sign of the level
        sign = np.array([[1.0]]) if self._nonnegative else np.array([[1.0], [-1.0]])
        start, closing = sign * line.z[0, idle], level - sign * line.z[1, idle]
        error, blur = line.error[:, idle]
        with np.errstate(divide="ignore", invalid="ignore"):
            at_least = np.where(start > error, (start - error) / np.maximum(closing + blur, 0.0), 0.0)
            at_most = (start + error) / np.maximum(closing - blur, 0.0)
        surely = max(found, at_least[at_least < lam * (1 - _RIGHT)].max(initial=0.0))
        which, some = np.nonzero((start > -error) & (closing > -blur) & (at_most >= surely))
        some = idle[some]
        (start, slope), size = sign[which, 0] * self._sharp(some), self.columns.size[some]
        closing = self._level[some] - slope
        near = (start > line.noise[0] * size) & (closing > _TIED * self._level[some] + line.noise[1] * size)
        meets = start[near] / closing[near]
        found = max(found, meets[meets < lam].max(initial=0.0))
        found = min(float(found), float(np.nextafter(lam, 0.0)))
        self._stalled = self._stalled + 1 if found > lam * (1 - _STALL) else 0
        if self._stalled > 2 * len(self._level) + 10:
            raise _EndsHereError("from there on knots are closer to each other than double precision can tell apart")
        return found
