"""Reading stored clocks: their events folded, and the row that the fold asks for."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from itsm.clocks.algebra import Basis, Event, Happened, Reading, fold
from itsm.clocks.calendars import hours_of
from itsm.clocks.models import Clock, ClockEvent
from itsm.clocks.terms import Terms

# What of a clock's row is the fold of its events.
PROJECTED = (
    "state", "terms", "calendar_id", "target_s", "counted_s", "running_since", "due_at", "outcome", "outcome_at",
    "late_s", "by_change",
)  # fmt: skip


def as_event(kept: ClockEvent) -> Event:
    """The event as the algebra takes it; its hours are those of the calendar's version that it names."""
    basis = None
    if kept.terms is not None:
        terms = Terms.from_json(kept.terms)
        basis = Basis(hours_of(terms.calendar_version), terms.target_s, terms.calendar or 0)
    return Event(Happened(kept.happened), kept.at, basis, kept.why)


def read(events: Iterable[ClockEvent]) -> Reading:
    """What a clock of these events (in the order in which they were noted) says."""
    return fold([as_event(one) for one in events])


def reading_of(clock: Clock) -> Reading:
    """What a stored clock says. One query, and one for each version of a calendar that this process does not know."""
    return read(clock.events.order_by("id"))


def terms_in_force(events: Sequence[ClockEvent]) -> dict[str, Any]:
    """The terms that count after these events: of a recount the calendar alone."""
    held: dict[str, Any] = {}
    for event in events:
        if event.terms is None:
            continue
        if event.happened == ClockEvent.Happened.RECOUNTED:
            if held.get("calendar") == event.terms["calendar"]:
                anew = ("calendar_version", "calendar_label")
                held = {**held, **{name: event.terms[name] for name in anew}}
        else:
            held = event.terms
    return held


def row_of(events: Sequence[ClockEvent], reading: Reading) -> dict[str, Any]:
    """The columns of the clock's row, by name."""
    terms = terms_in_force(events)
    return {
        "state": str(reading.state),
        "terms": terms,
        "calendar_id": terms.get("calendar"),
        "target_s": reading.target_s,
        "counted_s": reading.counted_s,
        "running_since": reading.running_since,
        "due_at": reading.due_at,
        "outcome": str(reading.outcome or ""),
        "outcome_at": reading.outcome_at,
        "late_s": reading.late_s,
        "by_change": reading.by_change,
    }


def earliest_due(record_kind: str, record_id: int) -> datetime | None:
    """When the first of a record's running clocks is due; None where none is. One query."""
    running = Clock.objects.filter(record_kind=record_kind, record_id=record_id, due_at__isnull=False)
    return running.order_by("due_at").values_list("due_at", flat=True).first()
