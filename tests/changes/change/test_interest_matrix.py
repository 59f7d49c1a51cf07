"""Every write in `changes` that can make an answer kinder x everybody around a change, against a table by hand.

Each row has a guard; the mutant without it is run by the same code and must be seen to let the interested through.
"""

import pickle
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from changes.allowances import operations as allowances
from changes.calendar.operations import windows
from changes.change.operations import asking, attesting, deploying, evaluating, pausing, people_decide
from changes.change.operations.evaluations import live_evaluation
from changes.change_models import operations as change_models
from changes.gate.policy import policy_to_json
from changes.gate.policy_default import default_policy
from changes.models import CalendarWindow, Change, Evaluation, History
from changes.policies import operations as policies
from itsm.accounts.actors import actor_for
from itsm.accounts.models import Membership, Team, User
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import DomainError
from tests.factories.allowances import an_agent, given
from tests.factories.changes import (
    a_measured_service,
    a_model,
    a_window,
    an_artifact,
    an_attestor,
    question,
    ran,
    restate,
    reviewed,
    start,
)
from tests.factories.slo import T0

pytestmark = pytest.mark.django_db

EVERY_ROLE = ["engineer", "approver", "owner", "manager"]
INTERESTED = ("requester", "author", "implementer")
PROGRAMS = tuple(f"{name}'s program" for name in INTERESTED)
OTHERS = {"colleague": ["engineer"], "owner": ["owner"], "manager": ["manager"]}
DIGEST = an_artifact("what is asked about")


class World:
    """An open change that waits for a peer, with three people behind it who hold every role, and their programs."""

    def __init__(self) -> None:
        team = Team.objects.create(slug="payments", name="Payments")
        self.service = a_measured_service(team=team)
        History.objects.create(
            service=self.service, environment="production", runs=9, weighted_runs=9, recent=[False] * 9, as_of=T0
        )
        self.people: dict[str, User] = {}
        for name in INTERESTED:
            person = self._account(name, EVERY_ROLE, team)
            self._account(f"{name}'s program", EVERY_ROLE, team, account_type="service", owner=person)
        for name, roles in OTHERS.items():
            self._account(name, roles, team)
        self.somebody = actor_for(self._account("somebody", EVERY_ROLE, team), Door.API)
        self.change = asking.ask_gate(
            question(self.service, artifact_digest=DIGEST), actor=self.actor("requester"), at=T0
        ).change
        Change.objects.filter(pk=self.change.pk).update(
            author=self.people["author"], implementer=self.people["implementer"]
        )
        self.judged()  # the ask now excludes all three

    def _account(self, name: str, roles: list[str], team: Team, **more: Any) -> User:
        user = self.people[name] = User.objects.create(username=name, roles=roles, **more)
        Membership.objects.create(user=user, team=team)
        return user

    def actor(self, name: str) -> Actor:
        """Who has just shown who they are: it is interest that holds them, or nothing."""
        return replace(actor_for(self.people[name], Door.API), proved_at=timezone.now())

    def judged(self) -> Evaluation:
        change = Change.objects.get(pk=self.change.pk)
        evaluation = live_evaluation(change)
        assert evaluation is not None
        return evaluating.evaluate(evaluation, at=T0)

    def another_change(self, **words: Any) -> Change:
        """By somebody who has nothing to do with the first, on the same service; approved by the manager."""
        change = asking.ask_gate(question(self.service, **words), actor=self.somebody, at=T0).change
        people_decide.decide_by_person(change, actor=self.actor("manager"), decision="approve", comment="", at=T0)
        return Change.objects.get(pk=change.pk)


Write = Callable[[Actor], Any]


@dataclass(frozen=True)
class Row:
    """`prepare` gives the write; who else than `may` gets through has found a way. `guard`: what is patched away."""

    prepare: Callable[[World], Write]
    may: frozenset[str]
    guard: str = ""


def approve_the_change(world: World) -> Write:
    return lambda actor: people_decide.decide_by_person(
        world.change, actor=actor, decision="approve", comment="", at=T0
    )


def review_the_artifact(world: World) -> Write:
    """Every program is named as attestor; a word that leads to no answer without people has not helped."""
    for name in PROGRAMS:
        an_attestor(world.service, world.people[name], world.people["somebody"])

    def write(actor: Actor) -> None:
        attesting.attest(
            actor=actor, service=world.service, artifact_digest=DIGEST, about="peer_review", source="x", at=T0, passed=1
        )
        if world.judged().status != "approved":
            raise DomainError("It did not help.")

    return write


def withdraw_a_strict_word(world: World) -> Write:
    word = attesting.attest(
        actor=world.somebody, service=world.service, artifact_digest=DIGEST, about="tests", source="ci", at=T0, failed=1
    )
    return lambda actor: attesting.withdraw(word, actor=actor, at=T0)


def approve_a_model(world: World) -> Write:
    model = change_models.propose_model(actor=Actor.system("models"), service=world.service, slug="model", at=T0)
    return lambda actor: change_models.approve_proposed(model, actor=actor, version=model.version, at=T0)


def certify_a_model(world: World) -> Write:
    model = a_model(world.service, world.actor("owner"))
    return lambda actor: change_models.certify_model(model, actor=actor, version=model.version, at=T0)


def lift_a_lockdown(world: World) -> Write:
    window = _lockdown(world, services=[world.service])
    return lambda actor: windows.lift_window(window, actor=actor, version=window.version, at=T0)


def lift_a_lockdown_of_everything(world: World) -> Write:
    window = _lockdown(world)
    return lambda actor: windows.lift_window(window, actor=actor, version=window.version, at=T0)


def lift_a_maintenance_that_is_demanded(world: World) -> Write:
    window = _lockdown(world, "maintenance", services=[world.service], demanded=True)
    return lambda actor: windows.lift_window(window, actor=actor, version=window.version, at=T0)


def _lockdown(world: World, window_type: str = "lockdown", **scope: Any) -> CalendarWindow:
    return a_window(
        world.actor("manager"), window_type=window_type, name="Stop", starts_at=T0, ends_at=T0 + timedelta(days=1),
        reason="Now.", at=T0, **scope,
    )  # fmt: skip


def name_an_attestor(world: World) -> Write:
    account = world.people["colleague"]
    return lambda actor: attesting.name_attestor(
        actor=actor, service=world.service, about="tests", account=account, at=T0
    )


def dismiss_an_attestor(world: World) -> Write:
    named = an_attestor(world.service, world.people["colleague"], world.people["somebody"])
    return lambda actor: attesting.dismiss_attestor(named, actor=actor, version=named.version, at=T0)


def give_an_agent_an_allowance(world: World) -> Write:
    agent = an_agent(world.people["somebody"])
    return lambda actor: given(world.service, agent, actor)


def raise_an_allowance(world: World) -> Write:
    allowance = given(world.service, an_agent(world.people["somebody"]), world.actor("manager"), "0.1")
    return lambda actor: allowances.change_share(
        allowance, actor=actor, share=Decimal("0.2"), version=allowance.version, at=T0
    )


def take_back_what_bounds_a_team(world: World) -> Write:
    allowance = given(world.service, Team.objects.get(slug="payments"), world.actor("manager"), "0.1")
    return lambda actor: allowances.take_back(allowance, actor=actor, version=allowance.version, at=T0)


def close_better_than_seen(world: World) -> Write:
    failed = ran(world.another_change(), world.somebody, status="failed", clean=False).change
    reviewed(failed, world.actor("manager"))
    return lambda actor: deploying.close(failed, actor=actor, outcome_code="successful")


def look_back_at_what_failed(world: World) -> Write:
    failed = ran(world.another_change(), world.somebody, status="failed", clean=False).change
    return lambda actor: reviewed(failed, actor)


def hold_what_is_in_the_way(world: World) -> Write:
    other = world.another_change()
    return lambda actor: pausing.put_on_hold(other, actor=actor, at=T0, hold_reason="Later")


def cancel_what_is_in_the_way(world: World) -> Write:
    other = world.another_change()
    return lambda actor: people_decide.cancel(other, actor=actor, why="", at=T0)


def cancel_the_evaluation_in_the_way(world: World) -> Write:
    evaluation = world.another_change().evaluations.get()
    return lambda actor: people_decide.cancel_evaluation(evaluation, actor=actor, at=T0)


def finish_what_runs_there(world: World) -> Write:
    running = start(world.another_change(), world.somebody)
    return lambda actor: deploying.finish_deployment(running, actor=actor, status="succeeded", at=T0)


def approve_a_policy(world: World) -> Write:
    administrator = User.objects.create(username="administrator", roles=["admin"])
    content = policy_to_json(default_policy(version=2))
    version = policies.propose(content, actor=actor_for(administrator, Door.API), at=T0)
    return lambda actor: policies.decide(version, actor=actor, decision="approve", comment="", at=T0)


def _of(*names: str) -> frozenset[str]:
    return frozenset(names)


_OPERATIONS = "changes.change.operations"
ROWS: dict[str, Row] = {
    "approve the change": Row(approve_the_change, _of("colleague", "owner", "manager")),
    "review the artifact": Row(review_the_artifact, _of("colleague", "owner", "manager")),
    "withdraw a strict word": Row(withdraw_a_strict_word, _of()),
    "approve a model": Row(
        approve_a_model, _of("owner"), "changes.change_models.operations.approving.require_no_interest"
    ),
    "certify a model": Row(
        certify_a_model, _of("owner"), "changes.change_models.operations.approving.require_no_interest"
    ),
    "lift a lockdown": Row(lift_a_lockdown, _of("manager"), "changes.calendar.operations.windows.require_no_interest"),
    "lift a lockdown of everything": Row(
        lift_a_lockdown_of_everything, _of("manager"), "changes.calendar.operations.windows.require_no_interest"
    ),
    "lift a maintenance that is demanded": Row(
        lift_a_maintenance_that_is_demanded, _of("manager"), "changes.calendar.operations.windows.require_no_interest"
    ),
    "name an attestor": Row(name_an_attestor, _of("owner", "manager"), f"{_OPERATIONS}.attesting.require_no_interest"),
    "dismiss an attestor": Row(
        dismiss_an_attestor, _of("owner", "manager"), f"{_OPERATIONS}.attesting.require_no_interest"
    ),
    **{
        name: Row(prepare, _of("owner", "manager"), "changes.allowances.operations.giving.require_no_interest")
        for name, prepare in (
            ("give an agent an allowance", give_an_agent_an_allowance),
            ("raise an allowance", raise_an_allowance),
            ("take back what bounds a team", take_back_what_bounds_a_team),
        )
    },
    "close better than seen": Row(
        close_better_than_seen, _of("owner", "manager"), f"{_OPERATIONS}.deploying.finishing.require_no_interest"
    ),
    "look back at what failed": Row(
        look_back_at_what_failed, _of("owner", "manager"), f"{_OPERATIONS}.reviewing.require_no_interest"
    ),
    "hold what is in the way": Row(
        hold_what_is_in_the_way, _of("manager"), f"{_OPERATIONS}.disinterest.require_no_interest"
    ),
    "cancel what is in the way": Row(
        cancel_what_is_in_the_way, _of("manager"), f"{_OPERATIONS}.disinterest.require_no_interest"
    ),
    "cancel the evaluation in the way": Row(
        cancel_the_evaluation_in_the_way, _of("manager"), f"{_OPERATIONS}.disinterest.require_no_interest"
    ),
    "finish what runs there": Row(
        finish_what_runs_there, _of("colleague", "owner"), f"{_OPERATIONS}.disinterest.require_no_interest"
    ),
    "approve a policy": Row(
        approve_a_policy, _of("manager"), "changes.policies.operations.deciding.require_no_interest"
    ),
}
EVERYBODY = (*INTERESTED, *PROGRAMS, *OTHERS)


def got_through(world: World, write: Write) -> Iterator[str]:
    """Who succeeds; whatever each of them did is undone."""
    for name in EVERYBODY:
        point = transaction.savepoint()
        try:
            write(world.actor(name))
        except DomainError:
            continue
        else:
            yield name
        finally:
            transaction.savepoint_rollback(point)


# To found the world takes longer than all that anybody writes in it, and nothing of that stays: some rows share one.
TOGETHER = [list(ROWS)[at : at + 8] for at in range(0, len(ROWS), 8)]


@pytest.mark.parametrize("rows", TOGETHER, ids=" - ".join)
def test_what_helps_an_answer_is_done_by_people_without_an_interest(
    rows: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And without its guard, where a row names one, the interested get through."""
    written, through, without = pickle.dumps(World()), {}, {}
    for name in rows:
        world, row, point = pickle.loads(written), ROWS[name], transaction.savepoint()
        write = row.prepare(world)
        through[name] = set(got_through(world, write))
        if row.guard:
            with monkeypatch.context() as unguarded:
                unguarded.setattr(row.guard, lambda *_, **__: None)
                without[name] = set(got_through(world, write)) & set(INTERESTED)
        transaction.savepoint_rollback(point)
    assert through == {name: ROWS[name].may for name in rows}
    assert [name for name, interested in without.items() if not interested] == []


def test_a_better_budget_helps_nobody_who_waits_for_people() -> None:
    """The change of this world waits for a peer; better figures alone do not let it go."""
    world = World()
    restate(world.service, "healthy", T0)
    assert world.judged().outcome == "peer"
