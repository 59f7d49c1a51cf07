"""The demo's made-up measurements, without a database: the same for ever, and where each budget settles."""

from decimal import Decimal
from fractions import Fraction

import pytest

from itsm.home.demo.objectives import DEMO_OBJECTIVES, DemoObjective
from itsm.home.demo.traffic import samples
from slo.engine.burn import burn_rate, error_budget_ppb, remaining
from slo.engine.windows import ALERT_ROWS, MINUTES_PER_DAY, WINDOWS, Severity

FOUNDED = 29_000_000
BY_SLUG = {promise.slug: promise for promise in DEMO_OBJECTIVES}
# What is left at the founding, and days, weeks, months later.
LEFT = {
    "storefront-availability": (0.70, 0.85),
    "checkout-orders": (0.30, 0.40),
    "checkout-speed": (0.60, 0.80),
    "payments-authorised": (0.70, 0.90),
    "catalogue-availability": (0.65, 0.85),
    "accounts-sign-in": (0.70, 0.90),
    "notifications-delivered": (-0.35, -0.05),
    "image-cdn-east-delivered": (0.60, 0.80),
    "image-cdn-west-delivered": (0.05, 0.20),
}
LATER = [0, 3, 60]


def counts(promise: DemoObjective, end: int, minutes: int) -> tuple[int, int]:
    """(bad, total) of these minutes."""
    taken = list(samples(promise, end - minutes, end, founded=FOUNDED))
    total = sum(sample.total for sample in taken)
    return int(total - sum(sample.good for sample in taken)), int(total)


def burn(promise: DemoObjective, end: int, window: str) -> Fraction:
    return burn_rate(*counts(promise, end, WINDOWS[window]), error_budget_ppb(Decimal(promise.target)))


def pages(promise: DemoObjective, end: int) -> bool:
    rows = [(row, row.factor(promise.window_days)) for row in ALERT_ROWS if row.severity is Severity.PAGE]
    return any(burn(promise, end, row.short) > factor and burn(promise, end, row.long) > factor for row, factor in rows)


@pytest.mark.in_turn(3)
@pytest.mark.parametrize("slug", LEFT)
@pytest.mark.parametrize("days", LATER)
def test_a_budget_stays_where_its_mood_puts_it(slug, days):
    promise, end = BY_SLUG[slug], FOUNDED + days * MINUTES_PER_DAY
    bad, total = counts(promise, end, promise.window_days * MINUTES_PER_DAY)
    low, high = LEFT[slug]
    assert low < remaining(bad, total, error_budget_ppb(Decimal(promise.target))) < high


@pytest.mark.in_turn(3)
@pytest.mark.parametrize("slug", LEFT)
def test_only_the_burning_service_ever_pages(slug):
    assert not any(pages(BY_SLUG[slug], FOUNDED + minute) for minute in range(0, 14 * MINUTES_PER_DAY, 997))


def test_the_burning_service_pages_without_a_pause():
    minutes = [*range(0, 600, 20), *range(600, 30 * MINUTES_PER_DAY, 2003)]
    assert all(pages(BY_SLUG["search-answers"], FOUNDED + minute) for minute in minutes)


@pytest.mark.parametrize("days", [7, 365])
def test_the_burning_budget_never_gets_absurd(days):
    promise, end = BY_SLUG["search-answers"], FOUNDED + days * MINUTES_PER_DAY
    bad, total = counts(promise, end, promise.window_days * MINUTES_PER_DAY)
    assert remaining(bad, total, error_budget_ppb(Decimal(promise.target))) > Fraction(-13, 20)


def test_a_minute_has_the_same_counts_whoever_asks_and_when():
    promise = BY_SLUG["checkout-orders"]
    whole = list(samples(promise, FOUNDED - 100, FOUNDED + 100, founded=FOUNDED))
    assert list(samples(promise, FOUNDED - 20, FOUNDED + 30, founded=FOUNDED)) == whole[80:130]
    assert all(0 <= sample.good <= sample.total for sample in whole)


@pytest.mark.parametrize("slug", LEFT)
def test_blips_fall_upon_the_same_stories_whenever_the_company_is_founded(slug):
    promise, week = BY_SLUG[slug], range(-7 * MINUTES_PER_DAY, 0)

    def blips(founded: int) -> list[int]:
        return [since for since in week if promise.mood(since, founded + since) > 5]

    first, *others = [blips(FOUNDED + 60 * hours) for hours in (0, 5, 37, 100)]
    assert others == [first] * 3
    # A slice is bad or good as a whole: wherever in it the company was founded.
    assert {(FOUNDED + 3 + since) // 5 for since in blips(FOUNDED + 3)} == {
        FOUNDED // 5 + since // 5 for since in first
    }
    assert len(blips(FOUNDED + 3)) == len(first)
