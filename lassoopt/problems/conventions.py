"""A table says what the strength of a penalty means in other packages, and `convert` goes from one row to another.

A package whose strength is ``v`` minimises a multiple of

    Loss + lam P(w),   lam = factor * v ** power,   Loss the mean or the sum over n samples of phi

with phi the loss as `lassoopt.losses` has it (squared: ``1/2 (u - y)^2``), ``P`` the penalty as `lassoopt.penalties`
has it, and ``u = X w + b``. ``C`` multiplies the loss, so it is ``1 / lam``. The mean and the sum differ by the factor
n, or by the total weight where samples have weights. Nothing else in the code base knows a convention.

The fitted objects of these packages are read in `lassoopt.audits`, which also knows what no factor expresses: penalised
intercepts, weights that are not normalised, and glmnet's scaling of y.
"""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass
from typing import Any

from ..arrays.arguments import finite_number, nonnegative_number, positive_number
from ..errors import InputError


@dataclass(frozen=True)
class Convention:
    """A convention is how a package states its objective.

    Attributes
    ----------
    symbol : str
        What the package calls the strength.
    scaling : {"mean", "sum"}
        Whether the loss in ``Loss + lam P`` is a mean or a sum.
    objective : str
        What the package minimises; ``r`` is l1_ratio and ``t_i = -1, 1`` codes the label.
    loss : str
        The name of phi in `LOSSES`; "" where the package has several.
    factor, power : float, int
        ``lam = factor * strength ** power`` in that scaling; power is 1, or -1 for a ``C``.
    counts_samples : bool
        Whether the mean divides by the number of samples even where they have weights.
    """

    symbol: str
    scaling: str
    objective: str
    loss: str = ""
    factor: float = 1.0
    power: int = 1
    counts_samples: bool = False

    def lam(self, strength: Any) -> float:
        """Return lam in this convention's scaling, for a strength; 0 for an infinite ``C``."""
        if self.power > 0:
            return self.factor * nonnegative_number("lam", strength)
        if isinstance(strength, float) and strength == math.inf:  # np.float64 is a float
            return 0.0
        return self.factor / finite_number("lam", strength, "a C > 0, or inf for no penalty", lambda number: number > 0)

    def strength(self, lam: float) -> float:
        """Return the strength for a lam in this convention's scaling; an infinite ``C`` for 0."""
        if self.power < 0:
            return self.factor / lam if lam > 0 else math.inf
        return lam / self.factor


_NET = "(r |w|_1 + (1 - r)/2 |w|^2)"
_LOGISTIC = "sum_i log(1 + exp(-t_i u_i))"
_LASSO = Convention("alpha", "mean", "1/(2n) |y - u|^2 + alpha |w|_1", "squared")
_WEIGHTED = Convention("alpha", "mean", "1/(2n) |y - u|^2 + alpha sum_j c_j |w_j|", "squared")
_ELASTIC_NET = Convention("alpha", "mean", f"1/(2n) |y - u|^2 + alpha {_NET}", "squared")

CONVENTIONS: dict[str, Convention] = {
    "mean": Convention("lam", "mean", "(1/n) sum_i phi_i + lam P(w)"),
    "sum": Convention("lam", "sum", "sum_i phi_i + lam P(w)"),
    "sklearn.Lasso.alpha": _LASSO,
    "sklearn.ElasticNet.alpha": _ELASTIC_NET,
    "sklearn.LassoLars.alpha": _LASSO,
    "sklearn.QuantileRegressor.alpha": Convention("alpha", "mean", "(1/n) sum_i pinball_i + alpha |w|_1", "quantile"),
    "sklearn.SGD.alpha": Convention("alpha", "mean", f"(1/n) sum_i phi_i + alpha {_NET}", counts_samples=True),
    "sklearn.LogisticRegression.C": Convention("C", "sum", f"C {_LOGISTIC} + {_NET}", "logistic", power=-1),
    "sklearn.LinearSVC.C": Convention("C", "sum", f"C sum_i max(0, 1 - t_i u_i)^2 + {_NET}", "squared_hinge", power=-1),
    "celer.Lasso.alpha": _WEIGHTED,
    "celer.ElasticNet.alpha": _ELASTIC_NET,
    "celer.LogisticRegression.C": Convention("C", "sum", f"{_LOGISTIC} + 1/C |w|_1", "logistic", power=-1),
    "skglm.Lasso.alpha": _LASSO,
    "skglm.WeightedLasso.alpha": _WEIGHTED,
    "skglm.ElasticNet.alpha": _ELASTIC_NET,
    "skglm.SparseLogisticRegression.alpha": Convention(
        "alpha", "mean", f"(1/n) {_LOGISTIC} + alpha {_NET}", "logistic"
    ),
    "statsmodels.OLS.alpha": _ELASTIC_NET,
    "statsmodels.WLS.alpha": _ELASTIC_NET,
    "statsmodels.GLM.alpha": Convention(
        "alpha", "mean", f"-loglike/n + alpha {_NET}, the scale being 1", counts_samples=True
    ),
    "statsmodels.Logit.alpha": Convention("alpha", "sum", f"{_LOGISTIC} + alpha |w|_1", "logistic"),
    "statsmodels.Poisson.alpha": Convention("alpha", "sum", "sum_i (exp(u_i) - y_i u_i) + alpha |w|_1", "poisson"),
    "glmnet.lambda": Convention("lambda", "mean", f"(1/n) sum_i phi_i + lambda {_NET}"),
    "cvxpy.sum_squares": Convention("lam", "sum", "sum_squares(X @ w - y) + lam norm1(w)", "squared", factor=0.5),
    "cvxpy.half_sum_squares": Convention("lam", "sum", "1/2 sum_squares(X @ w - y) + lam norm1(w)", "squared"),
}


def convention(argument: str, name: Any) -> Convention:
    """Return the convention of that name; the error for another name has those that are close to it."""
    if isinstance(name, str) and name in CONVENTIONS:
        return CONVENTIONS[name]
    close = difflib.get_close_matches(str(name), CONVENTIONS, n=3, cutoff=0.5)
    hint = f"; did you mean {' or '.join(map(repr, close))}?" if close else ""
    raise InputError(f"{argument}: found {name!r}; allowed: {', '.join(CONVENTIONS)}{hint}")


def convert(lam: float, source: str, target: str, *, n: float | None = None) -> float:
    """Convert the strength of a penalty from one package's convention to another's, for the same loss and penalty.

    ``lam_sum = n lam_mean``, and each strength is ``lam = factor * strength ** power`` in one of the two; see the table
    `CONVENTIONS`. An elastic net keeps its ``l1_ratio``: lassoopt, scikit-learn, celer, skglm, statsmodels and glmnet
    all write ``lam (r |w|_1 + (1 - r)/2 |w|^2)``.

    Parameters
    ----------
    lam : float
        The strength in the convention ``source``: >= 0; for a ``C``, > 0, and inf is no penalty at all.
    source, target : str
        Names in `CONVENTIONS`: "mean" and "sum" are lassoopt's own two scalings.
    n : float > 0, optional
        The number of samples, or the total of their weights; needed between a mean and a sum.

    Returns
    -------
    float

    Raises
    ------
    InputError
        For a name that is not in the table, a strength outside its range, or an n that is missing or not positive.

    Notes
    -----
    glmnet divides y by its standard deviation before an elastic net of the gaussian family (not a lasso), so that its
    quadratic term is ``(1 - r)/2 |w|^2 / sd(y)``: here lambda is taken as if ``sd(y) = 1``, and `audit` does the rest.

    Examples
    --------
    >>> convert(0.1, "sklearn.Lasso.alpha", "sum", n=442)
    44.2
    >>> convert(4.0, "cvxpy.sum_squares", "sklearn.Lasso.alpha", n=50)
    0.04
    >>> convert(0.5, "sklearn.LogisticRegression.C", "skglm.SparseLogisticRegression.alpha", n=100)
    0.02
    """
    there, here = convention("source", source), convention("target", target)
    value = there.lam(lam)
    if there.scaling != here.scaling:
        if n is None:
            raise InputError(
                f"n: found None; {source!r} is a {there.scaling} over samples and {target!r} a {here.scaling}, so the "
                "number of samples (or their total weight) is needed"
            )
        total = positive_number("n", n)
        value = value * total if here.scaling == "sum" else value / total
    return here.strength(value)
