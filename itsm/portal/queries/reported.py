"""What somebody reported, as they read it."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from incidents.incident import queries as incidents
from incidents.incident.vocabulary import HoldReason
from incidents.incident.workflow import Status
from itsm.kernel.actors import Actor
from itsm.portal.queries.lines import Line

if TYPE_CHECKING:
    from incidents.models import Incident

DATED = "opened_at"
WAITS_FOR_ME = Q(status=Status.ON_HOLD, hold_reason=HoldReason.CALLER) | Q(status=Status.RESOLVED)
STILL_OPEN = ~Q(status__in=(Status.CLOSED, Status.CANCELLED))
_WORDS: dict[str, tuple[Any, str]] = {
    Status.NEW: (_("Received"), "blue"),
    Status.IN_PROGRESS: (_("Being worked on"), "blue"),
    Status.ON_HOLD: (_("Paused"), "grey"),
    Status.RESOLVED: (_("Solved"), "green"),
    Status.CLOSED: (_("Over"), "grey"),
    Status.CANCELLED: (_("Not pursued"), "grey"),
}


def open_for_me(at: datetime) -> Q:
    """It is not closed: what is solved waits for their word."""
    return STILL_OPEN


def own(actor: Actor) -> "QuerySet[Incident]":
    """Those that are for them, or that they reported."""
    return _rows(actor).filter(_mine(actor))


def followed(actor: Actor) -> "QuerySet[Incident]":
    """Those of others that were shared with them; for who works here those that they reported for nobody."""
    return _rows(actor).exclude(_mine(actor))


def lines(rows: "Iterable[Incident]", actor: Actor) -> list[Line]:
    """In the words of who asks."""
    return [_line(one, actor) for one in rows]


def in_words(incident: "Incident") -> tuple[str, str]:
    """How it stands, for others than whose it is: words and tone."""
    words, tone = _WORDS[incident.status]
    return str(words), tone


def _rows(actor: Actor) -> "QuerySet[Incident]":
    return incidents.for_list(actor, ("caller_id", "opened_by_id"))


def _mine(actor: Actor) -> Q:
    return Q(caller=actor.id) | Q(opened_by=actor.id)


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
