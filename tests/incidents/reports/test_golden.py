"""Six tickets of a week in Berlin, worked as a desk works them, and exactly the figures that must come of it."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from incidents.incident import operations as desk
from incidents.incident.models import Incident, OpenSpan
from incidents.reports.queries import Number, Period, Slice, basis, figures, numbers, rows
from incidents.reports.queries.numbers import ALL
from incidents.reports.vocabulary import Measure
from itsm.accounts.models import Membership, Team, User
from itsm.calendars.operations import create_calendar
from itsm.clocks.models import Clock
from itsm.clocks.verifying import faults
from itsm.kernel.actors import Actor
from tests.conftest import SYSTEM
from tests.incidents.reports.frozen import freeze

# Triggers are told with their schema, as soon as the clock's stands first in the path.
pytestmark = [pytest.mark.django_db, pytest.mark.writes_behind("I18")]
BERLIN = ZoneInfo("Europe/Berlin")
MARCH = Period(datetime(2026, 3, 1, tzinfo=BERLIN), datetime(2026, 4, 1, tzinfo=BERLIN))
WEEK = {day: ["09:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of March 2026 in Berlin; the 2nd is a Monday."""
    return datetime(2026, 3, day, hour, minute, tzinfo=BERLIN)


@pytest.fixture
def week(
    monkeypatch: pytest.MonkeyPatch, agent: User, engineer: User, requester: User, as_actor: Any
) -> dict[str, Incident]:
    """A phone Mon 09:00-09:30, one agent; B Mon 16:00, taken 16:20, moved twice, Tue 10:00; C Fri 16:00, taken 16:30,
    Mon 12:00, reopened, 1 h more; D cancelled; E open; F merged."""
    clock = freeze(monkeypatch)
    clock(at(1, 0))
    berlin = create_calendar(
        actor=SYSTEM, at=datetime(2026, 1, 1, tzinfo=UTC), name="BER", zone="Europe/Berlin", week=WEEK, days=[]
    )
    teams = [
        Team.objects.create(slug=name, name=name, takes_work=True, calendar=berlin) for name in ("network", "mail")
    ]
    for team in teams:
        for person in (agent, engineer):
            Membership.objects.create(team=team, user=person)
    ann, asks = as_actor(agent), as_actor(requester)

    def opened(when: datetime, title: str, **said: Any) -> Incident:
        clock(when)
        return desk.open_incident(
            actor=ann, title=title, caller=requester, team=teams[0], **{"channel": "mail", **said}, at=when
        )

    def then(when: datetime, step: Any, incident: Incident, actor: Actor = ann, **said: Any) -> None:
        clock(when)
        step(Incident.objects.get(pk=incident.pk), actor=actor, **said)

    done = {"resolution": "Done.", "resolution_code": "solved"}
    a = opened(at(2, 9), "A", channel="phone")
    then(at(2, 9, 30), desk.resolve, a, **done)
    b = opened(at(2, 16), "B")
    then(at(2, 16, 20), desk.acknowledge, b)
    for minute, team in ((30, teams[1]), (40, teams[0])):
        clock(at(2, 16, minute))
        now = Incident.objects.get(pk=b.pk)
        desk.edit(now, actor=ann, version=now.version, team=team)
    then(at(3, 10), desk.resolve, b, **done)
    c = opened(at(6, 16), "C")
    then(at(6, 16, 30), desk.acknowledge, c)
    then(at(9, 12), desk.resolve, c, **done)
    then(at(9, 14), desk.reopen, c, asks, reason="It is back.")
    then(at(9, 15), desk.resolve, c, **done)
    d = opened(at(6, 9), "D")
    then(at(6, 9, 5), desk.cancel, d, cancel_code="withdrawn", reason="Found it.")
    e = opened(at(9, 9), "E")
    f = opened(at(9, 9, 30), "F")
    then(at(9, 10), desk.merge, f, into=e.reference)
    # The database dates what it writes by itself with its own clock, which nobody stops.
    for one, ended in ((d, at(6, 9, 5)), (f, at(9, 10))):
        OpenSpan.objects.filter(incident=one).update(ended_at=ended)
    OpenSpan.objects.filter(incident=c, begun_at__gt=at(31, 12)).update(begun_at=at(9, 14), ended_at=at(9, 15))
    clock(at(31, 12))
    return {"A": a, "B": b, "C": c, "D": d, "E": e, "F": f}


def said(actor: Actor, measure: Measure, period: Period = MARCH) -> Number:
    return numbers(basis(actor), [measure], period).get((measure, ALL), Number())


def test_the_week_has_exactly_these_figures(week: dict[str, Incident], agent: User, as_actor: Any) -> None:
    actor = as_actor(agent)
    whole = figures(actor, MARCH)
    assert (whole["total"], whole["reopened"], whole["reassigned"]) == (6, 1, 1)
    assert whole["by_state"] == {
        "new": 1, "in_progress": 0, "on_hold": 0, "resolved": 3, "closed": 0, "cancelled": 2
    }  # fmt: skip
    assert said(actor, Measure.RESOLVED).number == 3
    assert said(actor, Measure.FCR).number == 1
    acknowledged = said(actor, Measure.MTTA)
    assert (acknowledged.by_calendar.n, acknowledged.by_calendar.mean, acknowledged.wall.mean) == (3, 1000, 1000)
    resolved = said(actor, Measure.MTTR)
    assert (resolved.by_calendar.n, resolved.by_calendar.mean) == (3, 9000)
    assert (resolved.by_calendar.p50, resolved.by_calendar.p90) == (7200, 15840)
    assert resolved.wall.mean == (30 + 18 * 60 + 71 * 60) * 60 // 3
    assert said(actor, Measure.REASSIGNED).events == 2
    assert said(actor, Measure.REOPENED).events == 1
    assert said(actor, Measure.BACKLOG).number == 1


def test_each_figure_counts_these_tickets(week: dict[str, Incident], agent: User, as_actor: Any) -> None:
    names = {one.pk: name for name, one in week.items()}
    counted = {
        measure: "".join(sorted(names[one.pk] for one in rows(basis(as_actor(agent)), Slice(measure, MARCH))))
        for measure in Measure
    }
    assert {measure.value: which for measure, which in counted.items() if which} == {
        "total": "ABCDEF", "opened": "ABCDE", "resolved": "ABC", "backlog": "E", "mtta": "ABC",
        "first_response": "ABC", "mttr": "ABC", "fcr": "A", "reopened": "C", "reassigned": "B",
    }  # fmt: skip


def test_a_merged_ticket_has_no_clock_left_and_all_clocks_verify(week: dict[str, Incident]) -> None:
    states = Clock.objects.filter(record_kind="incident", record_id=week["F"].pk).values_list("state", flat=True)
    assert set(states) == {"void"}
    assert Incident.objects.get(pk=week["F"].pk).due_at is None
    assert list(faults(at(31, 12))) == []


def test_the_database_remembers_when_each_was_open(week: dict[str, Incident]) -> None:
    spans = OpenSpan.objects.filter(incident=week["C"]).order_by("begun_at")
    assert spans.count() == 2
    assert (spans[0].begun_at, spans[0].ended_at) == (at(6, 16), at(9, 12))
    assert OpenSpan.objects.filter(incident=week["D"]).count() == 1
    assert OpenSpan.objects.get(incident=week["E"]).ended_at.year == 9999
