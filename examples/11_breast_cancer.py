# %% [markdown]
# # Lesson 11: which measurements tell a malignant tumour?
#
# **Question.** Thirty measurements of cell nuclei, of 569 tumours, 212 of them malignant. How few of the thirty are
# enough to tell which? And may you call the chosen ones *the* important ones?

# %%
from collections import Counter

import matplotlib.pyplot as plt
import numpy as np

import lassoopt as lo

LAM = 0.02  # the knobs: lam,
SPLITS = 10  # and how often the tumours are dealt out anew

data = lo.datasets.breast_cancer()
names = data.feature_names
malignant = data.y == 1
print(f"{len(data.y)} tumours, {malignant.sum()} malignant (target 1), {len(names)} measurements")

# %% [markdown]
# ## The mathematics
#
#     P(malignant) = 1 / (1 + exp(-u)),   u = b + x'w
#     minimise over w, b:   1/n sum_i [log(1 + exp(u_i)) - y_i u_i] + lam sum_j c_j |w_j|
#
# with c_j the standard deviation of column j (`standardize=True`).
#
# The loss is minus the log-likelihood, per tumour. What it pulls with at feature j is again a correlation,
# `-dLoss/dw_j = x_j' (y - P) / n`: of the feature with what the model has not explained. Nothing else changes: the same
# band, the same conditions, the same certificate as for least squares.
#
# Guess "benign" for u < 0 and "malignant" for u > 0. How often is that wrong for tumours the fit has not seen?


# %%
def problem_of(rows, columns):
    """Return the problem of some tumours and some of the measurements."""
    X, chosen = data.X[np.ix_(rows, columns)], [names[j] for j in columns]
    return lo.Problem(X, data.y[rows], LAM, loss="logistic", standardize=True, feature_names=chosen)


everyone, thirty = np.arange(len(data.y)), np.arange(len(names))
problem = problem_of(everyone, thirty)
solution = lo.solve(problem)
certificate = solution.certificate
fig, axes = lo.plots.subplots("kkt", 2, 1, sharex=True, figsize=(8, 6), height_ratios=[3, 2])
lo.plots.kkt(certificate, axes)
kept = [names[j] for j in np.flatnonzero(solution.coef)]
print(f"lam = {LAM:g} keeps {len(kept)}: {', '.join(kept)}")

# %% [markdown]
# ## The same choice for other tumours?
#
# 400 tumours fit, the other 169 are guessed; ten times.


# %%
def held_out(columns):
    """Return the shares of tumours guessed wrong and of malignant ones missed, and how often each column is chosen."""
    errors, missed, chosen = [], [], Counter()
    for seed in range(SPLITS):
        train, test = np.split(np.random.default_rng(seed).permutation(len(data.y)), [400])
        fit = lo.solve(problem_of(train, columns))
        guess = data.X[np.ix_(test, columns)] @ fit.coef + fit.intercept > 0
        wrong = guess != malignant[test]
        errors.append(wrong.mean())
        missed.append(wrong[malignant[test]].mean())
        chosen.update(names[columns[j]] for j in np.flatnonzero(fit.coef))
    return np.mean(errors), np.mean(missed), chosen


error, missed, chosen = held_out(thirty)
print(f"\nheld-out error: {error:.1%}; always guessing benign: {malignant.mean():.1%}")
print(f"malignant tumours taken for benign: {missed:.1%} of the malignant")
print(f"how often chosen in {SPLITS} splits: " + ", ".join(f"{name} {times}" for name, times in chosen.most_common()))

# %% [markdown]
# Four in a hundred are guessed wrong, with some seven of thirty measurements. Look at the mistakes, too: most are
# malignant tumours taken for benign, the worse kind. Where to put the threshold is not for the lasso to say.
#
# ## Twins
#
# Radius, perimeter and area of a nucleus are nearly the same information. The lasso keeps `worst radius`, and the other
# five measurements of size are zero, *proven* zero. Is the radius what matters?

# %%
size = [f"{kind} {what}" for kind in ("mean", "worst") for what in ("radius", "perimeter", "area")]
radius, perimeter = (data.X[:, names.index(name)] for name in ("worst radius", "worst perimeter"))
correlation = np.corrcoef(radius, perimeter)[0, 1]
fig, ax = lo.plots.subplots("twins", figsize=(5.5, 4.2))
ax.plot(radius[~malignant], perimeter[~malignant], "o", color=lo.plots.BLUE, fillstyle="none", label="benign")
ax.plot(radius[malignant], perimeter[malignant], "x", color=lo.plots.RED, label="malignant")
ax.set(xlabel="worst radius (in the unit of the data)", ylabel="worst perimeter (same unit)")
ax.set_title(f"Nearly the same column twice: correlation {correlation:.3f}", loc="left")
ax.legend(frameon=False)

print("\nhow much of its band a measurement of size uses (1: active)")
for row in certificate.kkt:
    if row.name in size:
        print(f"  {row.name:16} {abs(row.gradient) / row.lam:.3f}")

# %% [markdown]
# `worst perimeter` uses 98 percent of its band: the loss would like to have it, but `worst radius` has explained almost
# everything it knows. Which of the two goes in is a close race, and the path shows that lam decides it: **the perimeter
# enters first, and goes back to zero when the radius has taken over.**

# %%
path = lo.path(problem, n_lambdas=50, eps=0.2)
fig, axes = lo.plots.subplots("path", 2, 1, sharex=True, figsize=(7.5, 6))
lo.plots.path(path, axes)
axes[0].set_title("Worst perimeter leaves zero first, and returns when worst radius has taken over", loc="left")
on = {}
for name in ("worst radius", "worst perimeter"):
    on[name] = path.lambdas[path.coefs[:, names.index(name)] != 0]
for name, lambdas in on.items():
    print(f"{name} is not 0 from lam = {lambdas.max():.3f} to {lambdas.min():.3f}")

# %% [markdown]
# Now take `worst radius` away.

# %%
others = np.array([j for j in thirty if names[j] != "worst radius"])
without = lo.solve(problem_of(everyone, others))
instead = [names[others[j]] for j in np.flatnonzero(without.coef)]
error_without = held_out(others)[0]
print(f"\nwithout worst radius: {', '.join(instead)}")
print(f"held-out error: {error_without:.1%}, with it {error:.1%}")

# %% [markdown]
# Its twin takes its place, and the guesses are as good. So what does "proven zero" prove? That in *this* problem, with
# this lam and these thirty columns, every optimal solution has w_j = 0: no solver's accident. It doesn't prove that the
# perimeter is unimportant. A zero says "not needed beside the others", not "of no influence".
#
# ## What was claimed

# %%
# seven measurements, one of size among them; every zero and every sign is proven, and the solution is unique
assert certificate.certified
assert len(kept) == 7
assert [name for name in kept if name in size] == ["worst radius"]
assert np.array_equal(certificate.proven_zeros, solution.coef == 0)
assert np.array_equal(certificate.proven_signs, np.sign(solution.coef))
assert certificate.uniqueness.verdict == "unique"
# the pull of the logistic loss is the correlation with what is unexplained
explained = 1 / (1 + np.exp(-problem.predict(solution.coef, solution.intercept)))
np.testing.assert_allclose(-problem.gradient(solution.coef, solution.intercept), data.X.T @ (data.y - explained) / 569)
# about 4 percent are wrong, against 37 for guessing; most of them malignant tumours
assert error < 0.05
assert malignant.mean() > 0.37
assert missed * malignant.mean() > error / 2
# twins: the perimeter comes first and goes when the radius has come
assert correlation > 0.99
assert on["worst perimeter"].max() > on["worst radius"].max() > on["worst perimeter"].min() > on["worst radius"].min()
assert path.certified
# without the radius its twin steps in, all else stays, and the error is as low
assert sorted(instead) == sorted("worst perimeter" if name == "worst radius" else name for name in kept)
assert abs(error_without - error) < 0.005
assert without.certificate.certified

# %% [markdown]
# ## Try it
#
# 1. Which measurement would enter next? Look for the largest share of its band. (`worst concavity`, at 0.999. It is in
#    at lam = 0.0195.)
# 2. Use `penalty=lo.ElasticNet(l1_ratio=0.5)`, whose quadratic part makes twins share. How many of the six measurements
#    of size does it keep? (All six.)
# 3. Take all six away. What is the objective then, and what was it? (0.238 and 0.217: size does matter. Only which of
#    its six measurements carries it is open.)

# %%
zeros = [row for row in certificate.kkt if row.coef == 0]
assert max(zeros, key=lambda row: abs(row.gradient) / row.lam).name == "worst concavity"
assert lo.solve(problem.with_lam(0.0195)).coef[names.index("worst concavity")] != 0
net = lo.Problem(
    data.X, data.y, LAM, loss="logistic", penalty=lo.ElasticNet(l1_ratio=0.5), standardize=True, feature_names=names
)
assert all(lo.solve(net).coef[names.index(name)] != 0 for name in size)
smaller = lo.solve(problem_of(everyone, np.array([j for j in thirty if names[j] not in size])))
assert round(smaller.certificate.primal, 3) == 0.238
assert round(certificate.primal, 3) == 0.217

print()
print(certificate)
print()
for name in ("worst radius", "worst perimeter"):
    print(certificate.explain(name))

plt.show()
