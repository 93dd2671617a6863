"""Column statistics and products of a design matrix, dense or sparse, one pass over it each."""

from __future__ import annotations

from dataclasses import dataclass
from threading import current_thread, main_thread
from typing import Any, TypeAlias

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.linalg import blas

from .precision import CONSTANT, EXTENDED_ROUNDOFF, UNIT_ROUNDOFF

Array = NDArray[np.float64]
Indices = NDArray[np.intp]
Matrix: TypeAlias = Any  # Array or sp.csc_array; SciPy ships no types

# decorates what may be given anything: numbers that overflow are inf, and judged as that, without a warning
overflow_is_no_event = np.errstate(over="ignore", invalid="ignore", divide="ignore")
_SMALL = 50_000  # entries of a matrix that is summed in extended precision
_BLOCK = 2**19  # entries handled at a time, which bounds what temporaries take

# glibc returns what is free beyond 128 kB at the end of the heap to the system, so that arrays of a few 100 kB are
# paged in anew each time, which takes longer than to fill them. Freeing 31 MB once, untouched, raises that limit to
# 62 MB (M_MMAP_THRESHOLD in mallopt(3)); with other allocators it does nothing.
np.empty(31 * 2**17)


@dataclass(frozen=True)
class Columns:
    """The statistics of a matrix's columns are weighted by ``s``, the weights of its rows.

    Attributes
    ----------
    mean : array of shape (p,)
        ``sum_i s_i x_ij / sum_i s_i``.
    norm : array of shape (p,)
        ``sqrt(sum_i s_i x_ij^2)``.
    spread : array of shape (p,)
        ``sqrt(sum_i s_i (x_ij - mean_j)^2)``.
    """

    mean: Array
    norm: Array
    spread: Array

    def sizes(self, intercept: bool = True) -> Array:
        """Return the size of what an intercept leaves of each column, its spread; without one, its norm."""
        return self.spread if intercept else self.norm

    def constant(self, intercept: bool = True) -> NDArray[np.bool_]:
        """Tell which columns an intercept makes redundant, up to rounding; without one, which are 0."""
        return self.sizes(intercept) <= CONSTANT * self.norm


@overflow_is_no_event
def column_statistics(X: Matrix, s: Array) -> Columns:
    """Compute the weighted mean, norm and spread of each column, in a pass over X for the means and one for squares.

    A column whose mean is large beside its spread is passed again about that mean, and one of extreme size in units
    of it. The norms of columns with an entry that is not finite are not finite.
    """
    total = s.sum()
    mean, second = _sums(X, s)
    square = second - total * mean * mean
    lost = np.flatnonzero(~((square >= 0.01 * second) & (square > 1e-200) & (second < 1e200)))
    norm, spread = np.sqrt(second), np.sqrt(np.maximum(square, 0.0))
    if lost.size:
        used = s > 0  # the other samples do not count, and may be large
        about_mean = _sparse_sums_about_mean if sp.issparse(X) else _dense_sums_about_mean
        for some in np.array_split(lost, -(-lost.size * len(s) // _BLOCK)):
            part, weights = X[:, some][used], s[used]
            largest = abs(part).max(axis=0)
            unit = power_of_two(largest.toarray().ravel() if sp.issparse(X) else largest)
            centre, about = about_mean(part, weights, unit)
            mean[some], spread[some] = unit * centre, unit * np.sqrt(about)
            norm[some] = unit * np.hypot(np.sqrt(about), np.sqrt(total) * centre)
    return Columns(mean, norm, spread)


def _sums(X: Matrix, s: Array) -> tuple[Array, Array]:
    """Compute the weighted mean and sum of squares of each column."""
    p = X.shape[1]
    if not sp.issparse(X):
        equal = bool((s == s[0]).all())
        second = np.einsum("ij,ij->j", X, X) * s[0] if equal else np.einsum("ij,ij,i->j", X, X, s)
        return product(X.T, s) / s.sum(), second
    X, second = sp.csc_array(X), np.empty(p)
    for i in range(0, p, step := -(-p // 16)):  # what it takes is small beside X
        ends = X.indptr[i : i + step + 1]
        stored = slice(ends[0], ends[-1])
        squares = X.data[stored] * X.data[stored]
        block = sp.csc_array((squares, X.indices[stored], ends - ends[0]), shape=(len(s), ends.size - 1))
        second[i : i + step] = block.T @ s
    return product(X.T, s) / s.sum(), second


def _dense_sums_about_mean(X: Array, s: Array, unit: Array) -> tuple[Array, Array]:
    """Compute the mean, and the weighted square about it, of each column of ``X / unit``."""
    X = X / unit
    mean = _sums(X, s)[0]
    offset, second = _sums(X - mean, s)  # the rounding of the mean
    return mean + offset, np.maximum(second - s.sum() * offset**2, 0.0)


def _sparse_sums_about_mean(X: Matrix, s: Array, unit: Array) -> tuple[Array, Array]:
    """Compute the same for a sparse matrix: from the stored entries, and the mean squared for those not stored."""
    stored = sp.csc_array(X)
    per_column = np.diff(stored.indptr)
    values, weights = stored.data / np.repeat(unit, per_column), s[stored.indices]
    column = np.repeat(np.arange(X.shape[1]), per_column)

    def total(terms: Array) -> Array:
        return np.bincount(column, weights=terms, minlength=X.shape[1]).astype(float)

    unstored = np.maximum(s.sum() - total(weights), 0.0)
    unstored[total(weights > 0) == np.count_nonzero(s)] = 0.0
    mean = total(weights * values) / s.sum()
    offset = (total(weights * (values - mean[column])) - unstored * mean) / s.sum()  # the rounding of the mean
    square = total(weights * (values - mean[column]) ** 2) + unstored * mean**2 - s.sum() * offset**2
    return mean + offset, np.maximum(square, 0.0)


def power_of_two(largest: Array) -> Array:
    """Return a power of two near each value, so that dividing by it is exact; 1 for 0."""
    return np.exp2(np.round(np.log2(np.where(largest > 0, largest, 1.0))))


def take_columns(X: Matrix, features: Indices) -> Matrix:
    """Return the columns ``features``, contiguous in memory; X itself if that is all of them."""
    if features.size == X.shape[1]:
        return X
    return X[:, features] if sp.issparse(X) else np.asfortranarray(X[:, features])


def take_rows(X: Matrix, rows: Indices) -> Matrix:
    """Return the samples ``rows``, laid out in memory as X is; NumPy's own ``X[rows]`` turns Fortran order into C's."""
    if sp.issparse(X) or not X.flags.f_contiguous:
        return X[rows]
    return np.take(X.T, rows, axis=1).T


def predict(X: Matrix, coef: Array) -> Array:
    """Compute ``X w`` for one w, or for several as columns; where few of w are not 0, only their columns are read."""
    support = np.flatnonzero(coef if coef.ndim == 1 else coef.any(axis=1))
    if support.size < 0.25 * len(coef):
        X, coef = take_columns(X, support), coef[support]
    return _accurate_product(X, coef)


def correlate(X: Matrix, theta: Array) -> Array:
    """Compute ``X' theta`` for one theta, or for several as columns."""
    return _accurate_product(X.T, theta)


def _accurate_product(A: Matrix, x: Array) -> Array:
    if unit_roundoff(A) < UNIT_ROUNDOFF:
        with np.errstate(over="ignore", invalid="ignore"):
            return (A.astype(np.longdouble) @ x.astype(np.longdouble)).astype(np.float64)
    return product(A, x)


def product(A: Matrix, x: Array) -> Array:
    """Compute ``A x`` by SciPy's BLAS, which all of the package's large products and factorisations use.

    NumPy and SciPy bring a pool of threads each. Those that have just finished wait at full speed for more work, so
    that a program which turns from one to the other takes twice as long (measured on two cores). But SciPy's holds the
    interpreter's lock, and NumPy's does not: a thread that shares the work, as in cross-validation, takes NumPy's.
    """
    if not isinstance(A, np.ndarray) or not A.size or not x.size:
        return A @ x
    if not (A.flags.f_contiguous or A.flags.c_contiguous) or current_thread() is not main_thread():
        return A @ x
    turned = not A.flags.f_contiguous
    stored = A.T if turned else A
    return blas.dgemv(1.0, stored, x, trans=turned) if x.ndim == 1 else blas.dgemm(1.0, stored, x, trans_a=turned)


def gram(A: Array) -> Array:
    """Compute ``A' A`` of a dense A: one half of it, mirrored; threads share the work as in `product`."""
    if not A.size or current_thread() is not main_thread():
        return A.T @ A
    half = blas.dsyrk(1.0, A, trans=1) if A.flags.f_contiguous else blas.dsyrk(1.0, A.T)  # the upper one, zeros below
    whole: Array = half + half.T
    whole.flat[:: len(whole) + 1] *= 0.5
    return whole


def unit_roundoff(X: Matrix) -> float:
    """Return the unit roundoff of the sums in `predict` and `correlate`.

    Small dense data are summed in extended precision where the platform has it, so that the rounding error of a gap
    is a few units in the last place.
    """
    return EXTENDED_ROUNDOFF if not sp.issparse(X) and X.size <= _SMALL else UNIT_ROUNDOFF


def weighted(s: Array, values: Array) -> Array:
    """Return ``s * values``, and 0 where s is 0, whatever the value there: it may have overflowed."""
    if s.min() > 0:
        return s * values
    with np.errstate(over="ignore", invalid="ignore"):
        return np.where(s > 0, s * values, 0.0)


def dense(X: Matrix) -> Array:
    """Return a sparse matrix as a dense array, and a dense one as it is."""
    return X.toarray() if sp.issparse(X) else X
