"""Who was on duty is written down each hour, as it was: later edits change no report."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max

from itsm import lifecycle
from itsm.oncall.models import Schedule, Served
from itsm.oncall.queries.duty import final_shifts

HOUR = timedelta(hours=1)
_MOST = timedelta(days=14)  # at a time, where it was not written for long


def write_served(at: datetime) -> int:
    """The whole hours of every live schedule that are not written yet. How many rows. Safe to run twice."""
    live = Schedule.objects.filter(live_at__lt=at)
    return sum(_write(schedule, at) for schedule in live.order_by("pk"))


@transaction.atomic
def _write(schedule: Schedule, at: datetime) -> int:
    held = lifecycle.locked(schedule)
    if held.live_at is None:
        return 0
    last = Served.objects.filter(schedule=held).aggregate(last=Max("ends_at"))["last"]
    begin = last or _hour(held.live_at)
    end = min(_hour(at), begin + _MOST)
    if held.retired_at is not None:
        end = min(end, _hour(held.retired_at))
    if begin >= end:
        return 0
    rows = []
    for shift in final_shifts(held, begin, end, left_since=at):
        start = shift.start
        while start < shift.end:
            stop = min(shift.end, _hour(start) + HOUR)
            rows += [
                Served(schedule=held, person_id=one, starts_at=start, ends_at=stop, source=shift.source.value)
                for one in (shift.people or (None,))
            ]
            start = stop
    Served.objects.bulk_create(rows)
    return len(rows)


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
