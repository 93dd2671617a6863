"""Working sets, compiled, solve smooth losses whose penalty keeps most weights at 0; `kernels` states the method."""
