"""Toil."""
