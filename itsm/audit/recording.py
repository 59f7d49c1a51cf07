"""Writing history. Called by `itsm.lifecycle` and by operations, never by views."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection, models

from itsm.audit.models import Entry
from itsm.kernel.actors import Actor

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


_NOTE = """
INSERT INTO audit_entry (
  actor_id, actor_name, actor_kind, via, event, record_kind, record_id, reference, changes, remark, request_id, at
) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, statement_timestamp())
"""


def note(event: str, record: Any, *, actor: Actor, changes: Changes | None = None, remark: str = "") -> None:
    """Write one entry about a record (it has `kind`, `pk`, `reference`), in the caller's transaction."""
    who = (actor.id, actor.name[:150], str(actor.kind), str(actor.via))
    what = (event, record.kind, record.pk, str(record.reference)[:80], json.dumps(plain(changes or {})), remark)
    with connection.cursor() as cursor:  # the most frequent write of all: plain SQL
        cursor.execute(_NOTE, [*who, *what, actor.request_id])


def timeline(record: Any, limit: int = 200) -> list[Entry]:
    """The newest entries about a record, newest first."""
    return list(Entry.objects.filter(record_kind=record.kind, record_id=record.pk)[:limit])
