"""Every write to requests: one operation per verb, whichever door it came through."""

from catalog.requests.operations.changes import (
    ENDED,
    change_ended,
    change_held_up,
    change_opened,
    change_refused,
    retry_change,
)
from catalog.requests.operations.clocks import OWNER
from catalog.requests.operations.deciding import decide, decide_ask
from catalog.requests.operations.purging import KEPT
from catalog.requests.operations.steps import (
    cancel,
    cancel_item,
    confirm,
    fulfil,
    fulfil_in_part,
    go_on,
    reopen,
    skip,
    wait,
)
from catalog.requests.operations.submitting import Dropped, Wish, submit
from catalog.requests.operations.talking import note, reply, say
from catalog.requests.operations.teams import follow_team, hand_over
from catalog.requests.operations.working import (
    add_task,
    assign,
    begin_task,
    edit_task,
    settle_task,
    unwatch,
    watch,
)

__all__ = [
    "ENDED",
    "KEPT",
    "OWNER",
    "Dropped",
    "Wish",
    "add_task",
    "assign",
    "begin_task",
    "cancel",
    "cancel_item",
    "change_ended",
    "change_held_up",
    "change_opened",
    "change_refused",
    "confirm",
    "decide",
    "decide_ask",
    "edit_task",
    "follow_team",
    "fulfil",
    "fulfil_in_part",
    "go_on",
    "hand_over",
    "note",
    "reopen",
    "reply",
    "retry_change",
    "say",
    "settle_task",
    "skip",
    "submit",
    "unwatch",
    "wait",
    "watch",
]
