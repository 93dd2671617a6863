"""Weighted least squares in units where every column, and the target, have size 1; its Gram matrix where needed.

    minimise  1/2 |t - Z v|^2 + ...    Z = sqrt(H) (X - 1 m') U^-1,  t = sqrt(H) (target - mean) / |.|,  v = U w / |.|

with ``h`` the weights of the samples, ``m`` the means that an intercept takes away and ``U`` the sizes of the columns.
X itself is never copied: `Gram` keeps the columns of Z that were ever asked for, and their inner products.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from scipy.linalg import blas

from .design import Array, Indices, Matrix, product

_EPS = float(np.finfo(float).eps)
_CAPACITY = 32  # columns that there is room for at first; doubled when full


class Watch:
    """Copies of some columns of a dense X side by side, so that a look at these few does not pass over all of X."""

    def __init__(self, X: Array) -> None:
        self.X = X
        self.features = np.zeros(0, dtype=np.intp)
        self._place = np.full(X.shape[1], -1, dtype=np.intp)
        self._columns = np.empty((len(X), _CAPACITY), order="F")

    @classmethod
    def of(cls, X: Matrix) -> Watch | None:
        """Of a dense X; a sparse one needs none."""
        return cls(X) if isinstance(X, np.ndarray) else None

    def add(self, features: Indices) -> None:
        """Watch these features, too."""
        new = features[self._place[features] < 0]
        old, size = self.features.size, self.features.size + new.size
        self._columns = _with_room(self._columns, old, size)
        self._columns[:, old:size] = self.X[:, new]
        self._place[new] = np.arange(old, size)
        self.features = np.concatenate([self.features, new])

    def correlate(self, q: Array) -> Array:
        """``x_j' q`` for the features watched."""
        return product(self._columns[:, : self.features.size].T, q)

    def take(self, features: Indices) -> Array:
        """A copy of these columns of X, which are watched from then on."""
        self.add(features)
        return np.array(self._columns[:, self._place[features]], order="F")


class LeastSquares:
    """The data in these units: columns of Z, and products ``Z' r`` with all or some of them.

    Parameters
    ----------
    X : array or sparse matrix of shape (n, p)
    h : array of shape (n,)
        Weights of the samples, >= 0.
    target : array of shape (n,)
    intercept : bool
    unit : array of shape (p,)
        Positive sizes to divide the columns by.
    watch : Watch, optional
        Of X.
    """

    def __init__(
        self, X: Matrix, h: Array, target: Array, intercept: bool, unit: Array, watch: Watch | None = None
    ) -> None:
        self.X, self.h, self.unit, self.intercept, self.watch = X, h, unit, intercept, watch
        self.root, self.total = np.sqrt(h), float(h.sum())
        self.centre = float(h @ target) / self.total if intercept else 0.0
        residual = target - self.centre
        residual[np.abs(residual) <= 4 * _EPS * abs(self.centre)] = 0.0  # rounding of a constant target
        residual *= self.root
        largest = float(np.abs(residual).max()) or 1.0
        self.size = largest * float(np.linalg.norm(residual / largest)) or 1.0  # of the target; no overflow
        self.target = residual / self.size

    def columns(self, features: Indices) -> tuple[Array, Array]:
        """The columns of Z, contiguous one by one, and their means ``m`` in the units of X."""
        if self.watch is not None:
            Z = self.watch.take(features)
        else:
            Z = np.array(self.X[:, features].toarray() if sp.issparse(self.X) else self.X[:, features], order="F")
        Z /= self.unit[features]
        means = np.zeros(features.size)
        for _ in range(2 * self.intercept):  # the second round removes the rounding of the first
            rest = blas.dgemv(1 / self.total, Z, self.h, trans=1)
            Z -= rest
            means += rest
        Z *= self.root[:, None]
        return Z, means * self.unit[features]

    def correlate(self, r: Array) -> Array:
        """``Z' r`` over all features, for one r or several, as columns.

        With an intercept, r must be orthogonal to sqrt(h), as residuals are.
        """
        return (product(self.X.T, (self.root * r.T).T).T / self.unit).T

    def correlate_watched(self, r: Array, watch: Watch) -> Array:
        """The same over those watched."""
        return watch.correlate(self.root * r) / self.unit[watch.features]


def _with_room(columns: Array, used: int, size: int) -> Array:
    """An array of columns with room for ``size``: itself, or a copy of its first ``used`` with room to spare."""
    room = columns.shape[1]
    if size <= room:
        return columns
    larger = np.empty((len(columns), max(size, int(1.5 * room))), order="F")
    larger[:, :used] = columns[:, :used]
    return larger


class Gram:
    """The columns of Z asked for so far, in *slots* 0, 1, ..., with ``Z' Z`` and ``Z' t`` over them."""

    def __init__(self, data: LeastSquares) -> None:
        self.data = data
        n, p = len(data.target), len(data.unit)
        self.features = np.zeros(0, dtype=np.intp)  # by slot
        self.slots = np.full(p, -1, dtype=np.intp)  # by feature; -1 where there is none
        self.against_target, self.means = np.zeros(0), np.zeros(0)
        self._columns = np.empty((n, _CAPACITY), order="F")
        self._matrix = np.empty((_CAPACITY, _CAPACITY), order="F")

    def __len__(self) -> int:
        return len(self.features)

    @property
    def columns(self) -> Array:
        return self._columns[:, : len(self)]

    @property
    def matrix(self) -> Array:
        return self._matrix[: len(self), : len(self)]

    def require(self, features: Indices) -> Indices:
        """The slots of the features, made where there are none yet."""
        new = features[self.slots[features] < 0]
        if new.size:
            old, size = len(self), len(self) + new.size
            self._make_room(size)
            Z = self._columns
            Z[:, old:size], means = self.data.columns(new)
            products = blas.dgemm(1.0, Z[:, :size], Z[:, old:size], trans_a=1)
            self._matrix[:size, old:size] = products
            self._matrix[old:size, :old] = products[:old].T
            against = blas.dgemv(1.0, Z[:, old:size], self.data.target, trans=1)
            self.against_target = np.concatenate([self.against_target, against])
            self.means = np.concatenate([self.means, means])
            self.slots[new] = np.arange(old, size)
            self.features = np.concatenate([self.features, new])
        return self.slots[features]

    def _make_room(self, size: int) -> None:
        self._columns = _with_room(self._columns, len(self), size)
        room, matrix = self._columns.shape[1], self.matrix
        if room > len(self._matrix):
            self._matrix = np.empty((room, room), order="F")
            self._matrix[: len(self), : len(self)] = matrix

    def predict(self, v: Array) -> Array:
        """``Z v`` for weights v by slot."""
        return product(self.columns, v)
