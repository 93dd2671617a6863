"""`estimators` has the lasso and its logistic sibling as scikit-learn estimators; each fit comes with a certificate.

    estimator          minimises over w and b                                      as in scikit-learn
    -----------------  ----------------------------------------------------------  -------------------------------
    CertifiedLasso     sum_i s_i (y_i - u_i)^2 / 2 + alpha sum_j c_j |w_j|         Lasso
    CertifiedLassoCV   the same, alpha chosen by cross-validation, "min" or "1se"  LassoCV
    CertifiedLogistic  C sum_i v_i log(1 + exp(-t_i u_i)) + sum_j c_j |w_j|        LogisticRegression, l1_ratio=1

with ``u = X w + b 1``, sample weights ``v_i`` (1 if not given), ``s_i = v_i / sum(v)``, labels ``t_i = -1, 1``, and
feature weights ``c_j``: 1 if not given, 0 leaves a feature without penalty, inf excludes it. The intercept has no
penalty.

Only this part needs scikit-learn: ``pip install 'lassoopt[sklearn]'``.
"""

from importlib.util import find_spec

from ..errors import missing_package

if find_spec("sklearn") is None:
    raise missing_package("lassoopt.estimators", "sklearn")

from .cross_validated import CertifiedLassoCV
from .lasso import CertifiedLasso
from .logistic import CertifiedLogistic

__all__ = ["CertifiedLasso", "CertifiedLassoCV", "CertifiedLogistic"]
