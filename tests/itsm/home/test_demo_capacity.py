"""The demo's measure of a service's database: its forecast has a band that can be seen, and three dates that differ."""

from catalog.engine.forecast import crossing, forecast
from itsm.home.demo.capacity import OF_A_SERVICE, value_of


def test_the_table_space_may_run_out_weeks_before_it_likely_does() -> None:
    course = OF_A_SERVICE["checkout-db"]
    limit, days = course[2], course[-1]
    expected = forecast([value_of(course, day) for day in reversed(range(days))], season=7, steps=365)
    assert expected is not None
    assert expected.bands[29].high - expected.bands[29].low > 0.05 * limit
    met = crossing(expected.bands, limit, rising=True)
    assert met.soonest is not None
    assert met.likely is not None
    assert met.latest is not None
    assert 30 < met.soonest < met.likely - 14 < met.latest - 14
