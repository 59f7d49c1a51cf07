"""Recurring windows: read strictly, meant by the wall clock, and equal to a library and to a walk through minutes."""
# ruff: noqa: DTZ001 -- local times have no zone, which is what is tested

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from changes.calendar.rules.recurrence import instant, local_starts, periods
from changes.calendar.rules.recurrence_rule import RefusedRule, read_rule
from tests.slo.proving import IN_FULL

# "HH:MM zone", the local date, the instant: specification, chapter 5.
GOLDEN = [
    ("02:30", "Europe/Berlin", "2027-03-27", "2027-03-27T01:30Z"),
    ("02:30", "Europe/Berlin", "2027-03-28", "2027-03-28T01:30Z"),
    ("02:30", "Europe/Berlin", "2027-03-29", "2027-03-29T00:30Z"),
    ("02:30", "Europe/Berlin", "2026-10-25", "2026-10-25T00:30Z"),
    ("01:30", "America/New_York", "2026-11-01", "2026-11-01T05:30Z"),
    ("02:15", "America/New_York", "2027-03-14", "2027-03-14T07:15Z"),
    ("23:45", "Asia/Kolkata", "2026-11-02", "2026-11-02T18:15Z"),
]
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Asia/Kolkata",
    "Pacific/Apia",
)


@pytest.mark.parametrize(("at", "zone", "day", "expected"), GOLDEN)
@pytest.mark.parametrize("rule", ["FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU"])
def test_the_wall_clock_is_what_is_meant(rule, at, zone, day, expected) -> None:
    meant = datetime.combine(date.fromisoformat(day), time.fromisoformat(at))
    wanted = datetime.fromisoformat(expected)
    found = periods(
        read_rule(rule),
        ZoneInfo(zone),
        meant - timedelta(days=30),
        timedelta(hours=2),
        wanted + timedelta(seconds=1),
        99,
    )
    assert found[-1] == (wanted, wanted + timedelta(hours=2))
    assert len(found) == 31


RULES = [
    "FREQ=DAILY;INTERVAL=3;COUNT=40",
    "FREQ=DAILY;BYMONTH=2,11;BYDAY=MO,FR",
    "FREQ=DAILY;BYMONTHDAY=13;BYDAY=FR",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,TU;WKST=SU",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,TU;WKST=MO",
    "FREQ=WEEKLY;BYDAY=SA;BYHOUR=2,14;BYMINUTE=0,30;BYSETPOS=-1",
    "FREQ=MONTHLY",
    "FREQ=MONTHLY;BYDAY=1MO,-1FR",
    "FREQ=MONTHLY;BYMONTHDAY=-1,15",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1,2",
    "FREQ=MONTHLY;INTERVAL=5;BYMONTHDAY=31",
    "FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR",
    "FREQ=YEARLY",
    "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH",
    "FREQ=YEARLY;BYDAY=20MO,-1SU",
    "FREQ=YEARLY;BYMONTHDAY=1",
    "FREQ=YEARLY;BYMONTH=1,7",
    "FREQ=YEARLY;INTERVAL=2;BYMONTH=2;BYMONTHDAY=29",
    "FREQ=WEEKLY;UNTIL=20270101",
    "FREQ=WEEKLY;UNTIL=20270101T021500",
    "FREQ=DAILY;BYMONTHDAY=-1,1;BYHOUR=0,23;BYSETPOS=1",
]


@pytest.mark.parametrize("text", RULES)
def test_a_rule_means_what_a_library_takes_it_for(text) -> None:
    for first in (datetime(2026, 1, 31, 2, 15), datetime(2024, 2, 29, 2, 15), datetime(2026, 12, 28, 23, 45)):
        latest = first + timedelta(days=1500)
        library = rrulestr(_as_library_takes_it(text), dtstart=first)
        assert list(local_starts(read_rule(text), first, latest)) == library.between(first, latest, inc=True)


def _as_library_takes_it(text: str) -> str:
    """A date alone means the whole of that day, which the library takes for its first instant."""
    return text.replace("UNTIL=20270101", "UNTIL=20270101T235959") if text.endswith("UNTIL=20270101") else text


@st.composite
def _any_rule(draw: st.DrawFn) -> str:
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts = [f"FREQ={frequency}", f"INTERVAL={draw(st.integers(1, 5))}"]
    if draw(st.booleans()):
        parts.append("BYMONTH=" + ",".join(map(str, draw(st.sets(st.integers(1, 12), min_size=1, max_size=4)))))
    if frequency != "WEEKLY" and draw(st.booleans()):
        days = st.integers(-31, 31).filter(bool)
        parts.append("BYMONTHDAY=" + ",".join(map(str, draw(st.sets(days, min_size=1, max_size=6)))))
    if draw(st.booleans()):
        days = draw(st.sets(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), min_size=1))
        which = draw(st.sampled_from(["", "1", "-1", "3"])) if frequency in ("MONTHLY", "YEARLY") else ""
        parts.append("BYDAY=" + ",".join(which + day for day in days))
    # Of the first week the library takes the days from the first start on, we all seven.
    if len(parts) > 2 and frequency != "WEEKLY" and draw(st.booleans()):
        parts.append(f"BYSETPOS={draw(st.sampled_from([1, 2, -1]))}")
    if draw(st.booleans()):
        parts.append(f"COUNT={draw(st.integers(1, 9))}")
    return ";".join(parts)


@settings(max_examples=1000 if IN_FULL else 60, deadline=None)
@given(
    text=_any_rule(),
    first=st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)).map(lambda at: at.replace(microsecond=0)),
)
def test_any_rule_means_what_a_library_takes_it_for(text, first) -> None:
    latest = first + timedelta(days=400)
    library = rrulestr(text, dtstart=first)
    # Asked for one after the other: of a rule that never comes it would look up to the year 9999.
    expected = [] if _never_comes(text, first) else library.between(first, latest, inc=True)
    assert list(local_starts(read_rule(text), first, latest)) == expected


def _never_comes(text: str, first: datetime) -> bool:
    """In thirty years."""
    return not any(
        True for _ in local_starts(read_rule(text.split(";COUNT")[0]), first, first + timedelta(days=30 * 366))
    )


class TestAWalkThroughMinutes:
    """What the clocks on the wall show, minute by minute, says where the windows lie."""

    @settings(max_examples=400 if IN_FULL else 12, deadline=None)
    @given(
        zone=st.sampled_from(ZONES),
        month=st.sampled_from([(2026, 10), (2027, 3), (2027, 4), (2026, 11), (2027, 2)]),
        shown=st.sampled_from([0, 15, 90, 105, 120, 135, 150, 165, 180, 185, 1425]),
    )
    def test_a_daily_window_starts_when_the_wall_first_shows_it(self, zone, month, shown) -> None:
        begin = datetime(*month, 1)
        first = begin + timedelta(minutes=shown)
        end = instant(begin + timedelta(days=31), ZoneInfo(zone))
        found = [
            one.starts_at
            for one in periods(read_rule("FREQ=DAILY"), ZoneInfo(zone), first, timedelta(hours=2), end, 99)
        ]
        assert found == self.walked(ZoneInfo(zone), first, end, shown)

    def walked(self, zone: ZoneInfo, first: datetime, end: datetime, shown: int) -> list[datetime]:
        """By day, the first minute at which the wall shows it; where it jumps over it, as much later as it jumps."""
        at = datetime(first.year, first.month, 1, tzinfo=UTC) - timedelta(days=1)
        seen: dict[date, datetime] = {}
        before = at.astimezone(zone).replace(tzinfo=None)
        while at < end:
            wall = at.astimezone(zone).replace(tzinfo=None)
            if wall - before > timedelta(minutes=1):
                for day in {before.date(), wall.date()}:
                    meant = datetime.combine(day, time()) + timedelta(minutes=shown)
                    if before < meant < wall:
                        seen.setdefault(day, at + (meant - before - timedelta(minutes=1)))
            if wall.hour * 60 + wall.minute == shown:
                seen.setdefault(wall.date(), at)
            before, at = wall, at + timedelta(minutes=1)
        return [start for day, start in sorted(seen.items()) if day >= first.date() and start < end]


REFUSED = {
    "": "FREQ",
    "FREQ": "reads like",
    "WEEKLY": "reads like",
    "BYDAY=MO": "says how often",
    "FREQ=SECONDLY": "daily or more rarely",
    "FREQ=MINUTELY;INTERVAL=5": "daily or more rarely",
    "FREQ=HOURLY": "daily or more rarely",
    "FREQ=FORTNIGHTLY": "FREQ is DAILY",
    "FREQ=DAILY;FREQ=WEEKLY": "said twice",
    "FREQ=DAILY;COUNT=1000000": "from 1 to 1000",
    "FREQ=DAILY;COUNT=0": "from 1",
    "FREQ=DAILY;INTERVAL=-1": "from 1",
    "FREQ=DAILY;INTERVAL=999999999999": "from 1",
    "FREQ=DAILY;COUNT=3;UNTIL=20270101": "say one of them",
    "FREQ=DAILY;UNTIL=20270231": "UNTIL is a date",
    "FREQ=DAILY;UNTIL=tomorrow": "UNTIL is a date",
    "FREQ=DAILY;BYSECOND=10": "not taken here",
    "FREQ=YEARLY;BYWEEKNO=20": "not taken here",
    "FREQ=YEARLY;BYYEARDAY=200": "not taken here",
    "FREQ=YEARLY;BYEASTER=1": "not taken here",
    "FREQ=WEEKLY;BYMONTHDAY=1": "does not go with",
    "FREQ=WEEKLY;BYDAY=1MO": "MONTHLY or YEARLY only",
    "FREQ=MONTHLY;BYDAY=0MO": "names weekdays",
    "FREQ=MONTHLY;BYDAY=99MO": "names weekdays",
    "FREQ=MONTHLY;BYDAY=XX": "names weekdays",
    "FREQ=MONTHLY;BYMONTHDAY=0": "from -31 to 31",
    "FREQ=MONTHLY;BYMONTHDAY=32": "from -31 to 31",
    "FREQ=MONTHLY;BYMONTH=13": "from 1 to 12",
    "FREQ=MONTHLY;BYSETPOS=1": "picks from another",
    "FREQ=MONTHLY;WKST=XX": "one weekday",
    "FREQ=DAILY;X-ODD=1": "has no part",
    "FREQ=DAILY;BYHOUR=٣": "from 0 to 23",
    "FREQ=DAILY;" + "BYHOUR=1;" * 100: "at most 500",
}


@pytest.mark.parametrize("text", REFUSED)
def test_an_odd_rule_is_refused_with_the_reason(text) -> None:
    with pytest.raises(RefusedRule, match=REFUSED[text]):
        read_rule(text)


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;INTERVAL=7;BYDAY=SU",
        "FREQ=YEARLY;INTERVAL=400;BYMONTH=2;BYMONTHDAY=29",
    ],
)
def test_a_rule_that_never_comes_is_walked_no_farther_than_asked(text) -> None:
    first = datetime(2026, 11, 30, 2)  # a Monday
    assert (
        periods(read_rule(text), ZoneInfo("UTC"), first, timedelta(hours=1), datetime(2028, 1, 1, tzinfo=UTC), 99) == ()
    )


def test_until_is_an_instant_where_it_says_so() -> None:
    zone, first = ZoneInfo("Europe/Berlin"), datetime(2026, 12, 1, 2)
    for until, last in (("20261203T010000Z", 3), ("20261203T005959Z", 2), ("20261203T020000", 3), ("20261202", 2)):
        rule = read_rule(f"FREQ=DAILY;UNTIL={until}")
        assert periods(rule, zone, first, timedelta(hours=1), datetime(2028, 1, 1, tzinfo=UTC), 99)[
            -1
        ].starts_at == datetime(2026, 12, last, 1, tzinfo=UTC)
