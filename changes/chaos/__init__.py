"""Chaos experiments: a purpose of changes. What one may burn is its stake; there, or where a page fires, it stops."""
