"""The calendar's month, week and lanes: what stands where, for whom, and in how few queries."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from changes.calendar.operations import windows
from changes.change.queries import calendar_grid as grid
from changes.change.queries.calendar import calendar_of
from changes.models import Change
from itsm.accounts.actors import actor_for
from itsm.kernel.actors import Door
from tests.factories.changes import a_measured_service, ask
from tests.factories.slo import a_service
from tests.together import each_of

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MONDAY = datetime(2027, 3, 1, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("day", "month", "week"),
    [
        (date(2027, 3, 31), (date(2027, 3, 1), date(2027, 4, 5)), (date(2027, 3, 29), date(2027, 4, 5))),
        (date(2026, 2, 1), (date(2026, 1, 26), date(2026, 3, 2)), (date(2026, 1, 26), date(2026, 2, 2))),
        (date(2027, 2, 1), (date(2027, 2, 1), date(2027, 3, 1)), (date(2027, 2, 1), date(2027, 2, 8))),
    ],
)
def test_a_month_and_a_week_begin_on_monday(day, month, week) -> None:
    assert (grid.month_of(day), grid.week_of(day)) == (month, week)


def a_chip(begins: datetime, ends: datetime) -> grid.Chip:
    return grid.Chip("freeze", "Sale", "amber", "", begins.date(), begins, ends)


def test_a_day_is_the_reader_s_and_ends_before_midnight() -> None:
    midnight = datetime(2027, 3, 28, tzinfo=BERLIN)  # the clocks go forward that night
    chips = [a_chip(midnight - 2 * HOUR, midnight), a_chip(midnight, midnight + 25 * HOUR)]
    days = grid.days_of(chips, date(2027, 3, 27), date(2027, 3, 31), date(2027, 3, 28), BERLIN, 3)
    assert [len(day.chips) for day in days] == [1, 1, 1, 0]
    assert [day.is_today for day in days] == [False, True, False, False]


def test_changes_that_meet_are_told_of_each_other() -> None:
    def change(pk: int, begins: int, ends: int, service: int = 1) -> Change:
        at = MONDAY + begins * HOUR
        return Change(
            pk=pk, service_id=service, environment="production", window_start=at, window_end=MONDAY + ends * HOUR
        )

    changes = [change(1, 0, 4), change(2, 1, 2), change(3, 2, 5), change(4, 4, 6), change(5, 4, 6, service=2)]
    met = grid.meeting(changes)
    assert {pk: met[pk] for pk in range(1, 6)} == {
        1: ("CHG-00002", "CHG-00003"), 2: ("CHG-00001",), 3: ("CHG-00001", "CHG-00004"), 4: ("CHG-00003",), 5: ()
    }  # fmt: skip


@pytest.mark.django_db
class TestPages:
    @pytest.fixture
    def change(self, person, as_actor):
        now, begins = timezone.now(), MONDAY + 8 * DAY
        author = as_actor(person("engineer", username="author"))
        service = a_measured_service(at=now, name="Till", slug="till")
        for summary in ("Swap the disks", "Swap the fans"):
            change = ask(service, author, summary=summary, at=now, window=(begins, begins + HOUR)).change
        return change

    @pytest.fixture
    def sale(self, manager):
        return windows.add_window(
            actor=actor_for(manager, Door.WEB), window_type="freeze", name="Sale", reason="Acme pays.", at=MONDAY,
            starts_at=MONDAY + 9 * DAY, ends_at=MONDAY + 9 * DAY + HOUR, rrule="FREQ=DAILY;COUNT=3", zone="UTC",
            services=[a_service(slug="shop")],
        )  # fmt: skip

    @pytest.mark.parametrize("shown", ["month", "week", "lanes"])
    def test_show_changes_and_closures(self, change, sale, engineer, requester, web, shown) -> None:
        page = web(engineer).get(f"/changes/calendar/{shown}/?on=2027-03-10").content.decode()
        assert page.count(">Sale<") == 3
        assert "Swap the disks" in page
        assert "at the same time as" in page
        assert "Acme" not in page
        theirs = web(requester).get(f"/changes/calendar/{shown}/?on=2027-03-10").content.decode()
        assert ">Sale<" in theirs
        assert "Swap" not in theirs

    def test_narrow_to_what_concerns_one_service(self, change, sale, engineer, web) -> None:
        page = web(engineer).get("/changes/calendar/month/?on=2027-03-10&service=till").content.decode()
        assert "Swap the disks" in page
        assert ">Sale<" not in page
        assert web(engineer).get("/changes/calendar/month/?service=nowhere").status_code == 404

    @each_of("on", ["", "soon", "0001-01-01", "9999-12-31", "2027-02-30", "20270301"])
    def test_take_no_odd_day(self, engineer, web, on) -> None:
        assert web(engineer).get(f"/changes/calendar/month/?on={on}").status_code == 200

    def test_a_month_of_thousands_is_three_reads(self, manager, engineer, django_assert_num_queries) -> None:
        for number in range(8):
            windows.add_window(
                actor=actor_for(manager, Door.WEB), window_type="maintenance", name=f"Night {number}", reason="Disks.",
                at=MONDAY, starts_at=MONDAY, ends_at=MONDAY + HOUR, zone="UTC", rrule="FREQ=DAILY",
            )  # fmt: skip
        actor = actor_for(engineer, Door.WEB)
        with django_assert_num_queries(3):
            read = calendar_of(actor, MONDAY, MONDAY + 31 * DAY)
        days = grid.days_of(grid.chips_of(read, UTC), MONDAY.date(), (MONDAY + 31 * DAY).date(), MONDAY.date(), UTC)
        assert {len(day.chips) for day in days} == {8}
        assert (len(days[0].shown), days[0].more) == (4, 4)

    def test_a_change_is_moved_after_it_was_said_what_it_meets_and_loses_there(
        self, change, sale, person, engineer, web
    ) -> None:
        client, address = web(person("engineer", username="author")), f"/changes/{change.reference}/move/"
        week = client.get("/changes/calendar/week/?on=2027-03-10").content.decode()
        assert f'data-move="{address}"' in week
        assert "data-move" not in web(engineer).get("/changes/calendar/week/?on=2027-03-10").content.decode()
        for part in (address, f"{address}free/"):
            assert web(engineer).get(part).status_code == 403
        asked = client.get(f"{address}?on=2027-03-10&back=week").content.decode()
        assert "Nothing is in its way there" in asked
        assert "is taken back" in asked, "what is lost is said"
        there = client.get(f"{address}?start={change.window_start.isoformat().replace('+', '%2B')}").content.decode()
        assert "it has the same time in this environment" in there
        for odd in ("?start=soon", "?start=9999-12-31T00:00:00Z", "?on=0001-01-01", "?start=2027-03-10"):
            assert client.get(address + odd).status_code == 200
        bands = client.get(f"{address}free/?from=2027-03-08&to=2999-01-01").json()["bands"]
        assert {one["day"] for one in bands} <= {f"2027-03-{day:02}" for day in range(8, 32)} | {
            f"2027-04-{day:02}" for day in range(1, 20)
        }
        said = dict(re.findall(r'name="(start|duration|version|agreed|back)" value="([^"]*)"', asked))
        refused = client.post(f"/changes/{change.reference}/schedule/", said | {"agreed": "another"})
        change.refresh_from_db()
        assert (refused.status_code, change.window_start) == (409, MONDAY + 8 * DAY)
        moved = client.post(f"/changes/{change.reference}/schedule/", said)
        change.refresh_from_db()
        assert (moved.status_code, change.window_start) == (302, MONDAY + 9 * DAY)
        assert moved["Location"] == "/changes/calendar/week/?on=2027-03-10"
