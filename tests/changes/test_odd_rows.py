"""What is owed is done row by row: one that cannot be done keeps none of those after it waiting, and stays owed."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from changes.back_tests import operations as back_tests
from changes.back_tests import queries
from changes.back_tests.operations import asking
from changes.boards.operations import keeping, schedule
from changes.calendar.operations import maintenance, occurring, windows
from changes.change.operations import impact
from changes.feeds.operations import subscribing
from changes.model_review import operations as models
from changes.models import (
    BackTest,
    BackTestSlice,
    Board,
    CalendarWindow,
    Change,
    ChangeModel,
    Meeting,
    SubscribedCalendar,
)  # fmt: skip
from itsm.accounts.models import User
from itsm.kernel.actors import Actor
from itsm.one_by_one import one_by_one
from tests.changes.back_tests.past import a_kinder_draft, ten_changes
from tests.factories.changes import a_measured_service, a_model, ask, change_of
from tests.factories.slo import MINUTE, T0, a_service, an_objective

pytestmark = pytest.mark.django_db
ODD_ROWS = True  # they are what this is about
DAY = timedelta(days=1)


@pytest.fixture
def odd(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """From now on `module.name` fails for what `which` says of its first argument."""

    def make(module: Any, name: str, which: Callable[[Any], bool]) -> None:
        real = getattr(module, name)

        def strange(*given: Any, **named: Any) -> Any:
            if which(given[0]):
                raise ValueError("an odd row")
            return real(*given, **named)

        monkeypatch.setattr(module, name, strange)

    return make


def test_what_fails_is_undone_whole_counted_and_those_after_it_go_on(caplog: pytest.LogCaptureFixture) -> None:
    def do(name: str) -> bool:
        User.objects.create(username=f"{name}-1", account_type="human")
        User.objects.create(username="twice" if name == "odd" else f"{name}-2", account_type="human")
        return True

    User.objects.create(username="twice", account_type="human")
    assert one_by_one(["a", "odd", "b"], do, what="names") == 2
    assert set(User.objects.values_list("username", flat=True)) >= {"a-1", "b-2"}
    assert not User.objects.filter(username="odd-1").exists()
    assert "names: 1 could not be done" in caplog.text
    with pytest.raises(IntegrityError):
        do("odd")


def test_a_rule_that_cannot_be_read_keeps_no_other_window_from_being_written_down(managing: Actor) -> None:
    for name in ("first", "second"):
        windows.add_window(
            actor=managing, window_type="blackout", name=name, reason="Disks", at=T0, starts_at=T0 + DAY,
            ends_at=T0 + DAY + 60 * MINUTE, rrule="FREQ=WEEKLY", zone="UTC",
        )  # fmt: skip
    CalendarWindow.objects.filter(name="first").update(rrule="FREQ=NEVER")
    assert [occurring.renew(T0 + 10 * DAY), occurring.renew(T0 + 10 * DAY)] == [1, 1]
    assert CalendarWindow.objects.get(name="second").known_until == T0 + 10 * DAY + occurring.AHEAD


def test_maintenance_after_an_odd_one_is_asked_about(managing: Actor, odd: Callable[..., None]) -> None:
    objective = an_objective(service=a_service())
    for name in ("first", "second"):
        windows.add_window(
            actor=managing, window_type="maintenance", name=name, reason="Disks", at=T0, services=[objective.service],
            starts_at=T0 + DAY, ends_at=T0 + DAY + 60 * MINUTE, rrule="FREQ=DAILY;INTERVAL=4", zone="UTC",
        )  # fmt: skip
    odd(maintenance, "_near", lambda window: window.name == "first")
    assert [maintenance.ask_ahead(T0 + 2 * DAY), maintenance.ask_ahead(T0 + 2 * DAY)] == [1, 0]


def test_a_board_after_one_with_an_odd_rule_meets(managing: Actor, person: Callable[..., User]) -> None:
    chair = person("approver")
    for name in ("first", "second"):
        keeping.found_board(
            actor=managing, at=T0, name=name, seats={chair: "chair"}, rrule="FREQ=WEEKLY", zone="UTC",
            first_meeting=T0 + DAY, meeting_minutes=30,
        )  # fmt: skip
    Board.objects.filter(name="first").update(rrule="FREQ=NEVER")
    Meeting.objects.all().delete()
    assert [schedule.plan_all_ahead(T0), schedule.plan_all_ahead(T0)] == [5, 0]


def test_whom_a_change_would_hit_is_looked_at_behind_any_number_of_odd_ones(
    asker: Actor, approver: User, odd: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    service = a_measured_service()
    first, second = (change_of(ask(service, asker)) for _each in range(2))
    monkeypatch.setattr(impact, "MOST_AT_ONCE", 1)
    odd(impact, "_look", lambda change: change.pk == first.pk)
    assert [impact.take_owed(T0), impact.take_owed(T0)] == [1, 0]
    assert list(Change.objects.exclude(impact__taken_at=None)) == [second]
    assert impact.renew(T0 + DAY) == 1


def test_a_calendar_after_one_that_cannot_be_read_is_read(
    managing: Actor, odd: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("first", "second"):
        SubscribedCalendar.objects.create(
            name=name, url=f"https://{name}.example", zone="UTC", created_by_id=managing.id, created_at=T0
        )
    monkeypatch.setattr(subscribing, "_fetched", lambda url: "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
    odd(subscribing, "_fetched", lambda url: "first" in url)
    assert subscribing.read_all(T0) == 1
    assert SubscribedCalendar.objects.get(name="second").read_at == T0


def test_a_model_after_an_odd_one_is_to_be_certified(owning: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("first", "second"):
        a_model(a_service(name=name), owning)
    ChangeModel.objects.update(certified_at=T0)
    slugs = ChangeModel.objects.order_by("pk").values_list("slug", flat=True)
    told: list[str] = []

    def notify(people: Any, subject: Any, **named: Any) -> int:
        if slugs[0] in str(subject):
            raise ValueError("an odd row")
        told.append(str(subject))
        return 1

    monkeypatch.setattr(models, "notify", notify)
    soon = T0 + 170 * DAY
    assert [models.ask_to_certify(soon), models.ask_to_certify(soon)] == [1, 0]
    assert [slugs[1] in one for one in told] == [True]


def test_a_slice_that_cannot_be_judged_keeps_no_other_one_waiting(
    asker: Actor, approving: Actor, managing: Actor, odd: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    ten_changes(asker, approving)
    monkeypatch.setattr(asking, "SLICE", 5)
    back_tests.ask(a_kinder_draft(managing), actor=managing, since=T0 - DAY, until=T0 + DAY, at=T0 + 2 * DAY)
    first = BackTestSlice.objects.order_by("id")[0]
    odd(queries, "cases", lambda number: number == first.first)
    assert back_tests.go_on() == 0
    assert [part.counts is None for part in BackTestSlice.objects.order_by("id")] == [True, False]
    assert BackTest.objects.get().state == "working"
    monkeypatch.undo()
    assert back_tests.go_on() == 0
    assert BackTest.objects.get().state == "done"
