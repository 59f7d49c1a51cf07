"""OpenSLO's duration shorthand: a whole number and one case-sensitive letter of m h d w M Q Y."""

import re
from dataclasses import dataclass

MINUTES = {"m": 1, "h": 60, "d": 1440, "w": 7 * 1440, "M": 30 * 1440, "Q": 90 * 1440, "Y": 365 * 1440}
_SHAPE = re.compile(r"([0-9]{1,9})([mhdwMQY])\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Duration:
    count: int
    unit: str

    @property
    def minutes(self) -> int:
        return self.count * MINUTES[self.unit]


def parse_duration(text: str) -> Duration | None:
    found = _SHAPE.match(text)
    return Duration(int(found[1]), found[2]) if found else None
