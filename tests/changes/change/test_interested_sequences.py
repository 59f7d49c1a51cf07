"""Whatever people with an interest and their programs do, in any order: what is held is not let go without others.

Five worlds, each held for a reason of its own; sequences of up to twelve writes by an engineer who holds every role, her
pipeline and another program of hers, all named as attestors. Each sequence is undone afterwards.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from changes.calendar.operations import windows
from changes.change.operations import asking, attesting, deploying, editing, evaluating, people_decide
from changes.change_models import operations as change_models
from changes.gate.policy import policy_to_json
from changes.gate.policy_default import default_policy
from changes.models import (
    Attestation,
    Attestor,
    CalendarWindow,
    Change,
    ChangeModel,
    Deployment,
    Evaluation,
    History,
    PolicyVersion,
)
from changes.policies import operations as policies
from itsm.accounts.actors import actor_for
from itsm.accounts.models import Team, User
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import DomainError
from tests.factories.changes import (
    a_measured_service,
    a_model,
    a_window,
    an_artifact,
    an_attestor,
    attested,
    question,
    restate,
)
from tests.factories.slo import T0
from tests.slo.proving import IN_FULL

EVERY_ROLE = ["engineer", "approver", "owner", "manager"]
DIGESTS = [an_artifact("good"), an_artifact("bad"), "shop:latest", ""]
HELD = ("no review", "findings", "exhausted", "locked down", "one runs")


class World:
    """Held for one reason. "one runs": a release of hers that other people let go, and no review of the next."""

    def __init__(self, held: str) -> None:
        self.held = held
        self.at = T0
        eve = User.objects.create(username="eve", roles=EVERY_ROLE)
        programs = [
            User.objects.create(username=name, roles=EVERY_ROLE, account_type="service", owner=eve)
            for name in ("eves-pipeline", "eves-bot")
        ]
        self.actors = [actor_for(user, Door.API) for user in (eve, *programs)]
        self.other = User.objects.create(username="other", roles=EVERY_ROLE)
        self.others = actor_for(self.other, Door.WEB)
        self.service = a_measured_service(team=Team.objects.create(slug="shop", name="Shop"))
        self.model: ChangeModel | None = None
        if held in ("exhausted", "locked down"):
            self.model = a_model(self.service, self.others)
        History.objects.create(
            service=self.service, environment="production", runs=9, weighted_runs=9, recent=[False] * 9, as_of=T0
        )
        for program in programs:
            for about in Attestation.About.values:
                an_attestor(self.service, program, self.other, about=about)
        if held == "findings":
            for digest in DIGESTS[:2]:
                attested(self.service, digest, self.other, about=["peer_review"])
                attested(self.service, digest, self.other, about=["scans"], failed=2)
        if held == "locked down":
            a_window(
                self.others, window_type="lockdown", name="Stop", starts_at=T0, ends_at=T0 + timedelta(days=30),
                reason="Now.", at=T0, services=[self.service],
            )  # fmt: skip
        if held == "one runs":
            self.running()

    def running(self) -> None:
        """One change of hers that other people let go: it runs, so that she can say how it went."""
        change = asking.ask_gate(self.question(1), actor=self.actors[1], at=self.at).change
        people_decide.decide_by_person(change, actor=self.others, decision="approve", comment="", at=self.at)
        deploying.start_deployment(change, actor=self.actors[1], at=self.at, artifact_digest=change.artifact_digest)

    def question(self, digest: int, **words: Any) -> asking.GateRequest:
        return question(self.service, artifact_digest=DIGESTS[digest], **words)

    def stand(self, state: str = "") -> None:
        restate(self.service, state or ("exhausted" if self.held == "exhausted" else "healthy"), self.at)

    def let_go(self) -> list[str]:
        """Answers without people, in production, that nobody else had a hand in."""
        found = Evaluation.objects.filter(decided_by="policy", status="approved", change__environment="production")
        return [f"{one.change.reference}: {one.outcome}" for one in found.select_related("change")]


Do = Callable[[World, Actor, int], Any]


def _newest(rows: Any, pick: int) -> Any:
    found = list(rows.order_by("-pk")[:4])
    return found[pick % len(found)] if found else None


def ask_for_it(world: World, actor: Actor, pick: int) -> None:
    """The question that others could help to an answer without people."""
    words = {"change_class": "standard"} if world.model else {}
    asking.ask_gate(world.question(pick % 2, **words), actor=actor, at=world.at)


def review_it(world: World, actor: Actor, pick: int) -> None:
    attesting.attest(
        actor=actor, service=world.service, artifact_digest=DIGESTS[pick % 2], about="peer_review", source="ci",
        at=world.at, passed=1,
    )  # fmt: skip


def ask(world: World, actor: Actor, pick: int) -> None:
    changes = [change.reference for change in Change.objects.order_by("-pk")[:3]] or [""]
    words: dict[str, Any] = {
        "change_class": ("normal", "standard", "emergency")[pick % 3],
        "purpose": ("feature", "rollback", "security_fix", "reliability_fix", "flag_off")[pick // 3 % 5],
        "environment": ("production", "production", "production", "staging")[pick // 15 % 4],
        "exception": {
            "rollback_of": changes[pick % len(changes)], "cve": "CVE-2026-1", "flag": "f", "incident": "INC-00001",
        },
        "proof": {"peer_review": True, "tests_passed": 9},
    }  # fmt: skip
    asking.ask_gate(world.question(pick // 60 % 4, **words), actor=actor, at=world.at)


def ask_again(world: World, actor: Actor, pick: int) -> None:
    if change := _newest(Change.objects.filter(status="draft"), pick):
        asking.ask_again(change, actor=actor, at=world.at)


def evaluate_again(world: World, actor: Actor, pick: int) -> None:
    if evaluation := Evaluation.objects.filter(status="pending").order_by("-asked_at").first():
        evaluating.evaluate(evaluation, at=world.at)


def attest(world: World, actor: Actor, pick: int) -> None:
    abouts = Attestation.About.values
    attesting.attest(
        actor=actor, service=world.service, artifact_digest=DIGESTS[pick % 2], about=abouts[pick // 2 % len(abouts)],
        source="ci", at=world.at, passed=1, failed=0,
    )  # fmt: skip


def withdraw(world: World, actor: Actor, pick: int) -> None:
    if word := _newest(Attestation.objects, pick):
        attesting.withdraw(word, actor=actor, at=world.at)


def name(world: World, actor: Actor, pick: int) -> None:
    attesting.name_attestor(actor=actor, service=world.service, about="scans", account=world.other, at=world.at)


def dismiss(world: World, actor: Actor, pick: int) -> None:
    if named := _newest(Attestor.objects, pick):
        attesting.dismiss_attestor(named, actor=actor, version=named.version, at=world.at)


def approve(world: World, actor: Actor, pick: int) -> None:
    if change := _newest(Change.objects.filter(status="assessing"), pick):
        people_decide.decide_by_person(change, actor=actor, decision="approve", comment="", at=world.at)


def start(world: World, actor: Actor, pick: int) -> None:
    if change := _newest(Change.objects.filter(status="scheduled"), pick):
        deploying.start_deployment(change, actor=actor, at=world.at, artifact_digest=change.artifact_digest)


def finish(world: World, actor: Actor, pick: int) -> None:
    if deployment := _newest(Deployment.objects.filter(status="started"), pick):
        status = ("succeeded", "succeeded", "failed", "rolled_back")[pick % 4]
        deploying.finish_deployment(deployment, actor=actor, status=status, at=world.at)


def watch_ends(world: World, actor: Actor, pick: int) -> None:
    if deployment := _newest(Deployment.objects.exclude(watched_until=None), pick):
        deploying.watch_over(deployment.change_id, world.at)


def close(world: World, actor: Actor, pick: int) -> None:
    if change := _newest(Change.objects.filter(status="reviewing"), pick):
        deploying.close(change, actor=actor, outcome_code="successful")


def edit(world: World, actor: Actor, pick: int) -> None:
    if change := _newest(Change.objects, pick):
        editing.edit(change, actor=actor, version=change.version, at=world.at, artifact_digest=DIGESTS[pick % 4])


def cancel(world: World, actor: Actor, pick: int) -> None:
    if change := _newest(Change.objects, pick):
        people_decide.cancel(change, actor=actor, why="", at=world.at)


def take_back(world: World, actor: Actor, pick: int) -> None:
    if change := _newest(Change.objects, pick):
        people_decide.revert(change, actor=actor, at=world.at)


def approve_a_model(world: World, actor: Actor, pick: int) -> None:
    model = change_models.propose_model(
        actor=Actor.system("models"), service=world.service, slug=f"model-{pick % 3}", at=world.at, progressive=True,
        rollback_tested=True,
    )  # fmt: skip
    change_models.approve_proposed(model, actor=actor, version=model.version, at=world.at)


def certify(world: World, actor: Actor, pick: int) -> None:
    if model := ChangeModel.objects.first():
        change_models.certify_model(model, actor=actor, version=model.version, at=world.at)


def lift(world: World, actor: Actor, pick: int) -> None:
    if window := CalendarWindow.objects.first():
        windows.lift_window(window, actor=actor, version=window.version, at=world.at)


def propose_a_policy(world: World, actor: Actor, pick: int) -> None:
    policies.propose(policy_to_json(default_policy(version=2 + pick % 3)), actor=actor, at=world.at)


def approve_a_policy(world: World, actor: Actor, pick: int) -> None:
    if version := _newest(PolicyVersion.objects, pick):
        policies.decide(version, actor=actor, decision="approve", comment="", at=world.at)


DEEDS: tuple[Do, ...] = (
    ask_for_it, ask_for_it, ask_for_it, ask_for_it, review_it, review_it, ask, ask, ask_again, evaluate_again, attest, withdraw, name, dismiss, approve, start, finish, watch_ends, close,
    edit, cancel, take_back, approve_a_model, certify, lift, propose_a_policy, approve_a_policy,
)  # fmt: skip
STEP = st.tuples(
    st.sampled_from(DEEDS), st.integers(0, 2), st.integers(0, 239), st.sampled_from((0, 1, 10, 31))
)  # deed, which of the three, which of several, minutes later


@contextmanager
def undone() -> Iterator[None]:
    point = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(point)


def played(world: World, steps: list[tuple[Do, int, int, int]]) -> list[str]:
    for deed, who, pick, minutes in steps:
        world.at += timedelta(minutes=minutes)
        world.stand()
        with suppress(DomainError), transaction.atomic():
            deed(world, world.actors[who], pick)
        if found := world.let_go():
            return [deed.__name__, *found]
    return []


@pytest.mark.heavy
@pytest.mark.django_db
@pytest.mark.timeout(3600 if IN_FULL else 300)
@pytest.mark.parametrize("held", HELD)
def test_the_interested_alone_let_nothing_go(held: str) -> None:
    world = World(held)
    assert not world.let_go()
    began = world.at

    @settings(
        max_examples=400 if IN_FULL else 4,
        deadline=None,
        database=None,
        derandomize=not IN_FULL,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(STEP, min_size=1, max_size=12))
    def sequences(steps: list[tuple[Do, int, int, int]]) -> None:
        world.at = began
        with undone():
            assert not played(world, steps)

    sequences()


@pytest.mark.django_db
@pytest.mark.parametrize("held", HELD)
def test_somebody_else_can_let_it_go(held: str) -> None:
    """The same world is no prison: with the others' help the same question is answered without people."""
    world = World(held)
    help_out(world, held)
    words = {"change_class": "standard"} if world.model else {}
    assert asking.ask_gate(world.question(0, **words), actor=world.actors[1], at=world.at).status == "approved"


def help_out(world: World, held: str) -> None:
    if held in ("no review", "one runs"):
        attested(world.service, DIGESTS[0], world.other, at=world.at)
    if held == "findings":
        for word in Attestation.objects.filter(failed__gt=0):
            attesting.withdraw(word, actor=world.others, at=world.at)
    if held == "locked down":
        lift(world, world.others, 0)
    for deployment in Deployment.objects.filter(status="started"):
        deploying.finish_deployment(deployment, actor=world.actors[1], status="succeeded", at=world.at)
        world.at += timedelta(minutes=31)
        world.stand("healthy")
        deploying.watch_over(deployment.change_id, world.at)
    world.stand("healthy")
