"""The lessons of `examples/`, and the small models that they are about, each with its figures beside it."""
