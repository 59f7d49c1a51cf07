"""Every write to incidents: one operation per verb, whichever door it came through."""

from incidents.incident.operations.cancelling import CANCEL, cancel, cancel_as_confirmed
from incidents.incident.operations.editing import EDIT, edit, edit_as_confirmed, reassign
from incidents.incident.operations.opening import open_from_alert, open_incident
from incidents.incident.operations.steps import acknowledge, close, confirm, hold, reopen, resolve, resume

__all__ = [
    "CANCEL",
    "EDIT",
    "acknowledge",
    "cancel",
    "cancel_as_confirmed",
    "close",
    "confirm",
    "edit",
    "edit_as_confirmed",
    "hold",
    "open_from_alert",
    "open_incident",
    "reassign",
    "reopen",
    "resolve",
    "resume",
]
