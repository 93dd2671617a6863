"""These are the errors of the verifier. Every message names the argument, what was found and what is allowed."""


class LassoOptError(Exception):
    """Every error that lassoopt raises on purpose is one of these."""


class InputError(LassoOptError, ValueError):
    """An argument or a file cannot be used as given."""


class MissingPackageError(InputError, ModuleNotFoundError):
    """What was asked for needs a package that is not installed; the message ends with the command that installs it."""

    def __init__(self, what: str, module: str, package: str, wanted: str) -> None:
        super().__init__(f"{what} needs {package}, which is not installed: pip install {wanted}")
        self.name = module


class UnprovenError(LassoOptError):
    """A verifier can prove nothing, for the reason given; `verify` reports it as its verdict."""
