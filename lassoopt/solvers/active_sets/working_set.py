"""A working set says which features of an L1 least squares problem are active, with which signs and weights.

In the units of `least_squares`, with ``z = Z' (t - Z v)`` and levels ``l_j = lam_j``, v is optimal iff

    v_j = 0, |z_j| <= l_j      or      v_j != 0, z_j = l_j sign(v_j) + ridge_j v_j.

Features that were ever looked at closely have a slot in a `Gram`. Where there are very many, most stay far from their
level: only those nearest to it are watched, and all are looked at from time to time.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, lapack

from ...arrays.design_matrix import Array, Indices, product
from .factor import Factor
from .least_squares import Gram, LeastSquares

_DEPENDENT = 1e-10  # a smaller share is rounding
_SLACK = 1e-10  # relative excess over its level that makes a feature a violator
_ROUNDING = 4e-15  # of z
_EXACT = 1e-11  # relative residual of the equations that is not worth refining
_MANY = 1000  # features; of so many, only some are watched between two looks at all
_LOOK_AGAIN = 0.85  # when lam has fallen by this factor since the last look
_HOLDS = 5  # rounds in which features that would take the wrong sign are kept from entering
_WATCHED, _WATCH_SHARE = 300, 2.0  # so many features are watched, and that multiple of the active ones


class WorkingSet:
    """It holds active features, their signs and weights, and the correlations of all features, at one lam at a time.

    Parameters
    ----------
    data : LeastSquares
    level, modulus : arrays of shape (p,)
        ``lam (level_j |w_j| + modulus_j w_j^2 / 2)`` is what w_j costs; a level may be 0 or inf.
    nonnegative : bool
    """

    def __init__(self, data: LeastSquares, level: Array, modulus: Array, nonnegative: bool) -> None:
        self.data, self.nonnegative = data, nonnegative
        self.gram = Gram(data)
        self.factor = Factor(self.gram)
        self.unit_level = level / data.unit / data.size
        self._unit_ridge = modulus / data.unit**2
        self._curved = bool(modulus.any())
        self.active = np.zeros(0, dtype=bool)  # these three by slot
        self.sign = np.zeros(0)
        self.v = np.zeros(0)
        self._r: Array | None = data.target
        self.z = np.zeros(len(level))  # known once started
        self.solves = 0
        self._all_known = False
        self._final = True  # whether all features must be looked at before an answer counts
        self._looked_at = np.inf  # lam at the last look at all of them
        self.watch = data.watch if len(level) >= _MANY else None
        self._turn_to(1.0)

    def know_all(self) -> None:
        """Compute all inner products once, which pays where there are many lam and more samples than features."""
        self.require(np.flatnonzero(np.isfinite(self.unit_level)))
        self._all_known, self.watch = True, None

    def start(self, features: Indices, weights: Array, lam: float) -> None:
        """Start from weights of some features, in the units of X, to be settled at lam; the free features join."""
        self._turn_to(lam)
        self._looked_at = np.inf
        free = np.flatnonzero(self.unit_level == 0)
        slots = self.require(np.union1d(features, free))
        self.v = np.zeros(len(self.gram))
        self.v[self.gram.slots[features]] = weights * self.data.unit[features] / self.data.size
        self.sign = np.sign(self.v)
        self.active = np.zeros(len(self.gram), dtype=bool)
        self.active[slots] = True
        self._move(self.v)
        try:
            self.factor.use(self.active)
        except LinAlgError:
            self.active[slots] = False
            self._enter(slots, 0.0)
            self._move(np.where(self.active, self.v, 0.0))
        self.sign[self.active & ~self._signed] = 0.0
        self.sign[self.active & (self.v == 0) & self._signed] = 1.0

    def _restore(self, active: NDArray[np.bool_], sign: Array, v: Array, z: Array) -> None:
        more = len(self.gram) - len(v)
        self.active = np.append(active, np.zeros(more, dtype=bool))
        self.sign, self.v = np.append(sign, np.zeros(more)), np.append(v, np.zeros(more))
        self._r, self.z = None, z.copy()

    @property
    def r(self) -> Array:
        """It is the residual ``t - Z v``."""
        if self._r is None:
            self._r = self.data.target - self.gram.predict(self.v)
        return self._r

    def coef(self) -> Array:
        """Return the weights of all features in the units of X."""
        w = np.zeros(len(self.data.unit))
        w[self.gram.features] = self.v * self.data.size / self.data.unit[self.gram.features]
        return w

    def _turn_to(self, lam: float) -> None:
        self.level = lam * self.unit_level if lam > 0 else np.where(np.isinf(self.unit_level), np.inf, 0.0)
        self._beyond = self.level * (1 + _SLACK) + _ROUNDING
        self._ridge = lam * self._unit_ridge
        if self._curved:
            self.factor.ridge = self._ridge[self.gram.features]
            self.factor.forget()

    @property
    def _signed(self) -> NDArray[np.bool_]:
        """It marks the slots that must keep their sign: all but those of free features."""
        return np.full(len(self.gram), True) if self.nonnegative else self.level[self.gram.features] > 0

    def require(self, features: Indices) -> Indices:
        """Return the slots of the features, made where there are none yet."""
        slots = self.gram.require(features)
        more = len(self.gram) - len(self.v)
        if more:
            self.active = np.append(self.active, np.zeros(more, dtype=bool))
            self.sign, self.v = np.append(self.sign, np.zeros(more)), np.append(self.v, np.zeros(more))
            self.factor.ridge = self._ridge[self.gram.features]
        return slots

    def _target(self) -> Array:
        """Find the minimiser on the active features, were the signs right."""
        self.solves += 1
        self.factor.use(self.active)
        pull = self.gram.against_target - self.level[self.gram.features] * self.sign
        return self.factor.solve(np.where(self.active, pull, 0.0))

    def _move(self, v: Array) -> None:
        self.v, self._r = v, None
        if self._all_known:
            self.z[self.gram.features] = self.gram.against_target - product(self.gram.matrix, v)
        elif self.watch is None:
            self.z = self.data.correlate(self.r)
        else:
            self.z[self.watch.features] = self.data.correlate_watched(self.r, self.watch)

    def _refine(self) -> None:
        """Take one step of iterative refinement: solve for the residual of the equations, computed from the data.

        On the way it is left out where the residual is small as it is.
        """
        if self._all_known and not self._final:
            return
        features = self.gram.features
        z = self.gram.columns.correlate(self.r)
        error = z - self.level[features] * self.sign - self._ridge[features] * self.v
        if not self._final and np.all(np.abs(error[self.active]) <= _EXACT * self.level[features][self.active]):
            return
        v = self.v + self.factor.solve(np.where(self.active, error, 0.0))
        self._move(np.where(self._signed & (v * self.sign < 0), 0.0, v))  # 0 up to rounding

    def _look_again(self, lam: float) -> None:
        """Look at all features if lam has fallen enough since the last time, and watch those nearest to their level."""
        if lam < _LOOK_AGAIN * self._looked_at:
            self.look(lam, None)

    def look(self, lam: float, z: Array | None) -> None:
        """Watch the features nearest to their level at lam, by their correlations z, computed if not known."""
        self._looked_at = lam
        wanted = _WATCHED + int(_WATCH_SHARE * np.count_nonzero(self.active))
        if self.watch is None or wanted > len(self.level) // 3:
            self.watch = None
            return
        self.z = self.data.correlate(self.r) if z is None else z
        nearness = self._magnitude(self.z) - self.level
        nearness[self.gram.features] = np.inf
        self.watch.add(np.argpartition(-nearness, wanted)[:wanted])

    def _magnitude(self, z: Array) -> Array:
        return z if self.nonnegative else np.abs(z)

    def _violators(self) -> Indices:
        """Find inactive features beyond their level, the worst first, among those watched."""
        return self._beyond_level(self.watch.features if self.watch is not None else np.arange(len(self.level)))

    def _beyond_level(self, features: Indices) -> Indices:
        excess = self._magnitude(self.z[features]) - self._beyond[features]
        found = np.flatnonzero(excess > 0)
        found = found[~np.append(self.active, False)[self.gram.slots[features[found]]]]  # slot -1 is inactive
        return features[found[np.argsort(-excess[found], kind="stable")]]

    def _surprises(self) -> Indices:
        """Find the violators among all features, once there are none among those watched."""
        if self.watch is None or not self._final:
            return np.zeros(0, dtype=np.intp)
        self.z = self.data.correlate(self.r)
        found = self._beyond_level(np.arange(len(self.level)))
        self.watch.add(found)
        return found

    def _enter(self, slots: Indices, new: float) -> int:
        """Make those of the slots active of which a share ``new`` is not explained yet; return how many these were.

        A pivoted Cholesky factorisation of the Schur complement of the active features tells. If ``new`` is not 0, only
        those enter that would keep their sign, the active features following.
        """
        if not slots.size:
            return 0
        self.factor.use(self.active)
        S = self.factor.schur_complement(slots)
        left = np.diag(S)
        independent = np.flatnonzero(left > _DEPENDENT * np.diag(self.gram.matrix)[slots])
        if independent.size > 1:
            unit = 1 / np.sqrt(left[independent])
            correlations = np.asfortranarray(S[np.ix_(independent, independent)] * np.outer(unit, unit))
            _, pivots, rank, _ = lapack.dpstrf(correlations, tol=max(new, _DEPENDENT), lower=1)
            independent = independent[pivots[:rank] - 1]
        chosen = slots[independent]
        features = self.gram.features[chosen]
        sign = np.where(self.v[chosen] == 0, 1.0 if self.nonnegative else np.sign(self.z[features]), self.sign[chosen])
        sign[~self._signed[chosen]] = 0.0
        if new and chosen.size > 1:
            pull = self.z[features] - self.level[features] * sign
            kept = _consistent(S[np.ix_(independent, independent)], pull, sign)
            chosen, sign = chosen[kept], sign[kept]
        self.active[chosen], self.sign[chosen] = True, sign
        return chosen.size

    def _take_signs(self) -> None:
        """Take the active features and signs from v."""
        self.sign = np.where(self._signed, np.sign(self.v), 0.0)
        self.active = (self.v != 0) | (self.active & ~self._signed)


def _consistent(S: Array, pull: Array, sign: Array) -> Indices:
    """Find which weights ``S^-1 pull`` have the sign they should, those that have not being held at 0 in turn."""
    kept = np.arange(len(pull))
    for _ in range(_HOLDS):
        _, weights, info = lapack.dposv(S[np.ix_(kept, kept)], pull[kept], lower=1)
        right = weights * sign[kept] >= 0
        if info or right.all() or not right.any():
            break
        kept = kept[right]
    return kept
