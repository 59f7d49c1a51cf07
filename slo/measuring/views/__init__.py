"""Pages of sources and indicators."""
