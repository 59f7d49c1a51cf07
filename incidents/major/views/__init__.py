"""Major incidents: views."""
