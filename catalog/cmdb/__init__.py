"""Configuration items: classes, items, relations, and the graph by which failures travel."""
