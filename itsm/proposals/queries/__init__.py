"""Which proposals somebody may read and decide, and how those of each kind fared."""

from itsm.proposals.queries.faring import DECIDED, Fared, how_they_fared
from itsm.proposals.queries.sight import (
    as_kept,
    decidable_by,
    may_decide,
    named,
    record_about,
    record_named,
    record_of,
    visible_to,
    waiting_count,
    waiting_for,
)
from itsm.proposals.queries.telling import PartTold, Told, reply_drafted, told, why_not

__all__ = [
    "DECIDED",
    "Fared",
    "PartTold",
    "Told",
    "as_kept",
    "decidable_by",
    "how_they_fared",
    "may_decide",
    "named",
    "record_about",
    "record_named",
    "record_of",
    "reply_drafted",
    "told",
    "visible_to",
    "waiting_count",
    "waiting_for",
    "why_not",
]
