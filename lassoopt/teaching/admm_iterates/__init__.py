"""ADMM watched at work: `iterates` records them, and `figures` draws them."""
