"""The history as a file, written while it is read: CSV for spreadsheets, NDJSON with everything."""

import json
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _

from itsm.accounts.models import User
from itsm.accounts.step_up import require_proof
from itsm.audit.models import Entry
from itsm.audit.recording import record_event
from itsm.audit_trail.permissions import audit_readers
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted
from itsm.ui.csv_answers import csv_answer, file_answer

_HEAD = ("id", "at", "who", "account_type", "door", "event", "record_kind", "record_id", "reference", "changes",
         "remark", "request")  # fmt: skip


def export(rows: QuerySet[Entry], form: str, *, actor: Actor) -> StreamingHttpResponse:
    """`form`: csv or ndjson. It is noted who took it away. Raises NotPermitted, PasswordNeeded."""
    if not audit_readers(actor) or not actor.is_human or actor.id is None:
        raise NotPermitted(_("%(actor_name)s may not export the history.") % {"actor_name": actor.name})
    require_proof(actor, doing=_("export the history"))
    reader = User.objects.get(pk=actor.id)
    record_event("user.audit_exported", reader, actor=actor, changes={"form": [None, form]})
    found = rows.iterator(chunk_size=2000)
    if form == "csv":
        return csv_answer("audit", _HEAD, (_cells(one) for one in found))
    return file_answer("audit.ndjson", "application/x-ndjson", _lines(found))


def _cells(one: Entry) -> list[Any]:
    return [
        one.pk, one.at.isoformat(), one.actor_name, one.actor_kind, one.via, one.event, one.record_kind, one.record_id,
        one.reference, json.dumps(one.changes, ensure_ascii=False), one.remark, one.request_id,
    ]  # fmt: skip


def _lines(rows: Iterator[Entry]) -> Iterator[str]:
    for one in rows:
        said = dict(zip(_HEAD, _cells(one), strict=True)) | {"changes": one.changes}
        yield json.dumps(said, ensure_ascii=False) + "\n"
