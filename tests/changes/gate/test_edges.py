"""Where one answer of the gate ends and the next begins: instants, bounds of what is possible, and who is asked."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from changes.gate.canonical import from_json, to_json
from changes.gate.decide import decide, fingerprint
from changes.gate.evidence import (
    Calendar,
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
from changes.gate.policy_default import default_policy
from changes.gate.rule_results import RuleResult, strictest
from changes.gate.verdict import Reason, Verdict
from tests.changes.gate.scenes import AT, evidence, fact, with_budget

POLICY = default_policy()
LIMITS = POLICY.limits
INSTANT, HOUR = timedelta(microseconds=1), timedelta(hours=1)
SMALLEST = Decimal("0.000001")


def judged(found: Evidence) -> Verdict:
    return decide(found, POLICY, what_would_help=False)


def columns(found: Evidence) -> list[str]:
    return [one.column for one in judged(found).budgets]


def closed_by(*entries: tuple[datetime, datetime], window: tuple[datetime, datetime] | None = None) -> Verdict:
    """The answer with freezes at these times, for a change with this window."""
    found = evidence()
    freezes = tuple(CalendarEntry("freeze", f"CAL-{number}", *span) for number, span in enumerate(entries, 1))
    change = replace(found.change, window=Window(*window)) if window else found.change
    return judged(replace(found, change=change, calendar=fact(Calendar(freezes))))


# The calendar: the first instant of a freeze is closed, its end is open again.


@pytest.mark.parametrize(
    ("starts", "ends", "outcome"),
    [
        (AT, AT + HOUR, "postponed"),
        (AT + INSTANT, AT + HOUR, "approved"),
        (AT - HOUR, AT + INSTANT, "postponed"),
        (AT - HOUR, AT, "approved"),
    ],
)
def test_a_freeze_is_closed_from_its_first_instant_up_to_its_end(
    starts: datetime, ends: datetime, outcome: str
) -> None:
    assert closed_by((starts, ends)).outcome == outcome


@pytest.mark.parametrize(("begins_before_its_end", "outcome"), [(INSTANT, "postponed"), (0 * INSTANT, "approved")])
def test_a_window_that_ends_where_a_freeze_begins_is_open(begins_before_its_end: timedelta, outcome: str) -> None:
    begins = AT + 2 * HOUR - begins_before_its_end
    verdict = closed_by((begins, begins + HOUR), window=(AT + HOUR, AT + 2 * HOUR))
    assert verdict.outcome == outcome


def test_a_window_without_length_counts_as_the_instant_of_the_question() -> None:
    later = AT + 3 * HOUR
    freeze = (AT - HOUR, AT + HOUR)
    assert closed_by(freeze, window=(later, later)).outcome == "postponed"
    assert closed_by(freeze, window=(later, later + INSTANT)).outcome == "approved"


@pytest.mark.parametrize(("gap", "until"), [(0 * INSTANT, AT + 2 * HOUR), (INSTANT, AT + HOUR)])
def test_freezes_that_touch_hold_to_the_end_of_the_last(gap: timedelta, until: datetime) -> None:
    verdict = closed_by((AT - HOUR, AT + HOUR), (AT + HOUR + gap, AT + 2 * HOUR))
    assert (verdict.outcome, verdict.not_before) == ("postponed", until)


# Readings: how old they may be, and what no reading can say.


@pytest.mark.parametrize(("more", "column"), [(0 * INSTANT, "healthy"), (INSTANT, "no_data")])
def test_a_reading_of_ten_minutes_is_the_oldest_that_counts(more: timedelta, column: str) -> None:
    oldest = AT - timedelta(seconds=LIMITS.no_data_after_seconds)
    assert columns(with_budget(evidence(), watermark=oldest - more)) == [column]


@pytest.mark.parametrize(("later", "column"), [(0 * INSTANT, "healthy"), (INSTANT, "no_data")])
def test_a_reading_of_this_instant_counts_and_one_of_the_next_does_not(later: timedelta, column: str) -> None:
    assert columns(with_budget(evidence(), watermark=AT + later)) == [column]


@pytest.mark.parametrize(
    ("figures", "column"),
    [
        ({"remaining": Decimal(1)}, "healthy"),
        ({"remaining": 1 + SMALLEST}, "no_data"),
        ({"remaining": Decimal("0.9"), "excused": Decimal("0.1")}, "healthy"),
        ({"remaining": Decimal("0.9"), "excused": Decimal("0.1") + SMALLEST}, "no_data"),
        ({"coverage": 1 + SMALLEST}, "no_data"),
        ({"reserved": -SMALLEST}, "no_data"),
        ({"excused": -SMALLEST}, "no_data"),
        ({"allowed_failures": -SMALLEST}, "no_data"),
        ({"reservations": -1}, "no_data"),
        ({"burns": {"3d": -SMALLEST}}, "no_data"),
        ({"flags": ("on_holiday",)}, "no_data"),
        ({"stored_level": "splendid"}, "no_data"),
        ({"watermark": None}, "no_data"),
    ],
)
def test_nobody_has_more_than_the_whole_budget_nor_less_than_none_of_anything(
    figures: dict[str, Any], column: str
) -> None:
    assert columns(with_budget(evidence(), **figures)) == [column]


def test_a_burn_is_believed_of_a_reading_that_counts_for_nothing_else() -> None:
    assert columns(with_budget(evidence(), watermark=AT + HOUR, flags=("burning_fast",))) == ["burning_fast"]


@pytest.mark.parametrize(
    ("burns", "verified", "column"),
    [
        ({"3d": 1 - SMALLEST}, True, "recovering"),
        ({"3d": Decimal(1)}, True, "exhausted"),
        ({"3d": 1 - SMALLEST}, False, "exhausted"),
        ({}, True, "exhausted"),
    ],
)
def test_it_recovers_while_it_burns_less_than_it_earns_and_the_fix_is_verified(
    burns: dict[str, Decimal], verified: bool, column: str
) -> None:
    found = with_budget(evidence(state="exhausted"), burns=burns, fix_verified=verified)
    assert columns(found) == [column]


@pytest.mark.parametrize(("less", "column"), [(0 * INSTANT, "healthy"), (INSTANT, "watch")])
def test_a_level_rises_after_exactly_the_hour(less: timedelta, column: str) -> None:
    since = AT - timedelta(seconds=LIMITS.hysteresis_seconds) + less
    rising = {"remaining": Decimal("0.9"), "stored_level": "watch", "better_since": since}
    assert columns(with_budget(evidence(), **rising)) == [column]


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


@pytest.mark.parametrize(
    ("kind", "outcome"), [("freeze", "approved"), ("blackout", "approved"), ("lockdown", "postponed")]
)
def test_elsewhere_than_in_production_only_a_lockdown_closes(kind: str, outcome: str) -> None:
    staged = evidence(environment="staging", calendar=kind)
    assert judged(staged).outcome == outcome
    assert judged(evidence(calendar=kind)).outcome == "postponed"


def test_a_lockdown_elsewhere_ends_with_the_lockdown_though_a_freeze_goes_on() -> None:
    spans = (("lockdown", AT - HOUR, AT + HOUR), ("freeze", AT, AT + 3 * HOUR))
    closed = Calendar(tuple(CalendarEntry(kind, kind, *span) for kind, *span in spans))
    for environment, until in (("staging", AT + HOUR), ("production", AT + 3 * HOUR)):
        verdict = judged(replace(evidence(environment=environment), calendar=fact(closed)))
        assert (verdict.outcome, verdict.not_before) == ("postponed", until)


def test_measurements_that_are_trusted_are_not_spoken_of() -> None:
    assert [reason.code for reason in judged(evidence()).reasons] == ["budget_healthy"]
