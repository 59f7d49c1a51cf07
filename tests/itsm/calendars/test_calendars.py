"""Calendars through both doors: versions that never change, what is refused, holidays brought in, the month as a picture."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.calendars import operations, queries
from itsm.calendars.formats.ics import whole_days
from itsm.calendars.forms import day_read, days_typed
from itsm.clocks.calendars import hours_at, hours_in
from itsm.clocks.models import Calendar, Due
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import InvalidInput, NotPermitted
from tests.together import each_of

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OFFICE = {"mon": ["09:00-17:00"], "tue": ["09:00-12:00", "13:00-17:00"]}
EVE = {"date": "2026-12-24", "name": "Christmas Eve", "spans": ["09:00-12:00"], "origin": "person"}


@pytest.fixture
def keeping(admin: User) -> Actor:
    return actor_for(admin, Door.WEB)


@pytest.fixture
def office(keeping: Actor) -> Calendar:
    return operations.create_calendar(
        actor=keeping, at=AT, name="Office", zone="Europe/Berlin", week=OFFICE, days=[EVE]
    )


def test_an_edit_makes_the_next_version_and_the_past_keeps_its_own(office: Calendar, keeping: Actor) -> None:
    later = AT + timedelta(days=7)
    operations.edit_calendar(office, actor=keeping, version=1, at=later, week={"mon": ["10:00-11:00"]})
    assert list(office.versions.order_by("number").values_list("number", "valid_from")) == [(1, AT), (2, later)]
    monday = date(2026, 3, 2)
    assert hours_at(office.pk, AT).spans_on(monday) != hours_at(office.pk, later).spans_on(monday)
    assert Due.objects.get(name="calendar_recount").record_id == office.pk


def test_an_edit_that_changes_no_hours_makes_no_version(office: Calendar, keeping: Actor) -> None:
    operations.edit_calendar(office, actor=keeping, version=1, at=AT, name="The office", week=OFFICE, days=[EVE])
    office.refresh_from_db()
    assert (office.name, office.number, office.versions.count()) == ("The office", 1, 1)


def test_counting_anew_from_the_past_needs_a_reason_and_the_future_is_refused(office: Calendar, keeping: Actor) -> None:
    now = AT + timedelta(days=7)
    for since, reason, field in ((AT, " ", "reason"), (now + timedelta(days=1), "why", "valid_from")):
        with pytest.raises(InvalidInput) as refused:
            operations.edit_calendar(office, actor=keeping, version=1, at=now, valid_from=since, reason=reason)
        assert list(refused.value.errors) == [field]
    operations.edit_calendar(office, actor=keeping, version=1, at=now, valid_from=AT, reason="It was wrong", days=[])
    assert office.versions.get(number=2).valid_from == AT


def test_who_is_no_administrator_keeps_no_calendar(office: Calendar, manager: User) -> None:
    actor = actor_for(manager, Door.WEB)
    with pytest.raises(NotPermitted):
        operations.edit_calendar(office, actor=actor, version=1, at=AT, name="Mine")
    with pytest.raises(NotPermitted):
        operations.create_calendar(actor=actor, at=AT, name="Mine", zone="UTC", week=OFFICE)


@each_of(
    ("said", "field", "words"),
    [
        ({"zone": "Mars/X"}, "zone", "no zone"),
        ({"zone": "../etc/passwd"}, "zone", "no zone"),
        ({"week": {}}, "week", "without any opening hours"),
        ({"week": {"mon": []}}, "week", "without any opening hours"),
        ({"week": {"mon": ["09:00-17:00", "16:00-18:00"]}}, "week.mon", "overlap"),
        ({"week": {"mon": ["09:00-25:00"]}}, "week.mon", "no clock shows"),
        ({"week": {"mon": ["09:00-12:60"]}}, "week.mon", "no clock shows"),
        ({"week": {"mon": ["22:00-06:00"]}}, "week.mon", "over midnight"),
        ({"week": {"mon": ["nine to five"]}}, "week.mon", "no span"),
        ({"week": {"mon": ["09:00-09:00"]}}, "week.mon", "before it begins"),
        ({"days": [{"date": "2027-02-29"}]}, "days.0", "no date"),
        ({"days": [{"date": "0001-01-01"}]}, "days.0", "no date"),
        ({"days": [{"date": "2026-12-24"}, {"date": "2026-12-24"}]}, "days.1", "twice"),
        ({"days": [{"date": "2026-12-24", "spans": ["12:00-09:00"]}]}, "days.0", "before it begins"),
    ],
)
def test_what_is_no_calendar_is_refused_at_its_place(
    api: Callable[..., APIClient], admin: User, said: dict[str, Any], field: str, words: str
) -> None:
    body = {"name": "Odd", "zone": "Europe/Berlin", "week": OFFICE, **said}
    answer = api(admin).post("/api/v1/calendars/", body, format="json")
    assert answer.status_code == 400, answer.content
    named = {one.get("field", one.get("pointer", "")): one for one in answer.json().get("errors", [])} or answer.json()
    assert field.split(".")[0] in str(named)
    assert words in answer.content.decode()
    assert not Calendar.objects.exists()


def test_over_rest_a_calendar_is_made_read_edited_and_its_name_is_its_own(
    api: Callable[..., APIClient], admin: User
) -> None:
    client = api(admin)
    body = {"name": "Office", "zone": "Europe/Berlin", "week": OFFICE, "days": [EVE]}
    made = client.post("/api/v1/calendars/", body, format="json")
    assert made.status_code == 201, made.content
    where = f"/api/v1/calendars/{made.json()['id']}/"
    shown = client.get(where).json()
    assert (shown["week"]["tue"], shown["week"]["sun"], shown["days"]) == (["09:00-12:00", "13:00-17:00"], [], [EVE])
    assert client.post("/api/v1/calendars/", {**body, "name": "OFFICE"}, format="json").status_code == 409
    assert client.patch(where, {"days": []}, format="json").status_code == 428
    edited = client.patch(where, {"days": []}, format="json", HTTP_IF_MATCH='"1"')
    assert (edited.status_code, edited.json()["number"], edited.json()["days"]) == (200, 2, [])
    assert client.patch(where, {"days": [EVE]}, format="json", HTTP_IF_MATCH='"1"').status_code == 412


def test_a_preview_shows_what_is_open_and_due_and_writes_nothing(
    office: Calendar, api: Callable[..., APIClient], agent: User
) -> None:
    body = {"begin": "2026-03-02T09:00:00+01:00", "end": "2026-03-04T00:00:00+01:00", "target_minutes": 540}
    said = api(agent).post(f"/api/v1/calendars/{office.pk}/preview/", body, format="json").json()
    assert [one["begin"] for one in said["open"]] == [
        "2026-03-02T08:00:00Z", "2026-03-03T08:00:00Z", "2026-03-03T12:00:00Z",
    ]  # fmt: skip
    assert (said["counted_seconds"], said["due_at"]) == (15 * 3600, "2026-03-03T09:00:00Z")
    assert office.versions.count() == 1


def test_public_holidays_leave_dates_that_a_person_named(office: Calendar) -> None:
    held = [{"date": "2026-04-03", "name": "We work", "spans": ["09:00-12:00"], "origin": "person"}]
    read = operations.imported_days(held, country="de", subdivision="BE", years=[2026])
    assert read["kept"][0]["date"] == "2026-04-03"
    assert {"2026-04-06", "2026-12-25"} <= {one["date"] for one in read["added"]}
    assert {one["origin"] for one in read["added"]} == {"holidays:DE-BE"}
    assert next(one for one in read["days"] if one["date"] == "2026-04-03") == held[0]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"country": "XX", "years": [2026]}, "country"),
        ({"country": "DE", "subdivision": "Nowhere", "years": [2026]}, "subdivision"),
        ({"country": "DE", "years": [1800]}, "years"),
        ({"country": "DE", "years": []}, "years"),
    ],
)
def test_an_unknown_country_part_or_year_is_named(said: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        operations.imported_days([], **said)
    assert list(refused.value.errors) == [field]


ICS = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//tests//EN
BEGIN:VEVENT
UID:1
DTSTART;VALUE=DATE:20261224
DTEND;VALUE=DATE:20261227
SUMMARY:Works holidays
END:VEVENT
BEGIN:VEVENT
UID:2
DTSTART;VALUE=DATE:20200501
RRULE:FREQ=YEARLY
SUMMARY:Labour Day
END:VEVENT
BEGIN:VEVENT
UID:3
DTSTART:20260701T100000Z
DTEND:20260701T110000Z
SUMMARY:A meeting
END:VEVENT
END:VCALENDAR
"""


def test_a_date_of_an_ics_file_is_that_date_in_every_zone() -> None:
    read = whole_days(ICS.replace("\n", "\r\n"), date(2026, 1, 1), date(2026, 12, 31))
    assert [one["date"] for one in read["days"]] == ["2026-05-01", "2026-12-24", "2026-12-25", "2026-12-26"]
    assert read["skipped"] == [{"name": "A meeting", "date": "2026-07-01"}]


def test_an_ics_file_is_read_in_a_child_and_what_is_none_is_refused() -> None:
    year = {"first": date(2026, 1, 1), "last": date(2026, 12, 31)}
    assert len(operations.imported_days([], ics=ICS, **year)["added"]) == 4
    for broken in ("no calendar", "BEGIN:VCALENDAR\nBEGIN:VEVENT\n", "\x00\x01"):
        with pytest.raises(InvalidInput) as refused:
            operations.imported_days([], ics=broken, **year)
        assert list(refused.value.errors) == ["ics"]


def test_a_month_shows_open_closed_short_and_holidays(office: Calendar, keeping: Actor) -> None:
    days = [EVE, {"date": "2026-12-21", "name": "Fair", "spans": [], "origin": "person"}]
    operations.edit_calendar(office, actor=keeping, version=1, at=AT, days=days)
    office.refresh_from_db()
    squares = {
        square.day.isoformat(): square
        for week in queries.month_picture(hours_in(queries.newest_version(office)), 2026, 12)
        for square in week
    }
    looks = {day: squares[f"2026-12-{day}"].look for day in ("20", "21", "22", "24")}
    assert looks == {"20": "off", "21": "holiday", "22": "open", "24": "short"}
    assert squares["2026-12-22"].seconds == 7 * 3600
    assert not squares["2026-11-30"].in_month


def test_what_is_typed_is_what_is_kept() -> None:
    days = [EVE, {"date": "2026-12-25", "name": "Christmas Day", "spans": [], "origin": "holidays:DE"}]
    assert [day_read(line) for line in days_typed(days).splitlines()] == days


def typed(office: Calendar, **said: str) -> dict[str, str]:
    return {"name": office.name, "mon": "09:00-17:00", "days": "", "version": str(office.version), **said}


def test_the_page_edits_and_keeps_what_was_typed_where_it_is_refused(
    office: Calendar, web: Callable[[User], Client], admin: User
) -> None:
    client, where = web(admin), office.get_absolute_url()
    refused = client.post(where, typed(office, mon="09:00-25:00", days="2026-12-25 Christmas"))
    assert refused.status_code == 400
    assert "no clock shows" in refused.content.decode()
    assert "2026-12-25 Christmas" in refused.content.decode()
    assert client.post(where, typed(office, days="tomorrow Christmas")).status_code == 422
    assert client.post(where, typed(office, days="2026-12-25 Christmas")).status_code == 302
    assert office.versions.get(number=2).days[0]["name"] == "Christmas"
    stale = client.post(where, typed(office, mon="10:00-11:00"))
    assert stale.status_code == 412


def test_what_is_wrong_with_a_day_stands_at_the_day(web: Callable[[User], Client], admin: User) -> None:
    said = {"name": "Office", "zone": "UTC", "mon": "9-17", "tue": "9-17", "days": ""}
    refused = web(admin).post("/calendars/new/", said)
    assert refused.status_code == 400
    form = refused.context["form"]
    assert set(form.errors) == {"mon", "tue"}
    assert "see below" in refused.content.decode()


def test_a_new_calendar_by_its_page(web: Callable[[User], Client], admin: User) -> None:
    said = {"name": "Kolkata", "zone": "Asia/Kolkata", "mon": "09:30-18:30", "days": ""}
    assert web(admin).post("/calendars/new/", said).status_code == 302
    assert Calendar.objects.get().zone == "Asia/Kolkata"


def test_holidays_are_looked_at_before_they_are_saved(
    office: Calendar, web: Callable[[User], Client], admin: User
) -> None:
    said = {"country": "DE", "subdivision": "BE", "year": "2026", "years": "1"}
    shown = web(admin).post(f"{office.get_absolute_url()}import/", said)
    assert shown.status_code == 200
    assert "2026-05-01 " in shown.content.decode()
    assert office.versions.count() == 1
    nobody = web(admin).post(f"{office.get_absolute_url()}import/", {**said, "country": "XX"})
    assert nobody.status_code == 400
    assert "is not known" in nobody.content.decode()


def test_who_works_here_reads_and_does_not_edit(office: Calendar, web: Callable[[User], Client], agent: User) -> None:
    shown = web(agent).get(f"{office.get_absolute_url()}?month=2026-12")
    assert shown.status_code == 200
    assert b"Christmas Eve" in shown.content
    assert b'name="mon"' not in shown.content
    assert web(agent).get(f"{office.get_absolute_url()}?month=never").status_code == 404
