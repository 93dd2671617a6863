"""The projection goes onto the graph ``{(w, u): u = X w + b 1}`` in the metric that ADMM works in.

With column sizes ``d_j = ||x_j||`` (weighted by s, about the mean if there is an intercept) the scaled variables
``D w`` and ``sqrt(s) u`` are tied by ``A = sqrt(S) (X - 1 m') D^-1``, a matrix whose columns have norm 1, and

    min |w - c|^2 + |u - a|^2   subject to   u = A w + b sqrt(s)

needs one factorisation of ``I + A A'`` (n x n) or ``I + A' A`` (p x p), whichever is smaller, *whatever the
step length of ADMM*, since that multiplies both terms (Parikh & Boyd, Block splitting for distributed
optimization, 2014, sec. 4.2). A sparse X stays sparse: its centring is applied to the products.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from scipy.linalg import blas, lapack

from ...arrays.design_matrix import Array, product
from ...problems.problem import Problem


class ScaledDesign:
    """It is the matrix A above: products with it, and its Gram matrix."""

    def __init__(self, problem: Problem) -> None:
        columns = problem.columns
        whole = np.where(columns.norm > 0, columns.norm, 1.0)  # for columns without spread
        self.unit = np.where(problem.constant_columns, whole, problem.column_sizes)
        self.root = np.sqrt(problem.s)
        self.mean = columns.mean if problem.intercept else np.zeros_like(columns.mean)
        self.is_sparse = sp.issparse(problem.X)
        if self.is_sparse:
            self.matrix = sp.csc_array(problem.X * (1 / self.unit)[None, :] * self.root[:, None])
            self.offset = self.mean / self.unit
        else:
            self.matrix = np.empty(problem.shape, order="F")
            np.subtract(problem.X, self.mean, out=self.matrix)
            self.matrix /= self.unit
            self.matrix *= self.root[:, None]

    def dot(self, w: Array) -> Array:
        """Return ``A w``, touching only the columns where w is not 0 if these are few."""
        support = np.flatnonzero(w)
        if 4 * support.size < w.size and not self.is_sparse:
            return product(self.matrix[:, support], w[support])
        found = product(self.matrix, w)
        return found - self.root * (self.offset @ w) if self.is_sparse else found

    def transpose_dot(self, q: Array) -> Array:
        """Return ``A' q``."""
        found = product(self.matrix.T, q)
        return found - self.offset * (self.root @ q) if self.is_sparse else found

    def gram(self, by_rows: bool) -> Array:
        """Return ``A A'`` or ``A' A``, dense: its lower triangle, and above it anything."""
        A = self.matrix
        if not self.is_sparse:
            return blas.dsyrk(1.0, A, trans=not by_rows, lower=1)
        if by_rows:
            gram = (A @ A.T).toarray()
            cross = np.outer(A @ self.offset, self.root)
            return gram - cross - cross.T + (self.offset @ self.offset) * np.outer(self.root, self.root)
        gram = (A.T @ A).toarray()
        cross = np.outer(A.T @ self.root, self.offset)
        return gram - cross - cross.T + (self.root @ self.root) * np.outer(self.offset, self.offset)


class GraphProjection:
    """It is the projection above, factorised once."""

    def __init__(self, problem: Problem) -> None:
        self.design = ScaledDesign(problem)
        n, p = problem.shape
        self.by_rows = n < p
        gram = self.design.gram(self.by_rows)
        gram[np.diag_indices_from(gram)] += 1.0
        self._factor, _ = lapack.dpotrf(gram, lower=1, overwrite_a=1)  # of I + gram >= I, which is positive definite
        total = float(self.design.root @ self.design.root)
        self._ones = self.design.root / np.sqrt(total) if problem.intercept else None

    def __call__(self, c: Array, a: Array) -> tuple[Array, Array, Array, Array]:
        """Return the nearest point ``(w, u)`` of the graph to ``(c, a)``, and what was removed: ``(c - w, a - u)``.

        The latter pair satisfies ``c - w = -A' (a - u)`` and, with an intercept, ``sqrt(s)'(a - u) = 0``.
        """
        centred = self.centre(a)
        if self.by_rows:
            q = self._solve(centred - self.design.dot(c))
            removed = -self.design.transpose_dot(q)
            return c - removed, a - q, removed, q
        w = self._solve(c + self.design.transpose_dot(centred))
        u = self.design.dot(w) + (a - centred)
        return w, u, c - w, a - u

    def centre(self, a: Array) -> Array:
        """Return ``a`` without its component along ``sqrt(s)``, which the intercept takes; a if there is none."""
        return a if self._ones is None else a - self._ones * (self._ones @ a)

    def _solve(self, v: Array) -> Array:
        """Solve with the Cholesky factor: two triangles cost no more than a product, and no inverse is formed."""
        forward = blas.dtrsv(self._factor, v, lower=1)
        return np.asarray(blas.dtrsv(self._factor, forward, lower=1, trans=1, overwrite_x=1))
