"""The primal-dual active set method solves least squares with an L1 penalty.

Guess which features are active and their signs s; then, in the notation of `working_set`, ``(G + ridge)_AA v_A = (Z' t
- l s)_A`` is one linear solve. What it gets wrong makes the next guess: active features whose sign turned out otherwise
leave, others with ``|z_j| > l_j`` enter. Started near, as from the solution at a lam not far off, that settles in a few
solves (Fan, Jiao & Lu 2014; a semismooth Newton method: Hintermueller, Ito & Kunisch 2002). Of violators that explain
the same, only some enter.

Where it does not settle, descent takes over, which cannot fail to: the same solves, but each step stops at the
minimum of the objective on its way, so that the objective falls and no guess comes twice (feature-sign search: Lee,
Battle, Raina & Ng 2006). Features that depend on active ones are exchanged for one of these, at equal predictions.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import LinAlgError

from ...arrays.design_matrix import Array
from .working_set import WorkingSet

_GUESSES = 12  # of the primal-dual method before descent
_FEW, _SHARE = 30, 0.5  # as many violators enter at once, or that share of the active features
_NEW = 0.05  # the share of a violator that must be explained neither by active features nor by those entering with it


class PrimalDual(WorkingSet):
    """A `WorkingSet` settles here: at each lam it finds the active features, their signs and weights."""

    def settle(self, lam: float, *, final: bool = True, patience: int = 0) -> bool:
        """Solve at lam, starting from the last solution; False, and all as before, if it does not settle.

        On the way to a smaller lam, ``final=False`` is content if no feature that is watched violates its level.
        ``patience`` is how many steps `_descend` may take where guessing fails.
        """
        self._turn_to(lam)
        self._final = final
        self._look_again(lam)
        before, settled = (self.active, self.sign, self.v, self.z.copy()), False
        try:
            settled = self._guess()
            if not settled and patience:
                self._restore(*before)
                settled = self._descend(patience)
        except LinAlgError:
            pass  # as good as not settled
        finally:
            if not settled:
                self._restore(*before)
        return settled

    def _guess(self) -> bool:
        """Try the primal-dual method; False if it does not settle soon."""
        guesses = 0
        while guesses < _GUESSES:
            guesses += 1
            v = self._target()
            flipped = self.active & self._signed & (v * self.sign < 0)
            self._move(v)
            violators = self._violators()
            if not flipped.any() and not violators.size:
                violators, guesses = self._surprises(), 0
                if not violators.size:
                    self._refine()
                    return True
            self.active = self.active & ~flipped
            most = max(_FEW, int(_SHARE * np.count_nonzero(self.active)))
            if not self._enter(self.require(violators[:most]), _NEW) and not flipped.any():
                return False
        return False

    def _descend(self, limit: int) -> bool:
        """Feature-sign search with exact line searches; False if ``limit`` steps are not enough."""
        self._take_signs()
        settled_before: set[bytes] = set()
        for _ in range(limit):
            target = self._target()
            direction = target - self.v
            # that several enter together may push some of them, never all, the wrong way
            wrong = self.active & self._signed & (self.v == 0) & (direction * self.sign <= 0)
            if wrong.any():
                self.active &= ~wrong
                continue
            if self._signs_change(direction):
                if not self._line_search(direction):
                    return False
                continue
            self._move(target)
            guess = self.gram.features[self.active].tobytes() + self.sign[self.active].tobytes()
            if guess in settled_before:  # nothing but rounding is left to gain
                return False
            settled_before.add(guess)
            violators = self._violators()
            if not violators.size:
                violators = self._surprises()
            if not violators.size:
                self._refine()
                return True
            slots = self.require(violators[:_FEW])
            if not self._enter(slots, _NEW) and not any(self._exchange(slot) for slot in slots.tolist()):
                return True  # what is beyond its level by rounding alone; the certificate has the last word
        return False

    def _signs_change(self, direction: Array) -> bool:
        return bool(np.any(self._signed & ((self.v + direction) * self.sign < 0)))

    def _exchange(self, slot: int) -> bool:
        """Let in a feature that depends on the active ones, by the move that leaves every prediction as it is."""
        cross = np.where(self.active, self.gram.matrix[:, slot], 0.0)
        sign = np.sign(self.z[self.gram.features[slot]])
        direction = -sign * self.factor.solve(cross)
        direction[slot] = sign
        self.active[slot] = True
        moved = self._line_search(direction)
        self.active[slot] &= moved
        return moved

    def _line_search(self, direction: Array) -> bool:
        """Move v to the minimum of the objective along the direction; False if it has none ahead.

        The slope is linear between the points where a weight crosses 0, and jumps up at each. A weight that is
        stopped there becomes inactive; one that goes through takes its new sign.
        """
        features, v = self.gram.features, self.v
        level, ridge = self.level[features], self._ridge[features]
        change = self.gram.predict(direction)
        curvature = float(change @ change + ridge @ direction**2)
        pull = np.where(v != 0, np.sign(v), np.sign(direction)) * direction
        slope = float(level[self.active] @ pull[self.active] + (ridge * v) @ direction - self.r @ change)
        crossing = np.flatnonzero(self._signed & (v * direction < 0))
        at = -v[crossing] / direction[crossing]
        order = np.argsort(at, kind="stable")
        crossing, at = crossing[order], at[order]
        jump = np.full(at.size, np.inf) if self.nonnegative else 2 * level[crossing] * np.abs(direction[crossing])
        slopes = slope + np.concatenate([[0.0], np.cumsum(jump)])  # at t = 0, were the first k already crossed
        last = int(np.argmax(np.append(slopes[1:] + curvature * at >= 0, True)))  # the first that is not passed
        inside = -slopes[last] / curvature if curvature > 0 else np.inf
        stopped = last < at.size and at[last] <= inside
        length = float(at[last]) if stopped else inside
        if not 0 < length < np.inf:
            return False
        self.v, self._r = v + length * direction, None
        if stopped:
            self.v[crossing[last]] = 0.0
        self._take_signs()
        return True
