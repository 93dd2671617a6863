"""Active sets for a quadratic model of the loss, and proximal Newton for the losses that are not quadratic."""
