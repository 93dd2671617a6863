"""The errors of the verifier. Every message names the argument, what was found and what is allowed."""


class LassoOptError(Exception):
    """Base class of all errors that lassoopt raises on purpose."""


class InputError(LassoOptError, ValueError):
    """An argument or a file cannot be used as given."""


class UnprovenError(LassoOptError):
    """A verifier can prove nothing, for the reason given; `verify` reports it as its verdict."""
