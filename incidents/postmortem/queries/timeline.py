"""What a timeline is filled from: the story of the incidents, and what lies above registers (deployments, alerts).

Texts say what happened and not who did it: so does a postmortem.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from incidents.incident.models import Incident
from incidents.incident.vocabulary import Priority
from incidents.postmortem.models import Postmortem
from incidents.postmortem.vocabulary import MOST_EVENTS, Source
from incidents.problem.queries import incident_ids
from itsm.audit.models import Entry
from itsm.work.models import Note

_MOST_INCIDENTS = 20
_MOST_CHARACTERS = 1000


class Found(NamedTuple):
    """Something that happened: `key` names it among all sources, so that it is filled in once."""

    key: str
    at: datetime
    text: str
    source: Source


Gather = Callable[[Collection[int]], Iterable[Found]]
_sources: list[Gather] = []

_TOLD: dict[str, Any] = {
    "created": _("Opened: %(title)s"),
    "acknowledged": _("Work started"),
    "put_on_hold": _("On hold: %(remark)s"),
    "resumed": _("Work resumed"),
    "confirmed": _("Confirmed by a second person"),
    "escalated": _("Escalated"),
    "resolved": _("Resolved: %(remark)s"),
    "reopened": _("Reopened: %(remark)s"),
    "took_in": _("Another report of the same was taken in"),
}


def filled_from(gather: Gather) -> None:
    """`gather(incident_ids)` says what else happened around these incidents. Called in `ready()` of what lies above."""
    if gather not in _sources:
        _sources.append(gather)


def found_for(postmortem: Postmortem) -> list[Found]:
    """All that its timeline may be filled from, oldest first. A few queries for each source."""
    ids = _incidents_of(postmortem)
    found = [*_story(ids), *_notes(ids), *(one for gather in _sources for one in gather(ids))]
    return sorted(found, key=lambda one: (one.at, one.key))[:MOST_EVENTS]


def _incidents_of(postmortem: Postmortem) -> list[int]:
    if postmortem.problem is None:
        return [postmortem.incident_id] if postmortem.incident_id is not None else []
    # Whoever reads the problem reads its timeline: of a confidential queue only what lies where the problem does.
    caused = Incident.objects.filter(pk__in=incident_ids(postmortem.problem))
    told = caused.filter(Q(team__confidential=False) | Q(team=postmortem.problem.team_id)).order_by("-pk")
    return list(told.values_list("pk", flat=True)[:_MOST_INCIDENTS])


def _story(ids: Collection[int]) -> Iterator[Found]:
    incidents = Incident.objects.in_bulk(list(ids))
    several = len(incidents) > 1
    kind = Incident.kind
    entries = Entry.objects.filter(record_kind=kind, record_id__in=list(incidents)).order_by("id")
    for entry in entries[: MOST_EVENTS * 2]:
        incident = incidents[entry.record_id]
        text = _sentence(entry, incident)
        if text:
            said = f"{incident.reference}: {text}" if several else text
            yield Found(f"entry:{entry.pk}", _instant_of(entry, incident), _short(said), Source.INCIDENT)


def _sentence(entry: Entry, incident: Incident) -> str:
    event = entry.event.partition(".")[2]
    if event in _TOLD:
        said = {"title": incident.title, "remark": entry.remark or "–"}
        return str(_TOLD[event]) % said
    if event == "edited":
        return " ".join(_edited(entry.changes))
    return ""


def _edited(changes: Any) -> Iterator[str]:
    if "priority" in changes:
        before, after = (_priority(one) for one in changes["priority"])
        yield str(_("Priority: %(before)s, then %(after)s.") % {"before": before, "after": after})
    if "major" in changes:
        yield str(_("Made a major incident.")) if changes["major"][1] else str(_("No major incident any more."))


def _priority(value: Any) -> str:
    return str(dict(Priority.choices).get(value, value))


def _instant_of(entry: Entry, incident: Incident) -> datetime:
    """When it happened, which is not always when it was written down."""
    known = {
        "incident.created": incident.opened_at,
        "incident.acknowledged": incident.acknowledged_at,
        "incident.resolved": incident.resolved_at,
    }
    return known.get(entry.event) or entry.at


def _notes(ids: Collection[int]) -> Iterator[Found]:
    """Whoever reads a postmortem reads the notes of the desk as well. What was told to many incidents is told once."""
    first: dict[str, int] = {}
    for note in Note.objects.filter(record_kind=Incident.kind, record_id__in=list(ids)).order_by("at", "id")[:500]:
        if first.setdefault(note.text, note.record_id) != note.record_id:
            continue
        yield Found(f"note:{note.pk}", note.at, _short(note.text), Source.NOTE)


def _short(text: str) -> str:
    return Truncator(" ".join(text.split())).chars(_MOST_CHARACTERS)
