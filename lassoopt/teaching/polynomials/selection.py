"""`selection` shows which features survive along lam and over many seeds, and whether they are the truth's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...arrays.arguments import whole_number
from ...arrays.design_matrix import Array
from ...caching import cached_property
from ...paths.grid_path import Path, path
from ...solvers.solution import Solution
from .scenarios import Scenario, scenario


@dataclass(frozen=True, eq=False, repr=False)
class Selection:
    """A selection says which features survive in each of m fits, and whether they are the truth's.

    Attributes
    ----------
    kept : bool array of shape (m, p)
        Whether each weight is not exactly 0.
    true_degree : int
        Every feature up to this degree is in the truth.
    """

    kept: NDArray[np.bool_]
    true_degree: int

    @property
    def exact_zeros(self) -> NDArray[np.int_]:
        """Return how many of the p weights are exactly 0, shape (m,)."""
        return np.sum(~self.kept, axis=1)

    @property
    def true_kept(self) -> NDArray[np.int_]:
        """Return how many of the truth's ``true_degree`` features survive, shape (m,)."""
        return np.sum(self.kept[:, : self.true_degree], axis=1)

    @property
    def false_kept(self) -> NDArray[np.int_]:
        """Return how many features survive that are not in the truth, shape (m,)."""
        return np.sum(self.kept[:, self.true_degree :], axis=1)

    @property
    def is_truth(self) -> NDArray[np.bool_]:
        """Return whether the survivors are the truth's features, all of them and no other, shape (m,)."""
        return (self.true_kept == self.true_degree) & (self.false_kept == 0)

    def __repr__(self) -> str:
        m, p = self.kept.shape
        return f"Selection({m} fits of {p} features; in {int(self.is_truth.sum())} exactly the truth's survive)"


@dataclass(frozen=True, eq=False, repr=False)
class Sweep:
    """A sweep is a scenario along lam, from the largest to the smallest, in arrays of shape (m,).

    Attributes
    ----------
    scenario : Scenario
    path : Path
        The fits, which are certified.
    train_error, test_error : array
        The mean squared errors.
    selection : Selection
    """

    scenario: Scenario
    path: Path
    train_error: Array
    test_error: Array
    selection: Selection

    @property
    def lambdas(self) -> Array:
        """Return the lams in falling order."""
        return self.path.lambdas

    @property
    def best(self) -> int:
        """Return the index where the test error is least."""
        return int(np.argmin(self.test_error))

    def survivors(self, i: int) -> tuple[str, ...]:
        """Return the names of the features that survive at ``lambdas[i]``."""
        return tuple(np.array(self.scenario.problem.feature_names)[self.selection.kept[i]].tolist())

    def __repr__(self) -> str:
        return f"Sweep({self.scenario.name}, {self.path!r})"


def sweep(scenario: Scenario, lambdas: ArrayLike | None = None, *, n_lambdas: int = 60, eps: float = 3e-3) -> Sweep:
    """Solve the lasso path of a scenario: weights, exact zeros, survivors, train and test error at each lam.

    Parameters
    ----------
    scenario : Scenario
        Its own lam plays no part.
    lambdas, n_lambdas, eps
        These are arguments of `path`.

    Examples
    --------
    >>> found = sweep(scenario("overfitting"), [0.1, 0.01])
    >>> found.selection.exact_zeros
    array([3, 1])
    """
    found = path(scenario.problem, lambdas, n_lambdas=n_lambdas, eps=eps)
    return Sweep(
        scenario,
        found,
        np.array([scenario.train_error(fit) for fit in found.solutions]),
        np.array([scenario.test_error(fit) for fit in found.solutions]),
        Selection(found.coefs != 0, scenario.data.degree),
    )


@dataclass(frozen=True, eq=False, repr=False)
class Repeats:
    """Repeats are one scenario drawn again and again, with the seeds 0, 1, ...; `repeat` makes them.

    Attributes
    ----------
    scenarios : tuple of Scenario
        There is one for each seed.
    """

    scenarios: tuple[Scenario, ...]

    @cached_property
    def least_squares(self) -> Selection:
        """Return what survives without the penalty, one row for each seed."""
        return self._selection([each.least_squares for each in self.scenarios])

    @cached_property
    def lasso(self) -> Selection:
        """Return what survives with the penalty, one row for each seed."""
        return self._selection([each.lasso for each in self.scenarios])

    def _selection(self, fits: list[Solution]) -> Selection:
        return Selection(np.array([fit.coef for fit in fits]) != 0, self.scenarios[0].data.degree)

    def __repr__(self) -> str:
        return f"Repeats({len(self.scenarios)} times {self.scenarios[0]!r})"


def repeat(name: str, n_seeds: int = 200, **options: Any) -> Repeats:
    """Draw a `scenario` with the seeds 0 to ``n_seeds - 1``; it takes the same options, except the seed.

    Examples
    --------
    >>> found = repeat("overfitting", 5)
    >>> found.least_squares.exact_zeros, found.lasso.exact_zeros
    (array([0, 0, 0, 0, 0]), array([3, 3, 3, 3, 3]))
    """
    seeds = range(whole_number("n_seeds", n_seeds, 1))
    return Repeats(tuple(scenario(name, seed=seed, **options) for seed in seeds))
