"""`one_weight` has the smallest lasso, one weight and one lam, and its figures."""

from .closed_forms import OneWeight, Shrinkage, shrinkage

__all__ = ["OneWeight", "Shrinkage", "shrinkage"]
