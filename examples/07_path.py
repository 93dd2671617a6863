# %% [markdown]
# # Lesson 7: the path
#
# **Question.** Let lam slide from so large that nothing moves down to almost nothing. In which order do the weights
# leave zero, and can one come back?

# %%
import matplotlib.pyplot as plt
import numpy as np

import lassoopt as lo
from lassoopt.paths.departures import departures

N_LAMBDAS = 100  # the knobs: how many lam,
EPS = 1e-3  # and down to which part of lambda_max

data = lo.datasets.diabetes()
problem = lo.Problem(data.X, data.y, lam=0.0, standardize=True, feature_names=data.feature_names)
path = lo.path(problem, n_lambdas=N_LAMBDAS, eps=EPS, tol=1e-10)
print(path)

# %% [markdown]
# ## The mathematics
#
# At each lam the residuals, divided by n, are the dual variables theta, and `x_j' theta` is the correlation of
# feature j with what is not yet explained. Lesson 6, along the path:
#
#     |x_j' theta| < lam_j    feature j waits at 0
#     |x_j' theta| = lam_j    it may leave, and while its weight is not 0 it stays at the edge
#
# So the order is decided below, in the correlations, and carried out above, in the weights.

# %%
fig, axes = lo.plots.subplots("path", 2, 1, sharex=True, figsize=(7.5, 6))
lo.plots.path(path, axes)

# %% [markdown]
# bmi is the feature most correlated with the target; it leaves first, at the left edge. Each thin vertical line marks a
# departure. Look at s3: it leaves early with a negative weight, comes back to 0 on the right, and its correlation
# crosses the whole band, from one edge to the other, before the weight leaves again with the other sign, at the last of
# the lines. Between two departures every weight is a straight line in lam (here bent by the logarithmic axis).
#
# ## The same in motion
#
# Bars grow to the edge of the band as the band tightens; only then does a weight move.

# %%
tightening = lo.plots.animate_kkt(lo.path(problem, n_lambdas=40, eps=0.01))

# %% [markdown]
# ## What was claimed

# %%
names, weights = np.array(data.feature_names), path.coefs
edge = np.abs(path.correlations) / (path.lambdas[:, None] * problem.penalty.c)
# certified at every lam
assert path.certified
# a weight that is not 0 sits at the edge; inside the band, every weight is 0
np.testing.assert_allclose(edge[weights != 0], 1.0, rtol=1e-6)
assert not weights[edge < 1 - 1e-6].any()
assert edge.max() <= 1 + 1e-6
# the order of departure, and the feature that comes back
order = sorted(range(10), key=lambda j: np.argmax(weights[:, j] != 0))
print("order of departure:", ", ".join(names[order]))
assert list(names[order[:4]]) == ["bmi", "s5", "bp", "s3"]
s3 = weights[:, list(names).index("s3")]
print(f"s3: sign along the path {''.join('0+-'[int(np.sign(w))] for w in s3[::4])}")
assert s3.min() < 0 < s3.max()
# where the lines are: just before, the weight is 0 and its correlation nearly at the edge; just after, it is not 0
left = departures(path)
print("departures:", ", ".join(f"{each.name} at {each.lam:.4g}" for each in left))
assert [each.name for each in left] == [*names[order], "s3"]
for each in left:
    before, after = (lo.solve(problem.with_lam(ratio * each.lam), tol=1e-12) for ratio in (1.0005, 0.9995))
    row = before.certificate.kkt[each.feature]
    assert row.coef == 0
    assert 0.997 < abs(row.gradient) / row.lam <= 1
    assert np.sign(after.coef[each.feature]) == each.sign
# straight between departures: at the middle of two lam with one sign pattern the weights are the mean of both
high, low = path.lambdas[40], path.lambdas[41]
assert np.array_equal(np.sign(weights[40]), np.sign(weights[41]))
middle = lo.solve(problem.with_lam(0.5 * (high + low)), tol=1e-12).coef
np.testing.assert_allclose(middle, 0.5 * (weights[40] + weights[41]), rtol=1e-6, atol=1e-9)
print(f"at the smallest lam: {path.certificates[-1]!r}, {path.certificates[-1].uniqueness.verdict}")

# %% [markdown]
# ## Try it
#
# 1. Leave `standardize=True` out. Which feature leaves first now, and why? (s1: with raw units, the feature whose
#    column varies most has the cheapest weight.)
# 2. Take `eps=1e-6`. What does the path tend to? (To least squares, which has no zero at all.)
# 3. Where does the correlation of s3 cross 0? What would it mean for its weight if lam stayed there? (At lam = 0.0779.
#    The weight is 0, and nothing pulls at it: the other features explain all that s3 could.)

# %%
raw = lo.Problem(data.X, data.y, lam=0.0, feature_names=data.feature_names)
just_below = lo.solve(raw.with_lam(0.999 * raw.lambda_max)).coef
assert list(names[np.flatnonzero(just_below)]) == ["s1"]
assert np.count_nonzero(lo.solve(problem.with_lam(1e-6 * problem.lambda_max)).coef) == 10
above, there, below = (
    lo.solve(problem.with_lam(lam), tol=1e-12).certificate.kkt[list(names).index("s3")]
    for lam in (0.079, 0.0779, 0.077)
)
assert above.gradient > 0 > below.gradient
assert above.coef == there.coef == below.coef == 0
assert abs(there.gradient) < 0.01 * there.lam

plt.show()
