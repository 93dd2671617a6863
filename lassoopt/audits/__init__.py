"""What someone else's fit says it minimises, stated as a `Problem`, and the certificate of its coefficients there.

    fitted estimator --see_through--> linear model --read--> Fit --state--> Problem, coef, intercept --certify--> Audit

A `Fit` is coefficients together with the objective they are said to minimise. For estimators it is read from their
attributes (`readers`); anyone's coefficients, from glmnet, CVXPY or a formula interface, are given as one by hand.
No other package is imported: fitted objects are recognised by the name of their class.
"""

from .auditing import audit
from .result import Audit
from .stated_fit import Fit

__all__ = ["Audit", "Fit", "audit"]
