"""Shapes of what people type about people, teams and their own account."""
