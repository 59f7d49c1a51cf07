"""What signs statements."""
