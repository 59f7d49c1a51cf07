"""The four lives, walked in any order by people of several roles, beside a small reference that shares no code with them.

The reference has tables of its own: who may, from where, where it leads. What the gate and its policy say (outcome, class,
until when) is read from the answers they keep: that those are right is proven elsewhere. Each sequence is undone.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, ClassVar

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from catalog.models import Service
from changes.change.operations import asking, deploying, editing, evaluating, pausing, people_decide
from changes.change.operations.unauthorised import record_unauthorised
from changes.models import Change, Evaluation
from incidents.incident import operations as incidents
from incidents.models import Incident
from itsm.accounts.models import User
from itsm.approvals.models import ApprovalRequest
from itsm.clocks import due
from itsm.kernel.actors import Actor
from itsm.kernel.errors import AuthorisationRevoked, DomainError, Held
from tests.factories.changes import OPERATOR, a_measured_service, a_model, ask, question, restate, reviewed, start
from tests.factories.slo import T0
from tests.slo.proving import IN_FULL

pytestmark = pytest.mark.django_db

PEOPLE = ("asker", "mate", "approver", "owner", "manager", "requester")
WAITS_IN = {"standard": "assessing", "normal": "assessing", "emergency": "authorising"}
WAITING = {"assessing", "authorising"}
# step: (who, from). The asker is an engineer; so is the mate, who has no part in it.
MAY: dict[str, tuple[set[str], set[str]]] = {
    "submit": ({"asker"}, {"draft"}),
    "judge": ({"asker", "mate", "approver", "owner", "manager"}, WAITING),
    "edit": ({"asker"}, {"draft", "scheduled", "on_hold", *WAITING}),
    "revert": ({"asker"}, {"scheduled", "on_hold", *WAITING}),
    "hold": ({"asker", "manager"}, {"scheduled", *WAITING}),
    "resume": ({"asker", "manager"}, {"on_hold"}),
    "start": ({"asker"}, {"scheduled"}),
    "finish": ({"asker"}, {"running"}),
    "cancel": ({"asker", "manager"}, {"draft", "scheduled", "on_hold", *WAITING}),
    "review": ({"approver", "owner", "manager"}, {"reviewing"}),
    "close": ({"manager", "owner"}, {"reviewing"}),
}
# How often each is tried where it leads on: ends and detours seldom, so that sequences get somewhere.
OFTEN = {"answer": 5, "start": 6, "finish": 6, "review": 4, "close": 3, "resume": 3, "submit": 3}
CLASSES = ("standard", "normal", "emergency")
NOT_IN_THE_LIFE = {"unauthorised": set(MAY) - {"review", "close"}}
ANSWERED_BY = {
    "peer": {"approver", "manager"},
    "cab": {"approver", "manager"},
    "emergency_authority": {"manager"},
    "ecab": {"manager"},
}
WATCH, A_DAY = timedelta(minutes=30), timedelta(days=1)


@dataclass
class Expected:
    """One change as it must stand. `until`: when what it has or waits for ends. `known`: trouble that people knew of."""

    pk: int
    of_class: str
    state: str
    until: datetime | None = None
    postponed_since: datetime | None = None
    by_people: bool = False
    asked: str = ""
    quorum: int = 1
    answers: set[str] = field(default_factory=set)
    known: frozenset[str] = frozenset()
    held: bool = False
    outcome: str = ""
    owes: bool = False
    reviewed: bool = False
    watched_until: datetime | None = None

    def over_with_its_answer(self, state: str) -> None:
        """What was asked, authorised or held has ended."""
        self.state, self.until, self.postponed_since, self.asked, self.held = state, None, None, "", False
        self.answers = set()


@dataclass(frozen=True)
class Company:
    service: Service
    actors: dict[str, Actor]
    agent: Actor


class Lives(RuleBasedStateMachine):
    company: Company  # set by the test

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.at, self.burning = T0, False
        self.incident: Incident | None = None
        self.changes: list[Expected] = []
        for name, actor in self.company.actors.items():  # all of them together take longer than a password is good for
            self.company.actors[name] = replace(actor, proved_at=timezone.now())

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    # What the machine knows of the world.

    def passes(self, time: timedelta = timedelta(seconds=20)) -> None:
        self.at += time

    def trouble(self) -> frozenset[str]:
        there = {"burning"} if self.burning else set()
        return frozenset(there | ({self.incident.reference} if self.incident else set()))

    def picked(self, step: str, chance: Random) -> tuple[Expected, Change]:
        able = [one for one in self.changes if self.leads_on(step, one)]
        among = able if able and chance.random() < 0.8 else self.changes
        one = chance.choice(among)
        return one, Change.objects.select_related("service").get(pk=one.pk)

    def judged(self, one: Expected) -> None:
        """Where the answer that the gate just kept leads."""
        answer = Evaluation.objects.filter(change=one.pk).select_related("decision").order_by("-asked_at", "-pk")[0]
        assert answer.decision is not None
        verdict = answer.decision.verdict
        one.of_class, outcome = verdict["change_class"], answer.decision.outcome
        if outcome in ("approved", "exception"):
            one.over_with_its_answer("scheduled")
            one.until, one.by_people = answer.expires_at, False
        elif outcome == "blocked":
            one.over_with_its_answer("draft")
        elif outcome == "postponed":
            since = one.postponed_since or self.at
            one.over_with_its_answer(WAITS_IN[one.of_class])
            one.postponed_since = since
        else:
            self.people_are_asked(one, verdict["authority"]["decider"])

    def people_are_asked(self, one: Expected, decider: str) -> None:
        answers = one.answers if one.asked == decider else set()
        one.over_with_its_answer(WAITS_IN[one.of_class])
        ask = ApprovalRequest.objects.get(record_kind="change", record_id=one.pk, status="open")
        one.asked, one.answers, one.until, one.quorum = decider, answers, ask.due_at, ask.quorum

    def tried(self, step: str, one: Expected, who: str, do: Callable[[], Any], *, else_refused: bool = False) -> bool:
        """Whether it was done: it must be where the tables say so, and refused everywhere else."""
        people, states = MAY[step]
        may = who in people and one.state in states and step not in NOT_IN_THE_LIFE.get(one.of_class, ())
        if step == "review" and one.of_class == "emergency":
            may = may and who == "manager"
        try:
            with transaction.atomic():
                do()
        except DomainError:
            assert not may or else_refused, (step, who, one)
            return False
        assert may, (step, who, one)
        return True

    # What happens to it.

    @initialize(of_class=st.sampled_from(CLASSES))
    def one_is_asked_for(self, of_class: str) -> None:
        if of_class == "emergency":
            self.something_breaks_or_is_mended(Random(0))
        self.asks(of_class)

    @rule(seed=st.integers(0, 2**32 - 1))
    def something_happens(self, seed: int) -> None:
        """Mostly what leads some change on, by who may; else anything, by anybody."""
        chance = Random(seed)
        self.passes()
        if chance.random() < 0.2:
            around = (self.another_is_asked_for, self.the_budget_moves, self.something_breaks_or_is_mended)
            chance.choice((self.another_is_asked_for, *around, self.time_passes))(chance)
            return
        steps = [*MAY, "answer"]
        able = [step for one in self.changes for step in steps if self.leads_on(step, one)]
        likely = [step for step in able for _often in range(OFTEN.get(step, 1))]
        step = chance.choice(likely if likely and chance.random() < 0.8 else steps)
        people = sorted(MAY[step][0] if step in MAY else {"approver", "manager"})
        who = chance.choice(people if chance.random() < 0.75 else PEOPLE)
        self.DEEDS[step](self, step, who, *self.picked(step, chance), chance)

    def leads_on(self, step: str, one: Expected) -> bool:
        if step == "answer":
            return bool(one.asked) and (one.state in WAITING or one.held)
        return one.state in MAY[step][1]

    def another_is_asked_for(self, chance: Random) -> None:
        if len(self.changes) < 3:
            self.asks(chance.choice([*CLASSES, "unauthorised"]))

    def asks(self, of_class: str) -> None:
        company = self.company
        if of_class == "unauthorised":
            found = record_unauthorised(
                actor=OPERATOR, service=company.service, environment="production", summary="Found", started_at=self.at,
                at=self.at,
            )  # fmt: skip
            self.changes.append(Expected(found.pk, of_class, "reviewing", owes=True))
            return
        named = {"incident": self.incident.reference if self.incident else "INC-00000"}
        words = question(company.service, change_class=of_class, exception=named if of_class == "emergency" else {})
        made = asking.ask_gate(words, actor=company.actors["asker"], at=self.at)
        one = Expected(made.change_id, of_class, "draft")
        self.judged(one)
        self.changes.append(one)

    def the_gate_is_asked(self, step: str, who: str, one: Expected, change: Change, chance: Random) -> None:
        ways = {"submit": asking.submit, "resume": pausing.resume, "judge": evaluating.evaluate_now}
        do: Callable[..., Any] = ways[step]
        if self.tried(step, one, who, lambda: do(change, actor=self.company.actors[who], at=self.at)):
            self.judged(one)

    def somebody_answers(self, step: str, who: str, one: Expected, change: Change, chance: Random) -> None:
        yes = chance.random() < 0.8
        may = bool(one.asked) and who in ANSWERED_BY[one.asked] - one.answers and (one.state in WAITING or one.held)
        decision = "approve" if yes else "decline"
        try:
            with transaction.atomic():
                people_decide.decide_by_person(
                    change, actor=self.company.actors[who], decision=decision, comment="Because", at=self.at
                )
        except DomainError:
            assert not may, (decision, who, one)
            return
        assert may, (decision, who, one)
        one.answers.add(who)
        if not yes:
            one.over_with_its_answer("draft")
        elif one.held:
            one.held, one.known, one.answers = False, self.trouble(), set()
        elif len(one.answers) >= one.quorum:
            asked = one.asked
            one.over_with_its_answer("scheduled")
            one.asked, one.by_people, one.known = asked, True, self.trouble()
            one.until = Evaluation.objects.get(change=one.pk, status="approved", used_at=None).expires_at

    def it_is_taken_back_or_written_anew(
        self, step: str, who: str, one: Expected, change: Change, chance: Random
    ) -> None:
        actor, plan = self.company.actors[who], f"Another way, the {chance.randrange(10)}th."
        voids = step != "edit" or change.plan != plan
        do: dict[str, Callable[[], Any]] = {
            "revert": lambda: people_decide.revert(change, actor=actor, at=self.at),
            "cancel": lambda: people_decide.cancel(change, actor=actor, at=self.at),
            "hold": lambda: pausing.put_on_hold(change, actor=actor, at=self.at, hold_reason="Tests are red"),
            "edit": lambda: editing.edit(change, actor=actor, version=change.version, at=self.at, plan=plan),
        }
        if not self.tried(step, one, who, do[step]) or not voids:
            return
        leads = {"revert": "draft", "cancel": "cancelled", "hold": "on_hold"}
        kept = one.state if one.state in ("draft", "on_hold") else "draft"
        one.over_with_its_answer(leads.get(step, kept))

    def somebody_starts_it(self, step: str, who: str, one: Expected, change: Change, chance: Random) -> None:
        lapsed = one.until is not None and one.until <= self.at
        waits = self.one_at_a_time(one) and any(other.state == "running" for other in self.changes if other is not one)
        worse = self.trouble() - one.known if one.by_people else self.trouble()
        refused: list[DomainError] = []

        def do() -> None:
            try:
                start(change, self.company.actors[who], self.at)
            except (Held, AuthorisationRevoked) as kept:  # what it wrote is kept though it is refused
                refused.append(kept)

        if not self.tried("start", one, who, do, else_refused=lapsed or waits):
            return
        assert not lapsed
        assert refused or not waits
        assert bool(refused) == bool(worse) or (refused and not one.by_people), (refused, one)
        if not refused:
            one.over_with_its_answer("running")
        elif one.by_people:
            assert isinstance(refused[0], Held)
            one.held = True
        else:
            assert isinstance(refused[0], AuthorisationRevoked)
            one.over_with_its_answer("draft")

    def one_at_a_time(self, one: Expected) -> bool:
        """What authorises it says that nothing else may run there."""
        authorised = Evaluation.objects.filter(change=one.pk, status="approved", used_at=None).select_related(
            "decision"
        )
        decisions = [each.decision for each in authorised if each.decision is not None]
        return any(each["code"] == "one_at_a_time" for kept in decisions for each in kept.verdict["conditions"])

    def somebody_says_how_it_went(self, step: str, who: str, one: Expected, change: Change, chance: Random) -> None:
        how = chance.choice(["succeeded", "succeeded", "failed", "rolled_back"])
        deployment = change.deployments.last()
        if deployment is None or one.state != "running":
            return
        actor = self.company.actors[who]
        done = lambda: deploying.finish_deployment(deployment, actor=actor, status=how, at=self.at)  # noqa: E731
        if self.tried("finish", one, who, done):
            assert deployment.evaluation.decision is not None
            conditions = {each["code"] for each in deployment.evaluation.decision.verdict["conditions"]}
            one.state, one.outcome = "reviewing", "" if how == "succeeded" else "unsuccessful"
            one.owes = one.of_class == "emergency" or how != "succeeded" or "review_afterwards" in conditions
            one.watched_until = self.at + WATCH

    def somebody_looks_back(self, step: str, who: str, one: Expected, change: Change, chance: Random) -> None:
        if self.tried("review", one, who, lambda: reviewed(change, self.company.actors[who], self.at)):
            one.reviewed = True

    def somebody_closes_it(self, step: str, who: str, one: Expected, change: Change, chance: Random) -> None:
        outcome = chance.choice(["successful", "successful_with_issues", "unsuccessful"])
        missing = (one.owes or outcome == "unsuccessful") and not one.reviewed
        do = lambda: deploying.close(change, actor=self.company.actors[who], outcome_code=outcome)  # noqa: E731
        if self.tried("close", one, who, do, else_refused=missing):
            assert not missing
            one.state, one.outcome = "closed", outcome

    # What happens around it.

    def the_budget_moves(self, chance: Random) -> None:
        self.burning = not self.burning
        restate(self.company.service, "burning_fast" if self.burning else "healthy", self.at)

    def something_breaks_or_is_mended(self, chance: Random) -> None:
        company = self.company
        if self.incident is None:
            opened = incidents.open_incident(
                actor=company.agent, title="Down", service=company.service, priority=1, at=self.at
            )
            self.incident = incidents.confirm(opened, actor=company.actors["manager"])
        else:
            incidents.resolve(self.incident, actor=company.agent, resolution="A disk.", resolution_code="solved")
            self.incident = None

    def time_passes(self, chance: Random) -> None:
        self.passes(timedelta(days=9) if chance.random() < 0.3 else timedelta(minutes=31))
        restate(self.company.service, "burning_fast" if self.burning else "healthy", self.at)
        for _round in range(2):
            due.sweep(self.at)
        for one in self.changes:
            self.aged(one)

    def aged(self, one: Expected) -> None:
        """A time-out never approves."""
        if one.state in WAITING and one.postponed_since is not None:
            newest = Evaluation.objects.filter(change=one.pk).order_by("-asked_at", "-pk")[0]
            if newest.status == "expired":
                assert self.at - one.postponed_since >= A_DAY
                one.over_with_its_answer("draft")
            else:
                self.judged(one)
        elif one.state in (*WAITING, "scheduled") and one.until is not None and one.until <= self.at:
            one.over_with_its_answer("draft")
        elif one.held and not self.trouble() - one.known:
            one.held = False
        elif one.state in ("reviewing", "closed") and one.watched_until and one.watched_until <= self.at:
            self.watched(one)

    def watched(self, one: Expected) -> None:
        if not self.burning:
            one.watched_until = None
            if one.of_class == "standard" and one.state == "reviewing" and not one.outcome and not one.owes:
                one.state = "closed"
        one.outcome = one.outcome or ("successful_with_issues" if self.burning else "successful")

    DEEDS: ClassVar[dict[str, Callable[..., None]]] = {
        **dict.fromkeys(("submit", "resume", "judge"), the_gate_is_asked),
        **dict.fromkeys(("revert", "hold", "cancel", "edit"), it_is_taken_back_or_written_anew),
        "answer": somebody_answers,
        "start": somebody_starts_it,
        "finish": somebody_says_how_it_went,
        "review": somebody_looks_back,
        "close": somebody_closes_it,
    }

    @invariant()
    def all_stand_as_expected(self) -> None:
        there = Change.objects.in_bulk([one.pk for one in self.changes])
        for one in self.changes:
            change = there[one.pk]
            seen = (change.change_class, change.status, change.outcome_code, change.reviewed_at is not None)
            assert seen == (one.of_class, one.state, one.outcome, one.reviewed), one
            assert (change.authorised_until is not None) == (one.state in ("scheduled", "running")), one


@pytest.mark.heavy
@pytest.mark.timeout(7200 if IN_FULL else 900)
def test_whoever_does_what_in_whatever_order_each_change_stands_where_its_life_says(
    person: Callable[..., User], agent: User, as_actor: Callable[..., Actor], owning: Actor
) -> None:
    roles = {"asker": "engineer", "mate": "engineer"}
    actors = {
        name: as_actor(person(roles.get(name, name), username=f"the-{name}")) for name in PEOPLE if name != "owner"
    }
    service = a_measured_service()
    a_model(service, owning)
    ask(service, actors["asker"])  # the policy is adopted and parsed before
    machine = type("OurLives", (Lives,), {"company": Company(service, actors | {"owner": owning}, as_actor(agent))})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=2000 if IN_FULL else 10, stateful_step_count=20, deadline=None, phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck), print_blob=True,
        ),
    )  # fmt: skip
