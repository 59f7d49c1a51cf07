"""A record's story: audit entries and notes in one line of time, with values as people know them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from itsm.ui.colours import word
from itsm.ui.event_texts import sentence
from itsm.ui.figures import exact

# What only machines care about. A record type adds to it with `untold`: what its sentences say already; and says with
# `vocabularies` which of its values have a word of their own wherever people read them.
_SILENT = {"note", "version", "proposed_by_agent"}
_WORDS_LONGEST = 120
_AT_ONCE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Delta:
    """One field before and after, as shown."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the story. `text` is what a person wrote; `private` tints it.

    `origin`: the other record that it was written on. `files`: what came with it, as far as the reader may see it;
    `mail`: the mail that it came by. `proposed_by`: the software agent whose proposal a person accepted by it.
    """

    at: datetime
    who: str
    is_person: bool
    sentence: str
    text: str = ""
    private: bool = False
    via: str = ""
    origin: str = ""
    deltas: list[Delta] = field(default_factory=list)
    files: Sequence[Any] = ()
    mail: Any = None
    proposed_by: str = ""
    said: bool = False  # a note, or a reply
    entry: int | None = None  # the audit entry behind it: by it a page knows what it has


def activity(
    record: Any, entries: Sequence[Any], notes: Iterable[Any] = (), *, parts: Iterable[Any] = ()
) -> list[Event]:
    """Newest first. A note's entry and the note are one event; a note that may not be seen leaves no trace.

    `parts`: models of what has a history within the record's, whose states have words of their own.
    """
    told_by = {part.kind: part for part in parts}
    by_id = {note.pk: note for note in notes}
    names = _names(record, entries)
    events = (_event(record, entry, by_id, names, told_by.get(entry.record_kind, record)) for entry in entries)
    return _said_once([event for event in events if event is not None])


def _said_once(events: Sequence[Event]) -> list[Event]:
    """The same words by the same person for the team and in public, one after the other, are one event: of a
    broadcast, its note for the desk, which names where it comes from, with that the caller has it too."""
    told: list[Event] = []
    for event in events:  # newest first: the public word came after the note
        after = told[-1] if told else None
        if after is not None and _is_for_both(event, after):
            told[-1] = replace(
                event,
                at=after.at,
                private=False,
                sentence=_("told the team and the caller"),
                entry=after.entry,
                files=[*event.files, *after.files],
            )
        else:
            told.append(event)
    return told


def _is_for_both(note: Event, reply: Event) -> bool:
    alike = note.who == reply.who and note.origin == reply.origin and reply.at - note.at < _AT_ONCE
    for_both = note.said and reply.said and note.private and not reply.private and bool(reply.text)
    return alike and for_both and note.text.endswith(reply.text) and not (note.deltas or reply.deltas)


def _event(
    record: Any, entry: Any, notes: dict[int, Any], names: dict[str, dict[Any, str]], told_by: Any
) -> Event | None:
    text, private, files, mail, only_words = entry.remark, False, (), None, entry.event.endswith(".noted")
    if only_words or "note" in entry.changes:  # words alone, or words with what else was done as one
        note = notes.get(entry.changes.get("note", [None, None])[1])
        if note is None and only_words:
            return None
        if note is not None:
            text, private = "\n\n".join(dict.fromkeys(filter(None, [note.text, text]))), note.private
            files, mail = getattr(note, "files", ()), getattr(note, "mail", None)
    return Event(
        at=entry.at,
        who=entry.actor_name,
        is_person=entry.actor_kind == "human",
        sentence=_("noted for the team") if private and only_words else sentence(entry.event),
        text=text,
        private=private,
        via=entry.via,
        said=entry.event.endswith(".noted"),
        entry=entry.pk,
        origin=entry.reference if entry.record_id != record.pk else "",
        deltas=[] if entry.event.endswith(".created") else _deltas(told_by, entry, names),
        files=files,
        mail=mail,
        proposed_by=str(entry.changes.get("proposed_by_agent", ["", ""])[1]),
    )


def _deltas(record: Any, entry: Any, names: dict[str, dict[Any, str]]) -> list[Delta]:
    silent = _SILENT | set(getattr(record, "untold", ()))
    changes = [(name, pair) for name, pair in entry.changes.items() if name not in silent and isinstance(pair, list)]
    told = [
        Delta(_label(record, name), *(_value(record, name, value, names) for value in pair))
        for name, pair in changes
        if len(pair) == 2 and pair[0] != pair[1]
    ]
    return told + list(getattr(entry, "told_also", ()))  # what only the record's own app can say


def _field(record: Any, name: str) -> Any:
    try:
        return record._meta.get_field(name.removesuffix("_id"))
    except FieldDoesNotExist:
        return None


def _label(record: Any, name: str) -> str:
    known = _field(record, name)
    words = getattr(known, "verbose_name", None)  # what merely points here has none
    return str(words).capitalize() if words else name.replace("_", " ").capitalize()


def _value(record: Any, name: str, value: Any, names: dict[str, dict[Any, str]]) -> str:
    if value is None or value == "" or value == []:
        return _("nothing")
    if value is True or value is False:
        return _("yes") if value else _("no")
    if name in names:
        return names[name].get(value, str(value))
    vocabularies = getattr(record, "vocabularies", {})
    if name in vocabularies:
        return str(word(vocabularies[name], value)[0])
    choices = dict(getattr(_field(record, name), "flatchoices", ()) or ())
    if isinstance(value, str | int) and value in choices:
        return str(choices[value])
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    moment = parse_datetime(value) if isinstance(value, str) and len(value) > 18 and value[10] == "T" else None
    text = exact(moment) if moment else str(value)
    return text if len(text) <= _WORDS_LONGEST else f"{text[:_WORDS_LONGEST]}\N{HORIZONTAL ELLIPSIS}"


def _names(record: Any, entries: Sequence[Any]) -> dict[str, dict[Any, str]]:
    """The names behind ids in the changes: one query for each related table that occurs."""
    ids: dict[str, set[Any]] = defaultdict(set)
    for entry in entries:
        for name, pair in entry.changes.items():
            if name.endswith("_id") and isinstance(pair, list):
                ids[name].update(value for value in pair if value is not None)
    found: dict[str, dict[Any, str]] = {}
    for name, wanted in ids.items():
        known = _field(record, name)
        if known is not None and known.is_relation:
            rows = known.related_model._default_manager.in_bulk(wanted)
            found[name] = {pk: str(row) for pk, row in rows.items()}
    return found
