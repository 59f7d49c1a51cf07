"""What happened: append-only entries and the timeline of a record."""
