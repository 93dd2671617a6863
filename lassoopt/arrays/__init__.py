"""What a user passes as arrays: `arguments` checks it, and `design_matrix` multiplies with it."""
