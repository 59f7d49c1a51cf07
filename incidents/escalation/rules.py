"""Which route an incident takes: the first whose conditions all hold. Plain Python."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from incidents.escalation.vocabulary import Preset

DAY_FROM, DAY_TO = time(8), time(18)
WORKING_DAYS = (0, 1, 2, 3, 4)


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
