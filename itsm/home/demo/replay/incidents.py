"""The indicator that is replayed beside the releases: real traffic and latency, plus what bad releases cost.

Traffic and latency are two fortnights of NAB, laid end to end for as long as the releases last: a
request slower than `SLOW_MS` counts as failed. While a release that had to be fixed is out, one
request in ten fails besides. Without NAB's files the sky is clear: even traffic, nothing slow.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from slo.engine.samples import epoch_minute, instant_of

SLOW_MS = 50.0
TARGET, WINDOW_DAYS = "0.985", 7
_SLOT_MINUTES = 5
_REQUESTS_PER_COUNT = 20
_BROKEN = 0.10
_CLEAR = [(60.0, 0.0)]


@dataclass(slots=True)
class Weather:
    """One slot of the fortnight is (requests counted, latency in ms)."""

    slots: Sequence[tuple[float, float]]
    is_real: bool
    storms: list[tuple[datetime, datetime]] = field(default_factory=list)

    def breaks(self, since: datetime, until: datetime) -> None:
        """A bad release is out in this time."""
        self.storms.append((since, until))

    def samples(self, since: datetime, until: datetime) -> list[dict[str, object]]:
        """The closed minutes of this time as the API takes them."""
        storms = [(epoch_minute(begin), epoch_minute(end)) for begin, end in self.storms if end > since]
        return [self._sample(minute, storms) for minute in range(epoch_minute(since), epoch_minute(until))]

    def _sample(self, minute: int, storms: list[tuple[int, int]]) -> dict[str, object]:
        counted, latency = self.slots[minute // _SLOT_MINUTES % len(self.slots)]
        total = int(counted * _REQUESTS_PER_COUNT / _SLOT_MINUTES)
        bad = total if latency > SLOW_MS else 0
        if not bad and any(begin <= minute < end for begin, end in storms):
            bad = int(total * _BROKEN)
        return {"minute": f"{instant_of(minute):%Y-%m-%dT%H:%M:00Z}", "good": total - bad, "total": total}


def weather(folder: Path) -> Weather:
    """From NAB's folder, or clear where it is absent."""
    files = (folder / "elb_request_count_8c0756.csv", folder / "ec2_request_latency_system_failure.csv")
    if not all(file.exists() for file in files):
        return Weather(_CLEAR, is_real=False)
    return Weather(list(zip(*map(_values, files), strict=False)), is_real=True)


def _values(file: Path) -> list[float]:
    with file.open(newline="", encoding="utf-8") as lines:
        return [float(row["value"]) for row in csv.DictReader(lines)]


def window_before(at: datetime) -> datetime:
    return at - timedelta(days=WINDOW_DAYS)
