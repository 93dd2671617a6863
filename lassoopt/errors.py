"""What lassoopt raises. Every message names the argument, what was found and what is allowed."""

from .verifier.errors import InputError, LassoOptError, UnprovenError

__all__ = ["InputError", "LassoOptError", "SolverError", "UnprovenError"]


class SolverError(LassoOptError, RuntimeError):
    """A solver could not be run, or returned nothing that could be certified."""
