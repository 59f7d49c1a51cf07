"""A batch of drafts as rows: a handful of statements, however many there are."""

from collections import deque
from functools import cache
from typing import Any

from django.utils import timezone

from incidents.imports.formats.drafts import Draft
from incidents.imports.models import Imported, ImportedEvent
from incidents.imports.operations.records import COLUMNS, STATE, columns_of, remembered, untouched
from incidents.imports.operations.stand_ins import StandIns, noted
from incidents.incident.models import Incident
from incidents.incident.vocabulary import Channel, PriorityBy
from incidents.incident.workflow import OVER, WORKFLOW, Status
from itsm.clocks.models import Clock
from itsm.kernel.actors import Actor

_CHUNK = 1000
RESOLVE = "resolve"  # the clock that tells how long it took
_NEEDING_WORDS = (Status.ON_HOLD, Status.CANCELLED)  # nothing passes through a state that says why


class Writer:
    """Writes in the caller's transaction, whose lock keeps other imports away."""

    def __init__(self, source: str, stand_ins: StandIns, triage: int, actor: Actor) -> None:
        self._source, self._stand_ins, self._triage, self._actor = source, stand_ins, triage, actor
        self._now = timezone.now()

    def create(self, drafts: list[Draft]) -> None:
        """New incidents, each with where it came from, its history there, and one entry of our own history."""
        if not drafts:
            return
        columns = [columns_of(draft, self._stand_ins, self._triage) for draft in drafts]
        made = Incident.objects.bulk_create(
            Incident(channel=Channel.IMPORT, priority_by=PriorityBy.IMPORT, **one) for one in columns
        )
        Imported.objects.bulk_create(
            self._described(Imported(incident=incident, source=self._source, key=draft.key), draft, one)
            for incident, draft, one in zip(made, drafts, columns, strict=True)
        )
        _settle([(incident, draft) for incident, draft in zip(made, drafts, strict=True)])
        self._remember_events([(incident.pk, draft) for incident, draft in zip(made, drafts, strict=True)])
        noted(made, "imported", self._actor)

    def update(self, pairs: list[tuple[Imported, Draft]]) -> None:
        """What reads otherwise now, where nobody edited it here; its history there is written anew."""
        if not pairs:
            return
        ids = [known.incident_id for known, _draft in pairs]
        rows = Incident.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=ids).order_by("pk")
        there = {one.pk: one for one in rows}
        before = {one.pk: one.status for one in there.values()}
        for known, draft in pairs:
            columns = columns_of(draft, self._stand_ins, self._triage)
            _apply(there[known.incident_id], known, columns)
            self._described(known, draft, columns)
        _walk(before, list(there.values()))
        described = ("fingerprint", "values", "met_sla", "problem", "change", "caused_by", "at")
        _settle([(there[known.incident_id], draft) for known, draft in pairs])
        Imported.objects.bulk_update([known for known, _draft in pairs], described)
        ImportedEvent.objects.filter(incident__in=ids).delete()
        self._remember_events([(known.incident_id, draft) for known, draft in pairs])
        noted(list(there.values()), "imported_again", self._actor)

    def _described(self, known: Imported, draft: Draft, columns: dict[str, Any]) -> Imported:
        known.fingerprint, known.values, known.at = draft.fingerprint, remembered(columns), self._now
        known.met_sla, known.problem, known.change = draft.met_sla, draft.problem, draft.change
        known.caused_by = draft.caused_by
        return known

    def _remember_events(self, pairs: list[tuple[int, Draft]]) -> None:
        ImportedEvent.objects.bulk_create(
            (
                ImportedEvent(incident_id=pk, place=place, at=one.at, by=one.by, changes=dict(one.changes))
                for pk, draft in pairs
                for place, one in enumerate(draft.events)
            ),
            batch_size=_CHUNK,
        )


def _settle(pairs: list[tuple[Incident, Draft]]) -> None:
    """A resolve clock with the outcome that the source tells and no events, for those that are over."""
    ids = [incident.pk for incident, _draft in pairs]
    there = Clock.objects.filter(record_kind=Incident.kind, record_id__in=ids, name=RESOLVE)
    there.filter(events=None).delete()
    counted_here = set(there.values_list("record_id", flat=True))
    Clock.objects.bulk_create(
        Clock(
            record_kind=Incident.kind, record_id=incident.pk, name=RESOLVE, state=Clock.State.STOPPED,
            outcome=Clock.Outcome.MET if draft.met_sla else Clock.Outcome.BREACHED,
            outcome_at=incident.resolved_at or incident.closed_at or incident.updated_at,
        )
        for incident, draft in pairs
        if draft.met_sla is not None and incident.status in OVER and incident.pk not in counted_here
    )  # fmt: skip


def _apply(record: Incident, known: Imported, columns: dict[str, Any]) -> None:
    """Set what nobody edited. A state that no steps lead to stays, with all that belongs to it."""
    names = untouched(record, known.values)
    if _way(record.status, columns["status"]) is None or record.channel != Channel.IMPORT:
        names = [name for name in names if name not in STATE]
    for name in names:
        setattr(record, name, columns[name])
    record.version += 1


def _walk(before: dict[int, str], records: list[Incident]) -> None:
    """Save them; each state is reached by the steps of the table, as the database demands."""
    ways = {one.pk: _way(before[one.pk], one.status) or () for one in records}
    for place in range(max(map(len, ways.values())) - 1):
        passing = [one for one in records if place < len(ways[one.pk]) - 1]
        ends = [(one.status, one.hold_reason) for one in passing]
        for one in passing:
            one.status, one.hold_reason = ways[one.pk][place], ""
        Incident.objects.bulk_update(passing, ["status", "hold_reason"])
        for one, (status, hold_reason) in zip(passing, ends, strict=True):
            one.status, one.hold_reason = status, hold_reason
    Incident.objects.bulk_update(records, [*(name.removesuffix("_id") for name in COLUMNS), "version"])


@cache
def _way(start: str, end: str) -> tuple[str, ...] | None:
    """The fewest states from one to another, that one left out; None where no steps lead there."""
    ways: dict[str, tuple[str, ...]] = {start: ()}
    ahead = deque([start])
    while ahead:
        here = ahead.popleft()
        for before, after in sorted(WORKFLOW.moves()):
            if before == here and after not in ways and (after == end or after not in _NEEDING_WORDS):
                ways[after] = (*ways[here], after)
                ahead.append(after)
    return ways.get(end)
