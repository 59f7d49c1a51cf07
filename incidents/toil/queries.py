"""Toil of a period: what sources say of people's events, reckoned by `rules`. It reads, and writes nothing.

Whoever reads it, the figures are the same: what lies in confidential queues is in nobody's, since it would show in
everybody's. Sub-domains and apps above register what they know of people's minutes (`minutes_come_from`).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.utils import timezone

from incidents.incident.models import Incident
from incidents.toil.rules import MIN_PEOPLE, Cause, Report, Work, around, reckoned, week_of
from itsm.audit.models import Entry
from itsm.kernel.actors import Kind
from itsm.work.models import TimeWorked

MIN_APPROVALS = 30  # fewer say little of how long people take
USUAL_WEEKS = 4
MOST_WEEKS = 53
_EDGE = timedelta(hours=24)  # what begins before a week may reach into it
_MOVES = ("assigned_to_id", "team_id")

Source = Callable[[datetime, datetime], Iterable[Work]]
Counted = Callable[[datetime, datetime], int]
_sources: list[Source] = []
_automatic: list[Counted] = []


def minutes_come_from(source: Source) -> None:
    """`source(first, last)` gives what people were busy with then. Called once, in `ready()` of what knows it."""
    if source not in _sources:
        _sources.append(source)


def automatic_approvals_come_from(counted: Counted) -> None:
    """`counted(first, last)` says how often nobody had to approve by hand. Called once, in `ready()`."""
    if counted not in _automatic:
        _automatic.append(counted)


@dataclass(frozen=True, slots=True)
class Saved:
    """What automatic approval saved: `approvals` that took nobody, times the `median_minutes` that people took for
    theirs (`by_people` of them); None for both where these are fewer than 30, or of fewer than three people."""

    approvals: int
    by_people: int
    median_minutes: float | None
    minutes: int | None


@dataclass(frozen=True, slots=True)
class Toil:
    """The whole weeks [first, last) in UTC."""

    first: datetime
    last: datetime
    report: Report
    saved: Saved


def whole_weeks(
    first: datetime | None, last: datetime | None, now: datetime | None = None
) -> tuple[datetime, datetime]:
    """The whole weeks that are over, of what was asked for: the last four, where nothing was. `last` is not part of it.

    Raises nothing: of a period without a whole week it is an empty one.
    """
    over = week_of(now or timezone.now())
    ends = min(week_of(last), over) if last is not None else over
    begins = week_of(first) if first is not None else ends - timedelta(weeks=USUAL_WEEKS)
    return min(begins, ends), ends


def toil(first: datetime, last: datetime) -> Toil:
    """Of these whole weeks, as `whole_weeks` gives them. A few queries for each source."""
    work = [*_of_incidents(first, last), *(one for source in _sources for one in source(first, last))]
    return Toil(first, last, reckoned(work, first, last), _saved(work, first, last))


def _saved(work: Iterable[Work], first: datetime, last: datetime) -> Saved:
    by_hand = [one for one in work if one.cause == Cause.APPROVAL and first <= one.end <= last]
    automatic = sum(counted(first, last) for counted in _automatic)
    enough = len(by_hand) >= MIN_APPROVALS and len({one.person for one in by_hand}) >= MIN_PEOPLE
    if not enough:
        return Saved(automatic, len(by_hand), None, None)
    minutes = median((one.end - one.start) / timedelta(minutes=1) for one in by_hand)
    return Saved(automatic, len(by_hand), minutes, round(minutes * automatic))


@dataclass(frozen=True, slots=True)
class _Known:
    service: str
    is_page: bool
    came_back_at: datetime | None


def _of_incidents(first: datetime, last: datetime) -> Iterator[Work]:
    """What people did to incidents that alerts opened, to those that came back, and handing any on."""
    entries = list(
        Entry.objects.filter(
            record_kind=Incident.kind, actor_kind=Kind.HUMAN.value, actor_id__isnull=False,
            at__gte=first - _EDGE, at__lt=last + _EDGE,
        )
        .order_by("id")
        .values_list("record_id", "actor_id", "event", "changes", "at")
    )  # fmt: skip
    logged = list(
        TimeWorked.objects.filter(
            record_kind=Incident.kind, by__account_type="human", at__gte=first - _EDGE, at__lt=last + _EDGE
        ).values_list("record_id", "by_id", "minutes", "at")
    )
    known = _known({one[0] for one in entries} | {one[0] for one in logged})
    instead = set()
    for record, person, minutes, at in logged:
        of = known.get(record)
        cause = _cause(of, at)
        if of is not None and cause is not None:
            instead.add((record, person, at.date()))
            yield Work(person, of.service, cause, at - timedelta(minutes=minutes), at)
    for record, actor, event, changes, at in entries:
        of = known.get(record)
        moved = event == "incident.edited" and any(name in changes for name in _MOVES)
        cause = Cause.REASSIGNMENT if moved and of is not None else _cause(of, at)
        if of is not None and cause is not None and actor is not None and (record, actor, at.date()) not in instead:
            yield around(cause, actor, of.service, at)


def _cause(of: _Known | None, at: datetime) -> Cause | None:
    if of is None:
        return None
    if of.came_back_at is not None and at >= of.came_back_at:
        return Cause.REPEAT
    return Cause.PAGE if of.is_page else None


def _known(ids: set[int]) -> dict[int, _Known]:
    rows = Incident.objects.filter(pk__in=ids, team__confidential=False).values_list(
        "pk", "service__slug", "source_key"
    )
    again = Entry.objects.filter(record_id__in=ids, record_kind=Incident.kind, event="incident.reopened")
    came_back = dict(again.order_by("-id").values_list("record_id", "at"))  # the first one comes last, and stays
    return {pk: _Known(slug or "", key is not None, came_back.get(pk)) for pk, slug, key in rows}


def minutes_in_28_days(service: object, at: datetime) -> int | None:
    """Minutes of toil in the four whole weeks before `at`, for the register of improvements: of a service those groups
    that may be shown, else all that may. None where some may not and nothing is left: that is no zero.

    Raises nothing.
    """
    first, last = whole_weeks(None, at, at)
    report = toil(first, last).report
    slug = getattr(service, "slug", None)
    if slug is None:
        found = [report.total] if report.total is not None else []
    else:
        found = [row.minutes for row in report.rows if row.service == slug]
    hides = report.hidden_weeks > 0 or report.others is not None
    return None if hides and not found else sum(found)
