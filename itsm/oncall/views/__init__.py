"""Pages of on-call."""
