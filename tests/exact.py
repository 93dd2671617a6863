"""A judge that makes no rounding error: the objective at a point, and a lower bound on it everywhere, as Fractions.

It states the problem a fourth time, from what `Problem` was given and nothing that was computed, and shares no line
with the package. What is not rational (logarithms, exponentials, square roots) is enclosed between two Fractions, by
python-flint's balls of 400 bits or by integer square roots; a lower bound is then rounded down, an upper one up.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

BITS = 400
FAR = 3000  # exp of it is beyond every float, and exp(-FAR) below every one
Bounds = tuple[Any, Any]  # a lower and an upper Fraction, or inf


@dataclass(frozen=True)
class Statement:
    """A problem in Fractions; ``c`` and ``k`` may be inf."""

    X: list[list[Fraction]]
    y: list[Fraction]
    s: list[Fraction]  # of the samples that count
    lam: Fraction
    loss: str
    parameter: Fraction | None
    c: list[Any]
    r: Fraction  # the share of the L1 norm
    nonnegative: bool
    groups: list[list[int]] | None
    k: list[Any]
    intercept: bool

    @property
    def excluded(self) -> list[bool]:
        out = [c == math.inf for c in self.c]
        for group, k in zip(self.groups or [], self.k, strict=True):
            for j in group:
                out[j] = out[j] or k == math.inf
        return out

    @property
    def free(self) -> list[bool]:
        """The features that P does not hold at all."""
        alone = [self.lam == 0 or c == 0 for c in self.c]
        for group, k in zip(self.groups or [], self.k, strict=True):
            for j in group:
                alone[j] = alone[j] or (k == 0 and self.r == 0)
        return [a and not out for a, out in zip(alone, self.excluded, strict=True)]


def fractions(values: Any) -> list[Any]:
    return [Fraction(v) if math.isfinite(v) else math.inf for v in values.tolist()]


def stated(problem: Any) -> Statement:
    """What a `Problem` states, exactly; a `Statement` as it is."""
    if isinstance(problem, Statement):
        return problem
    X = problem.X.toarray() if hasattr(problem.X, "toarray") else problem.X
    n, penalty, loss = len(X), problem.penalty, type(problem.loss).__name__
    weights = [Fraction(1)] * n if problem.sample_weight is None else fractions(problem.sample_weight)
    used = [i for i in range(n) if weights[i] > 0]
    total = sum(weights) if problem.scaling == "mean" else Fraction(1)
    kind, labels = type(penalty).__name__, getattr(penalty, "groups", None)
    groups = None
    if labels is not None:
        groups = [[j for j, each in enumerate(labels) if each == label] for label in sorted({*labels.tolist()})]
    return Statement(
        X=[fractions(X[i]) for i in used],
        y=[Fraction(float(problem.y[i])) for i in used],
        s=[weights[i] / total for i in used],
        lam=Fraction(problem.lam),
        loss=loss,
        parameter=Fraction(getattr(problem.loss, {"Huber": "delta", "Quantile": "level"}.get(loss, ""), 0)),
        c=fractions(penalty.weights),
        r=Fraction(getattr(penalty, "l1_ratio", 0 if kind == "Group" else 1)),
        nonnegative=kind == "NonnegativeL1",
        groups=groups,
        k=fractions(penalty.group_weights) if groups is not None else [],
        intercept=problem.intercept,
    )


def without(problem: Any, j: int) -> Statement:
    """The same problem with ``w_j = 0``."""
    statement = stated(problem)
    return replace(statement, c=[math.inf if i == j else c for i, c in enumerate(statement.c)])


def objective(problem: Any, coef: Sequence[Any], intercept: Any = 0) -> Bounds:
    """The objective at a point: a lower and an upper bound on it, equal where it is rational."""
    p = stated(problem)
    w, b = [Fraction(v) for v in map(_plain, coef)], Fraction(_plain(intercept))
    u = [dot(row, w) + b for row in p.X]
    terms = [scaled(s, loss_value(p, u_i, y)) for s, u_i, y in zip(p.s, u, p.y, strict=True)]
    if any(v and out for v, out in zip(w, p.excluded, strict=True)) or (p.nonnegative and min(w) < 0):
        return math.inf, math.inf
    cost = [abs(v) * (c if c < math.inf else 0) for v, c in zip(w, p.c, strict=True)]
    terms += [scaled(p.lam * p.r, (sum(cost),) * 2)]
    if p.groups is None:
        terms += [scaled(p.lam * (1 - p.r) / 2, (sum(v * v for v in cost),) * 2)]
    else:
        terms += [
            scaled(p.lam * (1 - p.r) * k, root(sum(cost[j] ** 2 for j in group)))
            for group, k in zip(p.groups, p.k, strict=True)
            if k < math.inf
        ]
    return added(terms)


def _plain(value: Any) -> Any:
    return value if isinstance(value, (int, Fraction)) else float(value)


def loss_value(p: Statement, u: Fraction, y: Fraction) -> Bounds:
    t = 1 if y > 0 else -1
    match p.loss:
        case "Squared":
            found = (u - y) ** 2 / 2
        case "Huber":
            off, delta = abs(u - y), p.parameter
            found = off**2 / 2 if off <= delta else delta * (off - delta / 2)
        case "Quantile":
            found = p.parameter * (y - u) if y > u else (1 - p.parameter) * (u - y)
        case "SquaredHinge":
            found = max(Fraction(0), 1 - t * u) ** 2
        case "Logistic":
            return softplus(-t * u)
        case "Poisson":
            low, high = exp(u)
            return low - y * u, high if high == math.inf else high - y * u
    return found, found


def conjugate(p: Statement, a: Fraction, y: Fraction) -> Bounds:
    """``sup_u a u - phi(u, y)``, at a slope in its domain."""
    t = 1 if y > 0 else -1
    match p.loss:
        case "Squared" | "Huber":
            found = a * a / 2 + a * y
        case "Quantile":
            found = a * y
        case "SquaredHinge":
            found = a * a / 4 + t * a
        case "Logistic":
            return added([xlogx(-t * a), xlogx(1 + t * a)])
        case "Poisson":
            low, high = xlogx(a + y)
            return low - (a + y), high - (a + y)
    return found, found


def domain(p: Statement, y: Fraction) -> tuple[Any, Any]:
    """The slopes at which the conjugate is finite."""
    t = 1 if y > 0 else -1
    steepest = {"SquaredHinge": math.inf, "Logistic": Fraction(1)}.get(p.loss)
    if steepest is not None:
        return (-steepest, Fraction(0)) if t > 0 else (Fraction(0), steepest)
    return {
        "Squared": (-math.inf, math.inf),
        "Huber": (-p.parameter, p.parameter),
        "Quantile": (-p.parameter, 1 - p.parameter),
        "Poisson": (-y, math.inf),
    }[p.loss]


def dual_bound(problem: Any, theta: Sequence[Any]) -> Fraction:
    """A number that no objective is below: the dual value of theta, made feasible.

    Theta has one entry for each sample that counts, or one for each sample if all do. It is moved to where it meets the
    conditions of the intercept and of the free features, and then shrunk; that it is feasible at the end is checked.
    """
    p = stated(problem)
    theta = [Fraction(v) for v in map(_plain, theta)]
    theta = [-min(max(-v / s, low), high) * s for v, s, (low, high) in zip(theta, p.s, _domains(p), strict=True)]
    theta = _balanced(p, theta)
    t = _share(p, theta)
    theta = [t * v for v in theta]
    z = [dot(column, theta) for column in zip(*p.X, strict=True)]
    require_feasible(p, theta, z)
    terms = [scaled(s, conjugate(p, -v / s, y)) for s, v, y in zip(p.s, theta, p.y, strict=True)]
    if p.groups is None and p.r < 1:
        for each, c, free, out in zip(z, p.c, p.free, p.excluded, strict=True):
            if not free and not out:
                excess = max(abs(each) - p.lam * p.r * c, Fraction(0))
                terms.append(((excess / c) ** 2 / (2 * p.lam * (1 - p.r)),) * 2)
    return -added(terms)[1]


def _domains(p: Statement) -> list[tuple[Any, Any]]:
    return [domain(p, y) for y in p.y]


def require_feasible(p: Statement, theta: list[Fraction], z: list[Fraction]) -> None:
    """The conditions under which the conjugates are finite; their failure is a fault of this module."""
    for v, s, (low, high) in zip(theta, p.s, _domains(p), strict=True):
        assert low <= -v / s <= high
    assert not p.intercept or sum(theta) == 0
    for each, free, out in zip(z, p.free, p.excluded, strict=True):
        assert out or not free or (each <= 0 if p.nonnegative else each == 0)
    assert _within(p, z)


def _within(p: Statement, z: list[Fraction]) -> bool:
    """Whether the correlations are in the domain of the penalty's conjugate, the free features apart."""
    held = [not free and not out for free, out in zip(p.free, p.excluded, strict=True)]
    z = [max(each, Fraction(0)) if p.nonnegative else abs(each) for each in z]
    if p.groups is None:
        return p.r < 1 or all(each <= p.lam * c for each, c, h in zip(z, p.c, held, strict=True) if h)
    for group, k in zip(p.groups, p.k, strict=True):
        rest = [max(z[j] / p.c[j] - p.lam * p.r, Fraction(0)) for j in group if held[j]]
        if rest and sum(v * v for v in rest) > (p.lam * (1 - p.r) * k) ** 2:
            return False
    return True


def _share(p: Statement, theta: list[Fraction]) -> Fraction:
    """The largest factor up to 1, to 60 bits, at which theta is in all domains; 0 if none is found."""
    z = [dot(column, theta) for column in zip(*p.X, strict=True)]

    def fits(t: Fraction) -> bool:
        inside = all(low <= -t * v / s <= high for v, s, (low, high) in zip(theta, p.s, _domains(p), strict=True))
        return inside and _within(p, [t * each for each in z])

    if fits(Fraction(1)):
        return Fraction(1)
    power = next((e for e in (2**i for i in range(15)) if fits(Fraction(1, 2**e))), None)
    if power is None:
        return Fraction(0)
    low, high = Fraction(1, 2**power), Fraction(1)
    while high > 2 * low:  # the exponent, by bisection
        middle = Fraction(1, 2 ** ((_log2(high) + _log2(low)) // 2))
        low, high = (middle, high) if fits(middle) else (low, middle)
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def _log2(power: Fraction) -> int:
    return power.denominator.bit_length() - 1


def _balanced(p: Statement, theta: list[Fraction]) -> list[Fraction]:
    """``theta - |theta| (B beta)`` with B' of it 0, B the intercept's column and free ones; 0 if that is not found.

    Where w >= 0, a free column may have a product below 0, and is one of B only if its product is above.
    """
    free = [list(column) for column, each in zip(zip(*p.X, strict=True), p.free, strict=True) if each]
    held = [[Fraction(1)] * len(theta)] if p.intercept else []
    held, waiting = (held, free) if p.nonnegative else (held + free, [])
    found, size = theta, [abs(v) for v in theta]
    for _ in range(len(waiting) + 2):
        unmet = [column for column in waiting if dot(column, found) > 0]
        if not unmet and all(dot(column, found) == 0 for column in held):
            return found
        held, waiting = held + unmet, [column for column in waiting if column not in unmet]
        gram = [[dot([a * d for a, d in zip(left, size, strict=True)], right) for right in held] for left in held]
        beta = solve(gram, [dot(column, theta) for column in held])
        move = [dot(beta, row) for row in zip(*held, strict=True)]
        found = [v - d * m for v, d, m in zip(theta, size, move, strict=True)]
    return [Fraction(0)] * len(theta)


def solve(matrix: list[list[Fraction]], right: list[Fraction]) -> list[Fraction]:
    """A solution of a consistent system, by Gauss-Jordan elimination; 0 for the unknowns that it leaves open."""
    rows, m, pivots = [[*row, b] for row, b in zip(matrix, right, strict=True)], len(right), {}
    for column in range(m):
        at = next((i for i in range(m) if i not in pivots.values() and rows[i][column] != 0), None)
        if at is None:
            continue
        pivots[column] = at
        rows[at] = [v / rows[at][column] for v in rows[at]]
        for i in range(m):
            if i != at and rows[i][column]:
                rows[i] = [v - rows[i][column] * q for v, q in zip(rows[i], rows[at], strict=True)]
    return [rows[pivots[k]][-1] if k in pivots else Fraction(0) for k in range(m)]


def improved(problem: Any, coef: Sequence[Any], intercept: Any = 0, rounds: int = 3) -> tuple[list[Fraction], Fraction]:
    """A point with an objective that is no higher, found by trying other values for one unknown at a time."""
    p = stated(problem)
    point = [*(Fraction(v) for v in map(_plain, coef)), Fraction(_plain(intercept))]
    best = objective(p, point[:-1], point[-1])[1]
    for _ in range(rounds):
        for j in range(len(point) - (not p.intercept)):
            tries = [
                Fraction(0),
                *(point[j] * (1 + sign * Fraction(1, 2**e)) for e in (0, 1, 3, 8, 20, 40) for sign in (1, -1)),
            ]
            column = [row[j] for row in p.X] if j < len(p.c) else [Fraction(1)] * len(p.y)
            tries += [y / x for x, y in zip(column, p.y, strict=True) if x][:4]
            for value in tries:
                other = [*point[:j], value, *point[j + 1 :]]
                found = objective(p, other[:-1], other[-1])[1]
                if found < best:
                    best, point = found, other
    return point[:-1], point[-1]


def dot(a: Any, b: Any) -> Fraction:
    return sum((x * v for x, v in zip(a, b, strict=True)), Fraction(0))


def scaled(factor: Fraction, bounds: Bounds) -> Bounds:
    """Bounds times a number >= 0."""
    low, high = bounds
    return factor * low, math.inf if high == math.inf else factor * high


def added(terms: Sequence[Bounds]) -> Bounds:
    lows, highs = [low for low, _ in terms], [high for _, high in terms]
    return sum(lows, Fraction(0)), math.inf if math.inf in highs else sum(highs, Fraction(0))


def root(x: Fraction) -> Bounds:
    """The square root, to 400 bits."""
    shift = 2 * BITS + 2 * max(0, (x.denominator.bit_length() - x.numerator.bit_length()) // 2 + 1)
    whole = math.isqrt((x.numerator << shift) // x.denominator)
    exact = whole * whole * x.denominator == x.numerator << shift
    return Fraction(whole, 1 << shift // 2), Fraction(whole if exact else whole + 1, 1 << shift // 2)


def exp(x: Fraction) -> Bounds:
    if x > FAR:
        return exp(Fraction(FAR))[0], math.inf
    if x < -FAR:
        return Fraction(0), exp(Fraction(-FAR))[1]
    return _ends(_ball(x).exp())


def softplus(x: Fraction) -> Bounds:
    """``log(1 + exp(x))``."""
    if x > FAR:
        return x, x + exp(Fraction(-FAR))[1]
    if x < -FAR:
        return Fraction(0), exp(Fraction(-FAR))[1]
    return _ends(_ball(x).exp().log1p())


def xlogx(x: Fraction) -> Bounds:
    return _ends(_ball(x) * _ball(x).log()) if x else (Fraction(0), Fraction(0))


def _ball(x: Fraction) -> Any:
    import flint

    flint.ctx.prec = BITS
    return flint.arb(flint.fmpq(x.numerator, x.denominator))


def _ends(ball: Any) -> Bounds:
    ends = [[int(part) for part in end.man_exp()] for end in (ball.lower(), ball.upper())]
    low, high = (Fraction(mantissa) * Fraction(2) ** exponent for mantissa, exponent in ends)
    return low, high
