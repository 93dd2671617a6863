"""`errors` lists what lassoopt raises; every message names the argument, what was found and what is allowed."""

from .verifier.errors import InputError, LassoOptError, MissingPackageError, UnprovenError

__all__ = ["InputError", "LassoOptError", "MissingPackageError", "SolverError", "UnprovenError", "missing_package"]


class SolverError(LassoOptError, RuntimeError):
    """A solver could not be run, or it returned nothing that could be certified."""


def missing_package(what: str, module: str) -> MissingPackageError:
    """Return the error that names the command which installs the module, an extra of ours where there is one."""
    extras = {"sklearn": ("scikit-learn", "'lassoopt[sklearn]'")}
    return MissingPackageError(what, module, *extras.get(module, (module, module)))
