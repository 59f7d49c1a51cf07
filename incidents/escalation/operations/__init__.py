"""Escalations of incidents, and the table of routes."""

from incidents.escalation.operations.calling import (
    JOINED,
    call_alone,
    exhausted,
    follow,
    follow_queue,
    held,
    is_over,
    joined,
    joined_when_due,
    lock,
    over,
    page_for,
    progressed_at,
    work_begins,
)
from incidents.escalation.operations.routes import (
    add_route,
    apply_preset,
    edit_route,
    follow_routes,
    move_route,
    remove_route,
)

__all__ = [
    "JOINED",
    "add_route",
    "apply_preset",
    "call_alone",
    "edit_route",
    "exhausted",
    "follow",
    "follow_queue",
    "follow_routes",
    "held",
    "is_over",
    "joined",
    "joined_when_due",
    "lock",
    "move_route",
    "over",
    "page_for",
    "progressed_at",
    "remove_route",
    "work_begins",
]
