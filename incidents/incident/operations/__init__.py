"""Every write to incidents: one operation per verb, whichever door it came through."""

from incidents.incident.operations.alerting import Found, hold_services, incident_for, open_from_alert, raise_to
from incidents.incident.operations.attaching import say, withdraw_file
from incidents.incident.operations.cancelling import CANCEL, cancel, cancel_as_confirmed
from incidents.incident.operations.categories import (
    add_category,
    edit_category,
    named_still,
    retire_category,
    revive_category,
)
from incidents.incident.operations.checklist import add_task, edit_task, remove_task
from incidents.incident.operations.closing import CLOSING, close_when_due
from incidents.incident.operations.conversation import note, reply
from incidents.incident.operations.editing import (
    edit,
    edit_as_confirmed,
    follow_team,
    follow_team_of_categories,
    reassign,
)
from incidents.incident.operations.escalating import escalate
from incidents.incident.operations.family import clear_parent, set_parent
from incidents.incident.operations.following import connect, disconnect, unwatch, watch
from incidents.incident.operations.hearing import hear
from incidents.incident.operations.logging_time import add_time, correct_time, withdraw_time
from incidents.incident.operations.matrices import renew_matrix
from incidents.incident.operations.merging import merge, split
from incidents.incident.operations.opening import open_incident
from incidents.incident.operations.prefilled import open_prefilled
from incidents.incident.operations.proposed_edits import EDIT
from incidents.incident.operations.routing import route_again
from incidents.incident.operations.steps import (
    HOLD_ENDS,
    acknowledge,
    close,
    confirm,
    hold,
    reopen,
    resolve,
    resume,
    resume_when_due,
)

__all__ = [
    "CANCEL",
    "CLOSING",
    "EDIT",
    "HOLD_ENDS",
    "Found",
    "acknowledge",
    "add_category",
    "add_task",
    "add_time",
    "cancel",
    "cancel_as_confirmed",
    "clear_parent",
    "close",
    "close_when_due",
    "confirm",
    "connect",
    "correct_time",
    "disconnect",
    "edit",
    "edit_as_confirmed",
    "edit_category",
    "edit_task",
    "escalate",
    "follow_team",
    "follow_team_of_categories",
    "hear",
    "hold",
    "hold_services",
    "incident_for",
    "merge",
    "named_still",
    "note",
    "open_from_alert",
    "open_incident",
    "open_prefilled",
    "raise_to",
    "reassign",
    "remove_task",
    "renew_matrix",
    "reopen",
    "reply",
    "resolve",
    "resume",
    "resume_when_due",
    "retire_category",
    "revive_category",
    "route_again",
    "say",
    "set_parent",
    "split",
    "unwatch",
    "watch",
    "withdraw_file",
    "withdraw_time",
]
