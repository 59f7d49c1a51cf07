"""Tried from outside: what an engineer with a pipeline and other roles did to be let go without people."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from rest_framework.test import APIClient

from changes.gate.policy import policy_to_json
from changes.gate.policy_default import default_policy
from changes.operations import approving, calendar
from incidents import operations as incidents
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import DomainError
from slo import operations as slo
from slo.engine.samples import Sample
from slo.models import Objective
from tests.factories.changes import a_measured_service, a_model, ask
from tests.factories.slo import MINUTE, T0, measured_by

pytestmark = pytest.mark.django_db
EVERY = ["engineer", "approver", "owner", "manager"]


@pytest.fixture
def eve(db: None) -> Actor:
    return actor_for(User.objects.create(username="eve", roles=EVERY), Door.API)


@pytest.fixture
def eves_pipeline(eve: Actor) -> Actor:
    user = User.objects.create(username="eves-pipeline", roles=EVERY, nature="service", owner_id=eve.id)
    return actor_for(user, Door.API)


@pytest.mark.parametrize("environment", ["prod", "production-eu", "live"])
def test_another_name_for_production_is_no_way_around_its_budget(
    environment: str, owning: Actor, eves_pipeline: Actor
) -> None:
    service = a_measured_service("exhausted")
    a_model(service, owning)
    found = ask(service, eves_pipeline, change_class="standard", environment=environment)
    assert found.status != "approved", found.outcome


def test_whoever_measures_does_not_allow_herself(eve: Actor, eves_pipeline: Actor, owning: Actor) -> None:
    service = a_measured_service()
    a_model(service, owning)
    objective = Objective.objects.select_related("indicator", "service").get(service=service)
    measured_by(objective.indicator, User.objects.get(username="eves-pipeline"))
    try:
        slo.allow_self_measuring(objective, actor=eve, reason="I say so", until=(T0 + timedelta(days=9)).date(), at=T0)
    except DomainError as e:
        print(e)
    assert ask(service, eves_pipeline, change_class="standard").status != "approved"


@pytest.mark.parametrize("who", ["eve", "eves_pipeline"])
def test_resolving(who: str, eve: Actor, eves_pipeline: Actor, owning: Actor, agent: User) -> None:
    service = a_measured_service()
    a_model(service, owning)
    inc = incidents.open_incident(
        actor=actor_for(agent, Door.WEB), title="down", service=service, priority=1, major=True, at=T0
    )
    first = ask(service, eves_pipeline, change_class="standard")
    assert first.status == "pending", first.outcome
    actor = {"eve": eve, "eves_pipeline": eves_pipeline}[who]
    try:
        inc = incidents.acknowledge(inc, actor=actor)
        incidents.resolve(inc, actor=actor, resolution="all fine")
    except DomainError as e:
        print(e)
    assert ask(service, eves_pipeline, change_class="standard").status != "approved"


def test_own_model(eve: Actor, eves_pipeline: Actor) -> None:
    service = a_measured_service()
    a_model(service, eve)
    assert ask(service, eves_pipeline, change_class="standard").status != "approved"


def test_lift(eve: Actor, eves_pipeline: Actor, owning: Actor, managing: Actor) -> None:
    service = a_measured_service()
    a_model(service, owning)
    w = calendar.add_window(
        actor=managing,
        meaning="lockdown",
        name="Stop",
        starts_at=T0,
        ends_at=T0 + timedelta(days=30),
        reason="Now.",
        at=T0,
        services=[service],
    )
    first = ask(service, eves_pipeline, change_class="standard")
    assert first.status == "pending"
    approving.cancel(first.change, actor=eves_pipeline, why="", at=T0)
    try:
        calendar.lift_window(w, actor=eve, version=w.version, at=T0)
    except DomainError as e:
        print(e)
    assert ask(service, eves_pipeline, change_class="standard").status != "approved"


def test_prod_unmeasured_normal(eves_pipeline: Actor) -> None:
    service = a_measured_service("exhausted")
    for env in ("canary", "prod", "preview", "staging"):
        print(env, ask(service, eves_pipeline, environment=env).outcome)


def test_two_measurers(eve: Actor, eves_pipeline: Actor, agent: User) -> None:
    service = a_measured_service()
    objective = Objective.objects.select_related("indicator", "service").get(service=service)
    monitor = User.objects.create(username="monitor", roles=["engineer"], nature="service", owner=agent)
    measured_by(objective.indicator, User.objects.get(username="eves-pipeline"), monitor)
    bad = [Sample(T0 - MINUTE * n, 1, 1000) for n in range(1, 10)]
    print(slo.record_samples(objective.indicator, bad, actor=actor_for(monitor, Door.API), at=T0))
    good = [Sample(T0 - MINUTE * n, 1000, 1000) for n in range(1, 10)]
    got = slo.record_samples(objective.indicator, good, actor=eves_pipeline, at=T0)
    print(got)
    assert got.accepted == 0


def test_minute_by_minute(eve: Actor, eves_pipeline: Actor, agent: User) -> None:
    service = a_measured_service()
    objective = Objective.objects.select_related("indicator", "service").get(service=service)
    monitor = User.objects.create(username="monitor", roles=["engineer"], nature="service", owner=agent)
    measured_by(objective.indicator, User.objects.get(username="eves-pipeline"), monitor)
    from slo.models import Budget

    slo.record_samples(
        objective.indicator,
        [Sample(T0 - MINUTE * n, 1000, 1000) for n in range(1, 10000)],
        actor=actor_for(monitor, Door.API),
        at=T0,
    )
    now = T0
    for n in range(30):
        now += MINUTE
        slo.record_samples(
            objective.indicator, [Sample(now - MINUTE, 400, 1000)], actor=actor_for(monitor, Door.API), at=now
        )
        got = slo.record_samples(objective.indicator, [Sample(now - MINUTE, 1000, 1000)], actor=eves_pipeline, at=now)
        if not got.accepted:
            print(n, got.waiting)
    slo.evaluate(at=now, objectives=[objective.pk])
    b = Budget.objects.get(pk=objective.pk)
    print("FLAGS", b.flags, b.state, b.remaining)
    assert "burning_fast" in b.flags, (b.flags, b.remaining, b.state, b.level)


def test_policy_approval_over_rest(manager: User, person: Callable[..., User], api: Callable[..., APIClient]) -> None:
    """The same words approve a policy version as a change."""
    content = policy_to_json(default_policy(version=2))
    made = api(manager).post("/api/v1/policy-versions/", {"content": content}, format="json")
    assert made.status_code == 201, made.json()
    other = person("manager", username="other-manager")
    where = f"/api/v1/policy-versions/{made.json()['id']}/approvals/"
    answer = api(other).post(where, {"decision": "approve", "comment": "Read."}, format="json")
    assert answer.status_code == 201, answer.content
