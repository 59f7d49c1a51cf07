"""What the catalog works out, in plain Python: no database, no clock, no people. Callers bring rows and instants."""
