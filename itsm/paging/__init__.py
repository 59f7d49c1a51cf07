"""Paging: whom to wake for what, by which way, until somebody answers. What it is about is a subject: (kind, id)."""
