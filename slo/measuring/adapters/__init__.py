"""Doors to other people's measurements."""
