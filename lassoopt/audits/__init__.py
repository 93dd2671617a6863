"""`audits` states what someone else's fit says it minimises as a `Problem`, and certifies its coefficients there.

    fitted estimator --see_through--> linear model --read--> Fit --state--> Problem, coef, intercept --certify--> Audit

A `Fit` holds coefficients and the objective they are said to minimise. For estimators it is read from their
attributes (`readers`); for coefficients of glmnet, CVXPY or anyone else, it is made by hand.
No other package is imported: fitted objects are recognised by the name of their class.
"""

from .auditing import audit
from .result import Audit
from .stated_fit import Fit

__all__ = ["Audit", "Fit", "audit"]
