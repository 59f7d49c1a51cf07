"""From the door to somebody's bed: an alert pages, a repeat does not, a new one of what is held does, a change's own noise
does not."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from catalog.models import Service
from incidents.alerts_in.models import AlertOccurrence, RoutingVersion
from incidents.alerts_in.operations import quiets
from incidents.incident import operations as incidents
from incidents.incident.models import Incident
from incidents.models import EscalationRoute
from itsm.accounts.models import Team, User
from itsm.audit.models import Entry
from itsm.kernel.actors import Actor
from itsm.paging.models import Escalation, EscalationPolicy, Page
from tests.incidents.alerts_in.conftest import Say, alert
from tests.itsm.paging.company import a_policy, lane_works

pytestmark = pytest.mark.django_db
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture
def on_call(person: Any, checkout: Service, agent: User) -> User:
    """Who is paged for everything."""
    called: User = person("engineer", checkout.team)
    for one in (called, agent):
        one.email = f"{one.username}@example.com"
        one.save()
    assert checkout.team is not None
    EscalationRoute.objects.create(position=1, policy=a_policy(checkout.team, [called], [agent]))
    return called


def test_an_alert_pages_once_and_a_new_member_of_what_is_held_pages_again(
    checkout: Service, say: Say, on_call: User, as_actor: Callable[..., Actor]
) -> None:
    now = timezone.now()
    say(alert(start=now), at=now)
    lane_works(now + SECOND)
    assert [one.person for one in Page.objects.all()] == [on_call]
    incidents.acknowledge(Incident.objects.get(), actor=as_actor(on_call))
    say(alert(start=now), at=now + MINUTE)  # a repeat
    lane_works(now + 4 * MINUTE)
    assert Page.objects.count() == 1

    for instance in ("b", "c"):  # bundled: one page for both
        say(alert(start=now, instance=instance), at=now + 5 * MINUTE)
    assert Page.objects.count() == 1
    lane_works(now + 8 * MINUTE)
    assert [one.person for one in Page.objects.all()] == [on_call, on_call]


def test_what_joins_an_incident_for_which_nobody_was_ever_called_pages(
    checkout: Service, say: Say, on_call: User
) -> None:
    now = timezone.now()
    route = EscalationRoute.objects.get()
    EscalationRoute.objects.all().delete()
    say(alert(start=now), at=now)  # no route takes it: a desk that is only being set up
    lane_works(now + SECOND)
    assert not Page.objects.exists()
    route.save(force_insert=True)
    for instance in ("b", "c"):
        say(alert(start=now, instance=instance), at=now + MINUTE)
    lane_works(now + 4 * MINUTE)
    assert [one.person for one in Page.objects.all()] == [on_call]


def test_what_a_change_causes_pages_nobody_unless_it_outlasts_it(checkout: Service, say: Say, on_call: User) -> None:
    now = timezone.now()
    quiets.plan(
        change_reference="CHG-00042", services=[checkout.pk], environment="production", starts_at=now,
        ends_at=now + timedelta(hours=1),
    )  # fmt: skip
    quiets.activate("CHG-00042", at=now)
    say(alert(start=now), at=now + SECOND)
    lane_works(now + MINUTE)
    assert not Page.objects.exists()

    quiets.end_soon("CHG-00042", "done", at=now + 2 * MINUTE)
    quiets.end_overdue(now + 8 * MINUTE)
    lane_works(now + 9 * MINUTE)
    assert [one.person for one in Page.objects.all()] == [on_call]


def test_a_rule_names_who_is_paged_and_whose_queue_it_is(
    checkout: Service, say: Say, team: Team, person: Any, agent: User
) -> None:
    disks: User = person("engineer", team, username="disks")
    for one in (disks, agent):
        one.email = f"{one.username}@example.com"
        one.save()
    policy: EscalationPolicy = a_policy(team, [disks], [agent])
    now = timezone.now()
    RoutingVersion.objects.create(
        version=1, at=now, rules=[{
            "name": "disks", "when": [{"label": "alertname", "is": "prefix", "value": "Disk"}],
            "then": {"team": team.slug, "policy": policy.slug, "priority": 2},
        }],
    )  # fmt: skip
    say({**alert("DiskFull", start=now), "labels": {"alertname": "DiskFull", "severity": "critical"}}, at=now)
    incident = AlertOccurrence.objects.get().incident
    assert incident is not None
    assert (incident.team, incident.service, incident.priority) == (team, None, 2)
    assert [one.policy for one in Escalation.objects.all()] == [policy]


def test_a_burn_that_joins_what_somebody_holds_pages_them(
    checkout: Service, say: Say, on_call: User, as_actor: Callable[..., Actor], system: Actor
) -> None:
    """Else one alert, acknowledged, keeps the burn of its service from everybody."""
    now = timezone.now()
    say(alert(start=now), at=now)
    lane_works(now + SECOND)
    incidents.acknowledge(Incident.objects.get(), actor=as_actor(on_call))
    incidents.open_from_alert(
        actor=system, service=checkout, title="The budget burns", description="", priority=2, source_key="burn:1:1",
        environment="production", at=now + MINUTE,
    )  # fmt: skip
    lane_works(now + 4 * MINUTE)
    assert Incident.objects.count() == 1
    assert [one.person for one in Page.objects.order_by("pk")] == [on_call, on_call]
    assert Entry.objects.filter(event="incident.alert_joined").count() == 1
