"""Trust in measurements: below the policy's line no automatic answer, with the mark and its time as the reason."""

from datetime import timedelta
from decimal import Decimal
from itertools import product

import pytest

from changes.gate.decide import decide
from changes.gate.evidence import Evidence, TrustMark
from changes.gate.policy import InvalidPolicy, policy_from_json, policy_hash, policy_to_json
from changes.gate.policy_default import default_policy
from changes.gate.sentence_texts import REASONS
from changes.gate.sentences import reason_sentence
from changes.gate.verdict import Verdict
from changes.gate.vocabulary import strictness
from slo.engine.trust import LOWERS, Mark
from tests.changes.gate.scenes import AT, evidence, with_budget

POLICY = default_policy()


def judged(found: Evidence, *, what_would_help: bool = False) -> Verdict:
    return decide(found, POLICY, what_would_help=what_would_help)


@pytest.mark.parametrize(("trust", "outcome"), [("1", "approved"), ("0.8", "approved"), ("0.799999", "peer")])
def test_below_the_line_a_person_looks(trust: str, outcome: str) -> None:
    assert judged(evidence(trust=trust)).outcome == outcome


def test_less_trust_is_never_answered_more_kindly() -> None:
    scenes = product(
        ("standard", "normal", "emergency"),
        ("healthy", "watch", "constrained", "exhausted", "no_data", "burning_fast", "not_yet_measured", "unmeasured"),
        ("feature", "reliability_fix", "security_fix", "rollback"),
    )
    for change_class, state, purpose in scenes:
        knobs = {"change_class": change_class, "state": state, "purpose": purpose}
        answers = [strictness(judged(evidence(**knobs, trust=trust)).outcome) for trust in ("1", "0.8", "0.5", None)]
        assert answers == sorted(answers), knobs
        assert answers[-1] - answers[0] <= 2


def test_the_reason_names_the_mark_its_time_and_the_line() -> None:
    mark = TrustMark("flat", AT - timedelta(hours=3), "checkout-requests")
    verdict = judged(with_budget(evidence(), trust=Decimal("0.5"), trust_marks=(mark,)))
    first = verdict.reasons[0]
    assert (verdict.outcome, first.code, first.observed, first.limit) == ("peer", "trust_flat", "0.5", "0.8")
    assert (
        reason_sentence(first) == "checkout-requests has given the very same measurement over and over since 07:00 UTC."
    )


def test_a_mark_above_the_line_is_shown_and_asks_for_nothing() -> None:
    mark = TrustMark("failures_vanished", AT - timedelta(days=1), "checkout-requests")
    verdict = judged(with_budget(evidence(), trust=Decimal("0.8"), trust_marks=(mark,)))
    assert verdict.outcome == "approved"
    (shown,) = [one for one in verdict.reasons if one.code == "trust_failures_vanished"]
    assert shown.outcome is None


def test_who_asks_and_measures_does_not_go_by_these_numbers_alone() -> None:
    verdict = judged(with_budget(evidence(), self_measured_by=("Eve", "Eve's pipeline")), what_would_help=True)
    assert (verdict.outcome, [one.code for one in verdict.reasons if one.outcome == "peer"]) == (
        "peer",
        ["self_measured"],
    )
    assert {help.code: help.outcome for help in verdict.what_would_help}["trustworthy"] == "approved"
    rollback = judged(with_budget(evidence(purpose="rollback"), self_measured_by=("Eve",)))
    assert rollback.outcome == "exception"


def test_an_owner_may_allow_it_in_writing() -> None:
    allowed = {"self_measured_by": ("Eve",), "self_measuring_allowed": True}
    assert judged(with_budget(evidence(), **allowed)).outcome == "approved"
    odd = {"self_measured_by": ("Eve",), "self_measuring_allowed": "yes"}
    assert judged(with_budget(evidence(), **odd)).outcome == "peer"


def test_what_would_help_is_said() -> None:
    what_would_help = {
        help.code: help.outcome for help in judged(evidence(trust=None), what_would_help=True).what_would_help
    }
    assert what_would_help["trustworthy"] == "approved"


def test_somebody_else_who_measures_as_well_would_help_who_measures_alone() -> None:
    verdict = judged(evidence(measured_alone=True), what_would_help=True)
    assert (verdict.outcome, verdict.reasons[0].code) == ("peer", "self_measured")
    (help,) = [one for one in verdict.what_would_help if one.code == "measured_by_another"]
    assert (help.outcome, help.values) == ("approved", {"objective": "availability"})
    assert not any(
        one.code == "measured_by_another" for one in judged(evidence(trust=None), what_would_help=True).what_would_help
    )


def test_any_graver_mark_alone_falls_below_the_default_line() -> None:
    below = {mark for mark in Mark if 1 - LOWERS[mark] < POLICY.limits.trust_from}
    assert below == set(Mark) - {Mark.FAILURES_VANISHED}
    assert {f"trust_{mark.value}" for mark in Mark} <= REASONS.keys()


def test_an_unknown_mark_lowers_nothing_and_excuses_nothing() -> None:
    odd = TrustMark("charming", None, "x")
    verdict = judged(with_budget(evidence(), trust=Decimal("0.5"), trust_marks=(odd,)))
    assert (verdict.outcome, verdict.reasons[0].code) == ("peer", "trust_low")


def test_the_line_is_policy_data() -> None:
    plain = policy_to_json(POLICY)
    plain["limits"]["trust_from"] = "0.3"
    lenient = policy_from_json(plain)
    assert policy_hash(lenient) != policy_hash(POLICY)
    assert decide(evidence(trust="0.5"), lenient, what_would_help=False).outcome == "approved"
    assert decide(evidence(trust=None), lenient, what_would_help=False).outcome == "peer"
    for odd in ("1.1", "-0.1", "NaN", "Infinity"):
        plain["limits"]["trust_from"] = odd
        with pytest.raises(InvalidPolicy, match="trust_from"):
            policy_from_json(plain)
    del plain["limits"]["trust_from"]
    with pytest.raises(ValueError, match=r"trust_from: missing"):
        policy_from_json(plain)
