"""Certify a lasso fit of the diabetes data, and read why each weight is, or is not, zero.

    python examples/01_certify_diabetes.py

Ten measurements of 442 patients, in raw units; the lasso keeps a few of them. The certificate says how far the
objective can be above its optimum, and feature by feature which condition holds the weight.
"""

import numpy as np

import lassoopt as lo

data = lo.datasets.diabetes()
problem = lo.Problem(data.X, data.y, lam=5.0, standardize=True, feature_names=data.feature_names)
solution = lo.solve(problem)
certificate = solution.certificate
print(certificate)

# 1. The objective is within a billionth of its optimum, rounding errors included.
assert certificate.certified
assert certificate.proven_gap <= 1e-9 * certificate.primal

# 2. Every zero is explained: the gradient of the loss is too small to pay for the weight.
zero = solution.coef == 0
gradient = problem.gradient(solution.coef, solution.intercept)
lam = problem.penalty.threshold(problem.lam)
assert np.all(np.abs(gradient[zero]) <= lam[zero])
np.testing.assert_allclose(np.abs(gradient[~zero]), lam[~zero], rtol=1e-9)

# 3. And proven: these features are 0 in *every* optimal solution, the signs of the others cannot be otherwise,
# and there is only one solution.
assert np.array_equal(certificate.proven_zeros, zero)
assert np.array_equal(certificate.proven_signs, np.sign(solution.coef))
assert certificate.uniqueness.verdict == "unique"

print()
for name in ("bmi", "age"):
    print(certificate.explain(name))

# 4. Above lambda_max nothing pays: all weights are 0 (and just below it, not).
assert not lo.solve(problem.with_lam(1.001 * problem.lambda_max)).coef.any()
assert lo.solve(problem.with_lam(0.999 * problem.lambda_max)).coef.any()
