"""Policies as files: pure reading and writing."""
