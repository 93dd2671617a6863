"""The solvers, each in a file or folder of its own: `methods` names them, and `solution` is what they return."""
