"""Toil: minutes of people that went into pages, approvals, reassignments and repeats, reckoned from events."""
