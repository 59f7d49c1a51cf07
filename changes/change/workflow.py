"""The lives of a change: one table for standard, one for normal (and, until its own comes, emergency)."""

from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from changes.change.permissions import authorities, cancellers, closers, implementers, requesters, the_system
from itsm.kernel.texts import is_blank
from itsm.kernel.workflow import Step, Words, Workflow


class Status(TextChoices):
    DRAFT = "draft", gettext_lazy("Draft")
    ASSESSING = "assessing", gettext_lazy("Assessing")
    SCHEDULED = "scheduled", gettext_lazy("Scheduled")
    RUNNING = "running", gettext_lazy("Running")
    REVIEWING = "reviewing", gettext_lazy("In review")
    CLOSED = "closed", gettext_lazy("Closed")
    CANCELLED = "cancelled", gettext_lazy("Cancelled")


IN_FLIGHT = (Status.SCHEDULED, Status.RUNNING)
OVER = (Status.CLOSED, Status.CANCELLED)


def a_summary(change: Any) -> str | None:
    return _("Say what changes.") if is_blank(change.summary) else None


def an_authorisation(change: Any) -> str | None:
    return None if change.authorised_until else _("It has no authorisation that is still good.")


def an_outcome(change: Any) -> str | None:
    return None if change.outcome_code else _("Say how it went: successful, successful with issues, or unsuccessful.")


a_why = Words("why", "a_why", gettext_lazy("Why?"), 200, rows=1, required=False)

S = Status
# fmt: off
# ruff: noqa: E501 -- a table reads in columns
NORMAL = Workflow(
    #    action        from                                    to              who                recorded as          needs                       button                                    history
    Step("submit",    (S.DRAFT,),                              S.ASSESSING,    who=requesters,       done="submitted",    needs=(a_summary,),         label=gettext_lazy("Ask the gate"),   history=gettext_lazy("asked the gate")),
    Step("authorise", (S.ASSESSING,),                          S.SCHEDULED,    who=authorities,   done="authorised",   needs=(an_authorisation,),  label=gettext_lazy("Approve"),        history=gettext_lazy("authorised it")),
    Step("decline",   (S.ASSESSING,),                          S.DRAFT,        who=authorities,   done="declined",                                 label=gettext_lazy("Decline"),        history=gettext_lazy("declined it")),
    Step("return",    (S.ASSESSING, S.SCHEDULED),              S.DRAFT,        who=requesters,       done="returned",                                 label=gettext_lazy("Take back to draft"), history=gettext_lazy("took it back to draft")),
    Step("start",     (S.SCHEDULED,),                          S.RUNNING,      who=implementers,  done="started",      needs=(an_authorisation,),  label=gettext_lazy("Start"),          history=gettext_lazy("started it")),
    Step("finish",    (S.RUNNING,),                            S.REVIEWING,    who=implementers,  done="finished",                                 label=gettext_lazy("Finish"),         history=gettext_lazy("finished it")),
    Step("roll_back", (S.RUNNING,),                            S.REVIEWING,    who=implementers,  done="rolled_back",                              label=gettext_lazy("Rolled back"),    history=gettext_lazy("rolled it back")),
    Step("close",     (S.REVIEWING,),                          S.CLOSED,       who=closers,       done="closed",       needs=(an_outcome,),        label=gettext_lazy("Close"),          history=gettext_lazy("closed it")),
    Step("cancel",    (S.DRAFT, S.ASSESSING, S.SCHEDULED),     S.CANCELLED,    who=cancellers,    done="cancelled",                                label=gettext_lazy("Cancel change"),  history=gettext_lazy("cancelled it"), colour="red", asks=(a_why,)),
    colours={
        S.ASSESSING: "blue", S.SCHEDULED: "green", S.RUNNING: "blue", S.REVIEWING: "blue", S.CLOSED: "grey",
    },
)

STANDARD = Workflow(
    # Pre-authorised work that ran clean needs no review: after the watch Headroom closes it by itself.
    Step("auto_close",    (S.REVIEWING,),                          S.CLOSED,       who=the_system,    done="auto_closed",      needs=(an_outcome,),        label=gettext_lazy("Close after a clean watch"), history=gettext_lazy("closed it after a clean watch")),
    extends=NORMAL,
)
# fmt: on

BY_CLASS = {"standard": STANDARD, "normal": NORMAL, "emergency": NORMAL}

# What people read of what is no step.
HISTORY = {
    "created": gettext_lazy("opened it"),
    "judged": gettext_lazy("judged it"),
    "sent_to_gate": gettext_lazy("had it judged again"),
    "held": gettext_lazy("held its start"),
    "confirmed": gettext_lazy("said that it may still go"),
    "let_go": gettext_lazy("let it go again: what held it has passed"),
}
