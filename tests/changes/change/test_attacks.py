"""Ways in which an engineer with a pipeline and every role talked the gate into letting her go, and doors that broke."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from catalog.models import Service
from changes.calendar.operations import windows
from changes.change.operations import people_decide
from changes.change.views.steps import STEPS
from changes.gate.policy import policy_to_json
from changes.gate.policy_default import default_policy
from changes.models import CalendarWindow, Change
from incidents.incident import operations as incidents
from incidents.models import Incident
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import NotPermitted
from slo.engine.samples import Sample
from slo.measuring import operations as slo
from slo.models import Budget, Indicator, Objective, SelfMeasuring
from slo.objectives import operations as objectives_operations
from tests.api.world import browser
from tests.factories.changes import a_measured_service, a_model, a_window, ask, restate
from tests.factories.slo import MINUTE, T0, an_indicator, an_objective, measured_by

pytestmark = pytest.mark.django_db
EVERY_ROLE = ["engineer", "approver", "owner", "manager"]


@pytest.fixture
def eve(as_actor: Callable[..., Actor]) -> Actor:
    return as_actor(User.objects.create(username="eve", roles=EVERY_ROLE))


@pytest.fixture
def hers(eve: Actor) -> User:
    """Her pipeline."""
    return User.objects.create(username="eves-pipeline", roles=EVERY_ROLE, account_type="service", owner_id=eve.id)


@pytest.fixture
def asking(hers: User) -> Actor:
    return actor_for(hers, Door.API)


def standard(owning: Actor, state: str = "healthy") -> Service:
    """Deployments of this service are standard changes, on somebody else's word."""
    service = a_measured_service(state)
    a_model(service, owning)
    return service


def codes(evaluation: Any) -> list[str]:
    return [reason["code"] for reason in evaluation.decision.verdict["reasons"]]


@pytest.mark.parametrize("environment", ["prod", "Production", "live"])
def test_another_name_for_production_is_no_way_around_its_budget(
    environment: str, owning: Actor, asking: Actor
) -> None:
    service = standard(owning, "exhausted")
    found = ask(service, asking, change_class="standard", environment=environment)
    assert (found.status, found.outcome) == ("pending", "postponed")
    assert ask(service, asking, change_class="standard", environment="staging").status == "approved"


def test_what_is_measured_only_in_staging_is_not_measured_elsewhere(owning: Actor, asking: Actor) -> None:
    service = standard(owning)
    Objective.objects.filter(service=service).update(environment="staging")
    assert ask(service, asking, change_class="standard").status == "approved", "tier 3, unmeasured, as the policy says"


@pytest.fixture
def measured_by_her(owning: Actor, hers: User) -> Service:
    service = standard(owning)
    measured_by(the_indicator(service), hers)
    return service


def the_objective(service: Service) -> Objective:
    return Objective.objects.select_related("indicator", "service").get(service=service)


def the_indicator(service: Service) -> Indicator:
    found = the_objective(service).indicator
    assert found is not None
    return found


def test_nobody_allows_themselves_to_measure_what_they_ask_about(
    measured_by_her: Service, eve: Actor, asking: Actor
) -> None:
    objective, until = the_objective(measured_by_her), (T0 + timedelta(days=9)).date()
    with pytest.raises(NotPermitted, match="another person"):
        objectives_operations.allow_self_measuring(objective, actor=eve, reason="I say so", until=until, at=T0)
    SelfMeasuring.objects.create(  # before she was named as a measurer
        objective=objective, reason="I say so", until=until, allowed_by_id=eve.id or 0, allowed_at=T0
    )
    found = ask(measured_by_her, asking, change_class="standard")
    assert (found.status, "self_measured" in codes(found)) == ("pending", True)


@pytest.mark.parametrize("who", ["she", "her pipeline"])
def test_who_waits_for_an_incident_does_not_resolve_it(
    who: str, eve: Actor, asking: Actor, owning: Actor, agent: User, as_actor: Callable[..., Actor]
) -> None:
    service, responder = standard(owning), as_actor(agent)
    opened = incidents.open_incident(actor=responder, title="Down", service=service, priority=1, major=True, at=T0)
    assert ask(service, asking, change_class="standard").status == "pending"
    begun = incidents.acknowledge(opened, actor=responder)
    with pytest.raises(NotPermitted):
        incidents.resolve(
            begun, actor={"she": eve, "her pipeline": asking}[who], resolution_code="solved", resolution="All fine."
        )
    assert Incident.objects.get(pk=opened.pk).is_open
    incidents.resolve(begun, actor=responder, resolution_code="solved", resolution="A full disk.")
    assert ask(service, asking, change_class="standard").status == "approved"


def test_who_approved_a_model_is_no_standard_case_of_it(eve: Actor, asking: Actor, owning: Actor) -> None:
    service = standard(eve)
    found = ask(service, asking, change_class="standard")
    assert found.status == "pending"
    assert found.decision is not None
    refused = next(one for one in found.decision.verdict["reasons"] if one["code"] == "standard_refused")
    assert refused["values"]["because"] == "model_self_approved"


@pytest.fixture
def locked_down(owning: Actor, managing: Actor) -> tuple[Service, CalendarWindow]:
    service, now = standard(owning), T0
    window = a_window(
        managing, window_type="lockdown", name="Stop", starts_at=now, ends_at=now + timedelta(days=30),
        reason="Now.", at=now, services=[service],
    )  # fmt: skip
    return service, window


def test_who_lifts_a_lockdown_needs_somebody_elses_word_for_what_it_held(
    locked_down: tuple[Service, CalendarWindow], eve: Actor, asking: Actor, managing: Actor
) -> None:
    service, window = locked_down
    windows.lift_window(window, actor=eve, version=window.version, at=T0)
    found = ask(service, asking, change_class="standard")
    assert (found.status, found.outcome, "calendar_lifted_by_asker" in codes(found)) == ("pending", "peer", True)
    window.refresh_from_db()
    windows.lift_window(window, actor=managing, version=window.version, at=T0)
    assert ask(service, asking, change_class="standard").status == "approved", "somebody else says so too"


def test_calling_a_change_off_does_not_make_one_disinterested(
    owning: Actor, eve: Actor, asking: Actor, agent: User, as_actor: Callable[..., Actor]
) -> None:
    now, responder = timezone.now(), as_actor(agent)
    service = standard(owning)
    restate(service, "healthy", now)
    opened = incidents.open_incident(actor=responder, title="Down", service=service, priority=1, at=now)
    change = ask(service, asking, at=now, change_class="standard").change
    people_decide.cancel(change, actor=asking, why="", at=now)
    assert Change.objects.get(pk=change.pk).status == "cancelled"
    with pytest.raises(NotPermitted, match=change.reference):
        incidents.resolve(
            incidents.acknowledge(opened, actor=responder), actor=eve, resolution_code="solved", resolution="All fine."
        )


def test_bad_minutes_of_a_witness_are_not_overwritten_as_they_come(
    hers: User, asking: Actor, agent: User, as_actor: Callable[..., Actor]
) -> None:
    """Two measure: she sends each bad minute of the other's again at once, as good, before any budget burns fast."""
    witness = User.objects.create(username="monitor", roles=["engineer"], account_type="service", owner=agent)
    indicator = measured_by(an_indicator(), hers, witness)
    objective = an_objective(indicator=indicator)
    slo.record_samples(
        indicator, [Sample(T0 - MINUTE * back, 1000, 1000) for back in range(1, 120)], actor=as_actor(witness), at=T0
    )
    for number in range(1, 31):
        now = T0 + MINUTE * number
        slo.record_samples(indicator, [Sample(now - MINUTE, 400, 1000)], actor=as_actor(witness), at=now)
        sent = slo.record_samples(indicator, [Sample(now - MINUTE, 1000, 1000)], actor=asking, at=now)
        assert (sent.accepted, sent.waiting) == (0, 1)
    objectives_operations.evaluate(at=now, objectives=[objective.pk])
    assert "burning_fast" in Budget.objects.get(pk=objective.pk).flags


def test_a_policy_version_is_approved_over_rest(
    manager: User, person: Callable[..., User], api: Callable[..., APIClient]
) -> None:
    content = policy_to_json(default_policy(version=2))
    alone = api(manager).post("/api/v1/policy-versions/", {"content": content}, format="json")
    assert (alone.status_code, "Nobody may approve it" in alone.json()["detail"]) == (409, True)
    another = person("manager", username="another")
    made = api(manager).post("/api/v1/policy-versions/", {"content": content}, format="json")
    assert made.status_code == 201, made.json()
    where = f"/api/v1/policy-versions/{made.json()['id']}/approvals/"
    refused = api(another).post(where, {"decision": "approve"}, format="json")
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/password-needed")
    answer = browser(another).post(where, {"decision": "approve"}, content_type="application/json")
    assert answer.status_code == 201, answer.content


@pytest.mark.parametrize("role", ["requester", "engineer", "approver"])
def test_every_button_of_a_change_answers_everybody(
    role: str, web: Callable[[User], Client], person: Callable[..., User], asker: Actor
) -> None:
    change = ask(a_measured_service(), asker).change
    browser = web(person(role))
    for action in STEPS:
        for answer in (browser.get(f"/changes/{change.reference}/{action}/"),
                       browser.post(f"/changes/{change.reference}/{action}/")):  # fmt: skip
            assert answer.status_code < 500, action
