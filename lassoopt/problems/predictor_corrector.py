"""A linear program in boxes is solved by a primal-dual interior point method, and finished on its optimal face.

The program and its dual are

    maximise  y'd   subject to  A'd = e,  (d, e) in a box;      minimise  sum_i h_i(y_i - a_i'w) + sum_j h_j(w_j),

with h the support functions of the box's sides, as ``max(high r, low r)``. With t = (d, e), its slacks s and their
multipliers z, Newton's method is applied to all optimality conditions at once, ``s z = 0`` being softened to
``s z = mu``, by predictor and corrector (Mehrotra 1992; Wright 1997, ch. 10; for quantile regression Portnoy & Koenker
1997). A step solves

    [ D   A ] [ dd ]   [ g ]      D = z_l/s_l + z_u/s_u of d,
    [ A' -Q ] [ dw ] = [ h ],     1/Q the same of e, and Q = 0 for free columns, whose e is held at 0,

by Cholesky of ``A' D^-1 A + Q``, or of ``D + A Q^-1 A'`` if that is the smaller one. Both are sums of positive terms;
to invert one by way of the other (Woodbury) would lose the digits. In the second, free columns F get a large number in
place of ``1/Q``, and are made exact by their Schur complement: it is the method of the augmented Lagrangian, solved.

At the end the predictor tells which bounds are active: there s goes to 0 faster than z (El-Bakry, Tapia & Zhang 1994).
w and d are moved to where the equations of these bounds hold exactly, which is an optimal pair if the guess is right
(Ye 1992; Wright 1997, ch. 7). No vertex is looked for, so ties are no trouble.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.linalg import blas, lapack, lstsq

from ..arrays.design_matrix import Array, dense, product, take_columns
from ..arrays.precision import EPS, TINY

_INSIDE = 0.1  # a bound that may be met at the start is kept this far away, relative to what e can reach
_STEEPEST = 2.0**12  # a multiplier at the start, beside y of size 1: a narrow box counts for little
_TO_BOUNDARY = 0.9995  # the most that is gone of the way to the nearest bound
_REGULAR = 2.0**-52, 2.0**-44, 2.0**-36  # of its diagonal is added to the matrix; more where Cholesky fails with less
_REFINEMENTS = 10
_REFINED = 2.0**-30  # a residual is small enough, relative to the right-hand side
_ROUNDS = 3  # each removes what rounding left of the last
_SINGULAR = 1e-5  # a pivot of a Gram matrix with a diagonal of 1
_DEPENDENT = 1e-12  # pivots below it count as 0 on the face
_ON_FACE = 2.0**-36  # equations of the face hold if they are off by less, relative to the largest of their terms


class PredictorCorrector:
    """The iterates are strictly inside the box, and their equations hold in the limit.

    Parameters
    ----------
    A, y : matrix of shape (n, p), sparse or dense in Fortran's order, and array of shape (n,)
        The entries are of size 1. The free columns are orthogonal.
    low, high : arrays of shape (n + p,)
        The box of (d, e), of which an e may be unbounded below.
    """

    def __init__(self, A: Any, y: Array, low: Array, high: Array) -> None:
        self.A, self.y, self.low, self.high = A, y, low, high
        self.n, size = len(y), low.size
        self.free = low == high
        self.has_low, self.has_high = np.isfinite(low) & ~self.free, ~self.free
        self.w, self.u, reach = np.zeros(size - len(y)), np.zeros(len(y)), float(np.maximum(-low, high)[: len(y)].sum())
        inside = np.where((low < 0) & (high > 0), 0.0, 0.5 * (low + high))
        self.t = np.where(np.isfinite(low), inside, np.minimum(high - _INSIDE * reach, 0.0))
        self.z = product(A.T, self.t[: len(y)])
        r, (sl, su) = np.append(y, self.w), self.slacks()
        mu = float(np.mean(np.abs(y) * np.minimum(sl, su)[: len(y)])) + TINY
        self.zl = np.where(self.has_low, np.minimum(mu / sl, _STEEPEST) + np.maximum(-r, 0.0), 0.0)
        self.zu = np.where(self.has_high, np.minimum(mu / su, _STEEPEST) + np.maximum(r, 0.0), 0.0)
        self.at_low = self.at_high = np.zeros(size, dtype=bool)
        self._scaled = None if sp.issparse(A) else np.empty_like(A)

    def slacks(self) -> tuple[Array, Array]:
        """Return the distances of t from its bounds, 1 where there is none."""
        return np.where(self.has_low, self.t - self.low, 1.0), np.where(self.has_high, self.high - self.t, 1.0)

    @property
    def gap(self) -> float:
        """It is ``s'z`` over all bounds: the duality gap, where the equations hold."""
        sl, su = self.slacks()
        return float(sl @ self.zl + su @ self.zu)

    def advance(self) -> bool:
        """Do one predictor and corrector step; False if floating point allows none."""
        n, zl, zu = self.n, self.zl, self.zu
        sl, su = self.slacks()
        gap = float(sl @ zl + su @ zu)
        r_dual, r_primal = np.append(self.y - self.u, self.w) + zl - zu, self.t[n:] - self.z
        newton = _Newton(self.A, zl / sl + zu / su, self.free[n:], self._scaled)
        if newton.failed or not gap > 0:
            return False

        def direction(to_low: Array | float, to_high: Array | float) -> tuple[Array, ...]:
            """Solve for the step that takes the products ``s z`` to these numbers, to first order."""
            of_low = np.where(self.has_low, to_low / sl - zl, 0.0)
            of_high = np.where(self.has_high, to_high / su - zu, 0.0)
            g = np.where(self.free, 0.0, r_dual + of_low - of_high)
            dd, dw, du, dz = newton.solve(g[:n], r_primal + newton.Q * g[n:])
            dt = np.append(dd, np.where(self.free[n:], 0.0, dz - r_primal))
            return dt, dw, du, dz, of_low - zl / sl * dt, of_high + zu / su * dt

        dt, _, _, _, dzl, dzu = direction(0.0, 0.0)
        self.at_low = self.has_low & (np.abs(dzl) * sl < np.abs(dt) * zl) & ((sl < su) | ~self.has_high)
        self.at_high = self.has_high & (np.abs(dzu) * su < np.abs(dt) * zu) & ~self.at_low
        of_t, of_z = _length(1.0, (sl, dt), (su, -dt)), _length(1.0, (zl, dzl), (zu, dzu))
        ahead = float((sl + of_t * dt) @ (zl + of_z * dzl) + (su - of_t * dt) @ (zu + of_z * dzu))
        mu = (ahead / gap) ** 3 * gap / (np.count_nonzero(self.has_low) + np.count_nonzero(self.has_high))
        dt, dw, du, dz, dzl, dzu = direction(mu - dt * dzl, mu + dt * dzu)
        of_t = _length(_TO_BOUNDARY, (sl, dt), (su, -dt))
        of_z = _length(_TO_BOUNDARY, (zl, dzl), (zu, dzu))
        t, w = self.t + of_t * dt, self.w + of_z * dw
        if not (np.isfinite(t).all() and np.isfinite(w).all() and max(of_t, of_z) > EPS):
            return False
        self.t, self.z, self.w, self.u = t, self.z + of_t * dz, w, self.u + of_z * du
        self.zl, self.zu = zl + of_z * dzl, zu + of_z * dzu
        return True

    @property
    def nonzero(self) -> NDArray[np.bool_]:
        """True marks the columns whose w is not 0 if the guess of active bounds is right, and free ones; (p,)."""
        return (self.at_low | self.at_high | self.free)[self.n :]

    def on_face(self) -> tuple[Array, Array] | None:
        """Return (w, d) that solve the equations of the active bounds; None where these have no solution in the box.

        These are ``a_i'w = y_i`` for d_i inside its bounds, w_j = 0 for e_j inside, and ``a_j'd = e_j`` for e_j at a
        bound. Of all solutions it is the nearest one, in units of how far each unknown may go.
        """
        n = self.n
        t = np.where(self.at_low, self.low, np.where(self.at_high, self.high, self.t))
        some, inside = np.flatnonzero(self.nonzero), np.flatnonzero(~(self.at_low | self.at_high)[:n])
        columns = dense(take_columns(self.A, some))
        rows, d, w = columns[inside], t[:n], np.where(self.nonzero, self.w, 0.0)
        room = np.minimum(d - self.low[:n], self.high[:n] - d)[inside]
        far = np.where(self.free[n:], np.abs(w).max(initial=0.0), np.abs(w))[some]
        of_w, of_d = _least(rows * far), _least(rows.T * room)
        for _ in range(_ROUNDS):
            w[some] += far * of_w(self.y[inside] - rows @ w[some])
            d[inside] += room * of_d(t[n:][some] - product(columns.T, d))
        off = np.abs(self.y[inside] - rows @ w[some]) > _ON_FACE * np.abs(self.y).max()
        reach = np.abs(columns).T @ np.maximum(-self.low, self.high)[:n]
        missed = np.abs(t[n:][some] - product(columns.T, d)) > _ON_FACE * reach
        turned = (w * self.w < 0) & ~self.free[n:]
        outside = (d < self.low[:n]) | (d > self.high[:n])
        return None if off.any() or missed.any() or turned.any() or outside.any() else (w, d)

    def excess(self, w: Array, d: Array) -> float:
        """Return by how much the objectives of (w, d) differ, and d misses the box of e: 0 for an optimal pair."""
        n, e = self.n, product(self.A.T, d)
        r = np.append(self.y - product(self.A, w), w)
        low = np.where(np.isfinite(self.low) | (r < 0), self.low, 0.0)
        gap = float(np.sum(np.maximum(self.high * r, low * r))) - float(self.y @ d)
        return max(gap, float(np.max(np.maximum(self.low[n:] - e, e - self.high[n:]), initial=0.0)))


class _Newton:
    """It is the matrix of one iteration, factorised for its predictor and its corrector."""

    def __init__(self, A: Any, curvature: Array, free: NDArray[np.bool_], scaled: Array | None) -> None:
        n, self.A, self.free = A.shape[0], A, np.flatnonzero(free)
        self.D, E = curvature[:n], curvature[n:]
        self.Q = np.where(free, 0.0, 1 / np.where(free, 1.0, E))
        self.by_rows = n < A.shape[1]
        self.weight = np.where(free, 0.0, E) if self.by_rows else 1 / self.D
        if self.by_rows:  # as large as the rest, so that neither drowns the other
            self.weight[self.free] = float(self.D.mean() + self.weight.sum())
        M = _gram(A, np.sqrt(self.weight), self.by_rows, scaled)
        diagonal = self.D if self.by_rows else self.Q
        self.scale = 1 / np.sqrt(np.maximum(M.diagonal() + diagonal, TINY))
        M *= self.scale[:, None]
        M *= self.scale
        for regular in _REGULAR:
            M[np.diag_indices_from(M)] = 1 + regular
            self.factor, self.failed = lapack.dpotrf(M, lower=1)
            if not self.failed:
                break
        if self.by_rows and self.free.size and not self.failed:
            self.open = dense(take_columns(A, self.free))
            self.answer = self._inverse(self.open)
            self.schur, self.failed = lapack.dpotrf(product(self.open.T, self.answer), lower=1)

    def solve(self, g: Array, h: Array) -> tuple[Array, ...]:
        """Solve ``D dd + A dw = g``, ``A' dd - Q dw = h``, with refinement; return (dd, dw, A dw, A' dd)."""
        right, *found = self._solve(g, h)
        for _ in range(_REFINEMENTS):
            dd, dw, du, dz = found
            of_g, of_h = g - self.D * dd - du, h - dz + self.Q * dw
            off = self.scale * (of_g if self.by_rows else of_h)
            if np.abs(off).max() <= _REFINED * np.abs(self.scale * right).max():
                break
            found = [now + change for now, change in zip(found, self._solve(of_g, of_h)[1:], strict=True)]
        return tuple(found)

    def _solve(self, g: Array, h: Array) -> tuple[Array, ...]:
        """Solve by one of the two reduced systems; return its right-hand side first."""
        A, weight = self.A, self.weight
        if not self.by_rows:
            right = product(A.T, weight * g) - h
            dw = self._inverse(right)
            du = product(A, dw)
            dd = weight * (g - du)
            return right, dd, dw, du, product(A.T, dd)
        right = g + product(A, weight * h)
        dd, dw = self._inverse(right), np.zeros_like(h)
        if self.free.size:
            dw[self.free] = lapack.dpotrs(self.schur, product(self.open.T, dd) - h[self.free], lower=1)[0]
            dd = dd - product(self.answer, dw[self.free])
        dz = product(A.T, dd)
        dw += weight * (dz - h)
        return right, dd, dw, product(A, dw), dz

    def _inverse(self, v: Array) -> Array:
        scale = self.scale[:, None] if v.ndim == 2 else self.scale
        return np.asarray(scale * lapack.dpotrs(self.factor, scale * v, lower=1)[0])


def _gram(A: Any, root: Array, by_rows: bool, scaled: Array | None) -> Array:
    """Return the lower triangle of ``A W A'``, or of ``A' W A``, with ``W = diag(root^2)``."""
    root = root[None, :] if by_rows else root[:, None]
    if scaled is not None:
        np.multiply(A, root, out=scaled)
        return np.asarray(blas.dsyrk(1.0, scaled, trans=not by_rows, lower=1))
    B = sp.csc_array(A * root)
    return np.asfortranarray((B @ B.T if by_rows else B.T @ B).toarray())


def _length(share: float, *moves: tuple[Array, Array]) -> float:
    """Return how far numbers > 0 may change, given as pairs (numbers, changes): a share of the way to 0, at most 1."""
    lengths = [1.0]
    for value, change in moves:
        falls = change < 0
        lengths.append(share * float(np.min(-value[falls] / change[falls], initial=np.inf)))
    return min(lengths)


def _least(matrix: Array) -> Callable[[Array], Array]:
    """Return what solves systems in this matrix: by their least solution, in the sense of least squares.

    Normal equations do, as residuals are removed again; not where they are too nearly singular.
    """
    by_rows = matrix.shape[0] <= matrix.shape[1]
    if not matrix.size:
        return lambda right: np.zeros(matrix.shape[1])
    gram = blas.dsyrk(1.0, matrix, trans=not by_rows, lower=1)
    scale = 1 / np.sqrt(np.maximum(gram.diagonal(), TINY))
    factor, failed = lapack.dpotrf(scale[:, None] * gram * scale, lower=1)
    if failed or factor.diagonal().min() < _SINGULAR:
        return lambda right: lstsq(matrix, right, cond=_DEPENDENT, lapack_driver="gelsy", check_finite=False)[0]

    def solved(right: Array) -> Array:
        found = right if by_rows else product(matrix.T, right)
        found = scale * lapack.dpotrs(factor, scale * found, lower=1)[0]
        return product(matrix.T, found) if by_rows else found

    return solved
