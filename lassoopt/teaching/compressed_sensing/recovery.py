"""`recovery` finds a sparse signal from fewer measurements than unknowns, and shows where that stops working.

    y = A x0 + noise,   A of shape (n, p) with independent N(0, 1/n) entries,   x0 with k nonzero entries

For n < p infinitely many x satisfy ``A x = y``. Basis pursuit takes the one of least ``|x|_1``, and the lasso
``1/2 |y - A x|^2 + lam |x|_1`` tends to it as lam falls to 0. In the limit of large p, with ``delta = n / p`` and
``rho = k / n`` fixed, the probability that it is x0 jumps from 1 to 0 where rho crosses

    rho(delta) = max_z {1 - (2/delta) F(z)} / {1 + z^2 - 2 F(z)},   F(z) = (1 + z^2) Phi(-z) - z phi(z),   z >= 0

with the normal density phi and distribution function Phi; or, point by point, with no maximum to take,

    delta(z) = 2 phi(z) / (z + 2 phi(z) - 2 z Phi(-z)),   rho(z) = 1 - z Phi(-z) / phi(z).

Sources: Chen, Donoho & Saunders (1998), basis pursuit; Donoho & Tanner, Observed universality of phase transitions
(2009); Donoho, Maleki & Montanari, Message-passing algorithms for compressed sensing, PNAS 106 (2009), eq. 2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import erfcx

from ...arrays.arguments import nonnegative_number, numeric_array, whole_number
from ...arrays.design_matrix import Array
from ...errors import InputError
from ...problems.problem import Problem
from ...solvers.methods import solve
from ...solvers.solution import Solution

SUCCESS = 0.01  # the largest relative error of a recovered signal
_SMALL = 1e-5  # lam / lambda_max without noise: where basis pursuit recovers x0, the bias then stays below SUCCESS
_FURTHEST = 37.0  # z, where phi(z) is about the smallest normal number


@dataclass(frozen=True, eq=False)
class Measurements:
    """Measurements are ``y = A x0 + noise``, kept together with the truth x0.

    Attributes
    ----------
    A : array of shape (n, p)
    y : array of shape (n,)
    signal : array of shape (p,)
        x0.
    noise : float
        The standard deviation of the noise in each measurement.
    """

    A: Array = field(repr=False)
    y: Array = field(repr=False)
    signal: Array = field(repr=False)
    noise: float


@dataclass(frozen=True, eq=False)
class Recovery:
    """A recovery is what the lasso makes of measurements: compare ``solution.coef`` with ``measurements.signal``."""

    measurements: Measurements
    solution: Solution

    @property
    def error(self) -> float:
        """Return ``|x - x0| / |x0|`` in the Euclidean norm; ``|x|`` if x0 is 0."""
        truth = self.measurements.signal
        return float(np.linalg.norm(self.solution.coef - truth) / (np.linalg.norm(truth) or 1.0))

    @property
    def success(self) -> bool:
        """Return whether the error is at most `SUCCESS`."""
        return self.error <= SUCCESS


def sparse_signal(n: int, p: int, k: int, *, noise: float = 0.0, seed: int = 0) -> Measurements:
    """Draw n random measurements of a random signal of length p with k nonzero entries.

    Parameters
    ----------
    n, p, k : int
        n >= 1, p >= 1, 0 <= k <= p. The nonzero entries stand anywhere, and are standard normal.
    noise : float >= 0
        The standard deviation of the normal noise in each measurement. An entry of size 1 adds about the
        length 1 to y, as columns of A have that length; the noise adds ``noise * sqrt(n)``.
    seed : int >= 0

    Raises
    ------
    InputError

    Examples
    --------
    >>> found = sparse_signal(30, 100, 4)
    >>> found.A.shape, int(np.count_nonzero(found.signal))
    ((30, 100), 4)
    """
    n, p, k = whole_number("n", n, 1), whole_number("p", p, 1), whole_number("k", k, 0)
    if k > p:
        raise InputError(f"k: found {k}; allowed are 0 to p = {p} nonzero entries")
    return _draw(n, p, k, nonnegative_number("noise", noise), np.random.default_rng(whole_number("seed", seed, 0)))


def _draw(n: int, p: int, k: int, noise: float, rng: np.random.Generator) -> Measurements:
    A = rng.standard_normal((n, p)) / np.sqrt(n)
    signal = np.zeros(p)
    signal[rng.choice(p, k, replace=False)] = rng.standard_normal(k)
    return Measurements(A, A @ signal + noise * rng.standard_normal(n), signal, noise)


def recover(measurements: Measurements, lam: float | None = None, *, tol: float = 1e-7) -> Recovery:
    """Find the signal by the lasso ``1/2 |y - A x|^2 + lam |x|_1``, with a certificate.

    Parameters
    ----------
    measurements : Measurements
    lam : float, optional
        If not given, 1e-5 of lambda_max, in place of the limit 0 of basis pursuit; with noise at least
        ``noise * sqrt(2 log p)``, about the largest correlation of p columns of length 1 with the noise (Donoho &
        Johnstone 1994).
    tol : float
        The relative duality gap asked for. The penalty's share of the objective is about lam / lambda_max, so
        this must be far below that.

    Examples
    --------
    >>> found = recover(sparse_signal(30, 100, 4))
    >>> found.success, found.solution.certificate.certified
    (True, True)
    """
    if not isinstance(measurements, Measurements):
        kind = type(measurements).__name__
        raise InputError(f"measurements: found {kind}; allowed are Measurements, as of sparse_signal(n, p, k)")
    problem = Problem(measurements.A, measurements.y, intercept=False, scaling="sum")
    if lam is None:
        universal = measurements.noise * np.sqrt(2 * np.log(measurements.signal.size))
        lam = max(_SMALL * problem.lambda_max, float(universal))
    return Recovery(measurements, solve(problem.with_lam(lam), tol=tol))


@dataclass(frozen=True, eq=False, repr=False)
class PhaseTransition:
    """A phase transition counts how often a signal is recovered, on a grid of ``delta = n / p`` and ``rho = k / n``.

    Attributes
    ----------
    p : int
    deltas, rhos : arrays of length a and b
    successes, tried : arrays of int, shape (a, b)
        Counts; a cell with ``tried`` 0 was not reached before Ctrl-C.
    uncertified : int
        How many of the lassos were not solved to a certified gap; they are judged by their error all the same.
    """

    p: int
    deltas: Array
    rhos: Array
    successes: Array
    tried: Array
    uncertified: int

    @property
    def rate(self) -> Array:
        """Return ``successes / tried``, nan where nothing was tried; shape (a, b)."""
        return np.divide(self.successes, self.tried, out=np.full(self.tried.shape, np.nan), where=self.tried > 0)

    @property
    def theory(self) -> tuple[Array, Array]:
        """Return points (delta, rho) of the curve where the rate jumps in the limit of large p, for drawing."""
        z = np.linspace(0.0, 4.0, 200)
        return _delta(z), _rho(z)

    def __repr__(self) -> str:
        a, b = self.tried.shape
        least, most = int(self.tried.min()), int(self.tried.max())
        trials = f"{most} trials" if least == most else f"{least} to {most} trials"
        known = f"{self.uncertified} of them not certified" if self.uncertified else "all certified"
        return f"PhaseTransition(p={self.p}, {a} x {b} cells, {trials} each, {self.tried.sum()} lassos, {known})"


def phase_transition(
    p: int = 60,
    deltas: ArrayLike | None = None,
    rhos: ArrayLike | None = None,
    *,
    trials: int = 3,
    seed: int = 0,
    progress: Callable[[int, int], Any] | None = None,
) -> PhaseTransition:
    """Recover random signals on a grid of undersampling and sparsity, and count the successes.

    A cell has ``n = round(delta p)`` measurements and ``k = round(rho n)`` nonzero entries, both at least 1; the
    signals are those of `sparse_signal` without noise, recovered as by `recover`. A lasso of p = 60 takes about
    20 ms.

    Parameters
    ----------
    p : int >= 1
        The length of the signals.
    deltas, rhos : rising numbers above 0 and at most 1, optional
        0.05, 0.15, ..., 0.95 if not given.
    trials : int >= 1
        How many signals each cell gets. Each trial goes over the whole grid before the next begins.
    seed : int >= 0
        A cell's signals depend on the seed, the trial and the cell's place, not on what was done before.
    progress : callable, optional
        It is called as ``progress(done, total)`` after each lasso.

    Returns
    -------
    PhaseTransition
        After Ctrl-C it holds what was done so far.

    Raises
    ------
    InputError
    KeyboardInterrupt
        If Ctrl-C came before the first lasso was solved.

    Examples
    --------
    >>> phase_transition(40, [0.5], [0.1, 0.9], trials=2).rate
    array([[1., 0.]])
    """
    p, trials, seed = whole_number("p", p, 1), whole_number("trials", trials, 1), whole_number("seed", seed, 0)
    centres = (np.arange(10) + 0.5) / 10
    delta = centres if deltas is None else _ratios("deltas", deltas)
    rho = centres if rhos is None else _ratios("rhos", rhos)
    successes = np.zeros((delta.size, rho.size), dtype=int)
    tried, uncertified, done = successes.copy(), 0, 0
    try:
        for trial in range(trials):
            for i, j in np.ndindex(tried.shape):
                n = max(1, round(float(delta[i]) * p))
                k = max(1, round(float(rho[j]) * n))
                found = recover(_draw(n, p, k, 0.0, np.random.default_rng([seed, trial, i, j])))
                found.solution.finished()
                tried[i, j] += 1
                successes[i, j] += found.success
                uncertified += not found.solution.certificate.certified
                done += 1
                if progress is not None:
                    progress(done, trials * tried.size)
    except KeyboardInterrupt:
        if not done:
            raise
    return PhaseTransition(p, delta, rho, successes, tried, uncertified)


def _ratios(name: str, values: ArrayLike) -> Array:
    ratios = numeric_array(name, values, 1)
    if ratios.min() <= 0 or ratios.max() > 1 or np.any(np.diff(ratios) <= 0):
        raise InputError(f"{name}: found {values!r}; allowed are rising numbers above 0 and at most 1")
    return ratios


def critical_rho(delta: float) -> float:
    """Return the largest ``rho = k / n`` that basis pursuit recovers at ``delta = n / p``, in the limit of large p.

    Examples
    --------
    >>> [round(critical_rho(delta), 3) for delta in (0.1, 0.25, 0.5, 1.0)]
    [0.189, 0.267, 0.386, 1.0]
    """
    (ratio,) = _ratios("delta", [delta])
    return float(_rho(brentq(lambda z: _delta(z) - ratio, 0.0, _FURTHEST, xtol=1e-14)))


def _mills(z: Any) -> Any:
    """Return ``Phi(-z) / phi(z)`` without underflow."""
    return np.sqrt(np.pi / 2) * erfcx(z / np.sqrt(2))


def _delta(z: Any) -> Any:
    """Return delta(z) as the module states it, both parts divided by phi(z); it falls from 1 at z = 0."""
    over_density = z * np.sqrt(2 * np.pi) * np.exp(z * z / 2)  # z / phi(z)
    return 2 / (over_density + 2 - 2 * z * _mills(z))


def _rho(z: Any) -> Any:
    return 1 - z * _mills(z)
