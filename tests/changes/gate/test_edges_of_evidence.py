"""What counts as evidence and as proof, what is held of a budget, and who is asked: at the edges of each."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from changes.gate.canonical import from_json, to_json
from changes.gate.decide import decide, fingerprint
from changes.gate.evidence import (
    CalendarEntry,
    Evidence,
    History,
    Model,
    OpenIncident,
    TestRun,
    TrustMark,
    Window,
)
from changes.gate.facts import Fact
from changes.gate.policy import Policy
from changes.gate.policy_default import default_policy
from changes.gate.rule_results import RuleResult, strictest
from changes.gate.table import Cell
from changes.gate.verdict import Reason, Verdict
from changes.gate.vocabulary import Column, Need, Outcome, Row
from tests.changes.gate.scenes import AT, evidence, fact, with_budget

POLICY = default_policy()
LIMITS = POLICY.limits
INSTANT, HOUR = timedelta(microseconds=1), timedelta(hours=1)
SMALLEST = Decimal("0.000001")


def judged(found: Evidence) -> Verdict:
    return decide(found, POLICY, what_would_help=False)


def columns(found: Evidence) -> list[str]:
    return [one.column for one in judged(found).budgets]


# Incidents.


@pytest.mark.parametrize(
    ("incident", "column"),
    [
        (OpenIncident("INC-1", "checkout", 1), "burning_fast"),
        (OpenIncident("INC-1", "checkout", 2), "healthy"),
        (OpenIncident("INC-1", "checkout", 4, major=True), "burning_fast"),
        (OpenIncident("INC-1", "shop", 1, major=True), "healthy"),
    ],
)
def test_a_first_priority_or_major_incident_of_the_service_holds_it(incident: OpenIncident, column: str) -> None:
    assert columns(replace(evidence(), incidents=fact((incident,)))) == [column]


# What is held of a budget.


def history(runs: int, failures: int = 0) -> History:
    return History(runs, Decimal(runs), Decimal(failures))


@pytest.mark.parametrize(("runs", "is_fixed"), [(9, True), (10, False)])
def test_after_ten_runs_what_is_held_follows_history(runs: int, is_fixed: bool) -> None:
    found = with_budget(replace(evidence(), history=fact(history(runs))), typical_cost=Decimal("0.2"))
    held = judged(found).reserved["availability"]
    assert (held == LIMITS.reservation_ratio) is is_fixed


def test_never_less_is_held_than_the_floor() -> None:
    found = with_budget(replace(evidence(), history=fact(history(1000))), typical_cost=SMALLEST)
    assert judged(found).reserved == {"availability": LIMITS.reservation_floor}


@pytest.mark.parametrize(
    ("seen", "known"),
    [
        (History(2, Decimal(2), Decimal(2)), True),
        (History(2, Decimal(1), Decimal(2)), False),
        (History(2, Decimal(3), Decimal(1)), False),
        (History(2, Decimal(2), Decimal(-1)), False),
    ],
)
def test_a_history_that_cannot_be_is_no_history(seen: History, known: bool) -> None:
    verdict = judged(replace(evidence(), history=fact(seen)))
    assert ("evidence_unusable" not in {reason.code for reason in verdict.reasons}) is known
    assert known or verdict.outcome == "peer"


@pytest.mark.parametrize("mine", [None, Decimal(-1), Decimal("NaN")])
def test_a_share_that_nobody_can_count_is_no_fair_share(mine: Decimal | None) -> None:
    verdict = judged(with_budget(evidence(history_known=False), reserved_by_asker=mine))
    (reason,) = [one for one in verdict.reasons if one.code == "fair_share"]
    assert (verdict.outcome, reason.observed, reason.margin, verdict.reserved) == ("postponed", "", "", {})


# Who is asked, and until when.


@pytest.mark.parametrize(
    ("knobs", "outcome", "decider"),
    [
        ({"change_class": "normal", "review": "none"}, "peer", "peer"),
        ({"change_class": "normal", "state": "no_data"}, "cab", "cab"),
        ({"change_class": "normal", "risk": "high"}, "cab", "cab"),
        ({"change_class": "normal", "purpose": "security_fix", "state": "burning_fast"}, "peer", "owner"),
        ({"change_class": "emergency"}, "peer", "emergency_authority"),
        ({"change_class": "emergency", "share": "0.2"}, "cab", "ecab"),
    ],
)
def test_the_authority_that_the_policy_names_is_asked_in_its_time(
    knobs: dict[str, Any], outcome: str, decider: str
) -> None:
    verdict = judged(evidence(**knobs))
    assert verdict.outcome == outcome
    assert verdict.authority is not None
    rule = next(rule for who, rule in POLICY.authorities.items() if who == decider)
    assert (verdict.authority.decider, verdict.authority.role, verdict.authority.quorum) == (
        decider, rule.role, rule.quorum,
    )  # fmt: skip
    assert verdict.authority.due_at == AT + timedelta(minutes=rule.due_minutes) > AT
    assert verdict.authority.team == "payments"


@pytest.mark.parametrize("knobs", [{}, {"state": "exhausted"}, {"purpose": "rollback"}])
def test_nobody_is_asked_where_people_do_not_decide(knobs: dict[str, Any]) -> None:
    assert judged(evidence(**knobs)).authority is None


# Proof: who stands behind it, and what it says.


def without_principal(found: Evidence) -> Evidence:
    return replace(found, proof=replace(found.proof, peer_review=fact(True, by="")))


def of_the_asking_program(found: Evidence) -> Evidence:
    return replace(found, proof=replace(found.proof, peer_review=fact(True, by="pipeline")))


def that_says_no(found: Evidence) -> Evidence:
    return replace(found, proof=replace(found.proof, peer_review=fact(False, by="bea")))


@pytest.mark.parametrize("spoilt", [without_principal, of_the_asking_program, that_says_no])
def test_a_review_counts_of_somebody_apart_who_says_yes(spoilt: Callable[[Evidence], Evidence]) -> None:
    found = evidence(change_class="normal")
    assert judged(found).outcome == "approved"
    assert judged(spoilt(found)).outcome == "peer"


@pytest.mark.parametrize(
    ("run", "raises"), [(TestRun(120, 0), False), (TestRun(120, 1), True), (TestRun(120, -1), True)]
)
def test_a_failed_test_raises_the_risk_whoever_says_so(run: TestRun, raises: bool) -> None:
    found = evidence(change_class="normal")
    claimed = replace(found, proof=replace(found.proof, tests=fact(run, by="ana", attested=False)))
    assert (judged(claimed).outcome != "approved") is raises


# Age: the stated one and the one that the date gives; neither hides the other.


@pytest.mark.parametrize(
    ("older", "stated", "trouble"),
    [
        (0, 0, None),
        (600, 600, None),
        (601, 0, "stale"),
        (0, 601, "stale"),
        (-1, 0, "from_the_future"),
        (0, -1, "from_the_future"),
        (601, -1, "from_the_future"),
        (-1, 601, "from_the_future"),
        (0, None, "undated"),
    ],
)
def test_neither_the_date_nor_the_stated_age_hides_the_other(
    older: int, stated: int | None, trouble: str | None
) -> None:
    observed = AT - timedelta(seconds=older)
    told = Fact("yes", "headroom", "headroom", True, observed, stated, 86_400)
    assert told.trouble(AT, 600) == trouble
    assert replace(told, fresh_for_seconds=599).trouble(AT, 600) == (trouble or ("stale" if older == 600 else None))


@pytest.mark.parametrize(
    "made",
    [
        lambda naive: Fact(1, "headroom", observed_at=naive),
        lambda naive: Window(AT, naive),
        lambda naive: CalendarEntry("freeze", "CAL-1", naive, AT),
        lambda naive: TrustMark("flat", naive),
        lambda naive: Model("deploy", 1, True, "low", certified_at=naive),
        lambda naive: replace(evidence(), at=naive),
        lambda naive: with_budget(evidence(), better_since=naive),
        lambda naive: with_budget(evidence(), recovers_at={"0.5": naive}),
    ],
)
def test_an_instant_without_a_zone_does_not_become_evidence(made: Callable[[datetime], object]) -> None:
    with pytest.raises(ValueError, match="time zone"):
        made(AT.replace(tzinfo=None))


# What nobody can judge leads to people.


@pytest.mark.parametrize(
    ("priority", "major", "asked"), [(3, False, False), (101, False, True), (-1, False, True), (-1, True, False)]
)
def test_an_incident_whose_priority_is_no_priority_asks_for_a_person(priority: int, major: bool, asked: bool) -> None:
    odd = OpenIncident("INC-9", "somewhere-else", priority, major=major)
    verdict = judged(replace(evidence(), incidents=fact((odd,))))
    assert (verdict.outcome, any(reason.code == "incident_unranked" for reason in verdict.reasons)) == (
        "peer" if asked else "approved", asked,
    )  # fmt: skip
    assert judged(replace(evidence(environment="staging"), incidents=fact((odd,)))).outcome == "approved"


def test_of_a_budget_that_its_asker_measures_a_mark_counts_twice() -> None:
    """Full trust in a budget that nobody else measures is half of it, and half is below the line."""
    mark = TrustMark("thin", AT - HOUR, "checkout-requests")
    for measured_by, said in (((), ("1", None)), (("ana",), ("0.5", "peer"))):
        verdict = judged(with_budget(evidence(), trust_marks=(mark,), self_measured_by=measured_by))
        (reason,) = [one for one in verdict.reasons if one.code == "trust_thin"]
        assert (reason.observed, reason.outcome) == said


def test_what_nobody_judges_is_for_the_board() -> None:
    assert strictest([]) == "cab"
    assert strictest([RuleResult(None, Reason("asker_measures", None))]) == "cab"


def test_what_came_later_is_part_of_the_evidence_where_it_is_known_and_of_no_older_decision() -> None:
    """Left out where nobody knows it, so that the fingerprint of what was decided before stays as it was."""
    before, real, other = (
        replace(found, change=replace(found.change, is_production=said))
        for found in [evidence()]
        for said in (None, True, False)
    )
    assert "is_production" not in to_json(before)["change"]
    assert [to_json(found)["change"]["is_production"] for found in (real, other)] == [True, False]
    assert len({fingerprint(found, POLICY) for found in (before, real, other)}) == 3
    assert [from_json(Evidence, to_json(found)) for found in (before, real, other)] == [before, real, other]


def test_measurements_that_are_trusted_are_not_spoken_of() -> None:
    assert [reason.code for reason in judged(evidence()).reasons] == ["budget_healthy"]


def needing(need: Need) -> Policy:
    """The default policy, but a standard change on a healthy budget goes only with this proven."""
    row = {**POLICY.table[Row.STANDARD], Column.HEALTHY: Cell(Outcome.APPROVED, (need,), Outcome.PEER)}
    return replace(POLICY, table={**POLICY.table, Row.STANDARD: row})


@pytest.mark.parametrize(
    ("run", "by", "outcome"),
    [
        (TestRun(1, 0), "bea", "approved"),
        (TestRun(0, 0), "bea", "peer"),
        (TestRun(-1, 0), "bea", "peer"),
        (TestRun(1, 1), "bea", "peer"),
        (TestRun(1, 0), "ana", "peer"),
        (TestRun(1, 0), "pipeline", "peer"),
    ],
)
def test_tests_are_proven_by_one_that_passed_and_none_that_failed_on_the_word_of_somebody_apart(
    run: TestRun, by: str, outcome: str
) -> None:
    found = evidence()
    told = replace(found, proof=replace(found.proof, tests=fact(run, by=by)))
    assert decide(told, needing(Need.TESTS), what_would_help=False).outcome == outcome


@pytest.mark.parametrize(
    ("findings", "by", "outcome"), [(0, "bea", "approved"), (1, "bea", "peer"), (-1, "bea", "peer"), (0, "ana", "peer")]
)
def test_scans_are_proven_by_none_found_on_the_word_of_somebody_apart(findings: int, by: str, outcome: str) -> None:
    found = evidence()
    told = replace(found, proof=replace(found.proof, scans=fact(findings, by=by)))
    assert decide(told, needing(Need.SCANS), what_would_help=False).outcome == outcome


def test_history_is_known_from_as_many_runs_as_the_policy_says() -> None:
    policy = replace(needing(Need.HISTORY_KNOWN), limits=replace(LIMITS, history_known_runs=3))
    answers = [
        decide(replace(evidence(), history=fact(history(runs))), policy, what_would_help=False).outcome
        for runs in (2, 3)
    ]
    assert answers == ["peer", "approved"]
