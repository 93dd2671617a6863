# %% [markdown]
# # Lesson 9: ten measurements, or sixty-four features?
#
# **Question.** Ten measurements of 442 patients are to predict how their diabetes develops within a year. Do the
# measurements just add up, or do they work together, as a high blood pressure in somebody heavy might? All products and
# squares make 64 features. Which of them survive, and do they predict better?

# %%
from collections import Counter

import matplotlib.pyplot as plt
import numpy as np

import lassoopt as lo

LAM = 2.4  # the knobs: lam of the last fit,
SPLITS = 10  # and how often the patients are dealt out anew

ten = lo.datasets.diabetes()
expanded = lo.datasets.quadratic(ten)
p = len(expanded.feature_names)
print(f"{len(ten.feature_names)} features, or {p}: {', '.join(expanded.feature_names[8:14])}, ...")

# %% [markdown]
# ## The mathematics
#
#     minimise over w, b:   1/(2n) sum_i (y_i - b - x_i'w)^2 + lam sum_j c_j |w_j|,   c_j = standard deviation of x_j
#
# with `standardize=True`, so that a weight costs the same in whatever unit its feature comes. The ten features, 45
# products such as `bmi*bp`, and nine squares make 64 (Efron et al., Least Angle Regression, 2004). The square of sex
# is not among them: sex has two values, so its square is sex again, up to scale and shift.
#
# Products are taken of *centred* features: `bmi*bp` is large where both are above average, or both below. A product
# of raw positive numbers would rise and fall with each of its factors, and say little that they don't say themselves.

# %%
raw = np.column_stack([ten.X[:, 4], ten.X[:, 8], ten.X[:, 4] * ten.X[:, 8]])  # s1, s5 and their raw product
centred = np.column_stack([raw[:, :2], expanded.X[:, expanded.feature_names.index("s1*s5")]])
largest = [np.abs(np.corrcoef(X.T)[2, :2]).max() for X in (raw, centred)]
print(f"correlation of s1*s5 with s1 or s5: {largest[0]:.2f} raw, {largest[1]:.2f} centred")

# %% [markdown]
# ## Train, validate, test
#
# 242 patients fit the weights, 100 others choose lam, and the last 100 are looked at once, at the end. (The products
# are centred at the means of all 442, which uses nobody's outcome.)


# %%
def deal(seed):
    """Return the patients that train, validate and test."""
    return np.split(np.random.default_rng(seed).permutation(442), [242, 342])


def lasso_path(data, rows):
    """Return the path of the patients in ``rows``."""
    problem = lo.Problem(data.X[rows], data.y[rows], LAM, standardize=True, feature_names=data.feature_names)
    return lo.path(problem, n_lambdas=20, eps=1e-2)


def least_squares(data, rows):
    """Return weights and intercept of the patients in ``rows``."""
    A = np.column_stack([data.X[rows], np.ones(len(rows))])
    solved = np.linalg.lstsq(A, data.y[rows], rcond=None)[0]
    return solved[:-1], solved[-1]


def rmse(data, rows, coef, intercept):
    """Return the root of the mean squared error of predicting the patients in ``rows``."""
    return float(np.sqrt(np.mean((data.y[rows] - data.X[rows] @ coef - intercept) ** 2)))


train, validation, _ = deal(seed=1)
fig, ax = lo.plots.subplots("validation", figsize=(7, 4.2))
for data, marker in ((ten, "s"), (expanded, "o")):
    path = lasso_path(data, train)
    assert path.certified
    errors = [rmse(data, validation, each.coef, each.intercept) for each in path.solutions]
    best, p = int(np.argmin(errors)), len(data.feature_names)
    label = f"lasso, {p} features (best with {np.count_nonzero(path.coefs[best])})"
    (curve,) = ax.plot(path.lambdas, errors, label=label, marker=marker, markevery=[best], markersize=8)
    style = {"color": curve.get_color(), "linestyle": curve.get_linestyle(), "linewidth": 0.7}
    ax.axhline(rmse(data, validation, *least_squares(data, train)), label=f"least squares, {p} features", **style)
ax.set(xscale="log", xlim=(path.lambdas[0], path.lambdas[-1]), ylim=(55, 75))
ax.set(xlabel=r"$\lambda$, falling", ylabel="error on the validation patients (RMSE)")
ax.set_title("54 more features hurt least squares, not the lasso", loc="left")
ax.legend(loc="upper right", frameon=False)

# %% [markdown]
# One split is one roll of the dice. Ten of them:

# %%
table, survivors = [], Counter()
for seed in range(SPLITS):
    train, validation, test = deal(seed)
    errors = []
    for data in (ten, expanded):
        solutions = lasso_path(data, train).solutions
        best = min(solutions, key=lambda each: rmse(data, validation, each.coef, each.intercept))
        errors.append(rmse(data, test, *least_squares(data, train)))
        errors.append(rmse(data, test, best.coef, best.intercept))
    table.append(errors)
    survivors.update(expanded.feature_names[j] for j in np.flatnonzero(best.coef) if j >= 10)
plain_ten, lasso_ten, plain_expanded, lasso_expanded = np.mean(table, axis=0)
print(f"\ntest error (RMSE), mean of {SPLITS} splits")
print(f"{'':14} {'least squares':>14} {'lasso':>8}")
print(f"{'10 features':14} {plain_ten:14.1f} {lasso_ten:8.1f}")
print(f"{'64 features':14} {plain_expanded:14.1f} {lasso_expanded:8.1f}")
print(
    f"{len(survivors)} of the 54 products and squares are chosen in some split, none in all; most often "
    + ", ".join(f"{name} ({n})" for name, n in survivors.most_common(6))
)

# %% [markdown]
# The surprise is how little there is to gain. Least squares is *hurt* by 54 more features: it fits the noise of its
# 242 patients with them. The lasso repairs the damage by leaving most of them out, but what it keeps predicts hardly
# better than the ten measurements. With ten features there is nothing to repair: the lasso predicts as well as least
# squares, with fewer of them.
#
# And which products it keeps depends on the split. Most are chosen sometime, none every time; `age*sex` comes closest,
# in nine splits of ten. A feature that survives once isn't a discovery.
#
# ## All patients: the path, and one point of it

# %%
problem = lo.Problem(expanded.X, expanded.y, LAM, standardize=True, feature_names=expanded.feature_names)
fig, axes = lo.plots.subplots("path-64", 2, 1, sharex=True, figsize=(7.5, 6))
lo.plots.path(lo.path(problem, n_lambdas=50, eps=2e-2), axes)

# %%
solution = lo.solve(problem)
certificate = solution.certificate
fig, axes = lo.plots.subplots("kkt-64", 2, 1, sharex=True, figsize=(9, 5), height_ratios=[3, 2])
lo.plots.kkt(certificate, axes)
kept = [expanded.feature_names[j] for j in np.flatnonzero(solution.coef)]
interactions = [name for name in kept if "*" in name or "^" in name]
print(f"\nall patients, lam = {LAM:g}: {len(kept)} features, of them {len(interactions)} products and squares")
print(", ".join(interactions))

# %% [markdown]
# ## What was claimed

# %%
# 10 + 45 + 9 columns, and centring takes the collinearity away
assert len(expanded.feature_names) == 64
assert largest[0] > 0.85
assert largest[1] < 0.5
# more features hurt least squares by more than 5 points, and the lasso by less than 1; the lasso costs no accuracy
assert plain_expanded > plain_ten + 5
assert abs(lasso_expanded - lasso_ten) < 1
assert abs(lasso_ten - plain_ten) < 1
# most products are chosen in some split, none in every one
assert len(survivors) > 40
assert survivors.most_common(1) == [("age*sex", SPLITS - 1)]
# the first feature to enter is a measurement, so both models have one lambda_max
assert np.isclose(problem.lambda_max, lo.Problem(ten.X, ten.y, LAM, standardize=True).lambda_max)
# every zero among the 64 is a proven zero, every sign is proven, and there is one solution
assert certificate.certified
assert np.array_equal(certificate.proven_zeros, solution.coef == 0)
assert np.array_equal(certificate.proven_signs, np.sign(solution.coef))
assert certificate.uniqueness.verdict == "unique"

# %% [markdown]
# ## Try it
#
# 1. The last fit keeps 17 of 64. How many does the lasso keep of the ten alone at the same lam? (7)
# 2. Add the square of sex yourself. The fit is as good and certified, so what can the certificate not tell? (Which of
#    the two has the weight: sex takes two values, so that one column is a combination of the other. Both are at the
#    edge of their band, neither is proven zero, and which one it is hangs on the last digit of a standard deviation.)
# 3. At which lam does the first of the 54 products and squares enter? (Between 9.3 and 9.2, at
#    9.235, and it is `bmi*bp`.)

# %%
assert len(kept) == 17
assert np.count_nonzero(lo.solve(lo.Problem(ten.X, ten.y, LAM, standardize=True)).coef) == 7
for lam, entered in ((9.24, []), (9.23, ["bmi*bp"])):
    active = np.flatnonzero(lo.solve(problem.with_lam(lam)).coef)
    assert [expanded.feature_names[j] for j in active if j >= 10] == entered
sex = ten.X[:, 1] - ten.X[:, 1].mean()
again = lo.solve(lo.Problem(np.column_stack([expanded.X, sex**2]), ten.y, LAM, standardize=True)).certificate
assert again.certified
both = [1, 64]
assert np.abs(again.margin[both]).max() < 1e-9
assert not again.proven_zeros[both].any()

print()
print(certificate)
print()
for name in ("bmi*bp", "s1^2"):
    print(certificate.explain(name))

plt.show()
