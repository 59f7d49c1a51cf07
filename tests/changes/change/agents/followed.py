"""A scripted agent that does only what an answer tells it, and the people and the time that its steps name.

It reads `allowed`, `ways`, `decides`, `not_before` and `dead_end`, takes the nearest way, and asks again. What a step says
that a person does, the first person whom it names does, by the desk's own operations. Where a step says to wait, time
passes: what was wrong in the world has mended by then.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from catalog.models import Service
from changes.change.operations import attesting, evaluating, people_decide
from changes.change_models import operations as change_models
from changes.models import Change, ChangeModel
from incidents.incident import operations as incidents
from incidents.models import Incident
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.kernel.actors import Actor, Door
from tests.changes.change.agents.conftest import Refused
from tests.factories.allowances import given
from tests.factories.changes import an_artifact, restate

MOST_ROUNDS = 12
_ATTESTED = {
    "peer_review": ("peer_review",),
    "progressive_tested": ("progressive", "rollback_tested"),
    "tests_pass": ("tests",),
    "scans_clean": ("scans",),
    "purpose_proven": ("scans",),
}
_MENDS = frozenset({"more_budget", "burning_stops", "fresh_measurement", "trustworthy", "measured_by_another"})
_NEVER = frozenset({"known_history"})  # "let people decide this time"


@dataclass
class Story:
    """What came of it: `ended` is approved, or a dead end; `told` what happened on the way."""

    ended: str = ""
    told: list[str] = field(default_factory=list)


@dataclass
class Follower:
    """Follows what one agent is told about one change."""

    use: Callable[..., Any]
    service: Service
    at: datetime
    random: Random
    story: Story = field(default_factory=Story)
    stands: str = "healthy"

    def ask(self, **said: Any) -> Any:
        self.at += timedelta(seconds=1)  # no two questions are of one instant
        try:
            return self.use("ask_gate", at=self.at, **said)
        except Refused as refused:
            self.story.told.append(f"refused: {refused}")
            raise

    def follow(self, answer: Any) -> Story:
        for _round in range(MOST_ROUNDS):
            self.story.told.append(f"{answer.status} {answer.outcome} {[one.code for one in answer.reasons]}")
            assert answer.next, answer
            assert "Obey" not in answer.model_dump_json(), "a name that somebody chose"
            if answer.allowed:
                self.story.ended = "approved"
                return self.story
            if answer.dead_end:
                self.story.ended = "dead end"
                return self.story
            answer = self.step(answer)
        raise AssertionError(f"it goes on for ever: {self.story.told}")

    def step(self, answer: Any) -> Any:
        """The nearest way where it can be gone now, else people, else time."""
        way = next((one for one in answer.ways if not _NEVER & {step.code for step in one.steps}), None)
        if way is not None and (way.leads_to in (None, "approved", "exception") or answer.decides is None):
            return self.go(answer, way)
        if answer.decides is not None:
            return self.let_people_decide(answer)
        assert answer.not_before is not None, answer
        self.wait(answer.not_before)
        return self.judged_by_itself(answer)

    def go(self, answer: Any, way: Any) -> Any:
        self.story.told.append(f"goes {[one.code for one in way.steps]} to {way.leads_to}")
        asked = None
        for one in way.steps:
            if one.who == "person":
                self.person(answer, one)
            if one.who == "time" or one.not_before is not None:
                self.wait(one.not_before or answer.not_before or self.at + timedelta(hours=1))
            self.mend(one)
            asked = None
            if one.tool == "ask_gate":
                said = one.arguments | {name: self.word(name) for name in one.you_supply}
                asked = self.ask(**said)
        return asked if asked is not None else self.ask(change=answer.change)

    def mend(self, step: Any) -> None:
        """While one waits, or somebody works on it, what was wrong mends; figures stay as fresh as the desk keeps them."""
        if step.code in _MENDS:
            self.stands = "healthy"
        restate(self.service, self.stands, self.at)

    def wait(self, until: datetime) -> None:
        self.at = max(until, self.at)

    def judged_by_itself(self, answer: Any) -> Any:
        self.stands = "healthy"  # the world goes on
        restate(self.service, self.stands, self.at)
        change = Change.objects.get(pk=int(answer.change[4:]))
        evaluating.evaluate_again(change.pk, self.at)
        return self.use("why", at=self.at, change=answer.change)

    def let_people_decide(self, answer: Any) -> Any:
        assert answer.decides.people, answer
        restate(self.service, self.stands, self.at)
        for name in answer.decides.people[: answer.decides.quorum]:
            self.story.told.append(f"{name} approves")
            people_decide.decide_by_person(
                Change.objects.get(pk=int(answer.change[4:])), actor=self.somebody(name), decision="approve",
                comment="Fine.", at=self.at,
            )  # fmt: skip
        return self.use("why", at=self.at, change=answer.change)

    def somebody(self, name: str) -> Actor:
        return replace(actor_for(User.objects.get(username=name), Door.WEB), proved_at=self.at)

    def word(self, name: str) -> Any:
        """What only the agent can word."""
        words: dict[str, Any] = {
            "backout": "Roll back to the release before.",
            "artifact_digest": an_artifact(f"{self.random.random()}"),
            "summary": "Deploy it",
            "repository": "shop",
            "paths": ["deploy/web.yaml"],
            "commits": 2,
            "window_start": (self.at + timedelta(hours=1)).isoformat(),
            "window_end": (self.at + timedelta(hours=2)).isoformat(),
        }
        return words[name]

    def person(self, answer: Any, step: Any) -> None:
        """What a step asks of somebody, by the first whom it names."""
        assert step.people, step
        name = step.people[0]
        self.story.told.append(f"{name}: {step.code}")
        change = Change.objects.get(pk=int(answer.change[4:]))
        if step.code in _ATTESTED:
            for about in _ATTESTED[step.code]:
                attesting.attest(
                    actor=self.somebody(name), service=self.service, artifact_digest=change.artifact_digest,
                    about=about, source="review", at=self.at, passed=1, failed=0,
                )  # fmt: skip
        elif step.code in ("allowance_given", "allowance_raised"):
            agent = User.objects.get(pk=change.requested_by_id)
            given(self.service, agent, self.somebody(name), at=self.at)
        elif step.code == "model_certified":
            model = ChangeModel.objects.get(service=self.service)
            change_models.certify_model(model, actor=self.somebody(name), version=model.version, at=self.at)
        elif step.code == "incident_closed":
            for incident in Incident.objects.filter(service=self.service):
                incidents.resolve(
                    incident, actor=self.somebody(name), resolution="Done.", resolution_code="solved", at=self.at
                )
        elif step.code == "conflicts_resolved":
            for other in Change.objects.filter(service=self.service).exclude(pk=change.pk):
                self.out_of_the_way(other)
        else:
            assert step.code in {"fresh_measurement", "trustworthy", "measured_by_another", "fresh_evidence"}, step

    def out_of_the_way(self, other: Change) -> None:
        live = other.evaluations.order_by("-asked_at").first()
        if live is not None and other.status == "scheduled":
            asked = actor_for(User.objects.get(pk=other.requested_by_id), Door.API)
            people_decide.cancel_evaluation(live, actor=asked, at=self.at)
