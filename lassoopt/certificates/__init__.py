"""`certificates` proves how near a point is to the optimum; `kkt` states the conditions, `certification` checks."""
