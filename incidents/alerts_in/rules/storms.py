"""When so many alerts come that one incident for each group helps nobody."""

from collections.abc import Mapping
from datetime import timedelta

WINDOW = timedelta(seconds=60)
OF_A_SERVICE = 30
IN_ALL = 200
SERVICES = 10  # above which all of them share one


def is_storm(counts: Mapping[int, int], service: int) -> bool:
    """`counts`: new alerts of the last minute by service (0: of none)."""
    return counts.get(service, 0) > OF_A_SERVICE or sum(counts.values()) > IN_ALL


def is_everywhere(counts: Mapping[int, int]) -> bool:
    """Whether the storm is one for all: it is over ten services."""
    return sum(counts.values()) > IN_ALL and len([one for one in counts if counts[one]]) > SERVICES
