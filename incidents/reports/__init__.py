"""What happened at the desk, in numbers that open their rows."""
