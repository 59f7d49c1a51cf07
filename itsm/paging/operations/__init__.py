"""Every write of paging."""

from itsm.paging.operations.calling import page_people, try_rules
from itsm.paging.operations.escalating import (
    acknowledge,
    acknowledge_page,
    begin,
    hand_over,
    held_by_subject,
    stop,
)

__all__ = [
    "acknowledge",
    "acknowledge_page",
    "begin",
    "hand_over",
    "held_by_subject",
    "page_people",
    "stop",
    "try_rules",
]
