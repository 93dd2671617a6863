"""A working set holds the few features that may not be 0, and improves their weights, at one lam at a time.

The optimality conditions tell which features belong in it: those with ``|x_j' theta| > lam_j`` at weights of 0
(Massias, Gramfort & Salmon 2018). On the features held, the loss is replaced by its quadratic model, which `model`
solves with the penalty as it is; a line search on the true objective follows (proximal Newton; Lee, Sun & Saunders
2014). For the squared loss the model is exact, and a second one is a step of iterative refinement.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Self

import numpy as np

from ...arrays.design_matrix import Array, Indices, power_of_two, product, take_columns
from ...problems.centring import weighted_norm
from ...problems.problem import Problem
from ..candidate import objective_at
from .columns import Columns
from .model import QuadraticModel

FEW = 64  # features; of no more, all are held at once
SLACK, ROUNDING = 1e-10, 4e-15  # of its level, and of a column and the target: what a correlation may be beyond
_LIMIT, _MORE = 200, 4  # steps for one model, and more for each feature held
_TRIES, _SHORT = 30, 10  # where rounding is in the way: so many ways of so many steps
_MODELS, _GAINED = 20, 1e-12  # at the most for one lam of a path; the gain of one, of the scale, that is worth no more
_STALE = 0.3  # the share by which a sample's weight may change before a large model is made anew
_FLAT, _LEAST_FLAT = 1e-3, 1e-8  # the share of the mean curvature that a flat sample gets at first, and at last
_SHORTEST, _LONGEST = 1e-9, 1e9  # of the steps of a line search
_STEEP = 1.2  # a step of 2 is worth trying where that of 1 gains so many times what the model does; 4/3 if parabolas
_NOISE = 1e-13  # of the objective; a fall by less is rounding


class WorkingSet:
    """It starts from given weights of a centred problem, which keep only what the penalty allows.

    Attributes
    ----------
    problem : Problem
        The problem, at the lam of the last `turn`.
    v : array
        The weights of the features held, by slot, in the units of `columns`.
    u, theta : arrays of shape (n,)
        The predictions, and ``-dLoss/du`` there.
    gain : float
        By how much the last `improve` lowered the objective of a loss that is not quadratic.
    """

    _model_class: ClassVar[type[QuadraticModel]] = QuadraticModel

    def __init__(self, problem: Problem, coef: Array, intercept: float) -> None:
        flat = problem.constant_columns  # can explain nothing, and are left out
        slopes = np.divide(problem.null.theta, problem.s, out=np.zeros_like(problem.y), where=problem.s > 0)
        self.problem, self.gain = problem, 0.0
        self._z: Array | None = None
        self._objective: float | None = None
        self.size = float(power_of_two(np.array([weighted_norm(problem.s, slopes)]))[0])
        self.unit = power_of_two(np.where(flat, 0.0, problem.column_sizes))
        self._threshold = np.where(flat, np.inf, problem.penalty.threshold(1.0))
        self._modulus = problem.penalty.modulus()
        self.columns = Columns(problem.X, self.unit, problem.s if problem.intercept else None)
        self.model = self._model_class(self.columns, problem.intercept)
        if problem.loss.quadratic:
            self.model.renew(problem.s)
        self.v, self._share = np.zeros(0), _FLAT
        self._eligible = np.isfinite(self._threshold)
        self._state_penalty()
        if np.count_nonzero(self._eligible) <= FEW:
            self.hold(np.flatnonzero(self._eligible))
        self.turn(problem.lam)
        self.start(coef, intercept)

    @classmethod
    def at_null_model(cls, problem: Problem) -> Self:
        """Start from the null model, whose correlations the problem knows."""
        working = cls(problem, problem.null_coef, problem.null.intercept)
        if not working.holds_all:
            working.z = problem.null_z
        return working

    def _state_penalty(self) -> None:
        """State what of the penalty the levels of single features do not say."""

    def start(self, coef: Array, intercept: float) -> None:
        """Take these weights, those that the penalty does not allow being 0."""
        coef = np.where(self._eligible & ~((coef < 0) & self.problem.penalty.nonnegative), coef, 0.0)
        support = np.flatnonzero(coef)
        self.hold(support[self.columns.slots[support] < 0])
        held = self.columns.features
        self.v = coef[held] * self.unit[held] / self.size
        self._predicts(product(take_columns(self.columns.X, support), coef[support]) + intercept)

    def turn(self, lam: float) -> None:
        """Turn to another lam."""
        self.problem, self._objective = self.problem.with_lam(lam), None
        self.allowed = lam * self._threshold if lam > 0 else np.where(np.isinf(self._threshold), np.inf, 0.0)
        if self._modulus.any():
            self.model.forget_factor()

    def hold(self, features: Indices) -> None:
        """Give features a slot, with a weight of 0."""
        if not features.size:
            return
        self.columns.add(features)
        self.v = np.concatenate([self.v, np.zeros(features.size)])

    def coef(self, v: Array | None = None) -> Array:
        """Return the weights of all features, in the units of X; ``v`` are weights by slot, if not those of now."""
        w = np.zeros(len(self.unit))
        held = self.columns.features
        w[held] = (self.v if v is None else v) * self.size / self.unit[held]
        return w

    @property
    def holds_all(self) -> bool:
        """Say whether every feature that may be other than 0 is held."""
        return len(self.columns) == np.count_nonzero(self._eligible)

    @property
    def z(self) -> Array:
        """Return ``X' theta``, computed in one pass over X where the weights have changed."""
        if self._z is None:
            self._z = np.asarray(product(self.problem.X.T, self.theta))
        return self._z

    @z.setter
    def z(self, z: Array) -> None:
        self._z = z

    def take_in(self, z: Array, share: float = 1 + SLACK) -> int:
        """Hold features whose correlation z is beyond a share of their level, the furthest first; return their number.

        Of many, as many are taken as there are weights other than 0, so that the set at most doubles.
        """
        reach = z if self.problem.penalty.nonnegative else np.abs(z)
        excess = (reach - share * self.allowed) / self.unit - ROUNDING * self.size * (1 + np.abs(self.v).sum())
        excess[self.columns.features] = -np.inf
        found = np.flatnonzero(excess > 0)
        most = max(FEW, int(np.count_nonzero(self.v)))
        if found.size > most:
            found = found[np.argpartition(-excess[found], most)[:most]]
        self.hold(found)
        return found.size

    def _levels(self) -> tuple[Array, Array]:
        """Return the levels and the ridge of the features held, in the units of their columns."""
        held, problem = self.columns.features, self.problem
        unit = self.unit[held]
        return self.allowed[held] / (unit * self.size), problem.lam * self._modulus[held] / unit**2

    def improve(self) -> bool:
        """Solve one model on the features held, and search the line to it.

        Return False if the objective would rise, or, for the squared loss, if rounding keeps the minimiser from being
        found: then the weights are the best of several short ways towards it, each from the best so far.
        """
        if not self.problem.loss.quadratic:
            self._renew_model()
            self.model.grow()
            v, _, drop = self._target(self._limit)
            return self._search(v - self.v, drop)
        self.model.grow()
        v, settled, _ = self._target(self._limit)
        if settled:
            self._move(v)
        for _ in range(0 if settled else _TRIES):
            v, settled, _ = self._target(_SHORT)
            best, before = self.v, objective_at(self.problem, self.coef(), self.u)
            self._move(v)
            if settled:
                break
            if not objective_at(self.problem, self.coef(), self.u) < before:
                self._move(best)
        return settled

    @property
    def _limit(self) -> int:
        return _LIMIT + _MORE * len(self.v)

    def _target(self, limit: int) -> tuple[Array, bool, float]:
        """Return the model's minimiser, whether it was found in so many steps, and by how much the loss falls in it."""
        v, before = self.v.copy(), self.columns.correlate(self.theta / self.size)
        q = before.copy()
        settled = self._settle(q, v, limit)
        return v, settled, 0.5 * self.size**2 * float((before + q) @ (v - self.v))

    def _settle(self, q: Array, v: Array, limit: int) -> bool:
        """Minimise the model from v, where ``Z' theta = q``, both changed in place; return False at the limit."""
        return self.model.settle(*self._levels(), self.problem.penalty.nonnegative, q, v, limit)

    def follow(self, lambdas: Array) -> Iterator[tuple[Array, float]]:
        """Yield ``(coef, intercept)`` at one lam after the other, the best on the features held."""
        for lam in lambdas.tolist():
            self.turn(lam)
            if self.problem.loss.quadratic:
                if not self.improve():
                    return
            else:
                for _ in range(_MODELS):
                    if not self.improve() or self.gain <= _GAINED * self.problem.scale:
                        break
            yield self.answer()

    def _move(self, v: Array) -> None:
        """Take these weights, with the best intercept, for a squared loss."""
        self.v = v
        self._predicts(self.size * self.model.change(v))

    def _search(self, dv: Array, drop: float) -> bool:
        """Go from v along a direction, a step of 1 at first, as long as the objective falls.

        ``drop`` is by how much the model of the loss falls at a step of 1.
        """
        problem, du = self.problem, self.size * self.model.change(dv)
        before = objective_at(problem, self.coef(), self.u) if self._objective is None else self._objective

        def at(length: float) -> float:
            return objective_at(problem, self.coef(self.v + length * dv), self.u + length * du)

        length, reached, noise = 1.0, at(1.0), _NOISE * abs(before)
        if reached <= before:
            drop += problem.penalty_value(self.coef()) - problem.penalty_value(self.coef(self.v + dv))
            steep = before - reached > _STEEP * drop  # the loss bends less than its model
            while steep and length < _LONGEST and (further := at(2 * length)) < reached - noise:
                length, reached = 2 * length, further
            self._share = max(0.1 * self._share, _LEAST_FLAT)
        while not reached <= before:
            length /= 2
            reached = at(length)
            if length < _SHORTEST:
                self.gain = 0.0
                return False
        self.v = self.v + length * dv
        self._predicts(self.u + length * du)
        self.gain, self._objective = before - reached, None if problem.intercept else reached
        return True

    def _predicts(self, u: Array) -> None:
        """Take these predictions, moved by the best intercept, and the multiplier there."""
        self.u = u + self.problem.best_intercept(u)
        self.theta, self._z, self._objective = self.problem.theta(self.u), None, None

    def answer(self) -> tuple[Array, float]:
        """Return ``(coef, intercept)`` of the weights as they are."""
        coef, centring = self.coef(), self.problem.centring
        if not self.problem.intercept:
            return coef, 0.0
        constant = float(self.problem.s @ (self.u - centring.predict(coef))) / float(self.problem.s.sum())
        return coef, constant - centring.constant(coef, 0.0)

    def _renew_model(self) -> None:
        """Make the model anew where the loss's curvature has changed; flat samples get a share of the mean."""
        problem, s = self.problem, self.problem.s
        with np.errstate(over="ignore", invalid="ignore"):
            curvature = np.where(s > 0, problem.loss.curvature(self.u, problem.y), 0.0)
        mean = float(s @ curvature) / float(s.sum())
        least = self._share * mean if mean > 0 else min(problem.loss.smoothness, 1.0)
        h = s * np.maximum(curvature, least)
        last = self.model.h
        stale = _STALE if len(self.v) > FEW else 0.0
        if not last.size or np.any(np.abs(h - last) > stale * np.minimum(h, last)):
            self.model.renew(h)


def sparse(problem: Problem) -> bool:
    """Say whether the penalty can be expected to keep most weights at 0, which working sets live on."""
    penalty = problem.penalty
    never_zero = int(np.count_nonzero(penalty.threshold(1.0) == 0))
    together = 1 if penalty.separable else penalty.largest_group
    return bool(max(never_zero, together) <= max(FEW, min(problem.shape)))
