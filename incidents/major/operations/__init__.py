"""Major incidents: operations."""
