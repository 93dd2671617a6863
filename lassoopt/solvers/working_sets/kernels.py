"""The kernels find the exact minimiser on a working set; Numba compiles them, once for a machine.

    minimise over v:   1/2 v'Gv - c'v + sum_j (l_j |v_j| + r_j v_j^2 / 2)

Every kernel keeps ``q = c - G v``. With ``nonnegative``, weights below 0 are not allowed. G is symmetric, and may have
more rows than there are weights. Three methods follow each other:

- Coordinate descent finds most of the weights that are not 0 (Friedman, Hastie & Tibshirani 2010, sec. 2.2): along one
  weight the minimiser is ``soft(q_j + G_jj v_j, l_j) / (G_jj + r_j)``.
- A Cholesky factor, ``L L' = (G + diag(r))_AA`` for the list ``A = active[:count]``, follows the active features as
  they come and go (Golub & Van Loan 2013, sec. 6.5.4). A new one adds a row; one that leaves takes its row with it, and
  Givens rotations make what is left triangular again.
- Newton steps on the active features end in the exact minimiser (feature-sign search; Lee, Battle, Raina & Ng 2006).
  While A and the signs s last, it solves ``(G + diag(r))_AA v_A = (c - l s)_A``. A step towards it goes as far as the
  objective falls, through weights that change their sign. So the objective falls with each step, no A and s come twice,
  and the end comes after finitely many. A feature that depends on active ones changes places with one of them, at equal
  predictions.

All kernels are in this one file, as Numba's cache notices a change of the file that a kernel is in, but not of others.
Sums may be reordered, so that the processor adds several terms at a time: that is allowed where an answer is searched
for; what judges it, the certificate, is plain NumPy. The interpreter's lock is released, so that threads run side by
side.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from ...arrays.design_matrix import Array, Indices

ACTIVE_EPOCHS, SMALL = 4, 1e-6  # of descent before the first step; it is over where gains become small
FEW, SHARE = 4, 2  # so many features enter at a time, or the active ones divided by this
SLACK = 1e-10  # a weight of 0 is held up to this share beyond its level,
ROUNDING = 4e-15  # and to the rounding of q, a share of 1 + |v|_1, as columns and targets have size 1
UNSURE, DEPENDENT = 1e-6, 1e-15  # the share of a column's square that others leave: small, and the rounding of it

TIGHT, WITHIN = 1e-13, 3  # as SLACK, for blocks; the steps within a block before the others follow

_OPTIONS = {"cache": True, "nogil": True, "fastmath": {"reassoc", "contract", "nsz", "arcp"}}
compiled = njit(**_OPTIONS)
part = njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, **_OPTIONS)  # called by kernels alone: faster to compile


@part
def move(G: Array, q: Array, v: Array, j: int, change: float) -> None:
    """Change one weight, and q with it."""
    v[j] += change
    for i in range(v.size):
        q[i] -= change * G[j, i]


@part
def descend(G: Array, ridge: Array, level: Array, nonnegative: bool, q: Array, v: Array, everywhere: bool) -> float:
    """Minimise along each weight in turn, or along those that are not 0; return the largest gain of one, twice."""
    largest = 0.0
    for j in range(v.size):
        curvature = G[j, j] + ridge[j]
        if curvature > 0.0 and (everywhere or v[j] != 0.0):
            pull = q[j] + G[j, j] * v[j]
            new = 0.0
            if pull > level[j]:
                new = (pull - level[j]) / curvature
            elif pull < -level[j] and not nonnegative:
                new = (pull + level[j]) / curvature
            change = new - v[j]
            if change != 0.0:
                move(G, q, v, j, change)
                v[j] = new
                largest = max(largest, change * change * curvature)
    return largest


@part
def enter(G: Array, ridge: Array, level: Array, nonnegative: bool, q: Array, v: Array, most: int) -> int:
    """Let in up to so many weights of 0 that are beyond their level, those with the largest gain first; count them."""
    rounding, entered = ROUNDING, 0
    for j in range(v.size):
        rounding += ROUNDING * abs(v[j])
    while entered < most:
        best, gain = -1, 0.0
        for j in range(v.size):
            if v[j] == 0.0 and G[j, j] > 0.0:
                excess = (q[j] if nonnegative else abs(q[j])) - level[j]
                if excess > SLACK * level[j] + rounding and excess * excess > gain * G[j, j]:
                    best, gain = j, excess * excess / G[j, j]
        if best < 0:
            break
        pull = q[best] - np.copysign(level[best], q[best])
        move(G, q, v, best, pull / (G[best, best] + ridge[best]))
        entered += 1
    return entered


@part
def backward(L: Array, count: int, x: Array) -> None:
    """Solve ``L' x = b`` in place."""
    for a in range(count - 1, -1, -1):
        x[a] /= L[a, a]
        for b in range(a):
            x[b] -= x[a] * L[a, b]


@part
def append(G: Array, ridge: Array, L: Array, active: Indices, count: int, slot: int, combined: Array) -> bool:
    """Write the row of a slot after the others; return whether it is independent of them, so that the row counts.

    The square that they leave of its column is ``y' G y`` with ``y = (-G_AA^-1 G_Aj, 1)``, so that the rounding of G
    moves it by a share of ``|y|_1^2`` (Higham 2002, sec. 10.1): what is no more than that is no independent column, and
    then y is in ``combined``.
    """
    whole = G[slot, slot] + ridge[slot]
    left = whole
    for a in range(count):
        rest = G[slot, active[a]]
        for b in range(a):
            rest -= L[count, b] * L[a, b]
        L[count, a] = rest / L[a, a]
        left -= L[count, a] * L[count, a]
    active[count] = slot
    L[count, count] = np.sqrt(max(left, 0.0))
    independent = left > UNSURE * whole
    if not independent:
        size = 1.0
        for a in range(count):
            combined[a] = -L[count, a]
        combined[count] = 1.0
        backward(L, count, combined)
        for a in range(count):
            size += abs(combined[a])
        independent = left > DEPENDENT * size * size * whole
    return independent


@part
def remove(L: Array, active: Indices, count: int, place: int) -> None:
    """Take out one row of the factor; those after it move up, each with an entry too many, which is rotated away."""
    cosine, sine = np.empty(count), np.empty(count)
    for r in range(place + 1, count):
        for c in range(place):
            L[r - 1, c] = L[r, c]
        carried = L[r, place]
        for c in range(place, r - 1):
            L[r - 1, c] = cosine[c] * carried + sine[c] * L[r, c + 1]
            carried = cosine[c] * L[r, c + 1] - sine[c] * carried
        L[r - 1, r - 1] = np.hypot(carried, L[r, r])
        cosine[r - 1], sine[r - 1] = carried / L[r - 1, r - 1], L[r, r] / L[r - 1, r - 1]
        active[r - 1] = active[r]


@part
def synchronise(
    G: Array, ridge: Array, v: Array, L: Array, active: Indices, count: int, direction: Array
) -> tuple[int, bool]:
    """Bring the factor in line with the weights that are not 0, up to the first that depends on those before.

    Return how many rows the factor has, and whether there is such a one, ``active[count]``; then `direction` is the
    change of its weight by 1, and of the others', that leaves all predictions as they are.
    """
    gone, dependent = 0, False
    inside = np.zeros(v.size, np.bool_)
    for a in range(count):
        gone += v[active[a]] == 0.0
    if 8 * gone > count:
        count = 0  # anew is faster
    for a in range(count - 1, -1, -1):
        if v[active[a]] == 0.0:
            remove(L, active, count, a)
            count -= 1
        else:
            inside[active[a]] = True
    for j in range(v.size):
        if v[j] != 0.0 and not inside[j]:
            if not append(G, ridge, L, active, count, j, direction):
                dependent = True
                break
            count += 1
    return count, dependent


@part
def meets_kink(level: Array, nonnegative: bool, v: Array, active: Indices, direction: Array, a: int, last: int) -> bool:
    """Say whether a weight crosses 0 on its way, where its penalty has a kink; ``active[last]`` stops there anyway."""
    return v[active[a]] * direction[a] < 0.0 and (nonnegative or level[active[a]] > 0.0 or a == last)


@part
def line_search(
    G: Array,
    level: Array,
    nonnegative: bool,
    q: Array,
    v: Array,
    active: Indices,
    count: int,
    direction: Array,
    slope: float,
    curvature: float,
    last: int,
) -> float:
    """Move to the minimum of the objective along a direction, and return how far that was; inf if there is none ahead.

    A positive curvature is that of a Newton step, whose length is 1 where it meets no kink. The slope is linear between
    the lengths at which a weight crosses 0, and jumps up at each. A weight that is stopped there is exactly 0.
    """
    length, passed, crossing = np.inf, 0.0, 0.0
    while length == np.inf and crossing < np.inf:
        crossing, jump = np.inf, 0.0
        for a in range(count):
            if meets_kink(level, nonnegative, v, active, direction, a, last):
                at = -v[active[a]] / direction[a]
                if passed < at <= crossing:
                    jump = 0.0 if at < crossing else jump
                    jump += np.inf if nonnegative or a == last else 2.0 * level[active[a]] * abs(direction[a])
                    crossing = at
        if curvature > 0.0 and slope + curvature * crossing >= 0.0:
            length = -slope / curvature if passed > 0.0 else 1.0
        elif crossing < np.inf:
            slope += jump
            passed = crossing
            if slope + curvature * crossing >= 0.0:
                length = crossing
    for a in range(count if length < np.inf else 0):
        j = active[a]
        kink = meets_kink(level, nonnegative, v, active, direction, a, last)
        move(G, q, v, j, -v[j] if kink and -v[j] / direction[a] == length else length * direction[a])
        if nonnegative and v[j] < 0.0:
            v[j] = 0.0  # by rounding
    return length


@compiled
def settle(
    G: Array,
    ridge: Array,
    level: Array,
    nonnegative: bool,
    q: Array,
    v: Array,
    L: Array,
    active: Indices,
    count: int,
    epochs: int,
    limit: int,
) -> tuple[int, int]:
    """Find the minimiser, with so many epochs of descent and at most ``limit`` steps.

    Return how many features are active, with their factor in L, and how many steps it took; ``limit`` if they were too
    few.
    """
    c, direction = np.zeros(v.size), np.empty(L.shape[0])
    for j in range(v.size):
        c[j] += q[j]
        if v[j] != 0.0:
            for i in range(v.size):
                c[i] += v[j] * G[j, i]
    largest = 0.0
    for epoch in range(epochs * ACTIVE_EPOCHS):
        everywhere = epoch % ACTIVE_EPOCHS == 0
        if everywhere or largest > 0.0:
            gain = descend(G, ridge, level, nonnegative, q, v, everywhere)
            largest = gain if everywhere else 0.0 if gain < SMALL * largest else largest
    steps, refined, done = 0, False, False
    while steps < limit and not done:
        steps += 1
        count, dependent = synchronise(G, ridge, v, L, active, count, direction)
        slope, tied, last = 0.0, count + dependent, count if dependent else -1
        if dependent:  # one of those tied becomes 0, the penalty falling
            for a in range(tied):
                j = active[a]
                slope += direction[a] * (level[j] * np.sign(v[j]) + ridge[j] * v[j] - q[j])
            turn = -1.0 if slope > 0.0 else 1.0
            slope, ahead = -abs(slope), False
            for a in range(tied):
                direction[a] *= turn
                ahead = ahead or meets_kink(level, nonnegative, v, active, direction, a, last)
            if not ahead:  # the slope was rounding, and the other way is as good
                slope = 0.0
                for a in range(tied):
                    direction[a] = -direction[a]
        else:  # Newton's step
            for a in range(count):
                j = active[a]
                rest = q[j] - ridge[j] * v[j] - level[j] * np.sign(v[j])
                for b in range(a):
                    rest -= L[a, b] * direction[b]
                direction[a] = rest / L[a, a]
                slope -= direction[a] * direction[a]
            backward(L, count, direction)
        reached = slope == 0.0 and not dependent
        if not reached:
            curvature = 0.0 if dependent else -slope
            length = line_search(G, level, nonnegative, q, v, active, tied, direction, slope, curvature, last)
            reached = length == 1.0 and not dependent
        if not reached:
            refined = False
        elif not refined:  # once more, without the rounding of all moves so far
            refined = True
            for i in range(v.size):
                q[i] = c[i]
            for a in range(count):
                j = active[a]
                for i in range(v.size):
                    q[i] -= v[j] * G[j, i]
        else:
            refined = False
            done = enter(G, ridge, level, nonnegative, q, v, max(FEW, count // SHARE)) == 0
    return count, steps if done else limit


# The penalty on groups of features has a norm for each block ``starts[g] <= j < starts[g + 1]`` of the weights:
#
#     minimise over v:   1/2 v'Gv - c'v + sum_j l_j |v_j| + sum_g k_g ||(d * v)_g||
#
# Blocks with ``k_g = 0`` have one weight. In the others, d is above 0.


@part
def soft(x: float, level: float) -> float:
    """Move x towards 0, at most to 0."""
    return np.copysign(max(abs(x) - level, 0.0), x)


@compiled
def descend_blocks(
    G: Array, starts: Indices, level: Array, norm_level: Array, scale: Array, q: Array, v: Array, everywhere: bool
) -> float:
    """Lower the objective along each block in turn, or those that are not 0; return the largest gain of one, twice.

    A block is 0 if that is its minimiser, ``||(soft(q + G v, l) / d)_g|| <= k_g`` with G within the block. Else its
    curvature is bounded by the diagonal ``D_j = sum_i |G_ji|``, and the minimiser under that bound is taken.
    """
    rounding, largest = ROUNDING, 0.0
    for j in range(v.size):
        rounding += ROUNDING * abs(v[j])
    room = 0
    for g in range(starts.size - 1):
        room = max(room, starts[g + 1] - starts[g])
    pull, bound, target = np.empty(room), np.empty(room), np.empty(room)
    for g in range(starts.size - 1):
        first, size = starts[g], starts[g + 1] - starts[g]
        active = False
        for j in range(first, first + size):
            active |= v[j] != 0.0
        if not (active or everywhere):
            continue
        reach, noise = 0.0, 0.0
        for a in range(size):
            j = first + a
            pull[a], bound[a] = q[j], 0.0
            for i in range(first, first + size):
                pull[a] += G[j, i] * v[i]
                bound[a] += abs(G[j, i])
            reach += (soft(pull[a], level[j]) / scale[j]) ** 2
            noise += (1.0 / scale[j]) ** 2
        held = norm_level[g] if active else norm_level[g] * (1.0 + TIGHT) + rounding * np.sqrt(noise)
        if size == 1 and not active:
            held += TIGHT * level[first]
        to_zero = np.sqrt(reach) <= held
        if to_zero and not active:
            continue
        for a in range(size):
            target[a] = 0.0 if to_zero else v[first + a]
        for _ in range(0 if to_zero else 1 if size == 1 else WITHIN):
            minimise_bound(G, first, size, level, norm_level[g], scale, pull, bound, target)
        for a in range(size):
            change = target[a] - v[first + a]
            if change != 0.0:
                move(G, q, v, first + a, change)
                v[first + a] = target[a]
                largest = max(largest, change * change * bound[a])
    return largest


@compiled
def minimise_bound(
    G: Array,
    first: int,
    size: int,
    level: Array,
    norm_level: float,
    scale: Array,
    pull: Array,
    bound: Array,
    target: Array,
) -> None:
    """Take the minimiser over one block of a bound of the objective, which touches it at ``target``.

    Where ``q`` is the smooth part's negative gradient there, that is ``v_j = b_j r / (r + h_j)``, with
    ``b = soft(target + q / D, l / D)``, ``h = k d^2 / D``, and the block's norm r, for which
    ``sum_j (d_j b_j / (r + h_j))^2 = 1``. Newton's method on the inverse root of that sum, which is concave, rises
    to r.
    """
    before, b = np.empty(size), np.empty(size)
    radius, inside = 0.0, 0.0
    for a in range(size):
        before[a] = target[a]
    for a in range(size):
        j, slope = first + a, pull[a]
        b[a] = 0.0
        if bound[a] > 0.0:
            for i in range(size):
                slope -= G[j, first + i] * before[i]
            b[a] = soft(before[a] + slope / bound[a], level[j] / bound[a])
            if norm_level > 0.0:
                inside += (b[a] * bound[a] / (norm_level * scale[j])) ** 2
                radius = max(radius, abs(scale[j] * b[a]) - norm_level * scale[j] ** 2 / bound[a])
        target[a] = b[a]
    if norm_level == 0.0:
        return
    for _ in range(60 if inside > 1.0 else 0):
        total, slope = 0.0, 0.0
        for a in range(size):
            if b[a] != 0.0:
                j = first + a
                below = radius + norm_level * scale[j] ** 2 / bound[a]
                term = (scale[j] * b[a] / below) ** 2
                total += term
                slope += term / below
        change = total * (np.sqrt(total) - 1.0) / slope
        radius += max(change, 0.0)
        if change <= SMALL * SMALL * radius:
            break
    for a in range(size):
        if b[a] != 0.0:
            j = first + a
            target[a] = b[a] * radius / (radius + norm_level * scale[j] ** 2 / bound[a]) if inside > 1.0 else 0.0


@compiled
def block_system(
    G: Array,
    starts: Indices,
    level: Array,
    norm_level: Array,
    scale: Array,
    q: Array,
    v: Array,
    active: Indices,
    H: Array,
    right: Array,
) -> None:
    """Write the Hessian, its lower half, and the negative gradient of the objective in the weights that are not 0."""
    last = 0
    for g in range(starts.size - 1):
        begin, norm = last, 0.0
        while last < active.size and active[last] < starts[g + 1]:
            norm += (scale[active[last]] * v[active[last]]) ** 2
            last += 1
        norm = np.sqrt(norm)
        for a in range(begin, last):
            j = active[a]
            for b in range(a + 1):
                H[a, b] = G[j, active[b]]
            right[a] = q[j] - np.copysign(level[j], v[j])
            if norm_level[g] > 0.0:
                slope = norm_level[g] * scale[j] ** 2 * v[j] / norm
                right[a] -= slope
                H[a, a] += norm_level[g] * scale[j] ** 2 / norm
                for b in range(begin, a + 1):
                    i = active[b]
                    H[a, b] -= slope * scale[i] ** 2 * v[i] / norm**2


@compiled
def step_blocks(
    starts: Indices,
    level: Array,
    norm_level: Array,
    scale: Array,
    v: Array,
    direction: Array,
    length: float,
    new: Array,
) -> None:
    """Write the weights a step leads to: 0 where one with a kink there has crossed it, or a block has turned round."""
    for g in range(starts.size - 1):
        along = 0.0
        for j in range(starts[g], starts[g + 1]):
            new[j] = v[j] + length * direction[j]
            if level[j] > 0.0 and new[j] * v[j] < 0.0:
                new[j] = 0.0
            along += scale[j] ** 2 * v[j] * new[j]
        if norm_level[g] > 0.0 and along <= 0.0:
            for j in range(starts[g], starts[g + 1]):
                new[j] = 0.0


@compiled
def block_penalty(starts: Indices, level: Array, norm_level: Array, scale: Array, v: Array) -> float:
    """Compute the penalty of the weights."""
    value = 0.0
    for g in range(starts.size - 1):
        square = 0.0
        for j in range(starts[g], starts[g + 1]):
            value += level[j] * abs(v[j])
            square += (scale[j] * v[j]) ** 2
        value += norm_level[g] * np.sqrt(square)
    return value
