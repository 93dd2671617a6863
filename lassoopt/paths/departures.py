"""`departures` tells where weights leave zero along a path: it reads the knots between two lam off the grid.

With squared loss and L1, weights and correlations are straight lines in lam between knots (Efron, Hastie, Johnstone &
Tibshirani, Least angle regression, 2004). So a weight that is 0 at one lam and not at the next left 0 where

    the line through |w_j| at the next two lam          comes down to 0, or
    the line through |x_j' theta| - lam_j at the two before      comes up to 0

whichever two have no knot between them. With other losses the lines are bent, and the knot is near to second order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ..arrays.design_matrix import Array
from ..certificates.kkt import reach
from ..certificates.proof import CertifiedPath
from ..problems.problem import Problem


class FollowedPath(CertifiedPath, Protocol):
    """A followed path is what departures and figures read of a path; `Path` is one."""

    @property
    def problem(self) -> Problem:
        """Return the problem, whose lam plays no part."""

    @property
    def lambdas(self) -> Array:
        """Return the lam of the m points, from the largest to the smallest; shape (m,)."""

    @property
    def correlations(self) -> Array:
        """Return ``x_j' theta`` at each lam; shape (m, p)."""


@dataclass(frozen=True)
class Departure:
    """A departure is one weight leaving zero as lam falls.

    Attributes
    ----------
    feature, name : int, str
        The feature's column and its name.
    lam : float
        The lam at which it leaves, between the last lam of the path that has the weight at 0 and the next.
    sign : int
        The sign of the weight just below that lam.
    """

    feature: int
    name: str
    lam: float
    sign: int


def departures(found: FollowedPath) -> tuple[Departure, ...]:
    """Return every change of a weight from zero to not zero, in order of falling lam.

    A weight that is not 0 at the path's first lam does not leave there. One that comes back leaves again, if the grid
    is fine enough to see it.

    Examples
    --------
    >>> from lassoopt import Problem, path
    >>> problem = Problem([[1.0, 0.0], [0.0, 1.0]], [2.0, 1.0], intercept=False, scaling="sum")
    >>> [(each.name, round(each.lam, 6)) for each in departures(path(problem, [2.0, 1.5, 1.2, 0.9, 0.7]))]
    [('x0', 2.0), ('x1', 1.0)]
    """
    weights = np.array([each.coef_with_proven_zeros for each in found.certificates])
    left = np.argwhere((weights[:-1] == 0) & (weights[1:] != 0)).tolist()
    if not left:
        return ()
    names = found.problem.feature_names
    short, signs = _short_of_the_edge(found), np.sign(weights).astype(int)
    knots = [_knot(found.lambdas, weights, short, k, j) for k, j in left]
    every = [Departure(j, names[j], lam, int(signs[k + 1, j])) for lam, (k, j) in zip(knots, left, strict=True)]
    return tuple(sorted(every, key=lambda each: -each.lam))


def _short_of_the_edge(found: FollowedPath) -> Array:
    """Return ``|x_j' theta| / c_j - lam``, shape (m, p): it is 0 at the edge of the band, below 0 inside."""
    points = zip(found.lambdas.tolist(), found.correlations, strict=True)
    short = [lam * (np.abs(reach(found.problem.with_lam(lam), z)) - 1) if lam else -abs(z) for lam, z in points]
    return np.array(short)


def _knot(lambdas: Array, weights: Array, short: Array, k: int, j: int) -> float:
    """Estimate the lam, between that of index k and the next, at which weight j leaves 0."""
    signs = np.sign(weights)
    guesses = []  # pairs: is there no knot between the two points of the line; its root
    if k + 2 < len(lambdas):
        sure = np.array_equal(signs[k + 1], signs[k + 2])
        guesses.append((sure, _root(lambdas[k + 1 : k + 3], np.abs(weights[k + 1 : k + 3, j]))))
    if k > 0:
        guesses.append((np.array_equal(signs[k - 1], signs[k]), _root(lambdas[k - 1 : k + 1], short[k - 1 : k + 1, j])))
    inside = [(sure, np.clip(lam, lambdas[k + 1], lambdas[k])) for sure, lam in guesses if np.isfinite(lam)]
    best = [lam for sure, lam in inside if sure][:1] or [lam for _, lam in inside]
    return float(np.mean(best)) if best else float(np.mean(lambdas[k : k + 2]))


def _root(x: Array, y: Array) -> float:
    """Return where the line through two points is 0; nan if it never is."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(x[0] - y[0] * (x[1] - x[0]) / (y[1] - y[0]))
