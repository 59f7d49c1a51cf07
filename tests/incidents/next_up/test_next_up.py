"""What is next: whose work it is, in which band it lies, in which order it comes, and that nothing else is shown."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.models import Incident
from incidents.next_up import queries
from incidents.next_up.vocabulary import Band
from itsm.accounts.models import Membership, Team, User
from itsm.clocks.models import Clock
from tests.factories.majors import led

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 20, 30, tzinfo=UTC)  # 21:30 in Berlin
BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)


@pytest.fixture
def network(agent: User) -> Team:
    team = Team.objects.create(slug="network", name="Network", takes_work=True)
    Membership.objects.create(user=agent, team=team)
    return team


@pytest.fixture
def work(network: Team, agent: User, engineer: User) -> None:
    """Two of each band, the one that is due first opened last; and what is nobody's turn here."""
    elsewhere = Team.objects.create(slug="elsewhere", name="Elsewhere", takes_work=True)
    hidden = Team.objects.create(slug="hr", name="HR", takes_work=True, confidential=True)

    def made(title: str, **more: Any) -> Incident:
        return Incident.objects.create(title=title, **{"team": network, "opened_at": NOW - 9 * HOUR, **more})

    made("rest", priority=4)
    made("rest sooner", next_due=NOW + 2.5 * HOUR)  # after midnight in Berlin, today still in London
    made("today", next_due=NOW + 2 * HOUR)
    made("today sooner", next_due=NOW + HOUR)
    made("caller", caller_spoke_at=NOW - HOUR, next_due=NOW + 3 * HOUR)
    made("caller sooner", caller_spoke_at=NOW - HOUR, agent_spoke_at=NOW - 2 * HOUR, next_due=NOW + 2 * HOUR)
    for title, due in (("warned", 5), ("warned sooner", 4)):
        one = made(title, next_due=NOW + due * HOUR)
        Clock.objects.create(
            record_kind="incident", record_id=one.pk, name="resolve", state="running", target_s=60,
            running_since=NOW - HOUR, due_at=one.next_due, told=["warn_50"],
        )  # fmt: skip
    made("breached", next_due=NOW)
    made("breached sooner", next_due=NOW - HOUR, assigned_to=agent, team=elsewhere)
    made("grave", priority=1)
    led(made("grave sooner", next_due=NOW + 99 * HOUR))
    made("another's", assigned_to=engineer, priority=1)
    made("not my queue", team=elsewhere, priority=1)
    made("hidden", team=hidden, priority=1, assigned_to=agent)
    made("over", status="cancelled", cancel_code="withdrawn", priority=1, assigned_to=agent)


def test_work_comes_by_band_then_by_what_is_due_first(work: None, agent: User, as_actor: Any) -> None:
    found = queries.turns(as_actor(agent), NOW, BERLIN)
    bands = ("grave", "breached", "warned", "caller", "today", "rest")
    assert [one.incident.title for one in found] == [title for band in bands for title in (f"{band} sooner", band)]
    assert [one.band for one in found] == [band for band in Band for _ in range(2)]


def test_today_ends_at_midnight_of_the_readers_zone(work: None, agent: User, as_actor: Any) -> None:
    for zone, band in ((BERLIN, Band.REST), (UTC, Band.DUE_TODAY)):
        found = {one.incident.title: one.band for one in queries.turns(as_actor(agent), NOW, zone)}
        assert found["rest sooner"] == band


def test_what_is_grave_is_never_crowded_out(
    work: None, network: Team, agent: User, as_actor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MOST", 3)
    found = queries.turns(as_actor(agent), NOW, BERLIN)
    assert [one.incident.title for one in found] == ["grave sooner", "grave", "breached sooner"]


def test_page_and_rest_say_the_band_in_words(work: None, agent: User, web: Any, api: Any) -> None:
    page = web(agent).get("/incidents/next/").content.decode()
    assert page.count("data-row=") == 12
    assert "major, or of the highest priority" in page
    assert ">hidden<" not in page
    answer = api(agent).get("/api/v1/incidents/next/")
    first = answer.json()["results"][0]
    assert (first["title"], first["band"], first["because"]) == ("grave sooner", 1, "major, or of the highest priority")
    assert api(agent).get("/api/v1/incidents/next/?x=1").status_code == 400


def test_it_costs_the_same_however_much_there_is(network: Team, agent: User, web: Any) -> None:
    browser = web(agent)

    def asked() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert browser.get("/incidents/next/").status_code == 200
        return len(seen)

    Incident.objects.create(title="One", team=network, opened_at=NOW)
    asked()
    before = asked()
    for n in range(20):
        Incident.objects.create(title=f"More {n}", team=network, opened_at=NOW, priority=1 + n % 5)
    assert asked() == before <= 10


def test_without_work_it_says_so(agent: User, requester: User, web: Any) -> None:
    assert "Your hands are free" in web(agent).get("/incidents/next/").content.decode()
    assert web(requester).get("/incidents/next/").status_code == 403
