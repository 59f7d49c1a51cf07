"""Pages of configuration items and their classes."""
