"""The timeline of a war room: history, notes, updates, moments, and what others registered, newest first.

Whoever asks again says by a cursor what they have. Rows become visible a moment after their numbers are given out, so
the last two minutes are told once more: a line's key says whether it is known.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from incidents.incident.queries.story import notes_seen
from incidents.major.models import Major
from incidents.major.queries.timeline_sources import Happened, gathered
from incidents.major.vocabulary import Source
from itsm.audit.models import Entry
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput
from itsm.ui.event_texts import sentence

MOST = 200
_OVERLAP = timedelta(minutes=2)
_LONGEST = 1000
# Their words stand in a row of their own.
_TOLD_ELSEWHERE = frozenset({"incident.noted", "major.updated", "major.moment_added", "major.moment_removed"})
_NAMED = ("task", "person", "moment", "merged", "because")
_BY_THEMSELVES = frozenset({"next_update_at", "priority_by", "paged"})  # fields that nobody types
_CURSOR = re.compile(r"e([0-9]{1,18})\.n([0-9]{1,18})\.u([0-9]{1,18})\.m([0-9]{1,18})\.t([0-9]{1,11})", re.ASCII)


class Told(NamedTuple):
    """What is read of an entry of history: rows, since a room asks for hundreds every five seconds."""

    id: int
    at: datetime
    event: str
    remark: str
    changes: dict[str, Any]
    actor_name: str


@dataclass(frozen=True, slots=True)
class Line:
    """What happened at `at`. `number`: that of its row in its own source, 0 for what others registered."""

    key: str
    at: datetime
    text: str
    source: Source
    by: str = ""
    url: str = ""
    number: int = 0
    pinned: int = 0  # the moment that pins it


@dataclass(frozen=True, slots=True)
class Timeline:
    """`lines`, newest first; `after`: what to send to be told only what is new."""

    lines: list[Line]
    after: str


def timeline_of(major: Major, actor: Actor, *, now: datetime, after: str = "") -> Timeline:
    """The newest 200 lines; with a cursor those that are new since, and the last two minutes. Five queries and those of
    the sources. Raises InvalidInput for what is no cursor."""
    since = _read(after)
    found = _all(major)
    newest = sorted(found, key=lambda one: (one.at, one.key), reverse=True)[:MOST]
    cursor = _cursor(found, now)
    return Timeline(newest if since is None else [one for one in newest if _is_new(one, since)], cursor)


def line_of(major: Major, key: str, actor: Actor) -> Line | None:
    """The line of this key, where there is one."""
    return next((one for one in _all(major) if one.key == key), None)


def _all(major: Major) -> list[Line]:
    moments = list(major.moments.select_related("by"))
    pins = {one.key: one.pk for one in moments if one.key}
    lines = [*_history(major), *_notes(major), *_updates(major), *_others(major)]
    own = [
        Line(f"moment:{one.pk}", one.at, one.text, Source.MOMENT, str(one.by or ""), number=one.pk, pinned=one.pk)
        for one in moments
        if not one.key
    ]
    return [*own, *(_with_pin(one, pins) for one in lines)]


def _with_pin(line: Line, pins: dict[str, int]) -> Line:
    pin = pins.get(line.key, 0)
    return line if not pin else Line(line.key, line.at, line.text, line.source, line.by, line.url, line.number, pin)


def _history(major: Major) -> Iterator[Line]:
    for record, source in ((major.incident, Source.INCIDENT), (major, Source.MAJOR)):
        entries = Entry.objects.filter(record_kind=record.kind, record_id=record.pk).order_by("-id")
        told = entries.exclude(event__in=_TOLD_ELSEWHERE).values_list(*Told._fields)
        for entry in map(Told._make, told[:MOST]):
            text = _told(entry, record)
            yield Line(f"entry:{entry.id}", entry.at, text, source, entry.actor_name, number=entry.id)


def _told(entry: Told, record: Model) -> str:
    said = sentence(entry.event)
    added = entry.remark or _what_changed(entry, record)
    return _short(f"{said}: {added}" if added else said)


def _what_changed(entry: Told, record: Model) -> str:
    """Of a plain edit the names of the fields; else what the event names, such as a task or a person."""
    if entry.event.endswith((".edited", ".appointed")):
        return ", ".join(_label(record, name) for name in entry.changes if name not in _BY_THEMSELVES)
    named = [entry.changes[one] for one in _NAMED if one in entry.changes]
    return ", ".join(str(after if after is not None else before) for before, after in named)[:200]


def _label(record: Model, name: str) -> str:
    try:
        return str(getattr(record._meta.get_field(name.removesuffix("_id")), "verbose_name", name))
    except FieldDoesNotExist:
        return name


def _notes(major: Major) -> Iterator[Line]:
    notes = notes_seen(major.incident, with_private=True).order_by("-id").select_related(None)
    for pk, at, text, name, login in notes.values_list("pk", "at", "text", "by__name", "by__username")[:MOST]:
        yield Line(f"note:{pk}", at, _short(text), Source.NOTE, name or login or "", number=pk)


def _updates(major: Major) -> Iterator[Line]:
    for one in major.updates.select_related("by")[:MOST]:
        reached = ngettext("%(told)d person was told", "%(told)d people were told", one.told) % {"told": one.told}
        said = f"{_short(one.text)} ({reached})"
        yield Line(f"update:{one.pk}", one.at, said, Source.UPDATE, str(one.by or ""), number=one.pk)


def _others(major: Major) -> Iterator[Line]:
    for one in gathered([major.incident_id]):
        yield _line(one)


def _line(one: Happened) -> Line:
    return Line(one.key, one.at, _short(one.text), one.source, one.by, one.url)


def _short(text: str) -> str:
    said = " ".join(text.split())
    return said if len(said) <= _LONGEST else f"{said[: _LONGEST - 1]}…"


def _newest(lines: list[Line], word: str) -> int:
    return max((one.number for one in lines if one.key.startswith(f"{word}:")), default=0)


def _cursor(lines: list[Line], now: datetime) -> str:
    entry, note, update, moment = (_newest(lines, word) for word in ("entry", "note", "update", "moment"))
    return f"e{entry}.n{note}.u{update}.m{moment}.t{int(now.timestamp())}"


def _read(after: str) -> tuple[dict[str, int], datetime] | None:
    if not after:
        return None
    found = _CURSOR.fullmatch(after)
    if found is None or int(found[5]) > 32503680000:  # the year 3000
        raise InvalidInput.about("after", _("Send what the last answer said in “after”, or nothing."))
    numbers = dict(zip(("entry", "note", "update", "moment"), map(int, found.groups()[:4]), strict=True))
    return numbers, datetime.fromtimestamp(int(found[5]), UTC) - _OVERLAP


def _is_new(line: Line, since: tuple[dict[str, int], datetime]) -> bool:
    numbers, at = since
    return line.at >= at or line.number > numbers.get(line.key.partition(":")[0], line.number)
