"""Time to exhaustion and "what if": the literature's figures, hand-made ones, and a simulation minute by minute."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo.engine.forecast import Basis, BudgetPosition, joint_budget_ppb, minutes_to_exhaustion, what_if, whole_minutes
from slo.engine.methods import Method

MONTH = 30 * 1440
E3 = 1_000_000  # 99.9 %
FRESH = BudgetPosition(remaining=Fraction(1), burn=Fraction(1), window_minutes=MONTH, error_budget_ppb=E3)
HALFWAY = replace(FRESH, basis=Basis.FULL_WINDOW, minutes_left=MONTH // 2)


@pytest.mark.parametrize(
    ("now", "minutes"),
    [
        (FRESH, MONTH),
        (replace(FRESH, burn=Fraction(1000)), Fraction("43.2")),  # G1
        (replace(FRESH, burn=Fraction(35)), Fraction(720 * 60, 35)),  # G2
        (replace(FRESH, remaining=Fraction(1, 4), burn=Fraction(2)), MONTH / 8),
        (replace(FRESH, burn=Fraction(3), expiring=Fraction(1)), MONTH / 2),  # two in net
        (replace(FRESH, burn=Fraction(3), expiring=Fraction(3)), None),  # as much leaves as comes
        (replace(FRESH, burn=Fraction(3), expiring=Fraction(4)), None),
        (replace(FRESH, burn=Fraction(0)), None),
        (replace(FRESH, remaining=Fraction(0), burn=Fraction(0)), 0),
        (replace(FRESH, remaining=Fraction(-1), burn=Fraction(1), expiring=Fraction(5)), 0),
        (replace(HALFWAY, burn=Fraction(2)), MONTH / 2),  # gone with the period's last minute
        (replace(HALFWAY, burn=Fraction(199, 100)), None),  # the next period comes first
        (replace(HALFWAY, burn=Fraction(4), expiring=Fraction(4)), MONTH / 4),  # nothing leaves a calendar window
        (replace(HALFWAY, burn=Fraction(1), basis=Basis.ELAPSED), None),  # on track for ever
        (replace(HALFWAY, burn=Fraction(3), remaining=Fraction(1, 2), basis=Basis.ELAPSED), MONTH / 8),
        (replace(HALFWAY, burn=Fraction(3, 2), basis=Basis.ELAPSED), None),
        (replace(HALFWAY, burn=Fraction(1), minutes_left=MONTH, basis=Basis.ELAPSED), None),  # nothing elapsed
    ],
)
def test_time_to_exhaustion(now: BudgetPosition, minutes: Fraction | None) -> None:
    assert minutes_to_exhaustion(now) == minutes


def test_without_a_question_nothing_changes() -> None:
    now = replace(FRESH, remaining=Fraction(2, 7), burn=Fraction(3))
    outlook = what_if(now)
    assert (outlook.remaining, outlook.burn, outlook.spent_by_outage) == (Fraction(2, 7), 3, 0)
    assert outlook.outages_left is None


@pytest.mark.parametrize(
    ("minutes", "share", "percent"),
    [(10, "0.001", "0.0231"), (5, "1", "11.5741"), (60, "1", "138.8889"), (60, "0.01", "1.3889")],
)
def test_g6_g16_what_outages_cost(minutes: int, share: str, percent: str) -> None:
    spent = what_if(FRESH, outage_minutes=minutes, outage_share=Fraction(share)).spent_by_outage
    assert round(Decimal(spent.numerator) / spent.denominator * 100, 4) == Decimal(percent)


def test_an_outage_is_taken_from_what_remains() -> None:
    outlook = what_if(replace(FRESH, remaining=Fraction(1, 2)), outage_minutes=5)
    assert outlook.remaining == Fraction(1, 2) - Fraction(5, Fraction("43.2"))
    assert outlook.minutes_to_exhaustion == outlook.remaining * MONTH
    assert outlook.outages_left == 4  # 21.6 minutes pay for four times five


def test_outages_left_come_back_never_below_zero() -> None:
    assert what_if(replace(FRESH, remaining=Fraction(-1)), outage_minutes=5).outages_left == 0
    assert what_if(FRESH, outage_minutes=Fraction(432, 10).__ceil__()).outages_left == 0
    assert what_if(FRESH, outage_minutes=43).outages_left == 1


def test_more_traffic_makes_an_outage_dearer_and_the_end_nearer() -> None:
    now = replace(FRESH, remaining=Fraction(1, 2), burn=Fraction(2))
    outlook = what_if(now, traffic=Fraction(3), outage_minutes=4)
    assert outlook.spent_by_outage == 3 * 4 / Fraction("43.2")
    assert outlook.minutes_to_exhaustion == (Fraction(1, 2) - 12 / Fraction("43.2")) * MONTH / 6
    assert (
        what_if(replace(now, expiring=Fraction(5)), traffic=Fraction(3)).minutes_to_exhaustion == Fraction(1, 2) * MONTH
    )
    assert what_if(now, traffic=Fraction(0)).minutes_to_exhaustion is None


def test_slices_do_not_mind_traffic() -> None:
    now = replace(FRESH, method=Method.RATIO_TIMESLICES)
    assert what_if(now, traffic=Fraction(9), outage_minutes=4) == what_if(now, outage_minutes=4)


def test_a_calendar_expects_the_rest_of_the_period_at_the_new_traffic() -> None:
    now = replace(HALFWAY, remaining=Fraction(1, 2))  # 1/2 of 43.2 spent with half the period to come
    assert what_if(now, traffic=Fraction(3)).remaining == 1 - Fraction(1, 2) / 2  # twice the events in all
    assert what_if(now, traffic=Fraction(3), outage_minutes=4).spent_by_outage == 12 / Fraction("86.4")
    assert what_if(now, traffic=Fraction(0)).remaining == 0  # only half the events, and half of the budget was spent


def test_an_outage_enters_the_budget_of_elapsed_time() -> None:
    now = replace(
        HALFWAY, remaining=Fraction(1), minutes_left=MONTH - 100, basis=Basis.ELAPSED, error_budget_ppb=500_000_000
    )
    outlook = what_if(now, outage_minutes=100)
    assert outlook.remaining == 0  # all of the second hundred minutes failed, half may
    assert outlook.outages_left == 1
    assert (
        what_if(now, outage_minutes=100, outage_share=Fraction(1, 2)).outages_left is None
    )  # such an outage is on track


def test_only_what_lies_in_the_period_counts() -> None:
    now = replace(HALFWAY, minutes_left=3)
    assert what_if(now, outage_minutes=10) == what_if(now, outage_minutes=3)
    assert what_if(replace(now, burn=Fraction(30_000)), outage_minutes=3).minutes_to_exhaustion is None


@pytest.mark.parametrize(
    ("minutes", "share", "bad_slices"),
    [
        (10, "1", 2),
        (12, "1", 3),  # two minutes of five are 40 % bad, 10 % are tolerated
        (12, "0.25", 2),  # of the last slice a tenth exactly: good
        (12, "0.1", 0),  # at the slice target everywhere
        (12, "0.11", 2),
        (0, "1", 0),
    ],
)
def test_an_outage_by_time_slices_costs_whole_slices(minutes: int, share: str, bad_slices: int) -> None:
    now = replace(FRESH, method=Method.TIMESLICES, slice_minutes=5, time_slice_target_ppb=900_000_000)
    assert what_if(
        now, outage_minutes=minutes, outage_share=Fraction(share)
    ).spent_by_outage == bad_slices * 5 / Fraction("43.2")


def test_another_target_holds_for_the_same_failures() -> None:
    now = replace(FRESH, remaining=Fraction(4, 5), burn=Fraction(1, 2), expiring=Fraction(1, 4))
    outlook = what_if(now, target=Decimal("0.9995"))
    assert (outlook.remaining, outlook.burn) == (Fraction(3, 5), 1)
    assert outlook.minutes_to_exhaustion == Fraction(3, 5) * MONTH * 2
    assert what_if(now, target=Decimal("0.99"), outage_minutes=43).outages_left == Fraction("423.36") // 43
    assert what_if(now, target=Decimal("0.9999")).minutes_to_exhaustion == 0


def test_legs_together_have_one_budget() -> None:
    assert joint_budget_ppb([(Fraction(1), E3)]) == E3
    joint = joint_budget_ppb([(Fraction(1, 2), 1_000_000), (Fraction(1, 2), 10_000_000)])
    assert what_if(replace(FRESH, error_budget_ppb=joint), outage_minutes=10).spent_by_outage == Fraction(
        10 * 550, MONTH
    )


@pytest.mark.parametrize(
    "question",
    [
        {"traffic": Fraction(-1)},
        {"outage_minutes": -1},
        {"outage_share": Fraction(2)},
        {"outage_share": Fraction(-1)},
        {"target": Decimal(1)},
    ],
)
def test_impossible_questions_are_refused(question: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"Traffic|target"):
        what_if(FRESH, **question)  # type: ignore[arg-type]


def test_whole_minutes_are_not_promised_early() -> None:
    assert whole_minutes(Fraction("43.99")) == 43


@given(
    spent=st.integers(0, 60),
    bad=st.integers(0, 20),
    leaving=st.integers(0, 20),
    traffic=st.integers(0, 4),
    outage=st.integers(0, 5),
)
def test_a_rolling_forecast_is_what_happens(spent: int, bad: int, leaving: int, traffic: int, outage: int) -> None:
    """A hundred events a minute, 1000 minutes, 10 % allowed: bad events come and go until 10,000 are in the window."""
    now = BudgetPosition(
        Fraction(1) - Fraction(spent, 100), Fraction(bad, 10), 1000, 100_000_000, expiring=Fraction(leaving, 10)
    )
    outlook = what_if(now, traffic=Fraction(traffic), outage_minutes=outage)
    have = spent * 100 + outage * traffic * 100
    assert outlook.remaining == 1 - Fraction(have, 10_000)
    for minute in range(1, 500):
        have += bad * traffic - leaving
        gone = outlook.minutes_to_exhaustion is not None and outlook.minutes_to_exhaustion <= minute
        assert gone == (have >= 10_000)


@given(spent=st.integers(0, 40), bad=st.integers(0, 99), traffic=st.integers(0, 4), outage=st.integers(0, 5))
def test_an_elapsed_forecast_is_what_happens(spent: int, bad: int, traffic: int, outage: int) -> None:
    """A hundred events a minute, 200 of 1000 minutes elapsed, 10 % allowed of what has come so far."""
    now = BudgetPosition(
        Fraction(1) - Fraction(spent, 40), Fraction(bad, 10), 1000, 100_000_000, Basis.ELAPSED, minutes_left=800
    )
    outlook = what_if(now, traffic=Fraction(traffic), outage_minutes=outage)
    have, events = spent * 50 + outage * traffic * 100, 20_000 + outage * traffic * 100
    assert outlook.remaining == 1 - Fraction(have * 10, events)
    for minute in range(1, 800 - outage):
        have, events = have + bad * traffic, events + 100 * traffic
        gone = outlook.minutes_to_exhaustion is not None and outlook.minutes_to_exhaustion <= minute
        assert gone == (outlook.remaining <= 0 or have * 10 >= events)
