"""The clock of whoever compares a page with its twin."""

from datetime import datetime, timedelta

from django.utils import timezone


class Watch:
    """It goes on only where a story says so. In office hours a page tells of each stretch of seconds that counted: how long
    a machine took for a story, and whether it is a Monday, is no difference between two texts."""

    def __init__(self) -> None:
        self.began = self.now = timezone.now()

    def goes_on(self) -> None:
        self.now += timedelta(minutes=1, seconds=1)

    def begin_again(self) -> None:
        self.now = self.began

    def tomorrow(self) -> datetime:
        """When whatever is owed is due: the database dates that by a clock that does not stand."""
        return self.now + timedelta(days=1)
