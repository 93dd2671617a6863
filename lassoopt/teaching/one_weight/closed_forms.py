"""`OneWeight` is the smallest lasso, one weight and one lam, where everything has a closed form.

    minimise  c/2 (w - a)^2 + lam |w|          loss: a bowl of curvature c with its bottom at a

    optimal iff   -dLoss/dw = c (a - w)  in  lam d|w|,     d|w| = {sign(w)} for w != 0,  [-1, 1] at w = 0
    minimiser     soft(a, lam / c) = sign(a) max(|a| - lam / c, 0)
    stuck at 0    from lam = c |a| on: there the loss pulls with c |a| at w = 0, and the penalty holds up to lam

Think of a marble in the bowl, tied to 0 by a rubber band that pulls with the same force lam however short it is.
A spring (L2) pulls less the nearer the marble comes to 0, so it never gets it all the way there. Sources: Tibshirani
(1996), sec. 2.2; Donoho & Johnstone (1994) for soft thresholding.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from ...arrays.arguments import finite_number, nonnegative_number, numeric_array, positive_number
from ...arrays.design_matrix import Array
from ...caching import cached_property
from ...problems.problem import Problem
from ...solvers.methods import solve


@dataclass(frozen=True)
class OneWeight:
    """One weight w minimises ``curvature/2 (w - a)^2 + lam |w|``.

    Parameters
    ----------
    a : float
        The point where the loss alone has its minimum.
    lam : float >= 0
    curvature : float > 0
        It is 2 for ``(w - a)^2``, 1 for ``(w - a)^2 / 2``.

    Examples
    --------
    >>> one = OneWeight(a=0.3, lam=0.4)
    >>> round(one.minimiser, 12), one.sticks_from
    (0.1, 0.6)
    >>> one.with_lam(0.6).minimiser
    0.0
    """

    a: float = 0.3
    lam: float = 0.4
    curvature: float = 2.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "a", finite_number("a", self.a))
        object.__setattr__(self, "lam", nonnegative_number("lam", self.lam))
        object.__setattr__(self, "curvature", positive_number("curvature", self.curvature))

    def with_lam(self, lam: float) -> Self:
        """Return the same loss at another lam."""
        return replace(self, lam=lam)

    def loss(self, w: Array | float) -> Any:
        """Return ``c/2 (w - a)^2``."""
        return 0.5 * self.curvature * (w - self.a) ** 2

    def penalty(self, w: Array | float) -> Any:
        """Return ``lam |w|``."""
        return self.lam * np.abs(w)

    def objective(self, w: Array | float) -> Any:
        """Return ``c/2 (w - a)^2 + lam |w|``."""
        return self.loss(w) + self.penalty(w)

    def pull(self, w: Array | float) -> Any:
        """Return ``-dLoss/dw = c (a - w)``, the force with which the loss moves the weight."""
        return self.curvature * (self.a - w)

    @property
    def minimiser(self) -> float:
        """Return ``soft(a, lam / c)``, which is exactly 0 for every lam >= c |a|."""
        if self.lam >= self.sticks_from:
            return 0.0
        return math.copysign(abs(self.a) - self.lam / self.curvature, self.a)

    @property
    def sticks_from(self) -> float:
        """Return ``c |a|``, the least lam at which the weight is 0."""
        return self.curvature * abs(self.a)

    @cached_property
    def problem(self) -> Problem:
        """Return the same statement as a `Problem`: one sample, one feature, X = [[1]], y = [a], sample weight c."""
        weight = [self.curvature]
        return Problem(
            [[1.0]], [self.a], self.lam, intercept=False, scaling="sum", sample_weight=weight, feature_names=["w"]
        )

    def three_ways(self) -> dict[str, float]:
        """Return the minimiser by the closed form, by CVXPY and by ADMM."""
        found = {name: float(solve(self.problem, method).coef[0]) for name, method in _METHODS.items()}
        return {"closed form": self.minimiser, **found}

    @property
    def ridge_minimiser(self) -> float:
        """Return ``argmin c/2 (w - a)^2 + lam/2 w^2 = c a / (c + lam)``: smaller than a, but 0 only if a is 0."""
        return self.curvature * self.a / (self.curvature + self.lam)

    def smoothed_minimiser(self, mu: float) -> float:
        """Return ``argmin c/2 (w - a)^2 + lam (sqrt(w^2 + mu^2) - mu)``, where the derivative is 0.

        For mu > 0 the penalty is |w| with the kink rounded off over a width mu, and w = 0 only if a is 0.
        """
        from scipy.optimize import brentq

        mu = positive_number("mu", mu)
        if self.a == 0 or self.lam == 0:
            return self.a
        # in units of a, where the root lies in (0, 1): t - 1 + (lam / c a) t / sqrt(t^2 + (mu / a)^2) = 0
        stretch, width = self.lam / self.sticks_from, mu / abs(self.a)
        root = brentq(lambda t: t - 1 + stretch * t / np.hypot(t, width), 0.0, 1.0, xtol=1e-300, rtol=1e-14)
        return self.a * float(root)


_METHODS = {"CVXPY": "cvxpy", "ADMM": "admm"}


@dataclass(frozen=True, eq=False)
class Shrinkage:
    """Shrinkage is the minimiser of one loss against lam under three penalties, in arrays of one length.

    Attributes
    ----------
    one : OneWeight
    lambdas, l1, l2, smoothed : array
    mu : float
        The width over which the smoothed penalty rounds off the kink.
    """

    one: OneWeight
    lambdas: Array
    l1: Array
    l2: Array
    smoothed: Array
    mu: float


def shrinkage(one: OneWeight, lambdas: ArrayLike, *, mu: float = 0.02) -> Shrinkage:
    """Compute what lam does to the weight under L1, under L2, and under ``|w|`` with its kink rounded off.

    Examples
    --------
    >>> found = shrinkage(OneWeight(a=0.3), [0.0, 0.3, 0.6])
    >>> found.l1.round(3).tolist(), found.l2.round(3).tolist()
    ([0.3, 0.15, 0.0], [0.3, 0.261, 0.231])
    """
    grid = numeric_array("lambdas", lambdas, 1)
    at = [one.with_lam(float(lam)) for lam in grid]
    return Shrinkage(
        one,
        grid,
        l1=np.array([each.minimiser for each in at]),
        l2=np.array([each.ridge_minimiser for each in at]),
        smoothed=np.array([each.smoothed_minimiser(mu) for each in at]),
        mu=positive_number("mu", mu),
    )
