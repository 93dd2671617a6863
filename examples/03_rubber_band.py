# %% [markdown]
# # Lesson 3: one weight and a rubber band
#
# **Question.** A penalty pulls a weight towards zero. Why does the absolute value put it *exactly* at zero, and from
# which lam on?
#
# A marble lies in a bowl whose bottom is at 0.3. A rubber band ties it to 0, and this band is special: it pulls with
# the same force lam, however short it is.

# %%
import matplotlib.pyplot as plt
import numpy as np

import lassoopt as lo

A = 0.3  # the knobs: where the bowl has its bottom,
CURVATURE = 2.0  # how steep it is (2 makes the loss (w - A)^2),
LAM = 0.4  # and how hard the band pulls

# %% [markdown]
# ## The mathematics
#
#     minimise  (w - 0.3)^2 + lam |w|
#
# The bowl pushes the marble with the force `-dLoss/dw = 2 (0.3 - w)`; at w = 0 that is 0.6. The band holds with at
# most lam. While lam < 0.6 the marble comes to rest where the forces balance, `2 (0.3 - w) = lam`, so `w = 0.3 - lam
# / 2`. From lam = 0.6 on the band is stronger than the bowl is anywhere on the way, and the marble sits at 0. In one
# formula,
#
#     w* = soft(0.3, lam / 2),   soft(a, t) = sign(a) max(|a| - t, 0)

# %%
one = lo.OneWeight(a=A, lam=LAM, curvature=CURVATURE)
print(f"the weight sticks at 0 from lam = {one.sticks_from:g} on\n")
print(f"{'lam':>6}  {'closed form':>12} {'CVXPY':>14} {'ADMM':>14}")
for lam in (0.0, 0.2, LAM, 0.59, 0.6, 0.8):
    answers = one.with_lam(lam).three_ways()
    print(f"{lam:6.2f}  {answers['closed form']:12.6f} {answers['CVXPY']:14.9f} {answers['ADMM']:14.9f}")

# %% [markdown]
# CVXPY's interior-point method comes as near to 0 as its tolerance asks, but never *to* it; ADMM applies the soft
# threshold itself, so its zero is a zero. Which of CVXPY's small numbers are zeros is for the certificate to say.

# %%
fig, axes = lo.plots.subplots("rubber-band", 1, 3, figsize=(12, 4.2), sharey=True)
for ax, lam in zip(axes, (0.2, 0.4, 0.6), strict=True):
    lo.plots.rubber_band(one.with_lam(lam), ax)
    ax.label_outer()

# %% [markdown]
# The dashed bowl never moves. The kink of the dotted penalty is at 0 whatever lam is: at lam = 0.6 the sum has its
# lowest point *in* the kink, and a larger lam only sharpens it.
#
# ## lam slides to zero
#
# The marble waits at 0, starts to move at lam = 0.6 exactly, and then goes at constant speed.

# %%
sliding = lo.plots.animate_rubber_band(one, np.linspace(0.75, 0.0, 40))

# %% [markdown]
# ## What was claimed

# %%
# the three answers are the same
for lam in (0.0, 0.2, LAM, 0.8):
    answers = one.with_lam(lam).three_ways()
    np.testing.assert_allclose(list(answers.values()), answers["closed form"], atol=1e-6)
# exactly 0 from c |a| on, and not before
assert one.sticks_from == CURVATURE * abs(A)
assert one.with_lam(one.sticks_from).minimiser == 0.0
assert one.with_lam(np.nextafter(one.sticks_from, 0.0)).minimiser != 0.0
# a zero with a proof: CVXPY's small number is no zero, but the certificate proves that the optimal weight is one
stuck = lo.solve(one.with_lam(0.8).problem, method="cvxpy")
assert stuck.coef[0] != 0.0
assert stuck.certificate.proven_zeros[0]
print(f"\nCVXPY at lam = 0.8: w = {stuck.coef[0]:.1e}. {stuck.certificate.explain('w')}")

# %% [markdown]
# ## Try it
#
# 1. Which lam halves the weight? (Answer: `CURVATURE * A / 2` = 0.3.)
# 2. Make the bowl twice as steep, `CURVATURE = 4`. From which lam on does the weight stick? (1.2)
# 3. Put the bottom at -0.3. What changes? (Only the sign: the band does not care from which side it pulls.)

# %%
assert np.isclose(one.with_lam(CURVATURE * A / 2).minimiser, A / 2)
assert lo.OneWeight(a=0.3, curvature=4.0).sticks_from == 1.2
assert lo.OneWeight(a=-A, lam=LAM, curvature=CURVATURE).minimiser == -one.minimiser

plt.show()
