"""`admm_iterates` shows ADMM at work: `iterates` records its iterates, and `figures` draws them."""
