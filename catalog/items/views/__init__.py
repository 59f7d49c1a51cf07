"""Pages of catalog items."""
