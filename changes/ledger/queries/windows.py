"""When changes pay: from their start to the end of their watch, in minutes since 1970."""

from datetime import UTC, date, datetime, timedelta

from django.db.models import Q

from changes.change.models import Change
from changes.change.workflow import Status
from changes.ledger.rules import WATCH_MINUTES, MinuteRange
from slo.engine.samples import epoch_minute, instant_of

DAY = 24 * 60
_WATCH = timedelta(minutes=WATCH_MINUTES)


def window_of(change: Change, at: datetime) -> MinuteRange | None:
    """Null before it starts; what runs pays until now. What was found without an end lasted no time."""
    if change.started_at is None:
        return None
    ended = change.finished_at or (at if change.status == Status.RUNNING else change.started_at)
    first = epoch_minute(change.started_at)
    watch = 0 if change.status == Status.RUNNING else WATCH_MINUTES
    # The minute in which it ended is still its own.
    return MinuteRange(first, max(first, epoch_minute(ended) + 1) + watch)


def paying(service_id: int, environment: str, span: MinuteRange, at: datetime) -> list[tuple[int, MinuteRange]]:
    """The changes of a service that pay in these minutes, with their whole windows, by number. One query."""
    rows = (
        Change.objects.filter(
            service=service_id, environment=environment, started_at__isnull=False, started_at__lt=instant_of(span.last)
        )
        .filter(
            Q(status=Status.RUNNING)
            | Q(finished_at__gt=instant_of(span.first - 1) - _WATCH)
            | Q(finished_at=None, started_at__gt=instant_of(span.first - 1) - _WATCH)
        )
        .only("status", "started_at", "finished_at")
        .order_by("pk")
    )
    windows = ((change.pk, window_of(change, at)) for change in rows)
    return [(pk, one) for pk, one in windows if one and one.first < span.last and one.last > span.first]


def first_minute(day: date) -> int:
    """Of a day in UTC."""
    return epoch_minute(datetime(day.year, day.month, day.day, tzinfo=UTC))


def day_of(minute: int) -> date:
    """The day in UTC of this minute."""
    return instant_of(minute).date()


def days_of(span: MinuteRange) -> list[date]:
    """The days in UTC that these minutes touch."""
    first, last = span.first // DAY, (max(span.first, span.last - 1)) // DAY
    return [day_of(number * DAY) for number in range(first, last + 1)]
