"""`teaching` runs the lessons of `examples/`, and has the small models that they are about, each with its figures."""
