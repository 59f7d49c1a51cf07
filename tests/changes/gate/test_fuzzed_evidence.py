"""Evidence spoilt at random: decide never raises, never approves blind, and replays to the same verdict."""

import copy
import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from changes.gate.canonical import Malformed, canonical_text, from_json, to_json
from changes.gate.decide import decide
from changes.gate.evidence import Evidence
from changes.gate.policy import Policy
from changes.gate.policy_default import default_policy
from changes.gate.verdict import Verdict
from tests.changes.gate.scenes import evidence
from tests.slo.proving import examples

POLICY = default_policy()
# fmt: off
WORDS = (
    "", "production", "Production", "staging", "standard", "normal", "emergency", "rollback", "ana", "bea", "headroom",
    "burning_fast", "not_yet_measured", "no_data", "low_confidence", "exhausted", "lockdown", "freeze", "same_ci", "NaN", "-NaN", "sNaN",
    "Infinity", "-Infinity", "1E+999999", "1E-999999", "1e400", "-0", "-5", "0.3", "0.5", "0.9", "1.0000001", "7",
    "2026-11-18T09:59:00Z", "2026-11-18T10:00:01Z", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00+00:00", "\x00", "\ud800",
)
# fmt: on
INTEGERS = (-(10**20), -1, 0, 1, 2, 3, 9, 10, 299, 301, 601, 10**9, 10**20)
KNOBS = st.fixed_dictionaries(
    {
        "change_class": st.sampled_from(("standard", "normal", "emergency")),
        "state": st.sampled_from(("healthy", "watch", "constrained", "exhausted", "recovering", "unmeasured")),
        "reached": st.sampled_from((None, "healthy", "exhausted")),
        "calendar": st.sampled_from((None, "freeze")),
        "purpose": st.sampled_from(("feature", "reliability_fix", "security_fix", "rollback")),
    }
)


def leaves(plain: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(plain, dict):
        return [found for key, value in plain.items() for found in leaves(value, (*path, key))] + [path]
    if isinstance(plain, list):
        return [found for index, value in enumerate(plain) for found in leaves(value, (*path, index))] + [path]
    return [path]


def spoil(draw: st.DrawFn, plain: Any) -> None:
    path = draw(st.sampled_from([found for found in leaves(plain) if found]))
    holder = plain
    for step in path[:-1]:
        holder = holder[step]
    old = holder[path[-1]]
    if isinstance(old, bool):
        new: Any = not old
    elif isinstance(old, int):
        new = draw(st.one_of(st.sampled_from(INTEGERS), st.none()))
    elif isinstance(old, list):
        new = draw(st.sampled_from([[], old * 2, [*old, "burning_fast"], [*old, "?"]]))
    else:
        new = draw(st.one_of(st.sampled_from(WORDS), st.none()))
    holder[path[-1]] = new


@st.composite
def spoilt_evidence(draw: st.DrawFn) -> Evidence:
    plain = to_json(evidence(**draw(KNOBS)))
    for _ in range(draw(st.integers(0, 3))):
        tried = copy.deepcopy(plain)
        spoil(draw, tried)
        try:
            from_json(Evidence, tried)
        except Malformed:
            continue
        plain = tried
    return from_json(Evidence, plain)


def sighted(found: Evidence) -> bool:
    """Everything that an approval must have seen, read off the JSON and not off the gate."""
    plain = to_json(found)
    groups = ["reach", "calendar", "history"]
    production = plain["change"]["environment"] not in POLICY.other_environments
    groups += ["incidents"] if production else []
    if not all(fresh(plain, plain[group], 86_400) for group in groups):
        return False
    services = plain["reach"]["value"]["direct"]
    return bool(services) and (not production or all(measured(plain, service) for service in services))


def measured(plain: Any, service: Any) -> bool:
    if not fresh(plain, service["objectives"], 3_600):
        return False
    for objective in service["objectives"]["value"]:
        fact = service["budgets"].get(objective)
        if fact is None or not fresh(plain, fact, 600):
            return False
        budget = fact["value"]
        numbers = [Decimal(budget[name] or "NaN") for name in ("remaining", "coverage", "allowed_failures", "reserved")]
        age = datetime.fromisoformat(plain["at"]) - datetime.fromisoformat(budget["watermark"])
        good = all(number.is_finite() for number in numbers) and not {"burning_fast", "no_data"} & {*budget["flags"]}
        if not good or not 0 <= age.total_seconds() <= 600 or numbers[1] < Decimal("0.9") or numbers[0] > 1:
            return False
        trust = Decimal(budget["trust"] or "NaN") * (Decimal("0.5") if own(budget) else 1)
        if "not_yet_measured" in budget["flags"] or not Decimal("0.8") <= trust <= 1:
            return False
        if numbers[0] + Decimal(budget["excused"]) <= numbers[3]:
            return False
    return bool(service["objectives"]["value"]) or service["tier"] in (3, 4)


def own(budget: Any) -> bool:
    return bool(budget["self_measured_by"]) and budget["self_measuring_allowed"] is not True


def fresh(plain: Any, fact: Any, limit: int) -> bool:
    if fact["value"] is None or not fact["source"] or fact["age_seconds"] is None or fact["observed_at"] is None:
        return False
    by_date = datetime.fromisoformat(plain["at"]) - datetime.fromisoformat(fact["observed_at"])
    return 0 <= fact["age_seconds"] <= limit and timedelta(0) <= by_date <= timedelta(seconds=limit)


@settings(
    max_examples=examples(600), derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
@given(spoilt_evidence())
def test_spoilt_evidence_is_decided_explained_and_never_approved_blind(found: Evidence) -> None:
    verdict = decide(found, POLICY)
    assert verdict.reasons, "a verdict without a reason"
    if verdict.outcome == "approved":
        assert sighted(found)
        assert all(amount > 0 for amount in verdict.reserved.values())
    if verdict.outcome in ("peer", "cab"):
        assert verdict.authority is not None
        assert verdict.authority.quorum >= 1
        assert found.change.interested <= set(verdict.authority.excluded)
    if verdict.outcome == "postponed":
        assert verdict.not_before is not None
        assert verdict.not_before >= verdict.decided_at
    stored = canonical_text({"evidence": to_json(found), "policy": to_json(POLICY), "verdict": to_json(verdict)})
    assert_replays(stored, verdict)


def assert_replays(stored: str, verdict: Verdict) -> None:
    plain = json.loads(stored)
    again = decide(from_json(Evidence, plain["evidence"]), from_json(Policy, plain["policy"]))
    assert canonical_text(to_json(again)) == canonical_text(plain["verdict"])
    assert again.evidence_hash == verdict.evidence_hash
    assert to_json(from_json(Verdict, plain["verdict"])) == plain["verdict"]
