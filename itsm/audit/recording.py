"""Writing history. Called by `itsm.lifecycle` and by operations, never by views."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection, models, transaction
from django.utils.translation import gettext

from itsm import rows
from itsm.audit.models import Entry
from itsm.audit.of_agents import MAY_NOTE
from itsm.kernel.actors import Actor, Kind
from itsm.kernel.errors import NotPermitted

Changes = Mapping[str, Sequence[Any]]


def plain(value: Any) -> Any:
    """A value as JSON can hold it: exact decimals as text, times with their zone, records by reference."""
    match value:
        case None | bool() | int() | str():
            return value
        case Decimal():
            return str(value)
        case datetime() | date():
            return value.isoformat()
        case models.Model():
            return getattr(value, "reference", None) or str(value)
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(item) for item in value]
    return str(value)


_TIMELINE = "it.record_kind = %(kind)s AND it.record_id = %(id)s ORDER BY it.id DESC LIMIT %(limit)s"
_NOTE = """
INSERT INTO audit_entry (
  actor_id, actor_name, actor_kind, via, event, record_kind, record_id, reference, changes, remark, request_id, at
) VALUES """
_ROW = "(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, coalesce(%s::timestamptz, statement_timestamp()))"


@dataclass(slots=True)
class _Waiting:
    """Entries to be written together, and how deep in savepoints they were noted."""

    depth: int
    rows: list[Sequence[Any]]


_waiting: ContextVar[_Waiting | None] = ContextVar("entries waiting", default=None)
_told_of: ContextVar[datetime | None] = ContextVar("the instant that is told of", default=None)
_proposed: ContextVar[tuple[int | None, str] | None] = ContextVar("who does it, and who proposed it", default=None)


@contextmanager
def proposed_by(name: str, actor: Actor) -> Iterator[None]:
    """What the actor is noted to have done inside says as well who proposed it, such as a software agent."""
    token = _proposed.set((actor.id, name))
    try:
        yield
    finally:
        _proposed.reset(token)


@contextmanager
def telling_of(at: datetime) -> Iterator[None]:
    """What is noted inside says that it happened `at`: for a company that is founded with its past, no one else."""
    token = _told_of.set(at)
    try:
        yield
    finally:
        _told_of.reset(token)


@contextmanager
def together() -> Iterator[None]:
    """What is noted inside is written at the end, in order, by one statement in the transaction that goes on.

    An error that leaves it takes the caller's transaction with it, and so the entries. What is noted deeper, where a
    savepoint may be rolled back alone, is written there and then, ahead of what waits: note nothing before such a part.
    """
    if _waiting.get() is not None:
        yield
        return
    collected = _Waiting(_depth(), [])
    token = _waiting.set(collected)
    try:
        yield
    finally:
        _waiting.reset(token)
    _write(collected.rows)


def _depth() -> int:
    """How many savepoints are open. Outside of transactions there is none to wait in."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("entries wait inside of a transaction only")
    return len(connection.savepoint_ids)


def _write(rows: list[Sequence[Any]]) -> None:
    if not rows:
        return
    with connection.cursor() as cursor:  # the most frequent write of all: plain SQL
        cursor.execute(_NOTE + ", ".join([_ROW] * len(rows)), [value for row in rows for value in row])


def record_event(event: str, record: Any, *, actor: Actor, changes: Changes | None = None, remark: str = "") -> None:
    """Write one entry about a record (it has `kind`, `pk`, `reference`), in the caller's transaction.

    Raises NotPermitted for who looks at the desk with the rights of others, and for a software agent that did what
    only people do.
    """
    if actor.looks_only:
        raise NotPermitted(gettext("You look at the desk with the rights of others: nothing is written meanwhile."))
    if actor.kind is Kind.AGENT and event not in MAY_NOTE:
        raise NotPermitted(gettext("A software agent does not do this (%(event)s): a person does.") % {"event": event})
    who = (actor.id, actor.name[:150], str(actor.kind), str(actor.via))
    told = plain(changes or {})
    if (proposed := _proposed.get()) is not None and proposed[0] == actor.id:
        told = {**told, "proposed_by_agent": [None, proposed[1]]}
    what = (event, record.kind, record.pk, str(record.reference)[:80], json.dumps(told), remark)
    row = [*who, *what, actor.request_id, _told_of.get()]
    waiting = _waiting.get()
    if waiting is None or len(connection.savepoint_ids) != waiting.depth:
        _write([row])
    else:
        waiting.rows.append(row)


def timeline(record: Any, limit: int = 200) -> list[Entry]:
    """The newest entries about a record, newest first."""
    given = {"kind": record.kind, "id": record.pk, "limit": limit}
    return rows.every(Entry, (), _TIMELINE, given)


def newest_entry(record: Any, *, without: Collection[str] = ()) -> int:
    """The id of the newest entry about a record that is none of these events; 0 where there is none."""
    told = Entry.objects.filter(record_kind=record.kind, record_id=record.pk).exclude(event__in=without)
    return told.order_by("-id").values_list("id", flat=True).first() or 0


def who_did(record: Any, *events: str) -> set[int]:
    """The accounts that ever did one of these to a record."""
    told = Entry.objects.filter(record_kind=record.kind, record_id=record.pk, event__in=events, actor_id__isnull=False)
    return {pk for pk in told.order_by().values_list("actor_id", flat=True).distinct() if pk is not None}


def last_time(record: Any, event: str) -> datetime | None:
    """When this last happened to a record; None where it never did."""
    return (
        Entry.objects.filter(record_kind=record.kind, record_id=record.pk, event=event)
        .order_by("-id")
        .values_list("at", flat=True)
        .first()
    )
