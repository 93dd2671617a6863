"""The columns that a working set holds lie in *slots*, in the order in which they came, next to each other in memory.

They are in units in which a column has about size 1: powers of two, so that dividing by them rounds nothing away. With
an intercept, dense ones are rid of their mean; sparse ones stay sparse.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from ...arrays.design_matrix import Array, Indices, Matrix, gram, product

_ROOM = 32  # columns that there is room for at first


class Columns:
    """These are the columns of some features; X itself is never copied.

    Parameters
    ----------
    X : array or sparse matrix of shape (n, p)
    unit : array of shape (p,)
        Powers of two.
    centre : array of shape (n,), or None
        The weights of the means that an intercept takes away.
    """

    def __init__(self, X: Matrix, unit: Array, centre: Array | None) -> None:
        self.X, self.unit = X, unit
        self.features = np.zeros(0, dtype=np.intp)  # by slot
        self.slots = np.full(X.shape[1], -1, dtype=np.intp)  # by feature; -1 where there is none
        self._weights = None if centre is None else centre / centre.sum()
        self._sparse = sp.issparse(X)
        self._kept: Matrix = sp.csc_array((X.shape[0], 0)) if self._sparse else np.empty((X.shape[0], 0), order="F")

    def __len__(self) -> int:
        return len(self.features)

    @property
    def matrix(self) -> Matrix:
        """It is the matrix Z of these columns, of shape (n, slots)."""
        return self._kept[:, : len(self)]

    def add(self, features: Indices) -> None:
        """Give these features slots; they have none yet."""
        old, size = len(self), len(self) + features.size
        if self._sparse:
            new = sp.csc_array(self.X[:, features])
            new.data = new.data / np.repeat(self.unit[features], np.diff(new.indptr))
            self._kept = sp.hstack([self._kept, new], format="csc")
        else:
            if size > self._kept.shape[1]:
                room = np.empty((self.X.shape[0], max(_ROOM, size + old // 2)), order="F")
                room[:, :old] = self._kept[:, :old]
                self._kept = room
            new = self._kept[:, old:size]
            np.divide(self.X[:, features], self.unit[features], out=new)
            for weights in [] if self._weights is None else [self._weights] * 2:  # the second round removes rounding
                new -= product(new.T, weights)
        self.slots[features] = np.arange(old, size)
        self.features = np.concatenate([self.features, features])

    def gram(self, h: Array, since: int) -> Array:
        """Compute the rows of ``Z' diag(h) Z`` from slot ``since`` on."""
        if self._sparse:
            new = self.matrix[:, since:].T
            return np.asarray((new.multiply(h).tocsr() @ self.matrix).toarray())
        if since:
            return np.asarray(product((h[:, None] * self.matrix[:, since:]).T, self.matrix))
        return gram(np.sqrt(h)[:, None] * self.matrix)

    def predict(self, v: Array) -> Array:
        """Compute ``Z v``."""
        return np.asarray(product(self.matrix, v))

    def correlate(self, theta: Array) -> Array:
        """Compute ``Z' theta``."""
        return np.asarray(product(self.matrix.T, theta))
