"""New objectives: beside measured ones they change nothing; alone they lead to one approver, never to the board."""

from dataclasses import replace
from itertools import product

import pytest

from changes.gate.decide import decide
from changes.gate.evidence import Evidence
from changes.gate.policy_default import default_policy
from changes.gate.sentences import reason_sentence
from changes.gate.verdict import Verdict
from changes.gate.vocabulary import Column, Outcome, Row, strictness
from tests.changes.gate.scenes import evidence
from tests.changes.gate.test_trust import with_budget

POLICY = default_policy()
STATES = (
    "healthy", "watch", "constrained", "recovering", "exhausted", "low_confidence", "unmeasured", "no_data",
    "burning_fast", "major",
)  # fmt: skip


def judged(found: Evidence) -> Verdict:
    return decide(found, POLICY, what_would_help=False)


def beside(found: Evidence, newcomer: Evidence) -> Evidence:
    """The same service with one objective more: the other scene's."""
    assert found.reach.value is not None
    assert newcomer.reach.value is not None
    service, other = found.reach.value.direct[0], newcomer.reach.value.direct[0]
    both = replace(
        service,
        objectives=replace(service.objectives, value=(*(service.objectives.value or ()), "newcomer")),
        budgets={**service.budgets, "newcomer": other.budgets["availability"]},
    )
    reach = replace(found.reach.value, direct=(both,))
    return replace(found, reach=replace(found.reach, value=reach))


@pytest.mark.parametrize("change_class", ["standard", "normal", "emergency"])
def test_beside_measured_objectives_a_new_one_changes_nothing(change_class: str) -> None:
    for state, purpose, risk in product(STATES, ("feature", "security_fix", "rollback"), ("low", "high")):
        if state == "unmeasured":
            continue
        knobs = {"change_class": change_class, "state": state, "purpose": purpose, "risk": risk}
        alone = judged(evidence(**knobs))
        with_new = judged(beside(evidence(**knobs), evidence(state="not_yet_measured")))
        assert (with_new.outcome, with_new.conditions) == (alone.outcome, alone.conditions), knobs
        assert with_new.reserved == alone.reserved


def test_a_new_one_that_its_asker_measures_changes_nothing_either() -> None:
    newcomer = with_budget(evidence(state="not_yet_measured"), self_measured_by=("Eve",))
    assert judged(beside(evidence(), newcomer)).outcome == judged(evidence()).outcome == "approved"


def test_it_is_listed_as_evidence_and_asks_for_nothing() -> None:
    verdict = judged(beside(evidence(), evidence(state="not_yet_measured")))
    (reason,) = [one for one in verdict.reasons if one.code == "budget_not_yet_measured"]
    assert reason.outcome is None
    assert reason_sentence(reason) == (
        "newcomer is not measured yet (12 of the first 60 minutes): beside the others it changes nothing."
    )
    shown = {one.objective: one.outcome for one in verdict.budgets}
    assert shown["newcomer"] is None


@pytest.mark.parametrize("tier", [1, 4])
def test_alone_it_leads_to_one_approver_and_never_to_the_board(tier: int) -> None:
    for change_class, risk in product(("standard", "normal"), ("low", "medium")):
        knobs = {"change_class": change_class, "risk": risk, "tier": tier}
        verdict = judged(evidence(**knobs, state="not_yet_measured"))
        assert verdict.outcome == "peer", knobs


def test_alone_it_is_never_kinder_than_a_healthy_budget() -> None:
    for row in Row:
        new, healthy = (POLICY.cell(row, column).outcome for column in (Column.NOT_YET_MEASURED, Column.HEALTHY))
        assert strictness(new) >= strictness(healthy)
        if strictness(healthy) < strictness(Outcome.CAB):
            assert new is not Outcome.CAB


def test_a_reading_that_cannot_be_used_is_not_excused_as_new() -> None:
    for how in ("stale", "future", "undated", "unsourced"):
        verdict = judged(evidence(state="not_yet_measured", spoilt={"budget": how}))
        assert verdict.budgets[0].column == "no_data"


def test_an_open_major_incident_counts_before_newness() -> None:
    found, major = evidence(state="not_yet_measured"), evidence(state="major")
    assert judged(replace(found, incidents=major.incidents)).outcome == "postponed"
