"""A history, read once for all claims."""
