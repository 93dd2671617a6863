"""The one statement `problem`, what is known of it before a solver runs, and the conventions of other packages."""
