"""Whether a loss without penalty has a minimiser, and if not, the direction in which it falls forever.

The logistic loss of a sample falls forever as ``t u`` grows, the Poisson loss of a count 0 as u falls; any other way a
loss stays as it is or rises. With t = -1 or 1 the way in which the loss of a sample falls forever, t = 0 where there is
none, a sum of such losses has no minimiser if and only if some direction d = (w, b), of the weights that are not
penalised and the intercept, has

    t_i (x_i'w + b) >= 0  where t_i is not 0,  x_i'w + b = 0  elsewhere,  and  t_i (x_i'w + b) > 0  for some sample

(Rockafellar, Convex Analysis, 1970, sec. 27; for the logistic loss complete and quasi-complete separation: Albert &
Anderson 1984). Samples with > 0 *recede*: along d their loss tends to its infimum, and the others stay as they are.

Linear programming finds the direction in which the most samples recede (Konis 2007), as the multipliers of its dual,
which looks for ``0 <= m_i <= 1`` and ``r_i >= 0`` with ``sum_i t_i (m_i + r_i) (x_i, 1) = 0``: a sample that can have
``m_i > 0`` recedes in no direction (Stiemke's alternative). What is found is floating point; what is *claimed* is
proven: d is moved to where the samples that do not recede have exactly 0, in fractions, and then every sign is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.linalg import qr

from ..arrays.design_matrix import Array, power_of_two
from ..arrays.precision import EPS, LOST
from ..losses import Loss
from ..verifier.arithmetic import Rationals
from ..verifier.balancing import integer_columns, objects, over_common_denominator, solve

Mask = NDArray[np.bool_]
LARGEST = 1_000_000  # entries of the matrix; no direction is looked for in a larger one
_LARGEST_EXACT = 50  # features whose equations are solved in fractions,
_LARGEST_PROVEN = 200_000  # and entries of the matrix that are multiplied in fractions, ten times that in all
_OVERLAP, _BALANCED = 1e-8, 1e-13  # multipliers this far from 0, in sums this near to 0, are none of a receding sample
_FAR = 40.0  # exp(-40) is lost beside 1


@dataclass(frozen=True)
class Recession:
    """A recession is a direction in which the loss falls forever.

    Attributes
    ----------
    coef, intercept : array of shape (k,), float
        The direction.
    change : array of shape (n,)
        What it adds to each prediction; 0 where the sample does not recede, or its weight is 0.
    """

    coef: Array
    intercept: float
    change: Array

    @property
    def samples(self) -> Mask:
        """True marks the samples that recede."""
        return self.change != 0

    def distance(self, u: Array) -> float:
        """Tell how far from u the loss of every receding sample is lost beside the others'."""
        return (_FAR + 2 * float(np.abs(u).max())) / float(np.abs(self.change[self.samples]).min())


def ways_down(loss: Loss, y: Array) -> Array:
    """Return for each target the sign of u towards which its loss falls forever, 0 where there is none."""
    up, down = (loss.recedes(np.full_like(y, sign), y) for sign in (1.0, -1.0))
    return up.astype(float) - down


def find_recession(
    loss: Loss, A: Array, intercept: bool, y: Array, s: Array, nonnegative: bool, fit: tuple[Array, float, Array]
) -> Recession | None:
    """Find a direction in which ``sum_i s_i phi(A w + b, y)`` is proven to fall forever; None if there is none.

    It has w >= 0 if ``nonnegative``. The intercept alone has a minimiser, by what `Problem` asks of y. ``fit`` is
    (w, b, theta) where a minimiser was looked for: the direction itself where all samples recede, and most often a sign
    of the contrary elsewhere.
    """
    k = A.shape[1]
    if not k or A.size > LARGEST:
        return None
    used = np.flatnonzero(s > 0)
    t = ways_down(loss, y)[used]
    if not t.any():
        return None
    unit = power_of_two(np.abs(A[used]).max(axis=0))
    with np.errstate(over="ignore", under="ignore"):
        B, coef = A[used] / unit, fit[0] * unit
        whole = np.all(B * unit == A[used])  # nothing underflowed
    centre = B[0] if intercept else np.zeros(k)  # numbers that are close are subtracted without rounding
    ones = np.ones((used.size, int(intercept)))
    centred, B = np.hstack([B - centre, ones]), np.hstack([B, ones])
    bounded = np.arange(B.shape[1]) < (k if nonnegative else 0)
    if not whole or _overlap(centred, t, bounded, fit[2][used], s[used]):
        return None
    found = None
    if t.all() and np.isfinite([*coef, fit[1]]).all():
        found = _proven(B, t, bounded, _fractions(np.append(coef, fit[1])[: B.shape[1]]), t != 0)
    if found is None:
        direction, recede = _by_linear_programming(centred, t, bounded)
        exact = _fractions(direction)
        if intercept:
            exact[-1] -= exact[:-1] @ _fractions(centre)
        found = _proven(B, t, bounded, exact, recede)
    if found is None:
        return None
    change = np.zeros(len(y))
    change[used] = found[1]
    return Recession(found[0][:k] / unit, float(found[0][-1]) if intercept else 0.0, change)


def _overlap(B: Array, t: Array, bounded: Mask, theta: Array, s: Array) -> bool:
    """Tell whether theta, away from 0 for every sample, balances the columns: then no sample recedes.

    A sample that recedes by no more than rounding would be overlooked.
    """
    share = np.where(t == 0, np.inf, t * theta / s)
    off = B.T @ theta
    off[bounded] = np.maximum(off[bounded], 0.0)
    balanced = np.abs(off) <= _BALANCED * (np.abs(B).T @ np.abs(theta))
    return bool(balanced.all() and share.min() > _OVERLAP * np.abs(theta / s).max())


def _by_linear_programming(B: Array, t: Array, bounded: Mask) -> tuple[Array, Mask]:
    """Find a direction in which as many samples as can recede, by 1 each up to rounding, and which these are."""
    from scipy.optimize import linprog

    unit = power_of_two(np.abs(B).max(axis=0))
    B = B / unit
    pays, width = t != 0, B.shape[1]
    triangle = qr(B[~pays], mode="economic")[1]  # the same equations, in few rows
    receding = (t[:, None] * B)[pays].T
    rows = sp.csr_array(np.hstack([receding, receding, triangle.T]))  # dummies are mostly 0
    count = receding.shape[1]
    result = linprog(
        np.concatenate([-np.ones(count), np.zeros(count + len(triangle))]),
        A_eq=rows[~bounded],
        b_eq=np.zeros(width - np.count_nonzero(bounded)),
        A_ub=rows[bounded],
        b_ub=np.zeros(np.count_nonzero(bounded)),
        bounds=[(0.0, 1.0)] * count + [(0.0, None)] * count + [(None, None)] * len(triangle),
        method="highs-ds",
    )
    direction = np.zeros(width)
    if result.status == 0:
        direction[~bounded], direction[bounded] = -result.eqlin.marginals, -result.ineqlin.marginals
    return direction / unit, t * (B @ direction) > 0.5


def _proven(B: Array, t: Array, bounded: Mask, direction: Any, recede: Mask) -> tuple[Array, Array] | None:
    """Move the direction to where it is exactly 0 on samples that do not ``recede``; return it and its predictions.

    None if it is not >= 0 where ``bounded``, the loss of some sample would rise, or to show it would cost too much.
    Float products are trusted where they are larger than their rounding: ``(k + 2) u |x|'|d|`` at the most
    (Higham 2002, sec. 3.1), the rounding of d included.
    """
    exact = Rationals()
    held = B[~recede]
    touched = np.flatnonzero((direction != 0) & np.any(held != 0, axis=0))
    if touched.size:
        held = np.unique(held[:, touched], axis=0)
        held = held[np.any(held != 0, axis=1)]
        if touched.size > _LARGEST_EXACT or held.size * touched.size > 10 * _LARGEST_PROVEN:
            return None
        direction[touched] = _inside(held, direction[touched])
        if np.any(exact.product(held.T, direction[touched])[0] != 0):
            return None
    largest = max(abs(direction))
    if not largest or not recede.any() or np.any(direction[bounded] < 0):
        return None
    direction = direction / largest
    d = direction.astype(float)
    change = np.where(recede, B @ d, 0.0)
    rounding = (len(d) + 4) * (EPS * (np.abs(B) @ np.abs(d)) + LOST)
    unsure = np.flatnonzero(recede & (t * change <= rounding))
    if unsure.size * len(d) > _LARGEST_PROVEN:
        return None
    change[unsure] = exact.product(B[unsure].T, direction)[0].astype(float)
    return (d, change) if np.all(t * change >= 0) and np.any(change) else None


def _inside(rows: Array, direction: Any) -> Any:
    """Return a direction near the given one that is exactly orthogonal to the rows."""
    equations = integer_columns(rows.T).T
    start, common = over_common_denominator(direction)
    gram = equations.T @ equations
    x, pivot = solve(gram, gram @ objects(start))
    return objects([Fraction(pivot * a - b, pivot * common) for a, b in zip(start, x, strict=True)])


def _fractions(values: Array) -> Any:
    return objects([Fraction(value) for value in values.tolist()])
