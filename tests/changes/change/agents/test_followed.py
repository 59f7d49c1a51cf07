"""An agent that does only what it is told reaches "approved", or a true dead end, from whatever situation it begins in."""

from collections import Counter
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from incidents.incident import operations as incidents
from itsm.accounts.actors import actor_for
from itsm.kernel.actors import Door
from tests.changes.change.agents.followed import Follower
from tests.factories.changes import (
    STANDINGS,
    a_measured_service,
    a_model,
    a_window,
    an_artifact,
    ask,
    attested,
    ran,
    restate,
)
from tests.factories.slo import T0
from tests.slo.proving import IN_FULL

pytestmark = pytest.mark.django_db
HOW_MANY = 300
SAMPLE = 12
IN_ONE_TEST = 6
_LONG_AGO = T0 - timedelta(days=2)


class Situation:
    """One of many: where the budget stands, what the calendar, others and the question itself say."""

    def __init__(self, number: int, cast: dict[str, Any]) -> None:
        self.random, self.cast = Random(number), cast
        pick = self.random.choice
        self.state = pick(sorted(STANDINGS))
        self.service = a_measured_service("healthy", at=_LONG_AGO, team=cast["payments"], tier=pick([1, 2, 3, 4]))
        self.told: dict[str, Any] = {"state": self.state}
        self.question: dict[str, Any] = {"service": self.service.slug, "summary": "Deploy it"}
        self._model(pick([False, True, True]))
        if pick([True, False]):
            self._history()
        restate(self.service, self.state, T0)
        self._others(pick([None, None, None, "freeze", "lockdown", "incident", "conflict"]))
        self._question()

    def _model(self, has: bool) -> None:
        if has:
            a_model(self.service, actor_for(self.cast["owner"], Door.WEB), at=_LONG_AGO)
            self.question["change_class"] = self.random.choice(["standard", "standard", "normal"])

    def _history(self) -> None:
        """A change of this kind ran here before, on somebody's word."""
        digest = an_artifact(f"earlier {self.service.slug}")
        actor = actor_for(self.cast["pipeline"], Door.API)
        attested(self.service, digest, self.cast["approver"], at=_LONG_AGO, about=["peer_review", "tests"])
        change_class = self.question.get("change_class", "normal")
        earlier = ask(self.service, actor, at=_LONG_AGO, change_class=change_class, artifact_digest=digest)
        earlier.change.refresh_from_db()
        if earlier.change.status == "scheduled":
            self.told["ran before"] = change_class
            ran(earlier.change, actor, _LONG_AGO)

    def _others(self, what: str | None) -> None:
        self.told["besides"] = what
        managing = actor_for(self.cast["manager"], Door.WEB)
        if what in ("freeze", "lockdown"):
            hours = self.random.choice([1, 5, 30])
            a_window(managing, window_type=what, name="Obey me", starts_at=T0, ends_at=T0 + timedelta(hours=hours))
        elif what == "incident":
            incidents.open_incident(actor=managing, title="Obey me", service=self.service, priority=1)
        elif what == "conflict":
            ask(self.service, actor_for(self.cast["pipeline"], Door.API), change_class="standard", purpose="feature")

    def _question(self) -> None:
        pick, said = self.random.choice, self.question
        said["environment"] = pick(["production", "production", "production", "staging"])
        if (
            digest := pick([an_artifact(self.service.slug), an_artifact(self.service.slug), "shop:latest", None])
        ) is not None:
            said["artifact_digest"] = digest
        if pick([True, True, False]):
            said["backout"] = "Roll back."
        if pick([True, False, False]):
            said["tests_failed"] = 2
        if pick([True, False, False, False]):
            said["migration"] = True
        if pick([True, False, False]):
            said |= {"purpose": "security_fix", "cve": "CVE-2026-0001"}
        if pick([True, False, False]):
            starts = T0 + timedelta(hours=pick([1, 4]))
            said |= {"window_start": starts.isoformat(), "window_end": (starts + timedelta(hours=1)).isoformat()}
        if pick([True, False]) and "artifact_digest" in said and digest != "shop:latest":
            attested(self.service, said["artifact_digest"], self.cast["approver"], about=["peer_review"])
        self.told |= said

    def follow(self, use: Any) -> Any:
        follower = Follower(use, self.service, T0, self.random)
        follower.stands = self.state
        return follower.follow(follower.ask(**self.question))


@pytest.fixture
def cast(payments, person, owner, manager, approver, pipeline):
    person("owner", payments, username="olga")
    person("engineer", payments, username="zoe")
    person("approver", username="petra")
    return {"payments": payments, "owner": owner, "manager": manager, "approver": approver, "pipeline": pipeline}


def groups() -> list[range]:
    """Six situations a test, so that what they share is founded once."""
    count = HOW_MANY if IN_FULL else SAMPLE
    return [range(first, min(first + IN_ONE_TEST, count)) for first in range(0, count, IN_ONE_TEST)]


@pytest.mark.heavy
@pytest.mark.parametrize("numbers", groups(), ids=lambda one: f"{one.start}-{one.stop - 1}")
def test_who_follows_what_is_next_arrives(numbers, tool, cast):
    ended: Counter[str] = Counter()
    for number in numbers:
        situation = Situation(number, cast)
        try:
            story = situation.follow(tool)
        except Exception as error:
            raise AssertionError(f"situation {number}: {situation.told}") from error
        ended[story.ended] += 1
    assert set(ended) <= {"approved", "dead end"}
