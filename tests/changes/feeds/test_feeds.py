"""What leaves by a feed, and what comes in from calendars of others."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from changes.boards.operations.keeping import found_board
from changes.boards.operations.meetings import cancel_meeting, plan_meeting
from changes.calendar.operations import windows
from changes.feeds.formats.events import events_in
from changes.feeds.operations import issuing, subscribing
from changes.feeds.queries.showing import text_of
from changes.models import CalendarFeed, CalendarWindow, ProposedEvent
from itsm.api.models import IdempotencyRecord
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotFound, NotPermitted, WrongState
from itsm.notifications.outgoing import Answer
from tests.factories.changes import a_measured_service, ask
from tests.factories.slo import T0

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EVENT = "BEGIN:VEVENT\nUID:{uid}\nSUMMARY:{name}\n{rest}\nEND:VEVENT\n"


def ics(*events: str) -> str:
    return "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//t//t//EN\n" + "".join(events) + "END:VCALENDAR\n"


def an_event(
    uid: str = "sale", name: str = "Sale", rest: str = "DTSTART:20260401T080000Z\nDTEND:20260401T100000Z"
) -> str:
    return EVENT.format(uid=uid, name=name, rest=rest)


def read(text: str, managing: Actor, **words: Any) -> Any:
    return subscribing.subscribe(actor=managing, name="Shops", zone="Europe/Berlin", at=T0, text=text, **words)


def test_a_feed_says_when_and_which_and_nothing_why(
    managing: Actor, engineer: Any, as_actor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asker = as_actor(engineer)
    monkeypatch.setattr("django.utils.timezone.now", lambda: T0)
    service = a_measured_service()
    change = ask(service, asker, summary="Acme leaves", plan="Secret plan", window=(T0 + DAY, T0 + DAY + HOUR)).change
    windows.add_window(
        actor=managing, window_type="freeze", name="Merger", reason="Hush", starts_at=T0, ends_at=T0 + HOUR, at=T0
    )
    feed, token = issuing.issue_feed(actor=asker, about="service", service=service, at=T0)
    mine, my_token = issuing.issue_feed(actor=asker, about="person", at=T0)
    assert token not in str(CalendarFeed.objects.values())
    stranger = Client()
    answer = stranger.get(f"/changes/calendar/feeds/{token}.ics")
    text = answer.content.decode()
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert "no-store" in answer["Cache-Control"]
    for word in (f"SUMMARY:{change.reference}", "DTSTART:20260303T120000Z", "SUMMARY:Freeze window-", "\r\n"):
        assert word in text, text
    for secret in ("Acme", "Secret", "Merger", "Hush"):
        assert secret not in text
    assert "Freeze" not in stranger.get(f"/changes/calendar/feeds/{my_token}.ics").content.decode()
    with pytest.raises(NotPermitted):
        issuing.revoke_feed(feed, actor=managing, version=1, at=T0)
    issuing.revoke_feed(feed, actor=asker, version=1, at=T0)
    engineer_of = CalendarFeed.objects.get(pk=mine.pk).owner
    engineer_of.is_active = False
    engineer_of.save()
    for gone in (token, my_token, "x" * 43, feed.token_hash):
        assert stranger.get(f"/changes/calendar/feeds/{gone}.ics").status_code == 404
    with pytest.raises(InvalidInput):
        issuing.issue_feed(actor=managing, about="board", at=T0)


def test_a_boards_feed_names_the_meetings_that_take_place(managing: Actor, person: Any) -> None:
    board = found_board(actor=managing, at=T0, name="Board", seats={person("approver"): "chair"}, quorum=1)
    stands, off = (
        plan_meeting(board, actor=managing, starts_at=T0 + n * DAY, ends_at=T0 + n * DAY + HOUR, at=T0) for n in (1, 2)
    )
    cancel_meeting(off, actor=managing, at=T0, reason="Nothing to decide.")
    feed, _token = issuing.issue_feed(actor=managing, about="board", board=board, at=T0)
    text = text_of(feed, T0)
    assert (f"SUMMARY:{stands.reference}\r\n" in text, off.reference in text) == (True, False)


def test_over_rest_its_address_is_told_once_and_kept_nowhere(api: Any, engineer: Any) -> None:
    client = api(engineer)
    first = client.post(
        "/api/v1/calendar-feeds/", {"about": "person"}, content_type="application/json", HTTP_IDEMPOTENCY_KEY="k"
    )
    again = client.post(
        "/api/v1/calendar-feeds/", {"about": "person"}, content_type="application/json", HTTP_IDEMPOTENCY_KEY="k"
    )
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["address"].endswith(".ics")
    assert again.json()["address"] == ""
    token = first.json()["address"].rpartition("/")[2].removesuffix(".ics")
    assert token not in str(list(IdempotencyRecord.objects.values()))


def test_events_of_others_hold_nobody_before_a_person_takes_each_in(asker: Actor, managing: Actor) -> None:
    weekly = "DTSTART;TZID=Europe/Vienna:20260401T020000\nDURATION:PT2H\nRRULE:FREQ=WEEKLY"
    calendar = read(ics(an_event(), an_event("n", "Night", weekly), an_event("d", "Day", "DTSTART:20260405")), managing)
    sale, night, day = ProposedEvent.objects.order_by("starts_at").filter(calendar=calendar)[1], None, None
    by_name = {one.name: one for one in ProposedEvent.objects.all()}
    sale, night, day = by_name["Sale"], by_name["Night"], by_name["Day"]
    assert (night.rrule, night.zone, night.ends_at - night.starts_at) == ("FREQ=WEEKLY", "Europe/Vienna", 2 * HOUR)
    assert (day.starts_at.isoformat(), day.ends_at - day.starts_at) == ("2026-04-04T22:00:00+00:00", DAY)
    assert not CalendarWindow.objects.exists()
    with pytest.raises(NotPermitted):
        subscribing.take_in(sale, actor=asker, version=1, at=T0, window_type="freeze")
    taken = subscribing.take_in(night, actor=managing, version=1, at=T0, window_type="maintenance", tiers=[3])
    assert (taken.window.name, taken.window.tiers, taken.window.occurrences.count() > 50) == ("Night", [3], True)
    with pytest.raises(WrongState):
        subscribing.take_in(night, actor=managing, version=taken.version, at=T0, window_type="freeze")
    assert subscribing.dismiss(day, actor=managing, version=1).status == "dismissed"
    assert subscribing.take_in(sale, actor=managing, version=1, at=T0, window_type="lockdown").window.status == "draft"


def test_by_its_page_an_event_is_taken_in_for_whom_it_is_meant(managing: Actor, manager: Any, client: Client) -> None:
    service = a_measured_service()
    later = timezone.now() + 40 * DAY
    rest = f"DTSTART:{later:%Y%m%dT%H%M%S}Z\nDURATION:PT2H"
    read(ics(an_event("a", "A", rest), an_event("b", "B", rest)), managing)
    first, second = ProposedEvent.objects.order_by("name")
    client.force_login(manager)
    address = f"/changes/calendar/feeds/events/{first.pk}/take-in/"
    assert address in client.get("/changes/calendar/feeds/").content.decode()
    assert service.slug in client.get(address).content.decode()
    said = {"window_type": "freeze", "services": [service.slug], "environments": ["staging"], "version": 1}
    assert client.post(address, said | {"services": ["nowhere"]}).status_code == 422
    assert client.post(address, said | {"demanded": "on"}).status_code == 400, "a freeze is not where changes happen"
    assert client.post(address, said)["Location"] == "/changes/calendar/feeds/"
    window = CalendarWindow.objects.get()
    assert (window.name, window.services.get(), window.environments) == ("A", service, ["staging"])
    assert client.post(address, said | {"version": 2}).status_code == 409
    assert client.get(address)["Location"] == window.get_absolute_url()
    other = f"/changes/calendar/feeds/events/{second.pk}/take-in/"
    lockdown = client.post(other, said | {"window_type": "lockdown"})
    assert lockdown["Location"] == CalendarWindow.objects.get(name="B").get_absolute_url()


def test_read_again_what_moved_is_proposed_anew_and_what_is_gone_goes(
    managing: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = {"text": ics(an_event("a", "A"), an_event("b", "B"), an_event("c", "C")), "status": 200}

    def answers(*_words: Any, **_more: Any) -> Answer:
        return Answer(served["status"], {}, served["text"].encode(), 0.0)  # type: ignore[arg-type, union-attr]

    monkeypatch.setattr(subscribing, "fetch", answers)
    calendar = subscribing.subscribe(
        actor=managing, name="Shops", zone="UTC", at=T0, url="https://calendars.example/shops.ics"
    )
    a, b, _c = ProposedEvent.objects.order_by("name")
    subscribing.take_in(a, actor=managing, version=1, at=T0, window_type="freeze")
    subscribing.dismiss(b, actor=managing, version=1)
    later = "DTSTART:20260402T080000Z\nDTEND:20260402T100000Z"
    served["text"] = ics(an_event("a", "A", later), an_event("b", "B", later))
    assert subscribing.read_all(T0 + HOUR) == 1
    told = {one.name: (one.status, one.moved) for one in ProposedEvent.objects.all()}
    assert told == {"A": ("taken", True), "B": ("proposed", True)}
    assert CalendarWindow.objects.get().starts_at.day == 1, "what was taken in is ours"
    served["status"] = 500
    subscribing.read_all(T0 + 2 * HOUR)
    calendar.refresh_from_db()
    assert (calendar.trouble, ProposedEvent.objects.count()) == ("The server answered 500.", 2)
    subscribing.end_subscription(calendar, actor=managing, version=calendar.version, at=T0)
    assert subscribing.read_all(T0 + 3 * HOUR) == 0


ODD = {
    "no end": ("DTSTART:20260401T080000Z", "does not say when it ends"),
    "backwards": ("DTSTART:20260402T080000Z\nDTEND:20260401T080000Z", "ends after it starts"),
    "exceptions": ("DTSTART:20260401\nRRULE:FREQ=DAILY\nEXDATE:20260402", "single times"),
    "own zone": ("DTSTART;TZID=Mars/Base:20260401T080000\nDURATION:PT1H", "time zone"),
    "a million": ("DTSTART:20260401T080000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=1000000", ""),
    "every second": ("DTSTART:20260401T080000Z\nDURATION:PT1H\nRRULE:FREQ=SECONDLY", ""),
    "both ends": ("DTSTART:20260401T080000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3;UNTIL=20260501T000000Z", ""),
    "a hundred years": ("DTSTART:20260401T080000Z\nDTEND:21260401T080000Z", "at most 400 days"),
    "the year 9999": ("DTSTART:99991231T230000Z\nDTEND:99991231T235959Z", ""),
    "the last day of all": ("DTSTART:99991231", "cannot be read"),
    "a rule with NUL": ("DTSTART:20260401T080000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;X\0=1", "no part"),
    "cancelled": ("DTSTART:20260401\nSTATUS:CANCELLED", "cancelled"),
}


def test_what_was_ended_while_its_address_is_asked_proposes_nothing_and_answers_are_not_overwritten(
    managing: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answers(*_words: Any, **_more: Any) -> Answer:
        return Answer(200, {}, ics(an_event()).encode(), 0.0)

    def ends_meanwhile(*_words: Any, **_more: Any) -> Answer:
        subscribing.end_subscription(calendar, actor=managing, version=calendar.version, at=T0)
        return Answer(200, {}, ics(an_event(), an_event("x", "New")).encode(), 0.0)

    monkeypatch.setattr(subscribing, "fetch", answers)
    address = "https://calendars.example/shops.ics"
    calendar = subscribing.subscribe(actor=managing, name="Shops", zone="UTC", at=T0, url=address)
    with CaptureQueriesContext(connection) as said:
        subscribing.read_again(calendar, actor=managing, at=T0)
    read = [
        one["sql"] for one in said if one["sql"].startswith("SELECT") and 'FROM "changes_proposedevent"' in one["sql"]
    ]
    assert read
    assert all(sql.endswith("FOR NO KEY UPDATE") for sql in read)  # whoever takes one in just now comes first or after
    monkeypatch.setattr(subscribing, "fetch", ends_meanwhile)
    calendar.refresh_from_db()
    assert subscribing.read_again(calendar, actor=managing, at=T0 + HOUR).read_at == T0
    assert [one.name for one in ProposedEvent.objects.all()] == ["Sale"]


def test_odd_events_are_refused_one_by_one_with_the_reason_and_the_sound_one_is_read(managing: Actor) -> None:
    odd = [an_event(f"odd-{name}", name, rest) for name, (rest, _why) in ODD.items()]
    calendar = read(ics(*odd, an_event(name="Winter\0\x1bsale"), an_event("sale", "Twice")), managing)
    calendar.refresh_from_db()
    assert [one.name for one in calendar.events.all()] == ["Winter sale"]
    told = {one["name"]: one["why"] for one in calendar.refused}
    assert set(told) == {*ODD, "Twice"}
    for name, (_rest, why) in ODD.items():
        assert told[name], name
        assert why in told[name], (name, told[name])


def test_bombs_are_bounded_and_nothing_of_them_is_kept(managing: Actor) -> None:
    deep = "BEGIN:VEVENT\n" * 5_000 + "END:VEVENT\n" * 5_000
    for bomb in (deep, ics("X" * 1_100_000), "", "\0", "BEGIN:VCALENDAR"):
        with pytest.raises(InvalidInput):
            read(bomb, managing)
    many = read(ics(*(an_event(str(number)) for number in range(1_005))), managing)
    many.refresh_from_db()
    assert many.events.count() == 1_000
    assert "more than 1000" in many.refused[0]["why"]


REAL = Path(settings.BASE_DIR).parent / "shared/data/icalendar"
FOUND = {  # each file of the library's own tests: how many events it has for us, and why not the others
    "america_new_york_forward_reference.ics": (0, ["odd"]),
    "empty.ics": (0, ["empty"]),
    "event_with_recurrence_exdates_on_different_lines.ics": (0, ["exceptions"]),
    "issue_1050_empty_calendar.ics": (0, ["empty"]),
    "issue_1081_event_with_rrule.ics": (0, ["no_end"]),
    "issue_1081_with_summary.ics": (0, ["no_start"]),
    "issue_112_missing_tzinfo_on_exdate.ics": (0, ["exceptions"]),
    "issue_1561_image_value.ics": (0, ["no_start"] * 4),
    "issue_168_expected_output.ics": (1, []),
    "issue_27_multiple_periods_in_freebusy_multiple_freebusies.ics": (0, ["no_event"]),
    "issue_351_whitespace_in_property_and_params.ics": (0, ["no_end"]),
    "issue_355_url_escaping_empty_param.ics": (0, ["no_start"]),
    "issue_722_missing_VTIMEZONE_custom.ics": (0, ["no_end"]),
    "multiple_calendar_components.ics": (3, []),
    "property_params.ics": (1, []),
    "rfc_7265_example_4.ics": (0, ["no_uid"]),
    "rfc_7529.ics": (4, []),  # by the moon: refused where our own engine reads the rules
    "rfc_7953_2.ics": (0, ["no_event"]),
    "rfc_9253_related_to.ics": (0, ["no_start"]),
    "x_location.ics": (1, []),
}
DAY_OFF = "BEGIN:VEVENT\nUID:1\nDTSTART:20260101\n"


@pytest.mark.skipif(not REAL.is_dir(), reason="../shared/data/icalendar is not here")
def test_no_real_file_is_an_empty_calendar_without_a_word() -> None:
    def outcome(path: Path) -> tuple[int, list[str]]:
        found = events_in(path.read_text(encoding="utf-8"))
        return len(found["events"]), [one["why"] for one in found["refused"]]

    assert {path.name: outcome(path) for path in REAL.glob("*.ics")} == FOUND


@pytest.mark.parametrize(
    "text",
    [
        "BEGIN:VCALENDAR\n" * 5_000 + "END:VCALENDAR\n" * 5_000,
        f"BEGIN:VCALENDAR\n{DAY_OFF}{DAY_OFF}END:VEVENT\nEND:VEVENT\nEND:VCALENDAR\n",
        f"{DAY_OFF}BEGIN:VALARM\n{DAY_OFF}END:VEVENT\nEND:VALARM\nEND:VEVENT\n",
        f"BEGIN:VCALENDAR\n{DAY_OFF}",
        f"BEGIN:VCALENDAR\r{DAY_OFF}END:VEVENT\rEND:VCALENDAR\r".replace("\n", "\r"),
        "<html></html>",
    ],
    ids=["deep", "within an event", "within an alarm", "cut off", "no line ends", "no calendar"],
)
def test_what_is_no_calendar_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        events_in(text)


def test_what_is_read_and_left_out_is_said(managing: Actor) -> None:
    past = an_event("past", "Past", "DTSTART:20250101")
    task = "BEGIN:VTODO\nUID:t\nSUMMARY:Tidy up\nEND:VTODO\n"
    calendar = read("\ufeff" + ics(past, an_event("older", "Older", "DTSTART:20240101"), task), managing)
    calendar.refresh_from_db()
    assert calendar.refused == [
        {"name": "2 events", "why": "Over already."},
        {"name": "VTODO", "why": "It is no event; only events are read."},
    ]


def test_an_event_that_its_calendar_names_no_more_is_not_there_for_who_still_reads_it(managing: Actor) -> None:
    event = read(ics(an_event()), managing).events.get()
    ProposedEvent.objects.filter(pk=event.pk).delete()
    for answer in (
        lambda: subscribing.dismiss(event, actor=managing, version=1),
        lambda: subscribing.take_in(event, actor=managing, version=1, at=T0, window_type="freeze"),
    ):
        with pytest.raises(NotFound, match="took it away meanwhile"):
            answer()
