"""Reads of accounts, shaped for pages and REST."""
