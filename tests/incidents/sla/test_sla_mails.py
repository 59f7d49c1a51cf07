"""Mails of clocks: in open hours alone, once under two sweepers and kills, and taken back by a pause."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db.models import Min
from django.utils import timezone

from catalog.agreements import operations as agreements
from incidents.incident import operations as incidents
from incidents.incident.models import Incident
from incidents.sla import operations as sla
from itsm.accounts.actors import actor_for
from itsm.accounts.models import Membership, Team, User
from itsm.calendars import operations as calendars
from itsm.clocks import due
from itsm.clocks.calendars import hours_at
from itsm.clocks.models import Calendar, Due
from itsm.kernel.actors import Door
from itsm.notifications import outbox, wishing
from itsm.notifications.models import Delivery, Notification
from itsm.notifications.rules import CHANNELS, CLASSES
from tests.conftest import SYSTEM

pytestmark = pytest.mark.django_db
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox.nudge, "_publish", lambda: None)


@pytest.fixture
def berlin() -> Calendar:
    week = {day: ["09:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
    return calendars.create_calendar(actor=SYSTEM, at=BEGAN, name="Berlin", zone="Europe/Berlin", week=week)


@pytest.fixture
def network(berlin: Calendar, agent: User, manager: User) -> Team:
    team = Team.objects.create(slug="network", name="Network", takes_work=True, calendar=berlin)
    Membership.objects.create(user=agent, team=team)
    Membership.objects.create(user=manager, team=team, lead=True)
    return team


def agree(calendar: Calendar | None, **said: Any) -> None:
    agreements.create_agreement(actor=SYSTEM, at=BEGAN, name="Gold", calendar=calendar, **said)


def opened(team: Team, at: datetime, **said: Any) -> Incident:
    return incidents.open_incident(
        actor=SYSTEM, title="Slow", team=team, at=at, **{"priority": 3, "channel": "mail", **said}
    )


def leaves() -> list[datetime]:
    return list(Delivery.objects.order_by("due_at").values_list("due_at", flat=True))


def test_a_day_that_ends_as_time_is_up_is_late_as_the_next_one_opens(network: Team, berlin: Calendar) -> None:
    agree(berlin, targets={"resolve": 8 * 60})
    made = opened(network, datetime(2026, 3, 2, 8, tzinfo=UTC))  # Monday 09:00
    assert Incident.objects.get(pk=made.pk).next_due == datetime(2026, 3, 2, 16, tzinfo=UTC)
    assert Due.objects.get(name="sla_breach").at == datetime(2026, 3, 3, 8, 0, 1, tzinfo=UTC)


def test_a_clock_that_runs_at_night_mails_a_team_that_works_by_day_in_the_morning(network: Team, agent: User) -> None:
    agree(None, targets={"resolve": 60})
    opened(network, datetime(2026, 3, 6, 20, tzinfo=UTC))  # Friday night
    due.sweep(datetime(2026, 3, 6, 22, tzinfo=UTC))
    assert agent.notifications.exists()  # the bell at once
    assert set(leaves()) == {datetime(2026, 3, 9, 8, tzinfo=UTC)}  # Monday 09:00


def test_what_is_urgent_is_mailed_when_its_agreement_counts(network: Team) -> None:
    week = {day: ["00:00-24:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    always = calendars.create_calendar(actor=SYSTEM, at=BEGAN, name="Always", zone="UTC", week=week)
    agree(always, targets={"resolve": 60})
    opened(network, datetime(2026, 3, 6, 20, tzinfo=UTC), priority=1)
    at = datetime(2026, 3, 6, 22, tzinfo=UTC)
    due.sweep(at)
    assert set(leaves()) <= {one for one in leaves() if one <= max(at, timezone.now())}


def test_no_mail_of_a_clock_leaves_outside_of_open_hours_in_a_simulated_year(
    network: Team, berlin: Calendar, manager: User
) -> None:
    chance, began = random.Random(5), datetime(2027, 1, 1, tzinfo=UTC)
    levels = [{"after_minutes": 30, "tell": ["team"]}, {"after_minutes": 600, "tell": ["lead"]}]
    agree(berlin, targets={"first_response": 480, "resolve": 960}, levels=levels)
    for turn in range(13):
        at = began + timedelta(days=28 * turn, minutes=chance.randrange(28 * 24 * 60))
        opened(network, at, priority=chance.choice([1, 2, 3]))
    hours, left, seen = hours_at(berlin.pk, began), list[datetime](), 0
    while (at := Due.objects.filter(done_at=None, name__startswith="sla_").aggregate(Min("at"))["at__min"]) is not None:
        due.sweep(at)
        new = Delivery.objects.filter(pk__gt=seen).order_by("pk").values_list("pk", "due_at")
        for seen, due_at in new:  # noqa: B007 -- the last one seen is where the next look begins
            left.append(max(at, due_at))  # what leaves at once is owed since the real now, long before
    assert len(left) > 150
    assert [one for one in left if not hours.is_open(one)] == []
    assert manager.notifications.filter(relation="lead").count() == 26


def test_a_pause_takes_all_due_rows_back(network: Team, berlin: Calendar) -> None:
    agree(berlin, targets={"resolve": 480}, levels=[{"after_minutes": 30, "tell": ["lead"]}])
    made = opened(network, timezone.now(), channel="phone")
    assert Due.objects.filter(record_kind="clock", done_at=None).count() == 4
    held = incidents.acknowledge(Incident.objects.get(pk=made.pk), actor=SYSTEM)
    Incident.objects.filter(pk=made.pk).update(agent_spoke_at=timezone.now())
    incidents.hold(Incident.objects.get(pk=held.pk), actor=SYSTEM, hold_reason="caller", reason="asked")
    assert not Due.objects.filter(record_kind="clock", done_at=None).exists()


class Killed(Exception):
    """Where a process would have been ended."""


def test_a_level_is_told_and_counted_once_however_often_it_is_ended_before_its_end(
    network: Team, berlin: Calendar, manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    agree(berlin, targets={"resolve": 60}, levels=[{"after_minutes": 30, "tell": ["lead"]}])
    made = opened(network, datetime(2026, 3, 2, 8, tzinfo=UTC), channel="phone")
    at = Due.objects.get(name="sla_level_1").at
    told = sla.tell

    def ended(*args: Any, **options: Any) -> int:
        told(*args, **options)
        raise Killed

    monkeypatch.setattr(sla, "tell", ended)
    for _ in range(3):
        due.sweep(at)
        Due.objects.filter(done_at=None).update(at=at, attempts=0)
    monkeypatch.setattr(sla, "tell", told)
    for _ in range(3):
        due.sweep(at)
    assert manager.notifications.filter(event="incident.sla_still_overdue").count() == 1
    assert Incident.objects.get(pk=made.pk).escalated_hierarchically == 1


def test_a_wish_holds_for_warnings_and_the_duty_of_a_lead_for_levels(
    network: Team, berlin: Calendar, agent: User, manager: User
) -> None:
    for person in (agent, manager):
        wished = {(wishing.of_class(news), channel): "off" for news in CLASSES for channel in CHANNELS}
        wishing.wish(person, actor=actor_for(person, Door.WEB), wished=wished)
    agree(berlin, targets={"resolve": 60}, levels=[{"after_minutes": 30, "tell": ["team", "lead"]}])
    opened(network, datetime(2026, 3, 2, 8, tzinfo=UTC), channel="phone")
    due.sweep(datetime(2026, 3, 2, 12, tzinfo=UTC))
    assert set(agent.notifications.values_list("relation", flat=True)) == {"team"}  # the bell, always
    mailed = {one.payload["notification"] for one in Delivery.objects.filter(channel="mail")}
    assert [one.relation for one in Notification.objects.filter(pk__in=mailed)] == ["lead"]
