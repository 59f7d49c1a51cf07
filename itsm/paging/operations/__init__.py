"""Every write of paging."""

from itsm.paging.operations.calling import page_people, try_rules
from itsm.paging.operations.escalating import (
    acknowledge,
    acknowledge_page,
    begin,
    follow_queue,
    hand_over,
    held_by_subject,
    page_again,
    stop,
)

__all__ = [
    "acknowledge",
    "acknowledge_page",
    "begin",
    "follow_queue",
    "hand_over",
    "held_by_subject",
    "page_again",
    "page_people",
    "stop",
    "try_rules",
]
