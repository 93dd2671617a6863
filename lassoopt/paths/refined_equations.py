"""`refined_equations` solves the least-squares equations of active features to more than double precision.

    minimise  1/2 |t - Z v|^2 + ...    Z = sqrt(S) (X - 1 m') U^-1,  t = sqrt(S) (y - mean) / unit,  v = U w / unit

Here ``s`` are the weights of the samples, ``m`` the means that an intercept takes away, and ``U`` and ``unit`` powers
of two that give every column, and the target, a size near 1 without rounding. Columns of Z are made in extended
precision from X as given, first less an entry of their own, which is exact, so that a large mean costs no digit.

For active features A the equations ``r + Z_A v = f, Z_A' r = g`` are solved with a QR factorisation of Z_A in double
precision, whose error is then removed: their residuals, in extended precision, are solved for again and again (Bjorck,
Iterative refinement of linear least squares solutions I, BIT 7, 1967). Each time the error falls by a factor near the
unit roundoff times the condition of Z_A, not of its square, as it would with a Gram matrix.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, lapack, qr, qr_delete

from ..arrays.design_matrix import Array, Indices, dense, product
from ..arrays.precision import EXTENDED_ROUNDOFF, TINY, UNIT_ROUNDOFF
from ..problems.problem import Problem

Extended = NDArray[np.longdouble]

_REFINED = 1e-18  # the relative error that is asked for
_STALLED = 1e-13  # the relative error that is good enough where no more digits can be had
_PASSES = 20
SINGULAR = 16 * UNIT_ROUNDOFF  # a smaller share of a column outside of the span of others is rounding
_ROOM = 32  # at first there is room for so many columns


class ExtendedColumns:
    """They are columns of Z in extended precision, made when first asked for, and products with all of Z in double.

    Attributes
    ----------
    exponent : integers of shape (p,)
        ``U_j = 2^exponent_j``.
    size : array of shape (p,)
        ``|Z_j|``, rounded; 0 for a column that can explain nothing.
    target, target_exponent, centre
        ``t``, the exponent of ``unit = 2^target_exponent``, and the mean of y.
    """

    def __init__(self, problem: Problem) -> None:
        self.X = sp.csc_array(problem.X) if sp.issparse(problem.X) else problem.X
        self.s, self.intercept = problem.s.astype(np.longdouble), problem.intercept
        self.root, self.total = np.sqrt(self.s), self.s.sum()
        self._first = int(np.argmax(problem.s > 0))
        n, p = self.X.shape
        self._store, self._count = np.empty((0, n), dtype=np.longdouble), 0
        self._means, self._place = np.zeros(p, dtype=np.longdouble), np.full(p, -1, dtype=np.intp)
        (self.target,), (self.centre,) = self._centred(problem.y[None].astype(np.longdouble))
        self.target_exponent = int(np.frexp(_norms(self.target[None]))[1][0])
        self.target = np.ldexp(self.target, -self.target_exponent)
        size, norm = problem.column_sizes.astype(np.longdouble), problem.columns.norm
        for j in np.flatnonzero(~(size > 1e-12 * norm)):  # for which that is rounding
            size[j] = _norms(self._make(np.array([j]))[0])[0]
        self.exponent = np.frexp(size)[1]
        self.size = np.ldexp(size, -self.exponent).astype(float)
        whole = np.ldexp(norm.astype(np.longdouble), -self.exponent)
        self._product_error = np.where(size > 0, (n + 8) * UNIT_ROUNDOFF * whole, 0).astype(float)

    def _centred(self, rows: Extended) -> tuple[Extended, Extended]:
        """Multiply rows by sqrt(s), less their means if there is an intercept; return the means as well."""
        means = np.zeros(len(rows), dtype=np.longdouble)
        if self.intercept:
            means = rows[:, self._first].copy()
            rows = rows - means[:, None]
            rest = rows.dot(self.s) / self.total
            rows, means = rows - rest[:, None], means + rest
        return rows * self.root, means

    def _make(self, features: Indices) -> tuple[Extended, Extended]:
        columns = dense(self.X[:, features])
        return self._centred(np.ascontiguousarray(columns.T, dtype=np.longdouble))

    def rows(self, features: Indices) -> Extended:
        """Return the columns of Z of these features, as rows of a new array."""
        new = features[self._place[features] < 0]
        if new.size:
            count = self._count + new.size
            if count > len(self._store):
                more = np.empty((max(_ROOM, count, 2 * len(self._store)), self._store.shape[1]), dtype=np.longdouble)
                more[: self._count] = self._store[: self._count]
                self._store = more
            made, self._means[new] = self._make(new)
            self._store[self._count : count] = np.ldexp(made, -self.exponent[new, None])
            self._place[new] = np.arange(self._count, count)
            self._count = count
        found: Extended = self._store[self._place[features]]
        return found

    def correlate(self, r: Extended) -> tuple[Array, Array]:
        """Return ``Z' r`` over all features, for each row of r, in double precision; and a bound on its error."""
        with np.errstate(over="ignore", invalid="ignore"):
            found = product(self.X.T, np.asfortranarray((r * self.root).astype(float).T)).T
            found = np.ldexp(found, -self.exponent)
            error = np.outer(_norms(r).astype(float), self._product_error)
        return np.where(self.size > 0, found, 0.0), error

    def weights(self, features: Indices, v: Extended) -> tuple[Array, float]:
        """Return the weights and the intercept, in the units of X and y, rounded to double precision."""
        w = np.ldexp(v, self.target_exponent - self.exponent[features]).astype(float)
        return w, float(self.centre - self._means[features] @ w) if self.intercept else 0.0

    def units(self, features: Indices, w: Array, b: float) -> tuple[Extended, float]:
        """Return the weights in the units of Z, exactly, and the excess of b over the best intercept, in those of t."""
        v = np.ldexp(w.astype(np.longdouble), self.exponent[features] - self.target_exponent)
        off = b - (self.centre - self._means[features] @ w) if self.intercept else np.longdouble(0)
        return v, float(np.ldexp(off, -self.target_exponent))


class ActiveEquations:
    """These are the equations of the active features, a set that changes by one feature at a time.

    Attributes
    ----------
    features : Indices
        The active features, in the order in which they came.
    rows : array of shape (k, n)
        Their columns of Z.
    """

    def __init__(self, columns: ExtendedColumns) -> None:
        self.columns = columns
        self.features = np.zeros(0, dtype=np.intp)
        self._n = len(columns.target)
        self._Q, self._R = np.zeros((self._n, 0), order="F"), np.zeros((0, 0), order="F")
        self._rows = np.zeros((0, self._n), dtype=np.longdouble)
        self._triangle = self._R
        self._fresh = True

    @property
    def rows(self) -> Extended:
        return self._rows[: self.features.size]

    @property
    def basis(self) -> Array:
        """Return an orthonormal basis whose first k columns span the columns of the first k features."""
        return self._Q[:, : self.features.size]

    def add(self, feature: int) -> bool:
        """Add a feature; return False, and change nothing, if its column depends on the others up to rounding."""
        k = self.features.size
        row = self.columns.rows(np.array([feature]))
        column = row[0].astype(float)
        rest, share = column, np.zeros(k)
        for _ in range(2):
            part = product(self.basis.T, rest)
            rest, share = rest - product(self.basis, part), share + part
        size = float(np.linalg.norm(rest))
        if k >= self._n or size <= SINGULAR * float(np.linalg.norm(column)):
            return False
        if k == self._Q.shape[1]:
            room = min(max(_ROOM, 2 * k), self._n)
            Q, R = np.zeros((self._n, room), order="F"), np.zeros((room, room), order="F")
            Q[:, :k], R[:k, :k] = self._Q, self._R
            Z = np.concatenate([self._rows, np.zeros((room - k, self._n), dtype=np.longdouble)])
            self._Q, self._R, self._rows = Q, R, Z
        self._Q[:, k], self._R[:k, k], self._R[k, k], self._rows[k] = rest / size, share, size, row[0]
        self.features, self._fresh = np.append(self.features, feature), False
        return True

    def remove(self, features: Indices) -> None:
        """Remove features, and update the factorisation."""
        for feature in features.tolist():
            k, place = self.features.size, int(np.flatnonzero(self.features == feature)[0])
            if k == 1:
                self.features = self.features[:0]
                continue
            Q, R = qr_delete(self.basis, self._R[:k, :k], place, which="col", check_finite=False)
            self._Q[:, : k - 1], self._R[: k - 1, : k - 1] = Q[:, : k - 1], R[: k - 1]
            self._rows[place : k - 1] = self._rows[place + 1 : k]
            self.features, self._fresh = np.delete(self.features, place), False

    def solve(self, f: Extended, g: Extended) -> tuple[Extended, Extended]:
        """Return ``r, v`` with ``r + Z_A v = f, Z_A' r = g``, for each of the rows of f and g.

        Raises
        ------
        LinAlgError
            If the columns are too close to dependent.
        """
        if not self.features.size:
            return f.copy(), g.copy()
        found = self._refined(f, g)
        if found is None and not self._fresh:  # updates of the factorisation may have cost digits
            k = self.features.size
            self._Q[:, :k], self._R[:k, :k] = qr(self.rows.astype(float).T, mode="economic", check_finite=False)
            self._fresh = True
            found = self._refined(f, g)
        if found is None:
            raise LinAlgError("the columns of the active features are too close to dependent")
        return found

    def _refined(self, f: Extended, g: Extended) -> tuple[Extended, Extended] | None:
        self._triangle = np.asfortranarray(self._R[: self.features.size, : self.features.size])
        Z, (r, v) = self.rows, self._solve_roughly(f, g)
        before = 1.0
        for k in range(_PASSES):
            more_r, more_v = self._solve_roughly(f - r - times(Z.T, v), g - times(Z, r))
            r, v = r + more_r, v + more_v
            floor = 64 * EXTENDED_ROUNDOFF * (_norms(f) + abs(v) @ self.columns.size[self.features])
            now = 0.0
            for moved, size in ((_norms(more_r), _norms(r)), (abs(more_v).max(axis=1), abs(v).max(axis=1))):
                now = max(now, float((np.maximum(moved - floor, 0) / (size + TINY)).max()))
            if now * min(now / before, 1.0) <= _REFINED:
                return r, v
            if k and not now < 0.5 * before:
                return (r, v) if now <= _STALLED else None
            before = now
        return None

    def _solve_roughly(self, f: Extended, g: Extended) -> tuple[Extended, Extended]:
        """Solve the equations in double precision, each row in units of its largest number."""
        R, Q = self._triangle, self.basis
        unit = np.frexp(np.maximum(abs(f).max(axis=1), abs(g).max(axis=1)))[1][:, None]
        rows = np.asfortranarray(np.ldexp(f, -unit).T, dtype=float)
        h = lapack.dtrtrs(R, np.asfortranarray(np.ldexp(g, -unit).T, dtype=float), trans=1)[0]
        fitted = product(Q.T, rows) - h
        r, v = (rows - product(Q, fitted)).T, lapack.dtrtrs(R, fitted)[0].T
        return np.ldexp(r.astype(np.longdouble), unit), np.ldexp(v.astype(np.longdouble), unit)


def times(A: Extended, rows: Extended) -> Extended:
    """Return ``A x`` for each row x; one by one is faster, as extended precision has no BLAS for matrix products."""
    found = np.empty((len(rows), len(A)), dtype=np.longdouble)
    for x, place in zip(rows, found, strict=True):
        np.dot(A, x, out=place)
    return found


def _norms(rows: Extended) -> Extended:
    """Return the Euclidean norm of each row; no sum of squares leaves the range of extended precision."""
    found: Extended = np.sqrt(np.array([x.dot(x) for x in rows], dtype=np.longdouble))
    return found
