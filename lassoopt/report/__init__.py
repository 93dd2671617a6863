"""Certificates and cross-checks in words, tables and plain data; nothing here solves or proves anything."""

from .certificate import as_dict, html, text
from .feature import explain
from .path import path_dict, path_text

__all__ = ["as_dict", "explain", "html", "path_dict", "path_text", "text"]
