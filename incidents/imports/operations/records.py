"""Drafts as columns of an incident, and columns as they are remembered to tell them from what people edit."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from incidents.imports.formats.drafts import Draft
from incidents.imports.operations.stand_ins import StandIns
from incidents.incident.workflow import OPEN
from itsm.audit.recording import plain

# What belongs together: whoever edited one of them here keeps all of them.
STATE = ("status", "hold_reason", "resolution_code", "resolved_at", "closed_at")
TOGETHER: tuple[tuple[str, ...], ...] = (
    STATE,
    ("impact", "urgency", "priority"),
    ("title",),
    ("opened_at",),
    ("reopened",),
    ("reassigned",),
    ("caller_id",),
    ("opened_by_id",),
    ("assigned_to_id",),
    ("team_id",),
    ("category_id",),
    ("attributes",),
)
COLUMNS = tuple(name for names in TOGETHER for name in names)


def columns_of(draft: Draft, stand_ins: StandIns, triage: int) -> dict[str, Any]:
    """The columns that an import writes. What is open goes to nobody who does not work here; their name is kept.

    A team that takes nothing is no queue to wait in, and whoever is inactive picks nothing up: triage, and nobody.
    """
    attributes = dict(draft.attributes)
    team, person = stand_ins.teams.get(draft.team), stand_ins.people.get(draft.assigned_to)
    if draft.status in OPEN:
        if team is not None and (team.retired_at is not None or not team.takes_work):
            team, attributes["assignment_group"] = None, draft.team
        if person is not None and not person.is_active:
            person, attributes["assigned_to"] = None, draft.assigned_to
    caller, opener = stand_ins.people.get(draft.caller), stand_ins.people.get(draft.opened_by)
    category = stand_ins.categories.get(draft.category)
    return {
        "status": str(draft.status),
        "hold_reason": draft.hold_reason,
        "resolution_code": str(draft.resolution_code),
        "resolved_at": draft.resolved_at,
        "closed_at": draft.closed_at,
        "impact": draft.impact,
        "urgency": draft.urgency,
        "priority": draft.priority,
        "title": draft.title,
        "opened_at": draft.opened_at,
        "reopened": draft.reopened,
        "reassigned": draft.reassigned,
        "caller_id": caller.pk if caller else None,
        "opened_by_id": opener.pk if opener else None,
        "assigned_to_id": person.pk if person else None,
        "team_id": team.pk if team else triage,
        "category_id": category.pk if category else None,
        "attributes": attributes,
    }


def remembered(columns: Mapping[str, Any]) -> dict[str, Any]:
    """The columns as JSON keeps them."""
    return {name: plain(columns[name]) for name in COLUMNS}


def untouched(record: Any, written: Mapping[str, Any]) -> list[str]:
    """The columns that stand as the import left them, those that belong together all or none."""
    return [
        name
        for names in TOGETHER
        if all(name in written and _same(getattr(record, name), written[name]) for name in names)
        for name in names
    ]


def _same(now: Any, then: Any) -> bool:
    if isinstance(now, datetime) and isinstance(then, str):
        return now == datetime.fromisoformat(then)
    return bool(now == then)
