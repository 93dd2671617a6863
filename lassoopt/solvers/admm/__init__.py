"""ADMM: `iteration` is the algorithm of Boyd et al. (2011), and `graph_projection` is its linear algebra."""
