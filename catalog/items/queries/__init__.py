"""Reads of catalog items: what is offered to whom, and what a version says."""

from catalog.items.queries.answers import judge, person_of
from catalog.items.queries.offering import is_offered, live_version, offered, offered_by_slug, search_items, with_text

__all__ = [
    "is_offered",
    "judge",
    "live_version",
    "offered",
    "offered_by_slug",
    "person_of",
    "search_items",
    "with_text",
]
