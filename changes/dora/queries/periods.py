"""The parts of a period by which a trend is shown: days, weeks or months, as its reader's calendar cuts them."""

from datetime import datetime, time, timedelta, tzinfo

_BY_DAY, _BY_WEEK = timedelta(days=31), timedelta(days=200)


def parts_of(since: datetime, until: datetime, zone: tzinfo) -> list[datetime]:
    """The edges of the parts, from `since` to `until`; first and last part are cut where the period is."""
    edges, day = [since], since.astimezone(zone).date()
    while True:
        if until - since <= _BY_DAY:
            day += timedelta(days=1)
        elif until - since <= _BY_WEEK:
            day += timedelta(days=7 - day.weekday())
        else:
            day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        edge = datetime.combine(day, time(), tzinfo=zone)
        if edge >= until:
            return [*edges, until]
        edges.append(edge)
