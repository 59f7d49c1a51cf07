"""Interest: every write that can make a verdict kinder, by everybody who might want it.

Each row is one write and what comes of it for each kind of person: `no` refused, `waits` for a second person, `done` at
once. A new kind of evidence adds its row here; a row without its guard says `done` and fails.
"""

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from catalog.cmdb import operations as items
from catalog.environments import operations as environments
from catalog.models import CI, Relation, Service
from catalog.services import operations as catalog
from changes.change.operations import counting, shadowing
from changes.delivery.operations import mapping
from changes.ledger.operations import refunding
from changes.models import Change, Debit, DeliverySource, Deployment, DeploymentRoute, Evaluation
from incidents.incident import operations as incidents
from incidents.major import operations as majors
from incidents.models import Incident, Major
from itsm.accounts.actors import actor_for
from itsm.accounts.models import Team, User
from itsm.approvals import confirming
from itsm.approvals.models import Confirmation
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import NotPermitted
from itsm.work import linking
from itsm.work.models import Link
from slo.engine.samples import epoch_minute
from slo.measuring import operations as measuring_operations
from slo.models import DataSource, Measurer, Objective, QuarantinedSample
from slo.objectives import operations as slo
from tests.factories.allowances import an_agent, given
from tests.factories.catalog import an_item, joined
from tests.factories.slo import MINUTE, a_service, an_indicator, an_objective, evaluated, measured, steady

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests", Door.COMMAND)
EVERY_ROLE = ["agent", "engineer", "approver", "manager", "owner"]
PEOPLE = ("requester", "author", "implementer", "colleague", "owner", "manager")
PROGRAMS = ("program of the requester", "program of the author", "program of the implementer", "another program")
INTERESTED = ("requester", "author", "implementer")


@dataclass
class Scene:
    """An open change of `ledger`; `checkout` depends on it and is measured, exhausted, and in a major incident.

    It `runs_on` a machine, one of a group of one.
    """

    people: dict[str, User]
    ledger: Service
    checkout: Service
    objective: Objective
    pulled: Objective
    source: DataSource
    incident: Incident
    aside: QuarantinedSample
    runs_on: Relation
    at: datetime

    def waiting(self) -> Confirmation:
        """Something kinder that an outsider proposed."""
        outsider = actor_for(self.people["outsider"], Door.WEB)
        found = incidents.cancel(self.incident, actor=outsider, cancel_code="not_an_incident", reason="A drill").awaits
        assert found is not None
        return found


def founded() -> Scene:
    at = timezone.now().replace(second=0, microsecond=0)
    # All of them hold every role, so that nothing but interest is looked at.
    people = {name: User.objects.create(username=name.replace(" ", "-"), roles=EVERY_ROLE) for name in PEOPLE}
    people["outsider"] = User.objects.create(username="outsider", roles=EVERY_ROLE)
    for name in PROGRAMS:
        owner = people.get(name.removeprefix("program of the "), people["outsider"])
        people[name] = User.objects.create(
            username=name.replace(" ", "-"), roles=EVERY_ROLE, account_type="service", owner=owner
        )
    ledger = a_service(slug="ledger")
    checkout = a_service(slug="checkout", tier=1)
    catalog.edit_service(
        checkout, actor=SYSTEM, version=1, depends_on=[{"any_of": [ledger], "needs": 1}]
    )  # fmt: skip
    checkout.refresh_from_db()
    Change.objects.create(
        service=ledger, environment="production", summary="Deploy", requested_by=people["requester"], created_at=at,
        author=people["author"], implementer=people["implementer"],
    )  # fmt: skip
    objective = an_objective(at, service=checkout, target=Decimal("0.99"))
    assert objective.indicator is not None
    Measurer.objects.bulk_create(
        Measurer(indicator=objective.indicator, account=one, named_by="tests", named_at=at) for one in people.values()
    )
    measured(objective.indicator, steady(at, 1440, bad=500), at)
    source = measuring_operations.create_source(actor=SYSTEM, slug="prometheus", url="http://prometheus.example:9090")
    pulled_from = an_indicator(
        source="prometheus", data_source=source, good_query="good", total_query="total", slug="pulled"
    )
    pulled = an_objective(at, service=checkout, indicator=pulled_from)
    measured(pulled_from, steady(at, 60), at)
    aside = QuarantinedSample.objects.create(
        indicator=pulled_from, minute=epoch_minute(at) - 5, bad=0, total=10**12, usual=10_000, arrived_at=at
    )
    evaluated(objective, at)
    evaluated(pulled, at)
    incident = incidents.open_incident(actor=SYSTEM, title="Checkout is down", service=checkout, priority=1)
    major = majors.accept(Major.objects.get(incident=incident), actor=SYSTEM, severity=1, commander="colleague", at=at)
    incident = major.incident
    runs_on = joined(checkout, an_item(), "runs_on", group="machines")
    return Scene(people, ledger, checkout, objective, pulled, source, incident, aside, runs_on, at)


def fresh(record: Any) -> Any:
    return type(record)._default_manager.get(pk=record.pk)


def edit(scene: Scene, actor: Actor, **said: Any) -> Any:
    """Of the objective that is healthy: an exhausted one takes a change manager anyway."""
    now = fresh(scene.pulled)
    return slo.edit_objective(now, actor=actor, version=now.version, at=scene.at, **said)


def proposed_correction(scene: Scene) -> Any:
    return slo.propose_correction(
        scene.objective, actor=SYSTEM, at=scene.at, category="other", reason="A drill",
        starts_at=scene.at - 60 * MINUTE, ends_at=scene.at,
    )  # fmt: skip


def tier(scene: Scene, actor: Actor) -> Any:
    return catalog.edit_service(fresh(scene.checkout), actor=actor, version=scene.checkout.version, tier=3)


def dependencies(scene: Scene, actor: Actor) -> Any:
    return catalog.edit_service(fresh(scene.checkout), actor=actor, version=scene.checkout.version, depends_on=[])


def own(scene: Scene, actor: Actor) -> Any:
    """An import brought the service, and nobody owns it yet."""
    Service.objects.filter(pk=scene.checkout.pk).update(needs_owner=True)
    team = Team.objects.create(slug="shop", name="Shop")
    return catalog.edit_service(fresh(scene.checkout), actor=actor, version=scene.checkout.version, team=team)


def out_of_production(scene: Scene, actor: Actor) -> Any:
    europe = environments.create_environment(actor=SYSTEM, name="production-eu", is_production=True)
    an_objective(service=scene.checkout, environment="production-eu")
    return environments.edit_environment(europe, actor=actor, version=1, is_production=False)


def a_new_word(scene: Scene, actor: Actor) -> Any:
    staging = environments.Environment.objects.get(name="staging")
    aliases = [*staging.aliases, "prod-eu"]
    return environments.edit_environment(staging, actor=actor, version=staging.version, aliases=aliases)


def retire(scene: Scene, actor: Actor) -> Any:
    return slo.retire_objective(scene.pulled, actor=actor, version=scene.pulled.version, at=scene.at)


def source(scene: Scene, actor: Actor) -> Any:
    return measuring_operations.edit_source(scene.source, actor=actor, version=1, url="http://elsewhere.example:9090")


def better_minutes(scene: Scene, actor: Actor) -> Any:
    assert scene.objective.indicator is not None
    good = steady(scene.at - 60 * MINUTE, 100)
    return measuring_operations.record_samples(scene.objective.indicator, good, actor=actor, at=scene.at)


def allow(scene: Scene, actor: Actor) -> Any:
    until = scene.at.date() + timedelta(days=30)
    # One that none of them measures: nobody allows their own measuring.
    return slo.allow_self_measuring(scene.pulled, actor=actor, reason="Us", until=until, at=scene.at)


def name_measurers(scene: Scene, actor: Actor) -> Any:
    assert scene.objective.indicator is not None
    accounts = [scene.people["colleague"]]
    return measuring_operations.name_measurers(scene.objective.indicator, actor=actor, accounts=accounts, at=scene.at)


def approve_correction(scene: Scene, actor: Actor) -> Any:
    return slo.approve_correction(proposed_correction(scene), actor=actor, at=scene.at)


def confirm(scene: Scene, actor: Actor) -> Any:
    waiting = scene.waiting()
    return confirming.confirm(waiting, actor=actor, at=scene.at, version=waiting.version)


def edit_incident(**fields: Any) -> Callable[[Scene, Actor], Any]:
    def write(scene: Scene, actor: Actor) -> Any:
        return incidents.edit(scene.incident, actor=actor, version=fresh(scene.incident).version, **fields)

    return write


def reject_a_major(scene: Scene, actor: Actor) -> Any:
    """Proposed, it holds nothing yet: rejecting it keeps it from holding."""
    small = incidents.open_incident(actor=SYSTEM, title="Checkout is slow", service=scene.checkout)
    return majors.reject(majors.propose_incident(small, actor=SYSTEM), actor=actor, reason="A drill")


def resting(scene: Scene) -> tuple[CI, Relation]:
    """A machine that rests on `ledger` in a group, and on which `checkout` runs: what fails there is felt here."""
    machine = an_item()
    relation = joined(machine, scene.ledger, "depends_on", group="pair")
    joined(scene.checkout, machine, "runs_on")
    return machine, relation


def end_a_relation(scene: Scene, actor: Actor) -> Any:
    return items.end_relation(resting(scene)[1], actor=actor, version=1)


def retire_an_item(scene: Scene, actor: Actor) -> Any:
    return items.retire(resting(scene)[0], actor=actor, reason="Old")


def loosen_a_group(scene: Scene, actor: Actor) -> Any:
    group = resting(scene)[1].group
    assert group is not None
    return items.edit_group(group, actor=actor, version=1, needs=2)


def map_deployments(scene: Scene, actor: Actor, *, by: Actor | None = None) -> DeploymentRoute:
    """Out of production nobody would look for an authorisation."""
    source = DeliverySource.objects.create(
        slug="ci", name="CI", platform="github", account=scene.people["another program"], created_at=scene.at
    )
    return mapping.map_deployments(
        actor=by or actor, source=source, repository="acme/ledger", service=scene.ledger, environment="staging",
        at=scene.at,
    )  # fmt: skip


def unmap_deployments(scene: Scene, actor: Actor) -> None:
    mapping.unmap(map_deployments(scene, actor, by=SYSTEM), actor=actor, version=1)


def give_a_debit_back(scene: Scene, actor: Actor) -> Any:
    """What a change of `checkout` was debited: history, and what the next ones reserve, follow from it."""
    change = Change.objects.create(
        service=scene.checkout, summary="Deploy", status="reviewing", created_at=scene.at, content_hash="r"
    )
    Debit.objects.create(
        change=change, objective=scene.objective, day=scene.at.date(), amount=9000, dependency=0, share=1, gross=1
    )
    why = "The load test of another team failed in these minutes."
    return refunding.ask_refund(change, actor=actor, objective=scene.objective, events=2, reason=why, at=scene.at)


def no_cause_after_all(scene: Scene, actor: Actor) -> Any:
    """An incident named a change of `checkout` as its cause: its run counts as failed."""
    change = Change.objects.create(service=scene.checkout, summary="Deploy", status="reviewing", created_at=scene.at)
    Link.objects.create(
        from_kind="change", from_id=change.pk, to_kind="incident", to_id=scene.incident.pk, meaning="caused",
        at=scene.at,
    )  # fmt: skip
    (linked,) = (one for one in linking.linked_to(scene.incident, SYSTEM) if one.record == change)
    linking.disconnect(scene.incident, linked, actor=actor)
    return None


def says_it_works(scene: Scene, actor: Actor) -> Any:
    """What nobody but its own pipeline called a success: a rollback may go back to it then, and it is a run."""
    change = Change.objects.create(
        service=scene.ledger,
        environment="production",
        summary="The one before",
        status="reviewing",
        created_at=scene.at,
    )
    asked = Evaluation.objects.create(
        change=change, requested_by=scene.people["outsider"], asked_at=scene.at, content_hash="x" * 64, claims={},
        pipeline={},
    )  # fmt: skip
    Deployment.objects.create(
        change=change, number=1, evaluation=asked, environment="production", status="succeeded", watch="clean",
        started_at=scene.at, finished_at=scene.at, watched_until=scene.at, watch_ended_at=scene.at,
    )  # fmt: skip
    if not counting.vouch(change, actor, scene.at):
        raise NotPermitted("It is no word of somebody else.")
    return None


def in_shadow(scene: Scene, actor: Actor) -> Any:
    """Whatever the gate says of it would stop nothing any more."""
    until, why = scene.at + timedelta(days=30), "The policy is new here."
    return shadowing.ask_shadow(scene.checkout, actor=actor, until=until, reason=why, at=scene.at)


Write = Callable[[Scene, Actor], Any]
# write -> (what it does, for who has no interest). The interested, and every program, are refused.
GUARDED: dict[str, tuple[Write, str]] = {
    "gating off": (lambda scene, actor: edit(scene, actor, gating=False), "waits"),
    "lower target": (lambda scene, actor: edit(scene, actor, target=Decimal("0.9")), "waits"),
    "shorter window": (lambda scene, actor: edit(scene, actor, window_days=7), "waits"),
    "longer window": (lambda scene, actor: edit(scene, actor, window_days=90), "waits"),
    "another indicator": (lambda scene, actor: edit(scene, actor, indicator=an_indicator()), "waits"),
    "fewer alert rows": (lambda scene, actor: edit(scene, actor, alert_rows=[]), "waits"),
    "retire": (retire, "waits"),
    "deployments mapped to another environment": (map_deployments, "done"),
    "a mapping taken away": (unmap_deployments, "done"),
    "another data source": (source, "waits"),
    "lower tier": (tier, "waits"),
    "fewer dependencies": (dependencies, "waits"),
    "an owner for a service that needs one": (own, "waits"),
    "an environment out of production": (out_of_production, "waits"),
    "an environment that is no production": (
        lambda scene, actor: environments.create_environment(actor=actor, name="prod-eu"),
        "waits",
    ),
    "a new word for what is no production": (a_new_word, "waits"),
    "lower priority": (edit_incident(priority=3), "waits"),
    "not major": (
        lambda s, actor: majors.demote(
            Major.objects.get(incident=s.incident), actor=actor, reason="A drill", notice_fate="none"
        ),
        "waits",
    ),
    "reject a major incident": (reject_a_major, "done"),
    "incident of another service": (edit_incident(service=None), "waits"),
    "cancel an incident": (
        lambda s, actor: incidents.cancel(s.incident, actor=actor, cancel_code="not_an_incident", reason="A drill"),
        "waits",
    ),
    "end a relation": (end_a_relation, "done"),
    "retire an item": (retire_an_item, "done"),
    "change how many are enough": (loosen_a_group, "done"),
    "name measurers": (name_measurers, "done"),
    "allow self-measuring": (allow, "done"),
    "approve a correction": (approve_correction, "done"),
    "release a sample": (lambda s, actor: slo.release_sample(fresh(s.aside), actor=actor, at=s.at), "done"),
    "confirm": (confirm, "done"),
    "give a debit back": (give_a_debit_back, "waits"),
    "an incident was not caused by a change": (no_cause_after_all, "done"),
    "a service in shadow": (in_shadow, "waits"),
    "an artifact is known to work": (says_it_works, "done"),
    "an allowance for an agent": (
        lambda s, actor: given(s.checkout, an_agent(s.people["outsider"]), actor, at=s.at),
        "done",
    ),
    "end what a service runs on": (
        lambda s, actor: items.end_relation(fresh(s.runs_on), actor=actor, version=s.runs_on.version),
        "done",
    ),
    "retire what a service runs on": (
        lambda s, actor: items.retire(s.runs_on.target, actor=actor, reason="Old"),
        "done",
    ),
    "one more that stands in": (
        lambda s, actor: items.relate(s.runs_on.source, an_item(), s.runs_on.type, actor=actor, group="machines"),
        "done",
    ),
}
# What anybody may send or write: it is held back, whoever it is, or makes nothing kinder.
FOR_ALL: dict[str, tuple[Write, str]] = {
    "better minutes": (better_minutes, "waits"),
    "higher target": (lambda scene, actor: edit(scene, actor, target=Decimal("0.9999")), "done"),
    "worse minutes": (
        lambda s, actor: measuring_operations.record_samples(
            s.objective.indicator, steady(s.at, 5, bad=1000), actor=actor, at=s.at  # type: ignore[arg-type]
        ),
        "done",
    ),
}  # fmt: skip


def came_of(write: Write, scene: Scene, who: str) -> str:
    """What came of it; whatever it did is undone."""
    waiting = Confirmation.objects.waiting().count()
    with transaction.atomic():
        try:
            write(scene, actor_for(scene.people[who], Door.WEB))
            came = "waits" if Confirmation.objects.waiting().count() > waiting else "done"
        except NotPermitted:
            came = "no"
        transaction.set_rollback(True)
    return came


# The scene takes half a second to found and nothing of a write stays: eight of them share it, each with objects of its own.
TOGETHER = [list(GUARDED)[at : at + 8] for at in range(0, len(GUARDED), 8)]


@pytest.mark.parametrize("some", TOGETHER, ids=" - ".join)
def test_who_may_make_a_verdict_kinder(some: list[str]) -> None:
    written = pickle.dumps(founded())
    wrong = {}
    for name in some:
        (write, without_interest), scene = GUARDED[name], pickle.loads(written)
        expected = {
            one: without_interest if one in PEOPLE and one not in INTERESTED else "no" for one in PEOPLE + PROGRAMS
        }
        came = {who: came_of(write, scene, who) for who in expected}
        wrong |= {name: came} if came != expected else {}
    assert not wrong


@pytest.mark.parametrize("name", FOR_ALL)
def test_what_everybody_may_do_makes_nothing_kinder_at_once(name: str) -> None:
    (write, expected), scene = FOR_ALL[name], founded()
    everybody = ("author", "program of the author", "colleague", "another program")
    assert {who: came_of(write, scene, who) for who in everybody} == dict.fromkeys(everybody, expected)
