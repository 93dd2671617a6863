# %% [markdown]
# # Lesson 4: slopes at a kink
#
# **Question.** At its minimum a smooth function has slope 0. The penalty |w| has no slope at 0. What takes its place,
# and why does that make a zero that L2, or a rounded-off |w|, never makes?

# %%
import matplotlib.pyplot as plt
import numpy as np

import lassoopt as lo

A = 0.3  # where the loss (c/2) (w - A)^2 has its bottom
CURVATURE = 2.0
MU = 0.02  # the width over which the smoothed penalty rounds off the kink

one = lo.OneWeight(a=A, curvature=CURVATURE)

# %% [markdown]
# ## The mathematics
#
# A *subgradient* of a convex function at w is the slope of any line that touches the function at w and stays below it
# everywhere. Where the function is smooth there is one. At the kink of |w| there are many: every slope from -1 to 1.
#
#     d|w| = {-1} for w < 0,   [-1, 1] at w = 0,   {1} for w > 0
#
# A point minimises a convex function exactly if 0 is one of its subgradients there. For `Loss(w) + lam |w|`:
#
#     0 in dLoss/dw + lam d|w|,    that is    -dLoss/dw  in  lam d|w|
#
# So: draw the falling line `-dLoss/dw = c (a - w)`, and the staircase `lam d|w|`. They cross once. The staircase has
# a vertical piece at w = 0, and a line that meets it there gives w = 0, for a whole range of lines.

# %%
fig, axes = lo.plots.subplots("subgradients", 1, 3, figsize=(13, 4.6))
lo.plots.subgradient(axes[0])
lo.plots.crossing(one.with_lam(0.3), axes[1])
lo.plots.crossing(one.with_lam(0.7), axes[2])

# %% [markdown]
# With lam = 0.3 the line passes above the corner: the weight is positive, and the pull that is left over there is
# exactly lam. With lam = 0.7 the line hits the vertical piece: at w = 0 the loss pulls with 0.6, and the penalty
# answers with 0.6 out of the 0.7 that it has. *That* is the condition behind every zero of every lasso: |dLoss/dw_j|
# <= lam.
#
# ## All crossings at once: the soft threshold
#
# Move the line left and right, that is, move a. The crossing stays at 0 while |c a| <= lam, and follows a outside.
# The same picture for L2 is a straight line through 0: it shrinks everything by the same factor and holds nothing.

# %%
fig, axes = lo.plots.subplots("contrast", 1, 3, figsize=(13, 4.4))
found = lo.one_weight.shrinkage(one, np.linspace(0.0, 1.5, 301), mu=MU)
lo.plots.soft_threshold(one.with_lam(0.4), axes[0])
lo.plots.shrinkage(found, axes[1])
lo.plots.shrinkage(found, axes[2], logarithmic=True)

# %% [markdown]
# Round the kink off, `sqrt(w^2 + mu^2) - mu`, and the vertical piece becomes a steep slope. The minimiser gets small,
# but the line now crosses that slope a little to the right of 0, whatever mu > 0 and lam are. On a log scale the
# difference is plain: the L1 curve ends, the others go on.
#
# ## What was claimed

# %%
lambdas = np.linspace(0.01, 3.0, 300)
for lam in lambdas:
    at = one.with_lam(lam)
    # the crossing: the loss's pull at the minimiser is one of the penalty's slopes
    pull, w = at.pull(at.minimiser), at.minimiser
    assert abs(pull) <= lam if w == 0 else np.isclose(pull, lam * np.sign(w))
    # exactly 0 if and only if |dLoss/dw| at 0 is at most lam
    assert (w == 0) == (abs(at.pull(0.0)) <= lam)
    # L2 and the smoothed penalty: never
    assert at.ridge_minimiser != 0
    assert all(at.smoothed_minimiser(mu) != 0 for mu in (1e-1, 1e-3, 1e-6))
# the subgradient inequality: |v| >= |w| + g (v - w) for every v, at w = 0 for every g in [-1, 1], and for no other
v = np.linspace(-2, 2, 401)
assert all(np.all(np.abs(v) >= g * v) for g in np.linspace(-1, 1, 41))
assert not any(np.all(np.abs(v) >= g * v) for g in (-1.01, 1.01))
# in sklearn's, glmnet's and every lasso's many features it is the same, feature by feature: the certificate says so
held = lo.solve(one.with_lam(0.7).problem).certificate.kkt[0]
assert held.coef == 0
assert np.isclose(held.gradient, -0.6)
assert np.isclose(held.margin, 0.7 - 0.6)
print(f"at lam = 0.7: w = {held.coef:g}, dLoss/dw = {held.gradient:.3g}, margin {held.margin:.3g}")
tiny = [one.with_lam(0.7).smoothed_minimiser(mu) for mu in (1e-1, 1e-2, 1e-4, 1e-8)]
print("smoothed, with mu = 1e-1, 1e-2, 1e-4, 1e-8: w =", ", ".join(f"{w:.1e}" for w in tiny))

# %% [markdown]
# ## Try it
#
# 1. At lam = 0.7, how large can the bottom of the bowl get before the weight leaves 0? (a = lam / c = 0.35.)
# 2. Which lam makes L2 shrink the weight to half? (`lam = c = 2`. To a hundredth? 198. To zero? There is none.)
# 3. With mu = 1e-8 the smoothed weight at lam = 0.7 is 1.7e-8. Is that a zero? Multiply mu by 10 and see what it
#    does. (It grows tenfold, to 1.7e-7: its size is mu's doing. A zero would stay one.)

# %%
assert lo.OneWeight(a=0.349, curvature=2.0, lam=0.7).minimiser == 0 < lo.OneWeight(0.351, 0.7, 2.0).minimiser
assert np.isclose(one.with_lam(2.0).ridge_minimiser, A / 2)
assert np.isclose(one.with_lam(198.0).ridge_minimiser, A / 100)
assert np.isclose(one.with_lam(0.7).smoothed_minimiser(1e-8), 1.7e-8, atol=5e-10)
assert np.isclose(one.with_lam(0.7).smoothed_minimiser(1e-7), 1.7e-7, atol=5e-9)

plt.show()
