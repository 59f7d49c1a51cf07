"""Reads: evidence for the gate, lists and records for pages and API."""
