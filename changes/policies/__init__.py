"""Policy versions: what the gate judges by, activated by a second person."""
