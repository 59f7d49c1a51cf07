"""What the hour rows hold, read the plain way: every sample, and whether the running sums add up."""

from itertools import accumulate, pairwise

from slo.engine.prefix import Counts
from slo.measuring.operations.series import raw_series
from slo.models import HourCounts, Indicator, Series

NARROW = 2**31 - 1


def stored(indicator: Indicator) -> dict[int, Counts]:
    """Every sample of the indicator that is kept by the minute: minute since 1970 -> counts."""
    return held(raw_series(indicator))


def held(series: Series) -> dict[int, Counts]:
    found: dict[int, Counts] = {}
    for row in HourCounts.objects.filter(series=series):
        bad, total = each(running(row, "bad")), each(running(row, "total"))
        for minute in range(60):
            if row.valid >> minute & 1:
                found[row.hour * 60 + minute] = Counts(bad[minute], total[minute])
            else:
                assert (bad[minute], total[minute]) == (0, 0), "a gap repeats its predecessor"
    return found


def running(row: HourCounts, name: str) -> list[int]:
    """The sixty running sums, from whichever column holds them."""
    narrow, wide = getattr(row, name), getattr(row, f"wide_{name}")
    assert narrow is None or wide is None
    if wide is not None:
        assert wide[-1] > NARROW, "what fits the narrow array is kept there"
    return list(narrow or wide or [0] * 60)


def each(sums: list[int]) -> list[int]:
    found = [later - earlier for earlier, later in pairwise([0, *sums])]
    assert list(accumulate(found)) == sums
    return found


def assert_bases_add_up(indicator: Indicator) -> None:
    """Every hour begins with what all hours before it hold; nothing was thinned or forgotten yet."""
    bad = total = valid = 0
    for row in HourCounts.objects.filter(series=raw_series(indicator)).order_by("hour"):
        assert (row.base_bad, row.base_total, row.base_valid) == (bad, total, valid)
        bad, total = bad + running(row, "bad")[-1], total + running(row, "total")[-1]
        valid += row.valid.bit_count()
