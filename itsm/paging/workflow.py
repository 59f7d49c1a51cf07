"""The life of an escalation: it pages until somebody holds it, and ends with what it is about. It never ends in silence."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from itsm.kernel.workflow import Step, Words, Workflow
from itsm.paging.permissions import answerers, the_system


class Status(TextChoices):
    PAGING = "paging", _("Paging")
    HELD = "held", _("Acknowledged")
    EXHAUSTED = "exhausted", _("Last resort")
    STOPPED = "stopped", _("Stopped")


S = Status
OPEN = (S.PAGING, S.HELD, S.EXHAUSTED)
CALLING = (S.PAGING, S.EXHAUSTED)

a_reason = Words("reason", "a_reason", _("Why?"), 500, rows=2, missing=_("Say why."))
to_policy = Words(
    "policy", "a_policy", _("To which escalation policy?"), 60, rows=1, required=False,
    help=_("The last part of its address, such as database-on-call. Empty: the same begins anew."),
)  # fmt: skip

# fmt: off
# ruff: noqa: E501 -- a table reads in columns
WORKFLOW = Workflow(
    #    action         from                        to           who                recorded as            needs               button                  history
    Step("acknowledge", (S.PAGING, S.EXHAUSTED),    S.HELD,      who=answerers,     done="acknowledged",                       label=_("Acknowledge"), history=_("acknowledged it"), colour="blue"),
    Step("lapse",       (S.HELD,),                  S.PAGING,    who=the_system,    done="lapsed",                             label=_("Lapse"),       history=_("found that nothing happened since, and pages again")),
    Step("hand_over",   OPEN,                       S.PAGING,    who=answerers,     done="handed_over",    needs=(a_reason,),  label=_("Hand over"),   history=_("handed it over"), asks=(to_policy,)),
    Step("exhaust",     (S.PAGING,),                S.EXHAUSTED, who=the_system,    done="exhausted",                          label=_("Exhaust"),     history=_("had nobody left to page, and calls the last resort")),
    Step("stop",        OPEN,                       S.STOPPED,   who=the_system,    done="stopped",                            label=_("Stop"),        history=_("stopped with what it is about")),
    colours={S.PAGING: "red", S.EXHAUSTED: "red", S.HELD: "amber", S.STOPPED: "grey"},
)
# fmt: on
HISTORY = {"created": _("began to page")}
