"""What follows from what was told, as plain rules: no database, no request."""
