# %% [markdown]
# # Lesson 8: how a solver finds an exact zero
#
# **Question.** A computer takes steps, and every step has rounding errors. How can it arrive at a weight that is
# exactly 0, and not at 0.0000001?
#
# Lesson 3 needed one soft threshold. With two features that are correlated the weights depend on each other, and no
# formula gives them all at once. The trick is to hire specialists, let each do an easy job, and make them agree.

# %%
import matplotlib.pyplot as plt
import numpy as np

import lassoopt as lo

RHO = 0.4  # the knobs: how much disagreement costs,
START = [-0.5, 1.5]  # where the weights begin,
LAM = 0.5  # and the penalty

rng = np.random.default_rng(0)
a, b = rng.standard_normal((2, 40))
X = np.column_stack([a, 0.8 * b - 0.6 * a])
X = (X - X.mean(axis=0)) / X.std(axis=0)
y = X @ [1.5, -0.3] + 0.3 * rng.standard_normal(40)
problem = lo.Problem(X, y, LAM, feature_names=["A", "B"])

# %% [markdown]
# ## The mathematics
#
# Write down the same problem with copies: x of the weights, v of the predictions.
#
#     minimise  lam |x_1| + lam |x_2| + Loss(v)   subject to   x = w,  v = u,  u = X w + b
#
# Now the penalty sees only x, the loss sees only v, and the pair (w, u) keeps the books. ADMM (the alternating
# direction method of multipliers) asks one after the other, again and again:
#
#     x_j = soft(w_j + x_j'theta / rho, lam / rho)         each feature by itself
#     v_i = the best compromise of y_i and u_i             each sample by itself
#     (w, u) = the consistent pair nearest to x and v      one linear solve
#     theta += rho s (v - u)                               the price of disagreeing, one for each sample
#
# (The columns have mean 0 and variance 1. The third step really gets x and v a little exaggerated, by 1.6.)
#
# The first line is where zeros come from. `soft` cuts off: everything within lam / rho of 0 becomes 0, exactly, in
# floating point as on paper. The third line is where they do *not* come from: a linear solve mixes all features and
# never hits 0. So x has zeros, and w does not.
#
# And if they agree, x = w? Then the first line says `w_j = soft(w_j + x_j'theta / rho, lam / rho)`, which holds if and
# only if `|x_j'theta| <= lam` where `w_j = 0`, and `x_j'theta = lam sign(w_j)` elsewhere. That is lesson 6: to agree is
# to be optimal, and theta, the price, is `-dLoss/du`.

# %%
course = lo.trace(problem, iterations=20, rho=RHO, start=START)
print("iter            x                     w              x_j'theta / lam        gap")
for k in [*range(7), 10, 15, 20]:
    correlations = X.T @ course.theta[k] / LAM
    pairs = "   ".join(f"({pair[0]:z8.4f},{pair[1]:z8.4f})" for pair in (course.x[k], course.w[k], correlations))
    print(f"{k:4}  {pairs}   {course.gap[k]:8.1e}")

# %%
fig, ax = lo.plots.subplots("iterates", figsize=(6.5, 5.5))
lo.plots.iterates(course, ax=ax)

# %% [markdown]
# x lands on the wrong axis first: for one iteration the *first* weight is 0. Then the prices correct it, and x slides
# along the axis on which the optimum lies. w swings around and closes in, but never touches the line.
#
# ## The tug of war
#
# The grey bar is what x and w disagree by. It pulls until nothing is left to pull at.

# %%
tug_of_war = lo.plots.animate_iterates(course)

# %% [markdown]
# ## When is it done?
#
# Two numbers are at hand, both relative to the size of the iterates. The **primal residual** is what the copies still
# disagree by; the **dual residual** is how far the pair (w, u) still moves. Both must go to 0, and most programs stop
# when both are below 0.001 or so. Is that a proof? Take the diabetes data, and then the same data with 10 000 added to
# the target. That changes nothing: the intercept takes it, and the weights stay what they are.

# %%
data = lo.datasets.diabetes()


def diabetes(shift):
    full = lo.Problem(data.X, data.y + shift, 0.0, standardize=True, feature_names=data.feature_names)
    return full.with_lam(0.05 * full.lambda_max)


TOLERANCE, SHIFT = 1e-3, 10_000.0
plain, shifted = (lo.trace(diabetes(shift), iterations=140, rho=0.1) for shift in (0.0, SHIFT))


def stops(course):
    """Return the first iteration at which both residuals are below the tolerance."""
    return int(np.argmax(np.maximum(course.primal_residual, course.dual_residual) <= TOLERANCE))


solution = lo.solve(plain.problem, tol=1e-12)
print(f"\nboth residuals below {TOLERANCE:g}    at iteration   gap (proven)   excess (true)   weights not 0", end=" ")
print(f"(optimum: {np.count_nonzero(solution.coef)})")
for name, each in (("target as measured", plain), (f"target + {SHIFT:g}", shifted)):
    k = stops(each)
    excess = (each.objective[k] - solution.certificate.primal) / each.problem.scale
    print(f"  {name:26} {k:14} {each.gap[k]:14.1e} {excess:15.1e} {each.support_size[k]:15}")

# %%
fig, axes = lo.plots.subplots(
    "residuals", 2, 2, figsize=(11, 5.5), sharex=True, sharey="row", gridspec_kw={"height_ratios": [3, 1]}
)
for (upper, lower), each, name in zip(axes.T, (plain, shifted), ("as measured", "plus 10 000"), strict=True):
    lo.plots.convergence(each, (upper, lower))
    k = stops(each)
    upper.axhline(TOLERANCE, color=lo.plots.GREY, linewidth=0.8)
    upper.annotate("tolerance", (140, TOLERANCE), (-2, 2), textcoords="offset points", ha="right")
    upper.plot(k, each.gap[k], "kv", markersize=9, label="residuals say: stop")
    upper.set_title(f"Target {name}: stopped at a gap of {each.gap[k]:.1g}", loc="left")
    upper.legend(loc="upper right", frameon=False)
for ax in axes.flat:
    ax.label_outer()

# %% [markdown]
# The iterates are the same, and so is the gap: the red curves do not differ. Yet the residuals stop the right one far
# too early, with a feature missing, because the primal residual is divided by the size of the predictions, and these
# are now around 10 000. A residual says how much the copies disagree. The gap is a promise about the objective: the
# excess is never larger. This is why `lo.solve` stops by the gap and by nothing else.
#
# ## Zeros first, values later
#
# The lower panels tell something else. The signs of x, zeros among them, are final after a few iterations; the values
# need many more. Once the zeros are known, the rest is a smooth problem of a few weights, and Newton's method solves
# that in a step. `lo.solve` does so, and asks the certificate whether the guess was right.

# %%
print(f"\nplain ADMM: signs final at iteration {plain.settled}, gap {plain.gap[plain.settled]:.0e};", end=" ")
print(f"gap 1e-9 at iteration {plain.reached(1e-9)};  lo.solve: {solution.iterations} iterations to 1e-12")

# %% [markdown]
# ## What rho does
#
# rho is what disagreement costs. It changes the way, not the goal.
#
# * **Too small**: the threshold lam / rho is huge, so x jumps to 0 and does as it likes; theta, which changes by rho
#   times the disagreement, takes 1 / rho iterations to learn the right prices.
# * **Too large**: the threshold lam / rho is tiny, so x may not leave w; both crawl together, hand in hand.
# * **Right**: near the curvature of the loss, which is 1 here (`lo.trace` counts rho in that unit).

# %%
rhos = 2.0 ** np.arange(-5, 6)
traces = [lo.trace(problem, iterations=400, rho=rho, start=START) for rho in rhos]
slow, right, crawling = (lo.trace(problem, iterations=30, rho=rho, start=START) for rho in (1 / 32, 0.5, 16))

fig, axes = lo.plots.subplots("rho-paths", 1, 3, figsize=(13, 5), sharey=True)
for ax, some in zip(axes, (slow, right, crawling), strict=True):
    lo.plots.iterates(some, slow.landscape, ax=ax)
    ax.label_outer()

fig, axes = lo.plots.subplots("rho", 1, 2, figsize=(10, 4.5))
lo.plots.rho_sweep(traces, 1e-6, axes)

needed = np.array([each.reached(1e-6) for each in traces])
print("\n       rho", " ".join(f"{rho:6.3g}" for rho in rhos))
print("iterations", " ".join(f"{count:6}" for count in needed))

# %% [markdown]
# ## What was claimed

# %%
peer = lo.solve(problem, method="cvxpy")
# the certificate proves which weight is 0, from CVXPY's answer, which is no exact zero
assert peer.certificate.proven_zeros.tolist() == [False, True]
assert peer.coef[1] != 0.0
# x is the soft threshold of weight and price, at every iteration; so its zeros are exact
drawn = course.w[:-1] + course.theta[:-1] @ X / RHO
np.testing.assert_allclose(course.x[1:], np.sign(drawn) * np.maximum(np.abs(drawn) - LAM / RHO, 0.0), atol=1e-12)
assert np.all(course.x[course.settled :, 1] == 0.0)
assert np.all(course.w[:, 1] != 0.0)
# the first zero is the wrong one
assert course.x[1, 0] == 0.0 != course.x[1, 1]
# the gap bounds the true distance from the optimum at every iteration of every trace
optimum = lo.solve(problem, tol=1e-13).certificate.primal
for each in traces:
    assert np.all(each.objective - optimum <= each.gap * problem.scale + 1e-12)
# where x and w agree, theta is -dLoss/du, and the weights are optimal
end = traces[np.argmin(needed)]
coef, intercept, theta = end.x[-1], end.intercepts[-1], end.theta[-1]
np.testing.assert_allclose(theta, (y - X @ coef - intercept) / len(y), atol=1e-12)
np.testing.assert_allclose(X.T @ theta, -problem.gradient(coef, intercept), atol=1e-12)

# %%
# adding 10 000 to the target changes no iterate and no gap, only the verdict of the residuals
np.testing.assert_allclose(shifted.x, plain.x, atol=1e-6)
np.testing.assert_allclose(shifted.gap, plain.gap, atol=1e-8)
assert stops(shifted) < stops(plain)
# "converged", with a gap above the tolerance, and one weight at 0 that is not 0 at the optimum
assert shifted.gap[stops(shifted)] > 5 * TOLERANCE
wrong = (shifted.x[stops(shifted)] == 0) & (solution.certificate.proven_signs != 0)
assert [data.feature_names[j] for j in np.flatnonzero(wrong)] == ["s1"]
# the zeros come first: all signs are those of the optimum, proven, while the gap is still above 0.001
assert np.array_equal(np.sign(plain.x[plain.settled]), solution.certificate.proven_signs)
assert plain.gap[plain.settled] > 1e-3
assert solution.iterations < plain.settled < plain.reached(1e-9) / 5

# %%
# the same optimum for all rho, with the same exact zero
for each in traces:
    np.testing.assert_allclose(each.x[-1], [peer.coef[0], 0.0], atol=1e-4)
    assert each.x[-1, 1] == 0.0
# a valley: twice too small or twice too large costs twice as much
assert rhos[np.argmin(needed)] in (0.5, 1.0)
np.testing.assert_allclose([needed[0] / needed[1], needed[-1] / needed[-2]], 2.0, rtol=0.15)
# too small: x jumps to 0 at once; too large: x moves by no more than lam / rho
assert not traces[0].x[1].any()
assert np.abs(traces[-1].x[1] - traces[-1].w[0]).max() <= LAM / rhos[-1] + 1e-12
# and the last word
print()
print(lo.certify(problem, coef, intercept, theta))

# %% [markdown]
# ## Try it
#
# 1. Start at the optimum, `start=peer.coef`. Is it done at once? (No: the prices begin at 0 and have to be learned. The
#    gap starts at 0.5, and the weights leave the optimum before they come back.)
# 2. Take lam just above `problem.lambda_max`. When are both weights 0 for good, and when is that proven to 1e-6? (From
#    iteration 1 on; at iteration 27. Being right is one thing, knowing it another.)
# 3. Subtract its mean from the diabetes target. Do the residuals stop earlier or later than as measured? (Later, at 45
#    in place of 39: without the intercept the predictions are smaller.)

# %%
from_optimum = lo.trace(problem, iterations=20, rho=RHO, start=peer.coef)
assert from_optimum.gap[0] > 0.5
assert np.abs(from_optimum.x - peer.coef).max() > 0.1
nothing = lo.trace(problem.with_lam(1.01 * problem.lambda_max), iterations=60, rho=RHO, start=START)
print(f"\nabove lambda_max: zeros from iteration {nothing.settled} on, proven at iteration {nothing.reached(1e-6)}")
assert nothing.settled == 1
assert abs(nothing.reached(1e-6) - 27) <= 2
assert not nothing.x[nothing.settled :].any()
centred = lo.trace(diabetes(-data.y.mean()), iterations=140, rho=0.1)
print(f"centred target: the residuals stop at iteration {stops(centred)}")
assert abs(stops(centred) - 45) <= 2
assert abs(stops(plain) - 39) <= 2

plt.show()
