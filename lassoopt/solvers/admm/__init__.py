"""ADMM: `iteration` is the algorithm of Boyd et al. (2011), `rho` its one parameter, `graph_projection` its algebra."""
