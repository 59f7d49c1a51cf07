"""Reads of problems, shaped for lists, the record, incidents and what lies above."""

from incidents.problem.queries.duties import lying_in, owned_by
from incidents.problem.queries.linked import (
    Fix,
    fixed_by,
    fixes_come_from,
    fixes_of,
    incident_ids,
    incidents_of,
    problems_of,
    waiting_for,
)
from incidents.problem.queries.listing import (
    BY_BURN,
    BY_REVIEW,
    ListRow,
    list_rows,
    listed,
    proposed_count,
    reviews_due,
)
from incidents.problem.queries.record import notes_on, story_of
from incidents.problem.queries.sight import as_found, by_reference, is_confidential, may_see, still_read

__all__ = [
    "BY_BURN",
    "BY_REVIEW",
    "Fix",
    "ListRow",
    "as_found",
    "by_reference",
    "fixed_by",
    "fixes_come_from",
    "fixes_of",
    "incident_ids",
    "incidents_of",
    "is_confidential",
    "list_rows",
    "listed",
    "lying_in",
    "may_see",
    "notes_on",
    "owned_by",
    "problems_of",
    "proposed_count",
    "reviews_due",
    "still_read",
    "story_of",
    "waiting_for",
]
