"""Periods in the zone that is shown: local days of 23 to 25 hours, weeks from Monday, months."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from incidents.reports.filters import first_day_without
from incidents.reports.operations.mailing import next_morning
from incidents.reports.queries.periods import ALL_TIME, Period, buckets, spanned
from incidents.reports.vocabulary import Bucket, Every, Span

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 28, 15, tzinfo=UTC)


def a_period(since: str, until: str, zone: ZoneInfo = BERLIN) -> Period:
    return Period(*(datetime.fromisoformat(day).replace(tzinfo=zone) for day in (since, until)))


def hours(parts: list[Period]) -> list[float]:
    return [(one.until.astimezone(UTC) - one.since.astimezone(UTC)) / timedelta(hours=1) for one in parts]


@pytest.mark.parametrize(
    ("since", "until", "zone", "expected"),
    [
        ("2026-03-28", "2026-03-31", "Europe/Berlin", [24, 23, 24]),
        ("2026-10-24", "2026-10-27", "Europe/Berlin", [24, 25, 24]),
        ("2026-04-04", "2026-04-07", "Australia/Lord_Howe", [24, 24.5, 24]),
        ("2026-03-28", "2026-03-31", "UTC", [24, 24, 24]),
    ],
)
def test_a_local_day_has_as_many_hours_as_it_has(since: str, until: str, zone: str, expected: list[float]) -> None:
    there = ZoneInfo(zone)
    assert hours(buckets(a_period(since, until, there), Bucket.DAY, there)) == expected


def test_a_week_begins_on_monday_and_a_month_on_its_first() -> None:
    weeks = buckets(a_period("2026-03-26", "2026-04-08"), Bucket.WEEK, BERLIN)
    assert [one.since.date().isoformat() for one in weeks] == ["2026-03-26", "2026-03-30", "2026-04-06"]
    assert hours(weeks) == [95, 168, 48]
    months = buckets(a_period("2026-01-15", "2026-03-10"), Bucket.MONTH, BERLIN)
    assert [one.since.date().isoformat() for one in months] == ["2026-01-15", "2026-02-01", "2026-03-01"]


def test_buckets_touch_and_fill_the_period() -> None:
    whole = a_period("2026-03-01", "2026-04-01")
    parts = buckets(whole, Bucket.DAY, BERLIN)
    assert (parts[0].since, parts[-1].until) == (whole.since, whole.until)
    assert all(one.until == after.since for one, after in pairwise(parts))
    assert buckets(ALL_TIME, Bucket.DAY, BERLIN) == []


@pytest.mark.parametrize(
    ("span", "since", "until"),
    [
        (Span.YESTERDAY, "2026-11-27", "2026-11-28"),
        (Span.LAST_WEEK, "2026-11-16", "2026-11-23"),
        (Span.LAST_MONTH, "2026-10-01", "2026-11-01"),
        (Span.THIS_MONTH, "2026-11-01", "2026-12-01"),
        (Span.DAYS_30, "2026-10-30", "2026-11-29"),
    ],
)
def test_a_span_is_whole_local_days(span: Span, since: str, until: str) -> None:
    assert spanned(span, NOW, BERLIN) == a_period(since, until)


def test_the_day_is_that_of_the_zone() -> None:
    late = datetime(2026, 11, 28, 23, 30, tzinfo=UTC)
    assert spanned(Span.YESTERDAY, late, BERLIN) == a_period("2026-11-28", "2026-11-29")


def test_before_a_month_lies_a_month_and_before_days_as_many_days() -> None:
    assert a_period("2026-03-01", "2026-04-01").before(BERLIN) == a_period("2026-02-01", "2026-03-01")
    assert a_period("2026-03-23", "2026-03-30").before(BERLIN) == a_period("2026-03-16", "2026-03-23")
    assert a_period("2026-03-30", "2026-04-06").before(BERLIN) == a_period("2026-03-23", "2026-03-30")  # 167 hours
    assert ALL_TIME.before(BERLIN) is None


@pytest.mark.parametrize(
    ("every", "now", "then"),
    [
        (Every.DAY, "2026-03-28T12:00+01:00", "2026-03-29T07:00+02:00"),
        (Every.DAY, "2026-03-28T23:30+00:00", "2026-03-30T07:00+02:00"),
        (Every.WEEK, "2026-11-28T15:00+00:00", "2026-11-30T07:00+01:00"),
        (Every.WEEK, "2026-11-30T07:00+01:00", "2026-12-07T07:00+01:00"),
        (Every.MONTH, "2026-11-28T15:00+00:00", "2026-12-01T07:00+01:00"),
    ],
)
def test_the_next_morning_is_at_seven_where_the_reader_is(every: Every, now: str, then: str) -> None:
    found = next_morning(every, datetime.fromisoformat(now), BERLIN)
    assert found == datetime.fromisoformat(then)


@pytest.mark.parametrize(
    ("until", "day"),
    [
        (datetime(2026, 11, 29, 22, 43, tzinfo=UTC), "2026-11-30"),
        (datetime(2026, 11, 28, 23, 0, tzinfo=UTC), "2026-11-29"),  # midnight in Berlin
    ],
)
def test_a_period_that_ends_now_is_shown_with_today(until: datetime, day: str) -> None:
    """What its form shows, sent back, must not leave out what happened today."""
    assert first_day_without(until, ZoneInfo("Europe/Berlin")) == day
