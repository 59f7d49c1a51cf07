"""The golden examples of the literature, each under its number (G1 to G17), and its rows of burn alerts and budget minutes.

The engine must give every one of them; where raw measurements are given, the slow oracle must too.
G18 and G19 are scores of other tools (Keptn, ServiceNow) and are not ours to give; G12x is not a golden value.
"""

from decimal import Decimal
from fractions import Fraction

import pytest

from slo.engine import burn, windows
from slo.engine.calendars import Calendar, period
from slo.engine.forecast import Basis, BudgetPosition, minutes_to_exhaustion, what_if
from slo.engine.methods import UNIT, Member, Method, slices_of_hour
from slo.engine.prefix import Counts
from tests.slo import naive, textbook

MINUTES_PER_DAY = 1440


def ppb(target: str) -> int:
    return burn.error_budget_ppb(Decimal(target))


THREE_NINES = ppb("0.999")


def percent(share: Fraction, places: int) -> Decimal:
    return round(Decimal(share.numerator) / share.denominator * 100, places)


def fresh(rate: str, days: int = 30, target: str = "0.999") -> BudgetPosition:
    return BudgetPosition(Fraction(1), Fraction(rate), days * MINUTES_PER_DAY, ppb(target))


# Table of 1.5, school A: percentages and windows are kept, factors float, never below 1 (the value before is beside).
@pytest.mark.parametrize(
    ("days", "page_hour", "page_six_hours", "ticket_day", "ticket_three_days"),
    [
        (30, "14.4", "6", "3", "1"),
        (28, "13.44", "5.6", "2.8", "1"),  # 0.9333
        (14, "6.72", "2.8", "1.4", "1"),  # 0.4667
        (7, "3.36", "1.4", "1", "1"),  # 0.7, 0.2333
        (90, "43.2", "18", "9", "3"),
    ],
)
def test_the_rows_of_the_burn_alerts(
    days: int, page_hour: str, page_six_hours: str, ticket_day: str, ticket_three_days: str
) -> None:
    rows = [
        (row.severity.value, row.long, row.short, row.spent_percent, row.factor(days)) for row in windows.ALERT_ROWS
    ]
    assert rows == [
        ("page", "1h", "5m", 2, Fraction(page_hour)),
        ("page", "6h", "30m", 5, Fraction(page_six_hours)),
        ("ticket", "1d", "2h", 10, Fraction(ticket_day)),
        ("ticket", "3d", "6h", 10, Fraction(ticket_three_days)),
    ]
    assert all(windows.WINDOWS[long] == 12 * windows.WINDOWS[short] for _, long, short, *_ in rows)


BUDGETS = {
    7: ["100.8", "50.4", "10.08", "5.04", "1.008", "0.1008"],
    28: ["403.2", "201.6", "40.32", "20.16", "4.032", "0.4032"],
    30: ["432", "216", "43.2", "21.6", "4.32", "0.432"],
    90: ["1296", "648", "129.6", "64.8", "12.96", "1.296"],
}
TARGETS = ["0.99", "0.995", "0.999", "0.9995", "0.9999", "0.99999"]


@pytest.mark.parametrize(
    ("days", "target", "minutes"),
    [(days, target, minutes) for days, row in BUDGETS.items() for target, minutes in zip(TARGETS, row, strict=True)],
)
def test_budget_minutes(days: int, target: str, minutes: str) -> None:
    assert burn.outage_minutes(ppb(target), days) == Fraction(minutes)
    # The same from the other side: so long an outage leaves nothing.
    outlook = what_if(fresh("0", days, target), outage_minutes=1)
    assert outlook.spent_by_outage * Fraction(minutes) == 1


@pytest.mark.parametrize(("rate", "minutes"), [("1", "43200"), ("2", "21600"), ("10", "4320"), ("1000", "43.2")])
def test_g1_time_to_exhaustion(rate: str, minutes: str) -> None:
    assert burn.minutes_to_exhaustion(Fraction(1), Fraction(rate), 30) == Fraction(minutes)
    assert minutes_to_exhaustion(fresh(rate)) == Fraction(minutes)


def test_g2_a_steady_35x_is_missed_by_36_and_exhausts_within_a_day() -> None:
    assert windows.AlertRow(windows.Severity.PAGE, "1h", "5m", 5).factor(30) == 36
    gone = minutes_to_exhaustion(fresh("35"))
    assert gone == Fraction(720, 35) * 60
    assert percent(gone / 6000, 2) == Decimal("20.57")  # hours


@pytest.mark.parametrize(("rate", "hours", "spent"), [("14.4", 1, 2), ("6", 6, 5), ("3", 24, 10), ("1", 72, 10)])
def test_g3_what_the_rows_spend(rate: str, hours: int, spent: int) -> None:
    assert burn.spent_by(Fraction(rate), Fraction(hours * 60), 30) == Fraction(spent, 100)


@pytest.mark.parametrize(
    ("long", "rate", "seconds"), [(10, "1", "0.6"), (2160, "1", "129.6"), (60, "14.4", "51.84"), (360, "6", "129.6")]
)
def test_g4_a_total_outage_is_seen_within_seconds(long: int, rate: str, seconds: str) -> None:
    assert textbook.minutes_to_detection(Fraction(1), Fraction(rate), long, THREE_NINES) * 60 == Fraction(seconds)


def one_objective(target: str, days: int = 30, method: str = naive.OCCURRENCES, tau: str = "1") -> naive.Version:
    component = naive.Component((naive.Member("a", Fraction(tau)),), Fraction(target))
    return naive.Version(components=(component,), method=method, window=days)


def test_g5_fifteen_per_cent_cross_after_5_76_minutes_and_clear_five_after_the_end() -> None:
    assert textbook.minutes_to_detection(Fraction(15, 100), Fraction("14.4"), 60, THREE_NINES) == Fraction("5.76")
    start, stop = 1_000_000, 1_000_030
    events = {m: (150_000 if start <= m < stop else 0, 1_000_000) for m in range(start - 100, stop + 100)}
    case = naive.Case([one_objective("0.999")], {"a": events})
    pages = [m for m in range(start - 2, stop + 20) if "1h" in case.evaluate(m * 60).firing]
    assert pages == list(range(start + 6, stop + 5))


@pytest.mark.parametrize(
    ("errors", "minutes", "spent"), [("0.001", 10, "0.0231"), ("1", 5, "11.5741"), ("1", 60, "138.8889")]
)
def test_g6_what_outages_cost(errors: str, minutes: int, spent: str) -> None:
    rate = burn.burn_rate(int(Fraction(errors) * 1000), 1000, THREE_NINES)
    assert percent(burn.spent_by(rate, Fraction(minutes), 30), 4) == Decimal(spent)
    outlook = what_if(fresh("0"), outage_minutes=minutes, outage_share=Fraction(errors))
    assert percent(outlook.spent_by_outage, 4) == Decimal(spent)


def test_g7_one_failure_of_ten_an_hour_burns_100_not_1000() -> None:
    assert burn.burn_rate(1, 10, THREE_NINES) == 100
    assert percent(burn.spent_by(Fraction(100), Fraction(60), 30), 2) == Decimal("13.89")
    # Ten an hour for thirty days, the last one failed: it burns 100 in its hour and wakes nobody.
    last = 60_000_000
    events = {last - 1 - 6 * place: (1000 if place == 0 else 0, 1000) for place in range(7200)}
    found = naive.Case([one_objective("0.999")], {"a": events}).evaluate(last * 60)
    assert found.burn["1h"] == 100
    assert percent(1 - Fraction(found.remaining), 2) == Decimal("13.89")
    assert "1h" not in found.firing


def test_g8_ninety_per_cent_cannot_be_paged_for_within_an_hour() -> None:
    assert burn.burn_rate(1, 1, ppb("0.9")) == 10
    assert percent(what_if(fresh("0", target="0.9"), outage_minutes=60).spent_by_outage, 3) == Decimal("1.389")
    assert [row.is_reachable(ppb("0.9"), 30) for row in windows.ALERT_ROWS] == [False, True, True, True]
    assert windows.Caution.PAGE_UNREACHABLE in windows.cautions(ppb("0.9"), 30)


def test_g9_five_nines_last_25_92_seconds() -> None:
    assert burn.outage_minutes(ppb("0.99999"), 30) * 60 == Fraction("25.92")
    assert windows.Caution.TOO_EXTREME in windows.cautions(ppb("0.99999"), 30)


def test_g10_half_of_three_thousand_allowed_failures() -> None:
    assert Fraction(3_000_000 * THREE_NINES, windows.PPB) == 3000
    assert burn.remaining(1500, 3_000_000, THREE_NINES) == Fraction(1, 2)
    events = dict.fromkeys(range(1000000, 1000030), (50000, 100000000))
    found = naive.Case([one_objective("0.999", 28)], {"a": events}).evaluate(1_000_030 * 60)
    assert found.component_windows[0].allowed == 3000
    assert found.remaining == Decimal("0.5")


G11_GOOD = [2, 10, 12, 13, 13, 12, 13, 13, 12, 11]
G11_TOTAL = [4, 10, 12, 13, 14, 15, 14, 13, 12, 11]
G11 = {
    m: Counts((total - good) * 1000, total * 1000)
    for m, (good, total) in enumerate(zip(G11_GOOD, G11_TOTAL, strict=True))
}


def spent_by(method: Method, samples: dict[int, Counts], target: str, tau: str) -> tuple[Fraction, int]:
    """(share of the budget, bad in units) by the engine's slices and the engine's burn."""
    slices = slices_of_hour([Member(1, int(Fraction(tau) * windows.PPB))], [samples], method, 1).values()
    bad, total = sum(counts.bad for counts in slices), sum(counts.total for counts in slices)
    return burn.burn_rate(bad, total, ppb(target)), bad


def spent_slowly(method: Method, samples: dict[int, Counts], target: str, tau: str) -> Fraction:
    """The same by the oracle; its answer has nine places."""
    start = 60_000_000
    case = naive.Case([one_objective(target, 7, method, tau)], {"a": {start + m: c for m, c in samples.items()}})
    return 1 - Fraction(case.evaluate((start + 60) * 60).remaining)


@pytest.mark.parametrize(
    ("method", "bad", "spent"),
    [
        (Method.OCCURRENCES, 7 * 1000, "118.644"),
        (Method.TIMESLICES, 4 * 1000, "800.000"),
        (Method.RATIO_TIMESLICES, 842_857_144, "168.571"),
    ],
)
def test_g11_one_service_by_three_methods(method: Method, bad: int, spent: str) -> None:
    exact, counted = spent_by(method, G11, "0.95", "0.95")
    assert counted == bad
    assert percent(exact, 3) == Decimal(spent)
    assert percent(spent_slowly(method, G11, "0.95", "0.95"), 3) == Decimal(spent)


def test_g11_the_indicators_themselves() -> None:
    assert percent(Fraction(sum(G11_GOOD), sum(G11_TOTAL)), 4) == Decimal("94.0678")
    ratio = spent_by(Method.RATIO_TIMESLICES, G11, "0.95", "0.95")[1]
    mean = 1 - Fraction(ratio, len(G11) * UNIT[Method.RATIO_TIMESLICES])
    assert percent(mean, 5) == Decimal("91.57143")


def test_g12_two_weeks_under_attack_by_slices() -> None:
    slices = 14 * MINUTES_PER_DAY
    allowed = slices * ppb("0.95")
    assert allowed == 1008 * windows.PPB  # 16 h 48 m of bad minutes
    # Normally 1 % fails, under attack 99 %: so many minutes x of attack spend it by ratio.
    attack = Fraction(allowed - slices * 10_000_000, 990_000_000 - 10_000_000)
    assert round(attack, 3) == Fraction("822.857")
    assert divmod(int(attack * 60), 3600) == (13, 42 * 60 + 51)


@pytest.mark.parametrize(
    ("method", "attack", "left"), [(Method.TIMESLICES, 1008, "0"), (Method.RATIO_TIMESLICES, 822, "0.000833333")]
)
def test_g12_as_measured(method: Method, attack: int, left: str) -> None:
    """The same two weeks minute by minute, by the engine's slices and by the oracle's."""
    length = 14 * MINUTES_PER_DAY
    normal, attacked = Counts(1_000, 100_000), Counts(99_000, 100_000)
    slices = slices_of_hour([Member(1, 950_000_000)], [{0: normal, 1: attacked}], method, 1)
    bad = slices[0].bad * (length - attack) + slices[1].bad * attack
    assert burn.rounded_down(burn.remaining(bad, length * UNIT[method], ppb("0.95"))) == Decimal(left)
    start = 60_000_000
    minutes = {start + place: attacked if place < attack else normal for place in range(length)}
    case = naive.Case([one_objective("0.95", 14, method, "0.95")], {"a": minutes})
    assert case.remaining(start + length) == burn.remaining(bad, length * UNIT[method], ppb("0.95"))
    assert burn.remaining(bad + slices[1].bad - slices[0].bad, length * UNIT[method], ppb("0.95")) < 0


def test_g13_a_calendar_week_allows_5_04_bad_minutes() -> None:
    begin, end = period(Calendar("week", 1, "UTC"), 29_000_000)
    assert Fraction((end - begin) * ppb("0.9995"), windows.PPB) == Fraction("5.04")
    component = naive.Component((naive.Member("a", Fraction("0.9")),), Fraction("0.9995"))
    version = naive.Version(components=(component,), method=naive.TIMESLICES, window=naive.Calendar("week"))
    for bad, remaining in [(5, "0.007936507"), (6, "-0.190476191")]:
        samples = {begin + place: (1000 if place < bad else 0, 1000) for place in range(600)}
        assert naive.Case([version], {"a": samples}).evaluate((begin + 600) * 60).remaining == Decimal(remaining)
    now = BudgetPosition(
        Fraction(1), Fraction(0), end - begin, ppb("0.9995"), Basis.FULL_WINDOW, minutes_left=end - begin
    )
    assert what_if(now, outage_minutes=1).outages_left == 5


def test_g14_four_weeks_at_99_95() -> None:
    assert burn.outage_minutes(ppb("0.9995"), 28) == Fraction("20.16")


def test_g15_four_nines_of_a_year() -> None:
    begin, end = period(Calendar("year", 1, "Europe/Berlin"), 29_400_000)  # in 2025, no leap year
    assert (end - begin) == 365 * MINUTES_PER_DAY
    assert burn.outage_minutes(ppb("0.9999"), 365) * 60 == Fraction("3153.6")
    assert burn.outage_minutes(ppb("0.9999"), 365) == Fraction("52.56")


def test_g16_a_canary_of_five_per_cent_with_a_defect_in_twenty() -> None:
    errors = Fraction(5, 100) * Fraction(20, 100)
    assert errors == Fraction(1, 100)
    assert burn.burn_rate(errors.numerator, errors.denominator, THREE_NINES) == 10
    assert percent(burn.spent_by(Fraction(10), Fraction(60), 30), 3) == Decimal("1.389")
    assert percent(what_if(fresh("0"), outage_minutes=60, outage_share=errors).spent_by_outage, 3) == Decimal("1.389")


@pytest.mark.parametrize(("bad", "fires"), [(1444, True), (1440, False)])
def test_g17_just_above_the_factor_is_a_breach(bad: int, fires: bool) -> None:
    rate = burn.burn_rate(bad, 100_000, THREE_NINES)
    assert rate == Fraction(bad, 100)
    assert (rate > windows.ALERT_ROWS[0].factor(30)) is fires
    start = 1_000_000
    samples = {start + place: (bad * 1000, 100_000_000) for place in range(60)}
    found = naive.Case([one_objective("0.999")], {"a": samples}).evaluate((start + 60) * 60)
    assert ("1h" in found.firing) is fires
