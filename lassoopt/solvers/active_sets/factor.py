"""Linear systems over a set of features that changes by a few at a time need no new factorisation each time.

The Gram matrix of a *base* set B is factorised, ``G_BB = L L'``. For the set ``A = B + P - R`` the equations of the
features P that came are written below, and every feature of R that left is held at 0 by a multiplier:

    [ G_BB  G_BP  E_R ] [ v_B ]   [ b_B ]
    [ G_PB  G_PP   0  ] [ v_P ] = [ b_P ]
    [ E_R'   0     0  ] [  .  ]   [  0  ]

so that a solve takes two triangular ones with L and one with the small Schur complement of the border. When the border
is wide, A becomes the base (cf. Gill, Murray, Saunders & Wright, A Schur-complement method for sparse quadratic
programming, 1990).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, blas, lapack

from ...arrays.design_matrix import Array, Indices
from .least_squares import Gram

_SINGULAR = 1e-13  # the least square of a pivot, relative
_SMALL = 48  # active features; up to here a new factorisation costs less than a border
_NARROW = 24  # a border up to this width, or up to a quarter of A, is kept


class Factor:
    """It solves ``(G + diag(ridge))_AA v = b`` for a changing set A of slots of a `Gram`."""

    def __init__(self, gram: Gram) -> None:
        self.gram = gram
        self.ridge = np.zeros(0)  # by slot
        self._factorise(np.zeros(0, dtype=np.intp))

    def forget(self) -> None:
        """Factorise anew at the next `use`, as after a change of the ridge."""
        self._base = np.zeros(0, dtype=np.intp)

    def use(self, active: NDArray[np.bool_]) -> None:
        """Turn to another set A, given as a mask over the slots.

        Raises
        ------
        LinAlgError
            If the matrix is not positive definite.
        """
        in_base = np.zeros(len(active), dtype=bool)
        in_base[self._base] = True
        added, removed = np.flatnonzero(active & ~in_base), np.flatnonzero(in_base & ~active)
        width, size = added.size + removed.size, np.count_nonzero(active)
        if not self._base.size or (width and size <= _SMALL) or width > max(_NARROW, 0.25 * size):
            self._factorise(np.flatnonzero(active))
        else:
            self._border_by(np.concatenate([added, -1 - removed]))

    def _factorise(self, base: Indices) -> None:
        G = np.asfortranarray(self._block(base, base))
        size = np.diag(G).copy()
        if base.size:
            G, info = lapack.dpotrf(G, lower=1, overwrite_a=1, clean=0)
            if info or np.any(np.diag(G) ** 2 <= _SINGULAR * size):
                self.forget()
                raise LinAlgError("the Gram matrix of the active features is singular")
        self._L, self._base = G, base
        self._border = self._added = np.zeros(0, dtype=np.intp)
        self._V = np.zeros((base.size, 0), order="F")
        self._known = self._border, self._V

    def _block(self, rows: Indices, columns: Indices) -> Array:
        """Return these rows and columns of ``G + diag(ridge)``."""
        same = rows[:, None] == columns
        return self.gram.matrix[rows[:, None], columns] + np.where(same, self.ridge[columns], 0.0)

    def _border_by(self, wanted: Indices) -> None:
        """Change the border to these: slots that came, and ``-1 - slot`` for those held at 0."""
        if np.array_equal(wanted, self._border):
            return
        self._V, self._border = self._reduce(wanted), wanted
        self._known = self._border, self._V
        self._is_added = wanted >= 0
        self._added = wanted[self._is_added]
        own = np.flatnonzero(self._is_added)
        schur = np.zeros((wanted.size, wanted.size), order="F")
        schur[np.ix_(own, own)] = self._block(self._added, self._added)
        if wanted.size:
            schur -= blas.dgemm(1.0, self._V, self._V, trans_a=1)
            self._lu, self._pivots = lapack.dgetrf(schur, overwrite_a=1)[:2]

    def _reduce(self, wanted: Indices) -> Array:
        """Return the columns ``L^-1 [G_BP, E_R]`` for these; some are known."""
        keys, columns = self._known
        place = {key: j for j, key in enumerate(keys.tolist())}
        new = np.array([key for key in wanted.tolist() if key not in place], dtype=np.intp)
        if new.size:
            fresh = np.zeros((self._base.size, new.size), order="F")
            fresh[:, new >= 0] = self.gram.matrix[self._base[:, None], new[new >= 0]]
            fresh[np.searchsorted(self._base, -1 - new[new < 0]), np.flatnonzero(new < 0)] = 1.0
            fresh = lapack.dtrtrs(self._L, fresh, lower=1, overwrite_b=1)[0]
            place |= {key: keys.size + j for j, key in enumerate(new.tolist())}
            columns = np.hstack([columns, fresh])
        return np.asfortranarray(columns[:, [place[key] for key in wanted.tolist()]])

    def schur_complement(self, slots: Indices) -> Array:
        """Return ``G_PP - G_PA G_AA^-1 G_AP``, ridge included, for inactive slots P: what A leaves unexplained."""
        left = self._block(slots, slots)
        if self._base.size:
            V = self._reduce(slots)
            self._known = np.concatenate([self._border, slots]), np.hstack([self._V, V])
            left -= blas.dgemm(1.0, V, V, trans_a=1)
            if self._border.size:
                cross = np.zeros((self._border.size, slots.size), order="F")
                cross[self._is_added] = self.gram.matrix[self._added[:, None], slots]
                cross -= blas.dgemm(1.0, self._V, V, trans_a=1)
                left -= blas.dgemm(1.0, cross, self._solve_border(cross), trans_a=1)
        return left

    def _solve_border(self, right: Array) -> Array:
        return lapack.dgetrs(self._lu, self._pivots, right)[0]

    def solve(self, b: Array) -> Array:
        """Return ``v`` by slot, 0 outside of A; b is given by slot, shape (m,) or (m, k)."""
        right = b if b.ndim == 2 else b[:, None]
        v = np.zeros_like(right)
        if self._base.size:
            y = lapack.dtrtrs(self._L, np.asfortranarray(right[self._base]), lower=1, overwrite_b=1)[0]
            if self._border.size:
                small = np.zeros((self._border.size, right.shape[1]), order="F")
                small[self._is_added] = right[self._added]
                small = self._solve_border(small - blas.dgemm(1.0, self._V, y, trans_a=1))
                y -= blas.dgemm(1.0, self._V, small)
                v[self._added] = small[self._is_added]
            v[self._base] = lapack.dtrtrs(self._L, y, lower=1, trans=1, overwrite_b=1)[0]
            if self._border.size:
                v[-1 - self._border[~self._is_added]] = 0.0
        return v if b.ndim == 2 else v[:, 0]
