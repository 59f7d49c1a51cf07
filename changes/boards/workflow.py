"""The life of a meeting."""

from django.utils.translation import gettext_lazy

from changes.boards.permissions import chairs, planners
from changes.boards.vocabulary import MeetingStatus
from itsm.kernel.workflow import Step, Words, Workflow

a_reason = Words("reason", "a_reason_to_cancel", gettext_lazy("Why?"), 500, rows=2)

S = MeetingStatus
# fmt: off
# ruff: noqa: E501 -- a table reads in columns
MEETING = Workflow(
    #    action    from                         to             who           recorded as       button                               history
    Step("open",   (S.PLANNED,),                S.IN_SESSION,  who=chairs,   done="opened",    label=gettext_lazy("Open"),          history=gettext_lazy("opened it")),
    Step("close",  (S.IN_SESSION,),             S.CLOSED,      who=chairs,   done="closed",    label=gettext_lazy("Close"),         history=gettext_lazy("closed it; the minutes are written")),
    Step("cancel", (S.PLANNED, S.IN_SESSION),   S.CANCELLED,   who=planners, done="cancelled", label=gettext_lazy("Cancel meeting"), history=gettext_lazy("cancelled it"), colour="red", asks=(a_reason,)),
    colours={S.IN_SESSION: "green", S.PLANNED: "blue"},
)
# fmt: on
HISTORY = {
    "created": gettext_lazy("planned it"),
    "edited": gettext_lazy("moved it to another time"),
    "reordered": gettext_lazy("changed the order of the agenda"),
    "deferred": gettext_lazy("put an item off"),
    "decided": gettext_lazy("closed an item"),
    "noted": gettext_lazy("wrote notes about an item"),
}
BOARD_HISTORY = {
    "created": gettext_lazy("founded it"),
    "edited": gettext_lazy("changed it"),
    "seated": gettext_lazy("said who sits in it"),
    "retired": gettext_lazy("retired it"),
}
