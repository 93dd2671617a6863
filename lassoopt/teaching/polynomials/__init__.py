"""`polynomials` fits data of a true polynomial with features in three bases, without and with L1.

    y_i = f(x_i) + noise_i,   x_i uniform on [-1, 1]
    the model:   w_0 + sum_{k=1..n} w_k B_k(x),   B_k(x) = x^k, T_k(x) or P_k(x);   w_0 is the unpenalised intercept

The bases span the same polynomials, so least squares fits the same curve in each. What differs is what rounding does
to it (`condition_number`), and what the lasso selects, as ``|w_1| + ... + |w_n|`` depends on the basis.
"""

from .bases import BASES, Conditioning, condition_number, conditioning, features
from .data import NOISE, PolynomialData, generate
from .scenarios import SCENARIOS, Scenario, Setting, scenario
from .selection import Repeats, Selection, Sweep, repeat, sweep

__all__ = [
    "BASES",
    "NOISE",
    "SCENARIOS",
    "Conditioning",
    "PolynomialData",
    "Repeats",
    "Scenario",
    "Selection",
    "Setting",
    "Sweep",
    "condition_number",
    "conditioning",
    "features",
    "generate",
    "repeat",
    "scenario",
    "sweep",
]
