# %% [markdown]
# # Lesson 13: 0.1 is not 1/10
#
# **Question.** A computer rounds every number that it touches. Can it prove anything?

# %%
import math
import tempfile
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import lassoopt as lo

plt.style.use(lo.plots.STYLE)

DECIMAL = "0.1"  # the knob: a decimal to type in

# %% [markdown]
# ## What the computer holds
#
# Binary floating point numbers are whole numbers times powers of two. Between two neighbours there is nothing, and 1/10
# lies between two.

# %%
held = float(DECIMAL)
print(f"you type       {DECIMAL}")
print(f"it holds       {Fraction(held)}")
print(f"which is off by {float(Fraction(held) - Fraction(DECIMAL)):.1e}, and 0.1 + 0.2 == 0.3 is {0.1 + 0.2 == 0.3}")

step = math.ulp(held)
neighbours = [held + k * step for k in range(-2, 3)]
fig, ax = lo.plots.subplots("neighbours", figsize=(6.5, 2.2))
ax.axhline(0, color=lo.plots.GREY, linewidth=1, zorder=0)
ax.plot([float((Fraction(x) - Fraction(DECIMAL)) / Fraction(step)) for x in neighbours], [0] * 5, "o", markersize=9)
ax.plot(0, 0, "|", color=lo.plots.RED, markersize=28, markeredgewidth=2)
ax.annotate(f"{DECIMAL} on paper", (0, 0), (0, 22), textcoords="offset points", ha="center", color=lo.plots.RED)
where = float((Fraction(held) - Fraction(DECIMAL)) / Fraction(step))
ax.annotate(
    f"{DECIMAL} in the computer", (where, 0), (12, -26), textcoords="offset points", arrowprops={"arrowstyle": "-"}
)
ax.set(yticks=[], ylim=(-1, 1), xlabel=f"distance from {DECIMAL}, in steps of {step:.2g}")
ax.set_title("Five neighbouring floating point numbers")

# %% [markdown]
# ## The mathematics
#
# Seen the other way round, every floating point number *is* a fraction, exactly. So are X, y and lam as they stand in
# memory, the weights w and the multiplier theta of a certificate, and, for the squared loss, everything that is made
# of them by +, -, * and /:
#
#     primal(w) = 1/(2n) |y - X w - b|^2 + lam sum_j c_j |w_j|,    dual(theta) = theta'y - n/2 |theta|^2.
#
# Weak duality holds for *any* w and for any theta with |x_j'theta| <= lam c_j and 1'theta = 0. That w and theta were
# rounded does not matter: a rounded w is only another w. What must be right is the arithmetic of the check, and
# fractions make no errors. Theta needs one repair: after rounding its sum is not quite 0. Taking what is too much away,
# and shrinking what is left until it fits, is done in fractions, too.

# %%
data = lo.datasets.diabetes()
problem = lo.Problem(data.X, data.y, lam=5.0, standardize=True, feature_names=data.feature_names)
solution = lo.solve(problem)
total = sum(map(Fraction, solution.certificate.theta.tolist()))
print(f"\nthe sum of theta is {float(total):.1e}, not 0")

# %% [markdown]
# ## Three ways to compute a gap
#
# Take points that get closer and closer to the optimum, (1 + size) times the best weights, and ask of each how far its
# objective is from the least one. Plain floating point subtracts two numbers near 1800 and is left with their rounding
# errors. Floating point that *bounds* its own errors says "at most", and is right, but it cannot say less than these
# bounds. Fractions can.

# %%
sizes = 10.0 ** -np.arange(1, 11)
plain, bounded, exact = [], [], []
with tempfile.TemporaryDirectory() as folder:
    file = Path(folder) / "diabetes.cert.json"
    for size in sizes:
        certificate = lo.certify(problem, (1 + size) * solution.coef, theta=solution.theta)
        certificate.save(file)
        plain.append(certificate.primal - certificate.dual)
        bounded.append(lo.verify(file, data.X, data.y).gap)
        exact.append(lo.verify(file, data.X, data.y, exact=True).exact_gap)
    solution.certificate.save(file)
    proof = lo.verify(file, data.X, data.y, exact=True)
    honest = file.read_text()
    # somebody makes the claim a little better than it is
    stated = solution.certificate.primal
    claimed = float(honest.split('"dual": ')[1].split(",")[0])
    file.write_text(honest.replace(f'"dual": {claimed!r}', f'"dual": {claimed + 1e-8!r}'))
    tampered = lo.verify(file, data.X, data.y, exact=True)
    file.write_text(honest)
    nudged = data.X.copy()
    nudged[0, 0] = math.nextafter(nudged[0, 0], math.inf)
    elsewhere = lo.verify(file, nudged, data.y, exact=True)

print(f"{'size':>6} {'plain':>10} {'bounded':>10} {'exact':>10}")
for row in zip(sizes, plain, bounded, exact, strict=True):
    print("{:6.0e} {:10.1e} {:10.1e} {:10.1e}".format(*map(float, row)))

fig, ax = lo.plots.subplots("three-gaps", figsize=(6.5, 4.2))
ax.loglog(sizes, bounded, "s-", label="floating point, errors bounded: a proof")
ax.loglog(sizes, [abs(gap) for gap in plain], "o", label="floating point, plain: promises nothing")
ax.loglog(sizes, [float(gap) for gap in exact], "-", color=lo.plots.INK, label="fractions: a proof")
ax.invert_xaxis()
ax.set(xlabel="distance from the optimum, relative", ylabel="gap of the objective")
ax.set_title("What can be promised about one gap")
ax.legend(loc="lower left")

# %% [markdown]
# A proof that can be handed over is therefore a file with w and theta, and a check of it in fractions, by a program
# short enough to be read: `lassoopt/verifier/kernel.py`. It believes nothing that the file says. A claim that is
# better than the truth by 1e-8 is refuted; data that differ by the last bit of one number are other data.

# %%
print(f"\nthe honest file:  {proof.reason}")
print(f"a better claim:   {tampered.reason}")
print(f"a bit of X:       {elsewhere.reason}")
print(f"the gap, exactly: a fraction whose denominator has {len(str(proof.exact_gap.denominator))} digits")

# %% [markdown]
# ## What was claimed

# %%
assert Fraction(0.1) != Fraction(1, 10)
assert total != 0
assert proof.proven
assert 0 <= proof.exact_gap < 1e-10
# fractions are never above what floating point with bounded errors says, which in the end is its own rounding
assert all(Fraction(b) >= e > 0 for b, e in zip(bounded, exact, strict=True))
assert bounded[-1] < 1e-8
# the plain difference is a poor answer by the end, and does not say so
assert max(abs(Fraction(p) - e) / e for p, e in zip(plain, exact, strict=True)) > Fraction(1, 10)
# what is not true is not proven
assert not tampered.proven
assert not elsewhere.proven

# %% [markdown]
# ## Try it
#
# 1. Which of 0.1, 0.2, ..., 0.9 does the computer hold exactly? (0.5 alone.)
# 2. The gap of (1 + size) times the best weights falls by 100 when size falls by 10. Why? (At its minimum the objective
#    is flat along this line, so that the gap is a square.) And where does it stop? (Where the gap of theta begins.)
# 3. What is proven is about the numbers in memory. If the file with the data says 0.1, is the proof about 1/10? (No:
#    about the fraction that is held. Ask what one ulp in every entry could do, and see whether it matters to you.)

# %%
assert [k for k in range(1, 10) if Fraction(k / 10) == Fraction(k, 10)] == [5]
ratios = [float(a / b) for a, b in pairwise(exact[:4])]
print(f"\nfrom size to size the gap falls by {', '.join(f'{ratio:.0f}' for ratio in ratios)}")
assert all(90 < ratio < 110 for ratio in ratios)

plt.show()
