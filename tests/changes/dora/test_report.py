"""The five measures on real rows: lead times against a computation that shares no code, what fails, who is told what."""

import csv
import html
import random
import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from statistics import mean, quantiles
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from catalog.models import Service
from changes.ledger.models import ChangeCost
from changes.models import Change, DeliveredCommit, DeploymentEvent, Evaluation
from incidents.incident import operations as incidents
from incidents.models import Incident
from itsm.accounts.models import Membership, Team, User
from itsm.kernel.actors import Actor
from tests.changes.back_tests.past import is_over
from tests.changes.dora.deployed import HOUR, deployed, holds
from tests.factories.changes import a_measured_service, ask, change_of
from tests.factories.slo import MINUTE, T0, a_service
from tests.together import each_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
PERIOD = f"from={(T0 - 10 * DAY):%Y-%m-%d}&to={(T0 + 10 * DAY):%Y-%m-%d}"


def _told(client: APIClient, service: Service, period: str = PERIOD) -> Any:
    answer = client.get(f"/api/v1/reports/dora/?service={service.slug}&{period}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_lead_times_equal_a_separate_computation(manager: User, api: Callable[[User], APIClient]) -> None:
    """A year of releases as their history tells them: hotfixes between, every writer in a zone of their own."""
    chance, service = random.Random(16), a_service()
    begin = datetime(2025, 1, 1, tzinfo=timezone.utc)  # noqa: UP017
    written: list[tuple[str, str]] = []
    for release in range(40):
        ended = begin + timedelta(days=9 * release, minutes=chance.randrange(1440))
        event = deployed(service, ended)
        for number in range(chance.randrange(1, 9)):
            zone = timezone(timedelta(minutes=chance.choice((-480, -300, 0, 120, 330))))
            committed = (ended - timedelta(minutes=chance.randrange(60 * 24 * 20))).astimezone(zone)
            DeliveredCommit.objects.create(event=event, sha=f"{release:020x}{number:020x}", committed_at=committed)
            written.append((committed.isoformat(), ended.isoformat()))
    hours = sorted(
        (datetime.fromisoformat(ended) - datetime.fromisoformat(committed)).total_seconds() / 3600
        for committed, ended in written
    )
    found = _told(api(manager), service, "from=2025-01-01&to=2026-01-01")
    assert found["commits"] == len(hours)
    lead = found["lead_time_hours"]
    assert lead["mean"] == pytest.approx(mean(hours))
    assert lead["median"] == pytest.approx(quantiles(hours, n=10, method="inclusive")[4])
    assert lead["p90"] == pytest.approx(quantiles(hours, n=10, method="inclusive")[8])
    assert sum(part["commits"] for part in found["trend"]) == len(hours)
    assert (len(found["trend"]), found["deployments"], found["deployment_frequency"]) == (12, 40, 40 / 365)


def test_a_commit_counts_once_where_it_first_came_to_production(
    manager: User, api: Callable[[User], APIClient]
) -> None:
    service, other = a_service(), a_service()
    holds(deployed(service, T0 - HOUR, environment="staging"), a=T0 - 9 * HOUR)
    holds(deployed(service, T0 - HOUR, "failed"), a=T0 - 9 * HOUR)
    first = deployed(service, T0)
    holds(first, a=T0 - 10 * HOUR)
    holds(deployed(service, T0 + MINUTE, told_by="github", same_as=first), b=T0 - 2 * HOUR)
    holds(deployed(service, T0 + DAY), a=T0 - 10 * HOUR, b=T0 - 2 * HOUR, late=T0 + 2 * DAY)
    holds(deployed(other, T0 - 2 * HOUR), a=T0 - 10 * HOUR)
    found = _told(api(manager), service)
    assert (found["commits"], found["deployments"], found["succeeded"]) == (3, 3, 2)
    assert found["lead_time_hours"] == {"median": 2, "mean": 4, "p90": pytest.approx(8.4)}  # 10, 2 and 0 hours
    after = _told(api(manager), service, f"from={(T0 + HOUR).isoformat()[:19]}Z&to={(T0 + 2 * DAY).isoformat()[:19]}Z")
    assert (after["commits"], after["lead_time_hours"]["median"]) == (1, 0)


def _with_change(service: Service, asker: Actor, ended: datetime, **words: Any) -> DeploymentEvent:
    change = change_of(ask(service, asker, at=T0))
    return deployed(service, ended, change=change, **words)


def test_an_incident_fails_what_it_names_for_who_may_see_it(
    asker: Actor, managing: Actor, manager: User, engineer: User, api: Callable[[User], APIClient]
) -> None:
    service = a_measured_service()
    _with_change(service, asker, T0)
    caused = _with_change(service, asker, T0 + HOUR)
    deployed(service, T0 + 9 * HOUR)
    secret = Team.objects.create(slug="secret", name="Secret", takes_work=True, confidential=True)
    Membership.objects.create(user=manager, team=secret)
    seen = incidents.open_incident(
        actor=managing, title="502", service=service, priority=1, at=T0 + 2 * HOUR, team=secret
    )
    incidents.connect(seen, actor=managing, to=f"CHG-{caused.change_id:05d}", relation="caused_by")
    Incident.objects.filter(pk=seen.pk).update(
        status="resolved", resolution_code="solved", resolution="Restarted.", resolved_at=T0 + 3 * HOUR
    )
    found = _told(api(manager), service)
    assert (found["deployments"], found["failed"], found["recovery_time_hours"]) == (3, 1, 2)
    assert found["change_fail_rate"] == pytest.approx(1 / 3)
    row = api(manager).get(f"/api/v1/reports/dora/rows/?service={service.slug}&{PERIOD}&measure=recovery_time").json()
    assert (row["total"], row["rows"][0]["because"], row["rows"][0]["incidents"]) == (1, ["incident"], [seen.reference])
    assert (row["rows"][0]["deployment"], row["rows"][0]["hours"]) == (caused.pk, 2)
    assert _told(api(engineer), service)["failed"] == 0


def test_what_was_rolled_back_or_closed_as_unsuccessful_failed(
    asker: Actor, manager: User, api: Callable[[User], APIClient]
) -> None:
    service = a_measured_service()
    bad = _with_change(service, asker, T0)
    back = _with_change(service, asker, T0 + 2 * HOUR, rework="rollback")
    Evaluation.objects.filter(change=back.change).update(
        claims={"exception": {"rollback_of": f"CHG-{bad.change_id:05d}"}}
    )
    closed = _with_change(service, asker, T0 + 5 * HOUR)
    for event in (closed, back):
        is_over(Evaluation.objects.get(change=event.change), "unsuccessful")
    Change.objects.filter(deployment_events=back).update(outcome_code="successful")
    deployed(service, T0 + 6 * HOUR, "cancelled")
    deployed(service, T0 + 7 * HOUR, environment="staging")
    found = _told(api(manager), service)
    assert (found["deployments"], found["failed"], found["reworked"]) == (3, 2, 1)
    rows = (
        api(manager).get(f"/api/v1/reports/dora/rows/?service={service.slug}&{PERIOD}&measure=change_fail_rate").json()
    )
    assert [(one["deployment"], one["because"], one["hours"]) for one in rows["rows"]] == [
        (closed.pk, ["unsuccessful"], None), (bad.pk, ["rolled_back"], 2.0)
    ]  # fmt: skip


def test_what_cost_more_than_was_reserved_failed(asker: Actor, manager: User, api: Callable[[User], APIClient]) -> None:
    service = a_measured_service()
    dear, cheap = (_with_change(service, asker, T0 + hours * HOUR) for hours in (0, 1))
    for event, failed in ((dear, True), (cheap, False)):
        ChangeCost.objects.create(
            change_id=event.change_id, share="0.05", reserved="0.02", failed=failed, why="debit" if failed else "",
            proposed="with_issues", reckoned_at=T0,
        )  # fmt: skip
    found = _told(api(manager), service)
    assert (found["failed"], found["change_fail_rate"], found["recovery_time_hours"]) == (1, 0.5, 1)


@each_of(
    "odd",
    ["", "service=none", "from=never", "from=2030-01-01", "from=2026-03-01&to=2026-02-01", "from=2020-01-01&to=2026-01-01",
     "to=9999-01-01", "from=1999-01-01&to=1999-02-01", "since=2026-01-01", "measure=speed", "page=0", "page=-1", "page=x", "page=9999999"],
)  # fmt: skip
def test_an_odd_question_is_refused(odd: str, manager: User, api: Callable[[User], APIClient]) -> None:
    slug = "" if odd.startswith("service") or not odd else f"service={a_service().slug}&"
    answer = api(manager).get(f"/api/v1/reports/dora/rows/?{slug}{odd}")
    assert answer.status_code == 400, answer.content
    assert answer.json()["type"].endswith(("invalid-input", "validation"))


def test_a_period_that_is_refused_stands_in_the_form_as_it_was_typed(
    manager: User, web: Callable[[User], Client]
) -> None:
    answer = web(manager).get(f"/changes/reports/dora/?service={a_service().slug}&from=2030-01-01&to=2030-02-01")
    page = answer.content.decode()
    assert (answer.status_code, "lies ahead" in page) == (400, True)
    assert 'name="from" value="2030-01-01"' in page
    assert 'name="to" value="2030-02-01"' in page


def test_the_page_shows_five_cards_whose_columns_open_their_rows(manager: User, web: Callable[[User], Client]) -> None:
    service, client = a_service(), web(manager)
    for day in range(30):
        holds(
            deployed(service, T0 + day * DAY, "failed" if day % 10 == 0 else "succeeded"),
            **{f"c{day}": T0 + day * DAY - HOUR},
        )
    asked = f"service={service.slug}&from={T0 - DAY:%Y-%m-%d}&to={T0 + 31 * DAY:%Y-%m-%d}"
    page = client.get(f"/changes/reports/dora/?{asked}").content.decode()
    assert page.count('class="dora-number"') == 5
    assert "3 of 30 deployments" in page
    assert "median of 27 commits" in page
    [address] = re.findall(r'href="(/changes/reports/dora/change_fail_rate/[^"]*)">Rows', page)
    rows = client.get(html.unescape(address)).content.decode()
    assert rows.count("<tr data-row>") == 3
    assert rows.count("it failed as it was deployed") == 3
    lead = client.get(f"/changes/reports/dora/lead_time/?{asked}").content.decode()
    assert lead.count("<tr data-row>") == 27
    answer = client.get(f"/changes/reports/dora/lead_time.csv?{asked}")
    lines = list(csv.DictReader(b"".join(answer).decode().splitlines()))
    assert (len(lines), {one["hours"] for one in lines}) == (27, {"1.0"})
    assert "Choose a service" in client.get("/changes/reports/dora/").content.decode()
    assert (
        "No deployment to production ended"
        in client.get(f"/changes/reports/dora/?service={a_service().slug}").content.decode()
    )
    assert client.get("/changes/reports/dora/?service=none").status_code == 400
    assert client.get(f"/changes/reports/dora/speed/?{asked}").status_code == 404
    assert client.get(f"/changes/reports/dora/lead_time.csv?{asked}&from=never").status_code == 400
