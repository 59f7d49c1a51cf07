"""Reads of configuration items."""
