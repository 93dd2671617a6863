"""`refinement` adds lam to a path until the bound on the gap between its points is met everywhere.

Intervals whose bound is too large are split again and again. A bound that is quadratic in the width tells into how many
parts (Ndiaye, Le, Fercoq, Salmon & Takeuchi, Safe grid search with optimal complexity, 2019).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from ..arrays.design_matrix import Array
from ..certificates.dual_points import relative_gap
from ..problems.problem import Problem
from ..solvers.methods import solve_along
from ..solvers.solution import Solution
from .gap_between_points import gap_between

_MOST_PARTS = 16  # an interval is split into at most so many at a time
_TOLS = 1e-15, 1e-8  # new points are solved to a tenth of the tolerance asked for, within these bounds
_NARROWEST = 1e-12  # intervals narrower than this, relative to lam, are not split

Bounds = dict[tuple[Solution, Solution], float]


def refined(
    problem: Problem, solutions: Sequence[Solution], tol: float, callback: Callable[[Solution], Any] | None
) -> tuple[Solution, ...]:
    """Return the solutions with those added, in order of falling lam; Ctrl-C returns what was added so far."""
    found, bounds = tuple(solutions), Bounds()
    try:
        new = np.array([solution.certificate.problem.lam for solution in found])
        new = new[own_gaps(problem, found) > 0.5 * tol]  # solve these again, once
        new = new if new.size else _splits(problem, found, bounds, tol)
        while new.size:
            for solution in solve_along(problem, new, tol=float(np.clip(0.1 * tol, *_TOLS))):
                found = (*found, solution)
                if callback is not None:
                    callback(solution)
            found = _best(found)
            new = _splits(problem, found, bounds, tol)
    except KeyboardInterrupt:
        found = _best(found)
    return found


def own_gaps(problem: Problem, solutions: Sequence[Solution]) -> Array:
    """Return the points' relative gaps, rounding included."""
    return np.array([relative_gap(problem, solution.certificate.proven_gap) for solution in solutions])


def gaps_between(problem: Problem, solutions: Sequence[Solution], known: Bounds | None = None) -> Array:
    """Return bounds on the relative gap between neighbours; ``known`` keeps them, so that each is computed once."""
    bounds = Bounds() if known is None else known
    for pair in pairwise(solutions):
        if pair not in bounds:
            bounds[pair] = relative_gap(problem, gap_between(*(solution.certificate for solution in pair)))
    return np.array([bounds[pair] for pair in pairwise(solutions)])


def _best(solutions: Sequence[Solution]) -> tuple[Solution, ...]:
    """Sort by falling lam, and keep of each lam the solution with the smaller gap."""
    best: dict[float, Solution] = {}
    for solution in solutions:
        lam = solution.certificate.problem.lam
        if lam not in best or solution.certificate.proven_gap < best[lam].certificate.proven_gap:
            best[lam] = solution
    return tuple(best[lam] for lam in sorted(best, reverse=True))


def _splits(problem: Problem, solutions: Sequence[Solution], bounds: Bounds, tol: float) -> Array:
    """Return the lam to be added, in falling order."""
    lambdas = [solution.certificate.problem.lam for solution in solutions]
    own, new = own_gaps(problem, solutions), list[float]()
    for k, bound in enumerate(gaps_between(problem, solutions, bounds)):
        above, below = lambdas[k], lambdas[k + 1]
        # where the ends' own gaps take up all of tol, no point in between can help
        if bound <= tol or own[k] + own[k + 1] > tol or above - below <= _NARROWEST * above:
            continue
        parts = int(np.clip(np.ceil(np.sqrt(bound / tol)), 2, _MOST_PARTS))
        new += np.linspace(above, below, parts + 1)[1:-1].tolist()
    return np.array(new)
