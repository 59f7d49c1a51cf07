"""What is in the way of a change, and where it would fit: page and API, by the gate's own reading."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from changes.change.operations import editing
from changes.change.queries.conflicts import conflicts_of
from changes.change.queries.slots import AHEAD, slots_of
from changes.change.workflow import Status
from changes.models import Change
from tests.factories.catalog import relies_on
from tests.factories.changes import a_measured_service, a_window, ask
from tests.factories.slo import T0, a_service

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NIGHT = T0.replace(hour=22, minute=0) + DAY


@pytest.fixture
def enter(managing):
    def entered(name, starts, ends, window_type="freeze", at=T0, **more):
        return a_window(
            managing,
            window_type=window_type,
            name=name,
            reason="So.",
            at=at,
            starts_at=starts,
            ends_at=ends,
            **more,
        )

    return entered


@pytest.fixture
def service():
    return a_measured_service()


def kinds(change: Change, at=T0) -> list[tuple[str, str]]:
    return [(one.kind.value, one.window or one.change.reference) for one in conflicts_of(change, at).found]


class TestConflicts:
    def test_say_with_whom_and_since_when(self, service, asker, enter) -> None:
        first = ask(service, asker, window=(NIGHT, NIGHT + HOUR), at=T0 - HOUR).change
        second = ask(service, asker, summary="Another", window=(NIGHT, NIGHT + HOUR)).change
        enter("Sale", NIGHT + HOUR / 2, NIGHT + DAY)
        enter("Later", NIGHT + DAY, NIGHT + 2 * DAY)
        found = conflicts_of(second, T0 + HOUR)
        assert kinds(second) == [("window", "Sale"), ("same_ci", first.reference), ("window", first.reference)]
        assert found.seen_at == T0 + HOUR
        assert [one.since for one in found.found] == [T0, T0 - HOUR, T0 - HOUR]
        assert (found.found[0].starts_at, found.found[0].ends_at) == (NIGHT + HOUR / 2, NIGHT + DAY)

    def test_are_none_where_nothing_meets_it(self, service, asker) -> None:
        ask(service, asker, window=(NIGHT, NIGHT + HOUR))
        assert kinds(ask(service, asker, summary="After", window=(NIGHT + HOUR, NIGHT + 2 * HOUR)).change) == []

    def test_know_a_maintenance_that_has_to_be_kept(self, service, asker, enter) -> None:
        enter(
            "Nights",
            NIGHT,
            NIGHT + HOUR,
            "maintenance",
            demanded=True,
            services=[service],
            rrule="FREQ=DAILY",
            zone="UTC",
        )
        inside, outside = (
            ask(service, asker, summary=str(at), window=(at, at + HOUR / 2)).change for at in (NIGHT, NIGHT + HOUR)
        )
        assert kinds(inside) == []
        assert kinds(outside) == [("window", "Nights")]
        assert conflicts_of(outside, T0).found[0].is_left

    def test_know_what_failed_in_the_same_maintenance_that_recurs(self, service, asker, enter) -> None:
        enter("Nights", NIGHT, NIGHT + HOUR, "maintenance", services=[service], rrule="FREQ=DAILY", zone="UTC")
        failed = ask(service, asker).change
        Change.objects.filter(pk=failed.pk).update(
            status=Status.CANCELLED, outcome_code="unsuccessful", started_at=NIGHT, finished_at=NIGHT + HOUR / 2
        )
        for days, expected in ((80, [("failed_in_window", failed.reference)]), (95, [])):
            begins = NIGHT + days * DAY
            assert kinds(ask(service, asker, summary=str(days), window=(begins, begins + HOUR / 2)).change) == expected
        begins = NIGHT + 80 * DAY + 2 * HOUR  # not in the night
        assert kinds(ask(service, asker, summary="By day", window=(begins, begins + HOUR / 2)).change) == []

    def test_are_read_by_a_fixed_number_of_queries(self, service, asker, enter, django_assert_max_num_queries) -> None:
        for number in range(4):
            ask(service, asker, summary=str(number), window=(NIGHT, NIGHT + HOUR))
        change = Change.objects.select_related("service").last()
        with django_assert_max_num_queries(6):
            conflicts_of(change, T0)


class TestSlots:
    def test_are_the_golden_ones(self, service, asker, enter) -> None:
        day = T0.replace(hour=0, minute=0) + DAY
        enter("Blackout", day + 10 * HOUR, day + timedelta(hours=11, minutes=20), "blackout")
        enter("Freeze", day + 15 * HOUR, day + 18 * HOUR)
        other = ask(service, asker, window=(day + 12 * HOUR, day + 13 * HOUR)).change
        now = day + timedelta(hours=10, minutes=7)
        found = slots_of(ask(service, asker, summary="Mine").change, HOUR, now)
        assert [(one.start - day, one.free_until) for one in found.slots] == [
            (13 * HOUR, day + 15 * HOUR), (18 * HOUR, now + AHEAD)
        ]  # fmt: skip
        assert [(one.start - day, one.by.name) for one in found.blocked_by] == [
            (timedelta(hours=10, minutes=15), "Blackout"), (timedelta(hours=11, minutes=30), other.reference)
        ]  # fmt: skip

    def test_heed_what_concerns_the_services_that_feel_it(self, service, asker, enter) -> None:
        shop = a_service()
        relies_on(shop, service)
        enter("Sale", T0, T0 + 3 * HOUR, services=[shop])
        assert slots_of(ask(service, asker).change, HOUR, T0).slots[0].start == T0 + 3 * HOUR

    def test_elsewhere_only_a_lockdown_closes(self, service, asker, enter) -> None:
        change = ask(service, asker, environment="staging").change
        enter("Sale", T0, T0 + 3 * HOUR)
        assert slots_of(change, HOUR, T0).slots[0].start == T0
        enter("Attack", T0, T0 + 2 * HOUR, "lockdown")
        assert slots_of(change, HOUR, T0).slots[0].start == T0 + 2 * HOUR

    def test_keep_to_a_maintenance_that_is_demanded_and_to_the_implementer(
        self, service, asker, enter, engineer
    ) -> None:
        enter(
            "Nights",
            NIGHT,
            NIGHT + 2 * HOUR,
            "maintenance",
            demanded=True,
            services=[service],
            rrule="FREQ=DAILY",
            zone="UTC",
        )
        change = ask(service, asker).change
        busy = ask(a_measured_service(), asker, window=(NIGHT, NIGHT + HOUR)).change
        assert slots_of(change, HOUR, T0).slots[0].start == NIGHT
        Change.objects.filter(pk__in=[change.pk, busy.pk]).update(implementer=engineer)
        change.refresh_from_db()
        assert [one.start for one in slots_of(change, HOUR, T0).slots] == [NIGHT + HOUR, NIGHT + DAY, NIGHT + 2 * DAY]


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Niue"])
def test_a_change_that_runs_for_ever_breaks_no_page_and_no_sum(service, asker, engineer, web, api, zone) -> None:
    now = timezone.now()
    service = a_measured_service(at=now)
    for_ever = (datetime(1, 1, 1, 12, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, tzinfo=UTC))
    endless = ask(service, asker, summary="For ever", window=(now, for_ever[1]), at=now).change
    Change.objects.filter(pk=endless.pk).update(window_start=for_ever[0])
    other = ask(service, asker, summary="Short", window=(now, now + HOUR), at=now).change
    type(engineer).objects.filter(pk=engineer.pk).update(time_zone=zone)
    for path in (
        "calendar/month",
        "calendar/week",
        "calendar/lanes",
        f"{other.reference}/slots",
        f"{other.reference}/conflicts",
        endless.reference,
    ):
        assert web(engineer).get(f"/changes/{path}/").status_code == 200, path
    assert api(engineer).get(f"/api/v1/changes/{other.reference}/slots/").json()["slots"] == []
    assert api(engineer).get(f"/api/v1/changes/{other.reference}/conflicts/").status_code == 200
    assert api(engineer).get("/api/v1/calendar/").status_code == 200
    for odd in ("from=9999-12-31T23:59:59Z", "from=0001-01-01T00:00:00Z", "to=9999-12-31T23:59:59Z"):
        assert api(engineer).get(f"/api/v1/calendar/?{odd}").status_code == 400, odd


class TestDoors:
    @pytest.fixture
    def change(self, author, as_actor):
        return ask(a_measured_service(at=timezone.now()), as_actor(author), at=timezone.now()).change

    @pytest.fixture
    def author(self, person):
        return person("engineer", username="author")

    def test_the_api_tells_the_same(self, change, author, api, enter) -> None:
        now = timezone.now()
        enter("Sale", now - HOUR, now + 3 * HOUR, at=now)
        conflicts = api(author).get(f"/api/v1/changes/{change.reference}/conflicts/").json()
        (one,) = conflicts["conflicts"]
        assert (one["kind"], one["calendar_window"], one["change"]) == ("window", "Sale", None)
        slots = api(author).get(f"/api/v1/changes/{change.reference}/slots/?duration=30").json()
        assert slots["blocked_by"][0]["name"] == "Sale"
        assert slots["slots"][0]["start"] >= slots["blocked_by"][0]["ends_at"]
        for odd in ("0", "-1", "soon", "999999", "٣"):
            assert api(author).get(f"/api/v1/changes/{change.reference}/slots/?duration={odd}").status_code == 400

    def test_the_calendar_of_a_period_and_of_a_service(self, change, author, api, enter, requester) -> None:
        now = timezone.now()
        editing.edit(
            change, actor=_author(author), version=change.version, at=now,
            window_start=now + DAY, window_end=now + DAY + HOUR,
        )  # fmt: skip
        enter("Sale", now + DAY, now + 2 * DAY, at=now, services=[a_service(slug="elsewhere")])
        told = api(author).get("/api/v1/calendar/").json()
        assert ([one["name"] for one in told["windows"]], [one["number"] for one in told["changes"]]) == (
            ["Sale"], [change.reference]
        )  # fmt: skip
        of_one = api(author).get(f"/api/v1/calendar/?service={change.service.slug}").json()
        assert (of_one["windows"], len(of_one["changes"])) == ([], 1)
        assert api(requester).get("/api/v1/calendar/").json()["changes"] == []
        for odd in (
            "from=2027-01-01T00:00:00Z&to=2127-01-01T00:00:00Z",
            "from=soon",
            "to=2000-01-01T00:00:00Z",
            "of=x",
        ):
            assert api(author).get(f"/api/v1/calendar/?{odd}").status_code == 400, odd
        assert api(author).get("/api/v1/calendar/?service=nowhere").status_code == 404

    def test_a_free_time_is_picked_on_the_page(self, change, author, web, engineer) -> None:
        browser = web(author)
        page = browser.get(f"/changes/{change.reference}/slots/?duration=45").content.decode()
        assert "What was asked or approved about its old time ends" in page
        start = timezone.now().replace(microsecond=0) + DAY
        words = {"start": start.isoformat(), "duration": "45", "version": change.version}
        assert web(engineer).post(f"/changes/{change.reference}/schedule/", words).status_code == 403
        for odd in ("soon", "9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+00:00"):
            assert browser.post(f"/changes/{change.reference}/schedule/", words | {"start": odd}).status_code == 400
        assert browser.post(f"/changes/{change.reference}/schedule/", words).status_code == 302
        change.refresh_from_db()
        assert change.window == (start, start + timedelta(minutes=45))
        assert change.status == Status.DRAFT
        assert browser.post(f"/changes/{change.reference}/schedule/", words).status_code == 412

    def test_what_is_in_its_way_stands_on_the_page(self, change, author, web, enter) -> None:
        now = timezone.now()
        enter("Sale", now - HOUR, now + 3 * HOUR, at=now)
        page = web(author).get(f"/changes/{change.reference}/conflicts/").content.decode()
        assert "Sale" in page
        assert "it is closed then" in page


def _author(author):
    from itsm.accounts.actors import actor_for
    from itsm.kernel.actors import Door

    return actor_for(author, Door.WEB)
