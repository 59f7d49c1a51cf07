"""Reasons say what was observed, what the limit is and how far it is from there, wherever that is known."""

from dataclasses import replace
from datetime import timedelta

import pytest

from changes.gate.decide import decide
from changes.gate.policy_default import default_policy
from changes.gate.sentences import reason_sentence
from changes.gate.verdict import Reason, Verdict
from tests.changes.gate.scenes import AT, evidence


def of(verdict: Verdict, code: str) -> Reason:
    return next(one for one in verdict.reasons if one.code == code)


@pytest.mark.parametrize(
    ("knobs", "code", "measures"),
    [
        ({"tests_failed": 3}, "tests_failed", ("3", "0", "3")),
        ({"state": "not_yet_measured"}, "budget_not_yet_measured", ("12", "60", "-48")),
    ],
)
def test_what_is_counted(knobs: dict[str, object], code: str, measures: tuple[str, str, str]) -> None:
    reason = of(decide(evidence(**knobs), default_policy()), code)
    assert (reason.observed, reason.limit, reason.margin) == measures
    assert "%" not in reason_sentence(reason)


def test_a_policy_that_was_to_be_reviewed() -> None:
    policy = replace(default_policy(), review_on=(AT - timedelta(days=2)).date())
    reason = of(decide(evidence(), policy), "policy_lapsed")
    assert (reason.observed, reason.limit) == (AT.date().isoformat(), policy.review_on.isoformat())


def test_every_level_of_a_budget_has_its_limit_and_margin() -> None:
    for state in ("healthy", "watch", "constrained", "exhausted"):
        reason = next(
            one for one in decide(evidence(state=state), default_policy()).reasons if one.code == f"budget_{state}"
        )
        assert all((reason.observed, reason.limit, reason.margin)), state
