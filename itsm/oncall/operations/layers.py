"""Layers as somebody says them, checked; and written as versions: what held before stands as it was."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext

from itsm.accounts.models import User
from itsm.clocks.hours_format import zones
from itsm.kernel.errors import InvalidInput
from itsm.oncall.engine import values
from itsm.oncall.engine.rota import final
from itsm.oncall.models import Layer, Restriction, Schedule, Slot
from itsm.oncall.queries.duty import require_period
from itsm.oncall.queries.loading import absences, as_value, rota_of, stretch
from itsm.oncall.vocabulary import MAX_IN_SLOT, MAX_LAYERS, MAX_LENGTH, MAX_SLOTS, MAX_STRETCHES, Count, Unit

EVER = datetime(1980, 1, 1, tzinfo=UTC)
Hours = tuple[int, time, int, time]  # from day and time to day and time; Monday is 0


@dataclass(frozen=True, slots=True)
class Said:
    """A layer as it is to be. `line`: which one of those there are, None for a new one; `slots`: ids of people, an
    empty place is nobody's turn; `hours`: restrictions, none: always. `zone` "": the schedule's."""

    unit: str
    length: int
    anchor_date: date
    handoff: time
    slots: tuple[tuple[int, ...], ...]
    hours: tuple[Hours, ...] = ()
    count: str = Count.CALENDAR
    zone: str = ""
    name: str = field(default="", compare=True)
    line: int | None = field(default=None, compare=False)


def checked(layers: Sequence[Said], zone: str) -> list[Said]:
    """The layers with their zones filled in. InvalidInput with a sentence for each fault, by the layer's place."""
    if len(layers) > MAX_LAYERS:
        raise InvalidInput.about("layers", gettext("At most %(most)s layers.") % {"most": MAX_LAYERS})
    faults = [f"{place}: {fault}" for place, one in enumerate(layers, 1) for fault in _faults(one)]
    lines = [one.line for one in layers if one.line is not None]
    if len(lines) != len(set(lines)):
        faults.append(gettext("A layer is named twice."))
    people = {person for one in layers for slot in one.slots for person in slot}
    active = User.objects.active_people().filter(pk__in=people)
    if missing := people - set(active.values_list("pk", flat=True)):
        names = User.objects.filter(pk__in=missing).values_list("username", flat=True)
        faults.append(gettext("Only active people take turns, not %(names)s.") % {"names": ", ".join(sorted(names))})
    if faults:
        raise InvalidInput(" ".join(faults), errors={"layers": faults})
    return [_with_zone(one, zone) for one in layers]


def _with_zone(one: Said, zone: str) -> Said:
    """Its own zone, said out: another zone of the schedule later changes nothing that held."""
    return Said(
        one.unit, one.length, one.anchor_date, one.handoff, one.slots, one.hours, one.count, one.zone or zone,
        one.name, one.line,
    )  # fmt: skip


def _faults(one: Said) -> list[str]:
    said = {
        gettext("Nobody takes turns: name people."): not any(one.slots),
        gettext("At most %(most)s turns.") % {"most": MAX_SLOTS}: len(one.slots) > MAX_SLOTS,
        gettext("At most %(most)s people at once.") % {"most": MAX_IN_SLOT}: any(
            len(slot) > MAX_IN_SLOT for slot in one.slots
        ),
        gettext("Somebody stands twice in one turn."): any(len(slot) != len(set(slot)) for slot in one.slots),
        gettext("A turn lasts 1 to %(most)s hours, days or weeks.") % {"most": MAX_LENGTH}: one.unit not in Unit.values
        or not 1 <= one.length <= MAX_LENGTH,
        gettext("There is no zone %(zone)s.") % {"zone": one.zone[:64]}: bool(one.zone) and one.zone not in zones(),
        gettext("The first day lies between 1980 and 2100."): not 1980 <= one.anchor_date.year < 2100,
        gettext("Hand over at a whole minute."): bool(one.handoff.second or one.handoff.microsecond),
        gettext("Turns of hours that do not divide a day drift: count every turn."): one.count == Count.COVERED
        and one.unit == Unit.HOURS and (one.length < 1 or 24 % one.length != 0),
        gettext("At most %(most)s restrictions.") % {"most": MAX_STRETCHES}: len(one.hours) > MAX_STRETCHES,
        gettext("A restriction ends at another time than it begins, on days 0 (Monday) to 6."): any(
            hours[:2] == hours[2:] or not 0 <= hours[0] <= 6 or not 0 <= hours[2] <= 6 for hours in one.hours
        ),
    }  # fmt: skip
    return [sentence for sentence, wrong in said.items() if wrong]


def preview_of(layers: Sequence[Said], since: datetime | None = None) -> tuple[values.Layer, ...]:
    """What the engine would be asked of layers that were checked; the first lies on top. New ones count down from 0."""
    return tuple(
        as_value(
            Layer(
                pk=one.line or -place, rank=place, unit=one.unit, length=one.length, anchor_date=one.anchor_date,
                handoff=one.handoff, count=one.count, zone=one.zone, effective_from=since or EVER,
            ),
            one.zone,
            {number: list(slot) for number, slot in enumerate(one.slots)},
            [stretch(*hours) for hours in one.hours],
        )
        for place, one in enumerate(layers, 1)
    )  # fmt: skip


def previewed(schedule: Schedule, layers: Sequence[Said], begin: datetime, end: datetime) -> list[values.Shift]:
    """Who would be on call by these layers between two instants, with everything that is otherwise. Nothing is written.

    Raises InvalidInput.
    """
    require_period(begin, end)
    return final(previewed_rota(schedule, layers, begin, end), begin, end)


def previewed_rota(schedule: Schedule, layers: Sequence[Said], begin: datetime, end: datetime) -> values.Rota:
    """The schedule with these layers instead of its own. Raises InvalidInput."""
    said = preview_of(checked(layers, schedule.zone))
    held = rota_of(schedule, begin, end)
    away = absences(people_in(layers) | {one.person for one in held.away}, begin, end)
    return replace(held, layers=said, away=(*held.away, *away))


def said_now(schedule: Schedule, at: datetime) -> list[Said]:
    """The layers that hold at an instant, or begin next where none does, topmost first: what an editor begins with."""
    rows = _held(schedule, at)
    return [_as_said(row) for row in sorted(rows.values(), key=lambda row: row.rank)]


def _held(schedule: Schedule, at: datetime) -> dict[int, Layer]:
    """Of each line the last version that is not over."""
    known: list[Layer] | None = getattr(schedule, "held_layers", None)  # read with many others at once
    rows = known if known is not None else not_over(at).filter(schedule=schedule.pk)
    return {row.line_id: row for row in rows}


def not_over(at: datetime) -> QuerySet[Layer]:
    """Versions that hold at an instant, or later, with what they say, the last of a line last."""
    open_ones = Layer.objects.filter(Q(effective_to=None) | Q(effective_to__gt=at))
    return open_ones.order_by("effective_from").prefetch_related("slots__person", "restrictions")


def with_layers(rows: QuerySet[Schedule], at: datetime) -> QuerySet[Schedule]:
    """The same schedules, whose layers `said_now` finds read already: as many statements as for one."""
    return rows.prefetch_related(Prefetch("layers", queryset=not_over(at), to_attr="held_layers"))


def _as_said(row: Layer) -> Said:
    places: dict[int, list[int]] = {}
    for slot in row.slots.all():
        places.setdefault(slot.position, []).extend([slot.person_id] if slot.person_id else [])
    hours = tuple((one.from_day, one.from_time, one.to_day, one.to_time) for one in row.restrictions.all())
    return Said(
        row.unit, row.length, row.anchor_date, row.handoff, tuple(tuple(places[one]) for one in sorted(places)), hours,
        row.count, row.zone, row.name, row.line_id,
    )  # fmt: skip


def lay(schedule: Schedule, layers: Sequence[Said], since: datetime) -> bool:
    """Write these as the layers from `since` on, in the caller's transaction, who holds the schedule. Whether anything
    became otherwise. Raises InvalidInput where a line is not one of this schedule's."""
    held = _held(schedule, since)
    if unknown := {one.line for one in layers if one.line is not None} - set(held):
        words = gettext("There is no layer %(line)s.") % {"line": ", ".join(map(str, sorted(filter(None, unknown))))}
        raise InvalidInput.about("layers", words)
    kept = {
        one.line
        for rank, one in enumerate(layers, 1)
        if one.line is not None and held[one.line].rank == rank and _same(held[one.line], one)
        and held[one.line].effective_to is None and held[one.line].effective_from <= since
    }  # fmt: skip
    free = {line: _ended(schedule, line, since) for line in held if line not in kept}
    for rank, one in enumerate(layers, 1):
        if one.line not in kept:
            _write(schedule, one, rank, since, free.pop(one.line, None) if one.line is not None else None)
    for row in free.values():  # never held, and will not
        if row is not None:
            row.delete()
    return len(kept) != len(held) or len(layers) != len(kept)


def _same(row: Layer, said: Said) -> bool:
    now = _as_said(row)
    return now == Said(
        said.unit, said.length, said.anchor_date, said.handoff, said.slots, tuple(sorted(said.hours)), said.count,
        said.zone, said.name,
    )  # fmt: skip


def _ended(schedule: Schedule, line: int, since: datetime) -> Layer | None:
    """Ends the line's version that holds at `since`. A row that would only have begun later: it is written anew."""
    versions = Layer.objects.filter(Q(pk=line) | Q(first=line), schedule=schedule.pk)
    versions.filter(Q(effective_to=None) | Q(effective_to__gt=since), effective_from__lt=since).update(
        effective_to=since
    )
    later = list(versions.filter(effective_from__gte=since).order_by("effective_from"))
    for row in later[1:]:
        row.delete()
    return later[0] if later else None


def _write(schedule: Schedule, said: Said, rank: int, since: datetime, over: Layer | None) -> Layer:
    row = over or Layer(schedule=schedule, first_id=said.line)
    row.rank, row.name, row.zone, row.unit, row.length = rank, said.name.strip(), said.zone, said.unit, said.length
    row.anchor_date, row.handoff, row.count = said.anchor_date, said.handoff, said.count
    row.effective_from, row.effective_to = since, None
    row.save()
    if over is not None:
        row.slots.all().delete()
        row.restrictions.all().delete()
    Slot.objects.bulk_create(
        Slot(layer=row, position=position, person_id=person)
        for position, slot in enumerate(said.slots)
        for person in (slot or (None,))
    )
    Restriction.objects.bulk_create(
        Restriction(layer=row, from_day=begin, from_time=at, to_day=end, to_time=until)
        for begin, at, end, until in sorted(said.hours)
    )
    return row


def from_document(raw: Mapping[str, Any]) -> Said:
    """A layer of a REST body, whose people are accounts."""
    slots = tuple(tuple(person.pk for person in slot) for slot in raw["slots"])
    hours = tuple((one["from_day"], one["from_time"], one["to_day"], one["to_time"]) for one in raw.get("hours", ()))
    return Said(
        raw["unit"], raw["length"], raw["anchor_date"], raw["handoff"], slots, hours,
        raw.get("count", Count.CALENDAR), raw.get("zone", ""), raw.get("name", ""), raw.get("id"),
    )  # fmt: skip


def people_in(layers: Collection[Said]) -> set[int]:
    """The ids of everybody who takes turns."""
    return {person for one in layers for slot in one.slots for person in slot}
