"""Every function draws what it is given, into ``ax`` or new axes, and returns the axes.

The colours of the figures are here by name, for what is drawn beside them.
"""

from ..certificates.figure import animate_kkt, kkt
from ..cross_validation.figure import cross_validation
from ..drawing.style import BLUE, GREEN, GREY, INK, RED, STYLE, subplots
from ..paths.figure import path
from ..teaching.admm_iterates.figures import animate_iterates, convergence, iterates, rho_sweep
from ..teaching.compressed_sensing.figures import phase_transition, recovered_signal
from ..teaching.geometry.figures import normal_cone, side_by_side, touch
from ..teaching.one_weight.figures import (
    animate_rubber_band,
    crossing,
    rubber_band,
    shrinkage,
    soft_threshold,
    subgradient,
)
from ..teaching.polynomials.figures import (
    animate_sweep,
    basis_polynomials,
    condition_numbers,
    exact_zeros,
    polynomial_fits,
    polynomial_weights,
    sweep_errors,
    sweep_weights,
)

__all__ = [
    "BLUE",
    "GREEN",
    "GREY",
    "INK",
    "RED",
    "STYLE",
    "animate_iterates",
    "animate_kkt",
    "animate_rubber_band",
    "animate_sweep",
    "basis_polynomials",
    "condition_numbers",
    "convergence",
    "cross_validation",
    "crossing",
    "exact_zeros",
    "iterates",
    "kkt",
    "normal_cone",
    "path",
    "phase_transition",
    "polynomial_fits",
    "polynomial_weights",
    "recovered_signal",
    "rho_sweep",
    "rubber_band",
    "shrinkage",
    "side_by_side",
    "soft_threshold",
    "subgradient",
    "subplots",
    "sweep_errors",
    "sweep_weights",
    "touch",
]
