"""Periods, and the local days, weeks and months that they are cut into."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import pairwise

from django.db.models import Q
from django.utils import timezone

from incidents.reports.vocabulary import Bucket, Span

MOST_BUCKETS = 400
_DAYS_AS_DAYS, _DAYS_AS_WEEKS = 62, 400


@dataclass(frozen=True, slots=True)
class Period:
    """[since, until); None: no bound. Zones are settled by who asks."""

    since: datetime | None = None
    until: datetime | None = None

    def holds(self, column: str) -> Q:
        """That a time is known and lies in it."""
        found = Q(**{f"{column}__isnull": False})
        if self.since is not None:
            found &= Q(**{f"{column}__gte": self.since})
        if self.until is not None:
            found &= Q(**{f"{column}__lt": self.until})
        return found

    @property
    def end(self) -> datetime:
        """The instant at which a backlog is looked at: the period's end, where that is not ahead."""
        now = timezone.now()
        return now if self.until is None else min(self.until, now)

    def before(self, zone: tzinfo) -> "Period | None":
        """As many local days right before it, or as many months where it holds whole ones; None without both bounds."""
        if self.since is None or self.until is None:
            return None
        first, end = self.since.astimezone(zone), self.until.astimezone(zone)
        months = (end.year - first.year) * 12 + end.month - first.month
        if months and {first.day, end.day} == {1} and first.time() == end.time() == time():
            place = first.year * 12 + first.month - 1 - months
            return Period(datetime(place // 12, place % 12 + 1, 1, tzinfo=zone), self.since)
        days = max((end.date() - first.date()).days, 1)
        return Period(datetime.combine(first.date() - timedelta(days=days), first.time(), zone), self.since)


ALL_TIME = Period()


def spanned(span: Span, now: datetime, zone: tzinfo) -> Period:
    """Whole local days of the zone; weeks begin on Monday. The last days end with today."""
    today = now.astimezone(zone).date()
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    ends: Mapping[Span, tuple[date, date]] = {
        Span.YESTERDAY: (today - timedelta(days=1), today),
        Span.LAST_WEEK: (monday - timedelta(days=7), monday),
        Span.LAST_MONTH: ((first - timedelta(days=1)).replace(day=1), first),
        Span.THIS_MONTH: (first, (first + timedelta(days=32)).replace(day=1)),
        Span.DAYS_30: (today - timedelta(days=29), today + timedelta(days=1)),
        Span.DAYS_90: (today - timedelta(days=89), today + timedelta(days=1)),
    }
    if span not in ends:
        return ALL_TIME
    return Period(*(datetime.combine(day, time(), zone) for day in ends[span]))


def usual_bucket(period: Period, zone: tzinfo) -> Bucket:
    """What draws a period in few enough columns."""
    if period.since is None:
        return Bucket.MONTH
    days = (period.end.astimezone(zone).date() - period.since.astimezone(zone).date()).days
    return Bucket.DAY if days <= _DAYS_AS_DAYS else Bucket.WEEK if days <= _DAYS_AS_WEEKS else Bucket.MONTH


def buckets(period: Period, bucket: Bucket, zone: tzinfo) -> list[Period]:
    """A period that has a beginning, cut where local days, weeks or months meet, as far as it has come; at most
    MOST_BUCKETS of them, the last ones. A local day has 23 to 25 hours."""
    if period.since is None or period.since >= period.end:
        return []
    first, end = period.since.astimezone(zone), period.end.astimezone(zone)
    edges, at = [first], _next(first, bucket)
    while at < end:
        edges.append(at)
        at = _next(at, bucket)
    whole = period.until is not None and period.until <= period.end
    edges.append(end if whole else at)
    return [Period(*pair) for pair in pairwise(edges)][-MOST_BUCKETS:]


def _next(at: datetime, bucket: Bucket) -> datetime:
    """The beginning of the local day, week or month after this one."""
    day = at.date()
    if bucket == Bucket.DAY:
        later = day + timedelta(days=1)
    elif bucket == Bucket.WEEK:
        later = day + timedelta(days=7 - day.weekday())
    else:
        later = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return datetime.combine(later, time(), at.tzinfo)
