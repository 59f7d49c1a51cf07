"""Incidents as the lines of a file, some thousand at a time; each time the reader's rights are read again."""

import csv
import json
from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import QuerySet

from incidents.incident.models import NEVER, Incident
from incidents.incident.permissions import readers
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.audit.recording import plain
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from itsm.ui.csv_answers import cell_of
from itsm.work.time_worked import minutes_by_record

CHUNK = 2000
HEAD = (
    "number", "title", "description", "state", "priority", "impact", "urgency", "major", "team", "service", "category",
    "channel", "caller", "opened_by", "assigned_to", "hold_reason", "resolution", "resolution_code", "cancel_code",
    "opened_at", "acknowledged_at", "first_response_at", "resolved_at", "closed_at", "due_at", "reopened", "reassigned",
    "escalated_functionally", "escalated_hierarchically", "minutes_worked", "attributes",
)  # fmt: skip
Choose = Callable[[Actor], QuerySet[Incident]]


def as_it_is_now(actor: Actor) -> Actor:
    """The same actor by what the account may do now. Raises NotPermitted where it may no longer come in."""
    account = User.objects.filter(pk=actor.id or 0, is_active=True).first()
    if account is None:
        raise NotPermitted("The account was closed while it exported.")
    scopes = None if actor.scopes is None else sorted(actor.scopes)
    return actor_for(account, actor.via, scopes=scopes, request_id=actor.request_id)


def chunks(actor: Actor, choose: Choose) -> Iterator[list[Incident]]:
    """What the actor may see of what `choose` finds, by number; one query for each chunk, nothing kept between them.

    Raises NotPermitted, in the middle too: a file that breaks off is not taken for a whole one.
    """
    last = 0
    while found := list(choose(now := as_it_is_now(actor)).filter(pk__gt=last).order_by("pk")[:CHUNK]):
        worked = minutes_by_record(Incident.kind, [one.pk for one in found])
        for one in found:  # for those who work there alone
            one.minutes_worked = worked.get(one.pk, 0) if readers(now, one) else None  # type: ignore[attr-defined]
        yield found
        last = found[-1].pk


class _Line:
    def write(self, text: str) -> str:
        return text


def as_csv(parts: Iterator[list[Incident]]) -> Iterator[str]:
    """Lines of CSV; texts cannot become formulas."""
    writer: Any = csv.writer(_Line())
    yield writer.writerow(HEAD)
    for found in parts:
        for one in found:
            said = values(one)
            said["attributes"] = json.dumps(said["attributes"], ensure_ascii=False)
            yield writer.writerow([cell_of(said[name]) for name in HEAD])


def as_jsonl(parts: Iterator[list[Incident]]) -> Iterator[str]:
    """One object a line."""
    for found in parts:
        for one in found:
            yield json.dumps(values(one), ensure_ascii=False) + "\n"


def values(one: Incident) -> dict[str, Any]:
    """An incident by the names of HEAD, as JSON can hold it."""
    named = {
        "number": one.reference,
        "state": one.status,
        "team": one.team.slug,
        "service": one.service.slug if one.service else None,
        "category": one.category.path if one.category else None,
        "caller": one.caller.username if one.caller else None,
        "opened_by": one.opened_by.username if one.opened_by else None,
        "assigned_to": one.assigned_to.username if one.assigned_to else None,
        "due_at": None if one.next_due == NEVER else plain(one.next_due),
    }
    return {name: named[name] if name in named else plain(getattr(one, name)) for name in HEAD}
