"""The same question asked otherwise: walk through time by quarter-hours and ask at each who has it.

Shares no code with the engine. A clock on the wall that is never set back (the furthest local time read so far) says
which turn it is and whether a restriction covers it; turns are counted one by one.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from itsm.oncall.engine.values import Count, Layer, Rota, Unit

QUARTER = timedelta(minutes=15)


@cache
def wall(zone: ZoneInfo, begin: datetime, end: datetime) -> dict[datetime, datetime]:
    """What a clock that is never set back shows at each quarter-hour; it is watched from two days before."""
    shown, at = {}, begin - timedelta(days=2)
    furthest = at.astimezone(zone).replace(tzinfo=None, fold=0)
    while at < end:
        furthest = max(furthest, at.astimezone(zone).replace(tzinfo=None, fold=0))
        if at >= begin:
            shown[at] = furthest
        at += QUARTER
    return shown


@cache
def _when_shown(zone: ZoneInfo, first: datetime) -> datetime:
    """The quarter-hour from which on a clock on the wall shows it, or more: what is skipped is passed at once."""
    at = first.replace(tzinfo=UTC) - timedelta(days=2)
    while at.astimezone(zone).replace(tzinfo=None, fold=0) < first:
        at += QUARTER
    return at


def walked(rota: Rota, begin: datetime, end: datetime) -> Iterator[tuple[datetime, tuple[int, ...]]]:
    """(instant, who) of each quarter-hour."""
    at = begin
    while at < end:
        yield at, who(rota, at, begin, end)
        at += QUARTER


def who(rota: Rota, at: datetime, begin: datetime, end: datetime) -> tuple[int, ...]:
    for override in sorted(rota.overrides, key=lambda one: -one.id):
        if override.start <= at < override.end:
            left = {one.person for one in rota.away if one.end is None and one.start <= at}
            there = tuple(one for one in override.people if one not in left)
            if there or not override.people:
                return there
    away = {one.person for one in rota.away if one.start <= at and (one.end is None or at < one.end)}
    for layer in sorted(rota.layers, key=lambda one: one.rank):
        people = [one for one in _of_layer(layer, rota, at, wall(layer.zone, begin, end)[at]) if one not in away]
        if people:
            return tuple(people)
    return ()


def _of_layer(layer: Layer, rota: Rota, at: datetime, shown: datetime) -> list[int]:
    if (layer.since and at < layer.since) or (layer.until and at >= layer.until):
        return []
    first = datetime.combine(layer.anchor, datetime.min.time()) + timedelta(minutes=layer.handoff)
    length = timedelta(**{layer.unit.value: layer.length})
    if layer.unit is Unit.HOURS and 24 % layer.length:
        turn = (at - _when_shown(layer.zone, first)) // length
    else:
        turn = (shown - first) // length
    if turn < 0 or not _covers(layer, shown) or not layer.slots:
        return []
    place = turn
    if layer.count is Count.COVERED and layer.stretches:
        place = sum(_reaches(layer, first + number * length, length) for number in range(turn))
    people = list(layer.slots[place % len(layer.slots)])
    for swap in sorted(rota.swaps, key=lambda one: one.id):
        holds = (swap.start is None or swap.start <= at) and (swap.end is None or at < swap.end)
        if swap.line == layer.line and swap.turn == turn and holds and swap.out in people:
            people = list(dict.fromkeys(swap.into if one == swap.out else one for one in people))
    return people


def _covers(layer: Layer, shown: datetime) -> bool:
    minute = shown.weekday() * 1440 + shown.hour * 60 + shown.minute
    return not layer.stretches or any(
        one.start <= minute < one.end if one.start < one.end else minute >= one.start or minute < one.end
        for one in layer.stretches
    )


def _reaches(layer: Layer, start: datetime, length: timedelta) -> bool:
    return any(_covers(layer, start + number * QUARTER) for number in range(min(length, timedelta(days=7)) // QUARTER))
