"""The verifier of certificate files needs NumPy and nothing else: see README.md."""

from .kernel import Verification, verify

__all__ = ["Verification", "verify"]
