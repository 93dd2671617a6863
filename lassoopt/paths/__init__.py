"""`paths` solves along lam: `grid_path` at chosen lam, `exact_path` at every kink; bounds hold between two points."""
