"""Pipelines: the command that they ask the gate by, ready pieces for their platforms, and what they report."""
