"""Certificates and cross-checks in words, tables and plain data; nothing here solves or proves anything."""

from .certificate import as_dict, html, text
from .feature import explain

__all__ = ["as_dict", "explain", "html", "text"]
