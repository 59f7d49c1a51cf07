"""Reads of articles, as each reader may see them."""

from catalog.knowledge.queries.listing import (
    articles_overdue,
    as_found,
    audience_in_words,
    by_reference,
    counts,
    every_token,
    is_discreet,
    of_team,
    overdue,
    owned_by,
    still_read,
    visible_articles,
)
from catalog.knowledge.queries.origins import made_from
from catalog.knowledge.queries.record import (
    own_vote,
    own_votes,
    pictures_of,
    pictures_of_each,
    read_by,
    reads_it,
    version_for,
    versions_for,
    where_used,
)

__all__ = [
    "articles_overdue",
    "as_found",
    "audience_in_words",
    "by_reference",
    "counts",
    "every_token",
    "is_discreet",
    "made_from",
    "of_team",
    "overdue",
    "own_vote",
    "own_votes",
    "owned_by",
    "pictures_of",
    "pictures_of_each",
    "read_by",
    "reads_it",
    "still_read",
    "version_for",
    "versions_for",
    "visible_articles",
    "where_used",
]
