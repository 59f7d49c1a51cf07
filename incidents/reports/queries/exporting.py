"""Incidents as the lines of a file, some thousand at a time; each time the reader's rights are read again."""

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from incidents.incident import permissions
from incidents.incident.models import NEVER, Incident
from itsm import replica
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.accounts.queues import rights_in_queues
from itsm.accounts.reading import was_read
from itsm.audit.recording import plain
from itsm.fields.filtering import Column, csv_columns
from itsm.fields.models import Field
from itsm.fields.queries import Names, seen
from itsm.fields.values import for_rest
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from itsm.ui.csv_answers import cell_of
from itsm.work.time_worked import minutes_by_record

CHUNK = 2000
HEAD = (
    "number", "title", "description", "state", "priority", "impact", "urgency", "major", "team", "service", "category",
    "channel", "caller", "opened_by", "assigned_to", "hold_reason", "resolution", "resolution_code", "cancel_code",
    "opened_at", "acknowledged_at", "first_response_at", "resolved_at", "closed_at", "due_at", "reopened", "reassigned",
    "escalated_functionally", "escalated_hierarchically", "minutes_worked", "labels",
)  # fmt: skip
Choose = Callable[[Actor], QuerySet[Incident]]


def as_it_is_now(actor: Actor) -> Actor:
    """The same actor by what the account may do now. Raises NotPermitted where it may no longer come in."""
    account = User.objects.filter(pk=actor.id or 0, is_active=True).first()
    if account is None:
        raise NotPermitted("The account was closed while it exported.")
    scopes = None if actor.scopes is None else sorted(actor.scopes)
    return actor_for(account, actor.via, scopes=scopes, request_id=actor.request_id)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows, and the typed fields and names as the reader may see them now."""

    rows: list[Incident]
    fields: list[Field]
    names: Names
    reads: Callable[[Incident], bool]  # all of it, not only what is there for its caller

    def attributes(self, one: Incident) -> dict[str, Any]:
        """The values of a row's typed fields by key, as REST shows them."""
        return for_rest(self._seen(one), one.attributes, self.names)

    def cells(self, one: Incident) -> dict[str, str]:
        """The same as the columns of a table."""
        columns = map(Column, self._seen(one))
        return {column.name: column.cell(one.attributes, self.names) for column in columns}

    def _seen(self, one: Incident) -> list[Field]:
        return self.fields if self.reads(one) else [field for field in self.fields if field.requester_sees]


def chunks(actor: Actor, choose: Choose) -> Iterator[Chunk]:
    """What the actor may see of what `choose` finds, by number; one query for each chunk, nothing kept between them.

    Raises NotPermitted, in the middle too: a file that breaks off is not taken for a whole one.
    """
    last = 0
    while found := _next_of(choose, now := as_it_is_now(actor), last):
        rights, works_here = rights_in_queues(now), permissions.staff(now)
        hidden = rights.hidden
        for one in found:  # a file of a confidential queue is read as each of its records is
            if one.team_id in rights.confidential:
                was_read(one, now)
        reads = _reader(works_here, hidden)
        worked = minutes_by_record(Incident.kind, [one.pk for one in found])
        for one in found:  # for those who work there alone
            one.minutes_worked = worked.get(one.pk, 0) if reads(one) else None  # type: ignore[attr-defined]
        fields = seen(Incident.kind, now, works_here=works_here)
        names = Names(now, fields, [one.attributes for one in found])
        yield Chunk(found, fields, names, reads)
        last = found[-1].pk


def _next_of(choose: Choose, now: Actor, last: int) -> list[Incident]:
    """Rights are those of this moment; the rows may be some seconds old."""
    return replica.ask(lambda: list(choose(now).filter(pk__gt=last).order_by("pk")[:CHUNK]))


def _reader(works_here: bool, hidden: frozenset[int]) -> Callable[[Incident], bool]:
    return lambda one: works_here and one.team_id not in hidden


class _Line:
    def write(self, text: str) -> str:
        return text


def as_csv(actor: Actor, parts: Iterator[Chunk]) -> Iterator[str]:
    """Lines of CSV; texts cannot become formulas. A column for each typed field that the actor sees as it begins."""
    writer: Any = csv.writer(_Line())
    typed = [column.name for column in csv_columns(Incident.kind, actor, works_here=permissions.staff(actor))]
    yield writer.writerow([*HEAD, *typed])
    for part in parts:
        for one in part.rows:
            said, cells = values(one) | {"labels": ", ".join(one.labels)}, part.cells(one)
            row = [*(said[name] for name in HEAD), *(cells.get(name, "") for name in typed)]
            yield writer.writerow([cell_of(cell) for cell in row])


def as_jsonl(actor: Actor, parts: Iterator[Chunk]) -> Iterator[str]:
    """One object a line, with the typed fields by key as `attributes`."""
    for part in parts:
        for one in part.rows:
            yield json.dumps({**values(one), "attributes": part.attributes(one)}, ensure_ascii=False) + "\n"


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
