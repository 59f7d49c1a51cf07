"""Capacity asks people where the policy says so: on or after the soonest day, and wherever that cannot be told."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from changes.gate.canonical import Malformed, from_json, to_json
from changes.gate.decide import decide, sees_all
from changes.gate.decisive import decisive, news_between, worse
from changes.gate.evidence import Capacity, CapacityForecast, Evidence, Window
from changes.gate.facts import Fact
from changes.gate.limits import CapacityRule
from changes.gate.policy import InvalidPolicy, Policy, policy_from_json, policy_to_json
from changes.gate.policy_default import default_policy
from changes.gate.sentences import help_sentence, news_sentence, reason_sentence
from changes.gate.verdict import Verdict
from changes.gate.vocabulary import Decider, Outcome
from tests.changes.gate.scenes import AT, evidence, fact

SILENT = default_policy()
ASKING = replace(SILENT, capacity=CapacityRule())
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SOON = AT + 10 * DAY
CLEAR = CapacityForecast(
    "CI-7", "disk-used", made_at=AT - 6 * HOUR, measured_until=AT - 10 * HOUR, sees_until=AT + 365 * DAY
)
NEAR = replace(CLEAR, soonest=SOON, likely=SOON + 5 * DAY, latest=SOON + 9 * DAY)


def watched(*forecasts: CapacityForecast, truncated: bool = False, **knobs: Any) -> Evidence:
    return replace(evidence(**knobs), capacity=fact(Capacity(forecasts, truncated)))


def windowed(found: Evidence, starts_at: datetime, ends_at: datetime) -> Evidence:
    return replace(found, change=replace(found.change, window=Window(starts_at, ends_at)))


def spoken(verdict: Verdict) -> list[tuple[str, str]]:
    """Code and why, of what was said of capacity."""
    about = [one for one in verdict.reasons if one.code.startswith("capacity_")]
    return [(one.code, one.values.get("because", "")) for one in about]


UNTOLD: dict[str, tuple[CapacityForecast, str]] = {
    "never forecast": (CapacityForecast("CI-7", "disk-used"), "never_forecast"),
    "too little": (replace(CLEAR, too_little=True, sees_until=None), "too_little"),
    "no night's work": (replace(CLEAR, made_at=AT - 2 * DAY - HOUR), "stale"),
    "no values": (replace(CLEAR, measured_until=AT - 2 * DAY - HOUR), "stale"),
    "of tomorrow": (replace(CLEAR, made_at=AT + HOUR), "from_the_future"),
    "not far enough": (replace(CLEAR, sees_until=AT + timedelta(minutes=29)), "not_so_far"),
    "the asker's values": (replace(CLEAR, by_interested=True), "sent_by_asker"),
    "the team's programs": (replace(CLEAR, by_team=True), "sent_by_team"),
    "watched no more": (replace(CLEAR, retired=True), "retired_by_asker"),
}


def test_as_shipped_forecasts_are_kept_and_ask_for_nobody() -> None:
    for forecasts in ((NEAR,), (replace(NEAR, soonest=AT),), *((one,) for one, _why in UNTOLD.values())):
        verdict = decide(watched(*forecasts), SILENT)
        assert (verdict.outcome, spoken(verdict)) == ("approved", [])


def test_what_was_decided_before_reads_and_hashes_as_it_did() -> None:
    assert "capacity" not in to_json(evidence())
    assert "capacity" not in policy_to_json(SILENT)
    for policy in (SILENT, ASKING):
        assert policy_from_json(policy_to_json(policy)) == policy
    kept = watched(NEAR, CLEAR)
    assert from_json(Evidence, to_json(kept)) == kept
    spoilt = to_json(kept)
    spoilt["capacity"]["value"]["forecasts"][0]["colour"] = "red"
    with pytest.raises(Malformed, match=r"evidence.capacity.value.forecasts\[0\].colour"):
        from_json(Evidence, spoilt)


def test_what_stays_clear_while_the_change_runs_is_approved() -> None:
    for forecasts in ((CLEAR,), (NEAR, CLEAR)):
        verdict = decide(watched(*forecasts), ASKING)
        assert (verdict.outcome, spoken(verdict)) == ("approved", [])


@pytest.mark.parametrize(
    ("starts", "ends", "outcome"),
    [
        (SOON - 2 * HOUR, SOON, "approved"),  # its window is over as the day begins
        (SOON - 2 * HOUR, SOON + timedelta(minutes=1), "cab"),
        (SOON, SOON + HOUR, "cab"),
        (SOON + 30 * DAY, SOON + 31 * DAY, "cab"),
    ],
)
def test_on_or_after_the_soonest_day_the_board_decides(starts: datetime, ends: datetime, outcome: str) -> None:
    verdict = decide(windowed(watched(CLEAR, NEAR), starts, ends), ASKING)
    assert verdict.outcome == outcome
    if outcome == "cab":
        assert spoken(verdict) == [("capacity_runs_out", "")]
        assert verdict.authority is not None
        assert verdict.authority.decider is Decider.CAB
        said = reason_sentence(verdict.reasons[0])
        assert said.startswith("disk-used of CI-7 may meet its limit from 28 Nov 2026, 10:00 UTC on;")


def test_without_a_window_it_runs_as_long_as_its_answer_is_good() -> None:
    for ahead, outcome in ((30, "approved"), (29, "cab"), (0, "cab"), (-60 * 24, "cab")):
        verdict = decide(watched(replace(NEAR, soonest=AT + timedelta(minutes=ahead))), ASKING)
        assert verdict.outcome == outcome, ahead


@pytest.mark.parametrize("how", UNTOLD)
def test_what_cannot_be_told_is_asked_as_strictly_as_bad_news(how: str) -> None:
    forecast, because = UNTOLD[how]
    found = watched(CLEAR, forecast)
    verdict = decide(found, ASKING)
    assert (verdict.outcome, spoken(verdict)) == ("cab", [("capacity_unusable", because)])
    assert "_" not in reason_sentence(verdict.reasons[0])
    trusting = replace(ASKING, capacity=CapacityRule(believes_owner_team=True))
    assert decide(found, trusting).outcome == ("approved" if because == "sent_by_team" else "cab")


@pytest.mark.parametrize("doubt", ["by_interested", "by_team"])
def test_the_word_of_who_wants_it_makes_a_forecast_stricter_all_the_same(doubt: str) -> None:
    theirs = replace(NEAR, soonest=AT, **{doubt: True})
    assert spoken(decide(watched(theirs), ASKING)) == [("capacity_runs_out", "")]


def test_nothing_watched_a_group_that_is_missing_or_spoilt_and_too_much_lead_to_people() -> None:
    absent: Fact[Any] = Fact.absent("headroom")
    scenes: dict[str, Evidence] = {
        "missing": evidence(),
        "missing ": replace(evidence(), capacity=absent),
        "missing  ": watched(),
        "truncated": watched(CLEAR, truncated=True),
        "stale": replace(evidence(), capacity=fact(Capacity((CLEAR,)), "stale")),
        "from_the_future": replace(evidence(), capacity=fact(Capacity((CLEAR,)), "future")),
        "undated": replace(evidence(), capacity=fact(Capacity((CLEAR,)), "undated")),
        "unsourced": replace(evidence(), capacity=fact(Capacity((CLEAR,)), "unsourced")),
    }
    for because, found in scenes.items():
        verdict = decide(found, ASKING)
        assert (verdict.outcome, spoken(verdict)) == ("cab", [("capacity_unknown", because.strip())]), because
        assert sees_all(found, ASKING) is (because == "truncated")
        assert sees_all(found, SILENT)


def test_other_environments_and_a_proven_way_back_are_not_asked_about_it() -> None:
    assert decide(watched(replace(NEAR, soonest=AT), environment="staging"), ASKING).outcome == "approved"
    back = decide(watched(replace(NEAR, soonest=AT), change_class="normal", purpose="rollback"), ASKING)
    assert (back.outcome, spoken(back)) == ("exception", [])


def test_an_emergency_keeps_its_own_authority_who_is_told() -> None:
    verdict = decide(watched(replace(NEAR, soonest=AT), change_class="emergency"), ASKING)
    assert verdict.authority is not None
    assert verdict.authority.decider is Decider.EMERGENCY_AUTHORITY
    assert spoken(verdict) == [("capacity_runs_out", "")]


def test_the_policy_says_who_is_asked() -> None:
    verdict = decide(watched(replace(NEAR, soonest=AT)), replace(SILENT, capacity=CapacityRule(Outcome.PEER)))
    assert verdict.outcome == "peer"


@pytest.mark.parametrize("rule", [CapacityRule(Outcome.APPROVED), CapacityRule(Outcome.POSTPONED),
                                  CapacityRule(fresh_for_seconds=0), CapacityRule(fresh_for_seconds=10**9)])  # fmt: skip
def test_a_rule_that_asks_no_people_or_forgets_their_age_is_no_policy(rule: CapacityRule) -> None:
    with pytest.raises(InvalidPolicy, match=r"^capacity\."):
        replace(SILENT, capacity=rule)


def test_what_would_help_is_an_earlier_window_or_a_forecast_that_can_be_used() -> None:
    late = windowed(watched(NEAR), SOON + HOUR, SOON + 3 * HOUR)
    helps = {help_sentence(one): one.outcome for one in decide(late, ASKING).what_would_help}
    assert helps["a window that ends before 28 Nov 2026, 10:00 UTC"] == "approved"
    for forecast, _because in UNTOLD.values():
        verdict = decide(watched(forecast), ASKING)
        helps = {help_sentence(one): one.outcome for one in verdict.what_would_help}
        assert helps["a forecast of disk-used that can be used"] == "approved"


def known(*forecasts: CapacityForecast, policy: Policy = ASKING) -> Any:
    return decisive(windowed(watched(*forecasts), SOON - 2 * HOUR, SOON - HOUR), policy)


def test_what_runs_out_sooner_than_people_knew_holds_a_start() -> None:
    sooner = replace(NEAR, soonest=SOON - DAY)
    clear, near, untold = known(CLEAR), known(sooner), known(replace(CLEAR, too_little=True))
    assert [one.code for one in worse(clear, near)] == ["capacity_runs_out"]
    assert [one.code for one in worse(clear, untold)] == ["capacity_unusable"]
    assert [one.code for one in worse(untold, near)] == ["capacity_runs_out"]
    assert not worse(near, known(replace(NEAR, soonest=SOON - 3 * DAY)))
    assert [one.code for one in news_between(near, clear)] == ["capacity_clear"]
    for one in (*worse(clear, near), *worse(clear, untold), *news_between(near, clear)):
        assert "disk-used (CI-7)" in news_sentence(one)
    assert known(sooner, policy=SILENT).capacity is None
    assert from_json(type(near), to_json(near)) == near
