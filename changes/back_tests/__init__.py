"""What a policy would have said: of past changes (back-tests), and beside the ruling one (shadows)."""
