"""Reads of problems, shaped for lists, the record, incidents and what lies above."""

from incidents.problem.queries.broadcasts import Progress, broadcasts_of
from incidents.problem.queries.burn import (
    BurnSheet,
    Owners,
    burn_of,
    owners_of_causes,
    parts_by_problem,
    ranked_at,
    share_of,
    total_minutes,
    unowned,
)
from incidents.problem.queries.duties import lying_in, lying_with, owned_by
from incidents.problem.queries.known_errors import Offer, fitting, known_errors
from incidents.problem.queries.linked import (
    Fix,
    fixed_by,
    fixes_come_from,
    fixes_of,
    incident_ids,
    incidents_of,
    may_ask_for_fix,
    may_tell,
    problems_of,
    waiting_for,
)
from incidents.problem.queries.listing import (
    BY_BURN,
    BY_REVIEW,
    ListRow,
    list_rows,
    listed,
    proposed_for,
    reviews_due,
    worth_improving,
)
from incidents.problem.queries.proof import FixProof, proofs_of_fix
from incidents.problem.queries.record import notes_on, story_of
from incidents.problem.queries.sight import as_found, by_reference, is_confidential, may_see, still_read

__all__ = [
    "BY_BURN",
    "BY_REVIEW",
    "BurnSheet",
    "Fix",
    "FixProof",
    "ListRow",
    "Offer",
    "Owners",
    "Progress",
    "as_found",
    "broadcasts_of",
    "burn_of",
    "by_reference",
    "fitting",
    "fixed_by",
    "fixes_come_from",
    "fixes_of",
    "incident_ids",
    "incidents_of",
    "is_confidential",
    "known_errors",
    "list_rows",
    "listed",
    "lying_in",
    "lying_with",
    "may_ask_for_fix",
    "may_see",
    "may_tell",
    "notes_on",
    "owned_by",
    "owners_of_causes",
    "parts_by_problem",
    "problems_of",
    "proofs_of_fix",
    "proposed_for",
    "ranked_at",
    "reviews_due",
    "share_of",
    "still_read",
    "story_of",
    "total_minutes",
    "unowned",
    "waiting_for",
    "worth_improving",
]
