"""Every write to postmortems: one operation per verb, whichever door it came through."""

from incidents.postmortem.operations.actions import (
    LATE,
    SOON,
    add_action,
    edit_action,
    finish_action,
    hand_over,
    late_when_due,
    remove_action,
    soon_when_due,
    take_up_action,
)
from incidents.postmortem.operations.editing import edit
from incidents.postmortem.operations.opening import OVERDUE, open_postmortem, require
from incidents.postmortem.operations.requiring import (
    require_as_resolved,
    require_for_outage,
    require_for_rollback,
    what_closing_waits_for,
)
from incidents.postmortem.operations.steps import (
    ask_waiver,
    discard,
    overdue_when_due,
    publish,
    refuse_waiver,
    revise,
    send_back,
    submit,
    waive,
)
from incidents.postmortem.operations.timeline import add_event, edit_event, refill, remove_event

__all__ = [
    "LATE",
    "OVERDUE",
    "SOON",
    "add_action",
    "add_event",
    "ask_waiver",
    "discard",
    "edit",
    "edit_action",
    "edit_event",
    "finish_action",
    "hand_over",
    "late_when_due",
    "open_postmortem",
    "overdue_when_due",
    "publish",
    "refill",
    "refuse_waiver",
    "remove_action",
    "remove_event",
    "require",
    "require_as_resolved",
    "require_for_outage",
    "require_for_rollback",
    "revise",
    "send_back",
    "soon_when_due",
    "submit",
    "take_up_action",
    "waive",
    "what_closing_waits_for",
]
