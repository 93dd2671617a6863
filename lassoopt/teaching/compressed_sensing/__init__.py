"""Compressed sensing: `recovery` of sparse signals, and its `figures`."""
