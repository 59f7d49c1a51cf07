"""What somebody asked for, in the words of who asks: what it waits for, and above all whether it waits for them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from incidents.incident import queries as incidents
from incidents.incident.vocabulary import HoldReason
from incidents.incident.workflow import Status
from itsm.kernel.actors import Actor

if TYPE_CHECKING:
    from incidents.models import Incident

SHOWN = 8
_WAITING = 20
_WORDS: dict[str, tuple[Any, str]] = {
    Status.NEW: (_("Received"), "blue"),
    Status.IN_PROGRESS: (_("Being worked on"), "blue"),
    Status.ON_HOLD: (_("Paused"), "grey"),
    Status.RESOLVED: (_("Solved"), "green"),
    Status.CLOSED: (_("Over"), "grey"),
    Status.CANCELLED: (_("Not pursued"), "grey"),
}
WAITS_FOR_ME = Q(status=Status.ON_HOLD, hold_reason=HoldReason.CALLER) | Q(status=Status.RESOLVED)
STILL_OPEN = ~Q(status__in=(Status.CLOSED, Status.CANCELLED))


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that somebody asked for. `next`: what it waits for from them, as a sentence; "" for nothing."""

    reference: str
    title: str
    url: str
    words: str
    tone: str
    at: datetime
    next: str = ""


def waiting(actor: Actor) -> list[Line]:
    """What waits for the answer of this actor, the oldest first. One query, and those of the services."""
    rows = _own(actor).filter(WAITS_FOR_ME).order_by("id")[:_WAITING]
    return lines(rows, actor)


def waiting_count(actor: Actor) -> int:
    """How many of those there are, no further than twenty. One query."""
    return len(_own(actor).filter(WAITS_FOR_ME).values_list("pk")[:_WAITING])


def underway(actor: Actor) -> list[Line]:
    """What they asked for and is not over, the latest first, without what waits for them."""
    rows = _own(actor).filter(STILL_OPEN).exclude(WAITS_FOR_ME).order_by("-id")[: SHOWN + 1]
    return lines(rows, actor)


def listed(actor: Actor, tab: str) -> QuerySet[Any]:
    """`open` or `over`: theirs; `followed`: those of others that are shared with them."""
    if tab == "followed":
        return incidents.for_list(actor).exclude(_mine(actor)) if actor.id is not None else _own(actor).none()
    return _own(actor).filter(STILL_OPEN if tab == "open" else ~STILL_OPEN)


def lines(rows: "Iterable[Incident]", actor: Actor) -> list[Line]:
    """In the words of who asks."""
    return [_line(one, actor) for one in rows]


def _mine(actor: Actor) -> Q:
    return Q(caller=actor.id) | Q(opened_by=actor.id)


def _own(actor: Actor) -> "QuerySet[Incident]":
    return incidents.for_list(actor, ("caller_id", "opened_by_id")).filter(_mine(actor))


def _line(incident: "Incident", actor: Actor) -> Line:
    words, tone = _WORDS[incident.status]
    wanted: Any = ""
    if actor.id in {incident.caller_id, incident.opened_by_id}:
        if incident.status == Status.ON_HOLD and incident.hold_reason == HoldReason.CALLER:
            words, tone, wanted = _("Waits for you"), "amber", _("Answer the question")
        elif incident.status == Status.RESOLVED:
            wanted = _("Say whether it works")
    return Line(
        incident.reference, incident.title, incident.get_absolute_url(), str(words), tone,
        incident.opened_at, str(wanted),
    )  # fmt: skip
