"""What proposes by itself, when, and how long a rule rests that was turned down."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from incidents.incident import operations as incidents
from incidents.major import operations
from incidents.major.rules import command_in, rests
from incidents.models import CandidateRule, Incident, Major
from itsm import lifecycle
from itsm.accounts.models import User
from itsm.clocks.models import Due
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted
from tests.factories.catalog import relies_on
from tests.factories.slo import a_service
from tests.incidents.incident.test_queues import a_queue
from tests.incidents.major.situations import an_incident, fresh

SYSTEM = Actor.system("tests")
NOW = timezone.now


def why() -> list[tuple[str, int]]:
    return [(one["rule"], one["count"]) for major in Major.objects.order_by("pk") for one in major.because]


@pytest.mark.django_db
def test_priority_1_proposes_as_it_is_opened_or_rises(agent: User, as_actor: Any) -> None:
    an_incident(as_actor(agent), priority=1)
    assert why() == [("critical", 1)]
    risen = an_incident(as_actor(agent))
    incidents.edit(risen, actor=as_actor(agent), version=1, priority=1)
    assert why() == [("critical", 1), ("critical", 1)]
    incidents.edit(fresh(risen), actor=as_actor(agent), version=fresh(risen).version, title="Otherwise")
    assert Major.objects.count() == 2


@pytest.mark.django_db
def test_what_is_resolved_before_anybody_decided_waits_for_nobody_and_is_proposed_again_where_it_comes_back(
    agent: User, as_actor: Any
) -> None:
    actor = as_actor(agent)
    incident = an_incident(actor, priority=1)
    incidents.resolve(incident, actor=actor, resolution="Restarted", resolution_code="solved")
    assert (Major.objects.get().status, Due.objects.filter(record_kind="major").exists()) == ("rejected", False)
    incidents.reopen(fresh(incident), actor=actor, reason="Again")
    assert Major.objects.get().status == "proposed"


@pytest.mark.django_db
def test_the_21st_child_proposes_its_parent(agent: User, as_actor: Any) -> None:
    parent = an_incident(as_actor(agent))
    children = [an_incident(as_actor(agent)) for _ in range(21)]
    Incident.objects.filter(pk__in=[one.pk for one in children[:19]]).update(parent=parent)
    incidents.set_parent(fresh(children[19]), actor=as_actor(agent), parent=parent.reference)
    assert why() == [], "20 are not more than 20"
    incidents.set_parent(fresh(children[20]), actor=as_actor(agent), parent=parent.reference)
    assert (why(), Major.objects.get().incident) == ([("children", 21)], parent)


@pytest.mark.django_db
@pytest.mark.parametrize(("tier", "priority", "proposed"), [(1, 2, ["tier_1_burn"]), (2, 2, []), (1, 3, [])])
def test_a_burn_page_of_a_tier_1_service_proposes(tier: int, priority: int, proposed: list[str]) -> None:
    incidents.open_from_alert(
        actor=SYSTEM, service=a_service(tier=tier), title="It burns", description="", priority=priority,
        source_key="burn:1:1",
    )  # fmt: skip
    assert [rule for rule, _ in why()] == proposed


@pytest.mark.django_db
def test_three_services_of_one_dependency_propose_within_fifteen_minutes() -> None:
    below, alone = a_service(), a_service()
    above = [a_service() for _ in range(3)]
    for one in above:
        relies_on(one, below)
    said: dict[str, Any] = {"actor": SYSTEM, "priority": 3}
    old = incidents.open_incident(title="Slow", service=above[0], at=NOW() - timedelta(minutes=16), **said)
    incidents.open_incident(title="Slow", service=alone, **said)
    incidents.open_incident(title="Slow", service=above[1], **said)
    incidents.open_incident(title="Slow", service=above[2], **said)
    assert why() == [], "the first is too long ago, another rests on nothing of theirs"
    incidents.open_incident(title="Slow again", service=old.service, **said)
    assert why() == [("dependency", 3)]


@pytest.mark.django_db
def test_ten_reporters_of_a_service_propose_and_the_same_one_ten_times_does_not(person: Any, as_actor: Any) -> None:
    service = a_service()
    first = person("requester", username="first")
    for _ in range(10):
        incidents.open_incident(actor=as_actor(first), title="Slow", service=service)
    assert why() == []
    for number in range(9):
        incidents.open_incident(
            actor=as_actor(person("requester", username=f"more-{number}")), title="Slow", service=service
        )
    assert why() == [("reporters", 10)]


@pytest.mark.django_db
def test_who_reads_an_incident_learns_nothing_of_hidden_queues(person: Any, as_actor: Any) -> None:
    service, hidden = a_service(), a_queue("hr", person("agent", username="hilda"), confidential=True)
    for number in range(9):
        made = incidents.open_incident(
            actor=as_actor(person("requester", username=f"one-{number}")), title="Pay", service=service
        )
        Incident.objects.filter(pk=made.pk).update(team=hidden)
    incidents.open_incident(actor=as_actor(person("requester", username="last")), title="Pay", service=service)
    assert why() == []


@pytest.mark.django_db
def test_a_storm_proposes_as_who_counts_it_announces(agent: User, as_actor: Any) -> None:
    incident = an_incident(as_actor(agent))
    lifecycle.announce(incident, "alert_storm", actor=SYSTEM, changes={"alerts": [None, 29]})
    assert why() == []
    lifecycle.announce(incident, "alert_storm", actor=SYSTEM, changes={"alerts": [None, 30]})
    assert why() == [("storm", 30)]


@pytest.mark.django_db
def test_a_rule_that_was_turned_down_rests_two_hours_unless_what_it_counts_doubles(
    agent: User, manager: User, as_actor: Any
) -> None:
    incident, at = an_incident(as_actor(agent)), NOW()
    operations.look_at_storm(incident, 40, at)
    operations.reject(Major.objects.get(), actor=as_actor(manager), reason="A drill", at=at)
    operations.look_at_storm(incident, 79, at + timedelta(minutes=119))
    assert Major.objects.get().status == "rejected"
    operations.look_at_storm(incident, 80, at + timedelta(minutes=1))
    assert (Major.objects.get().status, why()) == ("proposed", [("storm", 80)])
    operations.reject(Major.objects.get(), actor=as_actor(manager), reason="A drill", at=at)
    operations.look_at_storm(incident, 41, at + timedelta(hours=2))
    assert Major.objects.get().status == "proposed"


@pytest.mark.django_db
def test_managers_keep_the_rules(agent: User, manager: User, as_actor: Any) -> None:
    rule = CandidateRule.objects.get(rule="critical")
    with pytest.raises(NotPermitted):
        operations.edit_rule(rule, actor=as_actor(agent), version=1, is_on=False)
    with pytest.raises(InvalidInput):
        operations.edit_rule(rule, actor=as_actor(manager), version=1, least=0)
    operations.edit_rule(rule, actor=as_actor(manager), version=1, is_on=False)
    an_incident(as_actor(agent), priority=1)
    assert why() == []


@pytest.mark.parametrize(
    ("count", "hours", "said"), [(19, 1.99, True), (20, 1.99, False), (1, 2, False), (10, 0, True)]
)
def test_the_edges_of_a_rest(count: int, hours: float, said: bool) -> None:
    at = NOW()
    assert rests({"storm": [at.isoformat(), 10]}, "storm", count, at + timedelta(hours=hours)) is said
    assert not rests({"storm": [at.isoformat(), 10]}, "children", count, at)


@pytest.mark.parametrize(
    ("typed", "command"),
    [
        ("The pool is empty", ("note", "The pool is empty")), ("/task a: b", ("task", "a: b")),
        ("//etc is full", ("note", "/etc is full")), ("/UPDATE x", ("update", "x")), ("/update", ("update", "")),
        ("/dance", None), ("/", None),
    ],
)  # fmt: skip
def test_words_and_commands_are_told_apart(typed: str, command: Any) -> None:
    assert command_in(typed) == command
