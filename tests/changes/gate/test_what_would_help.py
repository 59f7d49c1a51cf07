"""Flips are true: making the change that a help names gives the outcome it promises, and no part of it is idle."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from changes.gate.decide import decide
from changes.gate.evidence import Budget, Calendar, Evidence, Finding, LinkedWork, Reach, TestRun, Window
from changes.gate.policy_default import default_policy
from changes.gate.verdict import Help, HelpStep
from changes.gate.vocabulary import strictness
from tests.changes.gate.scenes import AT, DIGEST, evidence, fact

POLICY = default_policy()


def proof(found: Evidence, **facts: Any) -> Evidence:
    return replace(found, proof=replace(found.proof, **facts))


def reach(found: Evidence, **fields: Any) -> Evidence:
    assert found.reach.value is not None
    changed: Reach = replace(found.reach.value, **fields)
    return replace(found, reach=replace(found.reach, value=changed))


def reading(found: Evidence, objective: str, **fields: Any) -> Evidence:
    assert found.reach.value is not None
    services = []
    for service in found.reach.value.direct:
        budgets = dict(service.budgets)
        if objective in budgets:
            old = budgets[objective].value
            assert isinstance(old, Budget)
            budgets[objective] = fact(replace(old, **{name: made(old) for name, made in fields.items()}))
        services.append(replace(service, budgets=budgets))
    return reach(found, direct=tuple(services))


def make_it_so(found: Evidence, step: HelpStep) -> Evidence:
    """The change that a step names, carried out by somebody who reads its code and values only."""
    values: Mapping[str, str] = step.values
    yes, at = fact(True, by="zoe"), found.at
    match step.code:
        case "backout_plan":
            return proof(found, backout=yes)
        case "peer_review":
            return proof(found, peer_review=yes)
        case "progressive_tested":
            return proof(found, progressive=yes, rollback_tested=yes)
        case "tests_mended":
            return proof(found, tests=replace(fact(TestRun(9, 0)), attested=False))
        case "artifact_named":
            return replace(found, change=replace(found.change, artifact_digest=DIGEST))
        case "tests_pass":
            return proof(found, tests=fact(TestRun(9, 0), by="zoe"))
        case "known_history":
            assert found.history.value is not None
            known = replace(found.history.value, runs=1, weighted_runs=Decimal(1))
            return replace(found, history=fact(known))
        case "purpose_proven" if values["purpose"] == "reliability_fix":
            return proof(found, fixes=fact(LinkedWork("PRB-1", "problem", "checkout", True), by="zoe"))
        case "purpose_proven":
            return proof(found, finding=fact(Finding("CVE-1", DIGEST), by="zoe"))
        case "more_budget":
            more = Decimal(values["more"])
            return reading(
                found,
                values["objective"],
                remaining=lambda old: old.remaining + more,
                better_since=lambda _: at - timedelta(hours=1),
            )
        case "burning_stops":
            return reading(found, values["objective"], flags=lambda _: ())
        case "fresh_measurement":
            return reading(found, values["objective"], watermark=lambda _: at)
        case "reservations_settled":
            return reading(found, "availability", reserved=lambda _: Decimal(0), reservations=lambda _: 0)
        case "incident_closed":
            return replace(found, incidents=fact(()))
        case "reached_recovers":
            assert found.reach.value is not None
            return reach(found, reached=tuple(replace(each, state="healthy") for each in found.reach.value.reached))
        case "conflicts_resolved":
            return replace(found, calendar=fact(Calendar(found.calendar.value.entries if found.calendar.value else ())))
        case "ask_after":
            starts = datetime.fromisoformat(values["at"])
            return replace(found, change=replace(found.change, window=Window(starts, starts + timedelta(hours=1))))
        case "fresh_evidence":
            old = getattr(found, values["group"])
            changed: dict[str, Any] = {values["group"]: fact(old.value)}
            return replace(found, **changed)
    raise AssertionError(f"nobody knows how to do {step.code}")


def steps_of(help: Help) -> tuple[HelpStep, ...]:
    return help.parts or (HelpStep(help.code, help.values),)


def after(found: Evidence, steps: tuple[HelpStep, ...]) -> str:
    for step in steps:
        found = make_it_so(found, step)
    return decide(found, POLICY, what_would_help=False).outcome


def scenes() -> list[dict[str, Any]]:
    states = ("healthy", "watch", "constrained", "exhausted", "low_confidence", "unmeasured", "no_data", "burning_fast")
    found: list[dict[str, Any]] = []
    for change_class, state in product(("standard", "normal", "emergency"), (*states, "major")):
        base = {"change_class": change_class, "state": state, "review": "claimed", "progressive": "self"}
        found.append(base)
        found += [{**base, "backout": False}, {**base, "history_known": False}, {**base, "tests_failed": 2}]
        found += [{**base, "calendar": "freeze"}, {**base, "reached": "burning_fast"}, {**base, "risk": "high"}]
        found += [{**base, "purpose": "reliability_fix", "purpose_proven": False}]
        found += [{**base, "spoilt": {"calendar": "stale"}}, {**base, "missing": ("history",)}]
    return found


@pytest.mark.parametrize("number", range(9))
def test_every_flip_does_what_it_says(number: int) -> None:
    named = 0
    for scene in scenes()[number::9]:
        found = evidence(**scene)
        verdict = decide(found, POLICY)
        for help in verdict.what_would_help:
            named += 1
            steps = steps_of(help)
            assert after(found, steps) == help.outcome, (scene, help)
            assert strictness(help.outcome) < strictness(verdict.outcome)
            for index in range(len(steps) if len(steps) > 1 else 0):
                fewer = steps[:index] + steps[index + 1 :]
                assert after(found, fewer) != help.outcome, (scene, help, "an idle part")
    assert named > 5


def test_more_budget_is_the_least_that_helps() -> None:
    found = evidence(state="constrained", progressive="none")
    help = next(help for help in decide(found, POLICY).what_would_help if help.code == "more_budget")
    assert help.values["more"] == "0.219001"
    nearly = HelpStep("more_budget", {**help.values, "more": "0.219"})
    assert after(found, (nearly,)) == "postponed"


def test_an_approval_has_nothing_kinder_to_offer() -> None:
    assert decide(evidence(), POLICY).what_would_help == ()
    assert decide(evidence(purpose="rollback"), POLICY).what_would_help == ()


def test_a_freeze_names_its_end() -> None:
    verdict = decide(evidence(calendar="freeze"), POLICY)
    assert verdict.not_before == AT + timedelta(hours=4)
    assert [(help.code, help.values["at"], help.outcome) for help in verdict.what_would_help] == [
        ("ask_after", "2026-11-18T14:00:00Z", "approved")
    ]
