"""The life of a correction."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy

from itsm.kernel.workflow import Step, Workflow
from slo.objectives.permissions import correction_deciders, correction_withdrawers, the_system


class CorrectionStatus(TextChoices):
    PROPOSED = "proposed", gettext_lazy("Proposed")
    APPROVED = "approved", gettext_lazy("Approved")
    DECLINED = "declined", gettext_lazy("Declined")
    WITHDRAWN = "withdrawn", gettext_lazy("Withdrawn")
    EXPIRED = "expired", gettext_lazy("Expired")


S = CorrectionStatus
# fmt: off
# ruff: noqa: E501 -- a table reads in columns
CORRECTION = Workflow(
    #    action      from                       to           who                          recorded as        button
    Step("approve",  (S.PROPOSED,),             S.APPROVED,  who=correction_deciders,     done="approved",   label=gettext_lazy("Approve")),
    Step("decline",  (S.PROPOSED,),             S.DECLINED,  who=correction_deciders,     done="declined",   label=gettext_lazy("Decline")),
    Step("withdraw", (S.PROPOSED, S.APPROVED),  S.WITHDRAWN, who=correction_withdrawers,  done="withdrawn",  label=gettext_lazy("Withdraw")),
    Step("expire",   (S.PROPOSED, S.APPROVED),  S.EXPIRED,   who=the_system,              done="expired",    label=gettext_lazy("Expire")),
)
# fmt: on
