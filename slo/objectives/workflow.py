"""The life of a correction."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy

from itsm.kernel.workflow import Step, Words, Workflow
from slo.objectives.permissions import correction_deciders, correction_withdrawers, the_system


class CorrectionStatus(TextChoices):
    PROPOSED = "proposed", gettext_lazy("Proposed")
    APPROVED = "approved", gettext_lazy("Approved")
    DECLINED = "declined", gettext_lazy("Declined")
    WITHDRAWN = "withdrawn", gettext_lazy("Withdrawn")
    EXPIRED = "expired", gettext_lazy("Expired")


a_remark = Words("reason", "a_remark", gettext_lazy("Remark"), 2000, required=False)

S = CorrectionStatus
# fmt: off
# ruff: noqa: E501 -- a table reads in columns
CORRECTION = Workflow(
    #    action      from                       to           who                          recorded as        button
    Step("approve",  (S.PROPOSED,),             S.APPROVED,  who=correction_deciders,     done="approved",   label=gettext_lazy("Approve"), history=gettext_lazy("approved it"), asks=(a_remark,)),
    Step("decline",  (S.PROPOSED,),             S.DECLINED,  who=correction_deciders,     done="declined",   label=gettext_lazy("Decline"), history=gettext_lazy("declined it"), asks=(a_remark,)),
    Step("withdraw", (S.PROPOSED, S.APPROVED),  S.WITHDRAWN, who=correction_withdrawers,  done="withdrawn",  label=gettext_lazy("Withdraw"), history=gettext_lazy("withdrew it"), asks=(a_remark,)),
    Step("expire",   (S.PROPOSED, S.APPROVED),  S.EXPIRED,   who=the_system,              done="expired",    label=gettext_lazy("Expire"), history=gettext_lazy("let it expire")),
)
# fmt: on
