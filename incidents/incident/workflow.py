"""The life of an incident."""

from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents.incident.permissions import closers, concerned, responders
from itsm.kernel.workflow import Step, Workflow


class Status(TextChoices):
    NEW = "new", gettext_lazy("New")
    IN_PROGRESS = "in_progress", gettext_lazy("In progress")
    ON_HOLD = "on_hold", gettext_lazy("On hold")
    RESOLVED = "resolved", gettext_lazy("Resolved")
    CLOSED = "closed", gettext_lazy("Closed")
    CANCELLED = "cancelled", gettext_lazy("Cancelled")


OPEN = (Status.NEW, Status.IN_PROGRESS, Status.ON_HOLD)
OVER = (Status.RESOLVED, Status.CLOSED)


def a_resolution(incident: Any) -> str | None:
    return None if incident.resolution.strip() else _("Say how it was resolved.")


def a_reason(incident: Any) -> str | None:
    return None if incident.reason.strip() else _("Give a reason.")


S = Status
# fmt: off
# ruff: noqa: E501 -- a table reads in columns
WORKFLOW = Workflow(
    #    action         from                             to             who               recorded as            needs                    button
    Step("acknowledge", (S.NEW,),                        S.IN_PROGRESS, who=responders,   done="acknowledged",                            label=gettext_lazy("Start work")),
    Step("hold",        (S.IN_PROGRESS,),                S.ON_HOLD,     who=responders,   done="put_on_hold",    needs=(a_reason,),       label=gettext_lazy("Put on hold")),
    Step("resume",      (S.ON_HOLD,),                    S.IN_PROGRESS, who=responders,   done="resumed",                                 label=gettext_lazy("Resume")),
    Step("resolve",     (S.IN_PROGRESS, S.ON_HOLD),      S.RESOLVED,    who=responders,   done="resolved",       needs=(a_resolution,),   label=gettext_lazy("Resolve")),
    Step("reopen",      (S.RESOLVED,),                   S.IN_PROGRESS, who=concerned,    done="reopened",       needs=(a_reason,),       label=gettext_lazy("Reopen")),
    Step("close",       (S.RESOLVED,),                   S.CLOSED,      who=closers,      done="closed",                                  label=gettext_lazy("Close")),
    Step("cancel",      (S.NEW, S.IN_PROGRESS),          S.CANCELLED,   who=responders,   done="cancelled",      needs=(a_reason,),       label=gettext_lazy("Cancel incident")),
)
# fmt: on
