"""What was written on an incident and what happened to it."""

from collections.abc import Collection

from django.db.models import Max, Q, QuerySet

from incidents.incident.models import Incident
from itsm import rows
from itsm.audit.models import Entry
from itsm.audit.recording import newest_entry, timeline
from itsm.kernel.actors import Actor
from itsm.work.models import Note

_MOST_SAID = 200
_WRITTEN = """
it.record_kind = %(kind)s
AND it.record_id IN (SELECT id FROM incidents_incident WHERE id = %(id)s OR merged_into_id = %(id)s)
ORDER BY it.at, it.id
"""


def notes_seen(incident: Incident, *, with_private: bool) -> QuerySet[Note]:
    """What was written on it, and on what was merged into it, oldest first.

    All of them are one list of ids: of "its own, or one of these" no index finds any, and every note there is was read.
    """
    of = Incident.objects.filter(Q(pk=incident.pk) | Q(merged_into=incident.pk)).order_by().values("pk")
    notes = Note.objects.filter(record_kind=incident.kind, record_id__in=of).select_related("by").order_by("at", "id")
    return notes if with_private else notes.filter(private=False)


def newest_note(incident: Incident, *, with_private: bool) -> int:
    """The id of the last word on it that may be read; 0 where there is none."""
    seen = notes_seen(incident, with_private=with_private).order_by()
    return seen.aggregate(last=Max("pk"))["last"] or 0


def notes_on(incident: Incident, *, with_private: bool) -> list[Note]:
    """The same, read."""
    given = {"kind": incident.kind, "id": incident.pk}
    if with_private:
        return rows.every(Note, ("by",), _WRITTEN, given)
    return rows.every(Note, ("by",), f"NOT it.private AND {_WRITTEN}", given)


def replied_since(incident: Incident, actor: Actor, seen: int) -> list[Note]:
    """Public words of others that came after the note `seen` (an id; 0: after none)."""
    return list(notes_seen(incident, with_private=False).filter(pk__gt=seen).exclude(by=actor.id))


def story_of(incident: Incident, notes: Collection[Note]) -> list[Entry]:
    """What happened to it, and of what was merged into it the entries of these notes, newest first."""
    own, elsewhere = timeline(incident), {note.record_id for note in notes} - {incident.pk}
    if not elsewhere:
        return own
    said = Entry.objects.filter(record_kind=incident.kind, record_id__in=elsewhere, event=f"{incident.kind}.noted")
    return sorted([*own, *said[:_MOST_SAID]], key=lambda entry: (entry.at, entry.pk), reverse=True)


def newest_event(incident: Incident, *, without: Collection[str]) -> int:
    """The id of the newest entry about it that is none of these events; 0 where there is none."""
    return newest_entry(incident, without=without)
