"""Incidents of other desks, brought in with their history."""
