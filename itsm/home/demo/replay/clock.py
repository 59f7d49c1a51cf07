"""A clock that is turned by hand, for this process only.

The doors read the clock; everything behind them takes the instant as an argument. So a replay turns
the clock of the process that serves it, and every answer is the one that would have been given then:
reservations end, failures age and authorisations expire as they would have.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from unittest.mock import patch

from itsm.clocks import due


class Clock:
    """Only goes forward."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def turn_to(self, at: datetime) -> None:
        self.at = max(self.at, at)

    def strike(self) -> None:
        """What the scheduler does each few seconds: whatever is due by now."""
        due.sweep(self.at)


@contextmanager
def turned_to(at: datetime) -> Iterator[Clock]:
    clock = Clock(at)
    with patch("django.utils.timezone.now", clock):
        yield clock
