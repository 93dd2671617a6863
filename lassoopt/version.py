"""`version` reads the version of the installed package, which `pyproject.toml` states."""

from importlib.metadata import PackageNotFoundError, version

try:
    VERSION = version("lassoopt")
except PackageNotFoundError:  # a copy of the files that was never installed
    VERSION = "unknown"
