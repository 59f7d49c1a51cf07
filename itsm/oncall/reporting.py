"""What being on call costs people: hours by weight, nights, pages, how evenly it lies on them.

Single figures are for oneself and whose manager one is; others are shown for groups of at least MIN_PEOPLE.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from typing import NamedTuple
from zoneinfo import ZoneInfo

from itsm.accounts.models import User
from itsm.kernel.actors import Actor
from itsm.oncall.engine.fairness import Load, jain, load_of, night_of, percentile
from itsm.oncall.models import Schedule, Served

MIN_PEOPLE = 3


class PageCount(NamedTuple):
    """Somebody was paged at `at`, by what a schedule says (None: another way); `acknowledged_after` seconds by a
    person, None: not."""

    schedule_id: int | None
    person_id: int
    at: datetime
    acknowledged_after: float | None


Counts = Callable[[datetime, datetime], Iterable[PageCount]]
_counts: list[Counts] = []


def counts(find: Counts) -> None:
    """Who keeps pages gives those between two instants, in `AppConfig.ready()`."""
    _counts.append(find)


@dataclass(frozen=True, slots=True)
class Figures:
    """Of a person or a group. `nights`: interrupted ones; `median`, `p90`: seconds to the acknowledgement, None
    where none was acknowledged."""

    hours: float
    night_hours: float
    weekend_hours: float
    weighted: float
    pages: int
    night_pages: int
    nights: int
    median: float | None
    p90: float | None


@dataclass(frozen=True, slots=True)
class Row:
    """A schedule. `figures`: None where fewer than MIN_PEOPLE were on call; `fairness`: 0 to 1."""

    schedule: Schedule
    people: int
    gap_hours: float
    fairness: float | None
    figures: Figures | None


@dataclass(frozen=True, slots=True)
class Single:
    """One person: oneself, or somebody whose manager one is."""

    person: User
    figures: Figures


class Report(NamedTuple):
    rows: list[Row]
    singles: list[Single]


def report(actor: Actor, begin: datetime, end: datetime) -> Report:
    """Of the hours that were served, and the pages, between two instants."""
    spans: dict[int, set[tuple[datetime, datetime]]] = defaultdict(set)
    served = Served.objects.filter(starts_at__gte=begin, ends_at__lte=end).select_related("person")
    loads: dict[int, dict[int, Load]] = defaultdict(lambda: defaultdict(Load))
    gaps: dict[int, float] = defaultdict(float)
    zones: dict[int, ZoneInfo] = {}
    people: dict[int, User] = {}
    for one in served:
        if one.person is None:
            gaps[one.schedule_id] += (one.ends_at - one.starts_at).total_seconds() / 3600
            continue
        people[one.person.pk] = one.person
        zone = zones.setdefault(one.person.pk, ZoneInfo(one.person.time_zone))
        spans[one.person.pk].add((one.starts_at, one.ends_at))
        loads[one.schedule_id][one.person.pk] += load_of(one.starts_at, one.ends_at, zone)
    pages = [page for find in _counts for page in find(begin, end)]
    for person in User.objects.filter(pk__in={page.person_id for page in pages} - set(people)):
        people[person.pk] = person
    nights = {one.pk: ZoneInfo(one.time_zone) for one in people.values()}
    schedules = Schedule.objects.visible_to(actor).filter(pk__in={*loads, *gaps}).order_by("name")
    rows = [_row(one, loads[one.pk], gaps[one.pk], pages, nights) for one in schedules]
    whole = {person: _once(of, nights[person]) for person, of in spans.items()}
    return Report(rows, _singles(actor, people, whole, pages, nights))


def _once(spans: set[tuple[datetime, datetime]], zone: ZoneInfo) -> Load:
    """Who is on call in two schedules at once is so once."""
    load, until = Load(), datetime.min.replace(tzinfo=UTC)
    for start, end in sorted(spans):
        if end > until:
            load += load_of(max(start, until), end, zone)
            until = end
    return load


def _row(
    schedule: Schedule, loads: dict[int, Load], gaps: float, pages: list[PageCount], zones: dict[int, ZoneInfo]
) -> Row:  # fmt: skip
    enough = len(loads) >= MIN_PEOPLE
    fair = jain([one.weighted for one in loads.values()]) if enough else None
    ours = [page for page in pages if page.schedule_id == schedule.pk]
    figures = _figures(list(loads.values()), ours, zones) if enough else None
    return Row(schedule, len(loads), gaps, None if fair is None else float(fair), figures)


def _singles(
    actor: Actor,
    people: dict[int, User],
    whole: dict[int, Load],
    pages: list[PageCount],
    zones: dict[int, ZoneInfo],
) -> list[Single]:
    mine = [one for one in people.values() if actor.id is not None and actor.id in (one.pk, one.manager_id)]
    return [
        Single(
            one,
            _figures(
                [whole.get(one.pk, Load())],
                [page for page in pages if page.person_id == one.pk],
                zones,
            ),
        )
        for one in sorted(mine, key=lambda one: (one.pk != actor.id, str(one)))
    ]


def _figures(loads: list[Load], pages: list[PageCount], zones: dict[int, ZoneInfo]) -> Figures:
    whole = sum(loads, Load())
    by_night = [(one.person_id, night_of(one.at, zones[one.person_id])) for one in pages]
    at_night = [one for one in by_night if one[1] is not None]
    waits = [one.acknowledged_after for one in pages if one.acknowledged_after is not None]
    return Figures(
        hours=_hours(whole.seconds), night_hours=_hours(whole.night), weekend_hours=_hours(whole.weekend),
        weighted=_hours(whole.weighted), pages=len(pages), night_pages=len(at_night), nights=len(set(at_night)),
        median=percentile(waits, 0.5), p90=percentile(waits, 0.9),
    )  # fmt: skip


def _hours(seconds: int | Fraction) -> float:
    return round(float(Fraction(seconds) / 3600), 1)
