"""One weight, one lam: the smallest lasso, and its figures."""

from .closed_forms import OneWeight, Shrinkage, shrinkage

__all__ = ["OneWeight", "Shrinkage", "shrinkage"]
