"""Every write about changes."""
