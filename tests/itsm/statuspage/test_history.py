"""The days of a component against a count of single minutes that shares no code with it, over changes of clocks."""

from datetime import UTC, datetime, timedelta
from decimal import ROUND_FLOOR, Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itsm.statuspage.history import Span, days, local_days, percent

WORST = ["operational", "under_maintenance", "degraded_performance", "partial_outage", "major_outage"]
COSTS = {"major_outage": 10, "partial_outage": 3}
ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC", "Asia/Kathmandu", "America/Sao_Paulo"]
MINUTE = timedelta(minutes=1)


def by_minutes(spans: list[Span], zone: str, born: datetime, now: datetime) -> dict[Any, tuple[str, int, int, int]]:
    """Local date -> worst state, minutes in trouble, tenths of minutes lost, minutes that count."""
    found: dict[Any, tuple[str, int, int, int]] = {}
    at = born
    while at < now:
        hand = [one.state for one in spans if one.by_hand and one.began <= at and (not one.ended or at < one.ended)]
        told = [one.state for one in spans if not one.by_hand and one.began <= at and (not one.ended or at < one.ended)]
        state = WORST[max((WORST.index(one) for one in hand or told), default=0)]
        day = at.astimezone(ZoneInfo(zone)).date()
        worst, trouble, lost, count = found.get(day, ("operational", 0, 0, 0))
        worst = max(worst, state, key=WORST.index)
        found[day] = (worst, trouble + (WORST.index(state) > 1), lost + COSTS.get(state, 0), count + 1)
        at += MINUTE
    return found


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_days_are_what_minutes_say(data: st.DataObject) -> None:
    zone = data.draw(st.sampled_from(ZONES))
    # Both changes of clocks of these zones fall into one of the two.
    now = data.draw(
        st.sampled_from([datetime(2026, 4, 6, 9, 17, tzinfo=UTC), datetime(2026, 11, 2, 22, 40, tzinfo=UTC)])
    )
    minutes = 12 * 24 * 60
    born = now - data.draw(st.integers(1, minutes)) * MINUTE
    spans = []
    for _ in range(data.draw(st.integers(0, 5))):
        began = now - data.draw(st.integers(1, minutes)) * MINUTE
        length = data.draw(st.integers(0, 3000))
        by_hand = data.draw(st.booleans()) and not any(one.by_hand for one in spans)
        ended = None if not length else began + length * MINUTE
        spans.append(Span(data.draw(st.sampled_from(WORST)), began, ended, by_hand))
    want = by_minutes(spans, zone, born, now)
    for one in days(spans, local_days(zone, now, 14), born=born, now=now):
        if one.day not in want:
            assert (one.state, one.share, one.minutes) == (None, None, 0)
            continue
        worst, trouble, lost, count = want[one.day]
        assert (one.state, one.minutes) == (worst, trouble)
        assert one.share is not None
        assert abs(one.share - (1 - Decimal(lost) / 10 / count)) < Decimal("1e-20")


def test_local_days_have_the_hours_of_their_clocks() -> None:
    spring = local_days("Europe/Berlin", datetime(2026, 3, 30, 12, tzinfo=UTC), 3)
    assert [(one.ends - one.starts) // timedelta(hours=1) for one in spring] == [24, 23, 24]
    autumn = local_days("America/New_York", datetime(2026, 11, 2, 12, tzinfo=UTC), 3)
    assert [(one.ends - one.starts) // timedelta(hours=1) for one in autumn] == [24, 25, 24]


@pytest.mark.parametrize(
    ("share", "shown"),
    [("0.99999", "99.99 %"), ("1", "100.00 %"), ("0.9991", "99.91 %"), ("0", "0.00 %"), (None, "")],
)
def test_a_share_is_rounded_down(share: str | None, shown: str) -> None:
    assert percent(None if share is None else Decimal(share)) == shown
    assert share is None or Decimal(shown.removesuffix(" %")) <= (Decimal(share) * 100).quantize(
        Decimal("0.01"), ROUND_FLOOR
    )


def test_what_an_objective_measured_counts_and_a_day_without_is_grey() -> None:
    now = datetime(2026, 6, 3, 12, tzinfo=UTC)
    bounds = local_days("UTC", now, 3)
    found = days([], bounds, born=now - timedelta(days=9), now=now, measured=[None, Decimal("0.5"), Decimal(1)])
    assert [(one.state, one.share) for one in found] == [
        (None, None), ("operational", Decimal("0.5")), ("operational", Decimal(1)),
    ]  # fmt: skip
    told = Span("major_outage", bounds[0].starts, bounds[0].starts + timedelta(hours=1))
    first = days([told], bounds, born=now - timedelta(days=9), now=now, measured=[None, None, None])[0]
    assert (first.state, first.share, first.percent) == ("major_outage", None, "")  # known to be out; never 100 %
