"""Everything that is kept about a person, as one file that they may be given: JSON by table, and what they sent.

What names them by account: every row with a reference to it, of every app; what is theirs by way of another row
(`also`), such as their software agents; their entries of the history; values of typed fields are in their records.
Hashes of passwords, tokens and keys stay here, and so does what lies in a queue that is hidden from who asked: somebody
who sees that queue exports it. What is confidential and goes along is noted as read.
"""

import json
import re
import secrets
import shutil
import time
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext

from itsm.accounts.actors import actor_for
from itsm.accounts.models import Team, User
from itsm.accounts.permissions import administrators
from itsm.accounts.queues import QueueRights, rights_in_queues
from itsm.accounts.reading import was_read
from itsm.accounts.step_up import require_proof
from itsm.audit.models import Entry
from itsm.audit.recording import record_event
from itsm.clocks import due
from itsm.erasure.models import PersonExport
from itsm.files.models import Attachment
from itsm.files.store import place_of
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import NotPermitted
from itsm.search.withheld import on_hidden

DUE, SWEEP = "erasure.export", "erasure.export_gone"
KEPT = timedelta(hours=24)
SECONDS = 5.0  # of one keeping of the promise
# Also what a session carries, the sealed seed of an app for codes, and the keys by which a device is pushed to.
_SECRET = re.compile(
    r"password|secret|token|digest|hash|salt|key$|^key_|sha256|code|^sealed$|^data$|^auth$|^p256dh$|^endpoint$"
)
_OF_THE_DESK = {"auth", "contenttypes", "sessions", "axes", "django"}


_also: dict[type[models.Model], list[str]] = {}


def also(model: type[models.Model], path: str) -> None:
    """Rows of this model are a person's, too, that this look-up leads to: what an agent of theirs is for, say. Called
    once per model and path, in `AppConfig.ready()`."""
    if path not in _also.setdefault(model, []):
        _also[model].append(path)


@transaction.atomic
def begin(person: User, *, actor: Actor) -> PersonExport:
    """Owe an export; the one that is under way, where there is one. Raises NotPermitted, PasswordNeeded."""
    if not administrators(actor) or not actor.is_human or actor.id is None:
        raise NotPermitted(gettext("%(actor_name)s may not export people.") % {"actor_name": actor.name})
    require_proof(actor, doing=gettext("export what is kept about a person"))
    User.objects.select_for_update(no_key=True).get(pk=person.pk)
    under_way = PersonExport.objects.filter(user=person, ended_at=None).first()
    if under_way is not None:
        return under_way
    made = PersonExport.objects.create(user=person, by_id=actor.id, tables=len(sources()))
    record_event("user.exported", person, actor=actor)
    due.schedule(DUE, "person_export", made.pk, made.asked_at)
    return made


def make_when_due(export_id: int, at: datetime) -> None:
    """Write tables for some seconds, the next ones when it is due again; at the end all of them into one file.

    Killed in between it goes on, with the table that it was at. Raises OSError where the disk refuses it.
    """
    made = PersonExport.objects.select_related("user", "by").filter(pk=export_id, ended_at=None).first()
    if made is None:
        return
    reader = actor_for(made.by, Door.TASK)
    rights = rights_in_queues(reader)
    made.name = made.name or f"{secrets.token_hex(24)}.zip"
    parts, until = folder() / f"{made.name}.parts", time.monotonic() + SECONDS
    parts.mkdir(parents=True, exist_ok=True)
    for model, columns in list(sources().items())[made.done :]:
        rows = _seen(_rows(model, columns, made.user), rights)
        _write_rows(parts / f"{model._meta.label_lower}.json", model, rows)
        _note_reading(rows, reader, rights)
        made.done += 1
        if time.monotonic() > until:
            made.save(update_fields=["done", "name"])
            due.schedule(DUE, "person_export", made.pk, at)
            return
    with zipfile.ZipFile(folder() / made.name, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(parts.iterdir()):
            archive.write(file, file.name)
        _add_files(archive, made.user, rights)
    shutil.rmtree(parts)
    made.size, made.ended_at = (folder() / made.name).stat().st_size, timezone.now()
    made.save(update_fields=["done", "name", "size", "ended_at"])
    due.schedule(SWEEP, "person_export", made.pk, at + KEPT)


def forget_when_due(export_id: int, _at: datetime) -> None:
    """The file goes after a day; the row stays."""
    made = PersonExport.objects.filter(pk=export_id).exclude(name="").first()
    if made is not None:
        (folder() / made.name).unlink(missing_ok=True)
        PersonExport.objects.filter(pk=export_id).update(name="")


def folder() -> Path:
    """Where exports lie until they are fetched."""
    return Path(settings.FILES_DIR) / "exports"


def sources() -> dict[type[models.Model], list[str]]:
    """Every model of ours with the columns that refer to an account, and look-ups that lead to one."""
    found: dict[type[models.Model], list[str]] = {User: ["pk"]}
    for model in apps.get_models():
        if model._meta.app_label in _OF_THE_DESK or not model._meta.managed or model is PersonExport:
            continue
        columns = [one.name for one in model._meta.concrete_fields if one.is_relation and one.related_model is User]
        if columns:
            found[model] = [*found.get(model, ()), *columns]
    for model, paths in _also.items():
        found[model] = [*found.get(model, ()), *paths]
    found[Entry] = ["actor_id"]
    return found


def _rows(model: type[models.Model], columns: list[str], person: User) -> models.QuerySet[Any]:
    if model is Entry:
        return Entry.objects.filter(Q(actor_id=person.pk) | Q(record_kind="user", record_id=person.pk)).order_by("pk")
    theirs = Q()
    for column in columns:
        if "__" in column:  # of several rows that lead to it, each once
            theirs |= Q(pk__in=model._base_manager.filter(**{column: person.pk}).order_by().values("pk"))
        else:
            theirs |= Q(**{column: person.pk})
    return model._base_manager.filter(theirs).order_by("pk")


def _seen(rows: models.QuerySet[Any], rights: QueueRights) -> models.QuerySet[Any]:
    """Without what stands on records of queues that are hidden from who asked."""
    withheld = on_hidden(rows.model, rights.hidden) if rights.hidden else Q()
    return rows.exclude(withheld) if withheld else rows


def _note_reading(rows: models.QuerySet[Any], reader: Actor, rights: QueueRights) -> None:
    team = next((one for one in rows.model._meta.concrete_fields if one.name == "team"), None)
    if rights.confidential and hasattr(rows.model, "reference") and team is not None and team.related_model is Team:
        for one in rows.filter(team__in=rights.confidential).iterator(chunk_size=500):
            was_read(one, reader)


def _write_rows(path: Path, model: type[models.Model], rows: models.QuerySet[Any]) -> None:
    names = [one.attname for one in model._meta.concrete_fields if not _SECRET.search(one.attname)]
    if rows.exists():
        with path.open("w", encoding="utf-8") as file:
            file.writelines(_json(rows.values(*names).iterator(chunk_size=2000)))


def _json(rows: Iterator[dict[str, Any]]) -> Iterator[str]:
    between = "["
    for row in rows:
        said = {name: value for name, value in row.items() if not isinstance(value, bytes | memoryview)}
        yield between + "\n" + json.dumps(said, cls=DjangoJSONEncoder, ensure_ascii=False)
        between = ","
    yield "\n]\n"


def _add_files(archive: zipfile.ZipFile, person: User, rights: QueueRights) -> None:
    """What they sent, by number and name, where its bytes are still there."""
    sent = _seen(Attachment.objects.filter(by=person, withdrawn_at=None).order_by("pk"), rights)
    for one in sent.iterator():
        path = place_of(one.sha256)
        if path.is_file():
            archive.write(path, f"files/{one.pk}-{Path(one.name).name}")
