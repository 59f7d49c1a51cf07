"""The lives of what the public is told. Each step publishes an update: its words are asked for as it is taken."""

from django.utils.translation import gettext_lazy as _

from itsm.kernel.workflow import Step, Workflow
from itsm.statuspage.permissions import publishers
from itsm.statuspage.vocabulary import IncidentStatus, MaintenanceStatus

I, M = IncidentStatus, MaintenanceStatus  # noqa: E741 -- a table reads in columns
_OPEN = (I.INVESTIGATING, I.IDENTIFIED, I.MONITORING)
_ANY = (*_OPEN, I.RESOLVED)
_UNDER_WAY = (M.IN_PROGRESS, M.VERIFYING)
_PLANNED = (M.SCHEDULED, *_UNDER_WAY)


def _but(states: tuple[str, ...], one: str) -> tuple[str, ...]:
    return tuple(state for state in states if state != one)


# fmt: off
# ruff: noqa: E501 -- a table reads in columns
INCIDENT = Workflow(
    #    action          from                          to               who             recorded as              button                        history
    Step("investigate",  _but(_ANY, I.INVESTIGATING),  I.INVESTIGATING, who=publishers, done="investigating",    label=_("Investigating"),     history=_("told the public that it is investigated")),
    Step("identify",     _but(_ANY, I.IDENTIFIED),     I.IDENTIFIED,    who=publishers, done="identified",       label=_("Identified"),        history=_("told the public that its cause is known"), colour="blue"),
    Step("monitor",      _but(_ANY, I.MONITORING),     I.MONITORING,    who=publishers, done="monitoring",       label=_("Monitoring"),        history=_("told the public that it is watched"), colour="blue"),
    Step("resolve",      _OPEN,                        I.RESOLVED,      who=publishers, done="resolved",         label=_("Resolved"),          history=_("told the public that it is over"), colour="blue"),
    Step("update",       _ANY,                         None,            who=publishers, done="updated",          label=_("Update"),            history=_("told the public more")),
    colours={I.INVESTIGATING: "red", I.IDENTIFIED: "amber", I.MONITORING: "blue", I.RESOLVED: "green"},
)
MAINTENANCE = Workflow(
    #    action      from             to             who             recorded as         button                    history
    Step("begin",    (M.SCHEDULED,),  M.IN_PROGRESS, who=publishers, done="begun",       label=_("In progress"),   history=_("told the public that it has begun"), colour="blue"),
    Step("verify",   (M.IN_PROGRESS,), M.VERIFYING,  who=publishers, done="verifying",   label=_("Verifying"),     history=_("told the public that it is verified"), colour="blue"),
    Step("complete", _UNDER_WAY,      M.COMPLETED,   who=publishers, done="completed",   label=_("Completed"),     history=_("told the public that it is completed"), colour="blue"),
    Step("cancel",   _PLANNED,        M.CANCELLED,   who=publishers, done="cancelled",   label=_("Cancelled"),     history=_("told the public that it does not take place"), colour="red"),
    Step("update",   _PLANNED,        None,          who=publishers, done="updated",     label=_("Update"),        history=_("told the public more")),
    colours={M.SCHEDULED: "blue", M.IN_PROGRESS: "amber", M.VERIFYING: "amber", M.COMPLETED: "green"},
)
# fmt: on
HISTORY = {
    "created": _("told the public"),
    "edited": _("changed what the public reads of it"),
    "withdrew": _("took an update off the page"),
}
PAGE_HISTORY = {
    "created": _("made it"),
    "edited": _("changed it"),
    "retired": _("took it off"),
    "rekeyed": _("made a new key"),
}
COMPONENT_HISTORY = {
    "created": _("added it"),
    "edited": _("changed it"),
    "retired": _("took it off"),
    "set": _("set its state by hand"),
    "released": _("let notices say its state again"),
}
