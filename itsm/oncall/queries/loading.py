"""A schedule's rows as the engine takes them: read anew each time, a handful of statements whatever its size."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import timezone

from itsm.accounts.models import User
from itsm.oncall.engine import values
from itsm.oncall.engine.values import DAY
from itsm.oncall.models import Layer, Override, OverridePerson, Restriction, Schedule, Slot, Swap, TimeOff
from itsm.oncall.vocabulary import SwapStatus

# Who left is out of what is asked of now, though it may be asked late; longer ago they were there.
_LATE = timedelta(days=1)


def rota_of(schedule: Schedule, from_: datetime, to: datetime, *, left_since: datetime | None = None) -> values.Rota:
    """Everything that says who is on duty between two instants. Who is not active is away for good from `left_since`
    on; by default from a day ago, or from where the time begins."""
    return rotas_of([schedule], from_, to, left_since=left_since)[schedule.pk]


def rotas_of(
    schedules: Collection[Schedule], from_: datetime, to: datetime, *, left_since: datetime | None = None
) -> dict[int, values.Rota]:  # fmt: skip
    """The same of many, by id: as many statements as of one."""
    layers = _layers({one.pk: one for one in schedules}, from_, to)
    overrides, swaps = _overrides(list(layers), from_, to), _swaps(list(layers))
    people = {one for of in layers.values() for layer in of for slot in layer.slots for one in slot}
    people |= {one for of in overrides.values() for override in of for one in override.people}
    people |= {swap.into for of in swaps.values() for swap in of}
    away = absences(people, from_, to, left_since=left_since)
    return {pk: values.Rota(tuple(of), tuple(overrides[pk]), tuple(swaps[pk]), away) for pk, of in layers.items()}


def layers_of(schedule: Schedule, from_: datetime, to: datetime) -> tuple[values.Layer, ...]:
    """The versions of its layers that hold at some time between."""
    return tuple(_layers({schedule.pk: schedule}, from_, to)[schedule.pk])


def _layers(schedules: Mapping[int, Schedule], from_: datetime, to: datetime) -> dict[int, list[values.Layer]]:
    held = Q(effective_to=None) | Q(effective_to__gt=from_)
    rows = list(Layer.objects.filter(held, schedule__in=schedules, effective_from__lt=to))
    slots: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    places = Slot.objects.filter(layer__in=rows).values_list("layer_id", "position", "person_id")
    for layer_id, position, person_id in places:
        slots[layer_id][position] += [person_id] if person_id is not None else []
    stretches = defaultdict(list)
    for one in Restriction.objects.filter(layer__in=rows):
        stretches[one.layer_id].append(stretch(one.from_day, one.from_time, one.to_day, one.to_time))
    found: dict[int, list[values.Layer]] = {pk: [] for pk in schedules}
    for row in rows:
        zone = schedules[row.schedule_id].zone
        found[row.schedule_id].append(as_value(row, zone, slots[row.pk], stretches[row.pk]))
    return found


def stretch(from_day: int, from_time: time, to_day: int, to_time: time) -> values.Stretch:
    """A restriction in minutes of the week."""
    return values.Stretch(from_day * DAY + minutes(from_time), to_day * DAY + minutes(to_time))


def minutes(local: time) -> int:
    """Of the day."""
    return local.hour * 60 + local.minute


def as_value(
    row: Layer, zone: str, slots: dict[int, list[int]], stretches: Iterable[values.Stretch]
) -> values.Layer:  # fmt: skip
    """A layer as the engine takes it; `slots`: ids of people by their place."""
    return values.Layer(
        line=row.line_id or 0,
        rank=row.rank,
        zone=ZoneInfo(row.zone or zone),
        unit=values.Unit(row.unit),
        length=row.length,
        anchor=row.anchor_date,
        handoff=minutes(row.handoff),
        slots=tuple(tuple(slots[place]) for place in sorted(slots)),
        count=values.Count(row.count),
        stretches=tuple(stretches),
        since=row.effective_from,
        until=row.effective_to,
    )


def _overrides(schedules: list[int], from_: datetime, to: datetime) -> dict[int, list[values.Override]]:
    rows = list(Override.objects.filter(schedule__in=schedules, ends_at__gt=from_, starts_at__lt=to).order_by("pk"))
    people = defaultdict(list)
    for override_id, person_id in OverridePerson.objects.filter(override__in=rows).values_list(
        "override_id", "person_id"
    ):
        people[override_id].append(person_id)
    found = defaultdict(list)
    for one in rows:
        end = min(one.ends_at, one.withdrawn_at or one.ends_at)
        if one.starts_at < end:
            found[one.schedule_id].append(values.Override(one.pk, one.starts_at, end, tuple(people[one.pk])))
    return found


def _swaps(schedules: list[int]) -> dict[int, list[values.Swap]]:
    found = defaultdict(list)
    for one in Swap.objects.filter(schedule__in=schedules, status=SwapStatus.TAKEN).order_by("pk"):
        found[one.schedule_id].append(
            values.Swap(
                one.pk, one.layer_id, one.turn, one.out_person_id, one.in_person_id or 0, one.starts_at, one.ends_at
            )
        )
    return found


def absences(
    people: Collection[int], from_: datetime, to: datetime, *, left_since: datetime | None = None
) -> tuple[values.Away, ...]:  # fmt: skip
    """Time off of these people between two instants; who is no active person is away for good, as `rota_of` says."""
    rows = TimeOff.objects.filter(person__in=people, ends_at__gt=from_, starts_at__lt=to, cancelled_at=None)
    away = [values.Away(*row) for row in rows.values_list("person_id", "starts_at", "ends_at")]
    active = User.objects.active_people().filter(pk__in=people)
    there = set(active.values_list("pk", flat=True))
    gone_since = left_since or min(timezone.now(), max(from_, timezone.now() - _LATE))
    return (*away, *(values.Away(one, gone_since) for one in sorted(set(people) - there)))
