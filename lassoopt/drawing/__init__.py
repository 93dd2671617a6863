"""All figures share what is here: the style and common parts."""
