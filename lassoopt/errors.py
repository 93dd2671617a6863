"""`errors` lists what lassoopt raises; every message names the argument, what was found and what is allowed."""

from .verifier.errors import InputError, LassoOptError, MissingPackageError, UnprovenError

__all__ = ["InputError", "LassoOptError", "MissingPackageError", "SolverError", "UnprovenError"]


class SolverError(LassoOptError, RuntimeError):
    """A solver could not be run, or it returned nothing that could be certified."""
