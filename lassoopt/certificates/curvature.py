"""`curvature` bounds how far weights are from the optimum by the objective's curvature, rounding included.

**Bound.** A ball holds every optimal theta* (`screening`). It confines each sample's slope to an interval, and so its
curvature is at least some ``f_i``. Let ``H = X' diag(s_i f_i) X + lam diag(m_j)``, with centred columns if there is an
intercept and m_j the strong convexity of the penalty. Then ``|w_j - w*_j| <= sqrt(2 gap (H^-1)_jj)`` for every optimal
w*.

**Inverse.** Write ``H = B'B`` for a matrix B with a row for each sample, a column for the intercept, and a row for each
m_j. Any R at all gives a bound: if the smallest singular value of ``B R`` is at least sigma > 0, then H is positive
definite and ``H^-1 = R ((B R)'(B R))^-1 R' <= R R' / sigma^2``. Here R is the inverse of the Cholesky factor of H, or
of the triangle of a QR factorisation of B, so that ``B R`` is nearly orthogonal; nothing has to be known about its
accuracy (Rump, Verification methods, Acta Numerica 2010, sec. 10).

**Rounding**, with u the unit roundoff and ``gamma_n = n u / (1 - n u)`` (Higham 2002, sec. 3.1):

    x_ij - c      c is any number near the mean; the error is at most u of the *difference* (the intercept takes up c)
    B             a subtraction, a square root and a product: gamma_5 |B|; all scales are powers of two
    C = fl(B R)   |C - B R| <= gamma_(k+5) |B| |R|, whose Frobenius norm is at most that of ``|B| r``, r_l = |R_l|
    C'C           each entry is off by at most gamma_n |C_j| |C_l|, all together by gamma_n |C|^2 in Frobenius norm
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cholesky, qr, solve_triangular

from ..arrays.design_matrix import Array, Indices, dense, product, take_columns
from ..problems.problem import Problem
from .dual_points import DualPoint, slopes_of
from .rounding_bounds import dual_bound, gamma
from .screening import max_curvature

_LARGEST = 2000  # features; larger curvature matrices are not examined
_PRECISE = 1e-4  # a Cholesky factor with a diagonal entry below it (of the largest) has lost half of its digits


def curvature_floor(problem: Problem, point: DualPoint, coef: Array, u: Array, gap: float) -> Array:
    """Return a lower bound on each sample's curvature between ``u = X w + b`` and every optimal prediction; shape (n,).

    The problem is centred, and ``gap`` bounds how far the point's value is above the dual point's. The bound covers the
    rounding of u, of the slopes, and of theta, which stands for an exactly feasible one; the evaluation of a slope is
    trusted to 8 units in the last place of the terms it is made of.
    """
    used, nothing = problem.s > 0, np.zeros_like(problem.s)
    s, y = problem.s[used], problem.y[used]
    with np.errstate(over="ignore", invalid="ignore"):
        off = dual_bound(problem, point).slopes
        kappa = max_curvature(problem, point, off, gap)[used] * (1 + gamma(16))
        reach = np.sqrt(2 * gap * kappa / s) * (1 + gamma(len(s) + 16))
        a = slopes_of(problem, point.theta)[used]
        reach = reach + off[used]
        if not np.isfinite(reach).all():
            return nothing
        # |x_ij| <= norm_j / sqrt(s_i) bounds the terms of u
        terms = gamma(int(np.count_nonzero(coef)) + 8) * float(np.abs(coef) @ problem.centring.size)
        du = terms / np.sqrt(s) + gamma(16) * np.abs(u[used])
        low = np.minimum(a - reach, problem.loss.gradient(u[used] - du, y))
        high = np.maximum(a + reach, problem.loss.gradient(u[used] + du, y))
        widening = gamma(8) * (np.maximum(np.abs(low), np.abs(high)) + np.abs(y))
        lower, upper = (np.broadcast_to(slope, problem.y.shape)[used] for slope in problem.loss.slopes(problem.y))
        ends = np.clip(low - widening, lower, upper), np.clip(high + widening, lower, upper)
        floor = np.min([problem.loss.curvature_at_slope(end, y) for end in ends], axis=0) * (1 - gamma(8))
    nothing[used] = np.where(floor > 0, floor, 0.0)
    return nothing


def inverse_roots(problem: Problem, features: Indices, floor: Array) -> Array | None:
    """Return upper bounds on ``sqrt((H^-1)_jj)`` (roots, as squares underflow); None if H is not proven definite."""
    weights = problem.s * floor * (1 - gamma(len(floor) + 8))
    rows = np.flatnonzero(weights > 2.0**-900 * weights.max())  # without the others H is no larger
    modulus = problem.lam * problem.penalty.modulus()[features] * (1 - gamma(8))
    enough = rows.size >= features.size + problem.intercept or np.all(modulus > 0)
    if not 0 < features.size <= _LARGEST or not enough or (problem.intercept and not rows.size):
        return None
    columns = dense(take_columns(problem.X, features))[rows]  # a copy
    with np.errstate(over="ignore", invalid="ignore", divide="ignore", under="ignore"):
        if problem.intercept:
            centre = (weights[rows] / weights[rows].sum()) @ columns
            columns -= centre
            columns, modulus = np.column_stack([columns, np.ones(rows.size)]), np.append(modulus, 0.0)
        root, own = np.sqrt(weights[rows]), np.sqrt(modulus)
        shift = int(_exponent(np.append(root, own)).max())
        root, own = np.ldexp(root, -shift), np.ldexp(own, -shift)
        largest = _exponent(np.maximum(np.abs(root[:, None] * columns).max(axis=0, initial=0.0), own))
        B = np.ldexp(columns, -largest, out=columns)
        B *= root[:, None]
        if own.any():
            B = np.vstack([B, np.diag(np.ldexp(own, -largest))])
        length = _exponent(np.sqrt((B * B).sum(axis=0)))
        bound = _inverse_roots_of_gram(np.ldexp(B, -length, out=B))
        if bound is None:
            return None
        bound = np.ldexp(bound, -(shift + largest + length))[: features.size]
    return np.nextafter(bound, np.inf)  # it may have been too small for its digits


def weight_error(gap: float, roots: Array) -> Array:
    """Return ``sqrt(2 gap (H^-1)_jj)``, rounded up: no minimiser's weight is farther away than this."""
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        error = np.sqrt(2 * gap) * roots * (1 + gamma(8))
    return np.where(np.isnan(error), np.inf, np.nextafter(error, np.inf))


def _inverse_roots_of_gram(B: Array) -> Array | None:
    """Return upper bounds on the roots of the diagonal of ``(A'A)^-1``, or None where none is found.

    They hold for every A whose entries are within gamma_5 of B's, relative to them. B's columns have length 1/2 to 1.
    """
    rows, k = B.shape
    if not np.isfinite(B).all() or not B.any(axis=0).all():
        return None
    for triangle in _triangles(B):
        try:
            R = solve_triangular(triangle, np.eye(k), check_finite=False)
        except LinAlgError:
            continue
        if not np.isfinite(R).all():
            continue
        C = product(B, R)
        lengths = np.sqrt((R * R).sum(axis=1))
        error = gamma(k + 5) * float(np.linalg.norm(product(np.abs(B), lengths))) * (1 + gamma(rows + k + 8))
        error += rows * k * 2.0**-1000 * (1 + float(np.abs(R).max()))  # underflow
        off = float(np.linalg.norm(product(C.T, C) - np.eye(k))) * (1 + gamma(k * k + 8))
        off += 2 * gamma(rows + 8) * float((C * C).sum())
        least = np.sqrt(max(1 - off, 0.0)) * (1 - gamma(4)) - error
        if least > 0:
            return lengths / least * (1 + gamma(k + 16))
    return None


def _triangles(B: Array) -> Iterator[Array]:
    """Yield triangles T with ``T'T = B'B`` but for rounding: by Cholesky if that is precise, then by QR."""
    gram = product(B.T, B)
    try:
        triangle = cholesky(gram, check_finite=False)
        if np.diag(triangle).min() > _PRECISE * np.diag(triangle).max():
            yield triangle
    except LinAlgError:  # the columns are nearly collinear
        pass
    yield qr(B, mode="r", check_finite=False)[0][: B.shape[1]]


def _exponent(values: Array) -> NDArray[np.int_]:
    """Return the e with ``2^(e-1) <= |value| < 2^e``; it is 0 for the value 0."""
    return np.asarray(np.frexp(values)[1], dtype=int)
