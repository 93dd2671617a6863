"""Small problems and points with extreme but finite numbers, as `Problem` accepts them; seeded."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np

import lassoopt as lo
from lassoopt.losses import LOSSES
from lassoopt.penalties import PENALTIES

KINDS = [(loss, penalty) for loss in sorted(LOSSES) for penalty in sorted(PENALTIES)]
LEAST, MOST = 5e-324, 1.7e308


def extremes(seed: int, count: int) -> Iterator[tuple[lo.Problem, np.ndarray, float]]:
    """``count`` triples (problem, coef, intercept) of every loss and penalty in turn."""
    made, attempt = 0, 0
    while made < count:
        rng = np.random.default_rng([seed, attempt])
        kind = KINDS[made % len(KINDS)]
        attempt += 1
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                found = extreme(*kind, rng)
        except lo.InputError:
            continue
        made += 1
        yield found


def clipped(values):
    """Numbers moved into the range of finite floats, 0 as it is."""
    values = np.asarray(values, dtype=float)
    return np.where(values == 0, 0.0, np.sign(values) * np.clip(np.abs(values), LEAST, MOST))


def power(exponent):
    """Ten to it, within the finite floats."""
    with np.errstate(all="ignore"):
        return clipped(10.0 ** np.clip(np.asarray(exponent, dtype=float), -323.3, 308.2))


def plain(rng, shape):
    """Ordinary numbers of few or many digits."""
    return rng.integers(-4, 5, shape) * 1.0 if rng.random() < 0.4 else rng.standard_normal(shape)


def spread(rng, size, centre):
    """Exponents: all near the centre, or up and down by some or by very much."""
    width = rng.choice([0.0, 0.3, 8.0, 100.0], p=[0.4, 0.3, 0.2, 0.1])
    return centre + width * rng.uniform(-1, 1, size)


def weights(rng, size, centre):
    """Weights >= 0: extreme, with some zeros."""
    found = power(spread(rng, size, centre))
    if rng.random() < 0.3:
        found[rng.random(size) < 0.3] = 0.0
    return found


def design(rng, n, p, centre):
    X = plain(rng, (n, p)) * power(spread(rng, p, centre))
    way = rng.integers(0, 6)
    if way == 0:  # a mean that is large, and the same column without it
        X[:, 0] += 10.0 ** rng.integers(3, 16) * np.abs(X[:, 0]).max(initial=0.0)
    elif way == 1 and p > 1:  # duplicates, scaled by a power of two
        X[:, 1] = X[:, 0] * 2.0 ** rng.integers(-3, 4)
    elif way == 2:
        X[rng.random((n, p)) < 0.5] = 0.0
    elif way == 3:
        X *= power(spread(rng, (n, 1), 0.0))
    return clipped(X)


def extreme(loss, penalty, rng):
    """One problem, with a point that is near it in scale or not at all."""
    n, p = int(rng.integers(1, 7)), int(rng.integers(1, 5))
    of_y = rng.uniform(-150, 150) if rng.random() < 0.5 else rng.choice([-6.0, 0.0, 0.0, 6.0])
    if loss in ("logistic", "squared_hinge"):
        of_y, y = 0.0, rng.integers(0, 2, n) * 1.0
    elif loss == "poisson":
        of_y = rng.choice([0.0, 0.0, 10.0, -10.0, rng.uniform(-290, 290)])
        y = np.abs(plain(rng, n)) * power(of_y)
    else:
        y = plain(rng, n) * power(spread(rng, n, of_y))
        if rng.random() < 0.2:
            y = y + 10.0 ** rng.integers(1, 14) * np.abs(y).max(initial=0.0)
    of_x = rng.uniform(-290, 290) if rng.random() < 0.5 else rng.choice([-8.0, 0.0, 0.0, 8.0])
    X = design(rng, n, p, of_x)
    of_u = 0.0 if loss in ("logistic", "poisson", "squared_hinge") else of_y
    of_w = of_u - of_x if rng.random() < 0.7 else rng.uniform(-320, 300)
    # the penalty is about as large as the loss, by a feature weight that is not: or anything
    of_loss = {"squared": 2 * of_y, "huber": of_y, "quantile": of_y, "poisson": max(of_y, 0.0)}.get(loss, 0.0)
    of_c = rng.uniform(-300, 300) if rng.random() < 0.7 else 0.0
    of_k = rng.uniform(-300, 300) if rng.random() < 0.5 else 0.0
    of_s = rng.uniform(-300, 300) if rng.random() < 0.4 else 0.0
    scaling = str(rng.choice(["mean", "sum"]))
    of_loss += of_s if scaling == "sum" else 0.0
    matched = of_loss - of_w - of_c - (of_k if "group" in penalty else 0.0) + rng.choice([0.0, -3.0, -12.0, 3.0])
    of_lam = matched if rng.random() < 0.8 else rng.uniform(-320, 308)
    ratio = float(rng.choice([0.5, 0.1, 1e-9, 1e-200, 1 - 2.0**-53, rng.random()]))
    c = weights(rng, p, of_c) if rng.random() < 0.9 else None
    if c is not None and rng.random() < 0.15:
        c[rng.integers(p)] = np.inf
    shape = {}
    if penalty in ("elastic_net", "sparse_group"):
        shape["l1_ratio"] = ratio
    if "group" in penalty:
        labels = rng.integers(0, 2, p)
        shape["groups"] = labels
        shape["group_weights"] = weights(rng, len(np.unique(labels)), of_k) if rng.random() < 0.8 else None
    options = {}
    if loss == "huber":
        options["delta"] = float(power(of_y + rng.choice([0.0, -3.0, 3.0, rng.uniform(-300, 300)])))
    if loss == "quantile":
        options["level"] = float(rng.choice([0.5, 0.1, 1e-9, 1e-200, 1 - 2.0**-53, rng.random()]))
    sample_weight = weights(rng, n, of_s) if rng.random() < 0.6 else None
    problem = lo.Problem(
        X,
        y,
        float(power(of_lam)) if rng.random() < 0.95 else 0.0,
        loss=LOSSES[loss](**options),
        penalty=PENALTIES[penalty](weights=c, **shape),
        intercept=bool(rng.integers(2)),
        scaling=scaling,
        sample_weight=sample_weight,
    )
    coef = clipped(plain(rng, p) * power(spread(rng, p, of_w)))
    coef[rng.random(p) < 0.2] = 0.0
    coef[problem.penalty.excluded] = 0.0
    if problem.penalty.nonnegative:
        coef = np.abs(coef)
    intercept = float(clipped(rng.standard_normal() * power(of_u)))
    return problem, coef, intercept if problem.intercept and rng.random() < 0.7 else 0.0
