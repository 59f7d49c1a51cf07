"""Reads of major incidents, shaped for the list, the war room and what lies above."""

from incidents.major.queries.deciding import duty_managers, who_decide
from incidents.major.queries.sight import (
    by_reference,
    is_confidential,
    leads,
    listed,
    may_see,
    moment_of,
    of_incident,
    overdue,
    parts_of,
    playing,
    rules,
    stakeholder_of,
    still_read,
    waiting_for,
)
from incidents.major.queries.suspects import Suspect, suspects_come_from, suspects_of
from incidents.major.queries.timeline import Line, Timeline, line_of, timeline_of

__all__ = [
    "Line",
    "Suspect",
    "Timeline",
    "by_reference",
    "duty_managers",
    "is_confidential",
    "leads",
    "line_of",
    "listed",
    "may_see",
    "moment_of",
    "of_incident",
    "overdue",
    "parts_of",
    "playing",
    "rules",
    "stakeholder_of",
    "still_read",
    "suspects_come_from",
    "suspects_of",
    "timeline_of",
    "waiting_for",
    "who_decide",
]
