"""What is measured of the estate: a disk that runs out, memory with room, licences of which too little is known, and a
table space that grows unevenly.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from math import pi, sin
from typing import TYPE_CHECKING

from catalog.capacity import operations
from catalog.capacity.operations import Sent
from catalog.cmdb.queries.items import visible_items
from itsm.home.demo.clockwork import Life
from itsm.home.demo.company import FOUNDER

if TYPE_CHECKING:
    from catalog.models import CI

# Days before the founding: before the first story, and as it is founded.
_FORECAST = (7, 0)
# Name, unit, limit, the value a day before, growth a day, swing of a week, how far a day strays, days that are known.
_Course = tuple[str, str, float, float, float, float, float, int]
_MEASURES: tuple[_Course, ...] = (
    ("Disk used", "GB", 2000.0, 1790.0, 9.0, 12.0, 2.0, 120),
    ("Memory used", "GB", 256.0, 148.0, 0.05, 9.0, 2.0, 120),
    ("Licences used", "", 500.0, 320.0, 1.0, 4.0, 2.0, 12),
)
# What a service rests on: it strays so far that the band of its forecast is wide.
OF_A_SERVICE: Mapping[str, _Course] = {
    "checkout-db": ("Table space used", "GB", 800.0, 610.0, 2.2, 10.0, 45.0, 150),
}


def measure_some(at: datetime) -> None:
    """Measures of physical servers and of a service's database, filled, in the caller's transaction."""
    living = visible_items(FOUNDER).filter(status="active").order_by("pk")
    servers = living.filter(ci_class__slug="physical_server")
    for item, course in zip(servers, _MEASURES, strict=False):
        _measure(item, course, at)
    for item in living.filter(name__in=OF_A_SERVICE, ci_class__slug="database"):
        _measure(item, OF_A_SERVICE[item.name], at)


def of_forecasts(founded: datetime) -> Life:
    """What is expected of the measures, as the stories go on: a decision has seen no forecast that is newer than it."""
    for days in _FORECAST:
        at = yield founded - timedelta(days=days)
        operations.forecast_all(actor=FOUNDER, at=at)


def _measure(item: "CI", course: _Course, at: datetime) -> None:
    name, unit, limit, days = (*course[:3], course[-1])
    measure = operations.add_measure(actor=FOUNDER, ci=item, name=name, unit=unit, limit=limit, season=7)
    points = [Sent(at - timedelta(days=day + 1), value_of(course, day)) for day in range(days)]
    operations.take_points(measure, points, actor=FOUNDER, at=at)


def value_of(course: _Course, day: int) -> float:
    """Its value so many days before yesterday."""
    _name, _unit, _limit, last, growth, swing, stray, _days = course
    return last - growth * day + swing * sin(2 * pi * day / 7) + stray * _strayed(day)


def _strayed(day: int) -> float:
    """From -0.5 to 0.5, the same for a day each time, following no week."""
    return (day * day * 37 % 101) / 100 - 0.5
