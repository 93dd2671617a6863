"""Weighted least squares is stated in units where every column, and the target, have size 1.

    minimise  1/2 |t - Z v|^2 + ...    Z = sqrt(H) (X - 1 m') U^-1,  t = sqrt(H) (target - mean) / |.|,  v = U w / |.|

with ``h`` the weights of the samples, ``m`` the means that an intercept takes away and ``U`` the sizes of the columns.
X itself is never copied: `Gram` keeps the columns of Z that were ever asked for, and their inner products.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp
from scipy.linalg import blas

from ...arrays.design_matrix import Array, Indices, Matrix, product
from ...arrays.precision import EPS

_ROOM = 32  # columns that there is room for at first


class Chunks:
    """Columns of length n are kept in chunks, so that those there are need not be moved when more come.

    Each chunk has room for as many columns as all before it.
    """

    def __init__(self, n: int) -> None:
        self.count, self._room, self._chunks = 0, 0, list[tuple[int, Array]]()  # each with the number of its first
        self._n = n

    def add(self, columns: Array) -> None:
        """Add columns after those there are."""
        while columns.shape[1]:
            if self.count == self._room:
                self._room += max(_ROOM, self.count, columns.shape[1])
                self._chunks.append((self.count, np.empty((self._n, self._room - self.count), order="F")))
            start, chunk = self._chunks[-1]
            fitting = columns[:, : self._room - self.count]
            chunk[:, self.count - start :][:, : fitting.shape[1]] = fitting
            self.count += fitting.shape[1]
            columns = columns[:, fitting.shape[1] :]

    def __iter__(self) -> Iterator[tuple[slice, Array]]:
        """Go through all columns by pieces: which they are, and the columns themselves."""
        for start, chunk in self._chunks:
            stop = min(self.count, start + chunk.shape[1])
            yield slice(start, stop), chunk[:, : stop - start]

    def correlate(self, q: Array) -> Array:
        """Return ``x_j' q`` for every column; for several q, the columns of a matrix, too."""
        found = np.empty((self.count, *q.shape[1:]), order="F")
        for which, columns in self:
            found[which] = product(columns.T, q)
        return found

    def predict(self, v: Array) -> Array:
        """Return ``sum_j x_j v_j``."""
        return sum((product(columns, v[which]) for which, columns in self), start=np.zeros(self._n))

    def take(self, places: Indices) -> Array:
        """Copy the columns at these places."""
        out = np.empty((self._n, places.size), order="F")
        for which, columns in self:
            here = (places >= which.start) & (places < which.stop)
            out[:, here] = columns[:, places[here] - which.start]
        return out


class Watch:
    """Copies of some columns of a dense X lie side by side, so that a look at these few does not pass over X."""

    def __init__(self, X: Array) -> None:
        self.X = X
        self.features = np.zeros(0, dtype=np.intp)
        self._place = np.full(X.shape[1], -1, dtype=np.intp)
        self._columns = Chunks(len(X))

    @classmethod
    def of(cls, X: Matrix) -> Watch | None:
        """Make one for a dense X; a sparse one needs none."""
        return cls(X) if isinstance(X, np.ndarray) else None

    def add(self, features: Indices) -> None:
        """Watch these features, too."""
        new = features[self._place[features] < 0]
        self._place[new] = self.features.size + np.arange(new.size)
        self._columns.add(self.X[:, new])
        self.features = np.concatenate([self.features, new])

    def correlate(self, q: Array) -> Array:
        """Return ``x_j' q`` for the features watched."""
        return self._columns.correlate(q)

    def take(self, features: Indices) -> Array:
        """Copy these columns of X, which are watched from then on."""
        self.add(features)
        return self._columns.take(self._place[features])


class LeastSquares:
    """The data are given in these units: columns of Z, and products ``Z' r`` with all or some of them.

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
        residual[np.abs(residual) <= 4 * EPS * abs(self.centre)] = 0.0  # rounding of a constant target
        residual *= self.root
        largest = float(np.abs(residual).max()) or 1.0
        self.size = largest * float(np.linalg.norm(residual / largest)) or 1.0  # of the target; no overflow
        self.target = residual / self.size

    def columns(self, features: Indices) -> tuple[Array, Array]:
        """Return the columns of Z, contiguous one by one, and their means ``m`` in the units of X."""
        if self.watch is not None and features.size < self.X.shape[1]:
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
        """Return ``Z' r`` over all features, for one r or several, as columns.

        With an intercept, r must be orthogonal to sqrt(h), as residuals are.
        """
        return (product(self.X.T, (self.root * r.T).T).T / self.unit).T

    def correlate_watched(self, r: Array, watch: Watch) -> Array:
        """Return ``Z' r`` over the features watched."""
        return watch.correlate(self.root * r) / self.unit[watch.features]


class Gram:
    """The columns of Z asked for so far are kept in *slots* 0, 1, ..., with ``Z' Z`` and ``Z' t`` over them."""

    def __init__(self, data: LeastSquares) -> None:
        self.data = data
        n, p = len(data.target), len(data.unit)
        self.features = np.zeros(0, dtype=np.intp)  # by slot
        self.slots = np.full(p, -1, dtype=np.intp)  # by feature; -1 where there is none
        self.against_target, self.means = np.zeros(0), np.zeros(0)
        self.columns = Chunks(n)
        self._matrix = np.empty((_ROOM, _ROOM), order="F")

    def __len__(self) -> int:
        return len(self.features)

    @property
    def matrix(self) -> Array:
        """It is ``Z' Z`` over the slots."""
        return self._matrix[: len(self), : len(self)]

    def require(self, features: Indices) -> Indices:
        """Return the slots of the features, made where there are none yet."""
        new = features[self.slots[features] < 0]
        if new.size:
            old, size = len(self), len(self) + new.size
            Z, means = self.data.columns(new)
            self._make_room(size)
            cross = self.columns.correlate(Z)
            self._matrix[:old, old:size], self._matrix[old:size, :old] = cross, cross.T
            self._matrix[old:size, old:size] = _gram(Z)
            self.columns.add(Z)
            against = blas.dgemv(1.0, Z, self.data.target, trans=1)
            self.against_target = np.concatenate([self.against_target, against])
            self.means = np.concatenate([self.means, means])
            self.slots[new] = np.arange(old, size)
            self.features = np.concatenate([self.features, new])
        return self.slots[features]

    def _make_room(self, size: int) -> None:
        matrix = self.matrix
        if size > len(self._matrix):
            room = size + size // 2
            self._matrix = np.empty((room, room), order="F")
            self._matrix[: len(self), : len(self)] = matrix

    def predict(self, v: Array) -> Array:
        """Return ``Z v`` for weights v by slot."""
        return self.columns.predict(v)


def _gram(Z: Array) -> Array:
    """Compute one half of ``Z' Z`` and mirror it."""
    half = blas.dsyrk(1.0, Z, trans=1)  # the upper one, zeros below
    full: Array = half + half.T
    np.fill_diagonal(full, np.diag(half))
    return full
