"""Which route an incident takes: the first whose conditions all hold. Plain Python."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from incidents.escalation.vocabulary import Preset
from itsm.paging.vocabulary import Urgency

DAY_FROM, DAY_TO = time(8), time(18)
WORKING_DAYS = (0, 1, 2, 3, 4)


Place = tuple[int | None, int]  # a service, or none, and the queue in which its incidents lie


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of the routes. `urgency`: high or low."""

    service: int | None
    team: int
    urgency: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Conditions:
    """One route's: None, "" and () hold always."""

    service: int | None = None
    team: int | None = None
    urgency: str = ""
    days: tuple[int, ...] = ()
    begin: time | None = None
    end: time | None = None
    zone: str = "UTC"


def holds(route: Conditions, asked: Asked) -> bool:
    """Whether this route takes it."""
    return (
        route.service in (None, asked.service)
        and route.team in (None, asked.team)
        and route.urgency in ("", asked.urgency)
        and _is_then(route, asked.at)
    )


def _is_then(route: Conditions, at: datetime) -> bool:
    """On the clocks of its zone; a stretch over midnight belongs to the day on which it begins."""
    local = at.astimezone(ZoneInfo(route.zone))
    shown, day = local.time(), local.date()
    if route.begin is not None and route.end is not None and route.begin != route.end:
        over_midnight = route.begin > route.end
        if over_midnight and shown < route.end:
            day -= timedelta(days=1)
        elif not (shown >= route.begin and (over_midnight or shown < route.end)):
            return False
    return not route.days or day.weekday() in route.days


KeyT = TypeVar("KeyT")


def first(routes: Iterable[tuple[KeyT, Conditions]], asked: Asked) -> KeyT | None:
    """The key of the first route that takes it; None where none does."""
    return next((key for key, route in routes if holds(route, asked)), None)


def edges(routes: Collection[Conditions], since: datetime) -> list[datetime]:
    """The instants of the week after `since` at which another route may hold: `since` itself, and the ends of each."""
    found = {since}
    for route in routes:
        if not route.days and route.begin is None:
            continue
        zone = ZoneInfo(route.zone)
        today = since.astimezone(zone).date()
        for day in range(8):
            for shown in {time(0), *(one for one in (route.begin, route.end) if one is not None)}:
                found.add(datetime.combine(today + timedelta(days=day), shown, zone).astimezone(UTC))
    return sorted(found)


def untaken(routes: Collection[Conditions], places: Iterable[Place], since: datetime) -> list[Asked]:
    """Of what is asked of these places in the week after `since` what no route takes."""
    found = []
    for service, team in places:
        near = [one for one in routes if one.service in (None, service) and one.team in (None, team)]
        for urgency in Urgency.values:
            asked = (Asked(service, team, urgency, at) for at in edges(near, since))
            found += [one for one in asked if not any(holds(route, one) for route in near)]
    return found


@dataclass(frozen=True, slots=True)
class Drawn:
    """A route of a preset: whose policy comes, and when."""

    whose: str  # builders or operations
    days: tuple[int, ...] = ()
    begin: time | None = None
    end: time | None = None


def drawn(preset: Preset) -> list[Drawn]:
    """The routes that a preset makes, in their order. Who comes second is a later step of that policy."""
    if preset == Preset.BUILDERS:
        return [Drawn("builders")]
    if preset == Preset.OPERATIONS:
        return [Drawn("operations")]
    return [Drawn("builders", WORKING_DAYS, DAY_FROM, DAY_TO), Drawn("operations")]
