"""Calendar periods: known boundaries by hand, and Python's arithmetic against PostgreSQL's over random instants."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from slo import sql
from slo.engine.calendars import DEFAULT_ANCHOR, MOST, Calendar, Unit, period
from slo.engine.samples import epoch_minute, instant_of

ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",  # clocks jump by half an hour
    "Asia/Kathmandu",  # 5:45 ahead
    "Pacific/Apia",  # had no 30 December 2011
    "America/Goose_Bay",  # went back at 00:01, so from one month into another
    "UTC",
]


def utc(text: str) -> int:
    return epoch_minute(datetime.fromisoformat(text).replace(tzinfo=UTC))


def told(calendar: Calendar, at: str) -> tuple[str, str]:
    first, end = period(calendar, utc(at))
    return f"{instant_of(first):%Y-%m-%d %H:%M}", f"{instant_of(end):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("unit", "count", "zone", "start", "at", "first", "end"),
    [
        # A month in Berlin begins at 23:00 or 22:00 UTC of the day before.
        ("month", 1, "Europe/Berlin", None, "2025-03-15 12:00", "2025-02-28 23:00", "2025-03-31 22:00"),
        ("month", 1, "UTC", None, "2024-02-10 00:00", "2024-02-01 00:00", "2024-03-01 00:00"),
        # A boundary belongs to the period that it begins.
        ("month", 1, "UTC", None, "2024-03-01 00:00", "2024-03-01 00:00", "2024-04-01 00:00"),
        ("month", 1, "UTC", None, "2024-02-29 23:59", "2024-02-01 00:00", "2024-03-01 00:00"),
        # The week in which clocks go forward has 167 hours.
        ("week", 1, "Europe/Berlin", None, "2025-03-28 00:00", "2025-03-23 23:00", "2025-03-30 22:00"),
        ("week", 2, "UTC", None, "2023-12-31 00:00", "2023-12-18 00:00", "2024-01-01 00:00"),
        ("quarter", 1, "Asia/Kathmandu", None, "2024-05-01 00:00", "2024-03-31 18:15", "2024-06-30 18:15"),
        ("year", 1, "America/New_York", None, "2025-01-01 04:59", "2024-01-01 05:00", "2025-01-01 05:00"),
        # From the 31st: a shorter month gives its last day, and the next month is the 31st again.
        ("month", 1, "UTC", "2024-01-31 09:00", "2025-02-28 09:00", "2025-02-28 09:00", "2025-03-31 09:00"),
        ("month", 1, "UTC", "2024-01-31 09:00", "2025-02-28 08:59", "2025-01-31 09:00", "2025-02-28 09:00"),
        # 02:30 does not exist on 30 March 2025 in Berlin: 03:30 summer time, which is 01:30 UTC.
        ("week", 1, "Europe/Berlin", "2025-03-23 02:30", "2025-03-30 01:30", "2025-03-30 01:30", "2025-04-06 00:30"),
        ("week", 1, "Europe/Berlin", "2025-03-23 02:30", "2025-03-30 01:29", "2025-03-23 01:30", "2025-03-30 01:30"),
        # 02:30 comes twice on 26 October 2025 in Berlin: PostgreSQL takes the second, 01:30 UTC.
        ("week", 1, "Europe/Berlin", "2025-10-19 02:30", "2025-10-26 01:29", "2025-10-19 00:30", "2025-10-26 01:30"),
        # Lord Howe: 01:45 comes twice on 6 April 2025; the second is at +10:30.
        (
            "week",
            1,
            "Australia/Lord_Howe",
            "2025-04-06 01:45",
            "2025-04-06 00:00",
            "2025-04-05 15:15",
            "2025-04-12 15:15",
        ),
        # Goose Bay showed 1 November 2009 for a minute, then 31 October again: its second 23:30 is 03:30 UTC.
        (
            "month",
            1,
            "America/Goose_Bay",
            "2009-08-31 23:30",
            "2009-11-01 03:00",
            "2009-10-01 02:30",
            "2009-11-01 03:30",
        ),
        # Apia: 30 December 2011 is not there, so its 00:00 is 31 December 00:00 at +14.
        ("month", 1, "Pacific/Apia", "2011-11-30 00:00", "2011-12-30 10:00", "2011-12-30 10:00", "2012-01-29 10:00"),
    ],
)
def test_known_periods(unit: str, count: int, zone: str, start: str | None, at: str, first: str, end: str) -> None:
    anchor = datetime.fromisoformat(start) if start else None
    assert told(Calendar(unit, count, zone, anchor), at) == (first, end)


@pytest.mark.parametrize(
    ("unit", "count", "zone", "start", "sentence"),
    [
        ("day", 7, "UTC", None, "weeks, months, quarters or years"),
        ("week", 0, "UTC", None, "7 to 366 days"),
        ("week", 53, "UTC", None, "7 to 366 days"),
        ("month", 13, "UTC", None, "7 to 366 days"),
        ("quarter", 5, "UTC", None, "7 to 366 days"),
        ("year", 2, "UTC", None, "7 to 366 days"),
        ("week", 1, "Europe/Atlantis", None, "not known"),
        ("week", 1, "", None, "not known"),
        ("week", 1, "../../etc/passwd", None, "not known"),
        ("week", 1, "CET", None, "not known"),  # a place to Python, a fixed offset to PostgreSQL
        ("week", 1, "localtime", None, "not known"),
        ("week", 1, "UTC", datetime(2024, 1, 1, tzinfo=UTC), "local time"),
        ("week", 1, "UTC", DEFAULT_ANCHOR.replace(second=30), "whole minute"),
    ],
)
def test_what_is_no_calendar(unit: str, count: int, zone: str, start: datetime | None, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Calendar(unit, count, zone, start)


def test_every_longest_period_is_accepted() -> None:
    for unit, most in MOST.items():
        first, end = period(Calendar(unit, most, "UTC"), utc("2024-06-01 00:00"))
        assert 364 <= (end - first) / 1440 <= 366


def random_cases(number: int, seed: int) -> list[tuple[int, Calendar]]:
    """Instants of three kinds: anywhere, right at a boundary, and within two days of one (where clocks may jump)."""
    dice = random.Random(seed)
    cases = []
    for _ in range(number):
        unit = dice.choice(list(Unit))
        days, minutes = dice.randrange(9000), dice.choice([0, 0, 105, 150, 165, 1410, dice.randrange(1440)])
        anchor = dice.choice([None, DEFAULT_ANCHOR + timedelta(days=days - 7000, minutes=minutes)])
        calendar = Calendar(unit, dice.randint(1, MOST[unit]), dice.choice(ZONES), anchor)
        minute = dice.randrange(utc("2006-01-01"), utc("2034-01-01"))
        near = dice.choice([None, 0, -1, dice.randint(-2880, 2880)])
        cases.append((minute if near is None else period(calendar, minute)[1] + near, calendar))
    return cases


def test_a_period_holds_its_instant_and_periods_join() -> None:
    for minute, calendar in random_cases(3000, seed=1):
        first, end = period(calendar, minute)
        assert first <= minute < end
        assert period(calendar, end)[0] == end
        assert period(calendar, first - 1)[1] == first
        assert 6.9 <= (end - first) / 1440 <= 367.1


@pytest.mark.django_db
def test_postgresql_finds_the_same_periods() -> None:
    cases = random_cases(12_000, seed=2)
    columns = zip(
        *((at, c.unit.value if isinstance(c.unit, Unit) else c.unit, c.count, c.start, c.zone) for at, c in cases),
        strict=True,
    )
    with connection.cursor() as cursor:
        cursor.execute(sql.text("slo_period"))
        cursor.execute(
            "SELECT found.first, found.last FROM unnest(%s::bigint[], %s::text[], %s::int[], %s::timestamp[], %s::text[])"
            " WITH ORDINALITY AS c (at, unit, count, start, zone, place),"
            " LATERAL slo_period(c.at, c.unit, c.count, c.start, c.zone) AS found ORDER BY place",
            [list(column) for column in columns],
        )
        found = cursor.fetchall()
    wrong = [(*case, got) for case, got in zip(cases, found, strict=True) if period(case[1], case[0]) != got]
    assert wrong == []


def test_the_default_anchor_is_a_monday() -> None:
    assert DEFAULT_ANCHOR.weekday() == 0


@pytest.mark.django_db
def test_the_migration_made_this_very_function() -> None:
    with connection.cursor() as cursor:
        body = "SELECT pg_get_function_sqlbody(oid) FROM pg_proc WHERE proname = 'slo_period'"
        cursor.execute(body)
        made = cursor.fetchall()
        cursor.execute(sql.text("slo_period"))
        cursor.execute(body)
        assert made == cursor.fetchall()
        assert len(made) == 1
