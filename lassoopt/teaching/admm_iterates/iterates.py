"""`trace` records every iterate of plain ADMM at a fixed rho, with its true gap.

`solve` adapts rho and finishes with a Newton step; here neither happens, so one sees the iteration of Boyd et al.,
Distributed Optimization and Statistical Learning via ADMM (2011), as `solvers.admm` states it. In the original units:

    x_j  = soft(w_j + x_j'theta / r_j, lam_j / r_j)      pays the penalty: exact zeros        (L1; r_j = rho c d_j^2)
    v_i  = argmin_v  phi(v, y_i) + rho c / 2 (v - u_i + theta_i / (rho c s_i))^2              pays the loss
    (w, u)  = the consistent pair, u = X w + b, that is nearest to both                       one linear solve
    theta   moves by rho c s_i times what v and u still disagree by                           the price of agreement

with ``d_j`` the size of column j, ``sqrt(sum_i s_i (x_ij - mean_j)^2)``, and ``c`` the typical curvature of the loss.
(The paper's relaxation, 1.6, mixes x with the previous w, and v with u, before the last two steps.) Where x and w
agree, the first line *is* the optimality condition: ``|x_j'theta| <= lam_j`` where ``x_j = 0``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...arrays.arguments import positive_number, vector, whole_number
from ...arrays.design_matrix import Array
from ...caching import cached_property
from ...problems.problem import Problem, require_problem
from ...solvers.admm.iteration import ADMM, State
from ...solvers.admm.rho import typical_curvature
from ..plane import profile_loss, two_features

_GRID = 81  # points along each axis of a landscape
_MARGIN = 0.12  # of the iterates' range, left free around them


@dataclass(frozen=True, eq=False)
class Landscape:
    """A landscape is the objective over a grid of two weights, each pair at its best intercept.

    Attributes
    ----------
    first, second : arrays of shape (k,) and (m,)
        The weights, 0 among them.
    objective : array of shape (m, k)
        Row i belongs to ``second[i]``, as matplotlib's ``contour`` wants it.
    """

    first: Array
    second: Array
    objective: Array


@dataclass(frozen=True, eq=False, repr=False)
class Trace:
    """A trace holds the iterates 0 to k of ADMM at one rho; iterate 0 is the start, and arrays have k + 1 rows.

    Attributes
    ----------
    problem : Problem
    rho : float
        The weight of disagreement, in units of the loss's typical curvature.
    x, w : arrays of shape (k + 1, p)
        The sparse iterate, which is the answer, and its partner on the graph ``u = X w + b``; in the units of X.
    intercepts : array
        The best intercept for each x.
    theta : array of shape (k + 1, n)
        The multipliers of ``u = X w + b``, the prices that make x and w agree; ``-dLoss/du`` in the limit.
    primal_residual, dual_residual : arrays
        What the copies disagree by, and how far the consistent pair moved, each relative to the size of what is
        compared (Boyd et al., sec. 3.3); inf at iterate 0, which nothing precedes.
    objective, gap : arrays
        The true objective at x, and the relative duality gap that theta proves,
        ``objective - optimum <= gap * problem.scale``.
    """

    problem: Problem
    rho: float
    x: Array
    w: Array
    intercepts: Array
    theta: Array
    primal_residual: Array
    dual_residual: Array
    objective: Array
    gap: Array

    @property
    def iterations(self) -> NDArray[np.int_]:
        """Return ``0, 1, ..., k``."""
        return np.arange(len(self))

    @property
    def support_size(self) -> NDArray[np.int_]:
        """Return how many weights of each x are not exactly 0."""
        return np.count_nonzero(self.x, axis=1)

    @cached_property
    def settled(self) -> int:
        """Return the iterate from which on no sign of x changes any more in this trace; 0 counts as a sign."""
        differs = np.any(np.sign(self.x) != np.sign(self.x[-1]), axis=1)
        return int(np.flatnonzero(differs)[-1]) + 1 if differs.any() else 0

    def reached(self, tol: float) -> int | None:
        """Return the first iterate whose gap is at most ``tol``; None if there is none."""
        below = np.flatnonzero(self.gap <= positive_number("tol", tol))
        return int(below[0]) if below.size else None

    @cached_property
    def landscape(self) -> Landscape:
        """Return the objective around the iterates of a problem of two features.

        Raises
        ------
        InputError
            If there are not two features.
        """
        two_features(self.problem)
        first, second = (_axis(column) for column in np.concatenate([self.x, self.w]).T)
        objective = profile_loss(self.problem, first, second)
        for i, j in np.ndindex(objective.shape):
            objective[i, j] += self.problem.penalty_value(np.array([first[j], second[i]]))
        return Landscape(first, second, objective)

    def __len__(self) -> int:
        return len(self.x)

    def __repr__(self) -> str:
        return (
            f"Trace({len(self) - 1} iterations at rho {self.rho:.3g}, gap {self.gap[0]:.1e} -> {self.gap[-1]:.1e}, "
            f"{self.support_size[-1]} of {self.x.shape[1]} weights nonzero, signs settled at {self.settled})"
        )


def trace(problem: Problem, *, iterations: int = 100, rho: float = 1.0, start: ArrayLike | None = None) -> Trace:
    """Run ADMM at a fixed rho and keep every iterate.

    Parameters
    ----------
    problem : Problem
    iterations : int
    rho : float
        The weight of disagreement in the augmented Lagrangian, in units of the loss's typical curvature (its mean
        second derivative at the null model; 1 for least squares), in which 1 is where `solve` begins.
    start : array of shape (p,), optional
        The weights to begin from, 0 if not given; the prices begin at 0 always.

    Returns
    -------
    Trace

    Raises
    ------
    InputError
        If iterations is below 1, rho is not a positive number, or start does not fit the problem.

    Examples
    --------
    >>> course = trace(Problem([[1.0], [2.0], [3.0]], [1.0, 2.0, 3.0], lam=0.1), iterations=60)
    >>> course.x[-1].round(6).tolist(), bool(course.gap[-1] < 1e-8)
    ([0.85], True)
    """
    problem = require_problem(problem)
    iterations, rho = whole_number("iterations", iterations, 1), positive_number("rho", rho)
    p = problem.shape[1]
    coef = np.zeros(p) if start is None else vector("start", start, p, f"X has {p} columns")
    used = problem.of_used_samples()
    method = ADMM(used)
    states = [_first(method, coef, rho * typical_curvature(used))]
    for _ in range(iterations):
        states.append(method.step(states[-1]))
    points = [method.point(state) for state in states]
    theta = np.zeros((len(states), problem.shape[0]))
    theta[:, problem.s > 0] = [point.theta for point in points]
    return Trace(
        problem=problem,
        rho=rho,
        x=np.array([point.coef for point in points]),
        w=np.array([state.w / method.unit for state in states]),
        intercepts=np.array([point.intercept for point in points]),
        theta=theta,
        primal_residual=np.array([state.primal_residual for state in states]),
        dual_residual=np.array([state.dual_residual for state in states]),
        objective=np.array([point.objective for point in points]),
        gap=np.array([point.gap for point in points]),
    )


def _first(method: ADMM, coef: Array, rho: float) -> State:
    """Return the state at given weights, their best intercept and prices 0."""
    problem = method.problem
    u = problem.predict(coef)
    u = u + problem.best_intercept(u)
    w, u = method.unit * coef, method.root * u
    return State(w, u, np.zeros_like(w), np.zeros_like(u), rho, w, u)


def _axis(values: Array) -> Array:
    """Return a grid over the values and 0, with a margin; 0 is on it, so that kinks stay sharp."""
    low, high = min(float(values.min()), 0.0), max(float(values.max()), 0.0)
    margin = _MARGIN * (high - low) or 1.0
    return np.union1d(np.linspace(low - margin, high + margin, _GRID), 0.0)
