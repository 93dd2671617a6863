"""With an intercept, a problem about its means is the same problem, and its rounding does not grow with them.

    X w + b 1 = (X - 1 m') w + (b + m'w) 1      for any m; that of columns far from 0 is taken near their mean
    phi(u, y) = phi(u - y0, y - y0)             for any y0, where the loss is a function of u - y

A year, a price, or a time in seconds is a large number whose differences matter. ``x - m`` in floating point is off by
half a unit in the last place *of the difference*, while a product with x as it stands is off by one of x.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from ..arrays import design_matrix
from ..arrays.design_matrix import Array, Indices, Matrix, dense, product, take_columns
from ..arrays.precision import UNIT_ROUNDOFF, gamma
from ..arrays.two_parts import LARGEST, ROUNDOFF, TwoParts
from ..caching import cached_bound
from .objective import Objective

_FAR = 16.0  # a column is far from 0 if its norm is more than this many times its spread
STATISTICS = 1 + 2.0**-16  # by more than this no norm or spread is wrong: 50 n units in the last place, n <= 2^30
_BLOCK = 2**20  # entries that are centred at a time
_SPLIT = 2.0**27 + 1


@dataclass(frozen=True, eq=False)
class Centring:
    """The numbers that are taken away from columns and targets are kept here.

    Attributes
    ----------
    X, s : matrix of shape (n, p), array of shape (n,)
    mean : array of shape (p,)
        m; 0 for all columns but those far from 0, and everywhere without an intercept.
    far : array of int
        The columns far from 0.
    size : array of shape (p,)
        At least ``||x_j - m_j||``, weighted by s.
    offset : float
        y0; 0 without an intercept, and for a loss that is no function of u - y.
    targets : array of shape (n,)
        ``y - y0``.
    """

    X: Matrix
    s: Array
    mean: Array
    far: Indices
    size: Array
    offset: float
    targets: Array

    @classmethod
    def of(cls, problem: Objective) -> Centring:
        """Choose what is taken away from the data of a problem."""
        X, y, s, columns = problem.X, problem.y, problem.s, problem.columns
        far = np.flatnonzero(problem.intercept & (columns.norm > _FAR * columns.spread))
        mean, size = np.zeros_like(columns.mean), columns.norm.copy()
        mean[far] = columns.mean[far]
        # the mean is a rounded one: the norm about it is a little more than the spread
        size[far] = np.hypot(columns.spread[far], np.sqrt(s.sum()) * 2.0**-48 * np.abs(mean[far]))
        offset = middle(y, s) if problem.intercept and problem.loss.translates else 0.0
        return cls(X, s, mean, far, STATISTICS * size, offset, y - offset if offset else y)

    def constant(self, coef: Array, intercept: float) -> float:
        """Compute ``b + m'w - y0``, rounded once."""
        if not self.far.size:
            return intercept - self.offset
        used = self.far[coef[self.far] != 0]
        return exact_sum(self.mean[used], coef[used], intercept, -self.offset)

    @cached_bound
    def two_parts(self) -> TwoParts | None:
        """These are ``X - 1 m'`` of small dense data, whose products have more digits than a float."""
        small = not sp.issparse(self.X) and self.X.size <= LARGEST
        return TwoParts.of(self.X, self.mean, self.s, self.size) if small else None

    @property
    def unit_roundoff(self) -> float:
        """The sums in `predict` and `correlate` have this unit roundoff, before they are rounded to a float."""
        return UNIT_ROUNDOFF if self.two_parts is None else ROUNDOFF

    @cached_bound
    def accuracy(self) -> Array:
        """No entry of `correlate` is off by more than this times ``||theta / s||``, until it is rounded; shape (p,)."""
        terms = np.full(self.size.size, len(self.s))
        if sp.issparse(self.X):
            terms = np.diff(self.X.indptr)
            terms[self.far] = len(self.s)
        return gamma(terms + 6, self.unit_roundoff) * self.size

    def predict(self, coef: Array) -> Array:
        """Compute ``(X - 1 m') w`` for one w, or for several as rows."""
        if self.two_parts is not None:
            return self.two_parts.predict(coef)
        if not self.far.size:
            return np.ascontiguousarray(design_matrix.predict(self.X, coef.T).T)
        near = coef.copy()
        near[..., self.far] = 0.0
        fitted = np.ascontiguousarray(design_matrix.predict(self.X, near.T).T)
        used = self.far[np.atleast_2d(coef)[:, self.far].any(axis=0)]
        for some in self._blocks(used):
            fitted += product(self._centred(some), coef[..., some].T).T
        return fitted

    def correlate(self, theta: Array) -> Array:
        """Compute ``(X - 1 m')' theta``, which is ``X' theta`` where ``1' theta = 0``; several theta are rows."""
        if self.two_parts is not None:
            return self.two_parts.correlate(theta)
        z = np.ascontiguousarray(design_matrix.correlate(self.X, theta.T).T)
        for some in self._blocks(self.far):
            z[..., some] = product(self._centred(some).T, theta.T).T
        return z

    def extended(self, features: Indices) -> Any:
        """Return some columns, less their mean, in extended precision where the platform has it."""
        with np.errstate(over="ignore", invalid="ignore"):
            return dense(take_columns(self.X, features)).astype(np.longdouble) - self.mean[features]

    def _centred(self, features: Indices) -> Array:
        """Return columns less their mean."""
        with np.errstate(over="ignore", invalid="ignore"):
            return np.asarray(dense(take_columns(self.X, features)) - self.mean[features])

    def _blocks(self, features: Indices) -> list[Indices]:
        count = -(-features.size * self.X.shape[0] // _BLOCK)
        return np.array_split(features, count) if count else []


def middle(y: Array, s: Array) -> float:
    """Return a weighted median of y that is one of its entries: the differences from it are often exact."""
    if (s == s[0]).all():
        place = (y.size - 1) // 2
        return float(np.partition(y, place)[place])
    used = np.flatnonzero(s > 0)
    order = used[np.argsort(y[used], kind="stable")]
    weights = np.cumsum(s[order] / s[order].max())
    return float(y[order[np.searchsorted(weights, 0.5 * weights[-1])]])


def exact_sum(a: Array, b: Array, *more: float) -> float:
    """Compute ``a'b`` plus further numbers, rounded once; nan if a product overflows, and off if one is below 1e-290.

    Each product is split in two numbers without error (Dekker 1971; Ogita, Rump & Oishi 2005, sec. 2).
    """
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        high = a * b
        a_high, b_high = (_SPLIT * x - (_SPLIT * x - x) for x in (a, b))
        a_low, b_low = a - a_high, b - b_high
        low = a_low * b_low - (((high - a_high * b_high) - a_low * b_high) - a_high * b_low)
    terms = [*high.tolist(), *low.tolist(), *more]
    try:
        return math.fsum(terms) if all(map(math.isfinite, terms)) else math.nan
    except OverflowError:
        return math.nan


def weighted_norm(s: Array, values: Array) -> Any:
    """Compute ``sqrt(sum_i s_i v_i^2)`` for one v, or for several as rows.

    It is in units of the largest term where squares would overflow or vanish.
    """
    square = (values * values) @ s
    if values.ndim == 2:
        if square.min() > 1e-200 and square.max() < 1e200:
            return np.sqrt(square)
        return np.array([weighted_norm(s, row) for row in values])
    if 1e-200 < square < 1e200:
        return math.sqrt(square)
    terms = np.where(s > 0, np.sqrt(s) * np.abs(values), 0.0)
    largest = float(terms.max(initial=0.0))
    if not 0 < largest < np.inf:
        return largest if largest == 0 else np.inf
    return largest * float(np.sqrt(np.sum((terms / largest) ** 2)))
