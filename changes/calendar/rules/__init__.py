"""What a calendar means, without database and clock: rules that recur, and free times."""
