"""The second moments of the data determine a least squares problem; in tables with many rows they are far smaller.

    M = A' S A,    A = (X - 1 m', 1, y),    S = diag(s)

For ``a = (-w, -b - m'w, 1)`` the residual is ``r = A a``, and ``M a`` holds ``(X - 1 m')' S r``, ``1' S r`` and
``y' S r`` at once: the gradient, and the parts of the loss, without a pass over the data. m are the means of the
columns where there is an intercept, and 0 where there is none.

**Rounding.** An entry ``M_ij`` is a sum of n products, in blocks of rows. Each is off by a few units in the last place,
those of s_i among them, and their sum by ``gamma ||A_i|| ||A_j||``, by Cauchy and Schwarz (norms weighted by S; Higham
2002, sec. 3.1). So ``(M a)_i`` is off by at most ``gamma ||A_i|| sum_j ||A_j|| |a_j|``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from ..arrays.design_matrix import Array
from ..arrays.precision import gamma
from .centring import weighted_norm
from .objective import Objective

FEW = 128  # columns; of no more, the moments take as long as some products with X
PER_POINT = 16  # as many more columns for each answer that they will be used for
MOST = 500  # columns; of more, working sets are as fast, and need less memory
_ROWS, _ENTRIES = 1024, 2**16  # of a block, at the least
_IN_RANGE = 2.0**300  # norms between this and its inverse neither overflow nor vanish when they are squared


@dataclass(frozen=True, eq=False)
class Moments:
    """The moments, with what their rounding may be.

    Attributes
    ----------
    matrix : array of shape (p + 2, p + 2)
        M; the last two rows are those of 1 and y.
    size : array of shape (p + 2,)
        At least the norms ``||A_i||``.
    shift : array of shape (p,)
        m, less what `centring` takes away already.
    accuracy : float
        gamma, which also allows for a product ``M a``.
    """

    matrix: Array
    size: Array
    shift: Array
    accuracy: float

    @classmethod
    def of(cls, problem: Objective, centred_by: Array) -> Moments | None:
        """Compute the moments of data centred by so much; None if they are sparse, wide, or of extreme size."""
        n, p = problem.shape
        sizes = np.append(problem.columns.norm, [math.sqrt(problem.s.sum()), weighted_norm(problem.s, problem.y)])
        extreme = (sizes > 0) & ~((sizes > 1 / _IN_RANGE) & (sizes < _IN_RANGE))
        if sp.issparse(problem.X) or p > MOST or extreme.any() or not problem.keeps_weights:
            return None
        rows = max(_ROWS, _ENTRIES // (p + 2), math.isqrt(n))
        root, block = np.sqrt(problem.s), np.empty((p + 2, min(n, rows)))
        matrix, mean = np.zeros((p + 2, p + 2)), problem.columns.mean * problem.intercept
        for start in range(0, n, rows):
            some = slice(start, start + rows)
            weight = root[some]
            part, X = block[:, : weight.size], problem.X[some].T
            np.multiply(X - mean[:, None] if problem.intercept else X, weight, out=part[:p])
            part[p] = weight
            np.multiply(problem.y[some], weight, out=part[p + 1])
            matrix += part @ part.T
        size = np.sqrt(np.diag(matrix)) * (1 + 2.0**-20)
        return cls(matrix, size, mean - centred_by, gamma(min(n, rows) + -(-n // rows) + p + 96))


def moments_pay(problem: Objective, answers: int = 1) -> bool:
    """Say whether the moments are worth computing for so many answers to a problem."""
    n, p = problem.shape
    return problem.loss.quadratic and p <= min(n, FEW + PER_POINT * answers)
