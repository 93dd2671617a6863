"""The verifier: a small kernel, to be read by someone who trusts neither the solver nor the rest of this package.

For convex phi and P, any (w, b), and any theta with ``1' theta = 0`` if there is an intercept and ``x_j' theta = 0``
(<= 0 where w_j >= 0) for each feature without penalty, Fenchel's inequality says

    sum_i s_i phi(x_i'w + b, y_i) + lam P(w)  >=  -sum_i s_i phi*(-theta_i / s_i, y_i) - lam P*(X' theta / lam)

with phi* and P* the conjugates. The left side at the file's coefficients, less the right side at its theta, therefore
bounds how far these are from optimal. Theta is first made to meet the conditions: what does not is taken away in
proportion to ``|theta_i|``, and the rest is shrunk. If ``phi'' <= L``, the optimal theta lies within ``sqrt(2 L gap)``,
in the norm ``sqrt(sum_i theta_i^2 / s_i)``; a feature whose ``|x_j' theta| < lam c_j`` all over that ball is 0 in every
optimal solution (Ndiaye et al., Gap safe screening rules, 2017).

In floating point, what the claims are compared with is rounded to the safe side, step by step. README.md names the
other modules that it needs, and the order in which to read them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .arithmetic import Arithmetic, Floats, Numbers, Rationals, Vector, overflow_is_inf, rounded_up
from .balancing import balanced, integer_columns, objects
from .errors import UnprovenError
from .exact_data import by_name, column_names
from .file_format import Claim, data, dense, digest, read
from .losses import LOSSES
from .penalties import PENALTIES

_BLOCK = 2**20  # entries of X that are looked at together
_MOST_FREE = 100  # features without penalty


@dataclass(frozen=True)
class Verification:
    """What was proven about a certificate file.

    Attributes
    ----------
    proven : bool
        Whether all that the file claims about these data is true.
    gap : float
        The objective at the file's coefficients is at most this much above its minimum, found anew, rounding included;
        inf if nothing is proven, nan if the data are not those of the file.
    reason : str
        What is proven, or the first claim that is not.
    exact_gap : Fraction or None
        ``gap`` before it was rounded up, if computed in rational arithmetic.
    proven_zeros : tuple of int
        The features proven to be 0 in every optimal solution, found anew, counted from 0 in the file's order.
    names : str
        Whether the file's feature names are those of the data; without names there, features are column numbers.
    """

    proven: bool
    gap: float
    reason: str
    exact_gap: Fraction | None = field(repr=False)  # may have thousands of digits
    proven_zeros: tuple[int, ...]
    names: str = ""


def verify(path: str | Path, X: Any, y: Any, *, exact: bool = False) -> Verification:
    """Check a certificate file against the data, believing none of its numbers.

    Parameters
    ----------
    path : str or Path
        The file, as `Certificate.save` writes it.
    X : array, sparse matrix or data frame of shape (n, p)
        The columns of a data frame are taken by the names in the file, in any order.
    y : array of shape (n,)
        Of a loss of two classes, any labels that are above 0 for the second alone.
    exact : bool
        Compute in rational numbers, which all floats are. The logistic and the Poisson loss need the extra ``exact``.

    Returns
    -------
    Verification

    Raises
    ------
    InputError
        If the file is not one, or X and y are not arrays of real, finite numbers that binary64 holds exactly.
    """
    return check(read(path), X, y, Rationals() if exact else Floats())


def check(claim: Claim, X: Any, y: Any, arithmetic: Arithmetic, names: tuple[str, ...] | None = None) -> Verification:
    """Verify a file that has been read, in a given arithmetic; ``names`` are those of the columns of X."""
    names = column_names(X) if names is None else names
    X, y = data(X, y, claim.loss["name"])
    X, known, other = by_name(X, names, claim.feature_names) if X.shape == claim.shape else (X, "", "")
    if (X.shape, y.shape) != (claim.shape, claim.shape[:1]):
        other = "other data: X is {} x {}, y has {}; the file's X is {} x {}".format(*X.shape, y.size, *claim.shape)
    elif not other and (hashes := (digest(X), digest(y))) != (claim.X_sha256, claim.y_sha256):
        other = f"other data: the SHA-256 of {'y' if hashes[0] == claim.X_sha256 else 'X'} is not the file's"
    if other:
        return Verification(False, math.nan, other, None, (), known)
    try:
        primal, dual, zeros = bounds(claim, X, y, arithmetic)
    except UnprovenError as error:
        return Verification(False, math.inf, str(error), None, (), known)
    gap = max(arithmetic.above(primal - dual), 0)
    untrue = _untrue(claim, primal, dual, zeros, named=names is not None)
    reason = untrue or f"the objective, {rounded_up(primal):.9g}, is at most {rounded_up(gap):.3g} above its minimum"
    found = tuple(np.flatnonzero(zeros).tolist())
    return Verification(not untrue, rounded_up(gap), reason, gap if arithmetic.unit == 0 else None, found, known)


def _untrue(claim: Claim, primal: Numbers, dual: Numbers, zeros: NDArray[np.bool_], named: bool) -> str:
    """Return the first claim that is not proven, in words; "" if there is none."""
    if not claim.primal >= primal:
        return f"primal: the file says at most {claim.primal!r}; found {rounded_up(primal)!r}"
    if not claim.dual <= dual:
        return f"dual: the file says {claim.dual!r}; its theta proves only {-rounded_up(-dual)!r}"
    if Fraction(claim.gap) < Fraction(claim.primal) - Fraction(claim.dual):
        return f"gap: the file says {claim.gap!r}; its primal less its dual is {claim.primal - claim.dual!r}"
    for j in claim.proven_zeros:
        if not zeros[j]:
            feature = f"{claim.feature_names[j]!r}" if named else f"column {j}"
            return f"proven_zeros: that {feature} is 0 in every optimal solution is not proven"
    return ""


@overflow_is_inf
def bounds(
    claim: Claim, X: Any, y: Any, arithmetic: Arithmetic, claimed: bool = False
) -> tuple[Numbers, Numbers, NDArray[np.bool_]]:
    """Return what a file's coefficients and theta prove about its problem, for data that `file_format.data` has read.

    The objective at the coefficients is at most the first number, its minimum is at least the second, and the features
    marked in the third are 0 in every optimal solution.
    """
    case = _Case(claim, X, y, arithmetic)
    primal = case.primal()
    dual, reach = case.dual(claimed)
    return primal, dual, case.zeros(arithmetic.above(primal - dual), reach)


class _Case:
    """A file's problem, on the samples that count, and how to compute it."""

    def __init__(self, claim: Claim, X: Any, y: Any, arithmetic: Arithmetic) -> None:
        self.claim, self.arithmetic, self.unit = claim, arithmetic, arithmetic.unit
        weights = np.ones(len(y)) if claim.sample_weight is None else np.array(claim.sample_weight)
        self.used = used = np.flatnonzero(weights)
        self.X = X if used.size == len(y) else X[used]
        self.y, self.s, self.theta = map(arithmetic.vector, (y[used], weights[used], np.array(claim.theta)[used]))
        loss, penalty = LOSSES[claim.loss["name"]], PENALTIES[claim.penalty["name"]]
        if np.any(y[used] < loss.least_target):
            raise UnprovenError("y: found a negative number, for which the Poisson loss has no infimum")
        if claim.scaling == "mean":
            self.s = self.s / arithmetic.total(self.s)
            arithmetic.require_precise(sample_weight=self.s)
        self.loss = loss(arithmetic, *arithmetic.vector([claim.loss[key] for key in loss.parameters]))
        costs = np.ones(claim.shape[1]) if claim.weights is None else np.array(claim.weights)
        self.penalty = penalty(arithmetic, claim.lam, costs, **{k: v for k, v in claim.penalty.items() if k != "name"})

    def _sum(self, function: Callable[..., Vector], ends: Sequence[Vector]) -> Numbers:
        """Return at least ``sum_i s_i f_i`` for convex f_i, taken between the ends: they are largest at one of them."""
        largest = reduce(np.maximum, [function(end, self.y, self.s) for end in ends])
        return self.arithmetic.above(self.arithmetic.total(largest))

    def primal(self) -> Numbers:
        """Return at least the objective at the file's coefficients."""
        coef = self.claim.dense_coef()
        index = np.flatnonzero(coef)
        w, b = self.arithmetic.vector(coef[index]), self.arithmetic.vector([self.claim.intercept])[0]
        if self.penalty.excluded[index].any() or (self.penalty.nonnegative and np.any(w < 0)):
            raise UnprovenError("coef: found a weight that the penalty does not allow")
        if b != 0 and not self.claim.fit_intercept:
            raise UnprovenError("intercept: found one; the problem has none")
        u, error = self.arithmetic.product(dense(self.X[:, index]).T, w) if index.size else (0 * self.s, 0)
        error = (error + 4 * self.unit * (abs(u) + abs(b))) * (1 + 4 * self.unit)
        ends = [u + b - error, u + b + error] if self.unit else [u + b]
        return self.arithmetic.above(self._sum(self.loss.value, ends) + self.penalty.value(index, w))

    def dual(self, claimed: bool = False) -> tuple[Numbers, Vector]:
        """Return a lower bound on the minimum, and the reach of the theta behind it.

        The reach bounds ``|x_j' theta|``, or ``x_j' theta`` where w >= 0. A bound that is ``claimed`` is one that every
        verifier finds, however it rounds.
        """
        up, down, above = self.arithmetic.up, self.arithmetic.down, self.arithmetic.above
        lower, upper = self.loss.slopes(self.y)
        a = -self.theta / self.s
        inside = np.minimum(np.maximum(a, lower), upper)
        theta, change = self._balanced(np.where(inside == a, self.theta, -self.s * inside))
        z, error = self._correlations(theta, change)
        reach = above((np.maximum(z, 0) if self.penalty.nonnegative else abs(z)) + error)
        steepest, bound = up(abs(theta), 1 + change, over=(self.s,)), np.where(theta < 0, upper, -lower)
        outside = np.flatnonzero(steepest > bound)
        longest = min([1, *down(bound[outside], over=(steepest[outside],))])
        t = min(self.penalty.share(reach), longest)
        # concave along theta: nobody who shrinks it by a factor between these two finds less than the lower of both
        value = min(self._dual_at(each, theta, change, reach) for each in ({t, longest} if claimed else {t}))
        return value, up(t, reach)

    def _dual_at(self, t: Numbers, theta: Vector, change: Numbers, reach: Vector) -> Numbers:
        """Return at most the dual value of ``t theta``, its penalty's conjugate being finite."""
        lower, upper = self.loss.slopes(self.y)
        sizes = [self.arithmetic.down(abs(theta), t, 1 - change, over=(self.s,))]
        sizes += [self.arithmetic.up(abs(theta), t, 1 + change, over=(self.s,))] if self.unit else []
        ends = [np.minimum(np.maximum(np.where(theta < 0, size, -size), lower), upper) for size in sizes]
        return -self.arithmetic.above(self._sum(self.loss.conjugate, ends) + self.penalty.conjugate(t, reach))

    def _balanced(self, theta: Vector) -> tuple[Vector, Numbers]:
        """Return theta changed to meet the conditions of the intercept and the free features.

        It is as near to them as numbers of this kind are: by the second result, entry by entry, as a share of theta.
        """
        free = np.flatnonzero(self.penalty.free)
        if free.size > _MOST_FREE:
            raise UnprovenError(f"found {free.size} features without penalty; allowed are {_MOST_FREE}")
        columns = integer_columns(dense(self.X[:, free]))
        equal = objects([1] * len(theta))[:, None][:, : int(self.claim.fit_intercept)]
        equal, at_most = (equal, columns) if self.penalty.nonnegative else (np.hstack([equal, columns]), columns[:, :0])
        start = objects([Fraction(value) for value in theta])
        found, _ = balanced(start, equal, at_most)
        return (theta, 0) if found is start else self.arithmetic.rounded(found)

    def _correlations(self, theta: Vector, change: Numbers) -> tuple[Vector, Vector]:
        """Return ``X' theta`` and a bound on its error."""
        found = [self.arithmetic.product(block, theta, change) for block in _blocks(self.X)]
        return np.concatenate([z for z, _ in found]), np.concatenate([error + 0 * z for z, error in found])

    def zeros(self, gap: Numbers, reach: Vector) -> NDArray[np.bool_]:
        """Return which features are 0 in every optimal solution."""
        if self.loss.smoothness == math.inf or not gap < math.inf:
            return self.penalty.excluded
        radius = math.nextafter(math.sqrt(rounded_up(2 * self.loss.smoothness * Fraction(max(gap, 0)))), math.inf)
        root = np.nextafter(np.sqrt([rounded_up(value) for value in self.s]), math.inf)
        far = np.nextafter(radius * np.concatenate([self._sizes(block, root) for block in _blocks(self.X)]), math.inf)
        known = np.isfinite(far)
        found = self.arithmetic.above(reach + self.arithmetic.vector(np.where(known, far, 0.0)))
        return self.penalty.zeros(np.where(known, found, math.inf))

    def _sizes(self, block: Vector, root: Vector) -> Vector:
        """Return at least ``sqrt(sum_i s_i x_ij^2)``, in floats; ``root_i`` is at least the root of s_i.

        With an intercept, theta sums to 0, so that x_j may be taken about any centre.
        """
        centred = np.abs(block - block.mean(axis=0) if self.claim.fit_intercept else block) * root[:, None]
        largest = centred.max(axis=0)
        shares = np.divide(centred, largest, out=np.zeros_like(centred), where=largest > 0)
        return largest * np.sqrt((shares**2).sum(axis=0)) * (1 + (len(root) + 16) * 2.0**-52) + len(root) * 2.0**-1060


def _blocks(X: Any) -> Iterator[Vector]:
    """Yield a few columns of X at a time, as an array."""
    step = max(1, _BLOCK // X.shape[0])
    for start in range(0, X.shape[1], step):
        yield dense(X[:, start : start + step])
