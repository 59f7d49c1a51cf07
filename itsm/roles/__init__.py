"""Roles that the desk makes itself: pages, REST, viewing the desk as somebody else, and why somebody sees a record."""
