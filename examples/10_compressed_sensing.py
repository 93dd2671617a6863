# %% [markdown]
# # Lesson 10: a signal from too few measurements
#
# **Question.** A signal has 100 entries. You measure 40 random combinations of them: 40 equations, 100 unknowns. Linear
# algebra says that infinitely many signals fit. Can you still tell which one it was?

# %%
import matplotlib.pyplot as plt
import numpy as np

import lassoopt as lo

P, N = 100, 40  # the knobs: unknowns, measurements,
K = 8  # how many entries of the signal are not 0,
SEED = 7  # and which signal

# %% [markdown]
# ## The mathematics
#
#     y = A x0,   A of shape (40, 100) with independent N(0, 1/40) entries,   x0 with 8 nonzero entries
#
# Without more knowledge, no. But *if* the signal is sparse, one can ask for the sparsest x with A x = y. That is a
# search over all supports, hopeless for 100 entries; the convex question nearest to it is **basis pursuit**,
#
#     minimise |x|_1   subject to   A x = y
#
# and the lasso `1/2 |y - A x|^2 + lam |x|_1` tends to it as lam falls to 0 (here lam is a hundred-thousandth of
# lambda_max). The flat set of all solutions of A x = y first touches the growing L1 ball at one of its corners or
# edges, and there most entries are 0. The L2 ball has no corners: the solution of least length uses every entry.

# %%
measured = lo.recovery.sparse_signal(N, P, K, seed=SEED)
found = lo.recovery.recover(measured, tol=1e-10)
shortest = np.linalg.pinv(measured.A) @ measured.y  # of least length |x|_2

fig, axes = lo.plots.subplots("signal", 2, 1, figsize=(7, 5.8), sharey=True)
lo.plots.recovered_signal(measured.signal, shortest, axes[0])
axes[0].set_title(f"$L_2$: the shortest signal that fits all {N} measurements is not the one", loc="left")
lo.plots.recovered_signal(measured.signal, found.solution.coef, axes[1])
axes[1].set_title(f"$L_1$: the signal, from {N} measurements of {P} unknowns", loc="left")


# %%
def relative_error(x):
    return np.linalg.norm(x - measured.signal) / np.linalg.norm(measured.signal)


print(f"{N} measurements of {P} unknowns, {K} of them nonzero")
print(f"  L2: residual {np.linalg.norm(measured.y - measured.A @ shortest):.0e}, error {relative_error(shortest):.2f}")
print(f"  L1: residual {np.linalg.norm(measured.y - measured.A @ found.solution.coef):.0e}, error {found.error:.0e}")

# %% [markdown]
# Both answers fit the measurements; one of them is the signal. (What is left of the error is the pull of lam: it goes
# to 0 with lam.) The certificate shows why the answer cannot be another one: 40 numbers theta, one a measurement, give
# every entry of the signal a correlation, at the edge of the band for the true entries and inside for the 92 others.

# %%
certificate = found.solution.certificate
fig, axes = lo.plots.subplots("witness", 2, 1, sharex=True, figsize=(7.5, 5), height_ratios=[3, 2])
lo.plots.kkt(certificate, axes)
axes[0].set_title("The true entries, and no others, reach the edge of the band", loc="left", pad=20)

# %% [markdown]
# ## And when the signal is less sparse?
#
# Twenty nonzero entries, the same 40 measurements:

# %%
dense = lo.recovery.sparse_signal(N, P, 20, seed=0)
missed = lo.recovery.recover(dense)
fig, ax = lo.plots.subplots("missed", figsize=(7, 3.2))
lo.plots.recovered_signal(dense.signal, missed.solution.coef, ax)
ax.set_title("20 nonzero entries are too many for 40 measurements", loc="left")
norms = np.abs(dense.signal).sum(), np.abs(missed.solution.coef).sum()
print(f"\n20 nonzero: error {missed.error:.2f}, certified: {missed.solution.certificate.certified}")
print(f"  |x0|_1 = {norms[0]:.3f}, but the answer fits as well with |x|_1 = {norms[1]:.3f}")

# %% [markdown]
# The certificate is as good as before: the *lasso* is solved. It says nothing about the signal. There is a point with a
# smaller L1 norm than the truth, so the question was wrong, not the solver.
#
# ## Where it stops: the phase transition
#
# Try every mix of undersampling delta = n/p and sparsity rho = k/n, each with fresh random signals. The border
# between "always" and "never" is sharp, and known for long signals (Donoho & Tanner; Donoho, Maleki & Montanari 2009):
#
#     rho(delta) = max over z of  {1 - (2/delta) F(z)} / {1 + z^2 - 2 F(z)},   F(z) = (1 + z^2) Phi(-z) - z phi(z)

# %%
transition = lo.recovery.phase_transition(60, trials=2, seed=0)
fig, ax = lo.plots.subplots("phase-transition", figsize=(6.2, 4.6))
lo.plots.phase_transition(transition, ax)
print(f"\n{transition}")

# %% [markdown]
# A signal of 60 entries blurs the line a little, most of all at the left edge, where three measurements have to do; for
# longer signals it gets sharper. Our example lies at delta = 0.4: up to 13 nonzero entries, says the line; 8 was safe.

# %%
limit = lo.recovery.critical_rho(N / P) * N
print(f"with {N} of {P}, theory recovers up to {limit:.1f} nonzero entries")

# %% [markdown]
# ## What was claimed

# %%
# both fit; L1 finds the signal, and L2 does not
assert np.linalg.norm(measured.y - measured.A @ shortest) < 1e-10
assert np.linalg.norm(measured.y - measured.A @ found.solution.coef) < 1e-3
assert found.error < 1e-3
assert relative_error(shortest) > 0.5
# exactly the true entries are not 0, with the true signs; all others are proven zeros of this lasso, and at the edge of
# the band are the true entries only
assert certificate.certified
assert np.array_equal(np.sign(found.solution.coef), np.sign(measured.signal))
assert np.array_equal(certificate.proven_zeros, measured.signal == 0)
assert np.all(shortest != 0)
# the dense signal is missed by a certified answer, whose L1 norm is below the truth's
assert missed.solution.certificate.certified
assert missed.error > 0.2
assert norms[1] < norms[0]
# all lassos of the map are certified; away from the line it is black and white (the left column aside)
assert transition.uncertified == 0
line = np.array([[lo.recovery.critical_rho(delta)] for delta in transition.deltas[1:]])
assert transition.rate[1:][transition.rhos < line - 0.15].min() == 1
assert transition.rate[1:][transition.rhos > line + 0.2].max() == 0
assert transition.rate.mean() - (transition.rhos < np.vstack([[0.15], line])).mean() < 0.1

# %% [markdown]
# ## Try it
#
# 1. How many measurements do 8 nonzero entries among 100 need, by the theory? (29; try `n = 20` and `n = 36`.)
# 2. Add noise: `sparse_signal(40, 100, 8, noise=0.01, seed=1)`, then 0.02. What happens to the error? (It doubles: L1
#    passes on an error in proportion to the noise.)
# 3. With `SEED = 3` the answer has 12 nonzero entries, not 8. How large are the other four? (At most 0.32 lam: they are
#    proportional to lam and vanish with it, so the signal is found all the same.)

# %%
assert next(n for n in range(1, P) if lo.recovery.critical_rho(n / P) * n >= K) == 29
assert not lo.recovery.recover(lo.recovery.sparse_signal(20, P, K, seed=0)).success
assert lo.recovery.recover(lo.recovery.sparse_signal(36, P, K, seed=0)).success
errors = [lo.recovery.recover(lo.recovery.sparse_signal(N, P, K, noise=noise, seed=1)).error for noise in (0.01, 0.02)]
assert np.isclose(errors[1] / errors[0], 2, rtol=0.1)
other = lo.recovery.sparse_signal(N, P, K, seed=3)
top = float(np.abs(other.A.T @ other.y).max())
for lam in (1e-3 * top, 1e-4 * top):
    extra = lo.recovery.recover(other, lam, tol=1e-10).solution.coef[other.signal == 0]
    assert np.count_nonzero(extra) == 4
    assert np.isclose(np.abs(extra).max(), 0.318 * lam, rtol=1e-2)

print()
print(certificate)

plt.show()
