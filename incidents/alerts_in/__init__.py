"""Alerts of other systems: kept as they came, one occurrence for each time that something fires, incidents opened of
them, and what stays quiet while a change is at work."""
