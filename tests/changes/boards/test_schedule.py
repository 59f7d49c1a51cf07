"""A standing schedule: meetings are planned once, moved and cancelled ones stay so, people hear in time and by links."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from changes.boards.operations import keeping, meetings, schedule
from changes.boards.tasks import prepare_meetings
from changes.models import Board, Change, Meeting
from itsm.accounts.models import User
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted, StaleVersion, WrongState
from itsm.notifications.models import Notification
from tests.factories.slo import T0
from tests.together import each_of

pytestmark = pytest.mark.django_db
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
BERLIN = ZoneInfo("Europe/Berlin")
FIRST = (T0 + 2 * DAY).astimezone(BERLIN).replace(hour=10, minute=0)
WEEKLY: dict[str, Any] = {
    "rrule": f"FREQ=WEEKLY;BYDAY={('MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU')[FIRST.weekday()]}",
    "zone": "Europe/Berlin",
    "first_meeting": FIRST,
    "meeting_minutes": 45,
}


def starts(board: Board, status: str = "planned") -> list[datetime]:
    return list(board.meetings.filter(status=status).order_by("starts_at").values_list("starts_at", flat=True))


def test_the_next_meetings_are_planned_once_and_what_was_moved_or_cancelled_stays_so(
    found: Callable[..., Board], managing: Actor, sitting: dict[str, User]
) -> None:
    board = found(**WEEKLY)
    planned = starts(board)
    assert planned == [(FIRST.replace(tzinfo=None) + n * WEEK).replace(tzinfo=BERLIN) for n in range(5)]
    told = Notification.objects.filter(to=sitting["ann"], subject__contains="meets on")
    assert [one.body.count("UTC") for one in told] == [5]  # one invitation, with all of them
    assert schedule.plan_all_ahead(T0) == schedule.plan_all_ahead(T0 + HOUR) == 0
    first, second = board.meetings.order_by("starts_at")[:2]
    meetings.move_meeting(
        first, actor=managing, version=1, starts_at=first.starts_at + DAY, ends_at=first.ends_at + DAY, at=T0
    )
    meetings.cancel_meeting(second, actor=managing, at=T0, reason="Nobody is here.")
    assert schedule.plan_all_ahead(T0 + HOUR) == 0  # both are still to come
    assert schedule.plan_all_ahead(T0 + 2 * WEEK) == 2
    assert starts(board) == [first.starts_at + DAY, *planned[2:], planned[-1] + WEEK, planned[-1] + 2 * WEEK]
    with pytest.raises(WrongState):
        meetings.move_meeting(second, actor=managing, version=2, starts_at=T0 + DAY, ends_at=T0 + DAY + HOUR, at=T0)


def test_another_schedule_calls_off_what_it_no_longer_says_and_a_retired_board_meets_no_more(
    found: Callable[..., Board], managing: Actor, sitting: dict[str, User]
) -> None:
    board = found(**WEEKLY)
    moved = board.meetings.order_by("starts_at")[1]
    meetings.move_meeting(
        moved, actor=managing, version=1, starts_at=moved.starts_at + HOUR, ends_at=moved.ends_at + HOUR, at=T0
    )
    keeping.edit_board(board, actor=managing, at=T0, version=1, rrule=WEEKLY["rrule"] + ";INTERVAL=2")
    board.refresh_from_db()
    assert starts(board) == [FIRST, moved.starts_at + HOUR, FIRST + 2 * WEEK, FIRST + 4 * WEEK]
    assert starts(board, "cancelled") == [FIRST + 3 * WEEK]
    assert Notification.objects.filter(to=sitting["mia"], subject__contains="is cancelled").count() == 1
    keeping.edit_board(board, actor=managing, at=T0, version=board.version, **WEEKLY)
    board.refresh_from_db()
    assert FIRST + 3 * WEEK in starts(board)  # it may say so again
    keeping.retire_board(board, actor=managing, version=board.version, at=T0)
    assert starts(board) == []
    assert Notification.objects.filter(to=sitting["mia"]).latest("id").body == "The board is retired."
    assert schedule.plan_all_ahead(T0 + WEEK) == 0


@each_of(
    ("odd", "field"),
    [
        ({"rrule": "FREQ=SECONDLY"}, "rrule"),
        ({"rrule": "FREQ=DAILY;COUNT=1000000"}, "rrule"),
        ({"rrule": "FREQ=MONTHLY;BYMONTHDAY=30;BYMONTH=2"}, "rrule"),
        ({"rrule": ""}, "rrule"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"zone": ""}, "zone"),
        ({"first_meeting": None}, "first_meeting"),
        ({"first_meeting": FIRST + DAY}, "first_meeting"),
        ({"first_meeting": T0 + timedelta(days=40_000)}, "first_meeting"),
        ({"meeting_minutes": None}, "meeting_minutes"),
        ({"meeting_minutes": 2}, "meeting_minutes"),
        ({"meeting_minutes": 5000}, "meeting_minutes"),
    ],
)
def test_an_odd_schedule_is_refused_by_its_field_and_nothing_is_planned(
    found: Callable[..., Board], odd: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        found(**WEEKLY | odd)
    assert list(refused.value.errors) == [field]
    assert not Board.objects.exists()


def test_a_day_before_people_hear_once_what_it_is_about_and_the_link_only_opens_the_page(
    found: Callable[..., Board], asked: Callable[..., Change], sitting: dict[str, User], web: Callable[[User], Client]
) -> None:
    board = found(**WEEKLY)
    change = asked(summary="Move the ledger")
    User.objects.filter(pk=sitting["ann"].pk).update(roles=["requester"])  # works here no more, and still has a seat
    assert schedule.send_pre_reads(FIRST - DAY - HOUR) == 0
    assert schedule.send_pre_reads(FIRST - HOUR) == 1
    assert schedule.send_pre_reads(FIRST - HOUR) == 0
    told = Notification.objects.get(to=sitting["mia"], subject__startswith="Before ")
    assert f"1. {change.reference} Move the ledger" in told.body
    assert not Notification.objects.filter(to=sitting["ann"], subject__startswith="Before ").exists()
    before = list(Meeting.objects.order_by("pk").values())
    assert web(sitting["mia"]).get(told.path).status_code == 200
    assert list(Meeting.objects.order_by("pk").values()) == before
    assert board.meetings.exclude(pre_read_at=None).count() == 1


def test_a_meeting_is_moved_by_its_chair_from_the_page_and_stands_in_the_calendar(
    found: Callable[..., Board], managing: Actor, sitting: dict[str, User], manager: User,
    web: Callable[[User], Client], as_actor: Callable[[User], Actor],
) -> None:  # fmt: skip
    board = found()
    now = datetime.now(BERLIN).replace(hour=10, minute=0, second=0, microsecond=0) + WEEK
    made = meetings.plan_meeting(board, actor=managing, starts_at=now, ends_at=now + HOUR, at=T0)
    page = f"{made.get_absolute_url()}move/"
    words = {"version": 1, "starts_at": f"{now + DAY:%Y-%m-%dT10:00}", "ends_at": f"{now + DAY:%Y-%m-%dT11:00}"}
    assert web(sitting["mia"]).post(page, words).status_code == 403
    assert web(sitting["cleo"]).post(page, words | {"ends_at": words["starts_at"]}).status_code == 400
    assert web(sitting["cleo"]).post(page, words).status_code == 302
    made.refresh_from_db()
    assert (made.starts_at.day, made.version) == ((now + DAY).day, 2)
    with pytest.raises(StaleVersion):
        meetings.move_meeting(made, actor=managing, version=1, starts_at=now, ends_at=now + HOUR, at=T0)
    with pytest.raises(NotPermitted):
        meetings.move_meeting(made, actor=as_actor(sitting["mia"]), version=2, starts_at=now, ends_at=now + HOUR, at=T0)
    shown = web(manager).get(f"/changes/calendar/week/?on={made.starts_at:%Y-%m-%d}").content.decode()
    assert f'href="{made.get_absolute_url()}"' in shown
    assert prepare_meetings() == 0
