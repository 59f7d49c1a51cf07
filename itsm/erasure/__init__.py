"""Erasing a person: their names become a mask everywhere; what they did stays, and whoever must be kept is kept."""
