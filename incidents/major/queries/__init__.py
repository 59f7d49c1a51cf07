"""Major incidents: queries."""
