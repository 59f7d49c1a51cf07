"""Reports by mail: each reader gets what they may see at the moment of sending, once a period, and can stop it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from incidents.incident.models import Incident
from incidents.reports import operations
from incidents.reports.models import ReportMail, SavedReport
from itsm.accounts.models import Membership, Team, User
from itsm.clocks import due
from itsm.clocks.models import Due
from itsm.kernel.errors import InvalidInput, NotFound, NotPermitted
from itsm.notifications.models import Delivery, Notification
from tests.together import each_of

pytestmark = pytest.mark.django_db
SUNDAY = datetime(2026, 3, 29, 12, tzinfo=UTC)
MONDAY = datetime(2026, 3, 30, 5, tzinfo=UTC)  # seven in Berlin, which is two hours ahead since the day before


@pytest.fixture
def payroll(monkeypatch: pytest.MonkeyPatch, engineer: User) -> Team:
    """A confidential queue in which the engineer works; last week three tickets there, two elsewhere."""
    monkeypatch.setattr(timezone, "now", lambda: SUNDAY)
    hidden = Team.objects.create(slug="payroll", name="Payroll", takes_work=True, confidential=True)
    Membership.objects.create(team=hidden, user=engineer)
    vpn = Team.objects.create(slug="vpn", name="VPN", takes_work=True)
    for number in range(5):
        Incident.objects.create(
            title="Cannot print", opened_at=SUNDAY - timedelta(days=number), team=hidden if number < 3 else vpn
        )
    return hidden


@pytest.fixture
def weekly(payroll: Team, engineer: User, agent: User, as_actor: Any) -> SavedReport:
    """The engineer's report, which goes to them and to the agent, each in Berlin, each Monday."""
    User.objects.filter(pk__in=[engineer.pk, agent.pk]).update(time_zone="Europe/Berlin")
    report = operations.save_report(actor=as_actor(engineer), name="The week", measures=["opened", "mttr"])
    for reader in (engineer, agent):
        operations.mail_to(report, actor=as_actor(engineer), every="week", reader=reader)
    return report


def bodies() -> dict[str, str]:
    return {one.to.username: one.body for one in Notification.objects.filter(record_kind="saved_report")}


def test_each_reader_gets_what_they_may_see_and_nothing_else(weekly: SavedReport) -> None:
    assert due.sweep(MONDAY - timedelta(seconds=1)) == 0
    assert due.sweep(MONDAY) == 2
    found = bodies()
    assert "2026-03-23 – 2026-03-29 (Europe/Berlin)" in found["engineer"]
    assert [line.split() for line in found["engineer"].splitlines() if line.startswith(("Payroll", "VPN", "All"))] == [
        ["Payroll", "3", "–"], ["VPN", "2", "–"], ["All", "5", "–"],
    ]  # fmt: skip
    assert "ayroll" not in found["agent"]
    assert ["All", "2", "–"] in [line.split() for line in found["agent"].splitlines()]


def test_it_is_sent_once_however_often_somebody_sweeps_and_promised_for_the_next_week(weekly: SavedReport) -> None:
    due.sweep(MONDAY)
    due.sweep(MONDAY)
    due.sweep(MONDAY + timedelta(days=6))
    assert (Notification.objects.count(), Delivery.objects.filter(channel="mail").count()) == (2, 2)
    promised = Due.objects.filter(name=operations.SENDING, done_at=None)
    assert {one.at for one in promised} == {MONDAY + timedelta(days=7)}


def test_a_worker_that_is_killed_while_it_sends_has_sent_nothing(
    weekly: SavedReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was written goes with its transaction, and the promise stays."""

    class Killed(BaseException):
        pass

    def killed(*_given: Any, **_said: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr("incidents.reports.operations.mailing._promise", killed)
        with pytest.raises(Killed):
            due.sweep(MONDAY)
    assert not Notification.objects.exists()
    assert due.sweep(MONDAY) == 2
    assert Notification.objects.count() == 2


def test_rights_are_those_of_the_moment_of_sending(weekly: SavedReport, engineer: User) -> None:
    Membership.objects.filter(user=engineer).delete()
    due.sweep(MONDAY)
    assert "ayroll" not in bodies()["engineer"]


@pytest.mark.parametrize("gone", [{"is_active": False}, {"roles": ["requester"]}])
def test_who_may_no_longer_read_reports_gets_none(weekly: SavedReport, agent: User, gone: dict[str, Any]) -> None:
    User.objects.filter(pk=agent.pk).update(**gone)
    due.sweep(MONDAY)
    assert set(bodies()) == {"engineer"}
    assert not ReportMail.objects.filter(reader=agent).exists()
    assert not Due.objects.filter(name=operations.SENDING, record_id__in=[agent.pk], done_at=None).exists()


def test_a_queue_that_a_reader_no_longer_sees_is_said_to_be_unknown(
    payroll: Team, engineer: User, as_actor: Any
) -> None:
    report = operations.save_report(actor=as_actor(engineer), name="Payroll", query="team=payroll")
    operations.mail_to(report, actor=as_actor(engineer), every="day")
    Membership.objects.filter(user=engineer).delete()
    due.sweep(MONDAY + timedelta(days=1))
    assert "There is no “payroll”, or you may not see it" in bodies()["engineer"]


def test_its_reader_stops_it_and_no_longer_sees_it(weekly: SavedReport, agent: User, web: Any) -> None:
    browser = web(agent)
    address = weekly.get_absolute_url()
    page = browser.get(address).content.decode()
    assert "The week" in page
    assert "ayroll" not in page
    assert browser.post(f"{address}no-more-mail/").status_code == 302
    assert browser.get(address).status_code == 404
    due.sweep(MONDAY)
    assert set(bodies()) == {"engineer"}


def test_nobody_else_changes_sends_or_stops_it(weekly: SavedReport, agent: User, owner: User, as_actor: Any) -> None:
    reader, stranger = as_actor(agent), as_actor(owner)
    for do in (
        lambda: operations.edit_report(weekly, actor=reader, name="Mine"),
        lambda: operations.remove_report(weekly, actor=reader),
        lambda: operations.mail_to(weekly, actor=reader, every="day", reader=owner),
        lambda: operations.no_more_mail(weekly, actor=stranger, reader=agent),
    ):
        with pytest.raises(NotPermitted):
            do()
    assert not operations.no_more_mail(weekly, actor=stranger)


def test_it_goes_to_nobody_who_does_not_work_here(
    weekly: SavedReport, engineer: User, requester: User, as_actor: Any
) -> None:
    with pytest.raises(InvalidInput):
        operations.mail_to(weekly, actor=as_actor(engineer), every="week", reader=requester)


def test_what_is_removed_is_sent_no_more(weekly: SavedReport, engineer: User, as_actor: Any) -> None:
    operations.remove_report(weekly, actor=as_actor(engineer))
    due.sweep(MONDAY)
    assert not Notification.objects.exists()
    with pytest.raises(NotFound):
        operations.mail_to(weekly, actor=as_actor(engineer), every="week")


@each_of(
    ("said", "name"),
    [
        ({"name": " "}, "name"), ({"measures": []}, "measures"), ({"measures": ["luck"]}, "measures"),
        ({"query": "color=red"}, "query"), ({"group_by": "moon"}, "group_by"), ({"span": "ever"}, "span"),
    ],
)  # fmt: skip
def test_a_report_that_says_nothing_usable_is_refused(agent: User, api: Any, said: dict[str, Any], name: str) -> None:
    answer = api(agent).post("/api/v1/reports/saved/", {"name": "Week", **said}, format="json")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"].split("/")[1]) == (400, name)


def test_a_report_over_rest(agent: User, engineer: User, api: Any) -> None:
    client = api(agent)
    made = client.post("/api/v1/reports/saved/", {"name": "Week", "query": "priority=1,2"}, format="json").json()
    address = f"/api/v1/reports/saved/{made['id']}/"
    mailed = client.post(f"{address}mail/", {"every": "month", "reader": "engineer"}, format="json").json()
    assert mailed["mails"] == [{"reader": "engineer", "every": "month", "sent_at": None}]
    assert api(engineer).get(address).json()["name"] == "Week"
    assert client.post(f"{address}stop-mail/", {"reader": "engineer"}, format="json").status_code == 204
    assert api(engineer).get(address).status_code == 404
    stale = client.patch(address, {"span": "last_month"}, format="json", HTTP_IF_MATCH='"7"')
    assert stale.status_code == 412
    assert client.patch(address, {"span": "last_month"}, format="json", HTTP_IF_MATCH='"1"').json()["version"] == 2
    assert client.delete(address, HTTP_IF_MATCH='"2"').status_code == 204


def test_the_pages_of_kept_reports(agent: User, web: Any) -> None:
    browser = web(agent)
    assert "No report is kept yet" in browser.get("/reports/saved/").content.decode()
    assert browser.get("/reports/saved/new/?query=priority%3D1&group_by=service").status_code == 200
    said = {
        "name": "Night",
        "measures": ["opened", "fcr"],
        "group_by": "team",
        "span": "last_week",
        "query": "priority=1",
    }
    made = browser.post("/reports/saved/new/", said)
    assert made.status_code == 302
    page = browser.get(made["Location"]).content.decode()
    assert "solved at first contact" in page
    assert browser.post(f"{made['Location']}mail/", {"every": "week", "reader": ""}).status_code == 302
    assert "each Monday" in browser.get(made["Location"]).content.decode()
    assert browser.post(f"{made['Location']}edit/", {**said, "query": "color=red", "version": 1}).status_code == 400
    assert browser.post(f"{made['Location']}remove/").status_code == 302
    assert browser.get(made["Location"]).status_code == 404
