"""The kernels find the exact minimiser on a working set; Numba compiles them, once for a machine.

    minimise over v:   1/2 v'Gv - c'v + sum_j (l_j |v_j| + r_j v_j^2 / 2)

Every kernel keeps ``q = c - G v``. With ``nonnegative``, weights below 0 are not allowed. G is symmetric, and may have more
rows than there are weights. Three methods follow each other:

- Coordinate descent finds most of the weights that are not 0 (Friedman, Hastie & Tibshirani 2010, sec. 2.2): along one
  weight the minimiser is ``soft(q_j + G_jj v_j, l_j) / (G_jj + r_j)``.
- A Cholesky factor, ``L L' = (G + diag(r))_AA`` for the list ``A = active[:count]``, follows the active features as they
  come and go (Golub & Van Loan 2013, sec. 6.5.4). A new one adds a row; one that leaves takes its row with it, and Givens
  rotations make what is left triangular again.
- Newton steps on the active features end in the exact minimiser (feature-sign search; Lee, Battle, Raina & Ng 2006). While
  A and the signs s last, it solves ``(G + diag(r))_AA v_A = (c - l s)_A``. A step towards it goes as far as the objective
  falls, through weights that change their sign. So the objective falls with each step, no A and s come twice, and the end
  comes after finitely many. Features that depend on active ones change places with one of them, at equal predictions.

All kernels are in this one file, as Numba's cache notices a change of the file that a kernel is in, but not of others. Sums
may be reordered, so that the processor adds several terms at a time: that is allowed where an answer is searched for; what
judges it, the certificate, is plain NumPy. The interpreter's lock is released, so that threads run side by side.
"""

from __future__ import annotations

import numpy as np
from numba import njit

ACTIVE_EPOCHS, SMALL = 4, 1e-6  # of descent before the first step; it is over where gains become small
FEW, SHARE = 4, 2  # so many features enter at a time, or the active ones divided by this
SLACK = 1e-10  # a weight of 0 is held up to this share beyond its level,
ROUNDING = 4e-15  # and to the rounding of q, a share of 1 + |v|_1, as columns and targets have size 1
UNSURE, DEPENDENT = 1e-6, 1e-15  # the share of a column's square that others leave: small, and the rounding of it

compiled = njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "nsz", "arcp"})


@compiled
def move(G, q, v, j, change):
    """Change one weight, and q with it."""
    v[j] += change
    for i in range(v.size):
        q[i] -= change * G[j, i]


@compiled
def descend(G, ridge, level, nonnegative, q, v, everywhere):
    """Minimise along each weight in turn, or along those that are not 0; return the largest gain of one, twice."""
    largest = 0.0
    for j in range(v.size):
        curvature = G[j, j] + ridge[j]
        if curvature <= 0.0 or not (everywhere or v[j] != 0.0):
            continue
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


@compiled
def enter(G, ridge, level, nonnegative, q, v, most):
    """Let in up to so many weights of 0 that are beyond their level, those with the largest gain first; count them."""
    rounding = ROUNDING
    for j in range(v.size):
        rounding += ROUNDING * abs(v[j])
    for entered in range(most):
        best, gain = -1, 0.0
        for j in range(v.size):
            if v[j] == 0.0 and G[j, j] > 0.0:
                excess = (q[j] if nonnegative else abs(q[j])) - level[j]
                if excess > SLACK * level[j] + rounding and excess * excess > gain * G[j, j]:
                    best, gain = j, excess * excess / G[j, j]
        if best < 0:
            return entered
        pull = q[best] - np.copysign(level[best], q[best])
        move(G, q, v, best, pull / (G[best, best] + ridge[best]))
    return most


@compiled
def append(G, ridge, L, active, count, slot):
    """Write the row of a slot after the others; return whether it is independent of them, so that the row counts.

    The square that they leave of its column is ``y' G y`` with ``y = (-G_AA^-1 G_Aj, 1)``, so that the rounding of G moves
    it by a share of ``|y|_1^2`` (Higham 2002, sec. 10.1): what is no more than that is no independent column.
    """
    row = L[count]
    whole = G[slot, slot] + ridge[slot]
    left = whole
    for a in range(count):
        rest = G[slot, active[a]]
        for b in range(a):
            rest -= row[b] * L[a, b]
        row[a] = rest / L[a, a]
        left -= row[a] * row[a]
    active[count] = slot
    row[count] = np.sqrt(max(left, 0.0))
    if left > UNSURE * whole:
        return True
    combined = row[:count].copy()
    backward(L, count, combined)
    size = 1.0
    for a in range(count):
        size += abs(combined[a])
    return left > DEPENDENT * size * size * whole


@compiled
def remove(L, active, count, place):
    """Take out one row of the factor; those after it move up, each with an entry too many, which is rotated away."""
    cosine, sine = np.empty(count), np.empty(count)
    for r in range(place + 1, count):
        row, above = L[r], L[r - 1]
        for c in range(place):
            above[c] = row[c]
        carried = row[place]
        for c in range(place, r - 1):
            above[c] = cosine[c] * carried + sine[c] * row[c + 1]
            carried = cosine[c] * row[c + 1] - sine[c] * carried
        above[r - 1] = np.hypot(carried, row[r])
        cosine[r - 1], sine[r - 1] = carried / above[r - 1], row[r] / above[r - 1]
        active[r - 1] = active[r]


@compiled
def forward(L, count, x):
    """Solve ``L x = b`` in place."""
    for a in range(count):
        rest = x[a]
        for b in range(a):
            rest -= L[a, b] * x[b]
        x[a] = rest / L[a, a]


@compiled
def backward(L, count, x):
    """Solve ``L' x = b`` in place."""
    for a in range(count - 1, -1, -1):
        x[a] /= L[a, a]
        for b in range(a):
            x[b] -= x[a] * L[a, b]


@compiled
def settle(G, ridge, level, nonnegative, q, v, L, active, count, epochs, limit):
    """Find the minimiser, with so many epochs of descent and at most ``limit`` Newton steps.

    Return how many features are active, with their factor in L, and how many steps it took; ``limit`` if they were too
    few.
    """
    for _ in range(epochs):
        largest = descend(G, ridge, level, nonnegative, q, v, True)
        for _ in range(ACTIVE_EPOCHS):
            if largest == 0.0 or descend(G, ridge, level, nonnegative, q, v, False) < SMALL * largest:
                break
    c = q.copy()
    add_product(G, v, c)
    for steps in range(limit):
        count = synchronise(G, ridge, level, nonnegative, q, v, L, active, count)
        if newton_step(G, ridge, level, nonnegative, q, v, L, active, count):
            q[:] = c
            add_product(G, -v, q)  # without the rounding of all moves so far
            newton_step(G, ridge, level, nonnegative, q, v, L, active, count)
            if not enter(G, ridge, level, nonnegative, q, v, max(FEW, count // SHARE)):
                return count, steps + 1
    return count, limit


@compiled
def add_product(G, v, q):
    """Add ``G v`` to q."""
    for j in range(v.size):
        if v[j] != 0.0:
            for i in range(v.size):
                q[i] += G[j, i] * v[j]


@compiled
def follow(G, ridge, level, nonnegative, q, v, L, active, count, lambdas, limit, found):
    """Settle at one lam after the other, of which ``level`` and ``ridge`` are multiples, each from the last solution.

    The weights go to the rows of ``found``. Return how many features are active, and how many lam are settled.
    """
    here, ridge_here = np.empty(v.size), np.empty(v.size)
    curved = np.any(ridge)
    for k in range(lambdas.size):
        for j in range(v.size):
            here[j], ridge_here[j] = lambdas[k] * level[j], lambdas[k] * ridge[j]
        if curved:
            count = 0
        count, steps = settle(G, ridge_here, here, nonnegative, q, v, L, active, count, 0, limit)
        if steps == limit:
            return count, k
        found[k] = v
    return count, lambdas.size


@compiled
def newton_step(G, ridge, level, nonnegative, q, v, L, active, count):
    """Move towards the minimiser for these signs; return whether it was reached."""
    direction = np.empty(count)
    for a in range(count):
        j = active[a]
        direction[a] = q[j] - ridge[j] * v[j] - level[j] * np.sign(v[j])
    forward(L, count, direction)
    slope = 0.0
    for a in range(count):
        slope -= direction[a] * direction[a]
    if slope == 0.0:
        return True
    backward(L, count, direction)
    return line_search(G, level, nonnegative, q, v, active, count, direction, slope, -slope) == 1.0


@compiled
def line_search(G, level, nonnegative, q, v, active, count, direction, slope, curvature):
    """Move to the minimum of the objective along a direction, and return how far that was; inf if there is none ahead.

    The slope is linear between the lengths at which a weight crosses 0, and jumps up at each. A weight that is stopped
    there is exactly 0.
    """
    length, last = np.inf, 0.0
    while True:
        crossing = np.inf
        for a in range(count):
            j = active[a]
            if v[j] * direction[a] < 0.0 and (nonnegative or level[j] > 0.0):
                at = -v[j] / direction[a]
                if last < at < crossing:
                    crossing = at
        if curvature > 0.0 and slope + curvature * crossing >= 0.0:
            length = -slope / curvature
            break
        if crossing == np.inf:
            return np.inf
        for a in range(count):
            j = active[a]
            if v[j] * direction[a] < 0.0 and -v[j] / direction[a] == crossing:
                slope += np.inf if nonnegative else 2.0 * level[j] * abs(direction[a])
        last = crossing
        if slope + curvature * crossing >= 0.0:
            length = crossing
            break
    for a in range(count):
        j = active[a]
        change = length * direction[a]
        if v[j] * direction[a] < 0.0 and (nonnegative or level[j] > 0.0) and length <= -v[j] / direction[a] <= length:
            change = -v[j]
        move(G, q, v, j, change)
        if nonnegative and v[j] < 0.0:
            v[j] = 0.0  # by rounding
    return length


@compiled
def synchronise(G, ridge, level, nonnegative, q, v, L, active, count):
    """Bring the factor in line with the weights that are not 0; return how many these are in the end."""
    gone = 0
    for a in range(count):
        gone += v[active[a]] == 0.0
    if 8 * gone > count:
        count = 0  # anew is faster
    count = remove_zeros(v, L, active, count)
    inside = np.zeros(v.size, np.bool_)
    for a in range(count):
        inside[active[a]] = True
    for j in range(v.size):
        while v[j] != 0.0 and not inside[j]:
            if append(G, ridge, L, active, count, j):
                inside[j] = True
                count += 1
            else:
                exchange(G, ridge, level, nonnegative, q, v, L, active, count)
                for a in range(count):
                    inside[active[a]] = v[active[a]] != 0.0
                count = remove_zeros(v, L, active, count)
    return count


@compiled
def remove_zeros(v, L, active, count):
    """Take the features whose weight is 0 out of the factor; return how many are left."""
    for a in range(count - 1, -1, -1):
        if v[active[a]] == 0.0:
            remove(L, active, count, a)
            count -= 1
    return count


@compiled
def exchange(G, ridge, level, nonnegative, q, v, L, active, count):
    """Make a weight 0, of the active features or of one that depends on them, whose row `append` just wrote.

    The move leaves all predictions as they are, and lowers the penalty.
    """
    direction, slope = np.empty(count + 1), 0.0
    for a in range(count):
        direction[a] = -L[count, a]
    backward(L, count, direction)
    direction[count] = 1.0
    for a in range(count + 1):
        j = active[a]
        slope += direction[a] * (level[j] * np.sign(v[j]) + ridge[j] * v[j] - q[j])
    new = active[count]
    for _ in range(2):  # where there is no kink ahead, the slope was rounding, and the other way is as good
        if slope > 0.0:
            for a in range(count + 1):
                direction[a] = -direction[a]
        if line_search(G, level, nonnegative, q, v, active, count + 1, direction, -abs(slope), 0.0) < np.inf:
            return
        slope = 1.0
    share = -v[new] / direction[count]  # free features meet no kink
    for a in range(count):
        move(G, q, v, active[a], share * direction[a])
    move(G, q, v, new, -v[new])
