"""The final schedule: how long the engine takes for 90 days of 40 people, beside three layers' overrides and swaps.

`python -m tests.bench.oncall [PEOPLE]` prints the figures as one JSON line: milliseconds of CPU, the worst and the median
of 25 turns, without and with what local times were worked out before. No database: the engine is pure.
"""

import json
import sys
import time
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from itsm.oncall.engine import turns
from itsm.oncall.engine.rota import final
from itsm.oncall.engine.values import Away, Count, Layer, Override, Rota, Stretch, Swap, Unit

BEGIN, DAYS = datetime(2026, 10, 1, tzinfo=UTC), 90  # clocks are set on both sides of the ocean


def rota(people: int) -> Rota:
    """Working days above hours across the ocean above weeks; sixty overrides, sixty swaps, two absences each."""
    slots = tuple((one,) for one in range(1, people + 1))
    work = tuple(Stretch(day * 1440 + 540, day * 1440 + 1020) for day in range(5))
    berlin, anchor = ZoneInfo("Europe/Berlin"), date(2026, 1, 5)
    return Rota(
        (
            Layer(1, 1, berlin, Unit.DAYS, 1, anchor, 540, slots, Count.COVERED, work),
            Layer(2, 2, ZoneInfo("America/New_York"), Unit.HOURS, 12, anchor, 480, slots),
            Layer(3, 3, berlin, Unit.WEEKS, 1, anchor, 540, slots),
        ),
        tuple(Override(one, _at(30 * one), _at(30 * one + 8), (one % people + 1,)) for one in range(60)),
        tuple(Swap(one, 1 + one % 2, 250 + one, one % people + 1, (one + 7) % people + 1) for one in range(60)),
        tuple(Away(one % people + 1, _at(24 * one), _at(24 * one + 160)) for one in range(2 * people)),
    )


def _at(hours: int) -> datetime:
    return BEGIN + timedelta(hours=hours)


def run(people: int = 40) -> dict[str, Any]:
    given, end = rota(people), BEGIN + timedelta(days=DAYS)
    cold: list[float] = []
    warm: list[float] = []
    for number in range(25):
        if number % 2:
            turns.instant.cache_clear()
            turns._covered.cache_clear()
        begun = time.thread_time()
        shifts = final(given, BEGIN, end)
        (cold if number % 2 else warm).append((time.thread_time() - begun) * 1000)
    return {
        "people": people, "days": DAYS, "shifts": len(shifts), "cold_ms": round(median(cold), 1),
        "warm_ms": round(median(warm), 1), "worst_ms": round(max(cold + warm), 1), "limit_ms": 50,
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(run(*map(int, sys.argv[1:]))))
