"""Which agreement holds and why, what stands behind it, what is offered."""

from catalog.agreements.queries.behind import Behind, standing_behind
from catalog.agreements.queries.holding import (
    AgreedTerms,
    Subject,
    matching,
    subject,
    terms_for,
    terms_of,
    trace,
    why_not,
    without_agreement,
)
from catalog.agreements.queries.listing import (
    agreements,
    holding_for,
    holding_for_each,
    living_agreements,
    newest_version,
    of_team,
    warnings_or_usual,
)
from catalog.agreements.queries.offerings import as_found, offered, visible_offerings

__all__ = [
    "AgreedTerms",
    "Behind",
    "Subject",
    "agreements",
    "as_found",
    "holding_for",
    "holding_for_each",
    "living_agreements",
    "matching",
    "newest_version",
    "of_team",
    "offered",
    "standing_behind",
    "subject",
    "terms_for",
    "terms_of",
    "trace",
    "visible_offerings",
    "warnings_or_usual",
    "why_not",
    "without_agreement",
]
