"""Escalation policies of Grafana OnCall, PagerDuty and Opsgenie, as they were read: nothing is written here.

The document is what `itsm.oncall.importing` reads schedules from. What cannot be taken over is said in words.
"""

from dataclasses import dataclass, field
from datetime import time
from typing import Any

LEAST, MOST, MOST_REPEATS = 60, 86_400, 9  # seconds of a wait; rounds
_WHICH = {"next": "next", "previous": "previous", "all": "all"}


@dataclass(frozen=True, slots=True)
class ReadTarget:
    """`kind`: schedule, person or team; `ref`: its key there, an e-mail, a name; `which`: whose turn of a schedule."""

    kind: str
    ref: str
    which: str = "now"


@dataclass(slots=True)
class ReadStep:
    """Whom it pages, and seconds until the next one."""

    targets: list[ReadTarget] = field(default_factory=list)
    wait: int = 300
    begin: time | None = None
    end: time | None = None


@dataclass(slots=True)
class ReadPolicy:
    """`remarks`: what is not taken over, or otherwise."""

    name: str
    team: str
    repeats: int
    steps: list[ReadStep] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def read(source: str, document: Any) -> list[ReadPolicy]:
    """The policies of a file; a file without any: none. Raises ValueError, TypeError, KeyError or AttributeError where
    it is no such file."""
    return {"pagerduty": _pagerduty, "oncall": _oncall, "opsgenie": _opsgenie}[source](document)


def _pagerduty(document: Any) -> list[ReadPolicy]:
    emails = {str(one.get("id")): str(one.get("email") or "") for one in document.get("users") or []}
    found = []
    for one in document.get("escalation_policies") or []:
        teams = one.get("teams") or []
        team = str(teams[0].get("summary") or "") if teams else ""
        policy = ReadPolicy(str(one.get("name")), team, min(int(one.get("num_loops") or 0), MOST_REPEATS))
        for rule in one.get("escalation_rules") or []:
            targets = [
                ReadTarget("schedule", str(each.get("id")))
                if str(each.get("type")).startswith("schedule")
                else ReadTarget("person", emails.get(str(each.get("id")), str(each.get("summary") or "")))
                for each in rule.get("targets") or []
            ]
            policy.steps.append(ReadStep(targets, _wait(int(rule.get("escalation_delay_in_minutes") or 5) * 60)))
        found.append(policy)
    return found


def _oncall(document: Any) -> list[ReadPolicy]:
    emails = {str(one.get("id")): str(one.get("email") or "") for one in document.get("users") or []}
    found = []
    for chain in document.get("escalation_chains") or []:
        policy = ReadPolicy(str(chain.get("name")), str(chain.get("team_name") or ""), 0)
        rules = [
            one
            for one in document.get("escalation_policies") or []
            if one.get("escalation_chain_id") == chain.get("id")
        ]
        step, waits = ReadStep(), False
        hours: tuple[time | None, time | None] = (None, None)
        for rule in sorted(rules, key=lambda one: int(one.get("position") or 0)):
            said = str(rule.get("type"))
            if said == "wait":
                if step.targets:
                    step.wait, waits = _wait(int(rule.get("duration") or 300)), True
                continue
            if said == "repeat_escalation":
                policy.repeats = 5  # as often as it does there
                continue
            if said == "notify_if_time_from_to":
                hours = _clock(rule.get("notify_if_time_from")), _clock(rule.get("notify_if_time_to"))
                continue
            targets = _whom(said, rule, emails)
            if not targets:
                policy.remarks.append(f"{said} is not taken over.")
                continue
            if step.targets and (waits or (step.begin, step.end) != hours):
                policy.steps.append(step)
                step, waits = ReadStep(), False
            step.targets += targets
            step.begin, step.end = hours
        policy.steps += [step] if step.targets else []
        found.append(policy)
    return found


def _whom(said: str, rule: dict[str, Any], emails: dict[str, str]) -> list[ReadTarget]:
    if said == "notify_on_call_from_schedule":
        return [ReadTarget("schedule", str(rule.get("notify_on_call_from_schedule")))]
    if said in ("notify_persons", "notify_person_next_each_time"):
        people = rule.get("persons_to_notify") or rule.get("persons_to_notify_next_each_time") or []
        return [ReadTarget("person", emails.get(str(one), str(one))) for one in people]
    return []


def _opsgenie(document: Any) -> list[ReadPolicy]:
    """A delay there is before the rule and counts from the alert; here a wait is between two steps."""
    found = []
    for one in document.get("escalations") or []:
        repeat = one.get("repeat") or {}
        team = str((one.get("ownerTeam") or {}).get("name") or "")
        policy = ReadPolicy(str(one.get("name")), team, min(int(repeat.get("count") or 0), MOST_REPEATS))
        if repeat.get("closeAlertAfterAll"):
            policy.remarks.append("To close what nobody answered is not taken over: the last resort is called instead.")
        timed: list[tuple[int, ReadTarget]] = []
        for rule in one.get("rules") or []:
            if rule.get("condition") != "if-not-acked":
                policy.remarks.append(f"A rule {rule.get('condition')} is not taken over: who acknowledged has it.")
                continue
            recipient = rule.get("recipient") or {}
            kind = {"schedule": "schedule", "user": "person", "team": "team"}.get(str(recipient.get("type")))
            if kind is None:
                policy.remarks.append(f"A rule that leads to {recipient.get('type')} is not taken over.")
                continue
            names = ("id", "name") if kind == "schedule" else ("username", "name", "id")
            ref = next((str(recipient[name]) for name in names if recipient.get(name)), "")
            delay = rule.get("delay") or {}
            size = {"hours": 3_600, "days": 86_400}.get(str(delay.get("timeUnit")), 60)
            which = _WHICH.get(str(rule.get("notifyType")), "now")
            timed.append((int(delay.get("timeAmount") or 0) * size, ReadTarget(kind, ref, which)))
        _in_steps(policy, sorted(timed, key=lambda each: each[0]), int(repeat.get("waitInterval") or 5) * 60)
        found.append(policy)
    return found


def _in_steps(policy: ReadPolicy, timed: list[tuple[int, ReadTarget]], last: int) -> None:
    instants = sorted({at for at, _target in timed})
    for at, following in zip(instants, [*instants[1:], None], strict=True):
        targets = [target for when, target in timed if when == at]
        policy.steps.append(ReadStep(targets, _wait(last if following is None else following - at)))


def _wait(seconds: int) -> int:
    return min(max(seconds, LEAST), MOST)


def _clock(text: Any) -> time | None:
    return time.fromisoformat(str(text).removesuffix("Z")) if text else None
