"""The life of a lockdown: drafted, approved by a second person, which enforces it, lifted.

Freezes, blackouts and maintenance are in force as soon as they are entered; of this table they only take the last row.
"""

from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from changes.calendar.permissions import calendar_deciders, calendar_keepers
from itsm.kernel.workflow import Step, Words, Workflow


class WindowStatus(TextChoices):
    DRAFT = "draft", _("Draft")
    AWAITING_APPROVAL = "awaiting_approval", _("Awaiting approval")
    ENFORCED = "enforced", _("In force")
    LIFTED = "lifted", _("Lifted")
    CANCELLED = "cancelled", _("Cancelled")


S = WindowStatus


def in_force(window: Any) -> bool:
    """Whether lifting it would end anything."""
    return bool(window.status == S.ENFORCED)


PREPARED = (S.DRAFT, S.AWAITING_APPROVAL)
GONE = (S.LIFTED, S.CANCELLED)
a_comment = Words("comment", "a_comment", _("Comment"), 4000, required=False)
a_reason = Words("comment", "a_word_why", _("Why?"), 4000, help=_("So that the author can act on it."))

# fmt: off
# ruff: noqa: E501 -- a table reads in columns
LOCKDOWN = Workflow(
    #    action     from                             to                     who                     recorded as              button                              history
    Step("submit",  (S.DRAFT,),                      S.AWAITING_APPROVAL,   who=calendar_keepers,   done="submitted",        label=_("Ask for approval"),        history=_("asked for its approval"), colour="blue"),
    Step("approve", (S.AWAITING_APPROVAL,),          S.ENFORCED,            who=calendar_deciders,  done="enforced",         label=_("Approve and enforce"),     history=_("approved it: it is in force"), colour="blue", asks=(a_comment,)),
    Step("decline", (S.AWAITING_APPROVAL,),          S.DRAFT,               who=calendar_deciders,  done="declined",         label=_("Decline"),                 history=_("declined it"), asks=(a_reason,)),
    Step("revert",  (S.AWAITING_APPROVAL,),          S.DRAFT,               who=calendar_keepers,   done="reverted",         label=_("Take back to draft"),      history=_("took it back to draft")),
    Step("cancel",  (S.DRAFT, S.AWAITING_APPROVAL),  S.CANCELLED,           who=calendar_keepers,   done="cancelled",        label=_("Cancel it"),               history=_("cancelled it"), colour="red"),
    # Lifted again, by somebody whose word counts: whose change it held may not have been the one to say so.
    Step("lift",    (S.ENFORCED, S.LIFTED),          S.LIFTED,              who=calendar_keepers,   done="lifted",           label=_("Lift"),                    history=_("lifted it"), colour="red", offered=in_force),
    colours={S.AWAITING_APPROVAL: "blue", S.ENFORCED: "red"},
)
# fmt: on

# What people read of what is no step.
HISTORY = {"created": _("entered it"), "edited": _("edited it")}
