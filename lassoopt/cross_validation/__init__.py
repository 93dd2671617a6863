"""`cross_validation` finds which lam predicts best on data that a fit has not seen.

The samples are split into K folds. For each fold k the path along one grid of lam, that of all data, is solved
without the fold, and its predictions of the fold are measured by an error e(u, y):

    E_k(lam) = sum_{i in k} s_i e(u_i, y_i) / S_k,     S_k = sum_{i in k} s_i,     W_k = S_k / sum_l S_l
    mean error = sum_k W_k E_k                         the weighted mean over all samples, as often as each is tested
    standard error = sqrt(sum_k W_k (E_k - mean)^2 / (K - 1))      for equal folds: sd(E_1, ..., E_K) / sqrt(K)

    lambda_min   the lam of least mean error, the largest such
    lambda_1se   the largest lam whose mean error is at most that at lambda_min plus its standard error

Where K splits (train, test) are given in place of folds, a fit has the samples of train alone, and "i in k" means those
of test. Splits may leave samples out, or test them several times; such splits, as of repeated K-fold, are not
independent, and their standard error is only an indication. One split alone has none.

The same lam means the same with and without a fold: under ``scaling="sum"`` a fold's training part is solved at lam
times its share of the sample weight. The penalty stays that of all data, also where ``standardize=True`` has put the
columns' standard deviations into its feature weights: lam_j is one number per feature, the targets play no part in
it, and the final fit has the same. (glmnet takes new standard deviations within each fold.)

Sources: Hastie, Tibshirani & Friedman, The Elements of Statistical Learning (2009), sec. 7.10; weighted folds as in
glmnet (Friedman, Hastie & Tibshirani 2010).
"""

from .error_measures import ERRORS
from .held_out import cross_validate
from .result import RULES, CrossValidation

__all__ = ["ERRORS", "RULES", "CrossValidation", "cross_validate"]
