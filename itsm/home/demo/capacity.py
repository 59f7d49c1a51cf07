"""What is measured of the estate: a disk that runs out, memory with room, licences of which too little is known."""

from datetime import datetime, timedelta
from math import pi, sin

from catalog.capacity import operations
from catalog.capacity.operations import Sent
from catalog.cmdb.queries.items import visible_items
from itsm.home.demo.company import FOUNDER

# Name, unit, limit, the value a day before, growth a day, swing of a week, days that are known.
_MEASURES = (
    ("Disk used", "GB", 2000.0, 1790.0, 9.0, 12.0, 120),
    ("Memory used", "GB", 256.0, 148.0, 0.05, 9.0, 120),
    ("Licences used", "", 500.0, 320.0, 1.0, 4.0, 12),
)


def measure_some(at: datetime) -> int:
    """Measures of the first physical servers, filled and forecast, in the caller's transaction. How many."""
    servers = visible_items(FOUNDER).filter(ci_class__slug="physical_server", status="active").order_by("pk")
    for item, (name, unit, limit, last, growth, swing, days) in zip(servers, _MEASURES, strict=False):
        measure = operations.add_measure(actor=FOUNDER, ci=item, name=name, unit=unit, limit=limit, season=7)
        points = [
            Sent(at - timedelta(days=day + 1), last - growth * day + swing * sin(2 * pi * day / 7) + (day * 7 % 5) / 2)
            for day in range(days)
        ]
        operations.take_points(measure, points, actor=FOUNDER, at=at)
    return operations.forecast_all(actor=FOUNDER, at=at)
