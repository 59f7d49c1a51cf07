"""One release from the question to the end of its watch, every step through the REST door that a token may take."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from itsm.home.demo.replay.clock import Clock
from itsm.home.demo.replay.desk import INDICATOR, OBJECTIVE, SERVICE, Desk
from itsm.home.demo.replay.history import Release
from itsm.home.demo.replay.incidents import Weather, window_before
from slo.engine.samples import MAX_SAMPLES

_FIXED = {"resolution": "Fixed by a release.", "resolution_code": "by_change"}
_LOOKED_BACK = {
    "review_worked": "As its notes say.",
    "review_cost": "What its budget shows.",
    "review_follow_up": "What the release after it holds.",
}
_REPOSITORY = "readthedocs/readthedocs.org"
_THINKING, _ROLLOUT, _WATCH = timedelta(minutes=20), timedelta(minutes=12), timedelta(minutes=38)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the gate said, and whether the release went out in the replay."""

    release: Release
    said: Mapping[str, Any]
    deployed: bool

    @property
    def outcome(self) -> str:
        return str(self.said["outcome"])


@dataclass(slots=True)
class Replay:
    """Keeps what lasts from release to release: how far was measured, which incident is open."""

    desk: Desk
    clock: Clock
    weather: Weather
    measured_until: datetime
    incidents: list[str] = field(default_factory=list)

    def release(self, release: Release) -> Answer:
        self.clock.turn_to(release.at)
        self._measure()
        if release.reviewed:
            self._vouch(release)
        said = self.desk.say("pipeline", "POST", "gate-evaluations/", self._question(release))
        if not self._allowed(said):
            return Answer(release, said, deployed=False)
        self._deploy(release, said["change"]["number"])
        return Answer(release, said, deployed=True)

    def _measure(self) -> None:
        """The indicator's minutes up to now, then what the minute's tasks do."""
        now = self.clock.at
        due = self.weather.samples(max(self.measured_until, window_before(now)), now)
        for first in range(0, len(due), MAX_SAMPLES):
            batch = {"samples": due[first : first + MAX_SAMPLES]}
            self.desk.say("monitoring", "POST", f"slis/{INDICATOR}/samples/", batch)
        self.measured_until = max(self.measured_until, now.replace(second=0, microsecond=0))
        self.desk.say("monitoring", "POST", f"slos/{OBJECTIVE}/evaluate/", {})
        self.clock.strike()

    def _vouch(self, release: Release) -> None:
        word = {
            "service": SERVICE, "artifact_digest": _artifact(release), "about": "peer_review", "passed": 1,
            "source": "code host",
        }  # fmt: skip
        self.desk.say("code-host", "POST", "attestations/", word)

    def _question(self, release: Release) -> dict[str, Any]:
        """A fix for what burns now is an emergency, under the incident that the burn alert opened."""
        urgent = release.is_fix and bool(self.incidents)
        return {
            "service": SERVICE,
            "change_class": "emergency" if urgent else "normal",
            "exception": {"incident": self.incidents[-1]} if urgent else None,
            "summary": f"Release {release.version}: {len(release.subjects)} changes",
            "plan": "\n".join(release.subjects)[:10_000] or "As tagged.",
            "backout": "Deploy the release before.",
            "artifact": {"digest": _artifact(release), "version": release.version},
            "commit": release.sha,
            "migration": release.migrates or None,
            "pipeline": {
                "provider": "github", "repository": _REPOSITORY, "workflow": "deploy", "run_id": release.version,
                "attempt": 1, "job": "production",
            },
            "proof": {"peer_review": release.reviewed},
        }  # fmt: skip

    def _allowed(self, said: Mapping[str, Any]) -> bool:
        """People say yes to what waits for them; what waits for time is called off, as the tag went out long ago."""
        if said["status"] == "approved":
            return True
        if said["outcome"] == "postponed":
            self.desk.say("pipeline", "POST", f"gate-evaluations/{said['id']}/cancel/", {})
        if said["outcome"] not in ("peer", "cab"):
            return False
        self.clock.turn_to(self.clock.at + _THINKING)
        self._measure()  # they decide on what is seen then
        words = {"decision": "approve", "comment": "As it was released then."}
        if said["change_class"] == "emergency":
            self.desk.decide_in_person("manager", said["change"]["number"], at=self.clock.at, **words)
            return True
        change = f"changes/{said['change']['number']}/"
        read = self.desk.say("approver", "GET", change)
        self.desk.say("approver", "POST", f"{change}approvals/", words, If_Match=read["etag"])
        return True

    def _deploy(self, release: Release, number: str) -> None:
        self.desk.say(
            "pipeline", "POST", f"changes/{number}/deployments/", {"artifact": {"digest": _artifact(release)}}
        )
        if release.fixed_after is not None:
            self.weather.breaks(self.clock.at, release.at + release.fixed_after)
        self.clock.turn_to(self.clock.at + _ROLLOUT)
        status = "failed" if release.hurt else "succeeded"
        self.desk.say("pipeline", "PATCH", f"changes/{number}/deployments/1/", {"status": status})
        self.clock.turn_to(self.clock.at + _WATCH)
        self._measure()
        self._tend_incidents(release)
        if self.desk.say("manager", "GET", f"changes/{number}/")["review_due_at"]:
            self.desk.say("manager", "POST", f"changes/{number}/review/", _LOOKED_BACK)
        outcome = "unsuccessful" if release.hurt else "successful"
        self.desk.say("manager", "POST", f"changes/{number}/close/", {"outcome": outcome, "note": "Replayed."})

    def _tend_incidents(self, release: Release) -> None:
        """What a burn alert opened: critical while a bad release is out, resolved once a good one is."""
        for number in self._open_incidents():
            incident = self.desk.say("agent", "GET", f"incidents/{number}/")
            if incident["state"] == "new":
                incident = self.desk.say("agent", "POST", f"incidents/{number}/acknowledge/", {})
            if release.hurt:
                self.desk.say("agent", "PATCH", f"incidents/{number}/", {"priority": 1}, If_Match=incident["etag"])
            else:
                self.desk.say(
                    "agent",
                    "POST",
                    f"incidents/{number}/resolve/",
                    {**_FIXED},
                )
        self.incidents = self._open_incidents()

    def _open_incidents(self) -> list[str]:
        found = self.desk.say("agent", "GET", f"incidents/?state=open&service={SERVICE}")
        return [incident["number"] for incident in found["results"]]


def _artifact(release: Release) -> str:
    """What is built from this commit, named by its content: the same commit gives the same artifact."""
    return f"sha256:{sha256(release.sha.encode()).hexdigest()}"
