"""Major incidents: api."""
