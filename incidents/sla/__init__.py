"""Service levels of incidents: which clocks run, by which agreement, and who is told."""
