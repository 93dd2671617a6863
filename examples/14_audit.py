# %% [markdown]
# # Lesson 14: somebody else's lasso
#
# **Question.** A colleague hands you a fitted model that raised no warning. How do you find out what is wrong with it?
#
# This lesson needs scikit-learn.

# %%
import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import lassoopt as lo

plt.style.use(lo.plots.STYLE)

C = 1.0  # the knob: scikit-learn's strength, 1 / lam

# %% [markdown]
# ## The model
#
# Which patients' disease progressed by more than the median? The colleague fits a logistic regression with an L1
# penalty, by stochastic gradients, with many iterations to be safe. The program says nothing.

# %%
data = lo.datasets.diabetes()
high = data.y > np.median(data.y)
model = LogisticRegression(C=C, l1_ratio=1, solver="saga", max_iter=10_000, random_state=0)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    model.fit(data.X, high)
audit = lo.audit(model, data.X, high)
print(audit)

# %% [markdown]
# ## The mathematics
#
# Every package has its own words for one objective: C times a sum, alpha times a mean, one half in front or not. Before
# anything can be checked, the objective has to be read from the model, and stated in one way:
#
#     C sum_i log(1 + exp(-t_i u_i)) + |w|_1      is C times      sum_i log(1 + exp(-t_i u_i)) + lam |w|_1,   lam = 1/C.
#
# Now weak duality judges the coefficients like any others. What the audit calls the excess is the difference between
# their objective and the best one, which is certified.

# %%
print(f"\nC = {C:g} is lam = {lo.convert(C, 'sklearn.LogisticRegression.C', 'sum'):g} for a sum over samples,")
print(f"and lam = {lo.convert(C, 'sklearn.LogisticRegression.C', 'mean', n=len(high)):.4g} for a mean.")

# %% [markdown]
# ## What repairs it
#
# The columns are in their natural units: cholesterol in hundreds, a logarithm around 5. A gradient step that suits one
# is far too long, or too short, for the other. Behind a `StandardScaler` the same solver gets there. That is another
# objective, since the penalty now counts weights in units of standard deviations; the audit sees through the pipeline
# and states it in the original columns.

# %%
scaled = make_pipeline(
    StandardScaler(), LogisticRegression(C=C, l1_ratio=1, solver="saga", max_iter=10_000, random_state=0)
)
repaired = lo.audit(scaled.fit(data.X, high), data.X, high)
print(f"\nbehind a scaler: {repaired.verdict}")

tolerances = 10.0 ** -np.arange(1, 8)
gaps = {"columns as they are": [], "behind a scaler": []}
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of 10 000 iterations that were not enough
    for tol in tolerances:
        plain = LogisticRegression(C=C, l1_ratio=1, solver="saga", max_iter=10_000, tol=tol, random_state=0)
        for name, fitted in zip(gaps, (plain, make_pipeline(StandardScaler(), plain)), strict=True):
            found = lo.audit(fitted.fit(data.X, high), data.X, high, tol=1e-14)  # the sharpest bound there is
            gaps[name].append(found.certificate.relative_gap)

fig, ax = lo.plots.subplots("tolerance", figsize=(6.5, 4.2))
for (name, values), marker in zip(gaps.items(), "os", strict=True):
    ax.loglog(tolerances, values, f"{marker}-", label=name)
ax.axvline(1e-4, color=lo.plots.GREY, linestyle=":", label="the default: no warning")
ax.set(xlabel="tolerance asked for", ylabel="relative gap of the answer", xlim=(2e-1, 5e-8))
ax.set_title("One solver, one tolerance, two scalings of the columns")
ax.legend(loc="lower left")

# %% [markdown]
# ## A lam in the wrong words
#
# The other common fault is not the solver's. Somebody writes down "lam = 0.1" and means a mean over samples; somebody
# else reads a sum. The coefficients are then perfect, for another problem. The audit notices that, too: it looks for
# the lam at which they *are* optimal.

# %%
theirs = lo.solve(lo.Problem(data.X, data.y, lam=0.1))
misread = lo.Fit(theirs.coef, lam=0.1, convention="sum", intercept=theirs.intercept)
confusion = lo.audit(misread, data.X, data.y)
print(f"\n{confusion.verdict}\n{confusion.remedy}")

# %% [markdown]
# ## What was claimed

# %%
# no warning, and yet not optimal by far; behind a scaler it is
assert not caught
assert not audit.optimal
assert audit.certificate.relative_gap > 1e-3
assert repaired.optimal
# the excess is what it says: the difference of two objectives, computed here by hand


def objective(coef, intercept):
    """Return ``sum_i log(1 + exp(-t_i u_i)) + |w|_1 / C``."""
    margins = np.where(high, 1.0, -1.0) * (data.X @ coef + intercept)
    return np.logaddexp(0, -margins).sum() + np.abs(coef).sum() / C


best = audit.optimum
difference = objective(model.coef_[0], model.intercept_[0]) - objective(best.coef, best.intercept)
np.testing.assert_allclose(audit.excess, difference, rtol=1e-9)
assert best.certificate.certified
# a tolerance of 1e-7 does not help where 10 000 steps are too few, and 1e-3 is enough where they are not
assert gaps["columns as they are"][-1] > 1e-3 > 1e-6 > max(gaps["behind a scaler"][2:])
# the mean that was read as a sum: off by the number of samples
assert not confusion.optimal
np.testing.assert_allclose(confusion.optimal_at, 0.1 * len(data.y), rtol=1e-6)
np.testing.assert_allclose(lo.convert(0.1, "mean", "sum", n=len(data.y)), 0.1 * len(data.y))

# %% [markdown]
# ## Try it
#
# 1. Ask liblinear instead of saga, `solver="liblinear"`, on the columns as they are. Is it optimal? (Yes, but for
#    another problem: liblinear penalises the intercept, and the audit shows it as an eleventh feature.)
# 2. Standardise by hand, and multiply the coefficients back. Is that the pipeline's answer? (Yes.)
# 3. What is the lam of glmnet for scikit-learn's `Lasso(alpha=0.1)` with standardised columns? (0.1.)

# %%
liblinear = LogisticRegression(C=C, l1_ratio=1, solver="liblinear", tol=1e-8, max_iter=10_000, random_state=0)
other = lo.audit(liblinear.fit(data.X, high), data.X, high)
print(f"\nliblinear: {other.verdict}; its last feature is {other.problem.feature_names[-1]!r}")
assert other.problem.shape[1] == 11
assert other.optimal
scaler, inner = scaled
mean, spread = data.X.mean(axis=0), data.X.std(axis=0)
np.testing.assert_allclose(repaired.certificate.coef, inner.coef_[0] / spread)
np.testing.assert_allclose(repaired.certificate.intercept, inner.intercept_[0] - inner.coef_[0] @ (mean / spread))
assert lo.convert(0.1, "sklearn.Lasso.alpha", "glmnet.lambda") == 0.1

plt.show()
