"""Alerts over REST: the doors for other systems, and what came in."""
