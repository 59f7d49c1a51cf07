"""Reads of catalog items: what is offered to whom, and what a version says."""

from catalog.items.queries.answers import judge, person_of
from catalog.items.queries.listing import (
    address_to_ask,
    as_found,
    asked_at,
    bundle_for,
    counts,
    form_for,
    of_team,
    owned_by,
    read_item,
    read_items,
    shared_tokens,
    still_read,
    versions_of,
)
from catalog.items.queries.naming import change_models, change_models_come_from, team_called
from catalog.items.queries.offering import is_offered, live_version, offered, offered_by_slug, search_items, with_text
from catalog.items.queries.pictures import read_by
from catalog.items.queries.uploads import look_up_for, names_of_uploads, unused_uploads

__all__ = [
    "address_to_ask",
    "as_found",
    "asked_at",
    "bundle_for",
    "change_models",
    "change_models_come_from",
    "counts",
    "form_for",
    "is_offered",
    "judge",
    "live_version",
    "look_up_for",
    "names_of_uploads",
    "of_team",
    "offered",
    "offered_by_slug",
    "owned_by",
    "person_of",
    "read_by",
    "read_item",
    "read_items",
    "search_items",
    "shared_tokens",
    "still_read",
    "team_called",
    "unused_uploads",
    "versions_of",
    "with_text",
]
