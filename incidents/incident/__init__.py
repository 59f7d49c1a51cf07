"""Incidents: what went wrong, and who restores it."""
