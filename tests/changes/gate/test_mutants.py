"""Would the proof notice? The gate is broken on purpose, one way at a time, and the oracle must disagree."""

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest

from changes.gate import budget_states, calendar_rules, judgement, proof_rules, reach_rules
from changes.gate.decide import decide
from changes.gate.facts import Fact
from changes.gate.policy_default import default_policy
from changes.gate.usable_evidence import UsableEvidence
from tests.changes.gate.oracle import expected
from tests.changes.gate.scenes import SCENE, evidence

POLICY = default_policy()


def scenes() -> Iterator[dict[str, Any]]:
    states = (
        "healthy",
        "constrained",
        "exhausted",
        "not_yet_measured",
        "no_data",
        "low_confidence",
        "burning_fast",
        "major",
    )
    for change_class, state in product(("standard", "normal", "emergency"), states):
        base = {"change_class": change_class, "state": state}
        yield base
        yield {**base, "review": "self", "progressive": "claimed"}
        yield {**base, "calendar": "freeze"}
        yield {**base, "reached": "burning_fast"}
        yield {**base, "reached": "exhausted"}
        yield {**base, "missing": ("history",)}
        yield {**base, "missing": ("incidents",)}
        yield {**base, "spoilt": {"budget": "stale"}}
        yield {**base, "spoilt": {"calendar": "future"}}
        yield {**base, "purpose": "rollback", "purpose_by": "ana"}
        yield {**base, "backout": False}
        yield {**base, "tests_failed": 1}
        yield {**base, "emergency_confirmed": False}
        yield {**base, "measured_alone": True}
        yield {**base, "measured_alone": True, "spoilt": {"reach": "stale"}}


def disagreements() -> int:
    found = 0
    for scene in scenes():
        found += decide(evidence(**scene), POLICY, what_would_help=False).outcome != expected({**SCENE, **scene})
    return found


def nothing(*_: Any) -> Iterator[Any]:
    return iter(())


MUTANTS: dict[str, tuple[Any, str, Callable[..., Any]]] = {
    "missing and stale count as fresh": (Fact, "trouble", lambda *_: None),
    "stale counts as fresh": (Fact, "trouble", lambda self, *_: "missing" if self.value is None else None),
    "claims count as proof": (UsableEvidence, "proven", lambda self, fact: self.usable(fact, "proof")),
    "blindness is ignored": (proof_rules, "_blind", nothing),
    "failed tests are ignored": (proof_rules, "_tests_and_scans", nothing),
    "who measures alone is believed": (proof_rules, "_self_measured", nothing),
    "no backout plan needed": (proof_rules, "_backout", nothing),
    "the calendar is ignored": (calendar_rules, "closures", lambda _: ()),
    "reached services are ignored": (judgement, "reach_asks", nothing),
    "majors of reached services only": (budget_states, "open_major", lambda *_: ""),
    "the kindest ask wins": (judgement, "strictest", lambda asks: min(each.outcome for each in asks if each.outcome)),
    "flags are ignored": (budget_states, "_flags", lambda *_: ()),
    "exhausted neighbours are ignored": (reach_rules, "_reached", nothing),
}


def test_the_gate_as_it_is_agrees_with_the_oracle() -> None:
    assert disagreements() == 0


@pytest.mark.parametrize("name", MUTANTS)
def test_the_oracle_catches(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    owner, attribute, broken = MUTANTS[name]
    monkeypatch.setattr(owner, attribute, broken)
    assert disagreements() > 0  # it answers, and otherwise: one that cannot even answer would prove nothing
