"""Every write to what the public is told."""
