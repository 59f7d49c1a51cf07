"""Allowances: an agent without one goes to people, who has drawn all of it does; nobody's answer becomes kinder."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changes.gate.canonical import from_json, to_json
from changes.gate.decide import decide, fingerprint, sees_all
from changes.gate.evidence import Allowance, Allowances, Evidence
from changes.gate.facts import Fact
from changes.gate.policy_default import default_policy
from changes.gate.sentences import help_sentence, reason_sentence
from changes.gate.verdict import Verdict
from changes.gate.vocabulary import Outcome, strictness
from tests.changes.gate.scenes import SCENE, evidence, fact, with_budget

POLICY = default_policy()
AGENT = Allowance("agent:coder", "allowance-7", Decimal("0.5"), Decimal("0.5"))
TEAM = Allowance("team:payments", "allowance-8", Decimal("0.5"), Decimal("0.5"))
NONE = Allowance("agent:coder")
# The scene has 80 % of its budget free, and a change reserves 2 % of it: a share of 2.5 % is just enough.
ENOUGH, SHORT = Decimal("0.025"), Decimal("0.024999")


def drawing(*holders: Allowance, how: str = "fresh", **knobs: Any) -> Evidence:
    return replace(evidence(**knobs), allowances=fact(Allowances(holders), how))


def judged(*holders: Allowance, **knobs: Any) -> Verdict:
    return decide(drawing(*holders, **knobs), POLICY)


def spoken(verdict: Verdict) -> list[str]:
    return [one.code for one in verdict.reasons if one.code.startswith("allowance_")]


def left(one: Allowance, amount: Decimal | None, **words: Any) -> Allowance:
    return replace(one, left=amount, **words)


def test_an_agent_with_enough_goes_and_says_what_it_draws() -> None:
    verdict = judged(left(AGENT, ENOUGH), TEAM)
    assert verdict.outcome is Outcome.APPROVED
    assert verdict.draws == {"allowance-7": Decimal("0.02"), "allowance-8": Decimal("0.02")}
    assert verdict.reserved == {"availability": Decimal("0.02")}


@pytest.mark.parametrize(
    ("holder", "code"),
    [
        (NONE, "allowance_missing"),
        (replace(AGENT, by_interested=True), "allowance_self_given"),
        (left(AGENT, Decimal(0)), "allowance_empty"),
        (left(AGENT, None), "allowance_empty"),
        (left(AGENT, Decimal("NaN")), "allowance_empty"),
        (left(AGENT, Decimal("1.1")), "allowance_empty"),
        (left(AGENT, SHORT), "allowance_spent"),
        (left(TEAM, SHORT), "allowance_spent"),
        (left(TEAM, Decimal(0)), "allowance_empty"),
        (left(AGENT, ENOUGH, drawn={"availability": Decimal("0.000001")}), "allowance_spent"),
        (left(AGENT, ENOUGH, drawn={"availability": Decimal("NaN")}), "allowance_spent"),
        (left(AGENT, ENOUGH, drawn={"availability": Decimal("-0.1")}), "allowance_spent"),
    ],
)
def test_people_decide_where_it_is_missing_or_spent(holder: Allowance, code: str) -> None:
    verdict = judged(holder)
    assert (verdict.outcome, spoken(verdict), verdict.draws) == (Outcome.PEER, [code], None)
    assert verdict.authority is not None
    assert "agent coder" in said(verdict) or "team payments" in said(verdict)


def said(verdict: Verdict) -> str:
    return " ".join(reason_sentence(one) for one in verdict.reasons if one.code.startswith("allowance_"))


def test_of_another_objective_nothing_is_in_the_way() -> None:
    assert judged(left(AGENT, ENOUGH, drawn={"latency": Decimal(1)})).outcome is Outcome.APPROVED


def test_a_team_that_gave_itself_more_is_bound_as_it_stands() -> None:
    assert judged(replace(TEAM, by_interested=True)).outcome is Outcome.APPROVED


@pytest.mark.parametrize("how", ["stale", "future", "undated", "unsourced"])
def test_what_nobody_can_tell_leads_to_people(how: str) -> None:
    found = drawing(AGENT, how=how)
    assert spoken(decide(found, POLICY)) == ["allowance_unknown"]
    assert not sees_all(found, POLICY)
    for blind in (Fact.absent("headroom"), fact(Allowances(()))):
        unknown = replace(found, allowances=blind)
        assert (decide(unknown, POLICY).outcome, sees_all(unknown, POLICY)) == (Outcome.PEER, False)


@pytest.mark.parametrize(
    "knobs",
    [
        {"change_class": "normal", "purpose": "rollback"},
        {"change_class": "normal", "purpose": "flag_off"},
        {"change_class": "emergency"},
        {"environment": "staging"},
    ],
)
def test_a_way_back_an_emergency_and_other_environments_are_left_alone(knobs: dict[str, Any]) -> None:
    without = decide(evidence(**knobs), POLICY)
    verdict = judged(NONE, **knobs)
    assert (verdict.outcome, spoken(verdict), verdict.draws) == (without.outcome, [], None)


def test_what_does_not_fit_waits_although_people_are_asked() -> None:
    """People are no way around a reservation that does not fit."""
    room = {"remaining": Decimal("0.60"), "reserved": Decimal("0.59")}
    found = with_budget(evidence(), **room)
    assert decide(found, POLICY).outcome is Outcome.POSTPONED
    verdict = decide(replace(found, allowances=fact(Allowances((NONE,)))), POLICY)
    assert verdict.outcome is Outcome.POSTPONED
    assert "allowance_missing" in spoken(verdict)


def helps(verdict: Verdict) -> list[tuple[str, str, str]]:
    return [(one.code, one.outcome.value, one.values.get("more", "")) for one in verdict.what_would_help]


def test_help_names_who_gives_and_the_least_that_is_enough() -> None:
    verdict = judged(NONE)
    assert helps(verdict) == [("allowance_given", "approved", "0.025")]
    sentence = help_sentence(verdict.what_would_help[0])
    assert "at least 2.5 % of the headroom of checkout for software agent coder" in sentence
    assert "(team payments)" in sentence
    drawn = {"availability": Decimal("0.03")}
    assert helps(judged(left(AGENT, ENOUGH, drawn=drawn))) == [
        ("allowance_raised", "approved", "0.063"),
        ("allowance_settled", "approved", ""),
    ]


def test_several_holders_are_helped_together() -> None:
    verdict = judged(NONE, left(TEAM, Decimal(0)))
    assert [one.outcome for one in verdict.what_would_help] == [Outcome.APPROVED]
    assert [part.code for part in verdict.what_would_help[0].parts] == ["allowance_given", "allowance_raised"]


def test_decisions_without_allowances_are_written_and_hashed_as_ever() -> None:
    found = evidence()
    assert "allowances" not in to_json(found)
    assert "draws" not in to_json(decide(found, POLICY))
    assert fingerprint(found, POLICY) != fingerprint(drawing(NONE), POLICY)


def test_what_is_kept_reads_back_and_decides_the_same() -> None:
    found = drawing(left(AGENT, ENOUGH, drawn={"latency": Decimal("0.1")}), TEAM)
    again = from_json(Evidence, to_json(found))
    verdict = decide(found, POLICY)
    assert (again, decide(again, POLICY)) == (found, verdict)
    assert from_json(Verdict, to_json(verdict)) == verdict


RATIOS = st.one_of(st.none(), st.decimals("-0.5", "1.5", places=3), st.sampled_from([Decimal(0), Decimal(1), ENOUGH]))
HOLDERS = st.builds(
    Allowance,
    holder=st.sampled_from(["agent:coder", "agent:other", "team:payments"]),
    reference=st.sampled_from(["", "allowance-7"]),
    share=RATIOS,
    left=RATIOS,
    drawn=st.dictionaries(st.sampled_from(["availability", "latency"]), st.decimals("-1", "2", places=2), max_size=2),
    by_interested=st.booleans(),
)
KNOBS = st.fixed_dictionaries(
    {
        "change_class": st.sampled_from(["standard", "normal", "emergency", "odd"]),
        "purpose": st.sampled_from(["feature", "reliability_fix", "rollback"]),
        "state": st.sampled_from(
            ["healthy", "watch", "constrained", "exhausted", "burning_fast", "no_data", "unmeasured"]
        ),
        "environment": st.sampled_from(["production", "staging"]),
        "review": st.sampled_from(["attested", "self"]),
        "calendar": st.sampled_from([None, "freeze"]),
        "backout": st.booleans(),
    }
)


@given(
    st.lists(HOLDERS, max_size=3),
    KNOBS,
    st.sampled_from(["fresh", "stale", "undated"]),
    st.decimals("0", "1", places=2),
)
def test_allowances_never_make_an_answer_kinder(
    holders: list[Allowance], knobs: dict[str, Any], how: str, reserved: Decimal
) -> None:
    plain = evidence(**SCENE | knobs)
    if knobs["state"] != "unmeasured":
        plain = with_budget(plain, reserved=reserved)
    bound = decide(replace(plain, allowances=fact(Allowances(tuple(holders)), how)), POLICY)
    free = decide(plain, POLICY)
    assert strictness(bound.outcome) >= strictness(free.outcome)
    if bound.outcome is Outcome.APPROVED and knobs["environment"] == "production":
        assert all(one.reference for one in holders if one.of_agent)
        assert set(bound.draws or {}) == {one.reference for one in holders if one.reference}
    for help_ in bound.what_would_help:
        assert strictness(help_.outcome) < strictness(bound.outcome)


@given(st.decimals("0", "1", places=6), st.decimals("0", "0.5", places=6))
def test_what_is_approved_fits_into_what_is_left(share: Decimal, drawn: Decimal) -> None:
    """By the reckoning of whoever reads it: (drawn + 2 %) of the budget against the share of the 80 % that are free."""
    verdict = judged(left(AGENT, share, share=share, drawn={"availability": drawn}))
    assert (verdict.outcome is Outcome.APPROVED) == (share > 0 and drawn + Decimal("0.02") <= share * Decimal("0.8"))
