"""Reads of incidents, shaped for the list, the record, the services and the settings."""

from incidents.incident.queries.duties import assigned_to, lying_in, placed_by
from incidents.incident.queries.feeling import FeltBy, felt_by
from incidents.incident.queries.listing import SOON, for_list, labels_seen, listed, soon, with_seen_services
from incidents.incident.queries.of_services import (
    affected_items,
    confidential_among,
    in_trouble,
    last_settled_alert,
    open_between,
    open_on,
    opened_by_burns,
    opened_since,
    state_by,
)
from incidents.incident.queries.placing import (
    categories,
    matrices,
    matrix_differences,
    matrix_grid,
    priority_said,
    queues_for,
)
from incidents.incident.queries.record import Family, by_reference, family_of, survivor_of
from incidents.incident.queries.sight import (
    as_found,
    hidden_from,
    is_confidential,
    may_see,
    reading_of_files,
    seen_by,
    speakers,
    still_read,
)
from incidents.incident.queries.story import newest_event, newest_note, notes_on, notes_seen, replied_since, story_of

__all__ = [
    "SOON",
    "Family",
    "FeltBy",
    "affected_items",
    "as_found",
    "assigned_to",
    "by_reference",
    "categories",
    "confidential_among",
    "family_of",
    "felt_by",
    "for_list",
    "hidden_from",
    "in_trouble",
    "is_confidential",
    "labels_seen",
    "last_settled_alert",
    "listed",
    "lying_in",
    "matrices",
    "matrix_differences",
    "matrix_grid",
    "may_see",
    "newest_event",
    "newest_note",
    "notes_on",
    "notes_seen",
    "open_between",
    "open_on",
    "opened_by_burns",
    "opened_since",
    "placed_by",
    "priority_said",
    "queues_for",
    "reading_of_files",
    "replied_since",
    "seen_by",
    "soon",
    "speakers",
    "state_by",
    "still_read",
    "story_of",
    "survivor_of",
    "with_seen_services",
]
