"""Solutions along lam: `grid_path` at chosen lam, `exact_path` at every kink, and what holds between two points."""
