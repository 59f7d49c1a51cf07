"""Pages of imports, sources, and what sources say of items."""
