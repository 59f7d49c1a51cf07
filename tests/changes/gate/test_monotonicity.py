"""Claims only make the answer stricter, and less headroom is never answered more kindly."""

from dataclasses import replace
from decimal import Decimal
from itertools import combinations, product
from typing import Any

import pytest

from changes.gate.decide import decide
from changes.gate.evidence import Evidence, Finding, FlagSwitch, LinkedWork, TestRun
from changes.gate.facts import Fact
from changes.gate.policy_default import default_policy
from changes.gate.vocabulary import strictness
from tests.changes.gate.scenes import DIGEST, evidence, fact

POLICY = default_policy()
BARE = {"review": "none", "progressive": "none", "rollback_tested": "none"}
STATES = ("healthy", "watch", "constrained", "exhausted", "unmeasured", "not_yet_measured", "no_data", "burning_fast")


def outcome(found: Evidence) -> int:
    return strictness(decide(found, POLICY, what_would_help=False).outcome)


def claims(by: str, attested: bool) -> dict[str, Fact[Any]]:
    """Everything that a requester could say in its own favour."""

    def said(value: Any) -> Fact[Any]:
        return fact(value, by=by, attested=attested)

    return {
        "peer_review": said(True),
        "progressive": said(True),
        "rollback_tested": said(True),
        "tests": said(TestRun(500, 0)),
        "scans": said(0),
        "fixes": said(LinkedWork("PRB-9", "problem", "checkout", True)),
        "finding": said(Finding("CVE-9", DIGEST)),
        "flag_switch": said(FlagSwitch("flag", "checkout", True)),
    }


@pytest.mark.parametrize(("by", "attested"), [("ana", True), ("pipeline", True), ("bea", False), ("", True)])
def test_what_the_requester_says_never_makes_the_answer_kinder(by: str, attested: bool) -> None:
    purposes = ("feature", "reliability_fix", "security_fix", "flag_off")
    for change_class, purpose, state in product(("standard", "normal"), purposes, STATES[::2]):
        bare = evidence(change_class=change_class, purpose=purpose, purpose_proven=False, state=state, **BARE)
        supplied = claims(by, attested)
        for names in (*combinations(supplied, 1), tuple(supplied)):
            claimed = replace(bare, proof=replace(bare.proof, **{name: supplied[name] for name in names}))
            assert outcome(claimed) >= outcome(bare), (change_class, purpose, state, names)


def test_bad_news_about_oneself_only_makes_it_stricter() -> None:
    for change_class, state, attested in product(("standard", "normal"), STATES, (True, False)):
        kind = evidence(change_class=change_class, state=state)
        failing = fact(TestRun(10, 2), by="ana", attested=attested)
        worse = (
            replace(kind, proof=replace(kind.proof, tests=failing)),
            replace(kind, proof=replace(kind.proof, scans=fact(3, by="ana", attested=attested))),
            replace(kind, change=replace(kind.change, migration=True)),
            replace(kind, change=replace(kind.change, answers={"never asked": "yes"})),
        )
        assert all(outcome(each) >= outcome(kind) for each in worse), (change_class, state, attested)


@pytest.mark.parametrize("change_class", ["standard", "normal"])
@pytest.mark.parametrize("purpose", ["feature", "reliability_fix", "security_fix"])
@pytest.mark.parametrize("risk", ["low", "medium", "high"])
def test_less_headroom_is_never_answered_more_kindly(change_class: str, purpose: str, risk: str) -> None:
    answers = []
    for hundredths in range(100, -30, -5):
        found = evidence(change_class=change_class, purpose=purpose, risk=risk)
        answers.append(outcome(with_remaining(found, Decimal(hundredths) / 100)))
    assert answers == sorted(answers)


def with_remaining(found: Evidence, remaining: Decimal, **more: Any) -> Evidence:
    reach = found.reach.value
    assert reach is not None
    service = reach.direct[0]
    reading = service.budgets["availability"]
    assert reading.value is not None
    changed = replace(reading, value=replace(reading.value, remaining=remaining, **more))
    direct = (replace(service, budgets={"availability": changed}),)
    return replace(found, reach=replace(found.reach, value=replace(reach, direct=direct)))


def test_a_second_service_can_only_make_it_stricter() -> None:
    for one, other, change_class in product(STATES, STATES, ("standard", "normal")):
        found, beside = (evidence(state=state, change_class=change_class) for state in (one, other))
        assert found.reach.value is not None
        assert beside.reach.value is not None
        second = replace(beside.reach.value.direct[0], slug="payments")
        reach = replace(found.reach.value, direct=(*found.reach.value.direct, second))
        both = replace(found, reach=replace(found.reach, value=reach))
        assert outcome(both) >= max(outcome(found), outcome(beside))
