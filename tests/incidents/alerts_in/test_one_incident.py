"""One incident for each burn or outage: alerts and burns, both orders; apart; storms; what joins what is acknowledged."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from catalog.models import Service
from incidents.alerts_in.models import AlertOccurrence, AlertSource, RoutingVersion
from incidents.incident import operations
from incidents.incident.models import Incident
from itsm.accounts.models import Team, User
from itsm.audit.models import Entry
from itsm.kernel.actors import Actor
from itsm.paging.models import Escalation
from tests.incidents.alerts_in.conftest import Say, alert
from tests.itsm.paging.company import a_policy

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
Burn = Callable[..., Incident]


@pytest.fixture
def burn(checkout: Service, system: Actor) -> Burn:
    def _burn(at: datetime, number: int = 1, environment: str = "production") -> Incident:
        return operations.open_from_alert(
            actor=system, service=checkout, title="Burns", description="", priority=2, source_key=f"burn:1:{number}",
            environment=environment, at=at,
        )  # fmt: skip

    return _burn


def test_an_alert_joins_the_burn_that_came_first(checkout: Service, say: Say, burn: Burn, night: datetime) -> None:
    opened = burn(night)
    say(alert(start=night + MINUTE), at=night + MINUTE)
    assert AlertOccurrence.objects.get().incident == opened == Incident.objects.get()


def test_a_burn_joins_the_alert_that_came_first(checkout: Service, say: Say, burn: Burn, night: datetime) -> None:
    say(alert(start=night, severity="warning"), at=night)
    assert Incident.objects.get().priority == 3

    assert burn(night + MINUTE) == Incident.objects.get()
    assert Incident.objects.get().priority == 2  # the higher one stays


def test_a_burn_joins_no_alert_of_long_ago_or_elsewhere(
    checkout: Service, say: Say, burn: Burn, night: datetime
) -> None:
    say(alert(start=night), at=night)
    burn(night + 61 * MINUTE)
    assert Incident.objects.count() == 2

    burn(night + MINUTE, number=2, environment="staging")
    assert Incident.objects.count() == 3


def test_a_rule_keeps_alerts_apart(checkout: Service, say: Say, burn: Burn, night: datetime) -> None:
    RoutingVersion.objects.create(
        version=1, at=night, rules=[{
            "name": "disks", "when": [{"label": "alertname", "is": "equals", "value": "Disk"}],
            "then": {"apart": True, "priority": 4},
        }],
    )  # fmt: skip
    opened = burn(night)
    say(alert("Disk", start=night), at=night + MINUTE)
    apart = AlertOccurrence.objects.get().incident
    assert apart is not None
    assert (apart != opened, apart.priority) == (True, 4)


def test_a_new_label_set_is_news_of_an_acknowledged_incident(
    checkout: Service, say: Say, night: datetime, person: Any, as_actor: Any
) -> None:
    agent = person("agent", checkout.team)
    say(alert(start=night), at=night)
    operations.acknowledge(Incident.objects.get(), actor=as_actor(agent))
    say(alert(start=night), at=night + MINUTE)  # repeats are no news
    assert not Entry.objects.filter(event="incident.alert_joined").exists()

    say(alert(start=night, instance="b"), at=night + 2 * MINUTE)
    joined = Entry.objects.get(event="incident.alert_joined")
    assert joined.changes["new"] == [0, 1]


def test_a_storm_is_one_incident_of_a_service(checkout: Service, say: Say, night: datetime) -> None:
    for n in range(40):
        say(alert(f"A{n}", start=night), at=night + timedelta(seconds=n / 10))
    opened = Incident.objects.count()
    assert opened == 30
    for n in range(100):
        say(alert(f"B{n}", start=night), at=night + timedelta(seconds=5))
    assert Incident.objects.count() == opened
    assert Entry.objects.filter(event="incident.alert_storm").count() == 1


def test_a_pressing_alert_is_not_lost_in_a_storm_of_small_ones(checkout: Service, say: Say, night: datetime) -> None:
    """Else whoever sends thirty small alerts keeps the great one of their service from being heard."""
    for n in range(32):
        say(alert(f"A{n}", start=night, severity="info"), at=night + timedelta(seconds=n / 10))
    say(alert("Down", start=night), at=night + timedelta(seconds=5))
    down = AlertOccurrence.objects.get(labels__alertname="Down")
    assert down.incident is not None
    assert down.incident.priority == 2


def test_a_storm_that_joins_a_small_incident_raises_it(checkout: Service, say: Say, night: datetime) -> None:
    say(alert("Small", start=night, severity="info"), at=night)
    small = Incident.objects.get()
    say(*[alert(f"A{n}", start=night) for n in range(40)], at=night + MINUTE / 2)
    small.refresh_from_db()
    assert Incident.objects.count() == 1
    assert small.priority == 2, "what presses is heard, though it came in a storm"


def test_the_policy_that_a_rule_names_pages_in_a_storm_too_once(
    team: Team, checkout: Service, say: Say, night: datetime, agent: User
) -> None:
    policy = a_policy(team, [agent], name="database")
    rule = {
        "name": "database", "when": [{"label": "service", "is": "equals", "value": "checkout"}],
        "then": {"service": "checkout", "policy": policy.slug},
    }  # fmt: skip
    RoutingVersion.objects.create(version=2, rules=[rule], at=night)
    for turn in range(2):
        say(*[alert(f"A{turn}-{n}", start=night) for n in range(40)], at=night + turn * MINUTE / 4)
    incident = Incident.objects.get()
    assert [one.subject_id for one in Escalation.objects.filter(policy=policy)] == [incident.pk]


def test_a_storm_of_a_queue_lies_in_that_queue(team: Any, say: Say, night: datetime) -> None:
    hidden = Team.objects.create(slug="security", name="Security", takes_work=True, confidential=True)
    rule = {
        "name": "intruders", "when": [{"label": "kind", "is": "equals", "value": "intruder"}],
        "then": {"team": "security"},
    }  # fmt: skip
    RoutingVersion.objects.create(version=2, rules=[rule], at=night)
    alerts = [alert(f"A{n}", service="", start=night, kind="intruder" if n % 2 else "disk") for n in range(48)]
    say(*alerts, at=night + MINUTE)
    found = AlertOccurrence.objects.values_list("labels__kind", "incident__team").distinct()
    teams = dict(found)
    assert teams["intruder"] == hidden.pk
    assert teams["disk"] != hidden.pk


def test_a_great_storm_is_one_incident_for_all(team: Any, say: Say, night: datetime, source: AlertSource) -> None:
    services = [Service.objects.create(slug=f"s{n}", name=f"S{n}", team=team) for n in range(40)]
    alerts = [alert(f"A{n}", service=services[n % 40].slug, start=night, instance=str(n)) for n in range(240)]
    for begin in range(0, 240, 100):
        say(*alerts[begin : begin + 100], at=night + timedelta(seconds=begin / 100))
    from itsm.clocks import due

    due.sweep(night + MINUTE)
    assert AlertOccurrence.objects.count() == 240
    assert AlertOccurrence.objects.filter(incident=None).count() == 0
