"""Who is right? scikit-learn's Lasso at its default tolerance, against the certificate.

    python examples/02_who_is_right.py        (needs scikit-learn)

A random walk is a hard design: neighbouring columns are nearly the same. Coordinate descent stops at its default
tolerance without a warning, and its answer looks finished. The certificate, which knows nothing of any solver,
measures how far from the optimum it is; a tighter tolerance then agrees with ours.
"""

import warnings

import numpy as np
from sklearn.linear_model import Lasso

import lassoopt as lo

rng = np.random.default_rng(0)
X = np.cumsum(rng.standard_normal((200, 100)), axis=1)
y = X[:, 20] - X[:, 70] + rng.standard_normal(200)
problem = lo.Problem(X, y, lam=1.0)
problem = problem.with_lam(1e-3 * problem.lambda_max)

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    default = Lasso(alpha=problem.lam, max_iter=100_000).fit(X, y)
tight = Lasso(alpha=problem.lam, tol=1e-14, max_iter=1_000_000).fit(X, y)
ours = lo.solve(problem, tol=1e-12)

print(f"{'':28} {'objective':>14} {'relative gap':>13} {'nonzero':>8} {'violated':>9}")
answers = {
    "scikit-learn, default tol": (default.coef_, default.intercept_),
    "scikit-learn, tol=1e-14": (tight.coef_, tight.intercept_),
    "lassoopt, ADMM": (ours.coef, ours.intercept),
}
certificates = {name: lo.certify(problem, *answer) for name, answer in answers.items()}
for name, certificate in certificates.items():
    violated = int(np.sum(certificate.states == "violated"))
    nonzero = np.count_nonzero(certificate.coef)
    print(f"{name:28} {certificate.primal:14.10f} {certificate.relative_gap:13.1e} {nonzero:8d} {violated:9d}")

first, second, third = certificates.values()
# The default answer raised no warning and is not optimal to 1e-8; the gap bounds by how much, and holds.
assert not caught
assert not first.certified
assert first.primal - third.primal <= first.proven_gap
# It also keeps features that are proven to be zero in every optimal solution.
wrong = third.proven_zeros & (default.coef_ != 0)
assert wrong.any()
print(f"\nThe default answer keeps {wrong.sum()} features that are zero in every optimal solution.")
# Asked to work harder, scikit-learn agrees: the certificate accepts it, and the weights are ours.
assert second.relative_gap < 1e-7
np.testing.assert_allclose(tight.coef_, ours.coef, atol=1e-4)
assert third.certified
