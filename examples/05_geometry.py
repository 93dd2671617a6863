# %% [markdown]
# # Lesson 5: corners make zeros
#
# **Question.** Draw two weights as a point in the plane. The loss is a bowl, the penalty is a ball around 0 that the
# weights may not leave, and the solution is where the lowest contour of the bowl still touches the ball. With L1 that
# is again and again *exactly* at a corner. Why there, at one point out of infinitely many? And why never with the
# round ball of L2?

# %% [markdown]
# ## The mathematics
#
# Two forms of one question:
#
#     penalised     minimise  Loss(w, b) + lam P(w)
#     constrained   minimise  Loss(w, b)  subject to  P(w) <= t
#
# Let w be the solution of the first and take `t = P(w)`. Any v with `P(v) <= t` has
# `Loss(v) >= Loss(w) + lam (P(w) - P(v)) >= Loss(w)`, so w solves the second as well. We can look at balls.
#
# At a point w on the rim of the ball, the *normal cone* is the set of directions in which no point of the ball lies
# farther out than w:
#
#     N(w) = {z: z'(v - w) <= 0 for all v in the ball}
#
# Downhill on the loss is along `z = -grad Loss(w)`. If z is normal, the ball ends in that direction, and nothing in it
# is lower, as a convex loss has `Loss(v) >= Loss(w) - z'(v - w) >= Loss(w)`. If z is not normal, some step inside the
# ball goes downhill. So w is optimal exactly if
#
#     z in N(w)          and, with its length,   z in lam dP(w)
#
# Where the rim is smooth, N(w) is one ray, and z has to lie on it. At a corner N(w) is a whole sector, and z may point
# anywhere into it. The corners of the L1 ball lie on the axes, where a weight is 0, and their four sectors of 90
# degrees cover every direction there is. (An edge gets its share because z turns as w moves along it, until it is
# normal; a corner needs no such luck.)

# %%
import cvxpy as cp
import matplotlib.pyplot as plt
import numpy as np

import lassoopt as lo

LAM = 1.0  # the knobs: the penalty, the true weights, and the seed of the data
TRUE = [1.2, 0.8]
SEED = 3
WINDOW = np.linspace(-1.4, 1.8, 71)
RIDGE = lo.ElasticNet(l1_ratio=0.0)  # |w|^2 / 2: all ridge, no lasso


def data(rng, true_weights, n=50):
    """Return two correlated features and a noisy target."""
    X = rng.standard_normal((n, 2)) @ [[1.0, 0.35], [0.0, 0.6]]
    return X, X @ true_weights + 0.5 * rng.standard_normal(n)


X, y = data(np.random.default_rng(SEED), TRUE)
lasso = lo.Problem(X, y, lam=LAM, feature_names=["x1", "x2"])
ridge = lo.Problem(X, y, lam=1.0, penalty=RIDGE, feature_names=["x1", "x2"])

# One surface for all pictures: the loss knows nothing of penalties. The intercept is at its best in every point.
surface = lo.geometry.loss_surface(lasso, WINDOW, WINDOW)
corner = lo.geometry.geometry(lasso, surface=surface)
print(f"least loss   w = {surface.minimiser.round(3)}   both features matter")
print(f"L1           w = {corner.coef.round(3)}   w2 is exactly 0: {corner.coef[1] == 0}")

# %% [markdown]
# ## The surprise: same data, same corner, other ball
#
# For L2 take the circle through that same corner, so that L2 could have the very same answer. (`lam_at_radius` finds
# the lam that belongs to a ball; the radius is in units of the penalty, here `|w|^2 / 2`.)

# %%
circle_radius = ridge.penalty.value(corner.coef)
ridge = ridge.with_lam(lo.geometry.lam_at_radius(ridge, circle_radius))
circle = lo.geometry.geometry(ridge, surface=surface)
print(f"L2           w = {circle.coef.round(3)}   same data, a circle through the same corner")

fig, axes = lo.plots.subplots("l1-against-l2", 1, 2, figsize=(7.4, 4.3))
lo.plots.side_by_side(
    {"L1: the contour meets a corner": corner, "L2: it meets the circle off the axes": circle}, lo.plots.touch, axes
)
inside = {"fill": False, "edgecolor": lo.plots.GREY, "linestyle": ":", "linewidth": 1.4}
axes[1].fill(*corner.ball.T, label="the L1 ball again", **inside)
axes[1].legend(handles=[axes[1].patches[-1]], loc="lower left", frameon=True, edgecolor="none")

# %% [markdown]
# Dotted, inside the circle: the L1 ball again. The circle bulges out beside the corner, towards the least loss, and so
# a lower contour reaches it. The square falls away on both sides of its corner.

# %% [markdown]
# ## The explanation: the normal cone
#
# The arrow is `-grad Loss(w) / lam`, drawn from w. The black bar is the subdifferential `dP(w)`, drawn from w too. To
# keep them in the picture both are shortened by the same factor, which the legend gives. The cone is everything the
# bar's multiples can reach.
#
# * Left: at the corner the cone is a sector of 90 degrees, and the arrow is in it. Turn the arrow a little (change the
#   data a little) and it still is: w2 stays 0.
# * Middle: with a smaller lam the ball is larger, the contour meets an edge, and both weights are nonzero. The cone is
#   a ray. The arrow lies on it and ends where `dP(w)` is, a single square now: (1, 1), before the shortening.
# * Right: L2 in L1's corner. The cone is a ray along the axis, and the arrow misses it: not optimal.

# %%
edge = lo.geometry.geometry(lasso.with_lam(0.3), surface=surface)
wrong = lo.geometry.geometry(ridge, corner.coef, surface=surface)

fig, axes = lo.plots.subplots("normal-cone", 1, 3, figsize=(10.4, 4.5))
pictures = {
    "Corner: a sector holds the arrow": corner,
    "Edge: the arrow on its ray": edge,
    "L2 in L1's corner: the arrow misses": wrong,
}
lo.plots.side_by_side(pictures, lo.plots.normal_cone, axes)

print(f"\ncorner  {corner}")
print(f"edge    {edge}")
print(f"wrong   {wrong}")

# %% [markdown]
# ## The certificate is this picture
#
# The rows of the certificate say the same thing with numbers. At the corner, `-dLoss/dw1 = lam` puts the arrow's tip on
# the bar, and `|dLoss/dw2| < lam` puts it between the bar's ends. The row's margin, `lam - |dLoss/dw2|`, is lam times
# the distance from the tip to the end of the bar: what the loss may still add before the arrow leaves the cone.

# %%
print(f"\n{'the corner':10} {'w_j':>7} {'-dLoss/dw_j':>12} {'lam_j':>6} {'margin':>7}   state")
for row in corner.certificate.kkt:
    print(f"{row.name:10} {row.coef:7.4f} {-row.gradient:12.4f} {row.lam:6.2f} {row.margin:z7.4f}   {row.state}")

# %% [markdown]
# ## Luck, or the rule?
#
# 100 data sets, each with true weights drawn at random: neither is ever 0. The smaller the ball (the larger lam), the
# more often L1 ends in a corner. L2 never does.

# %%
fractions = 0.1, 0.5, 0.9  # of lambda_max, the least lam at which both L1 weights are 0
zeros = np.zeros((2, len(fractions)), dtype=int)
for seed in range(100):
    rng = np.random.default_rng(seed)
    again = data(rng, rng.standard_normal(2), n=20)
    top = lo.Problem(*again, lam=1.0).lambda_max
    for i, penalty in enumerate([lo.L1(), RIDGE]):
        for j, fraction in enumerate(fractions):
            zeros[i, j] += np.any(lo.solve(lo.Problem(*again, lam=fraction * top, penalty=penalty)).coef == 0)
print("\nexact zeros in 100 data sets   " + "".join(f"{fraction:>8} lambda_max" for fraction in fractions))
for name, counts in zip(["L1", "L2"], zeros, strict=True):
    print(f"{name:31}" + "".join(f"{count:19}" for count in counts))

# %% [markdown]
# ## Other balls, other zeros
#
# Everything above holds for any convex penalty; only the ball changes. All six rims below pass through the same point
# (0.4, 0).
#
# * **Weighted L1**, `|w1| + 2 |w2|`: w2 is dearer. The corner where it is 0 is sharper, and the sector that holds it
#   there wider.
# * **Non-negative L1**: the sector opens downwards by another 45 degrees, as `w2 < 0` is not allowed however hard the
#   loss pulls that way.
# * **Elastic net**, half L1 and half ridge: the sides bulge, the corners stay but are blunter, the sector is narrower.
# * **Group**: with both weights in one group, the ball is round. No corner, no zero: a group goes all at once.
# * **Sparse group**: group plus some L1 has corners again.

# %%
PENALTIES = {
    "L1": lo.L1(),
    "Weighted L1, c = (1, 2)": lo.L1(weights=[1.0, 2.0]),
    "Non-negative L1": lo.NonnegativeL1(),
    "Elastic net, l1_ratio = 0.5": lo.ElasticNet(l1_ratio=0.5),
    "Group of both": lo.Group(groups=["a", "a"]),
    "Sparse group, l1_ratio = 0.7": lo.SparseGroup(groups=["a", "a"], group_weights=[1.0], l1_ratio=0.7),
}


def through(point, penalty):
    """Return the picture for the ball of this penalty with the point on its rim."""
    problem = lo.Problem(X, y, lam=1.0, penalty=penalty, feature_names=["x1", "x2"])
    lam = lo.geometry.lam_at_radius(problem, problem.penalty.value(np.array(point)))
    return lo.geometry.geometry(problem.with_lam(lam), surface=surface)


found = {name: through([0.4, 0.0], penalty) for name, penalty in PENALTIES.items()}
fig, axes = lo.plots.subplots("balls", 2, 3, figsize=(10.4, 7.8))
lo.plots.side_by_side(found, lo.plots.normal_cone, axes)

print(f"\n{'the ball through (0.4, 0)':30} {'w1':>6} {'w2':>6}   cone in degrees")
for name, each in found.items():
    print(f"{name:30} {each.coef[0]:6.3f} {each.coef[1]:6.3f}   {np.degrees(each.cone.width):.0f}")

# %% [markdown]
# ## What was claimed
#
# First the two forms: CVXPY solves the constrained one and knows nothing of lam.


# %%
def constrained(size, t):
    """Solve least squares with the weights held in {size(w) <= t}, by CVXPY."""
    w, b = cp.Variable(2), cp.Variable()
    cp.Problem(cp.Minimize(cp.sum_squares(y - X @ w - b)), [size(w) <= t]).solve(solver=cp.CLARABEL)
    return w.value


np.testing.assert_allclose(constrained(cp.norm1, corner.radius), corner.coef, atol=1e-5)
np.testing.assert_allclose(constrained(cp.norm2, np.linalg.norm(corner.coef)), circle.coef, atol=1e-5)

# With L1, w2 is not small, it is 0. With L2, neither weight is even small.
assert corner.coef[1] == 0
assert np.all(np.abs(circle.coef) > 0.1)
# Both balls have the corner on their rim, and the circle's answer has the smaller loss.
assert np.isclose(np.linalg.norm(circle.coef), np.linalg.norm(corner.coef))
assert circle.loss < corner.loss

# %% [markdown]
# Then the cones, the certificate, the counts and the other balls.

# %%
assert corner.gradient_in_cone
assert edge.gradient_in_cone
assert not wrong.gradient_in_cone
assert np.isclose(np.degrees(corner.cone.width), 90)
assert edge.cone.is_ray
assert wrong.cone.is_ray
# The sectors of the four corners are all directions.
rim = lo.geometry.ball(lo.L1(), corner.radius, points=1)
assert np.isclose(sum(lo.geometry.normal_cone(lo.L1(), w).width for w in rim), 2 * np.pi)
# The definition, over the whole rim: no point of the ball lies farther out in the direction of the arrow.
assert np.all((corner.ball - corner.coef) @ corner.z <= 1e-9)
assert np.all((edge.ball - edge.coef) @ edge.z <= 1e-9)
assert np.any((wrong.ball - wrong.coef) @ wrong.z > 0.01)
# The direction says that w is optimal in its ball; the length says for which lam.
assert np.isclose(corner.z @ corner.coef / corner.radius, corner.problem.lam)
np.testing.assert_allclose(edge.z / edge.problem.lam, [1, 1], atol=1e-6)

# the certificate's rows say what the picture shows
first, second = corner.certificate.kkt
assert (first.state, second.state) == ("active", "zero, held")
np.testing.assert_allclose(corner.z, [-first.gradient, -second.gradient])
assert np.isclose(-first.gradient, first.lam)
assert np.isclose(second.margin, second.lam - abs(second.gradient))
# The margin is exactly how much more the arrow can take before it leaves the cone.
assert corner.cone.contains(corner.z + np.array([0, 0.999 * second.margin]))
assert not corner.cone.contains(corner.z + np.array([0, 1.001 * second.margin]))
# At the edge both rows are active; in the wrong corner the certificate objects, too.
assert [row.state for row in edge.certificate.kkt] == ["active", "active"]
assert "violated" in wrong.certificate.states
assert not wrong.certificate.certified

# zeros are the rule with L1, and never happen with L2
assert zeros[0, 0] < zeros[0, 1] < zeros[0, 2]
assert zeros[0, 1] > 50
assert not zeros[1].any()

# other balls
assert all(each.gradient_in_cone and each.certificate.certified for each in found.values())
width = {name.split(",")[0]: np.degrees(each.cone.width) for name, each in found.items()}
assert np.isclose(width["L1"], 90)
assert np.isclose(width["Weighted L1"], 2 * np.degrees(np.arctan(2)))
assert np.isclose(width["Non-negative L1"], 90 + 45)
assert 0 < width["Elastic net"] < 90
assert 0 < width["Sparse group"] < 90
assert width["Group of both"] == 0
for name, each in found.items():
    assert (each.coef[1] == 0) == (name != "Group of both")

# %% [markdown]
# ## Try it
#
# 1. At which lam does w2 leave 0? (Where the arrow's tip reaches the end of the bar, `-dLoss/dw2 = lam`: at 0.4702.
#    With the covariances of the data it is a linear equation, solved below.)
# 2. Weigh the first feature three times as much, `lo.L1(weights=[3, 1])`, at lam = 0.45. Which weight is 0 now,
#    and how wide is the sector? (w1, with `2 arctan 3`, about 143 degrees.)
# 3. Take `y > 0` as a class and `loss="logistic"`. The contours are no ellipses any more. Does the story change? (No.)

# %%
# 1. At the corner w = (a, 0) the rows say  S11 a = r1 - lam  and  r2 - S12 a = lam,  S and r being covariances.
S = np.cov(X.T, bias=True)
r = np.cov(X.T, y, bias=True)[:2, 2]
leaves = (r[1] - S[0, 1] / S[0, 0] * r[0]) / (1 - S[0, 1] / S[0, 0])
assert np.isclose(leaves, 0.4702, atol=5e-5)
assert lo.solve(lasso.with_lam(1.001 * leaves)).coef[1] == 0
assert lo.solve(lasso.with_lam(0.999 * leaves)).coef[1] != 0

# 2.
dear = lo.geometry.geometry(lo.Problem(X, y, lam=0.45, penalty=lo.L1(weights=[3.0, 1.0])), surface=surface)
assert dear.coef[0] == 0
assert np.isclose(dear.cone.width, 2 * np.arctan(3))

# 3.
logistic = lo.Problem(X, (y > 0).astype(float), lam=0.12, loss="logistic")
classes = lo.geometry.geometry(logistic)
assert classes.coef[1] == 0
assert classes.gradient_in_cone

print(f"\n{corner.certificate!r}")
print(corner.certificate.explain("x2"))
plt.show()
