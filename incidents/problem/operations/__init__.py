"""Every write to problems: one operation per verb, whichever door it came through."""

from incidents.problem.operations.applying import apply
from incidents.problem.operations.broadcasting import broadcast, tell_owed
from incidents.problem.operations.burn import Burn, BurnPart, note_burn
from incidents.problem.operations.editing import edit, follow_team, hand_over
from incidents.problem.operations.ending import (
    REVIEW,
    accept_risk,
    cancel,
    merge,
    re_analyse,
    review_when_due,
)
from incidents.problem.operations.opening import open_problem
from incidents.problem.operations.recurring import find_fresh_recurrence, find_recurrence
from incidents.problem.operations.steps import (
    VERIFYING,
    accept,
    assess,
    dismiss,
    fix,
    follow_closed_fix,
    know,
    resolve,
    verify,
    verify_when_due,
)
from incidents.problem.operations.working import (
    add_task,
    connect,
    disconnect,
    edit_task,
    note,
    remove_task,
)

__all__ = [
    "REVIEW",
    "VERIFYING",
    "Burn",
    "BurnPart",
    "accept",
    "accept_risk",
    "add_task",
    "apply",
    "assess",
    "broadcast",
    "cancel",
    "connect",
    "disconnect",
    "dismiss",
    "edit",
    "edit_task",
    "find_fresh_recurrence",
    "find_recurrence",
    "fix",
    "follow_closed_fix",
    "follow_team",
    "hand_over",
    "know",
    "merge",
    "note",
    "note_burn",
    "open_problem",
    "re_analyse",
    "remove_task",
    "resolve",
    "review_when_due",
    "tell_owed",
    "verify",
    "verify_when_due",
]
