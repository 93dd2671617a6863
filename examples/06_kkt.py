# %% [markdown]
# # Lesson 6: every zero has a reason
#
# **Question.** The lasso leaves out some of ten measurements of 442 diabetes patients. Why just these, and how do you
# know that the solver did not make it up?

# %%
import matplotlib.pyplot as plt
import numpy as np

import lassoopt as lo

LAM = 5.0  # the knob

data = lo.datasets.diabetes()
problem = lo.Problem(data.X, data.y, lam=LAM, standardize=True, feature_names=data.feature_names)
solution = lo.solve(problem)
certificate = solution.certificate

# %% [markdown]
# ## The mathematics
#
# With many weights, lesson 4 holds for each of them by itself (Karush, Kuhn and Tucker's conditions):
#
#     w_j = 0      only if   |dLoss/dw_j| <= lam_j            the band holds the feature
#     w_j != 0     only if   dLoss/dw_j = -lam_j sign(w_j)    it pulls with all the band has
#
# Here `lam_j = lam c_j`, where c_j is the standard deviation of column j (`standardize=True`): the penalty counts a
# weight in the units in which its feature varies, so that pounds or kilograms make no difference.
#
# If all conditions hold, the point is optimal: the problem is convex. If they hold nearly, how nearly is that? Any
# theta with |x_j' theta| <= lam_j for all j gives a number `dual(theta)` that *no* point's objective can be below
# (weak duality). The residuals of the solution, divided by n, are such a theta. The duality gap is the difference.

# %%
fig, axes = lo.plots.subplots("kkt", 2, 1, sharex=True, figsize=(7, 5), height_ratios=[3, 2])
lo.plots.kkt(certificate, axes)

# %% [markdown]
# Above: how hard the loss pulls on each feature, against what the penalty can hold. Five bars touch the edge of the
# band; these are the five weights below that are not 0. The other bars end inside, and their weights *are* 0: not
# small, 0.

# %%
print(certificate)
print()
for name in ("bmi", "s6", "age"):
    print(certificate.explain(name))

# %% [markdown]
# ## Somebody claims another answer
#
# Take the least-squares weights and set the five smallest to 0: as many zeros, but not for this reason. The
# certificate needs no solver to see it. It says which features are wrong, and how far the objective is from the
# optimum at most.

# %%
unpenalised = lo.solve(problem.with_lam(0.0)).coef
size = problem.penalty.c * np.abs(unpenalised)
cut = lo.certify(problem, np.where(size > np.sort(size)[4], unpenalised, 0.0))
fig, axes = lo.plots.subplots("not-optimal", 2, 1, sharex=True, figsize=(7, 5), height_ratios=[3, 2])
lo.plots.kkt(cut, axes)
violated = [row.name for row in cut.kkt if row.state == "violated"]
print(f"\ncut-off least squares: {cut!r}; violated: {', '.join(violated)}")

# %% [markdown]
# ## What was claimed

# %%
# the objective is within a billionth of its optimum, rounding errors included
assert certificate.certified
assert certificate.proven_gap <= 1e-9 * certificate.primal
# every zero is explained: the gradient of the loss is too small to pay for the weight; elsewhere it is lam_j
zero = solution.coef == 0
gradient = problem.gradient(solution.coef, solution.intercept)
lam = problem.penalty.threshold(problem.lam)
assert zero.sum() == 5
assert np.all(np.abs(gradient[zero]) < lam[zero])
np.testing.assert_allclose(gradient[~zero], -lam[~zero] * np.sign(solution.coef[~zero]), rtol=1e-9)
# and proven: these features are 0 in *every* optimal solution, the signs of the others cannot be otherwise
assert np.array_equal(certificate.proven_zeros, zero)
assert np.array_equal(certificate.proven_signs, np.sign(solution.coef))
assert certificate.uniqueness.verdict == "unique"
# the residuals are the dual variables
residual = data.y - problem.predict(solution.coef, solution.intercept)
np.testing.assert_allclose(solution.theta, residual / len(residual), atol=1e-9)
# the cut-off answer is refuted, and its true distance from the optimum is within its gap
assert not cut.certified
assert violated
assert 0 < cut.primal - certificate.primal <= cut.gap

# %% [markdown]
# ## Try it
#
# 1. At which lam does the last weight reach 0? (`problem.lambda_max` = 45.16.) Which feature is it? (bmi.)
# 2. Which of the zeros would be the first to go if lam fell? (The one with the longest bar: s6.)
# 3. Add 0.001 to the weight of bmi: it is still certified. Add 0.01: it is not. Why does it take so much? (The
#    objective is flat at its minimum: it rises by c_j^2 / 2 times the *square* of the step, 1e-5 in the first case,
#    out of 1839.)

# %%
assert np.isclose(problem.lambda_max, 45.16, atol=0.005)
assert not lo.solve(problem.with_lam(1.001 * problem.lambda_max)).coef.any()
last = lo.solve(problem.with_lam(0.999 * problem.lambda_max)).coef
assert [data.feature_names[j] for j in np.flatnonzero(last)] == ["bmi"]
reach = np.where(zero, np.abs(gradient) / lam, 0.0)
first = data.feature_names[int(reach.argmax())]
assert first == "s6"
assert lo.solve(problem.with_lam(0.9 * LAM)).coef[data.feature_names.index(first)] == 0  # not quite yet,
assert lo.solve(problem.with_lam(0.8 * LAM)).coef[data.feature_names.index(first)] != 0  # but here
bmi = np.array(data.feature_names) == "bmi"
moved = lo.certify(problem, solution.coef + 0.001 * bmi)
assert moved.certified
assert np.isclose(moved.primal - certificate.primal, 0.5 * problem.penalty.c[bmi][0] ** 2 * 0.001**2, rtol=1e-3)
assert not lo.certify(problem, solution.coef + 0.01 * bmi).certified

plt.show()
