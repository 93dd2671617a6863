# %% [markdown]
# # Lesson 1: the fit that is too good
#
# **Question.** A polynomial with more weights comes nearer to the points. Does it come nearer to the truth? And does
# least squares ever tell us, by a weight of exactly zero, that a feature is not needed?
#
# We draw points of a polynomial that we know, add noise, and fit polynomials of other degrees: higher than the truth
# (overfitting), the same (exact), lower (underfitting). Knowing the truth, we can see what the points cannot show.

# %%
import matplotlib.pyplot as plt
import numpy as np

import lassoopt as lo

poly = lo.polynomials
SEED = 2  # the knobs: another seed draws another truth, other points, other noise,
N = 30  # so many points,
NOISE = "strong"  # "none", "strong" (half the standard deviation of the truth) or a number
MODELS = [("overfitting", 5), ("overfitting", 15), ("exact", 2), ("underfitting", 3)]

# %% [markdown]
# ## The mathematics
#
#     y_i = f(x_i) + noise_i                                f: the truth, a polynomial
#     the model:   w_0 + w_1 x + w_2 x^2 + ... + w_n x^n    n + 1 numbers to find
#     least squares:   minimise  1/(2N) sum_i (y_i - model(x_i))^2
#
# The model bends, but it is *linear in its weights*: x, x^2, ... are features like any other, with the names "x^1",
# "x^2", ... Only w_0, the intercept, is set apart: it says where the curve lies, not which features it uses.

# %%
draw = {"n": N, "noise": NOISE, "seed": SEED}
scenarios = {(name, degree): poly.scenario(name, model_degree=degree, **draw) for name, degree in MODELS}
overfitted = scenarios["overfitting", 15]
print("The truth:", overfitted.data.truth.convert(kind=np.polynomial.Polynomial), "\n")
print(f"{'':12} {'degree':>6} {'truth':>6} {'largest |w|':>12} {'train error':>12} {'test error':>11} {'floor':>7}")
for (name, degree), found in scenarios.items():
    fit = found.least_squares
    errors = f"{found.train_error(fit):12.3f} {found.test_error(fit):11.3f} {found.error_floor:7.3f}"
    print(f"{name:12} {degree:6} {found.data.degree:6} {np.abs(fit.coef).max():12.3g} {errors}")

# %% [markdown]
# The errors are mean squares: at the 30 points that were fitted (train), and at 10000 new ones (test). The *floor* is
# what no polynomial of that degree can go below on average: the variance of the noise, and that of whatever part of the
# truth has a higher degree.

# %%
fig, axes = lo.plots.subplots("least-squares", 2, 2, figsize=(11, 8.5))
for ax, found in zip(axes.flat, scenarios.values(), strict=True):
    lo.plots.polynomial_fits(found, ax, lasso=False)

# %% [markdown]
# Degree 15 has the smallest train error of the three on the parabola, and by far the largest test error: between the
# points, and beyond the last of them, it does as it likes. Degree 3 on the wiggling truth has the opposite trouble. Its
# two errors agree, and both are bad.
#
# ## No weight is ever exactly zero
#
# The truth has no x^3 to x^15. Could least squares not find that out, at least now and then? Let us count, over 200
# seeds.

# %%
SEEDS = 200
counted = {(name, degree): poly.repeat(name, SEEDS, model_degree=degree) for name, degree in MODELS}
print(f"\n{SEEDS} seeds: {'weights':>20} {'exactly zero':>14} {'the smallest |w|':>18}")
for (name, degree), found in counted.items():
    smallest = min(np.abs(each.least_squares.coef).min() for each in found.scenarios)
    zeros = int(found.least_squares.exact_zeros.sum())
    print(f"{name:12} degree {degree:2} {found.least_squares.kept.size:8} {zeros:14} {smallest:18.1e}")

# %% [markdown]
# Never, and it is no accident. Each weight of least squares is a fixed combination of the targets, `w_j = a_j' y` with
# `a_j` not 0. That it is zero is *one* equation for y, a plane among all the y there are: normal noise hits it with
# probability 0.
#
# Without noise the weights of x^3 to x^15 ought to be zero. What they become is rounding:

# %%
silent = poly.scenario("overfitting", model_degree=15, n=N, noise="none", seed=SEED)
spurious = np.abs(silent.least_squares.coef[2:])
print(f"\nNo noise at all: |w_3| to |w_15| are between {spurious.min():.0e} and {spurious.max():.0e}.")
print("Small, but which of these are zero? A number that is nearly 0 does not say.")

# %% [markdown]
# ## Why the rounding is so large: the condition number
#
# All powers of x look alike: flat in the middle, steep at the ends. To tell x^13 from x^15, least squares must look at
# tiny differences, and it pays in digits. The *condition number* kappa of the features (their columns centred and
# scaled to length 1) says how many: of the 16 digits of floating point, about log10(kappa) are lost.
#
# The Chebyshev polynomials T_k and the Legendre polynomials P_k span the *same* curves, without looking alike.

# %%
fig, axes = lo.plots.subplots("bases", 1, 3, figsize=(11, 3.6), sharey=True)
for ax, basis in zip(axes, poly.BASES, strict=True):
    lo.plots.basis_polynomials(basis, ax=ax)

# %%
condition = poly.conditioning(20, n=200)
fig, ax = lo.plots.subplots("condition-numbers")
lo.plots.condition_numbers(condition, ax)

# %%
fits = {
    (degree, basis): poly.scenario("overfitting", model_degree=degree, basis=basis, **draw)
    for degree in (15, 20)
    for basis in poly.BASES
}
print(f"\n{'':22} {'kappa':>10} {'largest |w|':>12} {'test error':>11}   certificate")
for (degree, basis), found in fits.items():
    fit, kappa = found.least_squares, poly.condition_number(found.problem.X)
    verdict = f"rounding <= {fit.certificate.rounding:.0e}, certified: {fit.certificate.certified}"
    row = f"{kappa:10.2g} {np.abs(fit.coef).max():12.3g} {found.test_error(fit):11.3f}   {verdict}"
    print(f"degree {degree:2} {basis:12} {row}")

# %% [markdown]
# Three bases, one curve: a better basis cures the rounding, not the overfitting. (That kappa is in the hundreds even
# for Legendre's is the doing of the points: 30 of them, with gaps.) The certificate recomputes the optimality of each
# fit from the data, and bounds the rounding error in its own account. In Legendre's basis the proof goes through. In
# powers of x the weights are so large, and cancel so much, that the bound is nearly a hundred times as large at degree
# 15; at degree 20 double precision cannot prove to eight digits that they are optimal: ill-conditioning, measured
# rather than feared.
#
# ## What was claimed
#
# (With the knobs as they stand. The seed was picked for a clear picture; what is typical, the counts over many seeds
# say.)

# %%
errors = {
    key: (found.train_error(found.least_squares), found.test_error(found.least_squares))
    for key, found in scenarios.items()
}
# more weights: nearer to the points, further from the truth
assert errors["overfitting", 15][0] < errors["overfitting", 5][0] < errors["exact", 2][0]
assert errors["overfitting", 15][1] > 100 * errors["overfitting", 5][1] > 100 * errors["exact", 2][1]
# the exact model is near its floor; the underfitted one is, too, but its floor is high
assert errors["exact", 2][1] < 1.1 * scenarios["exact", 2].error_floor
assert errors["underfitting", 3][1] < 1.1 * scenarios["underfitting", 3].error_floor
assert scenarios["underfitting", 3].error_floor > 4 * scenarios["exact", 2].error_floor
# no weight of least squares was exactly zero, in any of the 200 seeds, in any scenario
for found in counted.values():
    assert found.least_squares.exact_zeros.sum() == 0
# without noise, the unneeded weights are rounding
assert spurious.max() < 1e-9
# the condition number of powers grows tenfold with two or three degrees; that of Legendre's hardly at all
kappa = condition.numbers
assert 10 ** (1 / 3) < (kappa["monomial"][-1] / kappa["monomial"][4]) ** (1 / 15) < 10 ** (1 / 2)
assert kappa["legendre"][-1] < kappa["chebyshev"][-1] < 10
# one curve in three bases, but the bound on the rounding of its proof grows with kappa, until nothing is proven
x = np.linspace(-1, 1, 201)
curves = [fits[15, basis].polynomial(fits[15, basis].least_squares)(x) for basis in poly.BASES]
np.testing.assert_allclose(curves[0], curves[2], atol=1e-8 * np.abs(curves[2]).max())
np.testing.assert_allclose(curves[1], curves[2], atol=1e-8 * np.abs(curves[2]).max())
proofs = {key: found.least_squares.certificate for key, found in fits.items()}
assert proofs[15, "monomial"].rounding > 50 * proofs[15, "legendre"].rounding
assert proofs[20, "legendre"].certified
assert not proofs[20, "monomial"].certified

# %% [markdown]
# ## Try it
#
# 1. Data cure overfitting. What is the test error of degree 15 with 300 points in place of 30? (About 0.26; the floor
#    is 0.25.) Is a weight zero now? (No.)
# 2. Do they cure underfitting? Give the model of degree 3 the 300 points, too. (No: the test error stays at its floor.)
# 3. Which is the least degree of the model whose floor for the wiggling truth is below 0.5? (15)

# %%
more = poly.scenario("overfitting", model_degree=15, n=300, seed=2)
assert more.test_error(more.least_squares) < 0.27
assert np.all(more.least_squares.coef != 0)
stiff = poly.scenario("underfitting", n=300, seed=2)
assert stiff.test_error(stiff.least_squares) > 0.98 * stiff.error_floor > 4 * 0.25
floors = {degree: poly.scenario("underfitting", model_degree=degree, seed=2).error_floor for degree in range(1, 20)}
assert min(degree for degree, floor in floors.items() if floor < 0.5) == 15

print(f"\nThe fit of degree 15 in Legendre's basis: {proofs[15, 'legendre']!r}")
plt.show()
