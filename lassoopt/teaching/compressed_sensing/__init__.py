"""`compressed_sensing` finds sparse signals by the lasso (`recovery`), and draws how well (`figures`)."""
