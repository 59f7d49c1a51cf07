"""Meetings in the calendar."""

from datetime import datetime

from changes.boards.models import Meeting
from changes.boards.permissions import readers
from changes.boards.vocabulary import MeetingStatus
from changes.change.queries.besides import Besides
from itsm.kernel.actors import Actor

_MOST = 200


def in_calendar(actor: Actor, begins: datetime, ends: datetime) -> list[Besides]:
    """Those that take place between the two, for who reads of boards. One query."""
    if not readers(actor):
        return []
    those = Meeting.objects.filter(starts_at__lt=ends, ends_at__gt=begins).exclude(status=MeetingStatus.CANCELLED)
    return [
        Besides(one.board.name, one.get_absolute_url(), one.starts_at, one.ends_at)
        for one in those.select_related("board").order_by("starts_at")[:_MOST]
    ]
