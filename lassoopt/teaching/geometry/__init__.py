"""`geometry` shows two weights in the plane: contours of the loss, the penalty's ball, and the cone where they touch.

    penalised     minimise  Loss(w, b) + lam P(w)                optimal iff  z in lam dP(w)
    constrained   minimise  Loss(w, b)  subject to  P(w) <= t    optimal iff  z in N(w)

with ``z = X' theta = -dLoss/dw`` and N(w) the normal cone of the ball ``{v: P(v) <= t}`` at a point of its rim,

    N(w) = {z: z'(v - w) <= 0 for all v in the ball}

N(w) holds the multiples of dP(w) and their limits (Rockafellar, Convex Analysis, 1970, thm. 23.7), so the two forms
have the same solution for ``t = P(w)``, and lam is how long a multiple of dP(w) the gradient is. Where the rim is
smooth, dP(w) is one vector and z must lie on one ray. At a corner dP(w) is a segment and z may lie anywhere in a
sector: that is why solutions sit in corners, and the corners of L1 are where a weight is 0.

`balls` knows no data, `surface` knows no penalty; they meet in `touch`.
"""

from .balls import NormalCone, ball, normal_cone, subdifferential
from .surface import LossSurface, loss_surface
from .touch import Geometry, geometry, lam_at_radius

__all__ = [
    "Geometry",
    "LossSurface",
    "NormalCone",
    "ball",
    "geometry",
    "lam_at_radius",
    "loss_surface",
    "normal_cone",
    "subdifferential",
]
