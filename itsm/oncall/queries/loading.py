"""A schedule's rows as the engine takes them: read anew each time, a handful of statements whatever its size."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import timezone

from itsm.accounts.models import User
from itsm.oncall.engine import values
from itsm.oncall.engine.values import DAY
from itsm.oncall.models import Layer, Override, OverridePerson, Restriction, Schedule, Slot, Swap, TimeOff
from itsm.oncall.vocabulary import SwapStatus

# Who left is out from now on; what is asked a moment late is still now.
_A_MOMENT = timedelta(minutes=5)


def rota_of(schedule: Schedule, from_: datetime, to: datetime) -> values.Rota:
    """Everything that says who is on duty between two instants. Who is not active is away for good from now on."""
    layers = layers_of(schedule, from_, to)
    overrides = _overrides(schedule, from_, to)
    swaps = _swaps(schedule)
    people = {one for layer in layers for slot in layer.slots for one in slot}
    people |= {one for override in overrides for one in override.people} | {swap.into for swap in swaps}
    return values.Rota(layers, overrides, swaps, absences(people, from_, to))


def layers_of(schedule: Schedule, from_: datetime, to: datetime) -> tuple[values.Layer, ...]:
    """The versions of its layers that hold at some time between."""
    held = Q(effective_to=None) | Q(effective_to__gt=from_)
    rows = list(Layer.objects.filter(held, schedule=schedule.pk, effective_from__lt=to))
    slots: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for layer_id, position, person_id in Slot.objects.filter(layer__in=rows).values_list(
        "layer_id", "position", "person_id"
    ):
        slots[layer_id][position] += [person_id] if person_id is not None else []
    stretches = defaultdict(list)
    for one in Restriction.objects.filter(layer__in=rows):
        stretches[one.layer_id].append(stretch(one.from_day, one.from_time, one.to_day, one.to_time))
    return tuple(as_value(row, schedule.zone, slots[row.pk], stretches[row.pk]) for row in rows)


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


def _overrides(schedule: Schedule, from_: datetime, to: datetime) -> tuple[values.Override, ...]:
    rows = list(
        Override.objects.filter(schedule=schedule.pk, ends_at__gt=from_, starts_at__lt=to).order_by("pk").values_list(
            "pk", "starts_at", "ends_at", "withdrawn_at"
        )
    )  # fmt: skip
    people = defaultdict(list)
    for override_id, person_id in OverridePerson.objects.filter(override__in=[row[0] for row in rows]).values_list(
        "override_id", "person_id"
    ):
        people[override_id].append(person_id)
    held = ((pk, start, min(end, withdrawn or end)) for pk, start, end, withdrawn in rows)
    return tuple(values.Override(pk, start, end, tuple(people[pk])) for pk, start, end in held if start < end)


def _swaps(schedule: Schedule) -> tuple[values.Swap, ...]:
    taken = Swap.objects.filter(schedule=schedule.pk, status=SwapStatus.TAKEN).order_by("pk")
    return tuple(
        values.Swap(
            one.pk, one.layer_id, one.turn, one.out_person_id, one.in_person_id or 0, one.starts_at, one.ends_at
        )
        for one in taken
    )


def absences(people: Collection[int], from_: datetime, to: datetime) -> tuple[values.Away, ...]:
    """Time off of these people between two instants; who is no active person is away for good from now on."""
    rows = TimeOff.objects.filter(person__in=people, ends_at__gt=from_, starts_at__lt=to, cancelled_at=None)
    away = [values.Away(*row) for row in rows.values_list("person_id", "starts_at", "ends_at")]
    active = User.objects.filter(pk__in=people, is_active=True, account_type=User.AccountType.HUMAN)
    there = set(active.values_list("pk", flat=True))
    gone_since = min(timezone.now(), max(from_, timezone.now() - _A_MOMENT))
    return (*away, *(values.Away(one, gone_since) for one in sorted(set(people) - there)))
