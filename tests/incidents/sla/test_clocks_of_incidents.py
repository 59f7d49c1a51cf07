"""Incidents' clocks as they run: opened, answered, held, moved, resolved, reopened; shown, told, and never moved back."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from catalog.agreements import operations as agreements
from catalog.agreements.models import Agreement
from incidents.incident import operations as incidents
from incidents.incident.models import NEVER, Incident
from incidents.incident.operations import conversation
from incidents.sla import operations as sla
from itsm.accounts.actors import actor_for
from itsm.accounts.models import Membership, Team, User
from itsm.calendars import operations as calendars
from itsm.clocks import due
from itsm.clocks.models import Clock, Due
from itsm.clocks.verifying import faults
from itsm.kernel.actors import Actor, Door
from itsm.notifications.models import Notification
from tests.conftest import SYSTEM

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def network(agent: User) -> Team:
    team = Team.objects.create(slug="network", name="Network", takes_work=True)
    Membership.objects.create(user=agent, team=team)
    return team


@pytest.fixture
def gold(network: Team) -> Agreement:
    return agree("Gold", priority=3, targets={"first_response": 30, "update": 60, "resolve": 240})


def agree(name: str, **said: Any) -> Agreement:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return agreements.create_agreement(actor=SYSTEM, at=at, name=name, **said)


@pytest.fixture
def working(agent: User) -> Actor:
    return actor_for(agent, Door.WEB)


@pytest.fixture
def asking(requester: User) -> Actor:
    return actor_for(requester, Door.WEB)


@pytest.fixture
def printer(gold: Agreement, network: Team, requester: User) -> Incident:
    return incidents.open_incident(
        actor=SYSTEM, title="Cannot print", priority=3, team=network, caller=requester, channel="mail",
        at=timezone.now() - 10 * MINUTE,
    )  # fmt: skip


def clock(incident: Incident, name: str, cycle: int = 1) -> Clock:
    return Clock.objects.get(record_kind="incident", record_id=incident.pk, name=name, cycle=cycle)


def stands(incident: Incident, name: str, cycle: int = 1) -> str:
    return clock(incident, name, cycle).state


def fresh(incident: Incident) -> Incident:
    return Incident.objects.get(pk=incident.pk)


def test_an_opened_incident_is_due_by_its_agreement_and_nobodys_edit_goes_stale(printer: Incident) -> None:
    whole = printer.opened_at.replace(microsecond=0)
    assert clock(printer, "first_response").due_at == whole + 30 * MINUTE
    assert clock(printer, "resolve").due_at == whole + 240 * MINUTE
    now = fresh(printer)
    assert (now.next_due, now.version) == (whole + 30 * MINUTE, 1)


def test_without_an_agreement_time_is_counted_and_nothing_is_due(network: Team, working: Actor) -> None:
    made = incidents.open_incident(actor=working, title="Odd", priority=5, team=network)
    assert clock(made, "resolve").target_s is None
    assert fresh(made).next_due == NEVER
    assert not Due.objects.filter(record_kind="clock").exists()


def test_answers_holds_and_resolving_move_the_clocks(printer: Incident, working: Actor, asking: Actor) -> None:
    conversation.note(printer, actor=working, text="Looking at it")
    assert stands(printer, "first_response") == "running"
    conversation.reply(printer, actor=working, text="Which printer?")
    first = clock(printer, "first_response")
    assert (first.outcome, 600 <= first.counted_s < 1200) == ("met", True)
    assert fresh(printer).next_due == clock(printer, "resolve").due_at
    incidents.acknowledge(fresh(printer), actor=working)
    incidents.hold(fresh(printer), actor=working, hold_reason="caller", reason="asked")
    assert stands(printer, "resolve") == "paused"
    assert fresh(printer).next_due == NEVER
    conversation.reply(fresh(printer), actor=asking, text="The one on floor 3")  # it resumes the work
    assert (stands(printer, "resolve"), stands(printer, "update")) == ("running", "running")
    conversation.reply(fresh(printer), actor=asking, text="Are you there?")
    conversation.reply(fresh(printer), actor=working, text="Mended")
    assert clock(printer, "update").outcome == "met"
    incidents.resolve(fresh(printer), actor=working, resolution="New drum", resolution_code="solved")
    assert clock(printer, "resolve").outcome == "met"
    assert not Due.objects.filter(record_kind="clock", done_at=None).exists()
    assert not list(faults(timezone.now()))


def test_another_pausing_reason_goes_on_pausing_and_a_vendor_does_not(printer: Incident, working: Actor) -> None:
    conversation.reply(printer, actor=working, text="Which printer?")
    incidents.acknowledge(fresh(printer), actor=working)
    incidents.hold(fresh(printer), actor=working, hold_reason="caller", reason="asked")
    incidents.hold(fresh(printer), actor=working, hold_reason="vendor", reason="ordered")
    assert stands(printer, "resolve") == "running"


def test_reopened_the_clock_goes_on(printer: Incident, working: Actor) -> None:
    incidents.resolve(fresh(printer), actor=working, resolution="New drum", resolution_code="solved")
    used = clock(printer, "resolve").counted_s
    incidents.reopen(fresh(printer), actor=working, reason="It is back")
    again = clock(printer, "resolve")
    assert (again.state, again.outcome, again.counted_s) == ("running", "", used)
    assert stands(printer, "first_response") == "stopped"


def test_cancelled_what_runs_is_void(printer: Incident, working: Actor) -> None:
    incidents.cancel(fresh(printer), actor=working, cancel_code="withdrawn", reason="Never mind")
    assert (stands(printer, "resolve"), stands(printer, "first_response")) == ("void", "void")
    assert fresh(printer).next_due == NEVER


def test_another_priority_is_another_agreement_and_what_was_used_stays(printer: Incident, working: Actor) -> None:
    agree("Platinum", priority=2, targets={"resolve": 60})
    incidents.edit(fresh(printer), actor=working, version=1, priority=2, priority_why="The boss's printer")
    found = clock(printer, "resolve")
    assert (found.target_s, found.due_at) == (3600, printer.opened_at.replace(microsecond=0) + 60 * MINUTE)
    assert clock(printer, "first_response").target_s is None
    assert list(found.events.values_list("happened", flat=True)) == ["started", "retargeted"]


def test_other_terms_of_the_agreement_move_neither_what_is_settled_nor_what_runs(
    printer: Incident, gold: Agreement, working: Actor
) -> None:
    conversation.reply(printer, actor=working, text="Which printer?")
    before = list(Clock.objects.order_by("pk").values())
    agreements.edit_agreement(gold, actor=SYSTEM, version=1, at=timezone.now(), targets={"resolve": 5})
    sla.follow(fresh(printer), now=timezone.now())
    assert list(Clock.objects.order_by("pk").values()) == before


def test_following_again_changes_nothing(printer: Incident) -> None:
    before = list(Clock.objects.order_by("pk").values()), Due.objects.count()
    sla.follow(fresh(printer), now=timezone.now())
    assert (list(Clock.objects.order_by("pk").values()), Due.objects.count()) == before


def test_the_one_who_works_on_it_hears_of_a_warning_and_of_the_breach_once(
    printer: Incident, agent: User, working: Actor
) -> None:
    incidents.edit(fresh(printer), actor=working, version=1, assigned_to=agent)
    Notification.objects.all().delete()
    began = printer.opened_at
    for minutes in (15, 16, 23, 31, 31, 60):
        due.sweep(began + minutes * MINUTE)
    told = [one.subject for one in Notification.objects.filter(to=agent).order_by("pk")]
    assert [f"{word}" for word in ("50 %", "75 %", "overdue") if any(word in one for one in told)] == [
        "50 %",
        "75 %",
        "overdue",
    ]
    assert len(told) == 3


def test_a_level_tells_the_lead_and_is_counted(network: Team, working: Actor, manager: User) -> None:
    Membership.objects.create(user=manager, team=network, lead=True)
    levels = [{"after_minutes": 10, "tell": ["lead"]}]
    agree("Iron", priority=4, targets={"resolve": 20}, levels=levels)
    made = incidents.open_incident(actor=working, title="Slow", priority=4, team=network)
    for minutes in (21, 31, 40):
        due.sweep(made.opened_at + minutes * MINUTE)
    assert Notification.objects.filter(to=manager, subject__contains="still overdue").count() == 1
    assert fresh(made).escalated_hierarchically == 1


@pytest.mark.parametrize("confidential", [False, True])
def test_a_level_raises_it_to_a_queue_but_never_out_of_a_confidential_one(network: Team, confidential: bool) -> None:
    makers = Team.objects.create(slug="makers", name="Makers", takes_work=True, tier=3)
    Team.objects.filter(pk=network.pk).update(confidential=confidential)
    agree("Iron", priority=4, targets={"resolve": 20}, levels=[{"after_minutes": 10, "raise_to": "makers"}])
    made = incidents.open_incident(actor=SYSTEM, title="Slow", priority=4, team=network)
    due.sweep(made.opened_at + 31 * MINUTE)
    now = fresh(made)
    assert (now.team == makers, now.escalated_functionally) == (not confidential, 0 if confidential else 1)
    assert stands(made, "resolve") == "running"


def test_over_rest_a_clock_says_why(printer: Incident, api: Callable[..., APIClient], agent: User) -> None:
    answer = api(agent).get(f"/api/v1/incidents/{printer.reference}/clocks/")
    assert answer.status_code == 200
    shown = {one["name"]: one for one in answer.json()["results"]}
    resolve = shown["resolve"]
    assert (resolve["state"], resolve["target_minutes"], resolve["elapsed_minutes"], resolve["outcome"]) == (
        "running", 240, 10, None,
    )  # fmt: skip
    assert resolve["agreement"] == "Gold v1"
    assert [row["what"] for row in resolve["why"]] == ["counted", "to_come", "due"]
    assert sum(row["seconds"] for row in resolve["why"][:2]) == 240 * 60


def test_the_page_says_why_and_is_for_who_works_here(
    printer: Incident, web: Callable[[User], Client], agent: User, requester: User
) -> None:
    shown = web(agent).get(f"/incidents/{printer.reference}/clocks/")
    assert shown.status_code == 200
    assert "Why is it due then?" in shown.content.decode()
    assert "Gold v1" in shown.content.decode()
    assert web(requester).get(f"/incidents/{printer.reference}/clocks/").status_code == 403
    assert f"/incidents/{printer.reference}/clocks/" in web(agent).get(printer.get_absolute_url()).content.decode()


def test_a_step_costs_a_fixed_number_of_statements(printer: Incident, working: Actor) -> None:
    counts = []
    for _ in range(2):
        conversation.reply(fresh(printer), actor=working, text="Still on it")
        with CaptureQueriesContext(
            connection,
        ) as caught:
            sla.follow(fresh(printer), now=timezone.now())
        counts.append(len(caught))
    assert counts[0] == counts[1]
    assert counts[0] <= 13


def test_a_queue_closes_by_its_calendar_and_counts_by_it_where_no_agreement_holds(
    network: Team, working: Actor
) -> None:
    week = {day: ["09:00-12:00"] for day in ("mon", "tue")}
    mornings = calendars.create_calendar(
        actor=SYSTEM, at=datetime(2020, 1, 1, tzinfo=UTC), name="Mornings", zone="UTC", week=week
    )
    network.calendar = mornings
    network.save()
    made = incidents.open_incident(
        actor=SYSTEM, title="Odd", priority=5, team=network, at=datetime(2026, 3, 1, 8, tzinfo=UTC)
    )
    assert clock(made, "resolve").calendar == mornings
    at = datetime(2026, 3, 4, 8, tzinfo=UTC)  # a Wednesday
    incidents.resolve(fresh(made), actor=SYSTEM, resolution="Gone", resolution_code="solved", at=at)
    assert clock(made, "resolve").counted_s == 6 * 3600
    assert Due.objects.get(name="incident_auto_close").at == datetime(2026, 3, 16, 12, tzinfo=UTC)


class TestMerging:
    def test_clocks_of_the_source_are_void_those_of_the_survivor_run_on(
        self, printer: Incident, network: Team, requester: User, working: Actor
    ) -> None:
        """Also stopped ones: what was answered on the source is no figure of its own any more."""
        other = incidents.open_incident(
            actor=SYSTEM, title="Printer again", priority=3, team=network, caller=requester, channel="mail"
        )
        conversation.reply(other, actor=working, text="Looking at it")
        incidents.merge(fresh(other), actor=working, into=printer.reference)
        of_source = Clock.objects.filter(record_kind="incident", record_id=other.pk)
        assert {one.name: (one.state, one.outcome) for one in of_source} == {
            "first_response": ("void", ""), "resolve": ("void", "")
        }  # fmt: skip
        assert fresh(other).due_at is None
        assert not Due.objects.filter(record_kind="clock", record_id__in=of_source.values("pk"), done_at=None).exists()
        assert (stands(printer, "first_response"), stands(printer, "resolve")) == ("running", "running")
        assert not list(faults(timezone.now()))

    def test_what_is_split_off_again_is_counted_from_then(
        self, printer: Incident, network: Team, requester: User, working: Actor
    ) -> None:
        other = incidents.open_incident(
            actor=SYSTEM, title="Printer again", priority=3, team=network, caller=requester, channel="mail",
            at=timezone.now() - 60 * MINUTE,
        )  # fmt: skip
        incidents.merge(fresh(other), actor=working, into=printer.reference)
        incidents.split(fresh(other), actor=working, at=timezone.now())
        assert [stands(other, "resolve", cycle) for cycle in (1, 2)] == ["void", "running"]
        anew = clock(other, "resolve", 2)
        assert anew.running_since >= timezone.now() - MINUTE
        assert (stands(other, "first_response", 1), stands(other, "first_response", 2)) == ("void", "running")
        assert fresh(other).next_due == clock(other, "first_response", 2).due_at
        incidents.resolve(fresh(other), actor=working, resolution="New drum", resolution_code="solved")
        assert clock(other, "resolve", 2).outcome == "met"
        assert not list(faults(timezone.now()))
