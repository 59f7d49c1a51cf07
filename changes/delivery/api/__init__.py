"""Doors by which platforms tell of deployments, and what was told, over REST."""
