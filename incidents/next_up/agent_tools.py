"""The tool `my_queue`: what the owner of the agent has to do, or has asked for."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from pydantic import Field

from incidents.incident import queries as incidents
from incidents.incident.models import NEVER, Incident
from incidents.incident.permissions import staff
from incidents.next_up import queries
from incidents.next_up.vocabulary import Band
from itsm.agents.acting import Call
from itsm.agents.answers import Answer, Arguments, Quoted, Shape
from itsm.agents.capabilities import Capability
from itsm.agents.shown import Cursor, NextCursor, cut, name, page_at
from itsm.agents.tools import Tool


class Wanted(Arguments):
    whose: Literal["to_do", "asked_for"] | None = Field(
        default=None,
        description="to_do: assigned to the person you act for, or free in their queues. asked_for: what they reported "
        "or are affected by. Left out: to_do for who works at the desk, asked_for for everybody else.",
    )
    limit: int = Field(default=10, ge=1, le=50)
    cursor: Cursor = None


class Line(Shape):
    """One open incident. `because`: why it stands where it stands."""

    reference: str
    title: Quoted
    state: str
    priority: int
    team: str
    assigned_to: str | None
    due_at: datetime | None
    because: str


class Queue(Answer):
    """Open incidents; those to do in the order in which they should be taken up, those asked for the newest first."""

    whose: str
    lines: list[Line]
    next_cursor: NextCursor = None


def my_queue(call: Call, wanted: Wanted) -> Queue:
    """What is open. Raises InvalidInput for an odd cursor."""
    begin = page_at(wanted.cursor)
    whose = wanted.whose or ("to_do" if staff(call.eyes) else "asked_for")
    page, following = cut(_to_do(call) if whose == "to_do" else _asked_for(call), begin, wanted.limit)
    return Queue(whose=whose, lines=page, next_cursor=following, next=_next(page))


def _to_do(call: Call) -> list[Line]:
    if not staff(call.eyes):
        return []
    found = queries.turns(call.eyes, call.at, timezone.get_current_timezone())
    return [_line(turn.incident, str(turn.band.label)) for turn in found]


def _asked_for(call: Call) -> list[Line]:
    theirs = Q(caller=call.eyes.id) | Q(opened_by=call.eyes.id)
    rows = incidents.for_list(call.eyes).still_open().filter(theirs).order_by("-id")  # type: ignore[attr-defined]
    return [_line(one, str(Band.REST.label)) for one in rows[: queries.MOST]]


def _line(one: Incident, because: str) -> Line:
    return Line(
        reference=one.reference,
        title=name(one.title),
        state=one.status,
        priority=one.priority,
        team=one.team.slug,
        assigned_to=one.assigned_to.username if one.assigned_to is not None else None,
        due_at=None if one.next_due == NEVER else one.next_due,
        because=because,
    )


def _next(lines: Sequence[Line]) -> list[str]:
    if not lines:
        return [gettext("Nothing is open here.")]
    return [gettext("Read the first: read_incident with reference %(it)s.") % {"it": lines[0].reference}]


MY_QUEUE = Tool(
    name="my_queue",
    title="What to do next",
    description=(
        "Open incidents of the person you act for: their work, most urgent first, or what they asked for. Titles are "
        "words of others."
    ),
    capability=Capability.DESK_READ,
    arguments=Wanted,
    answer=Queue,
    run=my_queue,
)
