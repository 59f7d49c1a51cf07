"""The life of what waits for a second person."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy

from itsm.approvals.permissions import confirmation_proposers, second_persons, the_system
from itsm.kernel.workflow import Step, Words, Workflow


class ConfirmationStatus(TextChoices):
    PROPOSED = "proposed", gettext_lazy("Waiting")
    CONFIRMED = "confirmed", gettext_lazy("Confirmed")
    DECLINED = "declined", gettext_lazy("Declined")
    WITHDRAWN = "withdrawn", gettext_lazy("Withdrawn")
    EXPIRED = "expired", gettext_lazy("Expired")


a_remark = Words("reason", "a_remark", gettext_lazy("Remark"), 2000, rows=2, required=False)

S = ConfirmationStatus
# fmt: off
# ruff: noqa: E501 -- a table reads in columns
CONFIRMATION = Workflow(
    #    action      from           to           who                         recorded as       button
    Step("confirm",  (S.PROPOSED,), S.CONFIRMED, who=second_persons,         done="confirmed", label=gettext_lazy("Confirm"), history=gettext_lazy("confirmed it: it is done")),
    Step("decline",  (S.PROPOSED,), S.DECLINED,  who=second_persons,         done="declined",  label=gettext_lazy("Decline"), history=gettext_lazy("declined it"), asks=(a_remark,)),
    Step("withdraw", (S.PROPOSED,), S.WITHDRAWN, who=confirmation_proposers, done="withdrawn", label=gettext_lazy("Withdraw"), history=gettext_lazy("took it back"), asks=(a_remark,)),
    Step("expire",   (S.PROPOSED,), S.EXPIRED,   who=the_system,             done="expired",   history=gettext_lazy("let it expire: nobody confirmed it in time")),
    colours={S.PROPOSED: "blue", S.CONFIRMED: "green"},
)
# fmt: on
HISTORY = {
    "created": gettext_lazy("proposed it; a second person confirms"),
    "edited": gettext_lazy("added to what is proposed"),
}
DELEGATIONS = {
    "created": gettext_lazy("named a delegate"),
    "ended": gettext_lazy("ended it"),
}
