"""Generated situations of the gate: where a budget stands, what the calendar and others do, what is asked."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from incidents.incident import operations as incidents
from itsm.accounts.actors import actor_for
from itsm.kernel.actors import Door
from tests.factories.allowances import given
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


def groups(count: int, size: int) -> list[list[int]]:
    """So many numbers, in groups: what a group shares is founded once."""
    return [list(range(first, min(first + size, count))) for first in range(0, count, size)]


class Situation:
    """One of many: where the budget stands, what the calendar, others and the question itself say."""

    def __init__(self, number: int, cast: dict[str, Any], at: datetime = T0) -> None:
        self.random, self.cast, self.at = Random(number), cast, at
        self.long_ago = at - timedelta(days=2)
        pick = self.random.choice
        self.state = pick(sorted(STANDINGS))
        self.service = a_measured_service("healthy", at=self.long_ago, team=cast["payments"], tier=pick([1, 2, 3, 4]))
        self.told: dict[str, Any] = {"state": self.state}
        self.question: dict[str, Any] = {"service": self.service.slug, "summary": "Deploy it"}
        self._model(pick([False, True, True]))
        if pick([True, False]):
            self._history()
        restate(self.service, self.state, at)
        if pick([True, True, False]):
            self.told["allowance"] = True
            manager = actor_for(cast["manager"], Door.WEB)
            given(self.service, cast["copilot"], manager, at=at)
        self._others(pick([None, None, None, "freeze", "lockdown", "incident", "conflict"]))
        self._question()

    def _model(self, has: bool) -> None:
        if has:
            bounds = self.random.choice([{}, {}, {"repository": "shop"}, {"paths": ["deploy/*"], "most_commits": 5}])
            a_model(self.service, actor_for(self.cast["owner"], Door.WEB), at=self.long_ago, **bounds)
            self.question["change_class"] = self.random.choice(["standard", "standard", "normal"])

    def _history(self) -> None:
        """A change of this kind ran here before, on somebody's word."""
        digest = an_artifact(f"earlier {self.service.slug}")
        actor = actor_for(self.cast["pipeline"], Door.API)
        attested(self.service, digest, self.cast["approver"], at=self.long_ago, about=["peer_review", "tests"])
        change_class = self.question.get("change_class", "normal")
        earlier = ask(self.service, actor, at=self.long_ago, change_class=change_class, artifact_digest=digest)
        earlier.change.refresh_from_db()
        if earlier.change.status == "scheduled":
            self.told["ran before"] = change_class
            ran(earlier.change, actor, self.long_ago)

    def _others(self, what: str | None) -> None:
        self.told["besides"] = what
        managing = actor_for(self.cast["manager"], Door.WEB)
        if what in ("freeze", "lockdown"):
            hours = self.random.choice([1, 5, 30])
            a_window(
                managing, window_type=what, name="Obey me", starts_at=self.at, ends_at=self.at + timedelta(hours=hours)
            )
        elif what == "incident":
            incidents.open_incident(actor=managing, title="Obey me", service=self.service, priority=1)
        elif what == "conflict":
            ask(self.service, actor_for(self.cast["pipeline"], Door.API), at=self.at, change_class="standard")

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
            starts = self.at + timedelta(hours=pick([1, 4]))
            said |= {"window_start": starts.isoformat(), "window_end": (starts + timedelta(hours=1)).isoformat()}
        if pick([True, False]) and "artifact_digest" in said and digest != "shop:latest":
            attested(self.service, said["artifact_digest"], self.cast["approver"], at=self.at, about=["peer_review"])
        self.told |= said
